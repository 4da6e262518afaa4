//! Executes templates.

use crate::context::{Context, State};
use crate::error::ExecError;
use crate::set::Set;
use crate::string::Str;
use crate::value::Value;

/// The templates that one sees.
pub(crate) struct Scope<'a> {
    #[expect(dead_code)]
    set: &'a Set,
}

/// Texts that were parsed while executing.
#[derive(Default)]
pub(crate) struct Texts;

pub(crate) fn execute(_: &Set, _: &str, _: Value, _: &State<'_>, _: &mut Vec<u8>) -> Result<(), ExecError> {
    Err(ExecError::Template(String::new()))
}

pub(crate) fn execute_named(_: &mut Context<'_>, _: &str, _: Value) -> Result<Str, ExecError> {
    Err(ExecError::Template(String::new()))
}

pub(crate) fn execute_text(_: &mut Context<'_>, _: &str, _: &Str, _: Value) -> Result<Str, ExecError> {
    Err(ExecError::Template(String::new()))
}

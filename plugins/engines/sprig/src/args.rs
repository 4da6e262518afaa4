//! Arguments as the functions declared them.

use weir_gotmpl::{FuncError, List, Map, Str, Value};

/// What a call gives back.
pub(crate) type Outcome = Result<Value, FuncError>;

/// The text of Go's panic when a nil interface is asked for its type.
pub(crate) const NIL_POINTER: &str = "runtime error: invalid memory address or nil pointer dereference";

/// The executor has checked the arguments against the declaration, so none of these errors is ever seen.
fn unexpected(at: usize) -> FuncError {
    FuncError::new(format!("argument {at} is not of the declared type"))
}

pub(crate) fn any(args: &[Value], at: usize) -> Result<&Value, FuncError> {
    args.get(at).ok_or_else(|| unexpected(at))
}

pub(crate) fn text(args: &[Value], at: usize) -> Result<&Str, FuncError> {
    args.get(at).and_then(Value::as_str).ok_or_else(|| unexpected(at))
}

pub(crate) fn map(args: &[Value], at: usize) -> Result<&Map, FuncError> {
    args.get(at).and_then(Value::as_map).ok_or_else(|| unexpected(at))
}

pub(crate) fn list(args: &[Value], at: usize) -> Result<&List, FuncError> {
    args.get(at).and_then(Value::as_list).ok_or_else(|| unexpected(at))
}

pub(crate) fn int(args: &[Value], at: usize) -> Result<i64, FuncError> {
    match args.get(at) {
        Some(Value::Int(_, number)) => Ok(*number),
        _ => Err(unexpected(at)),
    }
}

pub(crate) fn float(args: &[Value], at: usize) -> Result<f64, FuncError> {
    match args.get(at) {
        Some(Value::Float(_, number)) => Ok(*number),
        _ => Err(unexpected(at)),
    }
}

pub(crate) fn boolean(args: &[Value], at: usize) -> Result<bool, FuncError> {
    match args.get(at) {
        Some(Value::Bool(value)) => Ok(*value),
        _ => Err(unexpected(at)),
    }
}

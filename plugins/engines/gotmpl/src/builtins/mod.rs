//! The functions that every template has.

use crate::function::Function;

/// The functions that every template has.
pub static BUILTINS: &[Function] = &[];

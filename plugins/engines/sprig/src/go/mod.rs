//! The parts of Go's standard library that the functions are made of.

pub(crate) mod path;
pub(crate) mod regexp;
pub(crate) mod strconv;
pub(crate) mod text;
pub(crate) mod time;
pub(crate) mod unicode;
pub(crate) mod url;

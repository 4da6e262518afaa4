//! Rules about words: casing, wrapping, shortening.

pub(crate) mod cases;
pub(crate) mod words;
pub(crate) mod wrap;

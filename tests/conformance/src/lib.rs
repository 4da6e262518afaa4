//! weir beside the original programs: the same input for both, and what they make of it.

mod go;
pub mod gotmpl;

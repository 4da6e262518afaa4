//! weir beside the original programs: the same input for both, and what they make of it.
//!
//! `kustomize/` holds fixed cases with the original's result; [`generate`] makes new ones from a seed, for which an
//! [`Oracle`] is asked. A generated case that differs is made as small as it can be before it is shown.

mod case;
mod chance;
pub mod generate;
mod go;
pub mod gotmpl;
pub mod helm;
pub mod kustomize;
mod oracle;
mod outcome;
mod report;
mod shrink;
pub mod sprig;

pub use case::Case;
pub use go::has_oracle;
pub use oracle::Oracle;
pub use outcome::{Difference, Outcome, difference};
pub use report::{Compared, Report};
pub use shrink::shrink;

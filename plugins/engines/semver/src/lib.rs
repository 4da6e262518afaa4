//! Versions and version constraints as Helm and Flux read them: the rules of `Masterminds/semver` 3.5.
//!
//! They are wider than those of the `semver` crate: `||`, hyphen ranges, wildcards, `!=`, a `v` in front, fewer than three
//! numbers, leading zeros; and a prerelease matches only if some constraint of the same group names one.

mod constraint;
mod version;

pub use constraint::{Constraint, InvalidConstraint, MAX_CONSTRAINT_GROUPS, MAX_CONSTRAINT_LEN};
pub use version::{InvalidVersion, MAX_VERSION_LEN, Version};

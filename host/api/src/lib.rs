//! The Flux kinds as Rust types, and their CRDs.
//!
//! One file per kind. A type holds the fields of every version of its kind, because all versions are served over one
//! stored shape (conversion strategy `None`). Reading is lenient: unknown fields are ignored, and every optional field
//! is an `Option`, so that `null` and absence mean the same.

mod duration;
pub mod kustomization;
pub mod meta;
pub mod source;

pub use kustomization::{Kustomization, KustomizationSpec, KustomizationStatus};
pub use source::{GitRepository, GitRepositorySpec, GitRepositoryStatus};

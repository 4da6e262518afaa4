//! The Flux kinds as Rust types, and their CRDs.
//!
//! One file per kind. A type holds the fields of every version of its kind, because all versions are served over one
//! stored shape (conversion strategy `None`). Reading is lenient: unknown fields are ignored, and every optional field
//! is an `Option`, so that `null` and absence mean the same.

// Columns of a table share their type; clippy takes that for an attribute written twice.
#![allow(clippy::duplicated_attributes)]

pub mod crds;
mod duration;
pub mod helm_release;
pub mod image;
pub mod kustomization;
pub mod meta;
pub mod notification;
mod schema;
pub mod source;

pub use crds::crds;
pub use helm_release::{HelmRelease, HelmReleaseSpec, HelmReleaseStatus};
pub use image::{ImagePolicy, ImageRepository, ImageUpdateAutomation};
pub use kustomization::{Kustomization, KustomizationSpec, KustomizationStatus};
pub use notification::{Alert, Provider, Receiver};
pub use source::{
    ArtifactGenerator, Bucket, ExternalArtifact, GitRepository, GitRepositorySpec, GitRepositoryStatus, HelmChart,
    HelmRepository, OCIRepository,
};

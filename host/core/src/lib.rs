//! Pure types and decisions shared by the host: no tokio, no Kubernetes client, no clock.
//!
//! Reading order: what things are called ([`id`], [`revision`], [`artifact`], [`object`], [`inventory`]), what a reconcile
//! says ([`condition`], [`failure`], [`outcome`], [`event`]), and when it runs again ([`interval`], [`depends`]).

pub mod annotation;
pub mod artifact;
pub mod condition;
pub mod depends;
pub mod event;
pub mod failure;
pub mod id;
pub mod interval;
pub mod inventory;
pub mod mirror;
pub mod object;
pub mod outcome;
pub mod revision;

pub use artifact::Artifact;
pub use condition::Condition;
pub use event::{Event, Severity};
pub use failure::Failure;
pub use id::{ObjectId, ObjectKey};
pub use inventory::Inventory;
pub use mirror::Mirrors;
pub use object::Object;
pub use outcome::{Cause, Outcome, Reconciler, Slot};

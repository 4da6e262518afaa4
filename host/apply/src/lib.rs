//! Server-side apply, prune and health: the only crate that writes user objects.
//!
//! Reading order: [`Applier`] and its three verbs ([`Applier::apply`], [`Applier::prune`], [`Applier::wait`]); the pure
//! decisions they are made of (`order`, `normalize`, `fields`, `owner`); and the ledger, which watches what was applied so
//! that a reconcile with nothing to do sends no request and drift is told when it happens.

mod applier;
mod changeset;
mod error;
mod options;

pub use applier::{Applier, Pruned};
pub use changeset::{Action, Change, ChangeSet};
pub use error::{ApplyError, HealthError, ImpersonateError, ObjectError, RequestError};
pub use options::{ApplyOptions, CONCURRENCY, Config, Drift, Owner, Target, WaitOptions};
pub use weir_kstatus::{Health, HealthExpr, HealthExprs, Status};

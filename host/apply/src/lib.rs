//! Server-side apply, prune and health: the only crate that writes user objects.
//!
//! Reading order: [`Applier`] and its three verbs ([`Applier::apply`], [`Applier::prune`], [`Applier::wait`]); the pure
//! decisions they are made of (`order`, `normalize`, `fields`, `folding`); and the ledger, which watches what was applied so
//! that a reconcile with nothing to do sends no request and drift is told when it happens.

mod applier;
mod apply;
mod changeset;
mod check;
mod cluster;
mod count;
mod digest;
mod discovery;
mod error;
mod fields;
mod folding;
mod fresh;
mod ignore;
mod immutable;
mod ledger;
mod normalize;
mod options;
mod order;
mod policy;
mod prune;
mod ready;
mod secrets;
mod seen;
mod selector;
mod wait;
mod watch;

pub use applier::Applier;
pub use changeset::{Action, Change, ChangeSet};
pub use count::RequestCounter;
pub use error::{ApplyError, HealthError, ImpersonateError, ObjectError, RequestError};
pub use options::{ApplyOptions, CONCURRENCY, Config, Drift, Owner, Target, WaitOptions};
pub use prune::Pruned;
pub use selector::parse as parse_labels;
pub use weir_kstatus::{Health, HealthExpr, HealthExprs, Status};

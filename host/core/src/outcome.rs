//! What a reconcile is asked and what it returns: the one seam between when (`schedule`) and what (`engine`).

use std::time::Duration;

use async_trait::async_trait;

use crate::{artifact::Artifact, event::Event, id::ObjectKey};

/// Why a key was queued; the strongest cause wins when several meet in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// The interval passed.
    Interval,
    /// A retry after a failure.
    Retry,
    /// Something applied was changed by somebody else.
    Drift,
    /// A dependency became ready.
    Dependency,
    /// The source has a new artifact.
    Source,
    /// `reconcile.fluxcd.io/requestedAt` changed.
    Requested,
    /// The spec changed, or the object was deleted.
    Spec,
    /// First seen after start.
    Start,
}

/// What a reconcile tells the scheduler.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// When to run again; `None`: only on a trigger.
    pub next: Option<Next>,
    /// A source's current artifact: wakes its users when it is new.
    pub artifact: Option<Artifact>,
    /// That artifact was lost and is there again: wakes its users although it is not new.
    pub restored: bool,
    /// The object became ready: wakes its dependants.
    pub ready: bool,
    /// What was reported; already recorded in the cluster, here for notifiers.
    pub events: Vec<Event>,
}

/// When a key runs again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// After an interval, with jitter.
    Interval(Duration),
    /// After exactly this time.
    After(Duration),
    /// Exponential backoff by the number of failures in a row.
    Backoff,
    /// At once.
    Now,
}

/// The running slot of one key, given to a reconcile by the scheduler.
#[async_trait]
pub trait Slot: Send + Sync {
    /// Resolves when a newer request makes this run pointless (a new spec, a new revision, a shutdown).
    async fn cancelled(&self);
    /// Whether [`Slot::cancelled`] has resolved.
    fn is_cancelled(&self) -> bool;
    /// Whose change resolved [`Slot::cancelled`]: the object itself, or for example its source; `None` at a shutdown.
    fn cancelled_by(&self) -> Option<ObjectKey>;
    /// Gives the worker back while waiting for the cluster: the key keeps its slot, others may run.
    fn release_worker(&self);
}

/// What runs for a key: implemented by the engine, called by the scheduler.
#[async_trait]
pub trait Reconciler: Send + Sync + 'static {
    /// Brings one object to its desired state; never fails: failures are in the object's status and in [`Outcome::next`].
    async fn reconcile(&self, key: &ObjectKey, cause: Cause, slot: &dyn Slot) -> Outcome;
}

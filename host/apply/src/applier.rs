//! The applier: one per cluster and identity.

use std::time::Duration;

use kube::Client;
use tokio_util::sync::CancellationToken;
use weir_core::{Object, inventory::Entry};

use crate::{
    ApplyError, ApplyOptions, ChangeSet, Config, HealthError, ImpersonateError, Owner, Target, WaitOptions,
};

/// Applies objects to one cluster as one user.
///
/// Clones and [`Applier::impersonate`]d appliers share the ledger and what is known of the cluster's API.
#[derive(Clone, Debug)]
pub struct Applier {}

/// What a prune did.
#[derive(Debug, Default)]
pub struct Pruned {
    /// What was deleted, or skipped.
    pub changes: ChangeSet,
    /// What could not be deleted, with the server's words; to be tried again.
    pub failed: Vec<(Entry, String)>,
}

impl Applier {
    /// An applier with the client's own identity, which also watches what every identity applied.
    pub fn new(client: Client, config: Config) -> Self { unimplemented!() }
    /// The same cluster as another user, for example `system:serviceaccount:<namespace>:<name>`.
    pub fn impersonate(&self, user: &str) -> Result<Self, ImpersonateError> { unimplemented!() }
    /// Applies
    pub async fn apply(&self, objects: Vec<Object>, options: &ApplyOptions, cancel: &CancellationToken) -> Result<ChangeSet, ApplyError> { unimplemented!() }
    /// Deletes the entries
    pub async fn prune(&self, stale: Vec<Entry>, owner: &Owner) -> Pruned { unimplemented!() }
    /// Waits until every target is healthy.
    pub async fn wait(&self, targets: &[Target], options: &WaitOptions, cancel: &CancellationToken) -> Result<(), HealthError> { unimplemented!() }
    /// Waits until none of the entries exists.
    pub async fn wait_deleted(&self, entries: &[Entry], timeout: Duration) -> Result<(), HealthError> { unimplemented!() }
    /// Starts to watch the kinds of an inventory, so that the first reconcile after a start finds a ledger.
    pub fn track(&self, entries: &[Entry]) { unimplemented!() }
}

//! What callers decide: identity, ownership, policies.

use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use weir_api::meta::IgnoreRule;
use weir_core::{ObjectId, annotation};

use crate::changeset::{Action, Change, ChangeSet};

/// Flux's `--concurrent-ssa`.
pub const CONCURRENCY: usize = 4;

/// Who applies, and how; one for every cluster.
#[derive(Clone, Debug)]
pub struct Config {
    /// Field manager.
    pub manager: String,
    /// API group that prefixes the owner labels and the settings on objects.
    pub group: String,
    /// Field managers beside kubectl whose fields are taken over (Flux's `--override-manager`).
    pub overridden: Vec<String>,
    /// Kinds of the third stage (Flux's `--custom-apply-stage-kinds`), as `group/Kind` or `Kind`.
    pub stage_kinds: Vec<String>,
    /// Requests in flight for one apply.
    pub concurrency: usize,
    /// Gets every change that somebody else made to an applied object.
    pub drift: Option<UnboundedSender<Drift>>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            manager: annotation::KUSTOMIZE_MANAGER.into(),
            group: annotation::KUSTOMIZE_GROUP.into(),
            overridden: Vec::new(),
            stage_kinds: Vec::new(),
            concurrency: CONCURRENCY,
            drift: None,
        }
    }
}

/// The object that an applied object belongs to, as its owner labels say.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Owner {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
}

/// Somebody else changed or deleted an applied object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// Whose object.
    pub owner: Owner,
    /// Which object.
    pub object: ObjectId,
}

/// How a set of objects is applied.
#[derive(Clone, Debug)]
pub struct ApplyOptions {
    /// Written into the owner labels.
    pub owner: Owner,
    /// Recreates an object whose immutable fields changed.
    pub force: bool,
    /// Fields to leave alone.
    pub ignore: Vec<IgnoreRule>,
}

impl ApplyOptions {
    /// Applies for `owner`, without force.
    pub fn new(owner: Owner) -> Self {
        Self { owner, force: false, ignore: Vec::new() }
    }
}

/// An object whose health matters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// Which object.
    pub id: ObjectId,
    /// Version of its API group.
    pub version: String,
}

impl From<&Change> for Target {
    fn from(change: &Change) -> Self {
        Self { id: change.id.clone(), version: change.version.clone() }
    }
}

impl ChangeSet {
    /// What a health check covers: everything that was applied and not skipped.
    pub fn targets(&self) -> Vec<Target> {
        let applied = |c: &&Change| !matches!(c.action, Action::Skipped | Action::Deleted);
        self.entries.iter().filter(applied).map(Target::from).collect()
    }
}

/// How to wait for health.
#[derive(Clone, Debug)]
pub struct WaitOptions {
    /// From now on.
    pub timeout: Duration,
    /// Ends at the first failed object in place of waiting for it to recover.
    pub fail_fast: bool,
    /// How objects of some kinds say that they are healthy.
    pub exprs: weir_kstatus::HealthExprs,
}

//! Deleting what is no longer wanted.

use std::time::Duration;

use tokio::time::Instant;
use weir_core::{ObjectId, inventory::Entry};

use crate::{
    applier::{Applier, Located},
    changeset::{Action, Change, ChangeSet},
    error::{HealthError, RequestError},
    immutable::gone,
    options::Owner,
    order,
    seen::Seen,
};

/// What a prune did.
#[derive(Debug, Default)]
pub struct Pruned {
    /// What was deleted, or skipped.
    pub changes: ChangeSet,
    /// What could not be deleted, and why: it belongs back into the inventory.
    pub failed: Vec<(Entry, String)>,
}

impl Pruned {
    /// Flux's message, when anything failed.
    pub fn error(&self) -> Option<String> {
        let all: Vec<&str> = self.failed.iter().map(|(_, message)| message.as_str()).collect();
        (!all.is_empty()).then(|| format!("delete failed, errors: {}", all.join("; ")))
    }
}

impl Applier {
    /// Deletes `stale` objects in the background, last applied first. As Flux: an object whose live labels name another
    /// owner, or that asks to be kept, is skipped; one that is gone already counts as deleted.
    pub async fn prune(&self, stale: Vec<Entry>, owner: &Owner) -> Pruned {
        let mut pruned = Pruned::default();
        for (id, entry) in sorted(stale) {
            match self.delete(&id, &entry.v, owner).await {
                Ok(action) => pruned.changes.entries.push(Change { id, version: entry.v, action }),
                Err(error) => pruned.failed.push((entry, format!("{id} delete failed: {error}"))),
            }
        }
        pruned
    }

    async fn delete(&self, id: &ObjectId, version: &str, owner: &Owner) -> Result<Action, RequestError> {
        let at = match self.locate(id, version).await {
            Ok(at) => at,
            // Its kind is gone, and it with it.
            Err(RequestError::NoMatch { .. }) => return Ok(Action::Deleted),
            Err(error) => return Err(error),
        };
        let Some(seen) = self.seen(&at).await? else { return Ok(Action::Deleted) };
        if seen.owner.as_ref() != Some(owner) {
            return Ok(Action::Skipped);
        }
        self.shared.ledger.release(&at.key);
        if seen.policy.is_protected() {
            return Ok(Action::Skipped);
        }
        self.cluster.delete(&at.place, Some(&seen.uid)).await?;
        Ok(Action::Deleted)
    }

    async fn seen(&self, at: &Located) -> Result<Option<Seen>, RequestError> {
        if let Some(record) = self.shared.ledger.current(&at.key) {
            return Ok(Some(record.seen));
        }
        let live = self.cluster.get(&at.place).await?;
        Ok(live.map(|live| Seen::new(&live, &self.shared.config)))
    }

    /// Waits until none of the objects exists.
    ///
    /// # Errors
    /// After `timeout`, naming what is still there.
    pub async fn wait_deleted(&self, entries: &[Entry], timeout: Duration) -> Result<(), HealthError> {
        let deadline = Instant::now() + timeout;
        let mut left = Vec::new();
        for (entry, id) in entries.iter().filter_map(|e| Some((e, e.object()?))) {
            let Ok(at) = self.locate(&id, &entry.v).await else { continue };
            if !gone(&self.cluster, &at.place, deadline).await.unwrap_or_default() {
                left.push(format!("{id} status: 'Terminating'"));
            }
        }
        match left.is_empty() {
            true => Ok(()),
            false => Err(HealthError::NotHealthy { message: format!("timeout waiting for: [{}]", left.join(", ")) }),
        }
    }
}

/// Against the order of apply; an entry that cannot be read names nothing that could be deleted.
fn sorted(stale: Vec<Entry>) -> Vec<(ObjectId, Entry)> {
    let mut all: Vec<_> = stale.into_iter().filter_map(|e| Some((e.object()?, e))).collect();
    all.sort_by(|(a, _), (b, _)| order::compare(b, a));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_applied_goes_first() {
        let stale = ["_ns__Namespace", "ns_a__ConfigMap", "ns_b__ConfigMap", "ns_w_apps_Deployment", "broken"];
        let stale = stale.iter().map(|id| Entry { id: (*id).into(), v: "v1".into() }).collect();
        let names: Vec<_> = sorted(stale).into_iter().map(|(id, _)| id.name).collect();
        assert_eq!(names, ["w", "b", "a", "ns"]);
    }

    #[test]
    fn failures_are_told_in_one_message() {
        let entry = || Entry { id: "ns_a__ConfigMap".into(), v: "v1".into() };
        let pruned = Pruned { failed: vec![(entry(), "x".into()), (entry(), "y".into())], ..Pruned::default() };
        assert_eq!(pruned.error().unwrap(), "delete failed, errors: x; y");
        assert_eq!(Pruned::default().error(), None);
    }
}

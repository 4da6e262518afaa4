//! Deletion: what was applied goes as the deletion policy says, then the finalizer.

use weir_api::kustomization::{DeletionPolicy, KustomizationSpec};
use weir_core::{Failure, Inventory, Outcome, Severity, Slot, condition::reasons, outcome::Next};

use super::{Run, deploy, flux_components, planned};

impl Run<'_> {
    /// Ends the life of a deleted Kustomization.
    pub(super) async fn finalize(mut self, slot: &dyn Slot) -> Outcome {
        let inventory = planned::known(&self.held.object).unwrap_or_default();
        let plan = plan(&self.held.object.spec);
        if plan != Plan::Keep
            && let Err(failure) = self.delete_all(&inventory, plan, slot).await
        {
            let message = format!("pruning for deleted resource failed: {}", failure.message);
            tracing::error!(object = %self.held.key, "{message}");
            self.event(Severity::Error, reasons::PRUNE_FAILED, message);
            self.held.record();
            return Outcome { next: Some(Next::Backoff), ..Outcome::default() };
        }
        self.held.cx.memos.lock().remove(&self.held.key);
        self.held.record();
        self.held.release().await
    }

    async fn delete_all(&mut self, inventory: &Inventory, plan: Plan, slot: &dyn Slot) -> Result<(), Failure> {
        if inventory.entries.is_empty() {
            return Ok(());
        }
        if !deploy::account_exists(self).await? {
            let message = "the service account to impersonate is gone: its objects are left in the cluster";
            self.event(Severity::Error, reasons::PRUNE_FAILED, message);
            return Ok(());
        }
        let mut stale = inventory.stale(&Inventory::default());
        if !self.held.cx.settings.apply_flux_components {
            stale.retain(|entry| !flux_components::is_protected(entry, &[]));
        }
        deploy::delete(self, &stale).await?;
        if plan == Plan::DeleteAndWait {
            deploy::wait_gone(self, &stale, slot).await;
        }
        Ok(())
    }
}

/// What deletion means for the applied objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plan {
    Keep,
    Delete,
    DeleteAndWait,
}

/// Flux's rule: a suspended object keeps everything; `MirrorPrune` follows `prune`.
fn plan(spec: &KustomizationSpec) -> Plan {
    match spec.deletion_policy() {
        _ if spec.is_suspended() => Plan::Keep,
        DeletionPolicy::Orphan => Plan::Keep,
        DeletionPolicy::Delete => Plan::Delete,
        DeletionPolicy::WaitForTermination => Plan::DeleteAndWait,
        DeletionPolicy::MirrorPrune | DeletionPolicy::Other(_) if spec.prune => Plan::Delete,
        DeletionPolicy::MirrorPrune | DeletionPolicy::Other(_) => Plan::Keep,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_decides_and_suspension_keeps() {
        for (policy, prune, suspend, expected) in [
            (None, true, false, Plan::Delete),
            (None, false, false, Plan::Keep),
            (Some(DeletionPolicy::Delete), false, false, Plan::Delete),
            (Some(DeletionPolicy::WaitForTermination), false, false, Plan::DeleteAndWait),
            (Some(DeletionPolicy::Orphan), true, false, Plan::Keep),
            (Some(DeletionPolicy::Delete), true, true, Plan::Keep),
        ] {
            let spec = KustomizationSpec {
                deletion_policy: policy.clone(),
                prune,
                suspend: Some(suspend),
                ..KustomizationSpec::default()
            };
            assert_eq!(plan(&spec), expected, "{policy:?} {prune} {suspend}");
        }
    }
}

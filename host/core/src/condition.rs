//! Condition types and reasons: one constant each, as Flux publishes them.

use serde::{Deserialize, Serialize};

/// `metav1.Condition`, as Kubernetes stores it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// One of [`types`].
    #[serde(rename = "type")]
    pub type_: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// One of [`reasons`].
    #[serde(default)]
    pub reason: String,
    /// For people.
    #[serde(default)]
    pub message: String,
    /// RFC 3339, seconds; moves only when `status` changes.
    #[serde(default)]
    pub last_transition_time: String,
    /// Generation that was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
}

/// Condition types.
pub mod types {
    /// Summary.
    pub const READY: &str = "Ready";
    /// Present only while progressing.
    pub const RECONCILING: &str = "Reconciling";
    /// Needs a change by its owner; no timed retry.
    pub const STALLED: &str = "Stalled";
    /// Result of the health checks of a Kustomization.
    pub const HEALTHY: &str = "Healthy";
    /// The artifact of a source is present.
    pub const ARTIFACT_IN_STORAGE: &str = "ArtifactInStorage";
    /// The stored artifact is not the newest.
    pub const ARTIFACT_OUTDATED: &str = "ArtifactOutdated";
    /// The source could not be fetched.
    pub const FETCH_FAILED: &str = "FetchFailed";
    /// The artifact could not be stored.
    pub const STORAGE_OPERATION_FAILED: &str = "StorageOperationFailed";
    /// An included repository has no artifact.
    pub const INCLUDE_UNAVAILABLE: &str = "IncludeUnavailable";
    /// Result of signature verification.
    pub const SOURCE_VERIFIED: &str = "SourceVerified";
}

/// Condition reasons.
pub mod reasons {
    pub const SUCCEEDED: &str = "Succeeded";
    pub const FAILED: &str = "Failed";
    pub const PROGRESSING: &str = "Progressing";
    pub const PROGRESSING_WITH_RETRY: &str = "ProgressingWithRetry";
    pub const SUSPENDED: &str = "Suspended";
    pub const DEPENDENCY_NOT_READY: &str = "DependencyNotReady";
    pub const PRUNE_FAILED: &str = "PruneFailed";
    pub const ARTIFACT_FAILED: &str = "ArtifactFailed";
    pub const BUILD_FAILED: &str = "BuildFailed";
    pub const HEALTH_CHECK_FAILED: &str = "HealthCheckFailed";
    pub const HEALTH_CHECK_CANCELED: &str = "HealthCheckCanceled";
    pub const RECONCILIATION_SUCCEEDED: &str = "ReconciliationSucceeded";
    pub const RECONCILIATION_FAILED: &str = "ReconciliationFailed";
    pub const INVALID_CEL_EXPRESSION: &str = "InvalidCELExpression";
    pub const FEATURE_GATE_DISABLED: &str = "FeatureGateDisabled";
    pub const ACCESS_DENIED: &str = "AccessDenied";
    pub const INVALID_URL: &str = "URLInvalid";
    pub const NEW_ARTIFACT: &str = "NewArtifact";
    pub const NEW_REVISION: &str = "NewRevision";
    pub const ARTIFACT_UP_TO_DATE: &str = "ArtifactUpToDate";
    pub const AUTHENTICATION_FAILED: &str = "AuthenticationFailed";
    pub const GIT_OPERATION_FAILED: &str = "GitOperationFailed";
    pub const GIT_OPERATION_SUCCEEDED: &str = "GitOperationSucceeded";
    pub const EMPTY_GIT_REPOSITORY: &str = "EmptyGitRepository";
    pub const INVALID_PROVIDER_CONFIGURATION: &str = "InvalidProviderConfiguration";
    pub const ARCHIVE_OPERATION_FAILED: &str = "ArchiveOperationFailed";
    pub const ARTIFACT_VERIFICATION_FAILED: &str = "ArtifactVerificationFailed";
    pub const GARBAGE_COLLECTION_SUCCEEDED: &str = "GarbageCollectionSucceeded";
    /// A fleet's own Flux was left out of apply and prune (weir only).
    pub const FLUX_COMPONENTS_SKIPPED: &str = "FluxComponentsSkipped";
    /// A plugin failed without a reason that a condition can carry (weir only).
    pub const PLUGIN_ERROR: &str = "PluginError";
    /// A plugin is of another kind than it is used as (weir only).
    pub const PLUGIN_UNSUPPORTED: &str = "PluginUnsupported";
    /// A plugin trapped (weir only).
    pub const PLUGIN_TRAPPED: &str = "PluginTrapped";
    /// A plugin ran out of time (weir only).
    pub const PLUGIN_TIMEOUT: &str = "PluginTimeout";
    /// A plugin reached a limit (weir only).
    pub const PLUGIN_RESOURCE_EXHAUSTED: &str = "PluginResourceExhausted";
    /// A plugin used a capability that was not granted (weir only).
    pub const PLUGIN_CAPABILITY_DENIED: &str = "PluginCapabilityDenied";
}

/// A condition by type.
pub fn find<'a>(conditions: &'a [Condition], type_: &str) -> Option<&'a Condition> {
    conditions.iter().find(|c| c.type_ == type_)
}

/// Whether a condition is `True`.
pub fn is_true(conditions: &[Condition], type_: &str) -> bool {
    find(conditions, type_).is_some_and(|c| c.status == "True")
}

/// Sets a condition; the transition time moves only when the status changes, as Kubernetes asks.
pub fn set(conditions: &mut Vec<Condition>, mut new: Condition, now: &str) {
    match conditions.iter_mut().find(|c| c.type_ == new.type_) {
        Some(old) => {
            new.last_transition_time = match old.status == new.status && !old.last_transition_time.is_empty() {
                true => old.last_transition_time.clone(),
                false => now.into(),
            };
            *old = new;
        }
        None => {
            new.last_transition_time = now.into();
            conditions.push(new);
        }
    }
}

/// Keeps the transition times of `stored` where the status is the same: what lay between was never written.
pub fn keep_times(conditions: &mut [Condition], stored: &[Condition]) {
    for condition in conditions {
        if let Some(old) = find(stored, &condition.type_).filter(|old| old.status == condition.status) {
            condition.last_transition_time.clone_from(&old.last_transition_time);
        }
    }
}

/// Removes a condition.
pub fn remove(conditions: &mut Vec<Condition>, type_: &str) {
    conditions.retain(|c| c.type_ != type_);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(status: &str, reason: &str) -> Condition {
        Condition { type_: types::READY.into(), status: status.into(), reason: reason.into(), ..Condition::default() }
    }

    #[test]
    fn transition_time_moves_only_with_the_status() {
        let mut all = vec![];
        set(&mut all, ready("Unknown", reasons::PROGRESSING), "t1");
        set(&mut all, ready("Unknown", reasons::FAILED), "t2");
        assert_eq!(all[0].last_transition_time, "t1");
        set(&mut all, ready("True", reasons::SUCCEEDED), "t3");
        assert_eq!(all[0].last_transition_time, "t3");
        assert!(is_true(&all, types::READY));
        let stored = all.clone();
        set(&mut all, ready("Unknown", reasons::PROGRESSING), "t4");
        set(&mut all, ready("True", reasons::SUCCEEDED), "t5");
        keep_times(&mut all, &stored);
        assert_eq!(all, stored);
        remove(&mut all, types::READY);
        assert!(all.is_empty());
    }
}

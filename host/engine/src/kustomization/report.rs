//! What a Kustomization's status says: pure changes of a status, one function for each thing that can be said.

use std::time::Duration;

use weir_api::{
    kustomization::{KustomizationStatus, MAX_HISTORY, Snapshot},
    meta::GoDuration,
};
use weir_core::{
    Condition, Failure, Inventory, condition,
    condition::{reasons, types},
    failure::Retry,
};

/// A status that is being changed, at one generation and one time.
pub(crate) struct Report {
    pub(crate) status: KustomizationStatus,
    generation: i64,
    now: String,
}

impl Report {
    /// Starts from the stored status. `now` is RFC 3339 in seconds.
    pub(crate) fn new(status: Option<&KustomizationStatus>, generation: i64, now: String) -> Self {
        Self { status: status.cloned().unwrap_or_default(), generation, now }
    }

    /// The request annotation was answered.
    pub(crate) fn handled(&mut self, requested_at: Option<&str>) {
        if let Some(token) = requested_at {
            self.status.last_handled_reconcile_at = Some(token.into());
        }
    }

    /// Work is under way; `step` is shown while it lasts.
    pub(crate) fn progressing(&mut self, step: &str) {
        self.set(types::READY, "Unknown", reasons::PROGRESSING, "Reconciliation in progress");
        self.set(types::RECONCILING, "True", reasons::PROGRESSING, step);
        self.remove(types::STALLED);
    }

    /// The objects that may exist from here on, whatever happens: written before the first of them is applied.
    pub(crate) fn inventory(&mut self, inventory: Inventory) {
        self.status.inventory = Some(inventory);
    }

    /// A revision was fetched and its path exists.
    pub(crate) fn attempted(&mut self, revision: &str) {
        self.status.last_attempted_revision = Some(revision.into());
    }

    /// Health checks run.
    pub(crate) fn checking(&mut self, step: &str) {
        self.progressing(step);
        self.set(types::HEALTHY, "Unknown", reasons::PROGRESSING, step);
    }

    /// Health checks passed.
    pub(crate) fn healthy(&mut self, took: Duration) {
        let message = format!("Health check passed in {}", GoDuration(took));
        self.set(types::HEALTHY, "True", reasons::SUCCEEDED, &message);
    }

    /// No health was asked for.
    pub(crate) fn no_health_checks(&mut self) {
        self.remove(types::HEALTHY);
    }

    /// Everything of `revision` is applied (and healthy, where asked for).
    pub(crate) fn succeeded(&mut self, revision: &str) {
        self.set(types::READY, "True", reasons::RECONCILIATION_SUCCEEDED, &format!("Applied revision: {revision}"));
        self.remove(types::RECONCILING);
        self.remove(types::STALLED);
        self.status.last_applied_revision = Some(revision.into());
        self.status.last_attempted_revision = Some(revision.into());
        self.status.observed_generation = Some(self.generation);
    }

    /// The reconcile failed. Only a stalled one advances the observed generation, as in Flux.
    pub(crate) fn failed(&mut self, failure: &Failure) {
        self.set(types::READY, "False", &failure.reason, &failure.message);
        if failure.reason == reasons::HEALTH_CHECK_FAILED {
            self.set(types::HEALTHY, "False", &failure.reason, &failure.message);
        }
        if failure.retry == Retry::Never {
            self.set(types::STALLED, "True", &failure.reason, &failure.message);
            self.remove(types::RECONCILING);
            self.status.observed_generation = Some(self.generation);
            return;
        }
        self.remove(types::STALLED);
        if let Some(old) = condition::find(self.conditions(), types::RECONCILING) {
            let message = old.message.clone();
            self.set(types::RECONCILING, "True", reasons::PROGRESSING_WITH_RETRY, &message);
        }
    }

    /// Records an outcome of a build in the history: the same digest and outcome are counted, newest first.
    pub(crate) fn record(&mut self, digest: &str, outcome: &str, took: Duration, revision: &str) {
        let mut history = self.status.history.take().unwrap_or_default();
        let same = |s: &Snapshot| s.digest == digest && s.last_reconciled_status == outcome;
        let old = history.iter().position(same).map(|at| history.remove(at));
        let snapshot = Snapshot {
            digest: digest.into(),
            first_reconciled: old.as_ref().map_or_else(|| self.now.clone(), |o| o.first_reconciled.clone()),
            last_reconciled: self.now.clone(),
            last_reconciled_duration: GoDuration(took),
            last_reconciled_status: outcome.into(),
            total_reconciliations: old.map_or(0, |o| o.total_reconciliations) + 1,
            metadata: Some([("revision".to_owned(), revision.to_owned())].into()),
        };
        history.insert(0, snapshot);
        history.truncate(MAX_HISTORY);
        self.status.history = Some(history);
    }

    /// The conditions as they stand.
    pub(crate) fn conditions(&self) -> &[Condition] {
        self.status.conditions.as_deref().unwrap_or_default()
    }

    fn set(&mut self, type_: &str, status: &str, reason: &str, message: &str) {
        let new = Condition {
            type_: type_.into(),
            status: status.into(),
            reason: reason.into(),
            message: message.chars().take(MAX_MESSAGE).collect(),
            last_transition_time: String::new(),
            observed_generation: Some(self.generation),
        };
        condition::set(self.status.conditions.get_or_insert_default(), new, &self.now);
    }

    fn remove(&mut self, type_: &str) {
        condition::remove(self.status.conditions.get_or_insert_default(), type_);
    }
}

/// Characters that a condition message may have in a CRD of Flux, less room for multi-byte ones.
const MAX_MESSAGE: usize = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        Report::new(None, 3, "2024-05-01T10:00:00Z".into())
    }

    fn shown(report: &Report) -> Vec<String> {
        let mut all: Vec<String> = report
            .conditions()
            .iter()
            .map(|c| format!("{}={} {}: {}", c.type_, c.status, c.reason, c.message))
            .collect();
        all.sort();
        all
    }

    #[test]
    fn success_clears_progress_and_advances_the_generation() {
        let mut report = report();
        report.progressing("Building manifests");
        report.succeeded("main@sha1:ab");
        assert_eq!(shown(&report), ["Ready=True ReconciliationSucceeded: Applied revision: main@sha1:ab"]);
        assert_eq!(report.status.observed_generation, Some(3));
    }

    #[test]
    fn a_failure_keeps_progress_with_retry_and_the_old_generation() {
        let mut report = report();
        report.progressing("Building manifests");
        report.failed(&Failure::retry(reasons::BUILD_FAILED, "no"));
        assert_eq!(
            shown(&report),
            ["Ready=False BuildFailed: no", "Reconciling=True ProgressingWithRetry: Building manifests"]
        );
        assert_eq!(report.status.observed_generation, None);
    }

    #[test]
    fn a_stalled_object_says_so() {
        let mut report = report();
        report.progressing("x");
        report.failed(&Failure::stalled(reasons::ACCESS_DENIED, "no"));
        assert_eq!(shown(&report), ["Ready=False AccessDenied: no", "Stalled=True AccessDenied: no"]);
        assert_eq!(report.status.observed_generation, Some(3));
    }

    #[test]
    fn failed_health_is_said_twice() {
        let mut report = report();
        report.checking("Running health checks");
        report.failed(&Failure::retry(reasons::HEALTH_CHECK_FAILED, "timeout"));
        assert_eq!(shown(&report)[0], "Healthy=False HealthCheckFailed: timeout");
    }

    #[test]
    fn history_counts_repeats_and_keeps_the_newest() {
        let mut report = report();
        for digest in ["a", "b", "a", "c", "d", "e", "f"] {
            report.record(digest, reasons::RECONCILIATION_SUCCEEDED, Duration::from_secs(1), "r");
        }
        let history = report.status.history.unwrap();
        assert_eq!(history.iter().map(|s| s.digest.as_str()).collect::<Vec<_>>(), ["f", "e", "d", "c", "a"]);
        assert_eq!(history[4].total_reconciliations, 2);
    }
}

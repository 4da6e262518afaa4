//! What a source's status says: pure changes of its conditions, shared by every source kind.

use weir_core::{
    Condition, Failure, condition,
    condition::{reasons, types},
    failure::Retry,
};

/// Conditions of a source that are being changed, at one generation and one time.
pub(crate) struct Report {
    pub(crate) conditions: Vec<Condition>,
    pub(crate) observed_generation: Option<i64>,
    generation: i64,
    now: String,
}

impl Report {
    /// Starts from the stored conditions. `now` is RFC 3339 in seconds.
    pub(crate) fn new(
        conditions: &[Condition],
        observed_generation: Option<i64>,
        generation: i64,
        now: String,
    ) -> Self {
        Self { conditions: conditions.to_vec(), observed_generation, generation, now }
    }

    /// A new revision is being fetched.
    pub(crate) fn fetching(&mut self, revision: &str) {
        let outdated = format!("new upstream revision '{revision}'");
        let building = format!("building artifact: {outdated}");
        self.set(types::ARTIFACT_OUTDATED, "True", reasons::NEW_REVISION, &outdated);
        self.set(types::RECONCILING, "True", reasons::PROGRESSING, &building);
        self.set(types::READY, "Unknown", reasons::PROGRESSING, &building);
    }

    /// The artifact of `revision` is in the store.
    pub(crate) fn stored(&mut self, revision: &str) {
        let message = format!("stored artifact for revision '{revision}'");
        self.set(types::ARTIFACT_IN_STORAGE, "True", reasons::SUCCEEDED, &message);
        self.set(types::READY, "True", reasons::SUCCEEDED, &message);
        for gone in [
            types::FETCH_FAILED,
            types::STORAGE_OPERATION_FAILED,
            types::ARTIFACT_OUTDATED,
            types::RECONCILING,
            types::STALLED,
        ] {
            condition::remove(&mut self.conditions, gone);
        }
        self.observed_generation = Some(self.generation);
    }

    /// The stored artifact vanished or was damaged.
    pub(crate) fn disappeared(&mut self) {
        condition::remove(&mut self.conditions, types::ARTIFACT_IN_STORAGE);
        let message = "building artifact: disappeared from storage";
        self.set(types::RECONCILING, "True", reasons::PROGRESSING, message);
        self.set(types::READY, "Unknown", reasons::PROGRESSING, message);
    }

    /// `type_` is the condition that names the step: `FetchFailed` or `StorageOperationFailed`.
    pub(crate) fn failed(&mut self, type_: &str, failure: &Failure) {
        self.set(type_, "True", &failure.reason, &failure.message);
        self.set(types::READY, "False", &failure.reason, &failure.message);
        if failure.retry == Retry::Never {
            self.set(types::STALLED, "True", &failure.reason, &failure.message);
            condition::remove(&mut self.conditions, types::RECONCILING);
            self.observed_generation = Some(self.generation);
            return;
        }
        condition::remove(&mut self.conditions, types::STALLED);
        let message = condition::find(&self.conditions, types::RECONCILING)
            .map_or_else(|| "reconciliation in progress".to_owned(), |c| c.message.clone());
        self.set(types::RECONCILING, "True", reasons::PROGRESSING_WITH_RETRY, &message);
    }

    fn set(&mut self, type_: &str, status: &str, reason: &str, message: &str) {
        let new = Condition {
            type_: type_.into(),
            status: status.into(),
            reason: reason.into(),
            message: message.into(),
            last_transition_time: String::new(),
            observed_generation: Some(self.generation),
        };
        condition::set(&mut self.conditions, new, &self.now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        Report::new(&[], Some(1), 2, "2024-05-01T10:00:00Z".into())
    }

    fn shown(report: &Report) -> Vec<String> {
        let mut all: Vec<String> =
            report.conditions.iter().map(|c| format!("{}={} {}", c.type_, c.status, c.reason)).collect();
        all.sort();
        all
    }

    #[test]
    fn a_stored_artifact_clears_what_failed() {
        let mut report = report();
        report.failed(types::FETCH_FAILED, &Failure::retry(reasons::GIT_OPERATION_FAILED, "no"));
        assert_eq!(
            shown(&report),
            [
                "FetchFailed=True GitOperationFailed",
                "Ready=False GitOperationFailed",
                "Reconciling=True ProgressingWithRetry"
            ]
        );
        assert_eq!(report.observed_generation, Some(1));
        report.fetching("main@sha1:ab");
        report.stored("main@sha1:ab");
        assert_eq!(shown(&report), ["ArtifactInStorage=True Succeeded", "Ready=True Succeeded"]);
        assert_eq!(report.observed_generation, Some(2));
    }

    #[test]
    fn a_stalled_source_advances_its_generation() {
        let mut report = report();
        report.failed(types::FETCH_FAILED, &Failure::stalled(reasons::INVALID_URL, "no"));
        assert_eq!(
            shown(&report),
            ["FetchFailed=True URLInvalid", "Ready=False URLInvalid", "Stalled=True URLInvalid"]
        );
        assert_eq!(report.observed_generation, Some(2));
    }
}

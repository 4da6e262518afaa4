//! Waiting for health without polling: the ledger tells of what was applied, single watches of everything else.

use std::time::Duration;

use futures::{
    Stream, StreamExt,
    stream::{self, BoxStream, SelectAll},
};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use weir_kstatus::{HealthExprs, Status, health};

use crate::{
    applier::{Applier, Located, key},
    error::HealthError,
    ledger::{Key, Ledger},
    options::{Target, WaitOptions},
    watch,
};

/// How often a kind that is not served yet is looked for.
const KIND_PAUSE: Duration = Duration::from_secs(2);

/// What is known of the targets, and what that means.
struct Tally<'a> {
    targets: &'a [Target],
    statuses: Vec<Status>,
    fail_fast: bool,
}

impl<'a> Tally<'a> {
    fn new(targets: &'a [Target], fail_fast: bool) -> Self {
        Self { targets, statuses: vec![Status::Unknown; targets.len()], fail_fast }
    }

    /// `None` while there is reason to wait.
    fn verdict(&self) -> Option<Result<(), HealthError>> {
        if self.fail_fast && self.statuses.contains(&Status::Failed) {
            return Some(Err(self.error("failed early due to stalled resources", |s| s == Status::Failed)));
        }
        self.statuses.iter().all(|s| *s == Status::Current).then_some(Ok(()))
    }

    fn timeout(&self) -> HealthError {
        self.error("timeout waiting for", |s| s != Status::Current)
    }

    fn error(&self, what: &str, is_told: impl Fn(Status) -> bool) -> HealthError {
        let told = self.targets.iter().zip(&self.statuses).filter(|(_, s)| is_told(**s));
        let list: Vec<_> = told.map(|(target, status)| format!("{} status: '{status}'", target.id)).collect();
        HealthError::NotHealthy { message: format!("{what}: [{}]", list.join(", ")) }
    }
}

/// A target that the ledger knows.
struct Recorded {
    index: usize,
    key: Key,
    /// It is a Job that the cluster removes when it is finished.
    expires: bool,
}

impl Recorded {
    fn status(&mut self, ledger: &Ledger) -> Status {
        match ledger.last(&self.key) {
            Some(seen) => {
                self.expires = seen.expires;
                seen.status
            }
            // Flux: such a Job that is gone has done its work.
            None if self.expires => Status::Current,
            None => Status::NotFound,
        }
    }
}

impl Applier {
    /// Waits until every target is healthy; holds nothing but memory meanwhile.
    ///
    /// # Errors
    /// In Flux's words, when the time is over or, with `fail_fast`, at the first failed target; or when cancelled.
    pub async fn wait(
        &self,
        targets: &[Target],
        options: &WaitOptions,
        cancel: &CancellationToken,
    ) -> Result<(), HealthError> {
        let deadline = Instant::now() + options.timeout;
        let mut tally = Tally::new(targets, options.fail_fast);
        let (mut recorded, mut watched) = self.sources(targets, &options.exprs).await;
        let ledger = &self.shared.ledger;
        let changes = ledger.subscribe(recorded.iter().map(|r| r.key.clone()).collect());
        loop {
            for target in &mut recorded {
                tally.statuses[target.index] = target.status(ledger);
            }
            if let Some(verdict) = tally.verdict() {
                return verdict;
            }
            tokio::select! {
                biased;
                () = cancel.cancelled() => return Err(HealthError::Cancelled),
                () = sleep_until(deadline) => return Err(tally.timeout()),
                () = changes.changed() => {}
                Some((index, status)) = watched.next() => tally.statuses[index] = status,
            }
        }
    }

    /// Whether the ledger knows all targets to be healthy. Costs no request; `false` may also mean that only
    /// [`Applier::wait`] can tell.
    pub fn is_healthy(&self, targets: &[Target], exprs: &HealthExprs) -> bool {
        targets.iter().all(|target| {
            let record = self.shared.ledger.current(&key(&target.id, &target.version));
            exprs.find(&target.id.group, &target.id.kind).is_none()
                && record.is_some_and(|r| r.seen.status == Status::Current)
        })
    }

    /// Where the status of each target comes from.
    async fn sources(
        &self,
        targets: &[Target],
        exprs: &HealthExprs,
    ) -> (Vec<Recorded>, SelectAll<BoxStream<'static, (usize, Status)>>) {
        let mut recorded = Vec::new();
        let mut watched = SelectAll::new();
        for (index, target) in targets.iter().enumerate() {
            let expr = exprs.find(&target.id.group, &target.id.kind).is_some();
            let known = match expr {
                true => None,
                false => self.locate(&target.id, &target.version).await.ok(),
            };
            match known.filter(|at| self.shared.ledger.follows(&at.key)) {
                Some(at) => recorded.push(Recorded { index, key: at.key, expires: false }),
                None => {
                    let statuses = self.clone().watch_target(target.clone(), exprs.clone());
                    watched.push(statuses.map(move |status| (index, status)).boxed());
                }
            }
        }
        (recorded, watched)
    }

    /// The status of one object, from a watch of its own with the identity of the applier.
    fn watch_target(self, target: Target, exprs: HealthExprs) -> impl Stream<Item = Status> + Send {
        let located = async move {
            loop {
                match self.locate(&target.id, &target.version).await {
                    Ok(at) => return (self.live_states(&at), target, exprs),
                    // Neither its kind nor, for now, the server: both may come.
                    Err(_) => sleep(KIND_PAUSE).await,
                }
            }
        };
        let statuses = stream::once(located).flat_map(|(states, target, exprs)| {
            states.map(move |live| match live {
                Some(live) => match exprs.find(&target.id.group, &target.id.kind) {
                    Some(expr) => expr.health(&live).status,
                    None => health(&live).status,
                },
                None => Status::NotFound,
            })
        });
        stream::once(async { Status::NotFound }).chain(statuses)
    }

    fn live_states(&self, at: &Located) -> BoxStream<'static, Option<serde_json::Value>> {
        watch::single(self.cluster.watching_client(), &at.place).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{options::Config, seen::Seen};
    use serde_json::json;
    use weir_core::ObjectId;

    fn target(name: &str) -> Target {
        let id =
            ObjectId { group: "apps".into(), kind: "Deployment".into(), namespace: "ns".into(), name: name.into() };
        Target { id, version: "v1".into() }
    }

    #[test]
    fn verdicts_and_messages_are_those_of_flux() {
        let targets = [target("a"), target("b")];
        let mut tally = Tally::new(&targets, true);
        let early = "failed early due to stalled resources: [Deployment/ns/a status: 'Failed']";
        for (statuses, fail_fast, expected) in [
            ([Status::Current, Status::Current], true, Some(Ok(()))),
            ([Status::Current, Status::InProgress], true, None),
            ([Status::Failed, Status::InProgress], true, Some(Err(early.to_owned()))),
            ([Status::Failed, Status::InProgress], false, None),
        ] {
            tally.statuses = statuses.to_vec();
            tally.fail_fast = fail_fast;
            assert_eq!(tally.verdict().map(|v| v.map_err(|e| e.to_string())), expected, "{statuses:?}");
        }
        assert_eq!(
            tally.timeout().to_string(),
            "timeout waiting for: [Deployment/ns/a status: 'Failed', Deployment/ns/b status: 'InProgress']"
        );
    }

    #[test]
    fn a_job_that_the_cluster_removed_has_done_its_work() {
        let config = std::sync::Arc::new(Config::default());
        let ledger = Ledger::new(config.clone());
        for (spec, expected) in
            [(json!({"ttlSecondsAfterFinished": 0}), Status::Current), (json!({}), Status::NotFound)]
        {
            let job =
                json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"resourceVersion": "1"}, "spec": spec});
            let id = ObjectId { group: "batch".into(), kind: "Job".into(), namespace: "ns".into(), name: "j".into() };
            let mut target = Recorded { index: 0, key: key(&id, "v1"), expires: false };
            ledger.saw(&target.key, Seen::new(&job, &config));
            assert_eq!(target.status(&ledger), Status::InProgress);
            ledger.saw_deleted(&target.key, 2);
            assert_eq!(target.status(&ledger), expected);
        }
    }
}

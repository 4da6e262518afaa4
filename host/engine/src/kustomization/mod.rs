//! Kustomization: builds the manifests of an artifact and keeps the cluster equal to them.
//!
//! The reconcile is its own table of contents: check → resolve → render → transform → deploy → prune → health → finish.
//! Each step takes a value and returns a value or a [`Failure`]; [`Run::finish`] turns the result into one status patch.

mod deploy;
mod finalize;
mod flux_components;
mod planned;
mod render;
mod report;
pub(crate) mod resolve;
mod substitute;
pub(crate) mod transform;
pub(crate) mod variables;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use weir_api::{Kustomization, meta::GoDuration};
use weir_apply::Target;
use weir_core::{
    Artifact, Cause, Failure, Inventory, Object, ObjectKey, Outcome, Severity, Slot,
    annotation::PLANNED_INVENTORY,
    condition::{self, reasons},
    failure::Retry,
    outcome::Next,
};

use crate::{
    context::{Context, now, requested_at},
    held::Held,
};
use report::Report;

const REVISION: &str = "kustomize.toolkit.fluxcd.io/revision";
const COMMIT_STATUS: &str = "kustomize.toolkit.fluxcd.io/commit_status";

/// What was applied last. While it still holds and nothing drifted, there is nothing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Memo {
    generation: i64,
    artifact_digest: String,
    /// Digest of what was built from it.
    built: Option<String>,
    inventory: Inventory,
    /// What has to stay healthy.
    targets: Vec<Target>,
}

/// Brings one Kustomization to its desired state.
pub(crate) async fn reconcile(cx: &Context, key: &ObjectKey, cause: Cause, slot: &dyn Slot) -> Outcome {
    let Some(object) = cx.indexes.kustomizations.get(key) else {
        cx.memos.lock().remove(key);
        return Outcome::default();
    };
    let mut run = Run::new(cx, object, cause);
    if run.held.object.metadata.deletion_timestamp.is_some() {
        return run.finalize(slot).await;
    }
    if run.held.object.spec.is_suspended() {
        return run.acknowledge().await;
    }
    match run.steps(slot).await {
        Ok(Done::Nothing) => run.nothing_done().await,
        Ok(Done::Applied { revision }) => run.finish(Ok(revision)).await,
        Err(failure) => run.finish(Err(failure)).await,
    }
}

/// One reconcile of one Kustomization.
struct Run<'a> {
    held: Held<'a, Kustomization>,
    cause: Cause,
    report: Report,
    /// The fleet's own Flux, as far as this build has it.
    left_out: Vec<Object>,
    revision: Option<String>,
    /// Digest of what was built, once it is built.
    digest: Option<String>,
    started: Instant,
}

/// How the steps ended well.
enum Done {
    Nothing,
    Applied { revision: String },
}

impl<'a> Run<'a> {
    fn new(cx: &'a Context, object: Arc<Kustomization>, cause: Cause) -> Self {
        let generation = object.metadata.generation.unwrap_or_default();
        let mut report = Report::new(object.status.as_ref(), generation, now());
        report.status.inventory = planned::known(&object);
        Self {
            held: Held::new(cx, object),
            cause,
            report,
            left_out: vec![],
            revision: None,
            digest: None,
            started: Instant::now(),
        }
    }

    async fn steps(&mut self, slot: &dyn Slot) -> Result<Done, Failure> {
        resolve::check_spec(&self.held.object.spec)?;
        let namespace = self.held.key.namespace.clone();
        let artifact = resolve::artifact(
            &self.held.object.spec,
            &namespace,
            &self.held.cx.settings.access,
            &self.held.cx.indexes,
        )?;
        resolve::dependencies(&self.held.object, &namespace, &artifact, &self.held.cx.indexes)?;
        self.revision = Some(artifact.revision.clone());
        if let Some(memo) = self.still_true(&artifact) {
            return Ok(self.nothing_changed(memo, artifact.revision));
        }
        self.progress("Building manifests");
        let built = render::render(self.held.cx, &self.held.object, &artifact).await;
        if found_path(&built) {
            self.report.attempted(&artifact.revision);
        }
        let built = built?;
        let variables = variables::load(&self.held.cx.client, &self.held.object.spec, &namespace).await?;
        let objects = transform::transform(built.documents, &self.held.object.spec, &variables)?;
        let objects = self.leave_out_flux(objects);
        self.digest = Some(deploy::digest(&objects));
        self.progress("Detecting drift");
        let deployed = deploy::deploy(self, objects, slot).await?;
        deploy::prune(self, &deployed).await?;
        deploy::health(self, &deployed, slot).await?;
        if !built.may_move {
            self.remember(&artifact, deployed);
        }
        Ok(Done::Applied { revision: artifact.revision })
    }

    /// Notes what is under way; a failure leaves it to be read.
    fn progress(&mut self, step: &str) {
        let message = self.step(step);
        self.report.progressing(&message);
    }

    fn step(&self, step: &str) -> String {
        let revision = self.revision.as_deref().unwrap_or_default();
        format!("{step} for revision {revision} with a timeout of {}", GoDuration(self.held.object.spec.timeout()))
    }

    /// What was applied last, if it is of the same artifact and spec, and nothing drifted or became unhealthy since.
    fn still_true(&self, artifact: &Artifact) -> Option<Memo> {
        if !resolve::is_ready(&self.held.object) || self.asks_for_more() {
            return None;
        }
        let memo = self.held.cx.memos.lock().get(&self.held.key).cloned();
        let generation = self.held.object.metadata.generation.unwrap_or_default();
        memo.filter(|memo| {
            memo.generation == generation
                && memo.artifact_digest == artifact.digest
                && deploy::is_in_sync(self, &memo.inventory)
                && deploy::is_healthy(self, &memo.targets)
        })
    }

    /// A revision that changed nothing of the artifact is applied as soon as it is there.
    fn nothing_changed(&mut self, memo: Memo, revision: String) -> Done {
        let applied = self.report.status.last_applied_revision.as_ref();
        if applied == Some(&revision) {
            return Done::Nothing;
        }
        self.digest = memo.built;
        Done::Applied { revision }
    }

    /// Causes that Flux answers with a full run even when nothing changed, and variables that may have changed unseen.
    fn asks_for_more(&self) -> bool {
        let variables = self.held.object.spec.post_build.as_ref().is_some_and(|p| p.substitute_from.is_some());
        variables || matches!(self.cause, Cause::Spec | Cause::Drift)
    }

    fn remember(&self, artifact: &Artifact, deployed: deploy::Deployed) {
        let memo = Memo {
            generation: self.held.object.metadata.generation.unwrap_or_default(),
            artifact_digest: artifact.digest.clone(),
            built: self.digest.clone(),
            targets: deploy::targets(&self.held.object, &deployed),
            inventory: deployed.inventory,
        };
        self.held.cx.memos.lock().insert(self.held.key.clone(), memo);
    }

    fn leave_out_flux(&mut self, objects: Vec<Object>) -> Vec<Object> {
        if self.held.cx.settings.apply_flux_components {
            return objects;
        }
        let split = flux_components::split(objects);
        let said = self.report.status.last_applied_revision.is_some();
        if !split.left_out.is_empty() && !said {
            self.event(Severity::Info, reasons::FLUX_COMPONENTS_SKIPPED, flux_components::message(&split.left_out));
        }
        self.left_out = split.left_out;
        split.kept
    }

    /// Writes the status as it stands, if it changed.
    async fn write_status(&mut self) -> Result<(), kube::Error> {
        let stored = self.held.status().conditions.unwrap_or_default();
        condition::keep_times(self.report.status.conditions.get_or_insert_default(), &stored);
        self.held.write(&self.report.status).await
    }

    fn event(&mut self, severity: Severity, reason: &str, message: impl Into<String>) {
        let revision = self.revision.clone().map(|r| (REVISION, r));
        self.held.event(severity, reason, message, revision);
    }

    /// A suspended object does nothing but answer a request.
    async fn acknowledge(mut self) -> Outcome {
        self.report.handled(requested_at(&*self.held.object));
        match self.write_status().await {
            Ok(()) => Outcome::default(),
            Err(error) => self.status_lost(&error),
        }
    }

    /// Nothing was applied; only an unanswered request is written.
    async fn nothing_done(mut self) -> Outcome {
        self.report.handled(requested_at(&*self.held.object));
        match self.write_status().await {
            Ok(()) => {
                tracing::debug!(object = %self.held.key, "nothing to do");
                let next = Some(Next::Interval(self.held.object.spec.interval.0));
                Outcome { next, ready: true, ..Outcome::default() }
            }
            Err(error) => self.status_lost(&error),
        }
    }

    async fn finish(mut self, result: Result<String, Failure>) -> Outcome {
        self.report.handled(requested_at(&*self.held.object));
        let took = self.started.elapsed();
        let next = match &result {
            Ok(revision) => self.succeed(revision, took),
            Err(failure) => self.fail(failure, took),
        };
        let was_planned = planned::is_spent(&self.held.object);
        let written = self.write_status().await;
        self.held.record();
        if was_planned && result.is_ok() {
            self.forget_plan().await;
        }
        match written {
            Ok(()) => Outcome { next, ready: result.is_ok(), events: self.held.events, ..Outcome::default() },
            Err(error) => self.status_lost(&error),
        }
    }

    /// The plan of the first apply is of no use any more. It costs a request, so a later run than the first removes it.
    async fn forget_plan(&mut self) {
        if let Err(error) = self.held.remove_annotation(PLANNED_INVENTORY).await {
            tracing::debug!(object = %self.held.key, %error, "the plan of the first apply stays for now");
        }
    }

    fn succeed(&mut self, revision: &str, took: Duration) -> Option<Next> {
        self.report.succeeded(revision);
        if let Some(digest) = self.digest.clone() {
            self.report.record(&digest, reasons::RECONCILIATION_SUCCEEDED, took, revision);
        }
        let interval = self.held.object.spec.interval;
        let message = format!("Reconciliation finished in {}, next run in {interval}", GoDuration(round(took)));
        tracing::info!(object = %self.held.key, revision, "{message}");
        self.event(Severity::Info, reasons::RECONCILIATION_SUCCEEDED, message);
        if let Some(event) = self.held.events.last_mut() {
            event.metadata.insert(COMMIT_STATUS.into(), "update".into());
        }
        Some(Next::Interval(interval.0))
    }

    fn fail(&mut self, failure: &Failure, took: Duration) -> Option<Next> {
        self.held.cx.memos.lock().remove(&self.held.key);
        self.report.failed(failure);
        let revision = self.revision.clone().unwrap_or_default();
        if let Some(digest) = self.digest.clone().filter(|_| failure.retry != Retry::Cancelled) {
            self.report.record(&digest, &failure.reason, took, &revision);
        }
        self.say_failure(failure);
        next_after(failure, self.held.object.spec.retry_interval(), self.held.cx.settings.requeue_dependency)
    }

    /// Flux sends no event for a missing source and an informational one for a dependency.
    fn say_failure(&mut self, failure: &Failure) {
        tracing::warn!(object = %self.held.key, revision = self.revision, reason = failure.reason, "{failure}");
        let severity = match failure.reason.as_str() {
            reasons::ARTIFACT_FAILED if self.revision.is_none() => return,
            reasons::DEPENDENCY_NOT_READY | reasons::HEALTH_CHECK_CANCELED => Severity::Info,
            _ => Severity::Error,
        };
        self.event(severity, &failure.reason.clone(), failure.message.clone());
    }

    fn status_lost(&self, error: &kube::Error) -> Outcome {
        self.held.cx.memos.lock().remove(&self.held.key);
        self.held.lost(error)
    }
}

/// A revision is attempted once it was fetched and has the path, whatever comes of the build.
fn found_path<T>(built: &Result<T, Failure>) -> bool {
    built.as_ref().err().is_none_or(|failure| failure.reason != reasons::ARTIFACT_FAILED)
}

/// When a failed reconcile runs again.
fn next_after(failure: &Failure, retry_interval: Duration, requeue_dependency: Duration) -> Option<Next> {
    match failure.retry {
        Retry::Dependency => Some(Next::After(requeue_dependency)),
        Retry::Interval => Some(Next::After(retry_interval)),
        Retry::Backoff => Some(Next::Backoff),
        Retry::After(time) => Some(Next::After(time)),
        Retry::Never => None,
        Retry::Cancelled => Some(Next::Now),
    }
}

/// Milliseconds are enough for people.
fn round(time: Duration) -> Duration {
    Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

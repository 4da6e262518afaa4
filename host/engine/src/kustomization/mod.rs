//! Kustomization: builds the manifests of an artifact and keeps the cluster equal to them.
//!
//! The reconcile is its own table of contents: check → resolve → render → transform → deploy → prune → health → finish.
//! Each step takes a value and returns a value or a [`Failure`]; [`Run::finish`] turns the result into one status patch.

mod deploy;
mod finalize;
mod flux_components;
mod render;
mod report;
pub(crate) mod resolve;
mod substitute;
pub(crate) mod transform;
pub(crate) mod variables;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use weir_api::{Kustomization, meta::GoDuration};
use weir_core::{
    Artifact, Cause, Event, Failure, Inventory, Object, ObjectKey, Outcome, Severity, Slot,
    annotation::FINALIZER,
    condition::{self, reasons},
    failure::Retry,
    outcome::Next,
};

use crate::context::{Context, event_annotations, key, now, requested_at};
use report::Report;

const CONTROLLER: &str = "kustomize-controller";
const REVISION: &str = "kustomize.toolkit.fluxcd.io/revision";
const COMMIT_STATUS: &str = "kustomize.toolkit.fluxcd.io/commit_status";

/// What was applied last. While it still holds and nothing drifted, there is nothing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Memo {
    generation: i64,
    artifact_digest: String,
    inventory: Inventory,
}

/// Brings one Kustomization to its desired state.
pub(crate) async fn reconcile(cx: &Context, key: &ObjectKey, cause: Cause, slot: &dyn Slot) -> Outcome {
    let Some(object) = cx.indexes.kustomizations.get(key) else {
        cx.memos.lock().remove(key);
        return Outcome::default();
    };
    let mut run = Run::new(cx, object, cause);
    if run.object.metadata.deletion_timestamp.is_some() {
        return run.finalize(slot).await;
    }
    if run.object.spec.is_suspended() {
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
    cx: &'a Context,
    key: ObjectKey,
    object: Arc<Kustomization>,
    cause: Cause,
    report: Report,
    events: Vec<Event>,
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
        Self {
            cx,
            key: key(&*object),
            report: Report::new(object.status.as_ref(), generation, now()),
            object,
            cause,
            events: vec![],
            left_out: vec![],
            revision: None,
            digest: None,
            started: Instant::now(),
        }
    }

    async fn steps(&mut self, slot: &dyn Slot) -> Result<Done, Failure> {
        resolve::check_spec(&self.object.spec)?;
        let namespace = self.key.namespace.clone();
        let artifact = resolve::artifact(&self.object.spec, &namespace, &self.cx.settings.access, &self.cx.indexes)?;
        resolve::dependencies(&self.object, &namespace, &artifact, &self.cx.indexes)?;
        self.revision = Some(artifact.revision.clone());
        if self.is_in_sync(&artifact) {
            return Ok(Done::Nothing);
        }
        self.claim().await?;
        self.report.progressing(&format!(
            "Building manifests for revision {} with a timeout of {}",
            artifact.revision,
            GoDuration(self.object.spec.timeout())
        ));
        let variables = variables::load(&self.cx.client, &self.object.spec, &namespace).await?;
        let built = render::render(self.cx, &self.object, &artifact).await?;
        self.report.attempted(&artifact.revision);
        let objects = transform::transform(built.documents, &self.object.spec, &variables)?;
        let objects = self.leave_out_flux(objects);
        self.digest = Some(deploy::digest(&objects));
        let deployed = deploy::deploy(self, objects, slot).await?;
        deploy::prune(self, &deployed).await?;
        deploy::health(self, &deployed, slot).await?;
        if !built.may_move {
            self.remember(&artifact, deployed.inventory);
        }
        Ok(Done::Applied { revision: artifact.revision })
    }

    /// The same artifact and spec as last time, and nothing drifted since.
    fn is_in_sync(&self, artifact: &Artifact) -> bool {
        if !resolve::is_ready(&self.object) || self.asks_for_more() {
            return false;
        }
        let memo = self.cx.memos.lock().get(&self.key).cloned();
        let generation = self.object.metadata.generation.unwrap_or_default();
        memo.is_some_and(|memo| {
            memo.generation == generation
                && memo.artifact_digest == artifact.digest
                && deploy::is_in_sync(self, &memo.inventory)
        })
    }

    /// Causes that Flux answers with a full run even when nothing changed, and variables that may have changed unseen.
    fn asks_for_more(&self) -> bool {
        let variables = self.object.spec.post_build.as_ref().is_some_and(|p| p.substitute_from.is_some());
        variables || matches!(self.cause, Cause::Spec | Cause::Drift)
    }

    fn remember(&self, artifact: &Artifact, inventory: Inventory) {
        let memo = Memo {
            generation: self.object.metadata.generation.unwrap_or_default(),
            artifact_digest: artifact.digest.clone(),
            inventory,
        };
        self.cx.memos.lock().insert(self.key.clone(), memo);
    }

    /// Adds the finalizer before anything of this object exists in the cluster.
    async fn claim(&mut self) -> Result<(), Failure> {
        match self.cx.kustomization_status.add_finalizer(&*self.object).await {
            Ok(Some(stored)) => self.object = self.keep(stored),
            Ok(None) => {}
            Err(error) => {
                let text = format!("unable to add finalizer `{FINALIZER}`: {error}");
                return Err(Failure::new(reasons::RECONCILIATION_FAILED, text, Retry::Backoff));
            }
        }
        Ok(())
    }

    fn leave_out_flux(&mut self, objects: Vec<Object>) -> Vec<Object> {
        if self.cx.settings.apply_flux_components {
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
        let old = self.object.status.clone().unwrap_or_default();
        let stored = old.conditions.as_deref().unwrap_or_default();
        condition::keep_times(self.report.status.conditions.get_or_insert_default(), stored);
        let writer = &self.cx.kustomization_status;
        if let Some(stored) = writer.write(&*self.object, &old, &self.report.status).await? {
            self.object = self.keep(stored);
        }
        Ok(())
    }

    /// Puts a stored state into the index, so that whoever is woken next sees it.
    fn keep(&self, stored: Kustomization) -> Arc<Kustomization> {
        let stored = Arc::new(stored);
        self.cx.indexes.kustomizations.put(stored.clone());
        stored
    }

    fn event(&mut self, severity: Severity, reason: &str, message: impl Into<String>) {
        let mut metadata: BTreeMap<String, String> = event_annotations(&*self.object).collect();
        metadata.extend(self.revision.iter().map(|r| (REVISION.to_owned(), r.clone())));
        self.events.push(Event {
            object: self.key.clone(),
            severity,
            reason: reason.into(),
            message: message.into(),
            metadata,
        });
    }

    /// A suspended object does nothing but answer a request.
    async fn acknowledge(mut self) -> Outcome {
        self.report.handled(requested_at(&*self.object));
        match self.write_status().await {
            Ok(()) => Outcome::default(),
            Err(error) => self.status_lost(&error),
        }
    }

    /// Nothing was applied; only an unanswered request is written.
    async fn nothing_done(mut self) -> Outcome {
        self.report.handled(requested_at(&*self.object));
        match self.write_status().await {
            Ok(()) => {
                tracing::debug!(object = %self.key, "nothing to do");
                let next = Some(Next::Interval(self.object.spec.interval.0));
                Outcome { next, ready: true, ..Outcome::default() }
            }
            Err(error) => self.status_lost(&error),
        }
    }

    async fn finish(mut self, result: Result<String, Failure>) -> Outcome {
        self.report.handled(requested_at(&*self.object));
        let took = self.started.elapsed();
        let next = match &result {
            Ok(revision) => self.succeed(revision, took),
            Err(failure) => self.fail(failure, took),
        };
        let written = self.write_status().await;
        self.cx.record(&*self.object, CONTROLLER, &self.events);
        match written {
            Ok(()) => Outcome { next, ready: result.is_ok(), events: self.events, artifact: None },
            Err(error) => self.status_lost(&error),
        }
    }

    fn succeed(&mut self, revision: &str, took: Duration) -> Option<Next> {
        self.report.succeeded(revision);
        if let Some(digest) = self.digest.clone() {
            self.report.record(&digest, reasons::RECONCILIATION_SUCCEEDED, took, revision);
        }
        let interval = self.object.spec.interval;
        let message = format!("Reconciliation finished in {}, next run in {interval}", GoDuration(round(took)));
        tracing::info!(object = %self.key, revision, "{message}");
        self.event(Severity::Info, reasons::RECONCILIATION_SUCCEEDED, message);
        if let Some(event) = self.events.last_mut() {
            event.metadata.insert(COMMIT_STATUS.into(), "update".into());
        }
        Some(Next::Interval(interval.0))
    }

    fn fail(&mut self, failure: &Failure, took: Duration) -> Option<Next> {
        self.cx.memos.lock().remove(&self.key);
        self.report.failed(failure);
        let revision = self.revision.clone().unwrap_or_default();
        if let Some(digest) = self.digest.clone().filter(|_| failure.retry != Retry::Cancelled) {
            self.report.record(&digest, &failure.reason, took, &revision);
        }
        self.say_failure(failure);
        next_after(failure, self.object.spec.retry_interval(), self.cx.settings.requeue_dependency)
    }

    /// Flux sends no event for a missing source and an informational one for a dependency.
    fn say_failure(&mut self, failure: &Failure) {
        tracing::warn!(object = %self.key, revision = self.revision, reason = failure.reason, "{failure}");
        let severity = match failure.reason.as_str() {
            reasons::ARTIFACT_FAILED if self.revision.is_none() => return,
            reasons::DEPENDENCY_NOT_READY | reasons::HEALTH_CHECK_CANCELED => Severity::Info,
            _ => Severity::Error,
        };
        self.event(severity, &failure.reason.clone(), failure.message.clone());
    }

    /// A status that could not be written is written again by the next run.
    fn status_lost(&self, error: &kube::Error) -> Outcome {
        tracing::error!(object = %self.key, error = %error, "unable to write status");
        self.cx.memos.lock().remove(&self.key);
        Outcome { next: Some(Next::Backoff), ..Outcome::default() }
    }
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

//! GitRepository: check → resolve → fetch → store → finish. The plugin says what is there and fetches it; the store keeps it.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc, time::Duration};

use futures::FutureExt;
use jiff::Timestamp;
use serde_json::json;
use tempfile::TempDir;
use weir_api::{GitRepository, GitRepositoryStatus};
use weir_core::{
    Artifact, Failure, ObjectKey, Outcome, Severity, Slot,
    condition::{self, reasons, types},
    failure::Retry,
    outcome::Next,
    revision::Revision,
};
use weir_plugin::{CallContext, FetchReport, Previous, Resolution, SourceRequest};
use weir_store::Presence;

use super::report::Report;
use crate::{
    context::{Context, now, requested_at},
    held::Held,
    plugins::{self, blocking},
    secrets::{self, Data},
};

const REVISION: &str = "source.toolkit.fluxcd.io/revision";
const DIGEST: &str = "source.toolkit.fluxcd.io/digest";
/// Flux's default for `spec.timeout`.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);
/// Key of a fetch report: paths of executable files, as JSON, because a sandbox cannot set modes.
const EXECUTABLES: &str = "executables";
/// Key of a fetch report: first line of the commit message.
const SUBJECT: &str = "subject";

/// Brings one GitRepository to its newest revision.
pub(crate) async fn reconcile(cx: &Context, key: &ObjectKey, slot: &dyn Slot) -> Outcome {
    let Some(object) = cx.indexes.git_repositories.get(key) else {
        cx.source_states.lock().remove(key);
        return Outcome::default();
    };
    let mut run = Run::new(cx, object);
    if run.held.object.metadata.deletion_timestamp.is_some() {
        return run.finalize().await;
    }
    if run.held.object.spec.suspend == Some(true) {
        return run.acknowledge().await;
    }
    let result = tokio::select! {
        result = run.steps() => result,
        () = slot.cancelled() => Err(cancelled()),
    };
    run.finish(result).await
}

fn cancelled() -> Fault {
    Fault(types::FETCH_FAILED, Failure::new(reasons::PROGRESSING, "a newer request is waiting", Retry::Cancelled))
}

/// A failure and the condition that names its step.
struct Fault(&'static str, Failure);

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self(types::FETCH_FAILED, failure)
    }
}

/// One reconcile of one GitRepository.
struct Run<'a> {
    held: Held<'a, GitRepository>,
    /// The artifact of the status was not in the store.
    was_lost: bool,
    status: GitRepositoryStatus,
    report: Report,
}

/// How the steps ended well.
enum Done {
    Unchanged(Artifact),
    Stored(Artifact, FetchReport),
}

impl<'a> Run<'a> {
    fn new(cx: &'a Context, object: Arc<GitRepository>) -> Self {
        let status = object.status.clone().unwrap_or_default();
        let generation = object.metadata.generation.unwrap_or_default();
        let conditions = status.conditions.as_deref().unwrap_or_default();
        Self {
            report: Report::new(conditions, status.observed_generation, generation, now()),
            was_lost: false,
            status,
            held: Held::new(cx, object),
        }
    }

    async fn steps(&mut self) -> Result<Done, Fault> {
        check_spec(&self.held.object)?;
        self.held.claim(None).await?;
        let secret = self.secret().await?;
        let context = self.call_context(secret);
        let stored = self.stored_artifact().await?;
        let request = self.request(stored.as_ref());
        let resolution = self.resolve(&context, request.clone()).await?;
        let unchanged = resolution.unchanged || self.is_made_of_this_spec();
        if let Some(artifact) = stored.filter(|a| unchanged && a.revision == resolution.revision) {
            self.held.cx.source_states.lock().entry(self.held.key.clone()).or_insert(resolution.state);
            return Ok(Done::Unchanged(artifact));
        }
        self.report.fetching(&resolution.revision);
        let (tree, fetched) = self.fetch(&context, request, resolution.clone()).await?;
        let artifact = self.store(tree, &resolution.revision, &fetched).await?;
        self.held.cx.source_states.lock().insert(self.held.key.clone(), resolution.state);
        Ok(Done::Stored(artifact, fetched))
    }

    async fn secret(&self) -> Result<Option<Data>, Failure> {
        match &self.held.object.spec.secret_ref {
            Some(secret) => secrets::read(self.held.cx, &self.held.key.namespace, &secret.name).await.map(Some),
            None => Ok(None),
        }
    }

    fn call_context(&self, secret: Option<Data>) -> CallContext {
        let timeout = self.held.object.spec.timeout.map_or(DEFAULT_TIMEOUT, |t| t.0);
        plugins::source_context(&*self.held.object, &self.url(), secret, timeout)
    }

    /// Where to fetch from; status and revisions keep the declared URL.
    fn url(&self) -> String {
        self.held.cx.settings.mirrors.rewrite(&self.held.object.spec.url)
    }

    /// The artifact of the status, if the store still has it whole.
    async fn stored_artifact(&mut self) -> Result<Option<Artifact>, Fault> {
        let Some(artifact) = self.status.artifact.clone() else { return Ok(None) };
        let (store, wanted) = (self.held.cx.store.clone(), artifact.clone());
        match blocking(move || store.check(&wanted)).await {
            Ok(Presence::Present) => {
                // The advertised host may have changed since.
                let url = self.held.cx.store.url_for(&artifact.path);
                let artifact = Artifact { url, ..artifact };
                self.status.artifact = Some(artifact.clone());
                return Ok(Some(artifact));
            }
            Ok(Presence::Corrupt) => {
                let message = format!("failed to verify artifact: digest of '{}' does not match", artifact.path);
                self.event(Severity::Error, reasons::ARTIFACT_VERIFICATION_FAILED, message, None);
                let (store, wanted) = (self.held.cx.store.clone(), artifact.clone());
                blocking(move || store.discard(&wanted)).await.map_err(|e| storage_fault(&e))?;
            }
            Ok(Presence::Missing) => {}
            Err(error) => return Err(storage_fault(&error)),
        }
        self.was_lost = true;
        self.status.artifact = None;
        self.report.disappeared();
        Ok(None)
    }

    fn request(&self, stored: Option<&Artifact>) -> SourceRequest {
        let state = self.held.cx.source_states.lock().get(&self.held.key).cloned();
        SourceRequest {
            object: plugins::object_ref(&*self.held.object),
            config: json!({"spec": self.held.object.spec, "url": self.url()}),
            previous: stored
                .zip(state)
                .map(|(artifact, state)| Previous { revision: artifact.revision.clone(), state }),
        }
    }

    /// A restart loses what the plugin told about the artifact, but the status says which spec it was made from.
    fn is_made_of_this_spec(&self) -> bool {
        let conditions = self.status.conditions.as_deref().unwrap_or_default();
        !self.held.cx.source_states.lock().contains_key(&self.held.key)
            && self.held.object.spec.include.is_none()
            && condition::is_true(conditions, types::READY)
            && self.status.observed_generation == self.held.object.metadata.generation
    }

    async fn resolve(&self, context: &CallContext, request: SourceRequest) -> Result<Resolution, Failure> {
        let plugin = &self.held.cx.plugins.git;
        plugin.resolve(context, request).boxed().await.map_err(|f| plugins::failure(&f, reasons::GIT_OPERATION_FAILED))
    }

    async fn fetch(
        &self,
        context: &CallContext,
        request: SourceRequest,
        resolution: Resolution,
    ) -> Result<(TempDir, FetchReport), Fault> {
        let store = self.held.cx.store.clone();
        let tree = blocking(move || store.scratch()).await.map_err(|e| storage_fault(&e))?;
        let fetched = self.held.cx.plugins.git.fetch(context, request, resolution, tree.path()).boxed().await;
        match fetched {
            Ok(report) => Ok((tree, report)),
            Err(failure) => Err(plugins::failure(&failure, reasons::GIT_OPERATION_FAILED).into()),
        }
    }

    async fn store(&self, tree: TempDir, revision: &str, fetched: &FetchReport) -> Result<Artifact, Fault> {
        let revision = revision.to_owned();
        let file = format!("{}.tar.gz", Revision::parse(&revision).hex().unwrap_or(&revision));
        let executables = executables(fetched);
        let (store, key) = (self.held.cx.store.clone(), self.held.key.clone());
        blocking(move || {
            let artifact = store.seal(&key, &file, &revision, tree.path(), &executables, Timestamp::now())?;
            store.collect(&key, &artifact, Timestamp::now())?;
            Ok::<_, weir_store::StoreError>(artifact)
        })
        .await
        .map_err(|e| storage_fault(&e))
    }

    async fn finish(mut self, result: Result<Done, Fault>) -> Outcome {
        let failed_before = condition::is_true(&self.report.conditions, types::FETCH_FAILED);
        let (artifact, next) = match result {
            Ok(Done::Unchanged(artifact)) => {
                self.observe(&artifact);
                if failed_before {
                    let message = format!("stored artifact for revision '{}'", artifact.revision);
                    self.event(Severity::Info, reasons::SUCCEEDED, message, Some(&artifact));
                }
                (Some(artifact), Some(Next::Interval(self.held.object.spec.interval.0)))
            }
            Ok(Done::Stored(artifact, fetched)) => {
                let is_new = self.held.object.status.as_ref().and_then(|s| s.artifact.as_ref()).map(|a| &a.digest)
                    != Some(&artifact.digest);
                self.observe(&artifact);
                if is_new || failed_before {
                    let reason = if is_new { reasons::NEW_ARTIFACT } else { reasons::SUCCEEDED };
                    self.event(Severity::Info, reason, stored_message(&artifact, &fetched), Some(&artifact));
                }
                tracing::info!(object = %self.held.key, revision = artifact.revision, "{}", stored_message(&artifact, &fetched));
                (Some(artifact), Some(Next::Interval(self.held.object.spec.interval.0)))
            }
            Err(Fault(type_, failure)) => (None, self.fail(type_, &failure)),
        };
        let ready = artifact.is_some();
        match self.write().await {
            Ok(()) => Outcome { next, artifact, restored: self.was_lost, ready, events: self.held.events },
            Err(error) => self.held.lost(&error),
        }
    }

    /// The artifact of this spec is stored.
    fn observe(&mut self, artifact: &Artifact) {
        let spec = &self.held.object.spec;
        self.report.stored(&artifact.revision);
        self.status.artifact = Some(artifact.clone());
        self.status.observed_ignore.clone_from(&spec.ignore);
        self.status.observed_recurse_submodules = spec.recurse_submodules.filter(|r| *r);
        self.status.observed_sparse_checkout.clone_from(&spec.sparse_checkout);
    }

    fn fail(&mut self, type_: &'static str, failure: &Failure) -> Option<Next> {
        if failure.retry == Retry::Cancelled {
            return Some(Next::Now);
        }
        tracing::warn!(object = %self.held.key, reason = failure.reason, "{failure}");
        self.report.failed(type_, failure);
        self.event(Severity::Error, &failure.reason.clone(), failure.message.clone(), None);
        match failure.retry {
            Retry::Never => None,
            Retry::After(time) => Some(Next::After(time)),
            Retry::Interval => Some(Next::Interval(self.held.object.spec.interval.0)),
            Retry::Dependency => Some(Next::After(self.held.cx.settings.requeue_dependency)),
            Retry::Backoff | Retry::Cancelled => Some(Next::Backoff),
        }
    }

    async fn acknowledge(mut self) -> Outcome {
        match self.write().await {
            Ok(()) => Outcome::default(),
            Err(error) => self.held.lost(&error),
        }
    }

    /// Writes what changed of the status, then the events.
    async fn write(&mut self) -> Result<(), kube::Error> {
        let old = self.held.status();
        condition::keep_times(&mut self.report.conditions, old.conditions.as_deref().unwrap_or_default());
        let mut new = self.status.clone();
        new.conditions = Some(self.report.conditions.clone()).filter(|c| !c.is_empty()).or(new.conditions);
        new.observed_generation = self.report.observed_generation;
        if let Some(token) = requested_at(&*self.held.object) {
            new.last_handled_reconcile_at = Some(token.into());
        }
        self.held.write(&new).await?;
        self.held.record();
        Ok(())
    }

    fn event(&mut self, severity: Severity, reason: &str, message: String, artifact: Option<&Artifact>) {
        let about = artifact.into_iter().flat_map(|a| [(REVISION, a.revision.clone()), (DIGEST, a.digest.clone())]);
        self.held.event(severity, reason, message, about);
    }

    /// Removes the artifacts, then the finalizer.
    async fn finalize(self) -> Outcome {
        let (store, key) = (self.held.cx.store.clone(), self.held.key.clone());
        if let Err(error) = blocking(move || store.remove(&key)).await {
            tracing::error!(object = %self.held.key, error = %error, "unable to remove artifacts");
            return Outcome { next: Some(Next::Backoff), ..Outcome::default() };
        }
        self.held.cx.source_states.lock().remove(&self.held.key);
        self.held.release().await
    }
}

/// Refuses what the host would have to do and does not yet; the plugin refuses the rest.
fn check_spec(object: &GitRepository) -> Result<(), Failure> {
    let spec = &object.spec;
    let unserved = [
        (spec.include.as_ref().is_some_and(|i| !i.is_empty()), "include"),
        (spec.verify.is_some(), "verify"),
        (spec.proxy_secret_ref.is_some(), "proxySecretRef"),
        (spec.recurse_submodules == Some(true), "recurseSubmodules"),
        (spec.provider.as_deref().is_some_and(|p| !p.is_empty() && p != "generic"), "provider"),
    ];
    match unserved.into_iter().find(|(used, _)| *used) {
        Some((_, field)) => Err(Failure::stalled(
            reasons::FEATURE_GATE_DISABLED,
            format!("`spec.{field}` is not served by this version of weir: nothing was fetched"),
        )),
        None => Ok(()),
    }
}

fn executables(fetched: &FetchReport) -> BTreeSet<PathBuf> {
    let listed = fetched.metadata.iter().find(|(key, _)| key == EXECUTABLES);
    listed.and_then(|(_, json)| serde_json::from_str(json).ok()).unwrap_or_default()
}

/// Flux's words: the subject of a concrete commit, else the revision.
fn stored_message(artifact: &Artifact, fetched: &FetchReport) -> String {
    match fetched.metadata.iter().find(|(key, _)| key == SUBJECT) {
        Some((_, subject)) => format!("stored artifact for commit '{subject}'"),
        None => format!("stored artifact for revision '{}'", artifact.revision),
    }
}

fn storage_fault(error: &weir_store::StoreError) -> Fault {
    let failure = Failure::new(reasons::ARCHIVE_OPERATION_FAILED, error.to_string(), Retry::Backoff);
    Fault(types::STORAGE_OPERATION_FAILED, failure)
}

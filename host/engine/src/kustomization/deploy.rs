//! Steps 4 to 6: apply, prune and health. What may exist is written into the inventory before it is applied.

use std::{
    fmt::Write as _,
    future::Future,
    pin::pin,
    time::{Duration, Instant},
};

use futures::FutureExt;
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::Api;
use sha2::{Digest, Sha256};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use weir_api::{Kustomization, meta::GoDuration};
use weir_apply::{
    Applier, ApplyOptions, ChangeSet, HealthError, HealthExpr, HealthExprs, ObjectError, Owner, Target, WaitOptions,
};
use weir_core::{
    Failure, Inventory, Object, ObjectId, Severity, Slot, condition::reasons, failure::Retry, inventory::Entry,
};

use super::{Run, flux_components, planned, round};
use crate::status::has_finalizer;

/// How long an apply may take before the status says that it is under way.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is in the cluster after an apply.
pub(super) struct Deployed {
    /// Everything that belongs to the Kustomization now.
    pub(super) inventory: Inventory,
    changes: ChangeSet,
}

/// Digest of what was built, for the history.
pub(super) fn digest(objects: &[Object]) -> String {
    let mut hash = Sha256::new();
    for object in objects {
        hash.update(object.value().to_string());
        hash.update("\n");
    }
    hash.finalize().iter().fold("sha256:".to_owned(), |mut text, byte| {
        // Writing into a String cannot fail.
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

/// Whether the ledger saw no drift of any of these objects since they were applied.
pub(super) fn is_in_sync(run: &Run<'_>, inventory: &Inventory) -> bool {
    run.held.cx.applier.in_sync(&inventory.entries)
}

/// Whether everything that has to be healthy is, as far as it is known without a request.
pub(super) fn is_healthy(run: &Run<'_>, targets: &[Target]) -> bool {
    let exprs = || health_exprs(&run.held.object).unwrap_or_default();
    targets.is_empty() || run.held.cx.applier.is_healthy(targets, &exprs())
}

/// Applies the objects in stages.
pub(super) async fn deploy(run: &mut Run<'_>, objects: Vec<Object>, slot: &dyn Slot) -> Result<Deployed, Failure> {
    announce(run, &objects).await?;
    let applier = applier(run)?;
    let options = ApplyOptions {
        owner: owner(run),
        force: run.held.object.spec.force.unwrap_or_default(),
        ignore: run.held.object.spec.ignore.clone().unwrap_or_default(),
    };
    let mut applying =
        pin!(cancellable(slot, |cancel| async move { applier.apply(objects, &options, &cancel).boxed().await }));
    let applied = tokio::select! {
        biased;
        applied = &mut applying => applied,
        () = sleep(PATIENCE) => {
            say_progress(run).await;
            applying.await
        }
    };
    let changes = match applied {
        Ok(changes) => changes,
        Err(error) if matches!(error.error, ObjectError::Cancelled) => return Err(cancelled(slot)),
        Err(error) => return Err(Failure::retry(reasons::RECONCILIATION_FAILED, error.to_string())),
    };
    if changes.has_changes() {
        run.event(Severity::Info, reasons::PROGRESSING, changes.to_string());
    }
    Ok(Deployed { inventory: changes.inventory(), changes })
}

/// Only a slow apply says that it is under way: a quick one has said what came of it before anybody looks.
async fn say_progress(run: &mut Run<'_>) {
    if let Err(error) = run.write_status().await {
        tracing::debug!(object = %run.held.key, %error, "unable to write progress");
    }
}

/// Makes an inventory that covers old and new objects durable before the first new one exists, so that a crash orphans
/// nothing: with the finalizer where that comes new, else in the status.
async fn announce(run: &mut Run<'_>, objects: &[Object]) -> Result<(), Failure> {
    let planned = Inventory { entries: objects.iter().map(|o| Entry::new(&o.id(), o.version())).collect() };
    let known = run.report.status.inventory.clone();
    let all = known.clone().unwrap_or_default().union(&planned);
    if !has_finalizer(&*run.held.object) {
        let annotation = planned::annotation(&all).filter(|_| known.is_none());
        let is_told = annotation.is_some();
        run.held.claim(annotation).await?;
        if is_told {
            run.report.inventory(all);
            return Ok(());
        }
    }
    if known.is_some_and(|known| known.covers(&planned)) {
        return Ok(());
    }
    run.report.inventory(all);
    run.write_status().await.map_err(|e| status_failure(&e))
}

/// Deletes what the build no longer has. Failed deletes stay in the inventory and are tried again.
pub(super) async fn prune(run: &mut Run<'_>, deployed: &Deployed) -> Result<(), Failure> {
    let known = run.report.status.inventory.take().unwrap_or_default();
    let mut stale = known.stale(&deployed.inventory);
    if !run.held.cx.settings.apply_flux_components {
        stale.retain(|entry| !flux_components::is_protected(entry, &run.left_out));
    }
    run.report.inventory(deployed.inventory.clone());
    if stale.is_empty() || !run.held.object.spec.prune {
        return Ok(());
    }
    delete(run, &stale).await
}

/// Deletes objects of an inventory, in the order given.
pub(super) async fn delete(run: &mut Run<'_>, stale: &[Entry]) -> Result<(), Failure> {
    let applier = applier(run)?;
    let pruned = applier.prune(stale.to_vec(), &owner(run)).boxed().await;
    if pruned.changes.has_changes() {
        run.event(Severity::Info, reasons::PROGRESSING, pruned.changes.to_string());
    }
    if pruned.failed.is_empty() {
        return Ok(());
    }
    let kept = Inventory { entries: pruned.failed.iter().map(|(entry, _)| entry.clone()).collect() };
    let known = run.report.status.inventory.take().unwrap_or_default();
    run.report.inventory(known.union(&kept));
    let errors: String = pruned.failed.iter().fold(String::new(), |all, (_, error)| all + error + ";");
    Err(Failure::retry(reasons::PRUNE_FAILED, format!("delete failed, errors: {errors}")))
}

/// Waits until deleted objects are gone; Flux only logs a timeout here.
pub(super) async fn wait_gone(run: &Run<'_>, entries: &[Entry], slot: &dyn Slot) {
    let Ok(applier) = applier(run) else { return };
    slot.release_worker();
    if let Err(error) = applier.wait_deleted(entries, run.held.object.spec.timeout()).boxed().await {
        tracing::warn!(object = %run.held.key, error = %error, "deleted objects are not gone");
    }
}

/// Waits for health where it was asked for. Follows the watch and holds no worker.
pub(super) async fn health(run: &mut Run<'_>, deployed: &Deployed, slot: &dyn Slot) -> Result<(), Failure> {
    let targets = targets(&run.held.object, deployed);
    if targets.is_empty() {
        run.report.no_health_checks();
        return Ok(());
    }
    let timeout = run.held.object.spec.timeout();
    let applier = applier(run)?;
    let exprs = health_exprs(&run.held.object)?;
    if !applier.is_healthy(&targets, &exprs) {
        announce_health(run).await?;
        slot.release_worker();
    }
    let started = Instant::now();
    let options = WaitOptions { timeout, fail_fast: true, exprs };
    let waited =
        cancellable(slot, |cancel| async move { applier.wait(&targets, &options, &cancel).boxed().await }).await;
    let took = round(started.elapsed());
    match waited {
        Ok(()) => {
            tell_recovery(run, &deployed.changes, took);
            run.report.healthy(took);
            Ok(())
        }
        Err(HealthError::Cancelled) => Err(cancelled(slot)),
        Err(HealthError::NotHealthy { message }) => {
            let message = format!("health check failed after {}: {message}", GoDuration(took));
            Err(Failure::retry(reasons::HEALTH_CHECK_FAILED, message))
        }
    }
}

async fn announce_health(run: &mut Run<'_>) -> Result<(), Failure> {
    let message = run.step("Running health checks");
    run.report.checking(&message);
    run.write_status().await.map_err(|e| status_failure(&e))
}

/// Flux tells passed health checks when something was changed, or when they had failed before.
fn tell_recovery(run: &mut Run<'_>, changes: &ChangeSet, took: Duration) {
    let before = run.held.object.status.as_ref().and_then(|s| s.conditions.as_deref()).unwrap_or_default();
    let failed_before =
        weir_core::condition::find(before, weir_core::condition::types::HEALTHY).is_some_and(|c| c.status == "False");
    if failed_before || changes.has_changes() {
        run.event(Severity::Info, reasons::PROGRESSING, format!("Health check passed in {}", GoDuration(took)));
    }
}

/// `wait` covers everything that was applied, but for the Kustomization itself; else what `healthChecks` names.
pub(super) fn targets(object: &Kustomization, deployed: &Deployed) -> Vec<Target> {
    if object.spec.wait == Some(true) {
        let own = own_id(object);
        return deployed.changes.targets().into_iter().filter(|t| t.id != own).collect();
    }
    let namespace = object.metadata.namespace.as_deref().unwrap_or_default();
    let checks = object.spec.health_checks.iter().flatten();
    checks
        .map(|check| {
            let api_version = check.api_version();
            let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
            let id = ObjectId {
                group: group.into(),
                kind: check.kind.clone(),
                namespace: check.namespace.clone().unwrap_or_else(|| namespace.into()),
                name: check.name.clone(),
            };
            Target { id, version: version.into() }
        })
        .collect()
}

fn own_id(object: &Kustomization) -> ObjectId {
    ObjectId {
        group: weir_core::annotation::KUSTOMIZE_GROUP.into(),
        kind: "Kustomization".into(),
        namespace: object.metadata.namespace.clone().unwrap_or_default(),
        name: object.metadata.name.clone().unwrap_or_default(),
    }
}

fn health_exprs(object: &Kustomization) -> Result<HealthExprs, Failure> {
    let exprs = object.spec.health_check_exprs.iter().flatten().map(|e| {
        HealthExpr::compile(
            &e.api_version,
            e.kind.as_deref(),
            &e.current,
            e.in_progress.as_deref(),
            e.failed.as_deref(),
        )
    });
    exprs.collect::<Result<Vec<_>, _>>().map(HealthExprs::new).map_err(|e| invalid_expression(&e))
}

/// An expression that cannot be read needs a change by its owner.
pub(super) fn invalid_expression(error: &dyn std::fmt::Display) -> Failure {
    let message = format!("Reconciliation failed terminally due to configuration error: {error}");
    Failure::stalled(reasons::INVALID_CEL_EXPRESSION, message)
}

/// Whether the account to impersonate still exists; without one there is nothing to miss.
pub(super) async fn account_exists(run: &Run<'_>) -> Result<bool, Failure> {
    let Some(name) = run.held.object.spec.service_account_name.as_deref().filter(|n| !n.is_empty()) else {
        return Ok(true);
    };
    let api: Api<ServiceAccount> = Api::namespaced(run.held.cx.client.clone(), &run.held.key.namespace);
    let found = api.get_opt(name).await;
    found.map(|account| account.is_some()).map_err(|e| Failure::retry(reasons::PRUNE_FAILED, e.to_string()))
}

/// The applier with the identity of this Kustomization.
fn applier(run: &Run<'_>) -> Result<Applier, Failure> {
    let access = &run.held.cx.settings.access;
    match access.user(&run.held.key.namespace, run.held.object.spec.service_account_name.as_deref()) {
        Some(user) => run
            .held
            .cx
            .applier
            .impersonate(&user)
            .map_err(|e| Failure::stalled(reasons::RECONCILIATION_FAILED, e.to_string())),
        None => Ok(run.held.cx.applier.clone()),
    }
}

fn owner(run: &Run<'_>) -> Owner {
    Owner { namespace: run.held.key.namespace.clone(), name: run.held.key.name.clone() }
}

/// Runs work that ends early when a newer request makes it pointless.
async fn cancellable<F: Future>(slot: &dyn Slot, work: impl FnOnce(CancellationToken) -> F) -> F::Output {
    let cancel = CancellationToken::new();
    let mut work = pin!(work(cancel.clone()));
    tokio::select! {
        biased;
        done = &mut work => done,
        () = slot.cancelled() => {
            cancel.cancel();
            work.await
        }
    }
}

fn cancelled(slot: &dyn Slot) -> Failure {
    let message = match slot.cancelled_by() {
        Some(by) => format!("New reconciliation triggered by {by}"),
        None => "Stopped before the health checks ended".to_owned(),
    };
    Failure::new(reasons::HEALTH_CHECK_CANCELED, message, Retry::Cancelled)
}

fn status_failure(error: &kube::Error) -> Failure {
    Failure::new(reasons::RECONCILIATION_FAILED, format!("unable to write status: {error}"), Retry::Backoff)
}

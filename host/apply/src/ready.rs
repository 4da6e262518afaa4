//! Between stages: what the next stage builds on must be there.

use std::time::Duration;

use kube::core::GroupVersionKind;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use weir_kstatus::HealthExprs;

use crate::{
    applier::Applier,
    apply::Item,
    changeset::{Action, ChangeSet},
    error::ObjectError,
    options::{Target, WaitOptions},
    seen::text,
};

/// How long a stage may take to become ready.
pub(crate) const STAGE_TIMEOUT: Duration = Duration::from_secs(60);

/// Waits until what a stage changed is ready, and until new kinds are served.
pub(crate) async fn await_stage(
    applier: &Applier,
    items: &[Item],
    changes: &ChangeSet,
    cancel: &CancellationToken,
) -> Result<(), ObjectError> {
    let changed = |action: Action| matches!(action, Action::Created | Action::Configured);
    let targets: Vec<_> = changes.entries.iter().filter(|c| changed(c.action)).map(Target::from).collect();
    if targets.is_empty() {
        return Ok(());
    }
    let options = WaitOptions { timeout: STAGE_TIMEOUT, fail_fast: false, exprs: HealthExprs::default() };
    applier.wait(&targets, &options, cancel).await?;
    let applied = items.iter().zip(&changes.entries).filter(|(_, c)| changed(c.action));
    for (item, _) in applied.filter(|(item, _)| item.id.kind == "CustomResourceDefinition") {
        for gvk in defined(item.object.value()) {
            let served = applier.shared.discovery.await_served(&applier.cluster, &gvk).await;
            served.map_err(|e| e.dry_run(item.id.clone()))?;
        }
    }
    Ok(())
}

/// The kinds that a CRD serves.
fn defined(definition: &Value) -> Vec<GroupVersionKind> {
    let (group, kind) = (text(definition, "/spec/group"), text(definition, "/spec/names/kind"));
    let versions = definition.pointer("/spec/versions").and_then(Value::as_array).into_iter().flatten();
    let served = versions.filter(|v| v.get("served").and_then(Value::as_bool) == Some(true));
    served.map(|v| GroupVersionKind::gvk(group, text(v, "/name"), kind)).collect()
}

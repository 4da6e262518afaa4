//! `weir reconcile`: ask for a run, and wait for its result.

use anyhow::{Result, anyhow, bail};
use k8s_openapi::jiff::Timestamp;
use kube::api::{DynamicObject, Patch, PatchParams};
use kube::runtime::wait::await_condition;
use kube::{Client, ResourceExt};
use serde_json::json;
use weir_core::annotation::REQUESTED_AT;

use crate::args::{self, Global, Reconcile};
use crate::kinds::Kind;
use crate::{cluster, progress, resource};

/// The field manager of what the user asks for, as Flux's own CLI.
pub(crate) const MANAGER: &str = "flux";

pub(crate) async fn run(global: &Global, reconcile: &Reconcile) -> Result<()> {
    let target = args::target(&reconcile.target)?;
    let (&[kind], [name]) = (target.kinds.as_slice(), target.names.as_slice()) else {
        bail!("one kind and one name are needed\nhint: `weir reconcile kustomization apps`");
    };
    let client = cluster::connect(global).await?;
    if reconcile.with_source {
        let object = cluster::get(&client, kind, &global.namespace(), name).await?;
        let (source, namespace, source_name) = source_of(&object)?;
        reconcile_one(&client, source, &namespace, &source_name, global).await?;
    }
    reconcile_one(&client, kind, &global.namespace(), name, global).await
}

async fn reconcile_one(client: &Client, kind: &Kind, namespace: &str, name: &str, global: &Global) -> Result<()> {
    if !kind.reconciles {
        bail!("{} objects are not reconciled", kind.name);
    }
    let object = cluster::get(client, kind, namespace, name).await?;
    if resource::is_suspended(&object) {
        bail!("{} `{name}` is suspended\nhint: `weir resume {} {name} -n {namespace}`", kind.name, kind.lower());
    }
    progress::action(&format!("annotating {} {name} in {namespace} namespace", kind.name));
    let token = request(client, kind, namespace, name).await?;
    progress::waiting(&format!("waiting for {} reconciliation", kind.name));
    let handled = wait(client, kind, namespace, name, global, |object| is_handled(object, &token)).await?;
    finish(kind, &handled)
}

/// Sets the annotation that asks for a run; returns its value.
pub(crate) async fn request(client: &Client, kind: &Kind, namespace: &str, name: &str) -> Result<String> {
    let token = Timestamp::now().to_string();
    let patch = json!({"metadata": {"annotations": {REQUESTED_AT: token}}});
    let params = PatchParams { field_manager: Some(MANAGER.to_owned()), ..PatchParams::default() };
    cluster::api(client, kind, Some(namespace)).patch(name, &params, &Patch::Merge(patch)).await?;
    Ok(token)
}

/// Watches the object until `is_done`.
pub(crate) async fn wait(
    client: &Client,
    kind: &Kind,
    namespace: &str,
    name: &str,
    global: &Global,
    is_done: impl Fn(&DynamicObject) -> bool,
) -> Result<DynamicObject> {
    let api = cluster::api(client, kind, Some(namespace));
    let done = await_condition(api.clone(), name, |object: Option<&DynamicObject>| object.is_none_or(&is_done));
    match tokio::time::timeout(global.deadline(), done).await {
        Ok(seen) => seen?.ok_or_else(|| anyhow!("{} `{name}` was deleted", kind.name)),
        Err(_) => {
            let (_, message) = api.get(name).await.map(|object| resource::ready(&object))?;
            bail!("{} `{name}` is not ready within {}: {message}", kind.name, global.timeout)
        }
    }
}

/// The run that was asked for is over, well or for good.
fn is_handled(object: &DynamicObject, token: &str) -> bool {
    let echoed = object.data["status"]["lastHandledReconcileAt"] == token;
    echoed && (resource::is_current(object) || resource::is_stalled(object))
}

pub(crate) fn finish(kind: &Kind, object: &DynamicObject) -> Result<()> {
    let (status, message) = resource::ready(object);
    if status != "True" {
        bail!("{} `{}` failed: {message}", kind.name, object.name_any());
    }
    let revision = resource::revision(object);
    if kind.done.is_empty() || revision.is_empty() {
        progress::done(&message);
    } else {
        progress::done(&format!("{} {revision}", kind.done));
    }
    Ok(())
}

/// Kind, namespace and name of the source that the object is made from.
fn source_of(object: &DynamicObject) -> Result<(&'static Kind, String, String)> {
    let spec = &object.data["spec"];
    let candidates = [&spec["sourceRef"], &spec["chartRef"], &spec["chart"]["spec"]["sourceRef"]];
    let reference = candidates.into_iter().find(|value| value.is_object());
    let reference = reference.ok_or_else(|| anyhow!("`{}` has no source", object.name_any()))?;
    let text = |field: &str| reference[field].as_str().map(str::to_owned);
    let (kind, name) = (text("kind").unwrap_or_default(), text("name").unwrap_or_default());
    let found = Kind::named(&kind).filter(|kind| kind.reconciles);
    let found = found.ok_or_else(|| anyhow!("a source of this kind cannot be reconciled: {kind}"))?;
    let namespace = text("namespace").or_else(|| object.namespace()).unwrap_or_default();
    Ok((found, namespace, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_over_when_its_token_is_echoed() {
        let object = |token: &str, ready: &str, stalled: &str| -> DynamicObject {
            serde_json::from_value(json!({
                "apiVersion": "v1", "kind": "Kustomization", "metadata": {"name": "a", "generation": 1},
                "status": {"lastHandledReconcileAt": token, "observedGeneration": 1, "conditions": [
                    {"type": "Ready", "status": ready}, {"type": "Stalled", "status": stalled}]},
            }))
            .unwrap()
        };
        assert!(is_handled(&object("now", "True", "False"), "now"));
        assert!(is_handled(&object("now", "False", "True"), "now"));
        assert!(!is_handled(&object("before", "True", "False"), "now"));
        assert!(!is_handled(&object("now", "False", "False"), "now"));
    }

    #[test]
    fn the_source_may_be_elsewhere() {
        let object = |spec: serde_json::Value| -> DynamicObject {
            serde_json::from_value(json!({"metadata": {"name": "a", "namespace": "own"}, "spec": spec})).unwrap()
        };
        let source = |spec| source_of(&object(spec)).map(|(kind, namespace, name)| (kind.name, namespace, name)).ok();
        let found = |kind, namespace: &str, name: &str| Some((kind, namespace.to_owned(), name.to_owned()));
        assert_eq!(
            source(json!({"sourceRef": {"kind": "GitRepository", "name": "b"}})),
            found("GitRepository", "own", "b")
        );
        let chart =
            json!({"chart": {"spec": {"sourceRef": {"kind": "HelmRepository", "name": "b", "namespace": "c"}}}});
        assert_eq!(source(chart), found("HelmRepository", "c", "b"));
        assert_eq!(source(json!({"sourceRef": {"kind": "ExternalArtifact", "name": "b"}})), None);
        assert_eq!(source(json!({})), None);
    }
}

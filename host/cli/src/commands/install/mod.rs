//! `weir install`.

pub(crate) mod manifests;

use anyhow::{Context, Result};
use futures::future::try_join_all;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{ApiResource, DynamicObject, GroupVersionKind, Patch, PatchParams};
use kube::runtime::wait::{await_condition, conditions::is_crd_established};
use kube::{Api, Client};
use serde_json::Value;

use super::reconcile::MANAGER;
use crate::args::{Global, Install};
use crate::{cluster, output, progress};

pub(crate) async fn run(global: &Global, args: &Install) -> Result<()> {
    let objects = manifests::all(&global.namespace(), &args.image);
    if args.export {
        let crds = manifests::crds(&global.namespace());
        let crds = crds.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?;
        return output::write(&output::yaml_stream(&[crds, objects].concat()));
    }
    let client = cluster::connect(global).await?;
    progress::action(&format!("installing weir in {} namespace", global.namespace()));
    tokio::time::timeout(global.deadline(), apply_crds(&client, &global.namespace()))
        .await
        .context("the CRDs are not served in time")??;
    progress::done("custom resource definitions");
    for object in &objects {
        apply(&client, object).await?;
    }
    progress::waiting("waiting for the engine");
    wait_for_engine(&client, global).await?;
    progress::done("install finished");
    Ok(())
}

/// Applies the CRDs and waits until the API server serves them.
pub(crate) async fn apply_crds(client: &Client, namespace: &str) -> Result<()> {
    let api = Api::<CustomResourceDefinition>::all(client.clone());
    let params = PatchParams::apply(MANAGER).force();
    let crds = manifests::crds(namespace);
    let name = |crd: &CustomResourceDefinition| crd.metadata.name.clone().unwrap_or_default();
    for crd in &crds {
        let applied = api.patch(&name(crd), &params, &Patch::Apply(crd)).await;
        applied.with_context(|| format!("failed to apply CRD: {}", name(crd)))?;
    }
    try_join_all(crds.iter().map(|crd| {
        let (api, name) = (api.clone(), name(crd));
        async move { await_condition(api, &name, is_crd_established()).await }
    }))
    .await?;
    Ok(())
}

/// Applies any object on the server's side, as Flux's own `install` does.
pub(crate) async fn apply(client: &Client, object: &Value) -> Result<()> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (group, version) = text("/apiVersion").split_once('/').unwrap_or(("", text("/apiVersion")));
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, text("/kind")));
    let api: Api<DynamicObject> = match text("/metadata/namespace") {
        "" => Api::all_with(client.clone(), &resource),
        namespace => Api::namespaced_with(client.clone(), namespace, &resource),
    };
    let name = text("/metadata/name");
    let applied = api.patch(name, &PatchParams::apply(MANAGER).force(), &Patch::Apply(object)).await;
    applied.with_context(|| format!("failed to apply {}: {name}", text("/kind")))?;
    Ok(())
}

async fn wait_for_engine(client: &Client, global: &Global) -> Result<()> {
    use k8s_openapi::api::apps::v1::Deployment;
    let api = Api::<Deployment>::namespaced(client.clone(), &global.namespace());
    let is_available = |deployment: Option<&Deployment>| {
        let status = deployment.and_then(|deployment| deployment.status.as_ref());
        status.is_some_and(|status| status.available_replicas.unwrap_or_default() > 0)
    };
    let wait = await_condition(api, manifests::NAME, is_available);
    let waited = tokio::time::timeout(global.deadline(), wait).await;
    waited.with_context(|| format!("the engine is not ready within {}\nhint: `weir check`", global.timeout))??;
    Ok(())
}

//! The connection to the API server.

use anyhow::{Context, Result, bail};
use kube::api::{DynamicObject, ListParams, TypeMeta};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};

use crate::args::Global;
use crate::kinds::Kind;

/// Connects as the flags and the environment say.
pub(crate) async fn connect(global: &Global) -> Result<Client> {
    let options = KubeConfigOptions { context: global.context.clone(), ..KubeConfigOptions::default() };
    let config = match &global.kubeconfig {
        Some(path) => {
            let file = Kubeconfig::read_from(path).with_context(|| format!("failed to read: {}", path.display()))?;
            Config::from_custom_kubeconfig(file, &options).await?
        }
        None if global.context.is_some() => Config::from_kubeconfig(&options).await?,
        None => Config::infer()
            .await
            .context("no cluster is configured\nhint: set `--kubeconfig` or `$KUBECONFIG`, or try `weir dev up`")?,
    };
    Ok(Client::try_from(config)?)
}

/// The namespace that the kubeconfig's context names; none when there is no kubeconfig.
pub(crate) fn namespace(global: &Global) -> Option<String> {
    let file = match &global.kubeconfig {
        Some(path) => Kubeconfig::read_from(path),
        None => Kubeconfig::read(),
    };
    let file = file.ok()?;
    let current = global.context.clone().or(file.current_context)?;
    let context = file.contexts.into_iter().find(|context| context.name == current)?.context?;
    context.namespace.filter(|name| !name.is_empty())
}

/// The objects of a kind, in one namespace or in all.
pub(crate) fn api(client: &Client, kind: &Kind, namespace: Option<&str>) -> Api<DynamicObject> {
    match namespace {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, &kind.resource()),
        None => Api::all_with(client.clone(), &kind.resource()),
    }
}

/// One object, or an error that says what is not there.
pub(crate) async fn get(client: &Client, kind: &Kind, namespace: &str, name: &str) -> Result<DynamicObject> {
    let found = api(client, kind, Some(namespace)).get_opt(name).await;
    let found = found.with_context(|| format!("failed to read {} `{name}`", kind.name))?;
    match found {
        Some(object) => Ok(object),
        None => bail!(
            "{} `{name}` not found in namespace: {namespace}\nhint: `weir get {} -A` lists them",
            kind.name,
            kind.plural
        ),
    }
}

/// The objects of a kind with their type, in one namespace or in all; none when the cluster does not know the kind.
pub(crate) async fn list(
    client: &Client,
    kind: &Kind,
    namespace: Option<&str>,
    params: &ListParams,
) -> Result<Vec<DynamicObject>> {
    let resource = kind.resource();
    let types = TypeMeta { api_version: resource.api_version, kind: resource.kind };
    match api(client, kind, namespace).list(params).await {
        // Items of a list come without their type.
        Ok(list) => Ok(list.into_iter().map(|object| DynamicObject { types: Some(types.clone()), ..object }).collect()),
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(Vec::new()),
        Err(error) => Err(error).with_context(|| format!("failed to list {}", kind.plural)),
    }
}

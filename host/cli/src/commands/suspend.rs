//! `weir suspend` and `weir resume`.

use anyhow::{Result, bail};
use futures::future::try_join_all;
use kube::api::{ListParams, Patch, PatchParams};
use kube::{Client, ResourceExt};
use serde_json::json;

use super::reconcile::{MANAGER, finish, wait};
use crate::args::{self, Global, Select};
use crate::kinds::Kind;
use crate::{cluster, progress, resource};

pub(crate) async fn suspend(global: &Global, select: &Select) -> Result<()> {
    let client = cluster::connect(global).await?;
    let (kind, names) = selected(&client, global, select).await?;
    for name in names {
        progress::action(&format!("suspending {} {name} in {} namespace", kind.name, global.namespace()));
        set(&client, kind, global, &name, true).await?;
        progress::done(&format!("{} suspended", kind.name));
    }
    Ok(())
}

pub(crate) async fn resume(global: &Global, select: &Select) -> Result<()> {
    let client = cluster::connect(global).await?;
    let (kind, names) = selected(&client, global, select).await?;
    for name in &names {
        progress::action(&format!("resuming {} {name} in {} namespace", kind.name, global.namespace()));
        set(&client, kind, global, name, false).await?;
        progress::done(&format!("{} resumed", kind.name));
    }
    if !kind.reconciles {
        return Ok(());
    }
    progress::waiting(&format!("waiting for {} reconciliation", kind.name));
    try_join_all(names.iter().map(|name| settled(&client, kind, global, name))).await?;
    Ok(())
}

async fn settled(client: &Client, kind: &Kind, global: &Global, name: &str) -> Result<()> {
    let is_done = |object: &kube::api::DynamicObject| resource::is_current(object) || resource::is_stalled(object);
    finish(kind, &wait(client, kind, &global.namespace(), name, global, is_done).await?)
}

/// The kind and the names that are meant; only those that exist.
async fn selected(client: &Client, global: &Global, select: &Select) -> Result<(&'static Kind, Vec<String>)> {
    let target = args::target(&select.target)?;
    let &[kind] = target.kinds.as_slice() else {
        bail!("one kind is needed\nhint: `weir suspend kustomization --all`")
    };
    if target.names.is_empty() != select.all {
        bail!("either names or `--all` are needed\nhint: `weir suspend {} NAME`", kind.lower());
    }
    if select.all {
        let objects = cluster::list(client, kind, Some(&global.namespace()), &ListParams::default()).await?;
        return Ok((kind, objects.iter().map(ResourceExt::name_any).collect()));
    }
    let mut names = Vec::new();
    for name in target.names {
        if cluster::api(client, kind, Some(&global.namespace())).get_opt(&name).await?.is_some() {
            names.push(name);
        } else {
            // Not an error, as in Flux's own CLI.
            progress::failed(&format!("{} `{name}` not found in {} namespace", kind.name, global.namespace()));
        }
    }
    Ok((kind, names))
}

async fn set(client: &Client, kind: &Kind, global: &Global, name: &str, suspend: bool) -> Result<()> {
    let patch = json!({"spec": {"suspend": suspend}});
    let params = PatchParams { field_manager: Some(MANAGER.to_owned()), ..PatchParams::default() };
    cluster::api(client, kind, Some(&global.namespace())).patch(name, &params, &Patch::Merge(patch)).await?;
    Ok(())
}

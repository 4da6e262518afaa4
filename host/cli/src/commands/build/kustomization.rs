//! `weir build kustomization`: what the engine would apply.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use kube::{Client, ResourceExt};
use serde_json::{Value, json};
use weir_api::Kustomization;
use weir_core::annotation::{OWNER_NAME, OWNER_NAMESPACE};
use weir_engine::preview;
use weir_plugin::Format;

use super::kustomize;
use crate::args::{Global, kustomize::Reach};
use crate::kinds::Kind;
use crate::{cluster, output};

pub(crate) struct Request<'a> {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) file: Option<&'a Path>,
    pub(crate) dry_run: bool,
    pub(crate) reach: Reach,
}

pub(crate) async fn run(global: &Global, request: &Request<'_>) -> Result<()> {
    let client = if request.dry_run { None } else { Some(cluster::connect(global).await?) };
    let kustomization = kustomization(global, request, client.as_ref()).await?;
    let namespace = kustomization.namespace().unwrap_or_else(|| global.namespace());
    let config = json!({"spec": kustomization.spec, "enableHelm": request.reach.enable_helm});
    let rendered = kustomize::render(&request.path, config, Format::Json, &request.reach, global.deadline()).await?;
    let read = |text: &String| serde_json::from_str::<Value>(text);
    let documents = rendered.documents.iter().map(read).collect::<Result<Vec<Value>, _>>()?;
    let objects = preview::objects(documents, &kustomization.spec, &namespace, client.as_ref()).await;
    let objects = objects.map_err(|failure| anyhow::anyhow!(failure.message))?;
    let labelled: Vec<Value> = objects
        .into_iter()
        .map(|mut object| {
            object.set_label(OWNER_NAME, &request.name);
            object.set_label(OWNER_NAMESPACE, &namespace);
            object.into_value()
        })
        .collect();
    output::write(&output::yaml_stream(&labelled))
}

/// From the file when one is given, else from the cluster.
async fn kustomization(global: &Global, request: &Request<'_>, client: Option<&Client>) -> Result<Kustomization> {
    let kind = Kind::named("Kustomization").expect("the table has it");
    let value = match (request.file, client) {
        (Some(file), _) => {
            let text = std::fs::read_to_string(file).with_context(|| format!("failed to read: {}", file.display()))?;
            find(&text, &request.name).with_context(|| format!("failed to read: {}", file.display()))?
        }
        (None, Some(client)) => {
            serde_json::to_value(cluster::get(client, kind, &global.namespace(), &request.name).await?)?
        }
        (None, None) => bail!("a dry run needs a file\nhint: `--kustomization-file FILE`"),
    };
    serde_json::from_value(value).with_context(|| format!("not a valid Kustomization: {}", request.name))
}

/// The Kustomization of this name in a file of many documents.
fn find(text: &str, name: &str) -> Result<Value> {
    for node in weir_yaml::parse_documents(text)? {
        let value = weir_yaml::to_json(&node, weir_yaml::Rules::Yaml11)?;
        let api_version = value["apiVersion"].as_str().unwrap_or_default();
        let is_flux = api_version.starts_with("kustomize.toolkit.fluxcd.io/");
        if is_flux && value["kind"] == "Kustomization" && value["metadata"]["name"] == name {
            return Ok(value);
        }
    }
    bail!("no Kustomization of this name: {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_may_hold_more() {
        let of = |group: &str, name: &str| {
            format!("---\napiVersion: {group}\nkind: Kustomization\nmetadata:\n  name: {name}\n")
        };
        let flux = "kustomize.toolkit.fluxcd.io/v1";
        let text = [of("kustomize.config.k8s.io/v1beta1", "apps"), of(flux, "other"), of(flux, "apps")].concat();
        let found = find(&text, "apps").unwrap();
        assert_eq!((&found["apiVersion"], &found["metadata"]["name"]), (&json!(flux), &json!("apps")));
        assert!(find(&text, "none").is_err());
    }
}

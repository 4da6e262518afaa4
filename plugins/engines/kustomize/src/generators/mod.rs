//! ConfigMaps and Secrets from literals and files, and resources from charts.

mod chart;
mod config_map;
mod data;
mod iam_policy;
mod merge;
mod pull;
mod secret;

use weir_yaml::{Node, Tag};

use crate::edit::set_field;
use crate::error::{Error, Result};
use crate::kustomization::{GeneratorArgs, GeneratorOptions};
use crate::loader::Loader;
use crate::resource::{Behavior, Resource};

pub(crate) use chart::{
    ChartGenerator, HELM_GENERATED, HelmChart, HelmGlobals, OldHelmChart, PLUGIN_NAME as CHART_PLUGIN,
};
pub(crate) use config_map::config_map;
pub(crate) use iam_policy::{IAM_POLICY_PLUGIN, IamPolicy};
pub(crate) use merge::{inherit_metadata, merge_data};
pub(crate) use secret::secret;

/// What makes resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GeneratorKind {
    ConfigMap,
    Secret,
}

impl GeneratorKind {
    pub(crate) fn plugin_name(self) -> &'static str {
        match self {
            GeneratorKind::ConfigMap => "ConfigMapGenerator",
            GeneratorKind::Secret => "SecretGenerator",
        }
    }

    pub(crate) fn generate(self, loader: &Loader<'_>, args: &GeneratorArgs) -> Result<Resource> {
        match self {
            GeneratorKind::ConfigMap => config_map(loader, args),
            GeneratorKind::Secret => secret(loader, args),
        }
    }
}

/// The options of one generator over those of all generators.
pub(crate) fn merged_options(
    local: Option<&GeneratorOptions>,
    global: Option<&GeneratorOptions>,
) -> Option<GeneratorOptions> {
    let Some(global) = global else { return local.cloned() };
    let mut merged = local.cloned().unwrap_or_default();
    for (key, value) in &global.labels {
        merged.labels.entry(key.clone()).or_insert_with(|| value.clone());
    }
    for (key, value) in &global.annotations {
        merged.annotations.entry(key.clone()).or_insert_with(|| value.clone());
    }
    merged.disable_name_suffix_hash |= global.disable_name_suffix_hash;
    merged.immutable |= global.immutable;
    Some(merged)
}

fn base_node(kind: &str, args: &GeneratorArgs) -> Result<Node> {
    if args.name.is_empty() {
        return Err(Error::refused("a configmap must have a name"));
    }
    let mut node = Node::mapping();
    node.push("apiVersion", Node::string("v1"));
    node.push("kind", Node::string(kind));
    let mut metadata = Node::mapping();
    metadata.push("name", Node::string(args.name.clone()));
    if !args.namespace.is_empty() {
        metadata.push("namespace", Node::string(args.namespace.clone()));
    }
    node.push("metadata", metadata);
    Ok(node)
}

/// Adds what the options say and makes the resource.
fn finish(mut node: Node, args: &GeneratorArgs) -> Result<Resource> {
    if let Some(options) = &args.options {
        for (field, entries) in [("labels", &options.labels), ("annotations", &options.annotations)] {
            for (key, value) in entries {
                let metadata = node.mapping_at("metadata").expect("generated resources have metadata");
                let map = metadata.mapping_at(field).expect("nothing else makes this field");
                set_field(map, key, Some(Node::string(value.clone())))?;
            }
        }
        if options.immutable {
            node.push("immutable", Node { tag: Tag::Bool, ..Node::scalar("true") });
        }
    }
    let mut resource = Resource::new(node);
    resource.needs_hash |= !args.options.as_ref().is_some_and(|options| options.disable_name_suffix_hash);
    resource.behavior = Behavior::parse(&args.behavior);
    Ok(resource)
}

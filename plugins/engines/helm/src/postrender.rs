//! Post-rendering with kustomize patches and images, as `spec.postRenderers` of a HelmRelease has it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use weir_kustomize::{BuildOptions, MemoryFs, SortOrder};
use weir_yaml::Node;

use crate::error::{Error, Result};
use crate::release::{Sorted, split};
use crate::{Helm, go_path};

/// Where a document came from, while kustomize has it.
const FILE: &str = "postrenderer.helm.sh/postrender-filename";
/// The one resource of the kustomization.
const INPUT: &str = "helm-output.yaml";

/// Fields of a kustomization that is built over what the chart rendered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PostRenderer {
    /// As in a kustomization.
    pub patches: Vec<Value>,
    /// As in a kustomization.
    pub images: Vec<Value>,
    /// Whole patches, as old HelmReleases have them.
    pub patches_strategic_merge: Vec<Value>,
    /// Lists of operations with a target, as old HelmReleases have them.
    pub patches_json6902: Vec<Value>,
}

/// What becomes of hooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostRenderStrategy {
    /// Hooks and manifests are rendered together: the default of Helm 4.
    Combined,
    /// Hooks are left as they are: what Helm 3 does.
    NoHooks,
    /// Hooks and manifests are rendered one after the other, so that both may hold the same object.
    Separate,
}

impl PostRenderer {
    /// Reads an entry of `spec.postRenderers`. `None` for one that is not kustomize's.
    pub fn from_spec(entry: &Value) -> Option<PostRenderer> {
        let kustomize = entry.get("kustomize")?;
        let list = |field: &str| kustomize.get(field).and_then(Value::as_array).cloned().unwrap_or_default();
        Some(PostRenderer {
            patches: list("patches"),
            images: list("images"),
            patches_strategic_merge: list("patchesStrategicMerge"),
            patches_json6902: list("patchesJson6902"),
        })
    }

    fn kustomization(&self) -> Value {
        let merges: Vec<Value> = self.patches_strategic_merge.iter().map(text_of).collect();
        let operations = self.patches_json6902.iter().map(|patch| {
            let mut patch = patch.clone();
            if let Some(operations) = patch.get("patch").map(text_of) {
                patch["patch"] = operations;
            }
            patch
        });
        json!({
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "resources": [INPUT],
            "images": self.images,
            "patches": self.patches,
            "patchesStrategicMerge": merges,
            "patchesJson6902": operations.collect::<Vec<_>>(),
        })
    }

    fn build(&self, stream: &str) -> Result<String> {
        let fs: MemoryFs = [(INPUT, stream)].into_iter().collect();
        let kustomization = Some(self.kustomization());
        let options = BuildOptions { kustomization, sort: SortOrder::Fifo, ..BuildOptions::default() };
        let resources = weir_kustomize::build(&fs, "", &options);
        let printed =
            resources.and_then(|all| all.iter().map(|one| one.to_yaml()).collect::<weir_kustomize::Result<Vec<_>>>());
        let printed = printed.map_err(|error| Error::manifest(error.chain()))?;
        Ok(printed.join("---\n"))
    }
}

/// A patch is a text for kustomize; one that is data is printed.
fn text_of(value: &Value) -> Value {
    match value {
        Value::String(_) => value.clone(),
        data => Value::String(weir_yaml::go_json(data)),
    }
}

/// Files by their paths.
pub(crate) type Files = Vec<(String, String)>;

/// Gives the rendered files to the post-renderers.
///
/// # Errors
/// Files that are not YAML, and what kustomize says.
pub(crate) fn apply(
    files: Files,
    renderers: &[PostRenderer],
    strategy: PostRenderStrategy,
    helm: Helm,
) -> Result<Files> {
    if renderers.is_empty() {
        return Ok(files);
    }
    if strategy == PostRenderStrategy::Combined {
        return group(&files, renderers, "", helm);
    }
    let Sorted { manifests, hooks, .. } =
        crate::release::sort(files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())), helm)?;
    let hooks = joined(hooks.into_iter().map(|hook| (hook.path, hook.manifest)));
    let manifests = joined(manifests.into_iter().map(|manifest| (manifest.path, manifest.content)));
    let hooks = match strategy {
        PostRenderStrategy::Separate => group(&hooks, renderers, "hooks", helm)?,
        _ => hooks,
    };
    let manifests = group(&manifests, renderers, "manifests", helm)?;
    Ok(joined(hooks.into_iter().chain(manifests)))
}

/// Documents by their files, those of one file together.
fn joined(documents: impl Iterator<Item = (String, String)>) -> Files {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for (path, text) in documents {
        files
            .entry(path)
            .and_modify(|file| {
                file.push_str("\n---\n");
                file.push_str(&text);
            })
            .or_insert(text);
    }
    files.into_iter().collect()
}

fn group(files: &Files, renderers: &[PostRenderer], name: &str, helm: Helm) -> Result<Files> {
    if files.is_empty() {
        return Ok(Files::new());
    }
    let what = if name.is_empty() { "manifests" } else { name };
    let mut stream = merged(files, helm).map_err(|error| error.during(format!("error merging {what}")))?;
    let place = if name.is_empty() { "files" } else { name };
    for renderer in renderers {
        let built = renderer.build(&stream);
        stream = built.map_err(|error| error.during(format!("error while running post render on {place}")))?;
    }
    Ok(by_file(&stream, name)?.into_iter().collect())
}

/// All documents in one stream, each with a note of its file.
fn merged(files: &Files, helm: Helm) -> Result<String> {
    let mut documents = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| !go_path::base(path).starts_with('_')) {
        for document in split(text, helm).into_iter().filter(|document| !document.trim().is_empty()) {
            let parsed = weir_yaml::parse_documents(document);
            let parsed = parsed.map_err(|error| Error::manifest(format!("parsing {path}: {error}")))?;
            for mut node in parsed {
                annotate(&mut node, path)?;
                documents.push(weir_yaml::to_string(&node));
            }
        }
    }
    Ok(documents.join("---\n"))
}

fn annotate(node: &mut Node, path: &str) -> Result<()> {
    let annotations = node.mapping_at("metadata").and_then(|metadata| metadata.mapping_at("annotations"));
    let Some(annotations) = annotations else {
        return Err(Error::manifest(format!("annotating {path}: wrong node kind: no mapping for annotations")));
    };
    annotations.remove(FILE);
    annotations.push(FILE, Node::string(path));
    Ok(())
}

/// The documents of a stream by the files that they came from; new ones get files of their own.
fn by_file(stream: &str, name: &str) -> Result<BTreeMap<String, String>> {
    let parsed = weir_yaml::parse_documents(stream);
    let parsed =
        parsed.map_err(|error| Error::manifest(format!("error while parsing post rendered output: {error}")))?;
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for (index, mut node) in parsed.into_iter().enumerate() {
        let prefix = if name.is_empty() { String::new() } else { format!("{name}-") };
        let path = take_note(&mut node).unwrap_or_else(|| format!("generated-by-postrender-{prefix}{index}.yaml"));
        let text = weir_yaml::to_string(&node);
        files
            .entry(path)
            .and_modify(|file| {
                file.push_str("---\n");
                file.push_str(&text);
            })
            .or_insert(text);
    }
    Ok(files)
}

fn take_note(node: &mut Node) -> Option<String> {
    let metadata = node.get_mut("metadata")?;
    let annotations = metadata.get_mut("annotations")?;
    let path = annotations.remove(FILE)?.text().to_owned();
    if annotations.is_empty() {
        metadata.remove("annotations");
    }
    Some(path)
}

use std::fmt;

use serde_json::{Map, Value, json};
use weir_yaml::Node;

use super::Transformer;
use super::patch_json::{self, parse_operations};
use super::patch_strategic_merge::{apply, apply_to_all};
use crate::error::{Error, Result, quoted};
use crate::jsonpatch::Operation;
use crate::kustomization::{self, Selector};
use crate::loader::Loader;
use crate::read;
use crate::resmap::ResMap;
use crate::resource::Resource;
use crate::schema::Schema;
use crate::selector::select;

enum Content {
    StrategicMerge(Vec<Resource>),
    Json(Vec<Operation>),
}

/// An entry of `patches`: a strategic merge patch or a JSON patch, told apart by what it looks like.
pub(crate) struct Patch {
    content: Content,
    target: Option<Selector>,
    source: Source,
}

/// Where a patch is written.
enum Source {
    Inline(String),
    File(String),
}

/// As messages name it.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Inline(text) => write!(f, "[patch: {}]", quoted(text)),
            Source::File(path) => write!(f, "[path: {}]", quoted(path)),
        }
    }
}

impl Patch {
    pub(crate) fn new(loader: &Loader<'_>, patch: &kustomization::Patch) -> Result<Patch> {
        let inline = patch.patch.trim();
        let options = patch.options.clone().unwrap_or_default();
        let (content, source) = match (inline, patch.path.as_str()) {
            ("", "") => {
                return Err(Error::refused(format!("must specify one of patch and path in\n{}", describe(patch))));
            }
            (text, "") => {
                let source = Source::Inline(text.to_owned());
                (content(text, &source, options)?, source)
            }
            ("", path) => {
                let text = loader
                    .load_text(path)
                    .map_err(|error| error.during(format!("failed to get the patch file from path({path})")))?;
                let source = Source::File(path.to_owned());
                (content(&text, &source, options)?, source)
            }
            _ => {
                return Err(Error::refused(format!(
                    "patch and path can't be set at the same time\n{}",
                    describe(patch)
                )));
            }
        };
        Ok(Patch { content, target: patch.target.clone(), source })
    }

    fn merge(&self, map: &mut ResMap, patches: &[Resource], schema: &Schema) -> Result<()> {
        let Some(target) = &self.target else {
            return patches.iter().try_for_each(|patch| merge_one(map, patch, schema));
        };
        match patches {
            [] => Ok(()),
            [patch] => {
                let positions = select(map, target)
                    .map_err(|error| error.during(format!("unable to find patch target {target:?} in `resources`")))?;
                apply_to_all(map, &positions, patch, schema)
            }
            _ => Err(Error::refused(format!(
                "Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set `patches.target` field: {}",
                self.source
            ))),
        }
    }
}

fn content(text: &str, source: &Source, options: kustomization::PatchOptions) -> Result<Content> {
    // A text that starts with an item is a list, and so no resource.
    let merge = if text.starts_with("- ") { Err(Error::refused("a list")) } else { read::resources(text) };
    // A text that starts with a letter is no list, and so no JSON patch.
    let is_merge = merge.is_ok() && text.starts_with(|first: char| first.is_ascii_alphabetic());
    let operations = if is_merge { Ok(None) } else { parse_operations(text) };
    match (merge, operations) {
        (Ok(patches), Ok(Some(operations))) if !patches.is_empty() && !operations.is_empty() => {
            Err(Error::refused(format!("illegally qualifies as both an SM and JSON patch: {source}")))
        }
        (Ok(mut patches), _) => {
            for patch in &mut patches {
                patch.allow_name_change = options.allow_name_change;
                patch.allow_kind_change = options.allow_kind_change;
            }
            Ok(Content::StrategicMerge(patches))
        }
        (Err(_), Ok(Some(operations))) => Ok(Content::Json(operations)),
        _ => Err(Error::refused(format!("unable to parse SM or JSON patch from {source}"))),
    }
}

fn merge_one(map: &mut ResMap, patch: &Resource, schema: &Schema) -> Result<()> {
    let id = patch.original_id();
    let position = map.patch_target(&id).map_err(|error| {
        error.during(format!("no resource matches strategic merge patch {}", quoted(&id.to_string())))
    })?;
    apply(map, position, patch, schema)
}

impl Transformer for Patch {
    fn transform(&self, map: &mut ResMap, schema: &Schema) -> Result<()> {
        match &self.content {
            Content::StrategicMerge(patches) => self.merge(map, patches, schema),
            Content::Json(operations) => {
                let Some(target) = &self.target else {
                    return Err(Error::refused(format!("must specify a target for JSON patch {}", self.source)));
                };
                let positions = select(map, target)?;
                positions.into_iter().try_for_each(|position| {
                    map.edit(position, |resource| {
                        resource.remember_id();
                        patch_json::apply(resource, operations)?;
                        restore_annotations(resource);
                        Ok(())
                    })
                })
            }
        }
    }
}

/// The original writes its notes back after the operations, and with them a mapping in place of whatever they left.
/// Where nothing can hold annotations any more, the notes are lost.
fn restore_annotations(resource: &mut Resource) {
    match resource.node.get_mut("metadata") {
        Some(metadata) if !metadata.is_mapping() => resource.forget_notes(),
        Some(metadata) => {
            if let Some(annotations) = metadata.get_mut("annotations").filter(|annotations| !annotations.is_mapping()) {
                *annotations = Node::mapping();
            }
        }
        None => {
            if let Some(metadata) = resource.node.mapping_at("metadata") {
                metadata.push("annotations", Node::mapping());
            }
        }
    }
}

/// The configuration of a patch as kustomize prints it in its refusals.
pub(crate) fn describe(patch: &kustomization::Patch) -> String {
    let mut fields = Map::new();
    for (name, value) in [("path", &patch.path), ("patch", &patch.patch)] {
        if !value.is_empty() {
            fields.insert(name.to_owned(), json!(value));
        }
    }
    if let Some(target) = &patch.target {
        let parts = [
            ("group", &target.group),
            ("version", &target.version),
            ("kind", &target.kind),
            ("name", &target.name),
            ("namespace", &target.namespace),
            ("annotationSelector", &target.annotation_selector),
            ("labelSelector", &target.label_selector),
        ];
        let set = parts.into_iter().filter(|(_, value)| !value.is_empty());
        let target: Map<String, Value> = set.map(|(key, value)| (key.to_owned(), json!(value))).collect();
        fields.insert("target".to_owned(), Value::Object(target));
    }
    weir_yaml::to_yaml(&Value::Object(fields))
}

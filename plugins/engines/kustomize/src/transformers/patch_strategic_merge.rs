use weir_yaml::Node;

use super::Transformer;
use crate::config::Segment;
use crate::edit;
use crate::error::{Error, Result};
use crate::loader::Loader;
use crate::merge::{DIRECTIVE, merge};
use crate::read;
use crate::resmap::ResMap;
use crate::resource::Resource;
use crate::schema::Schema;

/// The entries of `patchesStrategicMerge`, each written inline or named by path.
pub(crate) struct PatchStrategicMerge {
    patches: Vec<Resource>,
}

impl PatchStrategicMerge {
    pub(crate) fn new(loader: &Loader<'_>, paths: &[String], inline: &str) -> Result<PatchStrategicMerge> {
        if paths.is_empty() && inline.is_empty() {
            return Err(Error::refused("empty file path and empty patch content"));
        }
        let mut patches = Vec::new();
        for path in paths {
            patches.extend(match read::resources(path) {
                Ok(resources) => resources,
                Err(_) => read::resources(&loader.load_text(path)?).map_err(|error| error.in_file(path))?,
            });
        }
        if !inline.is_empty() {
            patches.extend(read::resources(inline)?);
        }
        if patches.is_empty() {
            let files = paths.join(" ");
            return Err(Error::refused(format!("patch appears to be empty; files=[{files}], Patch={inline}")));
        }
        Ok(PatchStrategicMerge { patches })
    }
}

impl Transformer for PatchStrategicMerge {
    fn transform(&self, map: &mut ResMap, schema: &Schema) -> Result<()> {
        for patch in &self.patches {
            let position = map.patch_target(&patch.original_id())?;
            apply_to_all(map, &[position], patch, schema)?;
        }
        Ok(())
    }
}

/// Applies a patch that a selector or a list of patches brought here: name, labels and annotations of the patch count as
/// texts, its kind may differ from the target's, and no two resources may have one id afterwards.
pub(super) fn apply_to_all(map: &mut ResMap, positions: &[usize], patch: &Resource, schema: &Schema) -> Result<()> {
    let mut normal = patch.clone();
    normalize(&mut normal)?;
    for (count, position) in positions.iter().enumerate() {
        let api_version = map.resources()[*position].api_version().to_owned();
        edit::set_field(&mut normal.node, "apiVersion", Some(Node::scalar(api_version)))?;
        let is_last = count + 1 == positions.len();
        let node = if is_last { std::mem::replace(&mut normal.node, Node::null()) } else { normal.node.clone() };
        map.edit(*position, |resource| merge_into(resource, &normal, node, schema))?;
    }
    map.drop_empty();
    map.check_unique()
}

fn normalize(patch: &mut Resource) -> Result<()> {
    for field in ["labels", "annotations"] {
        let all: Vec<(String, String)> = match field {
            "labels" => patch.labels().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
            _ => patch.annotations().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        };
        patch.set_map(field, all.iter().map(|(key, value)| (key.as_str(), value.as_str())))?;
    }
    let (name, namespace) = (patch.name().to_owned(), patch.namespace().to_owned());
    patch.set_name(&name)?;
    patch.set_namespace(&namespace)
}

/// Whether a patch takes the annotations away.
fn replaces_notes(patch: &Node) -> bool {
    let Some(metadata) = patch.get("metadata") else { return false };
    let is_directed = |node: &Node| {
        node.is_null() || node.get(DIRECTIVE).is_some_and(|value| matches!(value.text(), "replace" | "delete"))
    };
    is_directed(metadata) || metadata.get("annotations").is_some_and(is_directed)
}

/// Whether a patch has something else than a mapping for annotations.
fn has_odd_annotations(patch: &Node) -> bool {
    patch.lookup(&["metadata", "annotations"]).is_some_and(|annotations| !annotations.is_mapping())
}

/// Merges a patch into one resource. Its name, kind and namespace stay unless the patch may change them.
pub(super) fn apply(map: &mut ResMap, position: usize, patch: &Resource, schema: &Schema) -> Result<()> {
    map.edit(position, |resource| merge_into(resource, patch, patch.node.clone(), schema))
}

/// Whether a patch puts something new in the place of the mappings on the way to a field, or of the field itself.
fn replaces_field(content: &Node, path: &[Segment]) -> bool {
    let mut node = content;
    for segment in path {
        let Some(next) = node.get(&segment.name) else { return false };
        if next.get(DIRECTIVE).is_some_and(|directive| directive.text() == "replace") {
            return true;
        }
        node = next;
    }
    false
}

/// Merges the content of a patch, which decides with the rest of the patch what may change.
fn merge_into(resource: &mut Resource, patch: &Resource, content: Node, schema: &Schema) -> Result<()> {
    let (name, namespace, kind) =
        (resource.name().to_owned(), resource.namespace().to_owned(), resource.kind().to_owned());
    if patch.allow_name_change || patch.allow_kind_change {
        resource.remember_id();
        // The patch's notes are merged with it; nothing but messages shows them.
        resource.allow_name_change |= patch.allow_name_change;
        resource.allow_kind_change |= patch.allow_kind_change;
    }
    if replaces_notes(&content) {
        resource.forget_notes();
    } else if resource.has_notes() && has_odd_annotations(&content) {
        // What the notes are in cannot be merged with it.
        resource.node.mapping_at("metadata").and_then(|metadata| metadata.mapping_at("annotations"));
    }
    resource.unlink_where(|field| replaces_field(&content, field.segments()));
    let is_kept = resource.edit_linked(|resource| {
        let node = std::mem::replace(&mut resource.node, Node::null());
        let Some(merged) = merge(schema, node, content)? else { return Ok(false) };
        resource.node = merged;
        resource.is_patched = true;
        Ok(true)
    })?;
    if !is_kept {
        return Ok(());
    }
    if !patch.allow_kind_change {
        resource.set_kind(&kind)?;
    }
    if !patch.allow_name_change {
        resource.set_name(&name)?;
    }
    resource.set_namespace(&namespace)
}

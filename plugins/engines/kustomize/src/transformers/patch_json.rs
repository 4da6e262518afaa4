use serde_json::json;
use weir_yaml::{Node, from_json};

use super::Transformer;
use crate::edit::wrong_kind;
use crate::error::{During, Error, Result};
use crate::go_json;
use crate::jsonpatch::{self, Operation};
use crate::key_comments;
use crate::kustomization::{self, Patch, Selector};
use crate::loader::Loader;
use crate::resmap::ResMap;
use crate::resource::Resource;
use crate::schema::Schema;
use crate::selector::select;

/// An entry of `patchesJson6902`.
pub(crate) struct PatchJson6902 {
    target: Selector,
    operations: Vec<Operation>,
}

impl PatchJson6902 {
    pub(crate) fn new(loader: &Loader<'_>, patch: &Patch) -> Result<PatchJson6902> {
        let target = patch.target.clone().unwrap_or_default();
        if target.name.is_empty() {
            return Err(Error::refused("must specify the target name"));
        }
        let text = match (patch.path.as_str(), patch.patch.as_str()) {
            ("", "") => return Err(Error::refused("empty file path and empty jsonOp")),
            ("", text) => text.to_owned(),
            (path, "") => loader.load_text(path)?,
            _ => return Err(Error::refused("must specify a file path or jsonOp, not both")),
        };
        let operations = parse_operations(&text)
            .during(|| format!("decoding {text}"))?
            .ok_or_else(|| Error::refused("json: cannot unmarshal into Go value of type jsonpatch.Patch"))?;
        if operations.is_empty() {
            return Err(Error::refused(format!("patch appears to be empty; file={}, JsonOp={text}", patch.path)));
        }
        Ok(PatchJson6902 { target, operations })
    }
}

impl Transformer for PatchJson6902 {
    fn transform(&self, map: &mut ResMap, _: &Schema) -> Result<()> {
        let positions = select(map, &self.target)?;
        positions.into_iter().try_for_each(|position| {
            map.edit(position, |resource| {
                apply(resource, &self.operations)?;
                match resource.node.get("metadata") {
                    Some(metadata) if !metadata.is_null() && !metadata.is_mapping() => {
                        Err(wrong_kind("MappingNode", metadata))
                    }
                    _ => Ok(()),
                }
            })
        })
    }
}

/// The operations of a text in JSON or YAML; `None` when it is something else.
pub(super) fn parse_operations(text: &str) -> Result<Option<Vec<Operation>>> {
    if text.starts_with('[') {
        return Ok(jsonpatch::parse(&go_json::parse(text)?));
    }
    Ok(jsonpatch::parse(&kustomization::data(text)?))
}

/// Applies operations to the JSON form of a resource. Where the build has notes on the resource, annotations exist, so
/// that a path into them is valid. A resource that is refused is lost.
pub(super) fn apply(resource: &mut Resource, operations: &[Operation]) -> Result<()> {
    key_comments::check(resource)?;
    let node = std::mem::replace(&mut resource.node, Node::null());
    let mut node = weir_yaml::through_json(node).map_err(Error::Data)?;
    if resource.has_notes()
        && let Some(metadata) = node.get_mut("metadata").filter(|metadata| metadata.is_mapping())
        && metadata.get("annotations").is_none_or(Node::is_null)
    {
        jsonpatch::set(metadata, "annotations", from_json(json!({})));
    }
    jsonpatch::apply(&mut node, operations)?;
    go_json::write_floats(&mut node);
    resource.node = node;
    resource.linked.clear();
    // Comments do not survive this.
    resource.source = None;
    resource.is_patched = true;
    Ok(())
}

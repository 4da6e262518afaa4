use weir_yaml::{Kind, Node};

use super::{Namespace, SubjectMode, Transformer};
use crate::config::FieldSpecs;
use crate::edit::{set_scalar, split_path, wrong_kind};
use crate::error::{Error, Result};
use crate::field::Fields;
use crate::kustomization::Selector;
use crate::resmap::ResMap;
use crate::resource::Resource;
use crate::schema::Schema;
use crate::selector::select;

/// A field that gets the value.
pub(crate) struct AddTarget {
    pub(crate) selector: Option<Selector>,
    pub(crate) field_path: String,
    /// Which part of a path to replace, from 1; 0 replaces everything.
    pub(crate) position: usize,
}

/// Writes a value into fields, or into one part of a path in them.
pub(crate) struct ValueAdd {
    pub(crate) value: String,
    pub(crate) targets: Vec<AddTarget>,
}

impl Transformer for ValueAdd {
    fn transform(&self, map: &mut ResMap, _: &Schema) -> Result<()> {
        for target in &self.targets {
            let positions = match &target.selector {
                Some(selector) => select(map, selector)?,
                None => (0..map.resources().len()).collect(),
            };
            let resources = map.resources_mut();
            positions.into_iter().try_for_each(|position| self.apply(&mut resources[position], target))?;
        }
        Ok(())
    }
}

impl ValueAdd {
    fn apply(&self, resource: &mut Resource, target: &AddTarget) -> Result<()> {
        if target.field_path == "metadata/namespace" {
            let namespace = Namespace {
                namespace: self.value.clone(),
                fields: FieldSpecs::default(),
                unset_only: false,
                subjects: SubjectMode::DefaultOnly,
            };
            return namespace.apply(resource, &mut Fields::new(&[]));
        }
        let field = create(&mut resource.node, &split_path(&target.field_path, '/'))?;
        let value = match target.position {
            0 => self.value.clone(),
            position => insert_part(field.text(), position - 1, &self.value),
        };
        set_scalar(field, Node::scalar(value))
    }
}

fn create<'a>(node: &'a mut Node, path: &[String]) -> Result<&'a mut Node> {
    let parts: Vec<&str> = path.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
    let mut node = node;
    for (index, part) in parts.iter().copied().enumerate() {
        if part == "*" {
            return Err(Error::refused("wildcard is not supported in PathGetter"));
        }
        if !node.is_mapping() {
            return Err(wrong_kind("MappingNode", node));
        }
        if node.get(part).is_none() {
            let kind = if index + 1 == parts.len() { Node::scalar("") } else { Node::mapping() };
            node.push(part, kind);
        }
        node = node.get_mut(part).ok_or_else(|| Error::refused("fieldPath cannot be empty"))?;
    }
    match node.kind {
        Kind::Scalar(_) => Ok(node),
        _ => Err(wrong_kind("ScalarNode", node)),
    }
}

/// Puts a name before the part of a path at a position.
fn insert_part(path: &str, position: usize, name: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    parts.insert(position.min(parts.len()), name);
    format!("{}{}", if absolute { "/" } else { "" }, parts.join("/"))
}

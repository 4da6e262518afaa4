use weir_yaml::Node;

use super::path_match::lookup_or_create;
use super::{Namespace, SubjectMode, Transformer};
use crate::config::FieldSpecs;
use crate::edit::{set_scalar, split_path};
use crate::error::Result;
use crate::field::Fields;
use crate::kustomization::Selector;
use crate::resmap::ResMap;
use crate::resource::Resource;
use crate::schema::Schema;
use crate::selector::select;

const ANNOTATIONS: [&str; 2] = ["metadata", "annotations"];

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
        let path = split_path(&target.field_path, '/');
        if path == ANNOTATIONS {
            resource.make_field_of_notes();
        }
        let add = |node: &mut Node| self.add(node, &path, target.position);
        add(&mut resource.node).map_err(|error| resource.show_notes(error, add))
    }

    fn add(&self, node: &mut Node, path: &[String], position: usize) -> Result<()> {
        let Some(field) = lookup_or_create(node, path)? else { return Ok(()) };
        let value = match position {
            0 => self.value.clone(),
            position => insert_part(field.text(), position - 1, &self.value),
        };
        set_scalar(field, Node::scalar(value))
    }
}

/// Puts a name before the part of a path at a position.
fn insert_part(path: &str, position: usize, name: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    parts.insert(position.min(parts.len()), name);
    format!("{}{}", if absolute { "/" } else { "" }, parts.join("/"))
}

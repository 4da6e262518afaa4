use std::collections::BTreeMap;

use weir_yaml::{Node, Style};

use super::Transformer;
use crate::config::{FieldSpec, FieldSpecs};
use crate::edit::set_field;
use crate::error::Result;
use crate::field::{Create, Fields, visit_alone};
use crate::resmap::ResMap;
use crate::resource::{LinkedEntry, Resource};
use crate::schema::Schema;

/// Sets labels in every labels field (and selector) that the specifications name.
pub(crate) struct Labels {
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) fields: FieldSpecs,
}

impl Transformer for Labels {
    fn transform(&self, map: &mut ResMap, _: &Schema) -> Result<()> {
        let mut fields = Fields::new(&self.fields);
        map.contents_mut().iter_mut().try_for_each(|resource| set_entries(resource, &mut fields, &self.labels))
    }
}

/// Sets string entries of the mappings that the specifications name.
pub(super) fn set_entries(
    resource: &mut Resource,
    fields: &mut Fields<'_>,
    entries: &BTreeMap<String, String>,
) -> Result<()> {
    let specs = fields.of(resource.gvk());
    for (key, value) in entries {
        let mut added: Vec<FieldSpec> = Vec::new();
        let mut style = Style::Plain;
        for spec in specs.iter() {
            let mut is_new = None;
            visit_alone(resource, spec, Create::Mapping, &mut |node| {
                let existing = node.get(key);
                is_new = Some(existing.is_none());
                style = existing.map_or(style, |existing| existing.style);
                set_field(node, key, Some(Node { style, ..Node::string(value.clone()) }))
            })?;
            if is_new == Some(true) {
                added.push((*spec).clone());
            } else {
                resource.is_patched |= is_new.is_some();
                set_linked(resource, spec, key, value)?;
            }
        }
        if style != Style::Plain {
            // The one node in all new places takes its style from the places that were there.
            added.iter().try_for_each(|spec| set_style(resource, spec, key, style))?;
        }
        if added.len() > 1 {
            resource.linked.push(LinkedEntry { key: key.clone(), fields: added });
        }
    }
    Ok(())
}

fn set_style(resource: &mut Resource, spec: &FieldSpec, key: &str, style: Style) -> Result<()> {
    visit_alone(resource, spec, Create::Nothing, &mut |node| {
        node.get_mut(key).into_iter().for_each(|value| value.style = style);
        Ok(())
    })
}

/// Sets an entry in the other places that it was added to together with this one.
fn set_linked(resource: &mut Resource, spec: &FieldSpec, key: &str, value: &str) -> Result<()> {
    let is_linked = |entry: &&LinkedEntry| entry.key == key && entry.fields.iter().any(|field| field.path == spec.path);
    let fields: Vec<FieldSpec> =
        resource.linked.iter().filter(is_linked).flat_map(|entry| entry.fields.iter().cloned()).collect();
    for field in fields.iter().filter(|field| field.path != spec.path) {
        visit_alone(resource, field, Create::Nothing, &mut |node| match node.get(key) {
            Some(_) => set_field(node, key, Some(Node::string(value))),
            None => Ok(()),
        })?;
    }
    Ok(())
}

use std::collections::BTreeMap;

use super::Transformer;
use crate::config::FieldSpec;
use crate::error::Result;
use crate::field::{Create, Fields, visit};
use crate::resmap::ResMap;
use crate::resource::Resource;
use crate::schema::Schema;
use crate::edit::set_field;
use weir_yaml::Node;

/// Sets labels in every labels field (and selector) that the specifications name.
pub(crate) struct Labels {
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) fields: Vec<FieldSpec>,
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
    let specs = fields.of(&resource.gvk());
    for (key, value) in entries {
        for spec in specs.iter() {
            visit(resource, spec, Create::Mapping, &mut |node| {
                set_field(node, key, Some(Node::string(value.clone())))
            })?;
        }
    }
    Ok(())
}

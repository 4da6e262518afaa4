use weir_yaml::Node;

use super::Transformer;
use crate::config::{FieldSpec, FieldSpecs};
use crate::edit::set_scalar;
use crate::error::Result;
use crate::field::{Create, Fields, visit};
use crate::id::GvkView;
use crate::resmap::ResMap;
use crate::resource::Resource;
use crate::schema::Schema;

const METADATA_NAME: &str = "metadata/name";

/// Puts something before or after names.
pub(crate) enum Affix {
    Prefix { text: String, fields: FieldSpecs },
    Suffix { text: String, fields: FieldSpecs },
}

/// Kinds whose names mean something outside of the build.
fn is_skipped(gvk: GvkView<'_>) -> bool {
    match gvk.kind {
        "CustomResourceDefinition" | "Namespace" => true,
        "APIService" => gvk.group == "apiregistration.k8s.io",
        _ => false,
    }
}

impl Affix {
    fn fields(&self) -> &[FieldSpec] {
        match self {
            Affix::Prefix { fields, .. } | Affix::Suffix { fields, .. } => fields,
        }
    }

    fn remember(&self, resource: &mut Resource) {
        let (text, list) = match self {
            Affix::Prefix { text, .. } => (text, &mut resource.prefixes),
            Affix::Suffix { text, .. } => (text, &mut resource.suffixes),
        };
        if !text.is_empty() {
            list.push(text.clone());
            resource.remember_id();
        }
    }

    fn apply(&self, node: &mut Node) -> Result<()> {
        let name = node.text();
        let name = match self {
            Affix::Prefix { text, .. } => format!("{text}{name}"),
            Affix::Suffix { text, .. } => format!("{name}{text}"),
        };
        set_scalar(node, Node::scalar(name))
    }
}

impl Transformer for Affix {
    fn transform(&self, map: &mut ResMap, _: &Schema) -> Result<()> {
        let mut fields = Fields::new(self.fields());
        for resource in map.resources_mut() {
            let original = resource.original_key().gvk;
            if is_skipped(original) {
                continue;
            }
            for spec in fields.of(original).iter() {
                if &*spec.path == METADATA_NAME {
                    self.remember(resource);
                }
                if resource.gvk().is_selected_by(&spec.gvk) {
                    visit(resource, spec, Create::String, &mut |node| self.apply(node))?;
                }
            }
        }
        Ok(())
    }
}

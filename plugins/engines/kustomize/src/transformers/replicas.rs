use weir_yaml::{Node, Tag};

use super::Transformer;
use crate::config::FieldSpec;
use crate::edit::set_scalar;
use crate::error::{Error, Result};
use crate::field::{Create, visit};
use crate::id::{Gvk, ResId};
use crate::kustomization::Replica;
use crate::resmap::ResMap;
use crate::schema::Schema;

/// Sets the number of replicas of the resources with a name, past or present.
pub(crate) struct Replicas {
    pub(crate) replica: Replica,
    pub(crate) fields: Vec<FieldSpec>,
}

impl Transformer for Replicas {
    fn transform(&self, map: &mut ResMap, _: &Schema) -> Result<()> {
        let mut found = false;
        let is_named = |id: &ResId, gvk: &Gvk| id.name == self.replica.name && id.gvk.is_selected_by(gvk);
        for spec in &self.fields {
            for resource in map.contents_mut() {
                let named =
                    is_named(&resource.id(), &spec.gvk) || resource.previous_ids().any(|id| is_named(&id, &spec.gvk));
                if !named {
                    continue;
                }
                found = true;
                if resource.gvk().is_selected_by(&spec.gvk) {
                    let count = Node { tag: Tag::Int, ..Node::scalar(self.replica.count.to_string()) };
                    visit(resource, spec, Create::Int, &mut |node| set_scalar(node, count.clone()))?;
                }
            }
        }
        if found {
            return Ok(());
        }
        let kinds: Vec<String> = self.fields.iter().map(|spec| spec.gvk.to_string()).collect();
        Err(Error::refused(format!(
            "resource with name {} does not match a config with the following GVK [{}]",
            self.replica.name,
            kinds.join(" ")
        )))
    }
}

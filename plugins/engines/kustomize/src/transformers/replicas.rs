use weir_yaml::{Node, Tag};

use super::Transformer;
use crate::config::FieldSpecs;
use crate::edit::set_scalar;
use crate::error::{Error, Result};
use crate::field::{Create, visit};
use crate::id::Key;
use crate::kustomization::Replica;
use crate::resmap::ResMap;
use crate::resource::Resource;
use crate::schema::Schema;

/// Sets the number of replicas of the resources with a name, past or present.
pub(crate) struct Replicas {
    pub(crate) replica: Replica,
    pub(crate) fields: FieldSpecs,
}

impl Transformer for Replicas {
    fn transform(&self, map: &mut ResMap, _: &Schema) -> Result<()> {
        let mut found = false;
        let is_named = |resource: &Resource| {
            let is_it = |name: &str| name == self.replica.name;
            is_it(resource.name()) || resource.previous.iter().any(|previous| is_it(&previous.name))
        };
        let mut named: Vec<&mut Resource> =
            map.contents_mut().iter_mut().filter(|resource| is_named(resource)).collect();
        for spec in self.fields.iter() {
            for resource in named.iter_mut() {
                let has_kind = |key: Key<'_>| key.name == self.replica.name && key.gvk.is_selected_by(&spec.gvk);
                if !has_kind(resource.key()) && !resource.previous_keys().any(has_kind) {
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

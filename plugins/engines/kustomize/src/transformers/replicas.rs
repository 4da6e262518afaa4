use hashbrown::HashMap;

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

/// Sets the number of replicas of the resources with a name, past or present; for one name after the other.
pub(crate) struct Replicas {
    pub(crate) replicas: Vec<Replica>,
    pub(crate) fields: FieldSpecs,
}

impl Transformer for Replicas {
    fn transform(&self, map: &mut ResMap, _: &Schema) -> Result<()> {
        let named = self.named(map);
        let resources = map.contents_mut();
        self.replicas.iter().try_for_each(|replica| self.set(replica, resources, &named[replica.name.as_str()]))
    }
}

impl Replicas {
    /// Where the resources with each of the names are: found in one pass, as both lists may be long.
    fn named(&self, map: &ResMap) -> HashMap<&str, Vec<usize>> {
        let mut named: HashMap<&str, Vec<usize>> =
            self.replicas.iter().map(|replica| (replica.name.as_str(), Vec::new())).collect();
        for (position, resource) in map.resources().iter().enumerate() {
            let previous = resource.previous.iter().map(|previous| previous.name.as_str());
            for name in previous.chain([resource.name()]) {
                if let Some(positions) = named.get_mut(name).filter(|positions| positions.last() != Some(&position)) {
                    positions.push(position);
                }
            }
        }
        named
    }

    fn set(&self, replica: &Replica, resources: &mut [Resource], named: &[usize]) -> Result<()> {
        let mut found = false;
        for spec in self.fields.iter() {
            for &position in named {
                let resource = &mut resources[position];
                let has_kind = |key: Key<'_>| key.name == replica.name && key.gvk.is_selected_by(&spec.gvk);
                if !has_kind(resource.key()) && !resource.previous_keys().any(has_kind) {
                    continue;
                }
                found = true;
                if resource.gvk().is_selected_by(&spec.gvk) {
                    let count = Node { tag: Tag::Int, ..Node::scalar(replica.count.to_string()) };
                    visit(resource, spec, Create::Int, &mut |node| set_scalar(node, count.clone()))?;
                    resource.is_patched = true;
                }
            }
        }
        if found {
            return Ok(());
        }
        let kinds: Vec<String> = self.fields.iter().map(|spec| spec.gvk.to_string()).collect();
        Err(Error::refused(format!(
            "resource with name {} does not match a config with the following GVK [{}]",
            replica.name,
            kinds.join(" ")
        )))
    }
}

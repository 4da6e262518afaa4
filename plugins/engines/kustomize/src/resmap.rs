use std::collections::HashMap;

use crate::error::{Error, Result};
use crate::generators;
use crate::id::{Key, ResId};
use crate::resource::{Behavior, Resource};

/// The resources of a build in order, found by id without a scan.
#[derive(Clone, Debug, Default)]
pub(crate) struct ResMap {
    resources: Vec<Resource>,
    current: Option<HashMap<Key, Vec<usize>>>,
    any: Option<HashMap<Key, Vec<usize>>>,
}

impl ResMap {
    pub(crate) fn new(resources: Vec<Resource>) -> Result<ResMap> {
        let mut map = ResMap::default();
        map.append_all(resources)?;
        Ok(map)
    }

    pub(crate) fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// The resources, to change anything but their ids.
    pub(crate) fn contents_mut(&mut self) -> &mut [Resource] {
        &mut self.resources
    }

    /// The resources, to change anything.
    pub(crate) fn resources_mut(&mut self) -> &mut Vec<Resource> {
        self.current = None;
        self.any = None;
        &mut self.resources
    }

    pub(crate) fn into_resources(self) -> Vec<Resource> {
        self.resources
    }

    /// Appends a resource whose id must be new.
    pub(crate) fn append(&mut self, resource: Resource) -> Result<()> {
        let id = resource.id();
        let index = self.resources.len();
        let positions = self.current_index().entry(id.key()).or_default();
        if !positions.is_empty() {
            return Err(Error::refused(format!("may not add resource with an already registered id: {id}")));
        }
        positions.push(index);
        self.any = None;
        self.resources.push(resource);
        Ok(())
    }

    pub(crate) fn append_all(&mut self, resources: Vec<Resource>) -> Result<()> {
        resources.into_iter().try_for_each(|resource| self.append(resource))
    }

    fn current_index(&mut self) -> &mut HashMap<Key, Vec<usize>> {
        let resources = &self.resources;
        self.current.get_or_insert_with(|| {
            let mut index: HashMap<Key, Vec<usize>> = HashMap::with_capacity(resources.len());
            for (position, resource) in resources.iter().enumerate() {
                index.entry(resource.id().key()).or_default().push(position);
            }
            index
        })
    }

    fn any_index(&mut self) -> &HashMap<Key, Vec<usize>> {
        let resources = &self.resources;
        self.any.get_or_insert_with(|| {
            let mut index: HashMap<Key, Vec<usize>> = HashMap::with_capacity(resources.len());
            for (position, resource) in resources.iter().enumerate() {
                for id in resource.previous_ids().chain([resource.id()]) {
                    let positions = index.entry(id.key()).or_default();
                    if positions.last() != Some(&position) {
                        positions.push(position);
                    }
                }
            }
            index
        })
    }

    /// Positions of the resources that have, or once had, this id.
    pub(crate) fn with_any_id(&mut self, id: &ResId) -> Vec<usize> {
        self.any_index().get(&id.key()).cloned().unwrap_or_default()
    }

    /// Positions of the resources that have this id now.
    pub(crate) fn with_current_id(&mut self, id: &ResId) -> Vec<usize> {
        self.current_index().get(&id.key()).cloned().unwrap_or_default()
    }

    /// The position of the resource that has this id now.
    pub(crate) fn position(&mut self, id: &ResId) -> Option<usize> {
        self.current_index().get(&id.key())?.first().copied()
    }

    /// The one resource that a patch names.
    pub(crate) fn patch_target(&mut self, id: &ResId) -> Result<usize> {
        let problem = match self.with_any_id(id)[..] {
            [position] => return Ok(position),
            [] => "no matches",
            _ => "multiple matches",
        };
        Err(Error::refused(format!("{problem} for Id {id}; failed to find unique target for patch {id}")))
    }

    /// Drops resources that patches emptied.
    pub(crate) fn drop_empty(&mut self) {
        if self.resources.iter().any(|resource| resource.node.is_empty()) {
            self.resources_mut().retain(|resource| !resource.node.is_empty());
        }
    }

    /// Adds generated resources, each by its own behavior.
    pub(crate) fn absorb(&mut self, resource: Resource) -> Result<()> {
        let id = resource.id();
        let positions = self.with_any_id(&id);
        match (positions[..].first(), positions.len()) {
            (None, _) => match resource.behavior {
                Behavior::Merge | Behavior::Replace => {
                    Err(Error::refused(format!("id {} does not exist; cannot merge or replace", id.go_syntax())))
                }
                Behavior::Create | Behavior::Unspecified | Behavior::NotGenerated => self.append(resource),
            },
            (Some(&position), 1) => self.absorb_into(position, resource),
            _ => Err(Error::refused(format!("found multiple objects that could accept merge of {id}"))),
        }
    }

    fn absorb_into(&mut self, position: usize, mut resource: Resource) -> Result<()> {
        let old = &self.resources[position];
        match resource.behavior {
            Behavior::Replace => generators::inherit_metadata(&mut resource, old)?,
            Behavior::Merge => generators::merge_data(&mut resource, old)?,
            Behavior::Create | Behavior::Unspecified | Behavior::NotGenerated => {
                return Err(Error::refused(format!(
                    "id {} exists; can not use behavior: '{}', behavior must be merge or replace",
                    resource.id().go_syntax(),
                    resource.behavior.name()
                )));
            }
        }
        self.resources_mut()[position] = resource;
        Ok(())
    }
}

mod index;

use crate::error::{Error, Result};
use crate::generators;
use crate::id::{Key, ResId};
use crate::resource::{Behavior, Resource};

use index::Index;

/// The resources of a build in order, found by id without a scan.
#[derive(Clone, Debug, Default)]
pub(crate) struct ResMap {
    resources: Vec<Resource>,
    current: Option<Index>,
    any: Option<Index>,
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

    /// Changes anything of one resource. What is known of the ids is kept when the present id stays: that it was noted
    /// as a previous id adds nothing.
    pub(crate) fn edit<T>(&mut self, position: usize, change: impl FnOnce(&mut Resource) -> Result<T>) -> Result<T> {
        let resource = &mut self.resources[position];
        let before = resource.id();
        let result = change(resource);
        if resource.key() != before.key() {
            self.resources_mut();
        }
        result
    }

    pub(crate) fn into_resources(self) -> Vec<Resource> {
        self.resources
    }

    /// Appends a resource whose id must be new.
    pub(crate) fn append(&mut self, resource: Resource) -> Result<()> {
        let position = self.resources.len();
        if !self.positions_now(resource.key()).is_empty() {
            return Err(registered(&resource));
        }
        if let Some(current) = &mut self.current {
            current.insert(resource.key(), position);
        }
        if let Some(any) = &mut self.any {
            any_keys(&resource).for_each(|key| any.insert(key, position));
        }
        self.resources.push(resource);
        Ok(())
    }

    pub(crate) fn append_all(&mut self, resources: Vec<Resource>) -> Result<()> {
        self.resources.reserve(resources.len());
        resources.into_iter().try_for_each(|resource| self.append(resource))
    }

    fn current_index(&mut self) -> &Index {
        let resources = &self.resources;
        self.current.get_or_insert_with(|| Index::new(resources, |resource| [resource.key()]))
    }

    fn any_index(&mut self) -> &Index {
        let resources = &self.resources;
        self.any.get_or_insert_with(|| Index::new(resources, any_keys))
    }

    /// Positions of the resources that have, or once had, this id.
    pub(crate) fn with_any_id(&mut self, id: &ResId) -> Vec<usize> {
        self.any_index();
        let Some(any) = &self.any else { return Vec::new() };
        any.positions(id.key(), |position| any_keys(&self.resources[position]).any(|key| key == id.key()))
    }

    /// Positions of the resources that have this id now.
    pub(crate) fn with_current_id(&mut self, id: &ResId) -> Vec<usize> {
        self.positions_now(id.key())
    }

    fn positions_now(&mut self, key: Key<'_>) -> Vec<usize> {
        self.current_index();
        let Some(current) = &self.current else { return Vec::new() };
        current.positions(key, |position| self.resources[position].key() == key)
    }

    /// The position of the resource that has this id now.
    pub(crate) fn position(&mut self, id: &ResId) -> Option<usize> {
        self.positions_now(id.key()).first().copied()
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

    /// # Errors
    /// Two resources have the same id.
    pub(crate) fn check_unique(&mut self) -> Result<()> {
        // What was found once holds until an id changes, and then there is another index.
        let resources = &self.resources;
        let index = self.current.get_or_insert_with(|| Index::new(resources, |resource| [resource.key()]));
        match index.repeated(|position| resources[position].key()) {
            Some(position) => Err(registered(&resources[position])),
            None => Ok(()),
        }
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
            _ => {
                let all: Vec<String> = positions.iter().map(|position| self.resources[*position].describe()).collect();
                let all = all.join(" ");
                Err(Error::refused(format!("found multiple objects [{all}] that could accept merge of {id}")))
            }
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
        if !any_keys(&resource).eq(any_keys(&self.resources[position])) {
            self.resources_mut();
        }
        self.resources[position] = resource;
        Ok(())
    }
}

fn registered(resource: &Resource) -> Error {
    Error::refused(format!("may not add resource with an already registered id: {}", resource.id()))
}

/// The keys of all ids that a resource has or had.
fn any_keys(resource: &Resource) -> impl Iterator<Item = Key<'_>> {
    resource.previous_keys().chain([resource.key()])
}

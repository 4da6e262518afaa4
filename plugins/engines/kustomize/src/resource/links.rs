//! Entries that are one and the same in several places of a resource.

use weir_yaml::Node;

use super::Resource;
use crate::config::{FieldSpec, Segment};
use crate::error::Result;

/// An entry added to several mappings at once. Kustomize puts the same node into each of them, so that a later
/// transformer that sets it in one place sets it in all of them.
#[derive(Clone, Debug)]
pub(crate) struct LinkedEntry {
    pub(crate) key: String,
    pub(crate) fields: Vec<FieldSpec>,
}

impl Resource {
    /// Whether a path leads through a mapping with linked entries.
    pub(crate) fn has_links_above(&self, path: &[Segment]) -> bool {
        let is_above = |field: &FieldSpec| {
            let above = field.segments();
            above.len() <= path.len() && above.iter().zip(path).all(|(above, part)| above.name == part.name)
        };
        self.linked.iter().flat_map(|link| &link.fields).any(is_above)
    }

    /// Makes an edit. Linked entries that it changes in one place change in the others.
    pub(crate) fn edit_linked<T>(&mut self, edit: impl FnOnce(&mut Resource) -> Result<T>) -> Result<T> {
        if self.linked.is_empty() {
            return edit(self);
        }
        let before = self.linked_values();
        let edited = edit(self)?;
        self.follow_links(&before);
        Ok(edited)
    }

    /// The values of entries that are linked, by field and place.
    fn linked_values(&self) -> Vec<Vec<Vec<Node>>> {
        let values = |link: &LinkedEntry, field: &FieldSpec| self.linked_to(link, field).into_iter().cloned().collect();
        self.linked.iter().map(|link| link.fields.iter().map(|field| values(link, field)).collect()).collect()
    }

    /// A field may be in several items of a list.
    fn linked_to(&self, link: &LinkedEntry, field: &FieldSpec) -> Vec<&Node> {
        let mut values = Vec::new();
        collect_entries(&self.node, field.segments(), &link.key, &mut values);
        values
    }

    /// After something changed linked entries in one place, they change in the others. The last place wins.
    fn follow_links(&mut self, before: &[Vec<Vec<Node>>]) {
        let links = std::mem::take(&mut self.linked);
        for (link, old) in links.iter().zip(before) {
            let mut places: Vec<(&FieldSpec, &Vec<Node>)> = link.fields.iter().zip(old).collect();
            places.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
            let changed = places.iter().rev().find_map(|(field, old)| {
                let now = self.linked_to(link, field);
                now.into_iter().zip(*old).rev().find(|(new, old)| new != old).map(|(new, _)| new.clone())
            });
            let Some(changed) = changed else { continue };
            for field in &link.fields {
                set_entries(&mut self.node, field.segments(), &link.key, &changed);
            }
        }
        self.linked = links;
    }

    /// What is written anew is no longer linked to others.
    pub(crate) fn unlink_where(&mut self, is_new: impl Fn(&FieldSpec) -> bool) {
        for link in &mut self.linked {
            link.fields.retain(|field| !is_new(field));
        }
    }
}

/// The entries with a key at the end of a path, in every item of the lists on the way.
fn collect_entries<'n>(node: &'n Node, path: &[Segment], key: &str, found: &mut Vec<&'n Node>) {
    match path.split_first() {
        None => found.extend(node.get(key)),
        Some(_) if node.is_sequence() => node.items().iter().for_each(|item| collect_entries(item, path, key, found)),
        Some((segment, rest)) => {
            node.get(&segment.name).into_iter().for_each(|next| collect_entries(next, rest, key, found));
        }
    }
}

/// Changes what [`collect_entries`] finds.
fn set_entries(node: &mut Node, path: &[Segment], key: &str, value: &Node) {
    match path.split_first() {
        None => node.get_mut(key).into_iter().for_each(|entry| entry.clone_from(value)),
        Some(_) if node.is_sequence() => {
            node.items_mut().into_iter().flatten().for_each(|item| set_entries(item, path, key, value));
        }
        Some((segment, rest)) => {
            node.get_mut(&segment.name).into_iter().for_each(|next| set_entries(next, rest, key, value));
        }
    }
}

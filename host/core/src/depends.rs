//! The `dependsOn` graph: who waits for whom, and cycles.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::ObjectKey;

/// Edges from an object to what it depends on, and back.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    dependencies: BTreeMap<ObjectKey, BTreeSet<ObjectKey>>,
    dependants: BTreeMap<ObjectKey, BTreeSet<ObjectKey>>,
}

impl Graph {
    /// Replaces what `key` depends on; an empty list forgets it.
    pub fn set(&mut self, key: &ObjectKey, on: impl IntoIterator<Item = ObjectKey>) {
        for old in self.dependencies.remove(key).unwrap_or_default() {
            if let Some(set) = self.dependants.get_mut(&old) {
                set.remove(key);
                if set.is_empty() {
                    self.dependants.remove(&old);
                }
            }
        }
        let new: BTreeSet<ObjectKey> = on.into_iter().collect();
        for dependency in &new {
            self.dependants.entry(dependency.clone()).or_default().insert(key.clone());
        }
        if !new.is_empty() {
            self.dependencies.insert(key.clone(), new);
        }
    }

    /// Who depends on `key` directly.
    pub fn dependants(&self, key: &ObjectKey) -> impl Iterator<Item = &ObjectKey> {
        self.dependants.get(key).into_iter().flatten()
    }

    /// The shortest cycle through `key`, starting and ending with it.
    pub fn cycle(&self, key: &ObjectKey) -> Option<Vec<ObjectKey>> {
        let mut came_from: BTreeMap<&ObjectKey, &ObjectKey> = BTreeMap::new();
        let mut front = vec![key];
        while !front.is_empty() {
            let mut next = vec![];
            for at in front {
                for to in self.dependencies.get(at).into_iter().flatten() {
                    if to == key {
                        return Some(path(&came_from, key, at));
                    }
                    if !came_from.contains_key(to) {
                        came_from.insert(to, at);
                        next.push(to);
                    }
                }
            }
            front = next;
        }
        None
    }
}

fn path(came_from: &BTreeMap<&ObjectKey, &ObjectKey>, key: &ObjectKey, last: &ObjectKey) -> Vec<ObjectKey> {
    let mut back = vec![key.clone()];
    let mut at = last;
    while at != key {
        back.push(at.clone());
        at = came_from.get(at).copied().unwrap_or(key);
    }
    back.push(key.clone());
    back.reverse();
    back
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> ObjectKey {
        ObjectKey::new("Kustomization", "ns", name)
    }

    #[test]
    fn dependants_follow_changes() {
        let mut graph = Graph::default();
        graph.set(&key("apps"), [key("infra"), key("crds")]);
        assert_eq!(graph.dependants(&key("infra")).collect::<Vec<_>>(), [&key("apps")]);
        graph.set(&key("apps"), [key("crds")]);
        assert_eq!(graph.dependants(&key("infra")).count(), 0);
    }

    #[test]
    fn cycles_are_named() {
        let mut graph = Graph::default();
        graph.set(&key("a"), [key("b")]);
        graph.set(&key("b"), [key("c")]);
        assert_eq!(graph.cycle(&key("a")), None);
        graph.set(&key("c"), [key("a")]);
        assert_eq!(graph.cycle(&key("a")), Some(vec![key("a"), key("b"), key("c"), key("a")]));
        graph.set(&key("d"), [key("d")]);
        assert_eq!(graph.cycle(&key("d")), Some(vec![key("d"), key("d")]));
    }
}

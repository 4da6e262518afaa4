//! The inventory of applied objects: encode, parse, compare.
//!
//! Ids are `<namespace>_<name>_<group>_<kind>` as Flux (and cli-utils before it) writes them; `:` in the names of RBAC
//! kinds is written `__`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::id::ObjectId;

/// `status.inventory`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    /// In apply order.
    #[serde(default)]
    pub entries: Vec<Entry>,
}

/// One applied object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// See the module.
    pub id: String,
    /// Version only: `v1`, `v1beta1`.
    pub v: String,
}

const RBAC_GROUP: &str = "rbac.authorization.k8s.io";
const RBAC_KINDS: [&str; 4] = ["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"];

impl Entry {
    /// The entry of an object.
    pub fn new(id: &ObjectId, version: &str) -> Self {
        let name = match is_rbac(&id.group, &id.kind) {
            true => id.name.replace(':', "__"),
            false => id.name.clone(),
        };
        Self { id: format!("{}_{}_{}_{}", id.namespace, name, id.group, id.kind), v: version.into() }
    }

    /// Reads an id: the first `_` ends the namespace, the last two split group and kind. `None` when it is malformed.
    pub fn object(&self) -> Option<ObjectId> {
        let (namespace, rest) = self.id.split_once('_')?;
        let (rest, kind) = rest.rsplit_once('_')?;
        let (name, group) = rest.rsplit_once('_')?;
        let name = match is_rbac(group, kind) {
            true => name.replace("__", ":"),
            false => name.into(),
        };
        (!name.is_empty() && !kind.is_empty()).then(|| ObjectId {
            group: group.into(),
            kind: kind.into(),
            namespace: namespace.into(),
            name,
        })
    }
}

impl Inventory {
    /// Objects of `self` that `new` no longer has, in reverse order: what prune deletes.
    pub fn stale(&self, new: &Inventory) -> Vec<Entry> {
        let kept: BTreeSet<&str> = new.entries.iter().map(|e| e.id.as_str()).collect();
        self.entries.iter().rev().filter(|e| !kept.contains(e.id.as_str())).cloned().collect()
    }

    /// `self` and what only `other` has, behind it: what may exist in the cluster while an apply is under way.
    pub fn union(&self, other: &Inventory) -> Inventory {
        let known: BTreeSet<&str> = self.entries.iter().map(|e| e.id.as_str()).collect();
        let more = other.entries.iter().filter(|e| !known.contains(e.id.as_str()));
        Inventory { entries: self.entries.iter().chain(more).cloned().collect() }
    }

    /// Whether every object of `other` is in `self`.
    pub fn covers(&self, other: &Inventory) -> bool {
        other.stale(self).is_empty()
    }
}

fn is_rbac(group: &str, kind: &str) -> bool {
    group == RBAC_GROUP && RBAC_KINDS.contains(&kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(namespace: &str, name: &str, group: &str, kind: &str) -> ObjectId {
        ObjectId { group: group.into(), kind: kind.into(), namespace: namespace.into(), name: name.into() }
    }

    #[test]
    fn ids_are_written_as_flux_writes_them_and_read_back() {
        for (object, expected) in [
            (id("ns", "name", "", "ConfigMap"), "ns_name__ConfigMap"),
            (id("", "name", "", "Namespace"), "_name__Namespace"),
            (id("", "a:b", RBAC_GROUP, "ClusterRole"), "_a__b_rbac.authorization.k8s.io_ClusterRole"),
            (id("ns", "web", "apps", "Deployment"), "ns_web_apps_Deployment"),
        ] {
            let entry = Entry::new(&object, "v1");
            assert_eq!(entry.id, expected);
            assert_eq!(entry.object(), Some(object));
        }
    }

    #[test]
    fn malformed_ids_are_none() {
        for text in ["", "a", "a_b", "a_b_c", "___", "ns__group_"] {
            let entry = Entry { id: text.into(), v: "v1".into() };
            assert_eq!(entry.object(), None, "{text}");
        }
    }

    #[test]
    fn stale_objects_come_in_reverse_order() {
        let all = |ids: &[&str]| Inventory {
            entries: ids.iter().map(|i| Entry { id: (*i).into(), v: "v1".into() }).collect(),
        };
        let (old, new) = (all(&["a", "b", "c"]), all(&["b", "d"]));
        assert_eq!(old.stale(&new), all(&["c", "a"]).entries);
        assert_eq!(old.union(&new), all(&["a", "b", "c", "d"]));
        assert!(old.union(&new).covers(&new) && !old.covers(&new));
    }
}

//! What the watches have seen: the engine reads objects from here, never from the API server.

use std::{collections::HashMap, sync::Arc};

use parking_lot::RwLock;
use weir_core::ObjectKey;

/// The newest known state of every object of one kind. Written by the watch and by our own status writes, so that a
/// dependant that is woken at once sees what woke it.
#[derive(Debug)]
pub struct Index<T> {
    objects: RwLock<HashMap<(String, String), Arc<T>>>,
}

/// What the index needs to know of an object.
pub trait Indexed {
    /// Namespace and name.
    fn id(&self) -> (String, String);
    /// `metadata.resourceVersion`; 0 when unknown.
    fn resource_version(&self) -> u64;
}

impl<T> Default for Index<T> {
    fn default() -> Self {
        Self { objects: RwLock::default() }
    }
}

impl<T: Indexed> Index<T> {
    /// The object of a key.
    pub fn get(&self, key: &ObjectKey) -> Option<Arc<T>> {
        self.find(&key.namespace, &key.name)
    }

    /// An object by namespace and name.
    pub fn find(&self, namespace: &str, name: &str) -> Option<Arc<T>> {
        self.objects.read().get(&(namespace.to_owned(), name.to_owned())).cloned()
    }

    /// Stores a state, unless a newer one is known; returns what was known before.
    pub fn put(&self, object: impl Into<Arc<T>>) -> Option<Arc<T>> {
        let object = object.into();
        let mut objects = self.objects.write();
        let old = objects.get(&object.id()).cloned();
        if old.as_ref().is_none_or(|o| o.resource_version() <= object.resource_version()) {
            objects.insert(object.id(), object);
        }
        old
    }

    /// Forgets a deleted object.
    pub fn remove(&self, key: &ObjectKey) {
        self.objects.write().remove(&(key.namespace.clone(), key.name.clone()));
    }

    /// All objects, in no order.
    pub fn all(&self) -> Vec<Arc<T>> {
        self.objects.read().values().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Thing(u64);

    impl Indexed for Thing {
        fn id(&self) -> (String, String) {
            ("ns".into(), "x".into())
        }
        fn resource_version(&self) -> u64 {
            self.0
        }
    }

    #[test]
    fn an_older_state_never_replaces_a_newer_one() {
        let index = Index::default();
        assert!(index.put(Thing(5)).is_none());
        assert_eq!(index.put(Thing(4)).map(|o| o.0), Some(5));
        assert_eq!(index.find("ns", "x").map(|o| o.0), Some(5));
        index.put(Thing(6));
        assert_eq!(index.all()[0].0, 6);
        index.remove(&ObjectKey::new("Thing", "ns", "x"));
        assert!(index.all().is_empty());
    }
}

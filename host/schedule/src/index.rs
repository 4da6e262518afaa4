//! The objects of one kind, as parsed by the caller: compact, in memory, shared.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use weir_core::ObjectKey;

use crate::trigger::Seen;

/// All objects of a kind. Written by [`crate::watch::watch`] only.
#[derive(Debug)]
pub struct Index<T>(RwLock<Content<T>>);

#[derive(Debug)]
struct Content<T> {
    objects: HashMap<ObjectKey, (Seen, Arc<T>)>,
    synced: bool,
}

impl<T> Default for Index<T> {
    fn default() -> Self {
        Self(RwLock::new(Content { objects: HashMap::new(), synced: false }))
    }
}

impl<T> Index<T> {
    /// The object, if it exists and could be parsed.
    pub fn get(&self, key: &ObjectKey) -> Option<Arc<T>> {
        self.read().objects.get(key).map(|(_, object)| object.clone())
    }

    /// All objects, in no order.
    pub fn all(&self) -> Vec<(ObjectKey, Arc<T>)> {
        self.read().objects.iter().map(|(key, (_, object))| (key.clone(), object.clone())).collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.read().objects.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the first list is complete: until then an absent object may only not have been read yet.
    pub fn is_synced(&self) -> bool {
        self.read().synced
    }

    pub(crate) fn set_synced(&self) {
        self.write().synced = true;
    }

    /// Returns what was seen before.
    pub(crate) fn insert(&self, key: ObjectKey, seen: Seen, object: Arc<T>) -> Option<Seen> {
        self.write().objects.insert(key, (seen, object)).map(|(seen, _)| seen)
    }

    pub(crate) fn remove(&self, key: &ObjectKey) -> Option<Arc<T>> {
        self.write().objects.remove(key).map(|(_, object)| object)
    }

    /// Removes everything that is not in `keep`.
    pub(crate) fn retain(&self, keep: &HashSet<ObjectKey>) -> Vec<(ObjectKey, Arc<T>)> {
        let gone = self.write().objects.extract_if(|key, _| !keep.contains(key)).collect::<Vec<_>>();
        gone.into_iter().map(|(key, (_, object))| (key, object)).collect()
    }

    /// No code that can panic runs under the lock.
    fn read(&self) -> RwLockReadGuard<'_, Content<T>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Content<T>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::id::Key;
use crate::resource::Resource;

/// Positions by the hash of a key: the keys themselves stay in the resources.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    table: HashTable<Entry>,
    hasher: DefaultHashBuilder,
    /// Whether it is known that no key is there twice.
    is_unique: bool,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    hash: u64,
    position: usize,
}

impl Index {
    /// Of all resources, each under all of its keys.
    pub(super) fn new<'r, K>(resources: &'r [Resource], keys: impl Fn(&'r Resource) -> K) -> Index
    where
        K: IntoIterator<Item = Key<'r>>,
    {
        let mut index = Index { table: HashTable::with_capacity(resources.len()), ..Index::default() };
        for (position, resource) in resources.iter().enumerate() {
            keys(resource).into_iter().for_each(|key| index.insert(key, position));
        }
        index
    }

    pub(super) fn insert(&mut self, key: Key<'_>, position: usize) {
        let hash = self.hasher.hash_one(key);
        self.table.insert_unique(hash, Entry { hash, position }, |entry| entry.hash);
    }

    /// The second position of a key that is there twice, the first such; `key` gives the key at a position.
    pub(super) fn repeated<'r>(&mut self, key: impl Fn(usize) -> Key<'r>) -> Option<usize> {
        if self.is_unique {
            return None;
        }
        let repeats = |entry: &&Entry| {
            let earlier = |other: &Entry| other.hash == entry.hash && other.position < entry.position;
            self.table.iter_hash(entry.hash).any(|other| earlier(other) && key(other.position) == key(entry.position))
        };
        let first = self.table.iter().filter(repeats).map(|entry| entry.position).min();
        self.is_unique = first.is_none();
        first
    }

    /// Positions under this key, ascending and each once; `is_it` tells those that only share its hash.
    pub(super) fn positions(&self, key: Key<'_>, is_it: impl Fn(usize) -> bool) -> Vec<usize> {
        let hash = self.hasher.hash_one(key);
        let same_hash = self.table.iter_hash(hash).filter(|entry| entry.hash == hash);
        let mut positions: Vec<usize> = same_hash.map(|entry| entry.position).filter(|at| is_it(*at)).collect();
        positions.sort_unstable();
        positions.dedup();
        positions
    }
}

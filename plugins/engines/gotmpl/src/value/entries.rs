//! What a map holds.

use std::cmp::Ordering;
use std::collections::{BTreeMap, btree_map};

use super::Value;
use crate::string::{Str, compare};

/// More entries than this are kept in a tree: in a row, each new one moves those after it.
const FEW: usize = 64;

/// Keys and values in byte order of the keys.
#[derive(Clone)]
pub(super) enum Entries {
    Few(Vec<Entry>),
    Many(BTreeMap<Str, Value>),
}

#[derive(Clone)]
pub(super) struct Entry {
    prefix: u64,
    key: Str,
    value: Value,
}

impl Entry {
    fn new((key, value): (Str, Value)) -> Self {
        Self { prefix: prefix(&key), key, value }
    }
}

/// The first bytes of a key, which order keys that differ in them.
fn prefix(key: &[u8]) -> u64 {
    match key.first_chunk() {
        Some(bytes) => u64::from_be_bytes(*bytes),
        None => key.iter().zip(0..).fold(0, |all, (byte, place)| all | u64::from(*byte) << (56 - 8 * place)),
    }
}

impl Entries {
    /// Nothing yet, with room for so many.
    pub(super) fn with_capacity(count: usize) -> Self {
        Self::Few(Vec::with_capacity(count.min(FEW)))
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Few(entries) => entries.len(),
            Self::Many(entries) => entries.len(),
        }
    }

    pub(super) fn get(&self, key: &[u8]) -> Option<&Value> {
        match self {
            Self::Few(entries) => find(entries, prefix(key), key).ok().map(|at| &entries[at].value),
            Self::Many(entries) => entries.get(key),
        }
    }

    pub(super) fn insert(&mut self, key: Str, value: Value) -> Option<Value> {
        let entries = match self {
            Self::Many(entries) => return entries.insert(key, value),
            Self::Few(entries) => entries,
        };
        let entry = Entry::new((key, value));
        let at = match entries.last() {
            Some(last) if last.prefix >= entry.prefix => match find(entries, entry.prefix, &entry.key) {
                Ok(at) => return Some(std::mem::replace(&mut entries[at].value, entry.value)),
                Err(at) => at,
            },
            _ => entries.len(),
        };
        if entries.len() < FEW {
            entries.insert(at, entry);
        } else {
            let all = std::mem::take(entries).into_iter().chain([entry]);
            *self = Self::Many(all.map(|entry| (entry.key, entry.value)).collect());
        }
        None
    }

    pub(super) fn remove(&mut self, key: &[u8]) -> Option<Value> {
        match self {
            Self::Few(entries) => find(entries, prefix(key), key).ok().map(|at| entries.remove(at).value),
            Self::Many(entries) => entries.remove(key),
        }
    }

    pub(super) fn iter(&self) -> Iter<'_> {
        match self {
            Self::Few(entries) => Iter::Few(entries.iter()),
            Self::Many(entries) => Iter::Many(entries.iter()),
        }
    }

    /// Gives every value to a function.
    pub(super) fn into_values(self, mut take: impl FnMut(Value)) {
        match self {
            Self::Few(entries) => entries.into_iter().for_each(|entry| take(entry.value)),
            Self::Many(entries) => entries.into_values().for_each(take),
        }
    }
}

/// Where the entry of a key is, or would be.
fn find(entries: &[Entry], prefix: u64, key: &[u8]) -> Result<usize, usize> {
    entries.binary_search_by(|own| match own.prefix.cmp(&prefix) {
        Ordering::Equal => compare(&own.key, key),
        order => order,
    })
}

impl Default for Entries {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl FromIterator<(Str, Value)> for Entries {
    fn from_iter<T: IntoIterator<Item = (Str, Value)>>(entries: T) -> Self {
        let entries = entries.into_iter();
        let mut all = Self::with_capacity(entries.size_hint().0);
        for (key, value) in entries {
            all.insert(key, value);
        }
        all
    }
}

pub(super) enum Iter<'a> {
    Few(std::slice::Iter<'a, Entry>),
    Many(btree_map::Iter<'a, Str, Value>),
}

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a Str, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Few(entries) => entries.next().map(|entry| (&entry.key, &entry.value)),
            Self::Many(entries) => entries.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Few(entries) => entries.size_hint(),
            Self::Many(entries) => entries.size_hint(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers in an order that is none.
    fn numbers() -> impl Iterator<Item = u64> {
        (0..200_u64).map(|number| number * 7919 % 100)
    }

    #[test]
    fn few_and_many_are_the_same_as_a_tree() {
        let (mut entries, mut tree) = (Entries::default(), BTreeMap::new());
        for (count, number) in numbers().enumerate() {
            let (key, value) = (Str::from(number.to_string()), Value::int(i64::try_from(count).unwrap()));
            let before = (entries.insert(key.clone(), value.clone()), tree.insert(key, value));
            assert_eq!(before.0.map(|value| value.display()), before.1.map(|value| value.display()));
            check(&entries, &tree);
        }
        for number in numbers().take(97) {
            let key = Str::from(number.to_string());
            assert_eq!(entries.remove(&key).is_some(), tree.remove(&key).is_some());
            check(&entries, &tree);
        }
        assert!(entries.remove(b"none").is_none() && entries.len() == tree.len());
    }

    fn check(entries: &Entries, tree: &BTreeMap<Str, Value>) {
        let shown = |(key, value): (&Str, &Value)| (key.clone(), value.display());
        assert_eq!(entries.iter().map(shown).collect::<Vec<_>>(), tree.iter().map(shown).collect::<Vec<_>>());
        for key in tree.keys() {
            assert!(entries.get(key).is_some(), "{key}");
        }
    }

    #[test]
    fn keys_that_begin_alike_are_told_apart() {
        let keys = ["", "\0", "a", "a\0", "a\0b", "abcdefgh", "abcdefgh\0", "abcdefghi", "abcdefgi", "b"];
        let mut entries = Entries::default();
        for key in keys.iter().rev() {
            assert!(entries.insert(Str::from(*key), Value::string(*key)).is_none(), "{key:?}");
        }
        assert_eq!(entries.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>(), keys);
        for key in keys {
            assert_eq!(entries.get(key.as_bytes()).unwrap().display(), key);
        }
        assert!(entries.get(b"\0\0").is_none() && entries.get(b"abcdefghij").is_none());
    }

    #[test]
    fn the_last_of_equal_keys_counts() {
        let pairs = [("b", 1), ("a", 2), ("b", 3)].map(|(key, number)| (Str::from(key), Value::int(number)));
        let entries: Entries = pairs.into_iter().collect();
        let shown: Vec<String> = entries.iter().map(|(key, value)| format!("{key}={}", value.display())).collect();
        assert_eq!(shown, ["a=2", "b=3"]);
    }
}

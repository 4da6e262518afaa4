//! Go's maps with strings as keys.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::go_type::GoType;
use crate::string::Str;
use crate::value::{Value, drop};

/// A Go map. Clones are the same map: what one changes, all see. Keys are in byte order, as templates range over them.
#[derive(Clone)]
pub struct Map(Rc<Inner>);

struct Inner {
    go_type: GoType,
    is_nil: bool,
    entries: RefCell<BTreeMap<Str, Value>>,
}

impl Map {
    /// An empty `map[string]interface {}`.
    pub fn new() -> Self {
        Self::of(GoType::ANY_MAP)
    }

    /// An empty map of the map type `go_type`. Every value put in must be of its element type.
    pub fn of(go_type: GoType) -> Self {
        Self::with_entries(go_type, BTreeMap::new())
    }

    /// A map of the map type `go_type`.
    pub fn with_entries(go_type: GoType, entries: BTreeMap<Str, Value>) -> Self {
        Self(Rc::new(Inner { go_type, is_nil: false, entries: RefCell::new(entries) }))
    }

    /// The nil map of the map type `go_type`: empty, and `null` as JSON. Nothing is put into it.
    pub fn nil(go_type: GoType) -> Self {
        Self(Rc::new(Inner { go_type, is_nil: true, entries: RefCell::default() }))
    }

    pub fn get(&self, key: &str) -> Option<Value> {
        self.get_bytes(key.as_bytes())
    }

    pub fn get_bytes(&self, key: &[u8]) -> Option<Value> {
        self.0.entries.borrow().get(key).cloned()
    }

    pub fn contains_key(&self, key: &[u8]) -> bool {
        self.0.entries.borrow().contains_key(key)
    }

    /// Puts in a value, and returns the one that was there.
    pub fn insert(&self, key: impl Into<Str>, value: impl Into<Value>) -> Option<Value> {
        self.0.entries.borrow_mut().insert(key.into(), value.into())
    }

    pub fn remove(&self, key: &str) -> Option<Value> {
        self.0.entries.borrow_mut().remove(key.as_bytes())
    }

    pub fn len(&self) -> usize {
        self.0.entries.borrow().len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.entries.borrow().is_empty()
    }

    /// The keys as they are now, in byte order.
    pub fn keys(&self) -> Vec<Str> {
        self.0.entries.borrow().keys().cloned().collect()
    }

    /// The entries as they are now, in byte order of the keys.
    pub fn entries(&self) -> Vec<(Str, Value)> {
        self.0.entries.borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// A map of the same type with the same values, which is another map.
    pub fn shallow_copy(&self) -> Self {
        Self::with_entries(self.0.go_type, self.0.entries.borrow().clone())
    }

    /// The type of the map.
    pub fn go_type(&self) -> GoType {
        self.0.go_type
    }

    /// The type of the values.
    pub fn elem(&self) -> GoType {
        self.0.go_type.elem().unwrap_or(GoType::Interface)
    }

    pub fn is_nil(&self) -> bool {
        self.0.is_nil
    }

    pub fn ptr_eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// Where the map lies, to tell maps apart.
    pub(crate) fn address(&self) -> usize {
        Rc::as_ptr(&self.0).cast::<()>().addr()
    }

    /// The entries, if nobody else holds this map.
    pub(super) fn take_if_unique(&mut self) -> Option<BTreeMap<Str, Value>> {
        Rc::get_mut(&mut self.0).map(|inner| std::mem::take(inner.entries.get_mut()))
    }
}

impl Default for Map {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Into<Str>, V: Into<Value>> FromIterator<(K, V)> for Map {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(entries: T) -> Self {
        let entries = entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        Self::with_entries(GoType::ANY_MAP, entries)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        drop::values(std::mem::take(self.entries.get_mut()).into_values());
    }
}

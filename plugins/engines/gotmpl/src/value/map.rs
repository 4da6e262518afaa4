//! Go's maps with strings as keys.

use std::cell::RefCell;
use std::rc::Rc;

use super::entries::Entries;
use crate::go_type::GoType;
use crate::string::Str;
use crate::value::{Value, drop};

/// A Go map. Clones are the same map: what one changes, all see. Keys are in byte order, as templates range over them.
#[derive(Clone)]
pub struct Map(Rc<Inner>);

struct Inner {
    go_type: GoType,
    is_nil: bool,
    entries: Holder,
}

enum Holder {
    Own(RefCell<Entries>),
    /// Those of another map, which is no view itself.
    Of(Map),
}

impl Map {
    /// An empty `map[string]interface {}`.
    pub fn new() -> Self {
        Self::of(GoType::ANY_MAP)
    }

    /// An empty map of the map type `go_type`. Every value put in must be of its element type.
    pub fn of(go_type: GoType) -> Self {
        Self::holding(go_type, Entries::default())
    }

    /// A map of the map type `go_type`. That is quickest when the entries are in byte order of their keys; of equal keys, the
    /// last one counts.
    pub fn with_entries(go_type: GoType, entries: Vec<(Str, Value)>) -> Self {
        Self::holding(go_type, entries.into_iter().collect())
    }

    pub(super) fn holding(go_type: GoType, entries: Entries) -> Self {
        Self(Rc::new(Inner { go_type, is_nil: false, entries: Holder::Own(RefCell::new(entries)) }))
    }

    /// The nil map of the map type `go_type`: empty, and `null` as JSON. Nothing is put into it.
    pub fn nil(go_type: GoType) -> Self {
        Self(Rc::new(Inner { go_type, is_nil: true, entries: Holder::Own(RefCell::default()) }))
    }

    /// The same map under another type that is made of the same: what one changes, both see.
    pub fn view(&self, go_type: GoType) -> Self {
        if self.0.go_type == go_type {
            return self.clone();
        }
        let owner = self.owner();
        if owner.0.go_type == go_type {
            return owner.clone();
        }
        Self(Rc::new(Inner { go_type, is_nil: self.0.is_nil, entries: Holder::Of(owner.clone()) }))
    }

    /// The map that holds the entries.
    fn owner(&self) -> &Self {
        match &self.0.entries {
            Holder::Own(_) => self,
            Holder::Of(owner) => owner,
        }
    }

    fn cell(&self) -> &RefCell<Entries> {
        match &self.0.entries {
            Holder::Own(entries) => entries,
            Holder::Of(owner) => owner.cell(),
        }
    }

    pub fn get(&self, key: &str) -> Option<Value> {
        self.get_bytes(key.as_bytes())
    }

    pub fn get_bytes(&self, key: &[u8]) -> Option<Value> {
        self.cell().borrow().get(key).cloned()
    }

    pub fn contains_key(&self, key: &[u8]) -> bool {
        self.cell().borrow().get(key).is_some()
    }

    /// Puts in a value, and returns the one that was there.
    pub fn insert(&self, key: impl Into<Str>, value: impl Into<Value>) -> Option<Value> {
        self.cell().borrow_mut().insert(key.into(), value.into())
    }

    pub fn remove(&self, key: &str) -> Option<Value> {
        self.cell().borrow_mut().remove(key.as_bytes())
    }

    pub fn remove_bytes(&self, key: &[u8]) -> Option<Value> {
        self.cell().borrow_mut().remove(key)
    }

    pub fn len(&self) -> usize {
        self.cell().borrow().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The keys as they are now, in byte order.
    pub fn keys(&self) -> Vec<Str> {
        self.cell().borrow().iter().map(|(key, _)| key.clone()).collect()
    }

    /// The entries as they are now, in byte order of the keys.
    pub fn entries(&self) -> Vec<(Str, Value)> {
        self.cell().borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Gives the entries to a function, in byte order of the keys. It must not change this map.
    pub fn each(&self, mut see: impl FnMut(&Str, &Value)) {
        self.cell().borrow().iter().for_each(|(key, value)| see(key, value));
    }

    /// A map of the same type with the same values, which is another map.
    pub fn shallow_copy(&self) -> Self {
        Self::holding(self.0.go_type, self.cell().borrow().clone())
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
        Rc::ptr_eq(&self.owner().0, &other.owner().0)
    }

    /// Where the map lies, to tell maps apart.
    pub(crate) fn address(&self) -> usize {
        Rc::as_ptr(&self.owner().0).cast::<()>().addr()
    }

    /// The entries, if nobody else holds this map.
    pub(super) fn take_if_unique(&mut self) -> Option<Entries> {
        match &mut Rc::get_mut(&mut self.0)?.entries {
            Holder::Own(entries) => Some(std::mem::take(entries.get_mut())),
            Holder::Of(owner) => owner.take_if_unique(),
        }
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
        Self::holding(GoType::ANY_MAP, entries)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Holder::Own(entries) = &mut self.entries {
            drop::entries(std::mem::take(entries.get_mut()));
        }
    }
}

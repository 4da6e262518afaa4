//! Go's slices.

use std::cell::OnceCell;
use std::rc::Rc;

use crate::go_type::{GoType, IntType, UintType};
use crate::string::Str;
use crate::value::{Value, drop};

/// A Go slice of one element type. Clones share its items, which do not change after it was made but by
/// [`List::sort_strings`].
#[derive(Clone)]
pub struct List(Rc<Inner>);

struct Inner {
    go_type: GoType,
    is_nil: bool,
    /// A `[]uint8` holds its bytes as they are; the items are made only when somebody asks for them one by one.
    bytes: Option<Str>,
    items: OnceCell<Vec<Value>>,
    /// The items in their order, once somebody has sorted them.
    sorted: OnceCell<Box<[Value]>>,
}

impl List {
    /// `[]interface {}`
    pub fn any(items: Vec<Value>) -> Self {
        Self::of(GoType::ANY_SLICE, items)
    }

    /// `[]string`
    pub fn strings<S: Into<Str>>(items: impl IntoIterator<Item = S>) -> Self {
        Self::of(GoType::STRINGS, items.into_iter().map(|item| Value::String(item.into())).collect())
    }

    /// `[]int`
    pub fn ints(items: impl IntoIterator<Item = i64>) -> Self {
        let go_type = GoType::Slice(&GoType::Int(IntType::Int));
        Self::of(go_type, items.into_iter().map(|item| Value::Int(IntType::Int, item)).collect())
    }

    /// `[]uint8`
    pub fn bytes(bytes: impl Into<Str>) -> Self {
        Self::new(GoType::BYTES, false, Some(bytes.into()), OnceCell::new())
    }

    /// A slice of the slice type `go_type`. Every item must be of its element type.
    pub fn of(go_type: GoType, items: Vec<Value>) -> Self {
        Self::new(go_type, false, None, OnceCell::from(items))
    }

    /// The nil slice of the slice type `go_type`: empty, and `null` as JSON.
    pub fn nil(go_type: GoType) -> Self {
        Self::new(go_type, true, None, OnceCell::from(Vec::new()))
    }

    fn new(go_type: GoType, is_nil: bool, bytes: Option<Str>, items: OnceCell<Vec<Value>>) -> Self {
        Self(Rc::new(Inner { go_type, is_nil, bytes, items, sorted: OnceCell::new() }))
    }

    /// Sorts a slice of strings where it is, for all who hold it. Who goes over the items meanwhile still sees the order
    /// that there was, and a part taken by [`List::slice`] before is another list; in Go both would change.
    pub fn sort_strings(&self) {
        self.0.sorted.get_or_init(|| {
            let mut items = self.items().to_vec();
            items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            items.into()
        });
    }

    pub fn items(&self) -> &[Value] {
        if let Some(sorted) = self.0.sorted.get() {
            return sorted;
        }
        self.0.items.get_or_init(|| {
            let bytes = self.0.bytes.as_deref().unwrap_or_default();
            bytes.iter().map(|byte| Value::Uint(UintType::Uint8, u64::from(*byte))).collect()
        })
    }

    /// The bytes of a `[]uint8`.
    pub fn as_bytes(&self) -> Option<Str> {
        if self.0.bytes.is_some() {
            return self.0.bytes.clone();
        }
        let byte = |item: &Value| match item {
            Value::Uint(UintType::Uint8, byte) => u8::try_from(*byte).ok(),
            _ => None,
        };
        (self.elem() == GoType::Uint(UintType::Uint8))
            .then(|| self.items().iter().filter_map(byte).collect::<Vec<u8>>().into())
    }

    pub fn len(&self) -> usize {
        self.0.bytes.as_ref().map_or_else(|| self.items().len(), Str::len)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn get(&self, index: usize) -> Option<Value> {
        match &self.0.bytes {
            Some(bytes) => bytes.get(index).map(|byte| Value::Uint(UintType::Uint8, u64::from(*byte))),
            None => self.items().get(index).cloned(),
        }
    }

    /// The items from `start` to before `end`, in a slice of the same type.
    pub fn slice(&self, start: usize, end: usize) -> Option<Self> {
        if let Some(bytes) = &self.0.bytes {
            return bytes.get(start..end).map(Self::bytes);
        }
        self.items().get(start..end).map(|items| Self::of(self.0.go_type, items.to_vec()))
    }

    /// The type of the slice.
    pub fn go_type(&self) -> GoType {
        self.0.go_type
    }

    /// The type of the elements.
    pub fn elem(&self) -> GoType {
        self.0.go_type.elem().unwrap_or(GoType::Interface)
    }

    pub fn is_nil(&self) -> bool {
        self.0.is_nil
    }

    pub fn ptr_eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// Where the list lies, to tell lists apart.
    pub(crate) fn address(&self) -> usize {
        Rc::as_ptr(&self.0).cast::<()>().addr()
    }

    /// The items, if nobody else holds this list.
    pub(super) fn take_if_unique(&mut self) -> Option<Vec<Value>> {
        let inner = Rc::get_mut(&mut self.0)?;
        let items = inner.items.take();
        inner.sorted.take().map(Vec::from).or(items)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(items) = self.items.take() {
            drop::values(items);
        }
    }
}

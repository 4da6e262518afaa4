use std::borrow::Borrow;
use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Deserializer};

/// Something compiled in, or something made that is shared until somebody changes it.
#[derive(Debug)]
pub(crate) enum Shared<T: ?Sized + ToOwned + 'static> {
    BuiltIn(&'static T),
    /// Not an `Rc`: the defaults are a static, of which nothing is made.
    Made(Arc<T::Owned>),
}

impl<T: ?Sized + ToOwned> Shared<T> {
    pub(crate) fn made(value: T::Owned) -> Self {
        Shared::Made(Arc::new(value))
    }

    pub(crate) fn is_built_in(&self) -> bool {
        matches!(self, Shared::BuiltIn(_))
    }

    /// Whether these are one and the same, not only equal.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Shared::BuiltIn(a), Shared::BuiltIn(b)) => std::ptr::eq(*a, *b),
            (Shared::Made(a), Shared::Made(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }

    /// To change it, of which others that share it see nothing.
    pub(crate) fn edit(&mut self) -> &mut T::Owned
    where
        T::Owned: Clone,
    {
        if let Shared::BuiltIn(value) = self {
            *self = Shared::made(value.to_owned());
        }
        match self {
            Shared::Made(value) => Arc::make_mut(value),
            Shared::BuiltIn(_) => unreachable!("what is built in was copied"),
        }
    }
}

impl<T: ?Sized + ToOwned> Clone for Shared<T> {
    fn clone(&self) -> Self {
        match self {
            Shared::BuiltIn(value) => Shared::BuiltIn(value),
            Shared::Made(value) => Shared::Made(Arc::clone(value)),
        }
    }
}

impl<T: ?Sized + ToOwned> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self {
            Shared::BuiltIn(value) => value,
            Shared::Made(value) => (**value).borrow(),
        }
    }
}

impl<T: Clone> Default for Shared<[T]> {
    fn default() -> Self {
        Shared::BuiltIn(&[])
    }
}

impl<'de, T: ?Sized + ToOwned> Deserialize<'de> for Shared<T>
where
    T::Owned: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::Owned::deserialize(deserializer).map(Shared::made)
    }
}

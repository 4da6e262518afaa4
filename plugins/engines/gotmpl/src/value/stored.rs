//! Values as bytes: the ones that come from YAML and JSON, which say all that there is to know about them.

use serde::de::{self, Deserializer};
use serde::ser::{self, Serializer};
use serde::{Deserialize, Serialize};

use super::{List, Map, Value};
use crate::go_type::{FloatType, GoType, IntType, UintType};
use crate::string::Str;

#[derive(Serialize, Deserialize)]
enum Stored {
    Nil,
    Bool(bool),
    Int(IntType, i64),
    Uint(UintType, u64),
    Float(FloatType, f64),
    String(Str),
    List(Vec<Value>),
    Map(Vec<(Str, Value)>),
}

impl Stored {
    /// Nothing for objects, and for collections that are typed or nil.
    fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Nil => Self::Nil,
            Value::Bool(value) => Self::Bool(*value),
            Value::Int(int, number) => Self::Int(*int, *number),
            Value::Uint(uint, number) => Self::Uint(*uint, *number),
            Value::Float(float, number) => Self::Float(*float, *number),
            Value::String(text) => Self::String(text.clone()),
            Value::List(list) if list.go_type() == GoType::ANY_SLICE && !list.is_nil() => {
                Self::List(list.items().to_vec())
            }
            Value::Map(map) if map.go_type() == GoType::ANY_MAP && !map.is_nil() => Self::Map(map.entries()),
            Value::List(_) | Value::Map(_) | Value::Object(_) => return None,
        })
    }
}

impl From<Stored> for Value {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Nil => Self::Nil,
            Stored::Bool(value) => Self::Bool(value),
            Stored::Int(int, number) => Self::Int(int, number),
            Stored::Uint(uint, number) => Self::Uint(uint, number),
            Stored::Float(float, number) => Self::Float(float, number),
            Stored::String(text) => Self::String(text),
            Stored::List(items) => Self::List(List::any(items)),
            Stored::Map(entries) => Self::Map(entries.into_iter().collect()),
        }
    }
}

/// # Errors
/// Objects, and collections that are typed or nil: no format has them.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let stored = Stored::of(self).ok_or_else(|| ser::Error::custom(format!("{} is no data", self.type_name())))?;
        stored.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Stored::deserialize(deserializer).map(Self::from)
    }
}

/// # Errors
/// As of its [`Value`].
impl Serialize for Map {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::Map(self.clone()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Map {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Map(map) => Ok(map),
            other => Err(de::Error::custom(format!("{} is no map", other.type_name()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_comes_back_with_its_types() {
        let inner: Map = [("a", Value::Nil), ("b", Value::int64(-3)), ("c", Value::float(0.5))].into_iter().collect();
        let list = Value::from(vec![Value::Bool(true), Value::string(&b"\xff"[..]), inner.into()]);
        let map: Map = [("list", list), ("number", Value::Uint(UintType::Uint8, 7))].into_iter().collect();
        let bytes = postcard::to_allocvec(&map).unwrap();
        let back: Map = postcard::from_bytes(&bytes).unwrap();
        assert!(Value::from(back).deep_equal(&map.into()));
    }

    #[test]
    fn what_is_no_data_is_refused() {
        let typed = Value::List(List::strings(["a"]));
        for value in [typed, Value::List(List::nil(GoType::ANY_SLICE)), Value::Map(Map::nil(GoType::ANY_MAP))] {
            assert!(postcard::to_allocvec(&value).is_err(), "{value:?}");
        }
        assert!(postcard::from_bytes::<Map>(&postcard::to_allocvec(&Value::Nil).unwrap()).is_err());
        assert!(postcard::from_bytes::<Value>(&[6, 200]).is_err());
    }
}

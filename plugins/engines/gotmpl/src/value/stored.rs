//! Values as bytes: the ones that come from YAML and JSON, which say all that there is to know about them.

use super::entries::Entries;
use super::{List, Map, Value};
use crate::go_type::{FloatType, GoType, IntType, UintType};
use crate::kept::{Kept, Reader, Writer};
use crate::string::Str;

const NIL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const STRING: u8 = 3;
const LIST: u8 = 4;
const MAP: u8 = 5;
/// What follows is of the types in the tables, in their order.
const FLOATS: u8 = 8;
const INTS: u8 = 16;
const UINTS: u8 = 24;

const FLOAT_TYPES: [FloatType; 2] = [FloatType::Float32, FloatType::Float64];
const INT_TYPES: [IntType; 5] = [IntType::Int, IntType::Int8, IntType::Int16, IntType::Int32, IntType::Int64];
const UINT_TYPES: [UintType; 6] =
    [UintType::Uint, UintType::Uint8, UintType::Uint16, UintType::Uint32, UintType::Uint64, UintType::Uintptr];

/// The byte for one of the types that begin at `first`.
fn tag<T: PartialEq>(first: u8, types: &[T], wanted: T) -> u8 {
    (first..).zip(types).find(|(_, own)| **own == wanted).map_or(u8::MAX, |(tag, _)| tag)
}

/// Objects, and collections that are typed or nil, are refused: only what is data is kept.
impl Kept for Value {
    fn write(&self, to: &mut Writer) {
        match self {
            Self::Nil => NIL.write(to),
            Self::Bool(value) => (if *value { TRUE } else { FALSE }).write(to),
            Self::Int(int, number) => (tag(INTS, &INT_TYPES, *int), *number).write(to),
            Self::Uint(uint, number) => (tag(UINTS, &UINT_TYPES, *uint), *number).write(to),
            Self::Float(float, number) => (tag(FLOATS, &FLOAT_TYPES, *float), *number).write(to),
            Self::String(text) => {
                STRING.write(to);
                text.write(to);
            }
            Self::List(list) if list.go_type() == GoType::ANY_SLICE && !list.is_nil() => {
                LIST.write(to);
                to.count(list.len());
                list.items().iter().for_each(|item| item.write(to));
            }
            Self::Map(map) if map.go_type() == GoType::ANY_MAP && !map.is_nil() => {
                MAP.write(to);
                map.write(to);
            }
            Self::List(_) | Self::Map(_) | Self::Object(_) => to.refuse(),
        }
    }

    fn read(from: &mut Reader) -> Option<Self> {
        Some(match u8::read(from)? {
            NIL => Self::Nil,
            FALSE => Self::Bool(false),
            TRUE => Self::Bool(true),
            STRING => Self::String(Str::read(from)?),
            LIST => Self::List(List::any(from.deeper(Kept::read)?)),
            MAP => Self::Map(from.deeper(Map::read)?),
            tag if tag >= UINTS => Self::Uint(*UINT_TYPES.get(usize::from(tag - UINTS))?, Kept::read(from)?),
            tag if tag >= INTS => Self::Int(*INT_TYPES.get(usize::from(tag - INTS))?, Kept::read(from)?),
            tag => Self::Float(*FLOAT_TYPES.get(usize::from(tag.checked_sub(FLOATS)?))?, Kept::read(from)?),
        })
    }
}

/// Maps that are typed or nil are refused.
impl Kept for Map {
    fn write(&self, to: &mut Writer) {
        if self.go_type() != GoType::ANY_MAP || self.is_nil() {
            return to.refuse();
        }
        self.entries().write(to);
    }

    fn read(from: &mut Reader) -> Option<Self> {
        let count = from.count()?;
        let mut entries = Entries::with_capacity(count);
        for _ in 0..count {
            entries.insert(Kept::read(from)?, Kept::read(from)?);
        }
        Some(Self::holding(GoType::ANY_MAP, entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back<T: Kept>(thing: &T) -> Option<T> {
        Reader::only(Writer::bytes_of(thing)?.leak())
    }

    #[test]
    fn data_comes_back_with_its_types() {
        let inner: Map = [("a", Value::Nil), ("b", Value::int64(-3)), ("c", Value::float(0.5))].into_iter().collect();
        let list = Value::from(vec![Value::Bool(true), Value::string(&b"\xff"[..]), inner.into()]);
        let map: Map = [("list", list), ("number", Value::Uint(UintType::Uint8, 7))].into_iter().collect();
        for (key, float) in [("f32", FloatType::Float32), ("f64", FloatType::Float64)] {
            map.insert(key, Value::Float(float, 2.5));
        }
        for (key, int) in INT_TYPES.iter().enumerate() {
            map.insert(key.to_string(), Value::Int(*int, -1));
        }
        for (key, uint) in UINT_TYPES.iter().enumerate() {
            map.insert(format!("u{key}"), Value::Uint(*uint, 1));
        }
        assert!(Value::from(back(&map).unwrap()).deep_equal(&map.into()));
    }

    #[test]
    fn what_is_no_data_is_refused() {
        let typed = Value::List(List::strings(["a"]));
        for value in [typed, Value::List(List::nil(GoType::ANY_SLICE)), Value::Map(Map::nil(GoType::ANY_MAP))] {
            assert!(back(&value).is_none(), "{value:?}");
            assert!(back(&Value::from(vec![value])).is_none(), "within a list");
        }
        for bytes in [&[6][..], &[7], &[10, 0, 0, 0, 0, 0, 0, 0, 0], &[21, 0, 0, 0, 0, 0, 0, 0, 0], &[200]] {
            assert!(Reader::only::<Value>(bytes.to_vec().leak()).is_none(), "{bytes:?}");
        }
        let deep: Vec<u8> = [LIST, 1, 0, 0, 0].repeat(1_000_000);
        assert!(Reader::only::<Value>(deep.leak()).is_none());
    }
}

//! From and to Rust's and JSON's values.

use std::rc::Rc;

use serde_json::Number;

use crate::go_type::{FloatType, IntType};
use crate::limits::MAX_PRINTED;
use crate::string::Str;
use crate::value::{Json, List, Map, Object, Value};

/// Values nested deeper than this do not become JSON.
const MAX_JSON_DEPTH: usize = 500;

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

/// A Go `int`.
impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::int(number)
    }
}

/// A Go `float64`.
impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::float(number)
    }
}

macro_rules! from_text {
    ($($text:ty),*) => {
        $(impl From<$text> for Value {
            fn from(text: $text) -> Self {
                Self::String(text.into())
            }
        })*
    };
}

from_text!(&str, String, &String, Vec<u8>, &[u8], Str);

impl From<List> for Value {
    fn from(list: List) -> Self {
        Self::List(list)
    }
}

/// A Go `[]interface {}`.
impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Self::List(List::any(items))
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl From<Rc<dyn Object>> for Value {
    fn from(object: Rc<dyn Object>) -> Self {
        Self::Object(object)
    }
}

/// As `json.Unmarshal` fills an `interface{}`, but for whole numbers: these become `int64` when they fit one, where
/// `json.Unmarshal` makes every number a `float64`.
impl From<&serde_json::Value> for Value {
    fn from(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Nil,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(number) => Self::Int(IntType::Int64, number),
                None => Self::Float(FloatType::Float64, number.as_f64().unwrap_or_default()),
            },
            serde_json::Value::String(text) => Self::string(text),
            serde_json::Value::Array(items) => items.iter().map(Self::from).collect::<Vec<_>>().into(),
            serde_json::Value::Object(members) => {
                members.iter().map(|(name, member)| (name, Self::from(member))).collect::<Map>().into()
            }
        }
    }
}

impl Value {
    /// As `json.Marshal` sees the value. `None` for what JSON cannot say: NaN, infinity, objects without JSON, values
    /// that contain themselves, and what has more than [`MAX_PRINTED`](crate::MAX_PRINTED) parts.
    pub fn to_json(&self) -> Option<serde_json::Value> {
        to_json(self, 0, &mut 0)
    }
}

fn to_json(value: &Value, depth: usize, parts: &mut usize) -> Option<serde_json::Value> {
    *parts += 1;
    if depth > MAX_JSON_DEPTH || *parts > MAX_PRINTED {
        return None;
    }
    Some(match value {
        Value::Nil => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(_, number) => (*number).into(),
        Value::Uint(_, number) => (*number).into(),
        Value::Float(_, number) => float_to_json(*number)?,
        Value::String(text) => text.to_str_lossy().into(),
        Value::List(list) if list.is_nil() => serde_json::Value::Null,
        Value::List(list) => {
            let items = list.items().iter().map(|item| to_json(item, depth + 1, parts));
            items.collect::<Option<Vec<_>>>()?.into()
        }
        Value::Map(map) if map.is_nil() => serde_json::Value::Null,
        Value::Map(map) => members_to_json(map.entries(), depth, parts)?,
        Value::Object(object) => match object.json()? {
            Json::Members(members) => members_to_json(members, depth, parts)?,
            Json::Value(value) => to_json(&value, depth + 1, parts)?,
        },
    })
}

/// A whole number is written without point.
#[allow(clippy::cast_possible_truncation, reason = "whole numbers that are exact")]
fn float_to_json(number: f64) -> Option<serde_json::Value> {
    const EXACT: f64 = (1_u64 << 53) as f64;
    if number.fract() == 0.0 && number.abs() < EXACT {
        return Some((number as i64).into());
    }
    Some(Number::from_f64(number)?.into())
}

fn members_to_json(members: Vec<(Str, Value)>, depth: usize, parts: &mut usize) -> Option<serde_json::Value> {
    let member =
        |(name, value): (Str, Value)| Some((name.to_str_lossy().into_owned(), to_json(&value, depth + 1, parts)?));
    members.into_iter().map(member).collect::<Option<serde_json::Map<_, _>>>().map(Into::into)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_comes_back_as_it_was() {
        let json = json!({"a": [1, 1.5, null, true, "x"], "b": {"c": {}}, "big": 1e300});
        assert_eq!(Value::from(&json).to_json(), Some(json));
        assert_eq!(Value::float(3.0).to_json(), Some(json!(3)));
        assert_eq!(Value::List(List::nil(crate::GoType::STRINGS)).to_json(), Some(json!(null)));
        assert_eq!(Value::float(f64::NAN).to_json(), None);
    }

    #[test]
    fn what_contains_itself_is_no_json() {
        let map = Map::new();
        map.insert("self", map.clone());
        assert_eq!(Value::from(map.clone()).to_json(), None);
        map.remove("self");
    }
}

//! Values with their Go types.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use weir_gotmpl::{FloatType, GoType, IntType, List, Map, UintType, Value};

/// A value with its Go type.
#[derive(Debug, Clone)]
pub enum Typed {
    Nil,
    /// A type that [`elem`] knows, and the value as text.
    Scalar(&'static str, String),
    String(Vec<u8>),
    /// The type of the elements; no items at all for a nil slice.
    List(&'static str, Option<Vec<Typed>>),
    Map(&'static str, Option<BTreeMap<String, Typed>>),
}

/// The type of that name.
pub(super) fn elem(name: &str) -> &'static GoType {
    const NAMES: [(&str, &GoType); 14] = [
        ("bool", &GoType::Bool),
        ("int", &GoType::Int(IntType::Int)),
        ("int8", &GoType::Int(IntType::Int8)),
        ("int16", &GoType::Int(IntType::Int16)),
        ("int32", &GoType::Int(IntType::Int32)),
        ("int64", &GoType::Int(IntType::Int64)),
        ("uint", &GoType::Uint(UintType::Uint)),
        ("uint8", &GoType::Uint(UintType::Uint8)),
        ("uint16", &GoType::Uint(UintType::Uint16)),
        ("uint32", &GoType::Uint(UintType::Uint32)),
        ("uint64", &GoType::Uint(UintType::Uint64)),
        ("float32", &GoType::Float(FloatType::Float32)),
        ("float64", &GoType::Float(FloatType::Float64)),
        ("string", &GoType::String),
    ];
    NAMES.iter().find(|(known, _)| *known == name).map_or(&GoType::Interface, |(_, go_type)| *go_type)
}

impl Typed {
    /// As Go's side reads it.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Nil => serde_json::Value::Null,
            Self::Scalar(name, text) => json!({"t": name, "v": text}),
            Self::String(bytes) => json!({"t": "string", "v": STANDARD.encode(bytes)}),
            Self::List(elem, None) => json!({"t": "[]", "e": elem, "nil": true}),
            Self::List(elem, Some(items)) => {
                json!({"t": "[]", "e": elem, "v": items.iter().map(Self::to_json).collect::<Vec<_>>()})
            }
            Self::Map(elem, None) => json!({"t": "map", "e": elem, "nil": true}),
            Self::Map(elem, Some(items)) => {
                let items: serde_json::Map<_, _> =
                    items.iter().map(|(key, item)| (key.clone(), item.to_json())).collect();
                json!({"t": "map", "e": elem, "v": items})
            }
        }
    }

    /// As we have it.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Nil => Value::Nil,
            Self::Scalar(name, text) => scalar(*elem(name), text),
            Self::String(bytes) => Value::from(bytes.clone()),
            Self::List(name, items) => {
                let go_type = GoType::Slice(elem(name));
                let Some(items) = items else { return List::nil(go_type).into() };
                let items: Vec<Value> = items.iter().map(Self::to_value).collect();
                if *name == "uint8" {
                    let byte = |item: &Value| item.display().to_string().parse::<u8>().unwrap_or_default();
                    return List::bytes(items.iter().map(byte).collect::<Vec<u8>>()).into();
                }
                List::of(go_type, items).into()
            }
            Self::Map(name, items) => {
                let go_type = GoType::Map(elem(name));
                let Some(items) = items else { return Map::nil(go_type).into() };
                let map = Map::of(go_type);
                for (key, item) in items {
                    map.insert(key, item.to_value());
                }
                map.into()
            }
        }
    }
}

fn scalar(go_type: GoType, text: &str) -> Value {
    match go_type {
        GoType::Bool => Value::Bool(text == "true"),
        GoType::Int(int) => Value::Int(int, text.parse().unwrap_or_default()),
        GoType::Uint(uint) => Value::Uint(uint, text.parse().unwrap_or_default()),
        GoType::Float(FloatType::Float32) => {
            Value::Float(FloatType::Float32, f64::from(text.parse::<f32>().unwrap_or_default()))
        }
        _ => Value::float(text.parse().unwrap_or_default()),
    }
}

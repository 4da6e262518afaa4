//! Helm's conversions, and those of Sprig that Helm leaves.

use weir_gotmpl::{Context, FuncError, GoType, List, Map, Value};

use super::toml_write::{self, Failure};
use super::{json_write, toml_read, yaml};
use crate::args::{Outcome, any, text};
use crate::go::text::lossy;

const HTML: json_write::Style = json_write::Style { html: true, pretty: false };
const RAW: json_write::Style = json_write::Style { html: false, pretty: false };
const PRETTY: json_write::Style = json_write::Style { html: true, pretty: true };

const MAP: &str = "map[string]interface {}";
const LIST: &str = "[]interface {}";

fn charged(context: &Context<'_>, out: Vec<u8>) -> Outcome {
    context.charge(out.len())?;
    Ok(out.into())
}

/// Prints a value as the template function `toYaml` does: without the last line feed, and empty if it has no YAML.
///
/// # Errors
/// A limit.
pub fn to_yaml_text(value: &Value) -> Result<String, FuncError> {
    let mut text = yaml::print(value)?;
    if text.ends_with('\n') {
        text.pop();
    }
    Ok(text)
}

/// Helm 4: what has no YAML is an error.
pub(crate) fn must_to_yaml(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    let value = any(args, 0)?;
    if let Err(error) = json_write::write(value, HTML) {
        return Err(format!("error marshaling into JSON: {error}").into());
    }
    to_yaml(context, args)
}

/// Helm 4: an error is an error.
pub(crate) fn must_to_toml(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    match toml_write::write(any(args, 0)?) {
        Ok(text) => charged(context, text),
        Err(Failure::Error(message) | Failure::Panic(message)) => Err(message.into()),
    }
}

/// An error gives an empty text.
pub(crate) fn to_yaml(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    charged(context, to_yaml_text(any(args, 0)?)?.into_bytes())
}

pub(crate) fn to_yaml_pretty(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    charged(context, trimmed(yaml::print_pretty(any(args, 0)?)?))
}

fn trimmed(text: String) -> Vec<u8> {
    let mut text = text.into_bytes();
    if text.last() == Some(&b'\n') {
        text.pop();
    }
    text
}

/// An error gives an empty text.
pub(crate) fn to_json(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    charged(context, json_write::write(any(args, 0)?, HTML).unwrap_or_default())
}

pub(crate) fn must_to_json(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    charged(context, json_write::write(any(args, 0)?, HTML).map_err(message)?)
}

pub(crate) fn to_pretty_json(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    charged(context, json_write::write(any(args, 0)?, PRETTY).unwrap_or_default())
}

pub(crate) fn must_to_pretty_json(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    charged(context, json_write::write(any(args, 0)?, PRETTY).map_err(message)?)
}

/// `toRawJson` panics with the error that `mustToRawJson` returns.
pub(crate) fn to_raw_json(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    charged(context, json_write::write(any(args, 0)?, RAW).map_err(message)?)
}

fn message(error: json_write::WriteError) -> FuncError {
    FuncError::new(error.to_string())
}

/// What `mustFromJson` returns: any value.
pub(crate) fn must_from_json(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let read = yaml::read_json(text(args, 0)?)?;
    read.overflow.map_or(Ok(read.value), |overflow| Err(overflow.into()))
}

pub(crate) fn from_json(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(match yaml::read_json(text(args, 0)?) {
        Ok(read) => as_map(read.value, read.overflow, ""),
        Err(error) => failed_map(&Map::new(), error),
    })
}

pub(crate) fn from_json_array(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(match yaml::read_json(text(args, 0)?) {
        Ok(read) => as_list(read.value, read.overflow, ""),
        Err(error) => failed_list(error),
    })
}

/// What `sigs.k8s.io/yaml` says before an error of the JSON decoder.
const IN_YAML: &str = "error unmarshaling JSON: while decoding JSON: ";

/// Nothing is an empty map here, where JSON's null is a nil one.
pub(crate) fn from_yaml(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(match yaml::read(&lossy(text(args, 0)?)) {
        Ok(Value::Nil) => Map::new().into(),
        Ok(value) => as_map(value, None, IN_YAML),
        Err(error) => failed_map(&Map::new(), error),
    })
}

pub(crate) fn from_yaml_array(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(match yaml::read(&lossy(text(args, 0)?)) {
        Ok(Value::Nil) => List::any(Vec::new()).into(),
        Ok(value) => as_list(value, None, IN_YAML),
        Err(error) => failed_list(error),
    })
}

/// The map that was read. Null is a nil map; another value is an error, which the map holds as its `Error`.
fn as_map(value: Value, overflow: Option<String>, before: &str) -> Value {
    match (value, overflow) {
        (Value::Map(map), None) => map.into(),
        (Value::Map(map), Some(error)) => failed_map(&map, format!("{before}{error}")),
        (Value::Nil, None) => Map::nil(GoType::ANY_MAP).into(),
        (value, overflow) => failed_map(&Map::new(), format!("{before}{}", mismatch(&value, overflow, MAP))),
    }
}

fn as_list(value: Value, overflow: Option<String>, before: &str) -> Value {
    match (value, overflow) {
        (Value::List(list), None) => list.into(),
        (Value::Nil, None) => List::nil(GoType::ANY_SLICE).into(),
        (Value::List(_), Some(error)) => failed_list(format!("{before}{error}")),
        (value, overflow) => failed_list(format!("{before}{}", mismatch(&value, overflow, LIST))),
    }
}

fn mismatch(value: &Value, overflow: Option<String>, wanted: &str) -> String {
    let found = match value {
        Value::Bool(_) => "bool",
        Value::String(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
        Value::Nil if overflow.is_none() => "null",
        _ => "number",
    };
    format!("json: cannot unmarshal {found} into Go value of type {wanted}")
}

fn failed_map(map: &Map, error: String) -> Value {
    map.insert("Error", error);
    map.clone().into()
}

fn failed_list(error: String) -> Value {
    vec![Value::from(error)].into()
}

/// An error is the text.
pub(crate) fn to_toml(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    match toml_write::write(any(args, 0)?) {
        Ok(text) => charged(context, text),
        Err(Failure::Error(message)) => Ok(message.into()),
        Err(Failure::Panic(message)) => Err(message.into()),
    }
}

pub(crate) fn from_toml(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(toml_read::read(text(args, 0)?).unwrap_or_else(|error| failed_map(&Map::new(), error)))
}

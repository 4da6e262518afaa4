//! YAML as `sigs.k8s.io/yaml` prints and reads it: always by way of JSON.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use weir_gotmpl::{FloatType, FuncError, GoType, Json, Map, Str, Value};
use weir_yaml::{Emitter, Kind, Node, Resolved, Rules, Tag, resolve, sort_by_keys};

use super::{json_read, json_write};
use crate::MAX_VALUE_DEPTH;
use crate::cast::shortest;

/// The longest key, in characters of its JSON, that the YAML reader of the original takes for a key.
const MAX_KEY: usize = 1024;
/// From here on JSON writes floats with an exponent, so that they stay floats.
const FIRST_JSON_EXPONENT: f64 = 1e21;

/// So many characters of base 64 stand on a line.
const BASE64_LINE: usize = 70;
/// Below this the digits of a whole float are those of the integer.
const EXACT: f64 = (1_u64 << 53) as f64;

/// Why a value has no YAML. Helm gives an empty text for either but the limit.
enum Unprintable {
    NoJson,
    /// The text is one that the detour through JSON changes: it has to be gone.
    Odd,
    TooDeep,
}

/// Prints a value; what has no YAML is an empty text.
pub(crate) fn print(value: &Value) -> Result<String, FuncError> {
    let mut out = String::new();
    match write(&mut Emitter::new(&mut out), value, 0) {
        Ok(()) => Ok(out),
        Err(Unprintable::NoJson) => Ok(String::new()),
        Err(Unprintable::Odd) => Ok(print_by_way_of_json(value).unwrap_or_default()),
        Err(Unprintable::TooDeep) => {
            Err(FuncError::limit(format!("a value is nested deeper than {MAX_VALUE_DEPTH} levels")))
        }
    }
}

/// What the original does always: writes JSON, reads it as YAML and prints that.
fn print_by_way_of_json(value: &Value) -> Option<String> {
    let json = json_write::write(value, json_write::Style { html: true, pretty: false }).ok()?;
    let node = weir_yaml::parse_first(std::str::from_utf8(&json).ok()?).ok()??;
    Some(weir_yaml::to_yaml(&weir_yaml::to_json(&node, Rules::Yaml11).ok()?))
}

fn write(emitter: &mut Emitter<'_>, value: &Value, depth: usize) -> Result<(), Unprintable> {
    if depth > MAX_VALUE_DEPTH {
        return Err(Unprintable::TooDeep);
    }
    match value {
        Value::Nil => emitter.plain("null"),
        Value::Bool(value) => emitter.plain(if *value { "true" } else { "false" }),
        Value::Int(_, number) => emitter.plain(&number.to_string()),
        Value::Uint(_, number) => emitter.plain(&number.to_string()),
        Value::Float(kind, number) => float(emitter, *kind, *number)?,
        Value::String(text) => emitter.string(&readable(text)?),
        Value::List(list) if list.is_nil() => emitter.plain("null"),
        Value::List(list) if list.go_type() == GoType::BYTES => return Err(Unprintable::Odd),
        Value::List(list) => {
            emitter.begin_sequence(list.is_empty());
            for item in list.items() {
                emitter.item();
                write(emitter, item, depth + 1)?;
            }
            emitter.end(list.is_empty());
        }
        Value::Map(map) if map.is_nil() => emitter.plain("null"),
        Value::Map(map) => members(emitter, map.entries(), depth)?,
        Value::Object(object) if object.is_nil() => emitter.plain("null"),
        Value::Object(object) => match object.json() {
            Some(Json::Members(found)) => members(emitter, found, depth)?,
            Some(Json::Value(value)) => write(emitter, &value, depth + 1)?,
            None => return Err(Unprintable::NoJson),
        },
    }
    Ok(())
}

fn members(emitter: &mut Emitter<'_>, members: Vec<(Str, Value)>, depth: usize) -> Result<(), Unprintable> {
    let mut fields = Vec::with_capacity(members.len());
    for (name, value) in &members {
        let name = readable(name)?;
        // Longer keys are not read back.
        if name.len() > MAX_KEY / 6 {
            return Err(Unprintable::Odd);
        }
        fields.push((name, value));
    }
    sort_by_keys(&mut fields, |(key, _)| key);
    emitter.begin_mapping(fields.is_empty());
    for (name, value) in &fields {
        emitter.key(name);
        write(emitter, value, depth + 1)?;
    }
    emitter.end(fields.is_empty());
    Ok(())
}

/// Whole floats lose their point in JSON, which has their shortest digits and then zeros, and come back as integers.
fn float(emitter: &mut Emitter<'_>, kind: FloatType, number: f64) -> Result<(), Unprintable> {
    if !number.is_finite() {
        return Err(Unprintable::NoJson);
    }
    let number = shortest(kind, number);
    if number.fract() != 0.0 || number.abs() >= FIRST_JSON_EXPONENT {
        emitter.float(number);
        return Ok(());
    }
    if number.abs() < EXACT {
        emitter.plain(&(number as i64).to_string());
        return Ok(());
    }
    let digits = number.to_string();
    match digits.parse::<i64>().is_ok() || digits.parse::<u64>().is_ok() {
        true => emitter.plain(&digits),
        false => emitter.float(number),
    }
    Ok(())
}

/// The text, if the YAML reader takes every character of it as it is.
fn readable(text: &Str) -> Result<Cow<'_, str>, Unprintable> {
    let odd = |c: char| matches!(c, '\u{7f}'..='\u{9f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    match text.as_str() {
        Some(text) if text.is_ascii() && !text.as_bytes().contains(&0x7f) => Ok(Cow::Borrowed(text)),
        Some(text) if !text.chars().any(odd) => Ok(Cow::Borrowed(text)),
        _ => Err(Unprintable::Odd),
    }
}

/// Prints as go-yaml v3 does, with sequences indented, without a detour.
pub(crate) fn print_pretty(value: &Value) -> Result<String, FuncError> {
    Ok(weir_yaml::to_string_indented(&node(value, 0)?))
}

fn node(value: &Value, depth: usize) -> Result<Node, FuncError> {
    if depth > MAX_VALUE_DEPTH {
        return Err(FuncError::limit(format!("a value is nested deeper than {MAX_VALUE_DEPTH} levels")));
    }
    let tagged = |tag: Tag, text: String| Node { tag, ..Node::scalar(text) };
    Ok(match value {
        Value::Nil => Node::null(),
        Value::Bool(value) => tagged(Tag::Bool, value.to_string()),
        Value::Int(_, number) => tagged(Tag::Int, number.to_string()),
        Value::Uint(_, number) => tagged(Tag::Int, number.to_string()),
        Value::Float(kind, number) => {
            let text = weir_yaml::format_float(shortest(*kind, *number));
            // A whole number is written as an integer, without a word on what it was.
            let tag = match resolve(&text, Rules::Yaml12) {
                Resolved::Int(_) | Resolved::Uint(_) => Tag::Int,
                _ => Tag::Float,
            };
            tagged(tag, text)
        }
        Value::String(text) if text.as_str().is_none() => tagged(Tag::Binary, base64_lines(text)),
        Value::String(text) => weir_yaml::from_json(text.to_str_lossy().into()),
        Value::List(list) => {
            let items = list.items().iter().map(|item| node(item, depth + 1)).collect::<Result<_, _>>()?;
            Node { kind: Kind::Sequence(items), ..Node::sequence() }
        }
        Value::Map(map) => mapping(map.entries(), depth)?,
        Value::Object(object) => match object.json() {
            Some(Json::Members(members)) => mapping(members, depth)?,
            Some(Json::Value(value)) => node(&value, depth + 1)?,
            None => Node::null(),
        },
    })
}

/// In base 64, and in lines if one is not enough.
fn base64_lines(bytes: &[u8]) -> String {
    let encoded = STANDARD.encode(bytes);
    if encoded.len() < BASE64_LINE {
        return encoded;
    }
    let mut lines = String::with_capacity(encoded.len() + encoded.len() / BASE64_LINE + 1);
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(BASE64_LINE));
        lines.push_str(line);
        lines.push('\n');
        rest = after;
    }
    lines
}

fn mapping(members: Vec<(Str, Value)>, depth: usize) -> Result<Node, FuncError> {
    let mut fields = Vec::with_capacity(members.len());
    for (name, value) in members {
        fields.push((weir_yaml::from_json(name.to_str_lossy().into()), node(&value, depth + 1)?));
    }
    sort_by_keys(&mut fields, |(key, _)| key.text());
    Ok(Node { kind: Kind::Mapping(fields), ..Node::mapping() })
}

/// Reads the first document as `sigs.k8s.io/yaml` does: all numbers become floats. The error is its text.
pub(crate) fn read(text: &str) -> Result<Value, String> {
    let failed = |error: weir_yaml::Error| format!("error converting YAML to JSON: {}", error.said_by(Rules::Yaml11));
    match weir_yaml::parse_first_as(text, Rules::Yaml11).map_err(failed)? {
        None => Ok(Value::Nil),
        Some(node) => value_of(&node).map_err(failed),
    }
}

fn value_of(node: &Node) -> Result<Value, weir_yaml::Error> {
    match &node.kind {
        Kind::Sequence(items) => Ok(items.iter().map(value_of).collect::<Result<Vec<_>, _>>()?.into()),
        Kind::Mapping(_) | Kind::Scalar(_) => {
            // Merge keys and tags have their rules there.
            let json = weir_yaml::to_json(node, Rules::Yaml11)?;
            Ok(floats(&json))
        }
    }
}

fn floats(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Number(number) => Value::float(number.as_f64().unwrap_or_default()),
        serde_json::Value::Array(items) => items.iter().map(floats).collect::<Vec<_>>().into(),
        serde_json::Value::Object(members) => {
            members.iter().map(|(name, member)| (name, floats(member))).collect::<Map>().into()
        }
        other => Value::from(other),
    }
}

/// Reads JSON text into the value of an `interface{}`, with the error that Go gives.
pub(crate) fn read_json(text: &[u8]) -> Result<json_read::Read, String> {
    json_read::read(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_pretty_in_base_64() {
        let bytes = |count: usize| Value::from(vec![0xff_u8; count]);
        let list = Value::from(vec![bytes(3), bytes(54)]);
        let expected = format!("- !!binary ////\n- !!binary |\n  {}\n  //\n", "/".repeat(70));
        assert_eq!(print_pretty(&list).ok(), Some(expected));
    }

    #[test]
    fn whole_floats_have_their_shortest_digits() {
        for (number, expected) in [
            (1.0, "1"),
            (-0.0, "0"),
            (1e6, "1000000"),
            (1_234_567_890_123_456_768.0, "1234567890123456800"),
            (9_223_372_036_854_775_807.0, "9223372036854776000"),
            (12_345_678_901_234_567_890.0, "12345678901234567000"),
            (18_446_744_073_709_551_615.0, "1.8446744073709552e+19"),
            (-9_223_372_036_854_775_808.0, "-9.223372036854776e+18"),
            (1e20, "1e+20"),
            (1e21, "1e+21"),
            (0.1, "0.1"),
        ] {
            assert_eq!(print(&Value::float(number)).ok().as_deref(), Some(format!("{expected}\n").as_str()));
        }
    }
}

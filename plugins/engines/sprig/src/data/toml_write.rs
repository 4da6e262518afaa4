//! TOML as `BurntSushi/toml` prints it: keys sorted, what is no table before tables, nested tables indented.

use weir_gotmpl::{Json, Map, Str, Value};

use super::toml_read::{LOCAL_DATE, LOCAL_DATE_TIME, LOCAL_TIME};
use crate::MAX_VALUE_DEPTH;
use crate::args::NIL_POINTER;
use crate::cast::shortest;
use crate::go::time::{Time, Zone};

/// Why there is no text.
pub(crate) enum Failure {
    /// The text of an error, which `toToml` gives as its result.
    Error(String),
    /// A panic, with which the template fails.
    Panic(String),
}

fn error(message: &str) -> Failure {
    Failure::Error(message.to_owned())
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Shape {
    Nil,
    Scalar,
    Array,
    Table,
    Tables,
}

pub(crate) fn write(value: &Value) -> Result<Vec<u8>, Failure> {
    if matches!(value, Value::Nil) {
        return Err(Failure::Panic("reflect: call of reflect.Value.Type on zero Value".to_owned()));
    }
    let mut writer = Writer { out: Vec::new() };
    writer.entry(&mut Vec::new(), value)?;
    Ok(writer.out)
}

fn shape(value: &Value, depth: usize) -> Result<Shape, Failure> {
    if depth > MAX_VALUE_DEPTH {
        return Err(Failure::Panic(format!("a value is nested deeper than {MAX_VALUE_DEPTH} levels")));
    }
    Ok(match value {
        Value::Nil => Shape::Nil,
        Value::Map(map) if map.is_nil() => Shape::Nil,
        Value::Map(_) => Shape::Table,
        Value::List(list) if list.is_nil() => Shape::Nil,
        Value::List(list) => {
            let mut tables = !list.is_empty();
            for item in list.items() {
                match shape(item, depth + 1)? {
                    Shape::Nil => return Err(error("toml: cannot encode array with nil element")),
                    Shape::Table => {}
                    _ => tables = false,
                }
            }
            if tables { Shape::Tables } else { Shape::Array }
        }
        Value::Object(object) => match object.json() {
            Some(Json::Members(_)) => Shape::Table,
            _ => Shape::Scalar,
        },
        _ => Shape::Scalar,
    })
}

/// The members of a table.
fn members(value: &Value) -> Vec<(Str, Value)> {
    match value {
        Value::Map(map) => Map::entries(map),
        Value::Object(object) => match object.json() {
            Some(Json::Members(members)) => members,
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

struct Writer {
    out: Vec<u8>,
}

impl Writer {
    fn new_line(&mut self) {
        if !self.out.is_empty() {
            self.out.push(b'\n');
        }
    }

    fn indent(&mut self, key: &[Str]) {
        self.out.resize(self.out.len() + 2 * key.len().saturating_sub(1), b' ');
    }

    fn entry(&mut self, key: &mut Vec<Str>, value: &Value) -> Result<(), Failure> {
        match shape(value, key.len())? {
            // The whole is looked at less closely than its parts.
            Shape::Nil if key.is_empty() && value.as_list().is_some() => self.element(value),
            Shape::Nil => Ok(()),
            Shape::Table => {
                if key.len() == 1 {
                    self.new_line();
                }
                if !key.is_empty() {
                    self.header(key, "[", "]");
                }
                self.table(key, value)
            }
            Shape::Tables if key.is_empty() => Err(error("toml: top-level values must be Go maps or structs")),
            Shape::Tables => {
                for item in value.as_list().into_iter().flat_map(|list| list.items()) {
                    self.new_line();
                    self.header(key, "[[", "]]");
                    self.table(key, item)?;
                }
                Ok(())
            }
            Shape::Scalar | Shape::Array => self.key_value(key, value, false),
        }
    }

    fn header(&mut self, key: &[Str], open: &str, close: &str) {
        self.indent(key);
        let names: Vec<Vec<u8>> = key.iter().map(key_text).collect();
        self.out.extend_from_slice(&[open.as_bytes(), &names.join(&b'.'), close.as_bytes(), b"\n"].concat());
    }

    fn key_value(&mut self, key: &[Str], value: &Value, inline: bool) -> Result<(), Failure> {
        let Some(name) = key.last() else {
            return self.element(value);
        };
        self.indent(key);
        self.out.extend(key_text(name));
        self.out.extend_from_slice(b" = ");
        self.element(value)?;
        if !inline {
            self.new_line();
        }
        Ok(())
    }

    fn table(&mut self, key: &mut Vec<Str>, value: &Value) -> Result<(), Failure> {
        let (direct, tables) = split(members(value))?;
        for (name, value) in direct.into_iter().chain(tables) {
            key.push(name);
            self.entry(key, &value)?;
            key.pop();
        }
        Ok(())
    }

    fn element(&mut self, value: &Value) -> Result<(), Failure> {
        match value {
            Value::Bool(value) => self.out.extend_from_slice(if *value { b"true" } else { b"false" }),
            Value::Int(_, number) => self.out.extend_from_slice(number.to_string().as_bytes()),
            Value::Uint(_, number) => self.out.extend_from_slice(number.to_string().as_bytes()),
            Value::Float(kind, number) => self.out.extend_from_slice(float(shortest(*kind, *number)).as_bytes()),
            Value::String(text) => self.out.extend(quoted(text)),
            Value::List(list) => {
                self.out.push(b'[');
                for (at, item) in list.items().iter().enumerate() {
                    if at > 0 {
                        self.out.extend_from_slice(b", ");
                    }
                    self.element(item)?;
                }
                self.out.push(b']');
            }
            Value::Map(_) => self.inline_table(value)?,
            Value::Object(object) => match object.json() {
                Some(Json::Members(_)) => self.inline_table(value)?,
                Some(Json::Value(Value::String(text))) if value.type_name() == "time.Time" => {
                    self.out.extend(value.downcast::<Time>().and_then(local).unwrap_or_else(|| text.to_vec()));
                }
                _ => self.out.extend(quoted(&value.display())),
            },
            Value::Nil => return Err(Failure::Panic(NIL_POINTER.to_owned())),
        }
        Ok(())
    }

    fn inline_table(&mut self, value: &Value) -> Result<(), Failure> {
        self.out.push(b'{');
        let (direct, tables) = split(members(value))?;
        let trailing = !tables.is_empty();
        for (members, trailing) in [(direct, trailing), (tables, false)] {
            let last = members.len().saturating_sub(1);
            for (at, (name, value)) in members.iter().enumerate() {
                // A nil leaves out its comma as well, so that the one before stays.
                if shape(value, 0)? == Shape::Nil {
                    continue;
                }
                self.key_value(std::slice::from_ref(name), value, true)?;
                if trailing || at != last {
                    self.out.extend_from_slice(b", ");
                }
            }
        }
        self.out.push(b'}');
        Ok(())
    }
}

type Members = Vec<(Str, Value)>;

/// What stands in the table itself, and what gets a header of its own.
fn split(members: Members) -> Result<(Members, Members), Failure> {
    let (mut direct, mut tables) = (Vec::new(), Vec::new());
    for (name, value) in members {
        let is_table = matches!(shape(&value, 0)?, Shape::Table | Shape::Tables);
        if is_table { tables.push((name, value)) } else { direct.push((name, value)) }
    }
    Ok((direct, tables))
}

fn float(value: f64) -> String {
    if !value.is_finite() {
        let sign = if value.is_sign_negative() { "-" } else { "" };
        return format!("{sign}{}", if value.is_nan() { "nan" } else { "inf" });
    }
    let text = weir_yaml::format_float(value);
    if text.contains(['e', '.']) { text } else { format!("{text}.0") }
}

fn key_text(key: &Str) -> Vec<u8> {
    let bare = !key.is_empty() && key.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    if bare { key.as_bytes().to_vec() } else { quoted(key) }
}

pub(super) fn quoted(text: &[u8]) -> Vec<u8> {
    let mut out = vec![b'"'];
    for byte in text {
        match byte {
            b'"' | b'\\' => out.extend([b'\\', *byte]),
            0x08 => out.extend_from_slice(b"\\b"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            b'\r' => out.extend_from_slice(b"\\r"),
            0..0x20 | 0x7f => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            byte => out.push(*byte),
        }
    }
    out.push(b'"');
    out
}
/// A time that was read without a zone, as it was written.
fn local(time: &Time) -> Option<Vec<u8>> {
    let Zone::Fixed(name, _) = &time.zone else { return None };
    let layout: &[u8] = match name.as_str() {
        LOCAL_DATE_TIME => b"2006-01-02T15:04:05.999999999",
        LOCAL_DATE => b"2006-01-02",
        LOCAL_TIME => b"15:04:05.999999999",
        _ => return None,
    };
    Some(time.format(layout))
}

#[cfg(test)]
mod tests {
    use weir_gotmpl::{GoType, List};

    use super::*;

    #[test]
    fn a_list_without_items() {
        for list in [List::nil(GoType::ANY_SLICE), List::any(Vec::new())] {
            assert_eq!(write(&list.into()).ok(), Some(b"[]".to_vec()));
        }
    }

    #[test]
    fn times_are_written_as_they_were_read() {
        let text = "a = 1979-05-27T07:32:00Z\nb = 1979-05-27T07:32:00.5\nc = 1979-05-27\nd = 07:32:00\n";
        let read = super::super::toml_read::read(text.as_bytes()).unwrap();
        let written = write(&read).ok().unwrap();
        assert_eq!(String::from_utf8_lossy(written.as_ref()), text);
        let shown = read.display().to_string();
        assert!(
            shown.contains("c:1979-05-27 00:00:00 +0000 date-local d:0000-01-01 07:32:00 +0000 time-local"),
            "{shown}"
        );
    }
}

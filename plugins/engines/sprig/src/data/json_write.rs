//! `encoding/json`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use weir_gotmpl::{FloatType, GoType, Json, Str, Value};

use crate::MAX_VALUE_DEPTH;
use crate::cast::shortest;
use crate::go::unicode::{REPLACEMENT, decode};

/// Why a value has no JSON.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    #[error("json: unsupported value: {0}")]
    Value(&'static str),
    #[error("json: unsupported type: {0}")]
    Type(String),
    #[error("json: unsupported value: encountered a cycle via {0}")]
    Cycle(String),
}

/// How the text looks.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    /// `<`, `>` and `&` are escaped.
    pub(crate) html: bool,
    /// Every member on a line of its own.
    pub(crate) pretty: bool,
}

pub(crate) fn write(value: &Value, style: Style) -> Result<Vec<u8>, WriteError> {
    let mut writer = Writer { out: Vec::new(), style };
    writer.value(value, 0)?;
    Ok(writer.out)
}

struct Writer {
    out: Vec<u8>,
    style: Style,
}

impl Writer {
    fn value(&mut self, value: &Value, depth: usize) -> Result<(), WriteError> {
        if depth > MAX_VALUE_DEPTH {
            return Err(WriteError::Cycle(value.type_name()));
        }
        match value {
            Value::Nil => self.out.extend_from_slice(b"null"),
            Value::Bool(value) => self.out.extend_from_slice(if *value { b"true" } else { b"false" }),
            Value::Int(_, number) => self.out.extend_from_slice(number.to_string().as_bytes()),
            Value::Uint(_, number) => self.out.extend_from_slice(number.to_string().as_bytes()),
            Value::Float(kind, number) => self.out.extend_from_slice(float(*kind, *number)?.as_bytes()),
            Value::String(text) => string(&mut self.out, text, self.style.html),
            Value::List(list) if list.is_nil() => self.out.extend_from_slice(b"null"),
            Value::List(list) if list.go_type() == GoType::BYTES => {
                let text = STANDARD.encode(list.as_bytes().unwrap_or_default());
                string(&mut self.out, text.as_bytes(), self.style.html);
            }
            Value::List(list) => self.list(list.items(), depth)?,
            Value::Map(map) if map.is_nil() => self.out.extend_from_slice(b"null"),
            Value::Map(map) => self.members(&map.entries(), depth)?,
            Value::Object(object) => match object.json() {
                _ if object.is_nil() => self.out.extend_from_slice(b"null"),
                Some(Json::Members(members)) => self.members(&members, depth)?,
                Some(Json::Value(value)) => self.value(&value, depth + 1)?,
                None => return Err(WriteError::Type(value.type_name())),
            },
        }
        Ok(())
    }

    fn list(&mut self, items: &[Value], depth: usize) -> Result<(), WriteError> {
        self.out.push(b'[');
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.out.push(b',');
            }
            self.line(depth + 1);
            self.value(item, depth + 1)?;
        }
        if !items.is_empty() {
            self.line(depth);
        }
        self.out.push(b']');
        Ok(())
    }

    fn members(&mut self, members: &[(Str, Value)], depth: usize) -> Result<(), WriteError> {
        self.out.push(b'{');
        for (at, (name, value)) in members.iter().enumerate() {
            if at > 0 {
                self.out.push(b',');
            }
            self.line(depth + 1);
            string(&mut self.out, name, self.style.html);
            self.out.extend_from_slice(if self.style.pretty { b": " } else { b":" });
            self.value(value, depth + 1)?;
        }
        if !members.is_empty() {
            self.line(depth);
        }
        self.out.push(b'}');
        Ok(())
    }

    fn line(&mut self, depth: usize) {
        if self.style.pretty {
            self.out.push(b'\n');
            self.out.resize(self.out.len() + 2 * depth, b' ');
        }
    }
}

/// Floats have an exponent below 1e-6 and from 1e21 on, as in JavaScript.
pub(crate) fn float(kind: FloatType, value: f64) -> Result<String, WriteError> {
    if !value.is_finite() {
        let name = if value.is_nan() {
            "NaN"
        } else if value > 0.0 {
            "+Inf"
        } else {
            "-Inf"
        };
        return Err(WriteError::Value(name));
    }
    let exact = shortest(kind, value);
    let size = value.abs();
    let plain = match kind {
        FloatType::Float64 => size == 0.0 || (1e-6..1e21).contains(&size),
        FloatType::Float32 => size == 0.0 || ((size as f32) >= 1e-6 && (size as f32) < 1e21),
    };
    if plain {
        return Ok(exact.to_string());
    }
    let text = format!("{exact:e}");
    Ok(if text.contains("e-") { text } else { text.replace('e', "e+") })
}

pub(crate) fn string(out: &mut Vec<u8>, text: &[u8], html: bool) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    let mut rest = text;
    while let Some(&byte) = rest.first() {
        let plain = rest.iter().take_while(|byte| is_plain(**byte, html)).count();
        if plain > 0 {
            out.extend_from_slice(&rest[..plain]);
            rest = &rest[plain..];
            continue;
        }
        if byte >= 0x80 {
            let (c, len) = decode(rest).unwrap_or((REPLACEMENT, 1));
            match c {
                REPLACEMENT if len == 1 => out.extend_from_slice(b"\\ufffd"),
                '\u{2028}' => out.extend_from_slice(b"\\u2028"),
                '\u{2029}' => out.extend_from_slice(b"\\u2029"),
                _ => out.extend_from_slice(&rest[..len]),
            }
            rest = &rest[len..];
            continue;
        }
        match byte {
            b'"' | b'\\' => out.extend([b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            _ => out.extend([b'\\', b'u', b'0', b'0', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]),
        }
        rest = &rest[1..];
    }
    out.push(b'"');
}

fn is_plain(byte: u8, html: bool) -> bool {
    (b' '..0x80).contains(&byte) && !matches!(byte, b'"' | b'\\') && !(html && matches!(byte, b'<' | b'>' | b'&'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_as_go_writes_it() {
        let value = Value::from(&json!({"b": "<a>\u{2028}\u{7f}", "a": [1, 1.5, 1e21, 1e-7, 100.0], "c": {}, "d": []}));
        let text = |html, pretty| String::from_utf8(write(&value, Style { html, pretty }).unwrap()).unwrap();
        let expected = "{\"a\":[1,1.5,1e+21,1e-7,100],\"b\":\"\\u003ca\\u003e\\u2028\u{7f}\",\"c\":{},\"d\":[]}";
        assert_eq!(text(true, false), expected);
        assert!(text(false, true).starts_with("{\n  \"a\": [\n    1,\n    1.5,"));
        assert!(text(false, true).ends_with("\"c\": {},\n  \"d\": []\n}"));
    }

    #[test]
    fn what_has_no_json_is_an_error() {
        let error = write(&Value::from(f64::NAN), Style { html: true, pretty: false }).unwrap_err();
        assert_eq!(error.to_string(), "json: unsupported value: NaN");
    }
}

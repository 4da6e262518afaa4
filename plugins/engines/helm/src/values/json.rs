//! JSON values out of a longer text.

use weir_gotmpl::{Map, Value};

/// The JSON value at the start of a text, and how long it is.
///
/// # Errors
/// The text does not begin with a JSON value.
pub(super) fn prefix(text: &str) -> Result<(Value, usize), String> {
    let body = text.trim_start_matches([' ', '\t', '\r', '\n']);
    let skipped = text.len() - body.len();
    let len = match scalar_len(body) {
        // A number or word ends where it can end; the parser would want a delimiter there.
        Some(len) => len,
        None => {
            let mut values = serde_json::Deserializer::from_str(body).into_iter::<serde_json::Value>();
            match values.next() {
                Some(Ok(value)) => return Ok((from_json(value), skipped + values.byte_offset())),
                Some(Err(error)) => return Err(error.to_string()),
                None => return Err("unexpected end of JSON input".to_owned()),
            }
        }
    };
    let value = serde_json::from_str(&body[..len]).map_err(|error| error.to_string())?;
    Ok((from_json(value), skipped + len))
}

/// The length of a number or a word at the start of the text.
fn scalar_len(text: &str) -> Option<usize> {
    if let Some(word) = ["true", "false", "null"].into_iter().find(|word| text.starts_with(word)) {
        return Some(word.len());
    }
    let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let mut at = usize::from(text.starts_with('-'));
    let whole = if text[at..].starts_with('0') { 1 } else { digits(at) };
    if whole == 0 {
        return None;
    }
    at += whole;
    if text[at..].starts_with('.') {
        at += 1 + digits(at + 1);
    }
    if text[at..].starts_with(['e', 'E']) {
        at += 1 + usize::from(text[at + 1..].starts_with(['+', '-']));
        at += digits(at);
    }
    Some(at)
}

/// As Go's `encoding/json` fills an `interface{}`: every number is a `float64`.
pub(crate) fn from_json(json: serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Nil,
        serde_json::Value::Bool(value) => Value::Bool(value),
        serde_json::Value::Number(number) => Value::float(number.as_f64().unwrap_or_default()),
        serde_json::Value::String(text) => Value::from(text),
        serde_json::Value::Array(items) => Value::from(items.into_iter().map(from_json).collect::<Vec<_>>()),
        serde_json::Value::Object(members) => {
            members.into_iter().map(|(name, member)| (name, from_json(member))).collect::<Map>().into()
        }
    }
}

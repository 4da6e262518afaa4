//! JSON text as Go's decoder reads it, with its errors.

use serde_json::Value;
use serde_json::error::Category;

use crate::error::{Error, Result};

/// Reads JSON.
///
/// # Errors
/// The message of Go's decoder.
pub(crate) fn parse(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| Error::refused(message(text, &error)))
}

fn message(text: &str, error: &serde_json::Error) -> String {
    if error.classify() == Category::Eof {
        return "unexpected end of JSON input".to_owned();
    }
    let place = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    let at = |column: usize| place.get(column..).and_then(|rest| rest.chars().next());
    let found = at(error.column().saturating_sub(1)).map_or_else(|| "'\\n'".to_owned(), |c| format!("'{}'", c));
    let shown = error.to_string();
    let context = [
        ("key must be a string", "looking for beginning of object key string"),
        ("trailing comma", "looking for beginning of value"),
        ("expected value", "looking for beginning of value"),
        ("expected `:`", "after object key"),
        ("expected `,` or `}`", "after object key:value pair"),
        ("expected `,` or `]`", "after array element"),
        ("trailing characters", "after top-level value"),
        ("control character", "in string literal"),
        ("invalid escape", "in string escape code"),
        ("invalid number", "in numeric literal"),
    ];
    match context.iter().find(|(ours, _)| shown.starts_with(ours)) {
        Some((_, theirs)) => format!("invalid character {found} {theirs}"),
        None => format!("invalid character {found} looking for beginning of value"),
    }
}

/// Data as it is after Go kept every number as a float.
pub(crate) fn with_floats(value: &mut Value) {
    match value {
        Value::Number(number) => {
            // Whole numbers below this are exact.
            const EXACT: f64 = 9_007_199_254_740_992.0;
            let Some(float) = number.as_f64().filter(|float| !number.is_f64() && float.abs() >= EXACT) else { return };
            // Both languages print the shortest digits that give the same float, and fill up with zeros.
            if let Ok(whole) = serde_json::from_str(&float.to_string()) {
                *value = whole;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(with_floats),
        Value::Object(fields) => fields.values_mut().for_each(with_floats),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn refusals() {
        for (text, expected) in [
            ("[{op: add}]", "invalid character 'o' looking for beginning of object key string"),
            ("[{\"op\": add}]", "invalid character 'a' looking for beginning of value"),
            ("[{\"op\": \"add\"", "unexpected end of JSON input"),
            ("[{\"op\" \"add\"}]", "invalid character '\"' after object key"),
            ("[{\"op\": \"add\" x", "invalid character 'x' after object key:value pair"),
            ("[1 2]", "invalid character '2' after array element"),
            ("[] x", "invalid character 'x' after top-level value"),
        ] {
            assert_eq!(parse(text).unwrap_err().chain(), expected, "{text}");
        }
    }

    #[test]
    fn large_numbers_lose_digits() {
        let mut value = json!([9_223_372_036_854_775_808_u64, 9_007_199_254_740_993_i64, 5, 1.5]);
        with_floats(&mut value);
        assert_eq!(value, json!([9_223_372_036_854_776_000_u64, 9_007_199_254_740_992_i64, 5, 1.5]));
    }
}

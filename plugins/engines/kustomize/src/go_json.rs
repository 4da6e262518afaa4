//! JSON text as Go's decoder reads it, with its errors.

use serde_json::Value;
use serde_json::error::Category;
use weir_yaml::{Kind, Node, Tag};

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

/// Shorter numbers are written as they are.
const FIRST_FLOAT_DIGITS: usize = 7;

/// Writes numbers as the original does in what it makes of JSON data: every number was a float on the way, so that one of
/// seven digits or more reads `1e+06` where its text is taken.
pub(crate) fn write_floats(node: &mut Node) {
    match &mut node.kind {
        Kind::Scalar(text) if node.tag == Tag::Int && text.len() >= FIRST_FLOAT_DIGITS => {
            let Ok(float) = text.parse() else { return };
            let shown = weir_yaml::format_float(float);
            if shown != *text {
                *text = shown;
                node.tag = Tag::Float;
            }
        }
        Kind::Scalar(_) => {}
        Kind::Sequence(items) => items.iter_mut().for_each(write_floats),
        Kind::Mapping(fields) => fields.iter_mut().for_each(|(_, value)| write_floats(value)),
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
    fn numbers_are_written_as_floats() {
        let mut node = weir_yaml::from_json(json!([
            9_223_372_036_854_775_808_u64,
            1_000_000,
            100_000,
            "1000000",
            [1.5, -20_000_000]
        ]));
        write_floats(&mut node);
        let expected = "- 9.223372036854776e+18\n- 1e+06\n- 100000\n- \"1000000\"\n- - 1.5\n  - -2e+07\n";
        assert_eq!(weir_yaml::to_string(&node), expected);
    }
}

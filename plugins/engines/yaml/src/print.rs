use serde_json::Value;

use crate::number::format_float;
use crate::resolve::{Resolved, Rules, is_base60, resolve};
use crate::scalar::{Version, Writer, analyze};
use crate::sort::compare_keys;

/// Where go-yaml v2 starts to break lines.
const WIDTH: usize = 80;
const INDENT: usize = 2;
/// Longer keys get the `? key` form.
const MAX_SIMPLE_KEY: usize = 128;

/// Prints data as `sigs.k8s.io/yaml` does: keys sorted, sequences not indented, lines broken after 80 columns.
pub fn to_yaml(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => mapping(map, 0, &mut out),
        Value::Array(items) if !items.is_empty() => sequence(items, 0, &mut out),
        value => {
            scalar(value, INDENT, &mut out);
            end_line(&mut out);
        }
    }
    out
}

fn end_line(out: &mut String) {
    if !out.ends_with('\n') {
        out.push('\n');
    }
}

fn pad(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', indent));
}

/// Writes fields, the first one at the current position, which is `indent` columns in or at the start of a line.
fn mapping(map: &serde_json::Map<String, Value>, indent: usize, out: &mut String) {
    let mut fields: Vec<(&String, &Value)> = map.iter().collect();
    fields.sort_by(|(a, _), (b, _)| compare_keys(a, b));
    for (index, (name, value)) in fields.into_iter().enumerate() {
        if index > 0 || out.is_empty() || out.ends_with('\n') {
            pad(indent, out);
        }
        if name.len() > MAX_SIMPLE_KEY || analyze(name, Version::V2).multiline {
            explicit_key(name, indent, out);
            inline(value, indent + INDENT, out);
            continue;
        }
        key(name, out);
        out.push(':');
        field_value(value, indent, out);
    }
}

fn explicit_key(name: &str, indent: usize, out: &mut String) {
    out.push_str("? ");
    string(name, indent + INDENT, false, out);
    end_line(out);
    pad(indent, out);
    out.push_str(": ");
}

fn field_value(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push('\n');
            mapping(map, indent + INDENT, out);
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            sequence(items, indent, out);
        }
        value => {
            out.push(' ');
            scalar(value, indent + INDENT, out);
            end_line(out);
        }
    }
}

fn sequence(items: &[Value], indent: usize, out: &mut String) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 || out.is_empty() || out.ends_with('\n') {
            pad(indent, out);
        }
        out.push_str("- ");
        inline(item, indent + INDENT, out);
    }
}

/// A value that starts on the line of its `- `.
fn inline(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => mapping(map, indent, out),
        Value::Array(items) if !items.is_empty() => sequence(items, indent, out),
        value => {
            scalar(value, indent, out);
            end_line(out);
        }
    }
}

fn scalar(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(value) => out.push_str(&format_float(value)),
            None => out.push_str(&number.to_string()),
        },
        Value::String(text) => string(text, indent, false, out),
        Value::Array(_) => out.push_str("[]"),
        Value::Object(_) => out.push_str("{}"),
    }
}

fn key(text: &str, out: &mut String) {
    string(text, 0, true, out);
}

fn string(text: &str, indent: usize, simple_key: bool, out: &mut String) {
    let allowed = analyze(text, Version::V2);
    let width = (!simple_key).then_some(WIDTH);
    if text.contains('\n') {
        let literal = allowed.block && !simple_key;
        let mut writer = Writer::new(out, indent, width);
        if literal {
            writer.literal(text);
        } else {
            writer.double_quoted(text);
        }
        return;
    }
    // The key for merging is a word like any other to go-yaml v2.
    let is_string = matches!(resolve(text, Rules::Yaml11), Resolved::Str | Resolved::Merge) && !is_base60(text);
    if is_string && allowed.block_plain {
        return Writer::new(out, indent, width).plain(text);
    }
    let mut writer = Writer::new(out, indent, width);
    if is_string && allowed.single_quoted {
        writer.single_quoted(text);
    } else {
        writer.double_quoted(text);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(value: Value, expected: &str) {
        assert_eq!(to_yaml(&value), expected);
    }

    #[test]
    fn collections() {
        check(
            json!({"b": [{"y": 1, "x": [1, [2, 3]]}], "a": {"n": {}, "l": []}, "c": null}),
            "a:\n  l: []\n  \"n\": {}\nb:\n- x:\n  - 1\n  - - 2\n    - 3\n  \"y\": 1\nc: null\n",
        );
        check(json!([]), "[]\n");
    }

    #[test]
    fn strings() {
        for (text, expected) in [
            ("plain text", "plain text"),
            ("yes", "\"yes\""),
            ("1", "\"1\""),
            ("12:30", "\"12:30\""),
            ("", "\"\""),
            ("a: b", "'a: b'"),
            ("it's", "it's"),
            ("# no", "'# no'"),
            (" lead", "' lead'"),
            ("tab\there", "\"tab\\there\""),
            ("- x", "'- x'"),
            ("a #b", "'a #b'"),
            ("{{ x }}", "'{{ x }}'"),
            ("😀", "\"\\U0001F600\""),
            ("é", "é"),
        ] {
            check(json!({"k": text}), &format!("k: {expected}\n"));
        }
    }

    #[test]
    fn blocks() {
        check(json!({"k": "a\nb\n"}), "k: |\n  a\n  b\n");
        check(json!({"k": "a\nb"}), "k: |-\n  a\n  b\n");
        check(json!({"k": "a\n\n"}), "k: |+\n  a\n\n");
        check(json!({"k": " a\nb\n"}), "k: |2\n   a\n  b\n");
        check(json!({"k": "a \nb"}), "k: \"a \\nb\"\n");
    }

    #[test]
    fn long_lines_are_folded() {
        let text = "word ".repeat(20) + "end";
        let expected = format!("k: {}\n  word word word word end\n", "word ".repeat(16).trim_end());
        check(json!({"k": text}), &expected);
    }

    #[test]
    fn long_keys_are_explicit() {
        let key = "k".repeat(129);
        check(json!({key.clone(): {"a": 1}}), &format!("? {key}\n: a: 1\n"));
    }
}

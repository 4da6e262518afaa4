//! Changes inside of text that holds YAML or JSON itself, such as a file in a ConfigMap.

use serde_json::Value;
use weir_yaml::{Node, Rules, go_json, to_json};

use super::path_match::{Shape, lookup, visit};
use crate::error::{Error, Result};

/// Tries to change a field of the data that a text on the path holds. `false` when there is no such text or field.
pub(super) fn set(
    node: &mut Node,
    path: &[String],
    create: Option<Shape>,
    act: &mut dyn FnMut(&mut Node) -> Result<()>,
) -> bool {
    let Some((length, mut data)) = find(node, path) else { return false };
    let before = data.clone();
    match visit(&mut data, &path[length..], create, act) {
        Ok(count) if count > 0 => {}
        _ => return false,
    }
    let (outer, _) = path.split_at(length);
    let mut replaced = false;
    let outcome = visit(node, outer, None, &mut |text| {
        let new = serialize(&data, &before, text.text())?;
        text.set_text(new);
        replaced = true;
        Ok(())
    });
    outcome.is_ok() && replaced
}

/// The length of the shortest path to a text that parses, and its data.
fn find(node: &Node, path: &[String]) -> Option<(usize, Node)> {
    (1..path.len()).find_map(|length| {
        let text = lookup(node, &path[..length]).ok().flatten().filter(|node| node.is_scalar())?;
        let data = weir_yaml::parse_first(text.text()).ok().flatten()?;
        Some((length, data))
    })
}

fn serialize(data: &Node, before: &Node, original: &str) -> Result<String> {
    if !original.trim_start().starts_with(['{', '[']) {
        return Ok(print(data, before, original).trim().to_owned());
    }
    let value = to_json(data, Rules::Yaml12).map_err(Error::Data)?;
    if original.contains('\n') && original.contains("  ") {
        let mut out = String::new();
        pretty(&value, 0, &mut out);
        return Ok(out);
    }
    Ok(go_json(&value))
}

/// The data as YAML, with the comments of the text that it comes from.
fn print(data: &Node, before: &Node, original: &str) -> String {
    let commented = original.contains('#').then(|| weir_yaml::parse_first_commented(original));
    match commented {
        Some(Ok(Some((_, mut comments)))) if !comments.is_empty() => {
            comments.follow(before, data);
            weir_yaml::to_string_commented(data, &comments)
        }
        _ => weir_yaml::to_string(data),
    }
}

/// Go's indented JSON, with two spaces.
fn pretty(value: &Value, indent: usize, out: &mut String) {
    let entries: Vec<(Option<&String>, &Value)> = match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().map(|(key, value)| (Some(key), value)).collect();
            fields.sort_by_key(|(key, _)| *key);
            fields
        }
        Value::Array(items) => items.iter().map(|item| (None, item)).collect(),
        _ => Vec::new(),
    };
    if entries.is_empty() {
        out.push_str(&go_json(value));
        return;
    }
    let (open, close) = if value.is_object() { ('{', '}') } else { ('[', ']') };
    let pad = "  ".repeat(indent + 1);
    out.push(open);
    for (index, (key, value)) in entries.into_iter().enumerate() {
        out.push_str(if index > 0 { ",\n" } else { "\n" });
        out.push_str(&pad);
        if let Some(key) = key {
            out.push_str(&go_json(&Value::String(key.clone())));
            out.push_str(": ");
        }
        pretty(value, indent + 1, out);
    }
    out.push('\n');
    out.push_str(&"  ".repeat(indent));
    out.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let mut node = Node::mapping();
        node.push("data", Node::string(text));
        let path = ["data".to_owned(), "a".to_owned(), "b".to_owned()];
        let changed = set(&mut node, &path, None, &mut |node| {
            node.set_text("NEW");
            Ok(())
        });
        assert_eq!((changed, node.get("data").unwrap().text()), (text != expected, expected));
    }

    #[test]
    fn texts() {
        check("a:\n  b: x\n", "a:\n  b: NEW");
        check(r#"{"a":{"b":"x"}}"#, r#"{"a":{"b":"NEW"}}"#);
        check("{\n  \"a\": {\"b\": \"x\"}}", "{\n  \"a\": {\n    \"b\": \"NEW\"\n  }\n}");
        check("plain", "plain");
    }
}

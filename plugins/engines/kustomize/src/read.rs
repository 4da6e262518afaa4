//! From the text of a file to resources.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value;
use weir_yaml::{Kind, Node, Tag, decode, go_json, parse_first};

use crate::error::{Error, Result};
use crate::key_comments;
use crate::resource::Resource;

/// Text from the bytes of a file.
pub(crate) fn text(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|_| Error::refused("yaml: invalid leading UTF-8 octet"))
}

/// Reads every resource of a text; lists become their items.
pub(crate) fn resources(text: &str) -> Result<Vec<Resource>> {
    let mut nodes = documents(text)?;
    for node in &mut nodes {
        resolve_merge_keys(node)?;
        forget_repeated_annotations(node);
    }
    let nodes = inline_lists(drop_bad(nodes)?)?;
    let mut resources: Vec<Resource> = nodes.into_iter().map(Resource::new).collect();
    if let Some(source) = key_comments::source(text) {
        resources.iter_mut().for_each(|resource| resource.source = Some(source.clone()));
    }
    Ok(resources)
}

fn documents(text: &str) -> Result<Vec<Node>> {
    let text = if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) };
    let chunks = split(&text)?;
    let mut nodes = Vec::with_capacity(chunks.len());
    for chunk in &chunks {
        let Some(node) = parse_first(chunk).map_err(Error::Malformed)? else { continue };
        if node.is_null() {
            continue;
        }
        match unwrapped_items(&node, chunks.len()) {
            Some(items) => nodes.extend(items),
            None => nodes.push(node),
        }
    }
    Ok(nodes)
}

/// A file that is one `List` stands for its items.
fn unwrapped_items(node: &Node, chunks: usize) -> Option<Vec<Node>> {
    let kind = node.get("kind").map_or("", Node::text);
    if chunks != 1 || !matches!(kind, "List" | "ResourceList") {
        return None;
    }
    match (node.get("items"), node.get("functionConfig")) {
        (Some(items), _) => Some(items.items().to_vec()),
        (None, Some(_)) => Some(Vec::new()),
        (None, None) => None,
    }
}

/// Splits at lines that start with `---`. Such a line inside of a block of text separates as well.
pub(crate) fn split(text: &str) -> Result<Vec<&str>> {
    let mut chunks = Vec::new();
    let mut rest = text;
    let mut from = 0;
    while let Some(found) = rest[from..].find("\n---") {
        let at = from + found;
        let Some(length) = rest[at + 4..].find('\n') else { break };
        let after = rest[at + 4..at + 4 + length].trim();
        if !after.is_empty() && !after.starts_with('#') {
            let separator = rest[at..at + 4 + length].trim();
            return Err(Error::refused(format!("invalid document separator: {separator}")));
        }
        chunks.push(&rest[..at + 1]);
        rest = &rest[at + 4 + length + 1..];
        from = 0;
    }
    chunks.push(rest);
    Ok(chunks)
}

/// Copies what `<<` refers to into its mapping. A mapping's own fields win; of several mappings the first one wins.
fn resolve_merge_keys(node: &mut Node) -> Result<()> {
    match &mut node.kind {
        Kind::Scalar(_) => Ok(()),
        Kind::Sequence(items) => items.iter_mut().try_for_each(resolve_merge_keys),
        Kind::Mapping(fields) => {
            if let Some(at) = fields.iter().position(|(key, _)| key.tag == Tag::Merge) {
                let (_, merged) = fields.remove(at);
                for source in merge_sources(merged)? {
                    add_missing(fields, source);
                }
            }
            repeat_null_keys(fields);
            fields.iter_mut().try_for_each(|(_, value)| resolve_merge_keys(value))
        }
    }
}

/// The original sets every field of a mapping anew there, and does not find one whose key is a null by its name: it is
/// there twice then, which is refused where the mapping becomes JSON.
fn repeat_null_keys(fields: &mut Vec<(Node, Node)>) {
    let nulls: Vec<_> = fields.iter().filter(|(key, _)| key.is_null() && !key.text().is_empty()).cloned().collect();
    for (key, value) in nulls {
        match fields.iter_mut().find(|(key, _)| key.text().is_empty()) {
            Some((_, nameless)) => *nameless = value,
            None => fields.push((key, value)),
        }
    }
}

/// Annotations are written once more later on, each of them once.
fn forget_repeated_annotations(node: &mut Node) {
    let annotations = node.get_mut("metadata").and_then(|metadata| metadata.get_mut("annotations"));
    if let Some(fields) = annotations.and_then(Node::fields_mut) {
        let mut seen = BTreeSet::new();
        fields.retain(|(key, _)| !key.is_null() || seen.insert(key.text().to_owned()));
    }
}

fn merge_sources(node: Node) -> Result<Vec<Node>> {
    match node.kind {
        Kind::Mapping(_) => Ok(vec![node]),
        Kind::Sequence(items) if items.iter().all(Node::is_mapping) => Ok(items),
        Kind::Sequence(_) => Err(Error::refused("invalid map merge: received a nested sequence")),
        Kind::Scalar(_) => Err(Error::refused("map merge requires map or sequence of maps as the value")),
    }
}

fn add_missing(fields: &mut Vec<(Node, Node)>, source: Node) {
    let Kind::Mapping(other) = source.kind else { return };
    for (key, value) in other {
        if !fields.iter().any(|(existing, _)| existing.text() == key.text()) {
            fields.push((key, value));
        }
    }
}

fn drop_bad(nodes: Vec<Node>) -> Result<Vec<Node>> {
    let mut good = Vec::with_capacity(nodes.len());
    for node in nodes {
        if !node.is_empty() {
            validate(&node)?;
            good.push(node);
        }
    }
    Ok(good)
}

fn present<'a>(node: &'a Node, path: &[&str]) -> &'a str {
    node.lookup(path).filter(|node| !node.is_null()).map_or("", Node::text)
}

/// What makes a document a resource: a kind, and a name unless it is a list.
pub(crate) fn validate(node: &Node) -> Result<()> {
    let (kind, name) = (present(node, &["kind"]), present(node, &["metadata", "name"]));
    let metadata = node.get("metadata").filter(|metadata| !metadata.is_empty());
    let is_object = ["apiVersion", "kind"].iter().any(|field| node.get(field).is_some_and(|value| !value.is_empty()));
    if !is_object && metadata.is_none() {
        return Err(Error::refused("missing Resource metadata"));
    }
    if kind.is_empty() {
        return Err(Error::refused(format!("missing kind in object {}", go_meta(node))));
    }
    if name.is_empty() && !kind.ends_with("List") {
        return Err(Error::refused(format!("missing metadata.name in object {}", go_meta(node))));
    }
    Ok(())
}

/// An object's metadata as Go prints that structure.
fn go_meta(node: &Node) -> String {
    let map = |field: &str| {
        let mut fields: Vec<_> = node.lookup(&["metadata", field]).map_or(&[][..], Node::fields).iter().collect();
        fields.sort_by_key(|(key, _)| key.text());
        let text = |value: &Node| if value.is_null() { String::new() } else { value.text().to_owned() };
        let entries: Vec<String> =
            fields.into_iter().map(|(key, value)| format!("{}:{}", key.text(), text(value))).collect();
        format!("map[{}]", entries.join(" "))
    };
    format!(
        "{{{{{} {}}} {{{{{} {}}} {} {}}}}}",
        present(node, &["apiVersion"]),
        present(node, &["kind"]),
        present(node, &["metadata", "name"]),
        present(node, &["metadata", "namespace"]),
        map("labels"),
        map("annotations")
    )
}

/// Replaces every `FooList` by its items, which follow everything else of the text.
fn inline_lists(nodes: Vec<Node>) -> Result<Vec<Node>> {
    let mut queue = std::collections::VecDeque::from(nodes);
    let mut result = Vec::with_capacity(queue.len());
    while let Some(node) = queue.pop_front() {
        let kind = node.get("kind").map_or("", Node::text);
        if !kind.ends_with("List") {
            result.push(node);
            continue;
        }
        match decode(&node)?.get_mut("items").map(Value::take) {
            None => result.push(node),
            Some(Value::Null) => {}
            Some(Value::Array(items)) => queue.extend(drop_bad(from_json_texts(&items)?)?),
            Some(_) => return Err(Error::refused(format!("expected array in {kind}/items"))),
        }
    }
    Ok(result)
}

fn from_json_texts(items: &[Value]) -> Result<Vec<Node>> {
    let mut nodes = Vec::with_capacity(items.len());
    for item in items {
        nodes.extend(parse_first(&go_json(item)).map_err(Error::Malformed)?);
    }
    Ok(nodes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        resources(text).unwrap().iter().map(|resource| resource.name().to_owned()).collect()
    }

    #[test]
    fn documents_and_lists() {
        let one = |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n");
        assert_eq!(names(&format!("---\n{}--- # next\n{}---\n", one("a"), one("b"))), ["a", "b"]);
        let list =
            "apiVersion: v1\nkind: ConfigMapList\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: x}}\n";
        assert_eq!(names(&format!("{list}---\n{}", one("y"))), ["y", "x"]);
        assert_eq!(names("kind: List\napiVersion: v1\nitems: []\n"), [""; 0]);
    }

    #[test]
    fn refusals() {
        for (text, expected) in [
            ("a: 1\n", "missing Resource metadata"),
            ("just text\n", "missing Resource metadata"),
            ("apiVersion: v1\nmetadata: {name: a}\n", "missing kind in object {{v1 } {{a } map[] map[]}}"),
            ("kind: A\n", "missing metadata.name in object {{ A} {{ } map[] map[]}}"),
            ("a: 1\n--- oops\nb: 2\n", "invalid document separator: --- oops"),
        ] {
            assert_eq!(resources(text).unwrap_err().chain(), expected);
        }
        assert!(resources("a: [\n").unwrap_err().is_malformed());
    }

    #[test]
    fn merge_keys() {
        let text = "kind: A\nmetadata: {name: a}\nx: &x {p: 1, q: 2}\ny:\n  <<: *x\n  q: 3\n";
        let resource = &resources(text).unwrap()[0];
        assert_eq!(resource.to_json().unwrap()["y"], serde_json::json!({"p": 1, "q": 3}));
    }
}

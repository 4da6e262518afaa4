//! YAML to values.

use weir_gotmpl::{Map, Value};
use weir_yaml::{Kind, Node, Resolved, Rules, Tag};

use crate::Helm;
use crate::decode::{self, Place};

/// What a values file holds, as `sigs.k8s.io/yaml` fills a map with it: every number is a `float64`. An empty file is an
/// empty map. Helm 3 reads the first document, Helm 4 lays the later ones over it.
///
/// # Errors
/// Text that is not YAML, or no mapping.
pub fn read_values(text: &[u8], helm: Helm) -> Result<Map, String> {
    match helm {
        Helm::V3 => read_one(text),
        Helm::V4 => read_documents(text),
    }
}

/// All documents, the later ones laid over the earlier ones.
fn read_documents(text: &[u8]) -> Result<Map, String> {
    let mut values: Option<Map> = None;
    for document in documents(text)? {
        let next = read_one(document).map_err(|error| format!("cannot unmarshal yaml document: {error}"))?;
        values = Some(match values {
            Some(values) => super::tables::overlay(&values, &next),
            None => next,
        });
    }
    Ok(values.unwrap_or_default())
}

fn read_one(text: &[u8]) -> Result<Map, String> {
    let Some(node) = decode::parse(text)? else { return Ok(Map::new()) };
    let is_table = node.is_mapping() || decode::is_null(&node);
    if !is_table {
        decode::check(&node)?;
        return Place::root("map[string]interface {}").entries(&node, "").map(|_| Map::new());
    }
    match from_node(node).map_err(|error| format!("error converting YAML to JSON: {error}"))? {
        Value::Map(map) => Ok(map),
        _ => Ok(Map::new()),
    }
}

/// The documents of a stream, between lines of three dashes.
fn documents(text: &[u8]) -> Result<Vec<&[u8]>, String> {
    let mut documents = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        if let Some(rest) = line.strip_prefix(b"---") {
            let rest = String::from_utf8_lossy(rest);
            if !rest.trim().is_empty() && !rest.trim().starts_with('#') {
                return Err(format!("error reading yaml document: invalid Yaml document separator: {}", rest.trim()));
            }
            documents.push(&text[start..at]);
            start = at + line.len();
        }
        at += line.len();
    }
    documents.push(&text[start..]);
    documents.retain(|document| !document.is_empty());
    Ok(documents)
}

/// A value as `sigs.k8s.io/yaml` puts it into an `interface{}`.
///
/// # Errors
/// What has no JSON form.
pub(crate) fn from_node(node: Node) -> Result<Value, weir_yaml::Error> {
    let resolved = match &node.kind {
        Kind::Scalar(_) if node.tag == Tag::Binary => return from_json(&node),
        Kind::Scalar(_) => Some(weir_yaml::scalar_of(&node, Rules::Yaml11)?),
        _ => None,
    };
    match (node.kind, resolved) {
        (Kind::Scalar(text), Some(resolved)) => Ok(from_scalar(text, &resolved)),
        (Kind::Scalar(text), None) => Ok(Value::from(text)),
        (Kind::Sequence(items), _) => {
            Ok(Value::from(items.into_iter().map(from_node).collect::<Result<Vec<Value>, _>>()?))
        }
        (Kind::Mapping(fields), _) => {
            let map = Map::new();
            for (key, value) in fields {
                if key.tag == Tag::Merge {
                    for node in decode::merged(&value)? {
                        add_all(&map, from_node(node.clone())?);
                    }
                } else {
                    let key = weir_yaml::key_text(&key, &value, Rules::Yaml11)?;
                    map.insert(key, from_node(value)?);
                }
            }
            Ok(Value::Map(map))
        }
    }
}

fn add_all(map: &Map, other: Value) {
    if let Value::Map(other) = other {
        for (key, value) in other.entries() {
            map.insert(key, value);
        }
    }
}

fn from_scalar(text: String, resolved: &Resolved) -> Value {
    match resolved {
        Resolved::Null => Value::Nil,
        Resolved::Bool(value) => Value::Bool(*value),
        Resolved::Int(number) => Value::float(*number as f64),
        Resolved::Uint(number) => Value::float(*number as f64),
        Resolved::Float(number) => Value::float(*number),
        Resolved::Timestamp(_) | Resolved::Merge | Resolved::Str => Value::from(text),
    }
}

fn from_json(node: &Node) -> Result<Value, weir_yaml::Error> {
    match weir_yaml::to_json(node, Rules::Yaml11)? {
        serde_json::Value::String(text) => Ok(Value::from(text)),
        _ => Ok(Value::Nil),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, helm: Helm) -> String {
        read_values(text.as_bytes(), helm).map_or_else(|error| error, |map| Value::Map(map).display().to_string())
    }

    #[test]
    fn numbers_are_floats() {
        let text = "a: 1\nb: 1000000\nc: yes\nd: 0x10\ne: [1.5, null, 2001-01-02]\nf: '1'\n1: x\n";
        assert_eq!(read(text, Helm::V3), "map[1:x a:1 b:1e+06 c:true d:16 e:[1.5 <nil> 2001-01-02] f:1]");
    }

    #[test]
    fn what_is_no_mapping_is_refused() {
        assert_eq!(read("", Helm::V3), "map[]");
        assert_eq!(read("null", Helm::V3), "map[]");
        assert_eq!(
            read("- a", Helm::V3),
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}"
        );
        assert!(read("a: b: c", Helm::V3).starts_with("error converting YAML to JSON: yaml: "));
    }

    #[test]
    fn documents_are_merged_in_helm_4() {
        let text = "a: {b: 1, c: 1}\n---\na: {b: 2}\n--- \nd: 1\n";
        assert_eq!(read(text, Helm::V3), "map[a:map[b:1 c:1]]");
        assert_eq!(read(text, Helm::V4), "map[a:map[b:2 c:1] d:1]");
    }

    #[test]
    fn merge_keys() {
        assert_eq!(read("x: &x {a: 1, b: 1}\nz:\n  <<: *x\n  b: 2\n", Helm::V3), "map[x:map[a:1 b:1] z:map[a:1 b:2]]");
    }
}

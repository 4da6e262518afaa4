//! What of a live object is ours: the values at the paths of our `managedFields` entry.

use serde_json::{Map, Value};

use crate::digest::Sink;

/// The entry of a manager's server-side applies to the object itself.
pub(crate) fn entry_of<'a>(live: &'a Value, manager: &str) -> Option<&'a Value> {
    entries(live).find(|e| is_entry(e, manager, "Apply"))
}

/// All entries.
pub(crate) fn entries(live: &Value) -> impl Iterator<Item = &Value> {
    live.pointer("/metadata/managedFields").and_then(Value::as_array).into_iter().flatten()
}

/// Whether an entry is this manager's, by this operation, on the object and not on a subresource.
pub(crate) fn is_entry(entry: &Value, manager: &str, operation: &str) -> bool {
    manager_of(entry) == manager && operation_of(entry) == operation && !is_subresource(entry)
}

pub(crate) fn manager_of(entry: &Value) -> &str {
    entry.get("manager").and_then(Value::as_str).unwrap_or_default()
}

pub(crate) fn operation_of(entry: &Value) -> &str {
    entry.get("operation").and_then(Value::as_str).unwrap_or_default()
}

pub(crate) fn is_subresource(entry: &Value) -> bool {
    entry.get("subresource").and_then(Value::as_str).is_some_and(|s| !s.is_empty())
}

/// Feeds paths and values of the fields that `manager` applied into `sink`.
///
/// Paths count as well as values: when somebody else sets one of our fields, the server takes its path out of our entry.
pub(crate) fn owned(live: &Value, manager: &str, sink: &mut Sink) {
    let fields = entry_of(live, manager).and_then(|e| e.get("fieldsV1")).and_then(Value::as_object);
    if let Some(fields) = fields {
        walk(fields, Some(live), sink);
    }
}

fn walk(fields: &Map<String, Value>, value: Option<&Value>, sink: &mut Sink) {
    let mut entries: Vec<_> = fields.iter().collect();
    entries.sort_unstable_by_key(|(path, _)| *path);
    for (path, children) in entries {
        sink.text(path);
        let at = step(path, value);
        match children.as_object().filter(|c| !c.is_empty()) {
            Some(children) => walk(children, at, sink),
            None if path == "." => sink.mark(u8::from(at.is_some())),
            None => leaf(at, sink),
        }
    }
}

fn leaf(value: Option<&Value>, sink: &mut Sink) {
    match value {
        Some(value) => sink.value(value),
        None => sink.mark(b'-'),
    }
}

/// One step of a `fieldsV1` path: `.` stays, `f:` a field, `k:` an item by its keys, `v:` an item by value, `i:` by index.
fn step<'a>(path: &str, value: Option<&'a Value>) -> Option<&'a Value> {
    if path == "." {
        return value;
    }
    let (kind, rest) = path.split_once(':')?;
    match kind {
        "f" => value?.get(rest),
        "i" => value?.get(rest.parse::<usize>().ok()?),
        "k" => {
            let keys: Map<String, Value> = serde_json::from_str(rest).ok()?;
            value?.as_array()?.iter().find(|item| keys.iter().all(|(k, v)| item.get(k) == Some(v)))
        }
        "v" => {
            let wanted: Value = serde_json::from_str(rest).ok()?;
            value?.as_array()?.iter().find(|item| **item == wanted)
        }
        _ => None,
    }
}

/// Whether an entry's fields contain this JSON pointer.
pub(crate) fn contains(entry: &Value, pointer: &str) -> bool {
    let mut at = entry.get("fieldsV1");
    for token in pointer.split('/').skip(1) {
        let Some(fields) = at else { return false };
        // A leaf above the pointer owns all that is below it.
        if fields.as_object().is_some_and(Map::is_empty) {
            return true;
        }
        let name = token.replace("~1", "/").replace("~0", "~");
        at = fields.get(format!("f:{name}"));
    }
    at.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn live() -> Value {
        json!({
            "metadata": {
                "labels": {"app": "a", "other": "x"},
                "managedFields": [
                    {"manager": "us", "operation": "Update", "fieldsV1": {"f:spec": {}}},
                    {"manager": "us", "operation": "Apply", "fieldsV1": {
                        "f:metadata": {"f:labels": {"f:app": {}}},
                        "f:spec": {
                            "f:atomic": {},
                            "f:ports": {"k:{\"port\":80}": {".": {}, "f:name": {}}},
                            "f:set": {"v:\"a\"": {}}
                        }
                    }}
                ]
            },
            "spec": {
                "atomic": {"x": 1},
                "ports": [{"port": 80, "name": "http", "target": 1}, {"port": 81}],
                "set": ["b", "a"],
                "theirs": 1
            }
        })
    }

    fn digest(live: &Value) -> crate::digest::Digest {
        let mut sink = Sink::default();
        owned(live, "us", &mut sink);
        sink.finish()
    }

    #[test]
    fn only_our_fields_count() {
        for (pointer, value, ours) in [
            ("/metadata/labels/app", json!("b"), true),
            ("/metadata/labels/other", json!("y"), false),
            ("/spec/atomic/x", json!(2), true),
            ("/spec/atomic", json!({"x": 1, "y": 2}), true),
            ("/spec/ports/0/name", json!("https"), true),
            ("/spec/ports/0/target", json!(2), false),
            ("/spec/ports", json!([{"port": 81}]), true),
            ("/spec/ports", json!([{"port": 81}, {"port": 80, "name": "http"}]), false),
            ("/spec/set", json!(["a", "c"]), false),
            ("/spec/set", json!(["b"]), true),
            ("/spec/theirs", json!(2), false),
            ("/metadata/managedFields/1/fieldsV1/f:spec/f:set", json!({}), true),
        ] {
            let mut changed = live();
            *changed.pointer_mut(pointer).unwrap() = value;
            assert_eq!(digest(&changed) != digest(&live()), ours, "{pointer}");
        }
    }

    #[test]
    fn pointers_are_found_in_entries() {
        let live = live();
        let entry = entry_of(&live, "us").unwrap();
        for (pointer, expected) in
            [("/spec/atomic", true), ("/spec/atomic/x", true), ("/spec/theirs", false), ("/metadata/labels/app", true)]
        {
            assert_eq!(contains(entry, pointer), expected, "{pointer}");
        }
    }
}

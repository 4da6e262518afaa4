//! Takes over what kubectl and earlier client-side applies wrote, so that removed fields really go.
//!
//! As Flux: entries of managers that begin with `kubectl` (Apply, Update), `before-first-apply` (Update), our own Update
//! entries and overridden managers become part of our Apply entry; leftovers of client-side apply and Flux v1 go away.

use serde_json::{Map, Value, json};

use crate::{fields, options::Config};

const ANNOTATIONS: [&str; 3] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    "kustomize.toolkit.fluxcd.io/checksum",
    "fluxcd.io/sync-checksum",
];
const LABELS: [&str; 1] = ["fluxcd.io/sync-gc-mark"];
const BEFORE_FIRST_APPLY: &str = "before-first-apply";
const KUBECTL: &str = "kubectl";

/// Whether the live object has anything to take over.
pub(crate) fn is_needed(live: &Value, config: &Config) -> bool {
    fields::entries(live).any(|e| is_foldable(e, config)) || !leftovers(live).is_empty()
}

/// The JSON patch that takes it over, or `None` when there is nothing to do. It fails when the object has changed since.
pub(crate) fn patch(live: &Value, config: &Config) -> Option<Value> {
    let mut operations: Vec<Value> = leftovers(live).iter().map(|p| json!({"op": "remove", "path": p})).collect();
    if fields::entries(live).any(|e| is_foldable(e, config)) {
        operations.push(json!({"op": "replace", "path": "/metadata/managedFields", "value": folded(live, config)}));
    }
    if operations.is_empty() {
        return None;
    }
    let version = live.pointer("/metadata/resourceVersion")?;
    operations.push(json!({"op": "replace", "path": "/metadata/resourceVersion", "value": version}));
    Some(Value::Array(operations))
}

fn is_foldable(entry: &Value, config: &Config) -> bool {
    let (manager, operation) = (fields::manager_of(entry), fields::operation_of(entry));
    let is_ours = manager == config.manager;
    if fields::is_subresource(entry) {
        return false;
    }
    match operation {
        "Update" => {
            is_ours || manager == BEFORE_FIRST_APPLY || manager.starts_with(KUBECTL) || is_overridden(manager, config)
        }
        "Apply" => !is_ours && (manager.starts_with(KUBECTL) || is_overridden(manager, config)),
        _ => false,
    }
}

fn is_overridden(manager: &str, config: &Config) -> bool {
    config.overridden.iter().any(|m| m == manager)
}

/// All entries, with the foldable ones merged into ours.
fn folded(live: &Value, config: &Config) -> Vec<Value> {
    let (fold, mut keep): (Vec<&Value>, Vec<&Value>) =
        fields::entries(live).partition(|e| is_foldable(e, config) || fields::is_entry(e, &config.manager, "Apply"));
    // Ours first: its version and time stay.
    let mut ours = fields::entry_of(live, &config.manager).or(fold.first().copied()).cloned().unwrap_or_default();
    for entry in fold {
        if let (Some(into), Some(from)) = (fields_of(&mut ours), entry.get("fieldsV1").and_then(Value::as_object)) {
            unite(into, from);
        }
    }
    ours["manager"] = config.manager.as_str().into();
    ours["operation"] = "Apply".into();
    keep.insert(0, &ours);
    keep.into_iter().cloned().collect()
}

fn fields_of(entry: &mut Value) -> Option<&mut Map<String, Value>> {
    entry.get_mut("fieldsV1")?.as_object_mut()
}

fn unite(into: &mut Map<String, Value>, from: &Map<String, Value>) {
    for (path, children) in from {
        let entry = into.entry(path.clone()).or_insert_with(|| json!({}));
        if let (Some(into), Some(from)) = (entry.as_object_mut(), children.as_object()) {
            unite(into, from);
        }
    }
}

/// JSON pointers of leftovers that the live object has.
fn leftovers(live: &Value) -> Vec<String> {
    let has = |map: &str, key: &str| live.get("metadata").and_then(|m| m.get(map)?.get(key)).is_some();
    let pointer = |map: &str, key: &str| format!("/metadata/{map}/{}", key.replace('/', "~1"));
    let annotations = ANNOTATIONS.iter().filter(|k| has("annotations", k)).map(|k| pointer("annotations", k));
    let labels = LABELS.iter().filter(|k| has("labels", k)).map(|k| pointer("labels", k));
    annotations.chain(labels).collect()
}

/// Removes the same leftovers from what is about to be applied.
pub(crate) fn strip(desired: &mut Value) {
    for (map, keys) in [("annotations", &ANNOTATIONS[..]), ("labels", &LABELS[..])] {
        let Some(map) = desired.get_mut("metadata").and_then(|m| m.get_mut(map)?.as_object_mut()) else { continue };
        keys.iter().for_each(|k| drop(map.remove(*k)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(entries: Value) -> Value {
        json!({"metadata": {"resourceVersion": "7", "managedFields": entries}})
    }

    fn entry(manager: &str, operation: &str, field: &str) -> Value {
        json!({"manager": manager, "operation": operation, "apiVersion": "v1", "fieldsV1": {"f:data": {field: {}}}})
    }

    #[test]
    fn foldable_managers_are_those_of_flux() {
        let mut config = Config::default();
        config.overridden.push("argocd".into());
        for (manager, operation, expected) in [
            ("kubectl-client-side-apply", "Update", true),
            ("kubectl", "Apply", true),
            ("kubectl-edit", "Update", true),
            ("before-first-apply", "Update", true),
            ("before-first-apply", "Apply", false),
            ("kustomize-controller", "Update", true),
            ("kustomize-controller", "Apply", false),
            ("flux-client-side-apply", "Update", false),
            ("argocd", "Apply", true),
            ("helm", "Apply", false),
        ] {
            assert_eq!(is_needed(&live(json!([entry(manager, operation, "f:a")])), &config), expected, "{manager}");
        }
        let mut scale = entry("kubectl", "Update", "f:a");
        scale["subresource"] = "scale".into();
        assert!(!is_needed(&live(json!([scale])), &config));
    }

    #[test]
    fn fields_are_united_under_our_name() {
        let live = live(json!([
            entry("other", "Update", "f:x"),
            entry("kubectl-edit", "Update", "f:a"),
            entry("kustomize-controller", "Apply", "f:b"),
        ]));
        let patch = patch(&live, &Config::default()).unwrap();
        assert_eq!(patch[0]["path"], "/metadata/managedFields");
        let entries = patch[0]["value"].as_array().unwrap();
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0]["manager"], "kustomize-controller");
        assert_eq!(entries[0]["fieldsV1"], json!({"f:data": {"f:a": {}, "f:b": {}}}));
        assert_eq!(entries[1]["manager"], "other");
        assert_eq!(patch[1], json!({"op": "replace", "path": "/metadata/resourceVersion", "value": "7"}));
    }

    #[test]
    fn without_an_entry_of_ours_theirs_becomes_ours() {
        let live = live(json!([entry("kubectl", "Update", "f:a")]));
        let entries = folded(&live, &Config::default());
        assert_eq!((entries.len(), &entries[0]["operation"]), (1, &json!("Apply")));
    }

    #[test]
    fn leftovers_are_removed() {
        let mut object = json!({"metadata": {"resourceVersion": "1", "annotations": {ANNOTATIONS[0]: "{}", "a": "b"}}});
        let patch = patch(&object, &Config::default()).unwrap();
        let pointer = "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration";
        assert_eq!(patch[0], json!({"op": "remove", "path": pointer}));
        strip(&mut object);
        assert_eq!(object["metadata"]["annotations"], json!({"a": "b"}));
    }
}

//! An untyped Kubernetes object and its accessors.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::id::ObjectId;

/// Why a document is not a Kubernetes object.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotAnObject {
    /// The document is not a mapping.
    #[error("a document must be a mapping with apiVersion, kind and metadata.name")]
    NotAMapping,
    /// A required field is absent or empty.
    #[error("missing `{field}` in: {what}")]
    Missing {
        /// For example `metadata.name`.
        field: &'static str,
        /// Kind and name, as far as known.
        what: String,
    },
}

/// A Kubernetes object with at least apiVersion, kind and metadata.name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Object(Value);

impl Object {
    /// Takes a document.
    ///
    /// # Errors
    /// When it lacks apiVersion, kind or metadata.name.
    pub fn new(value: Value) -> Result<Self, NotAnObject> {
        if !value.is_object() {
            return Err(NotAnObject::NotAMapping);
        }
        let object = Self(value);
        let what = || format!("{}/{}", object.kind(), object.name());
        for (field, text) in
            [("apiVersion", object.api_version()), ("kind", object.kind()), ("metadata.name", object.name())]
        {
            if text.is_empty() {
                return Err(NotAnObject::Missing { field, what: what() });
            }
        }
        Ok(object)
    }

    /// The whole document.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// The whole document, to change it.
    pub fn value_mut(&mut self) -> &mut Value {
        &mut self.0
    }

    /// The document itself.
    pub fn into_value(self) -> Value {
        self.0
    }

    /// `group/version`, or `version` for the core group.
    pub fn api_version(&self) -> &str {
        self.text("/apiVersion")
    }

    /// API group; empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version().rsplit_once('/').map_or("", |(group, _)| group)
    }

    /// Version without the group.
    pub fn version(&self) -> &str {
        self.api_version().rsplit_once('/').map_or(self.api_version(), |(_, version)| version)
    }

    /// Kind.
    pub fn kind(&self) -> &str {
        self.text("/kind")
    }

    /// Name.
    pub fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    /// Namespace; empty when it has none.
    pub fn namespace(&self) -> &str {
        self.text("/metadata/namespace")
    }

    /// Its id, without the version.
    pub fn id(&self) -> ObjectId {
        ObjectId {
            group: self.group().into(),
            kind: self.kind().into(),
            namespace: self.namespace().into(),
            name: self.name().into(),
        }
    }

    /// A label's value.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.0.get("metadata")?.get("labels")?.get(key)?.as_str()
    }

    /// An annotation's value.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.0.get("metadata")?.get("annotations")?.get(key)?.as_str()
    }

    /// A per-object setting: an annotation or label whose value Flux compares without case.
    pub fn setting_is(&self, key: &str, value: &str) -> bool {
        [self.annotation(key), self.label(key)].into_iter().flatten().any(|v| v.eq_ignore_ascii_case(value))
    }

    /// Sets a label.
    pub fn set_label(&mut self, key: &str, value: &str) {
        self.set_metadata("labels", key, value);
    }

    /// Sets an annotation.
    pub fn set_annotation(&mut self, key: &str, value: &str) {
        self.set_metadata("annotations", key, value);
    }

    /// Sets the namespace.
    pub fn set_namespace(&mut self, namespace: &str) {
        if let Some(metadata) = self.metadata_mut() {
            metadata.insert("namespace".into(), namespace.into());
        }
    }

    fn set_metadata(&mut self, map: &str, key: &str, value: &str) {
        let Some(metadata) = self.metadata_mut() else { return };
        let entry = metadata.entry(map).or_insert_with(|| Value::Object(Map::new()));
        // `labels: null` is legal in a manifest and means none.
        if !entry.is_object() {
            *entry = Value::Object(Map::new());
        }
        entry[key] = value.into();
    }

    fn metadata_mut(&mut self) -> Option<&mut Map<String, Value>> {
        self.0.get_mut("metadata").and_then(Value::as_object_mut)
    }

    fn text(&self, pointer: &str) -> &str {
        self.0.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}

/// Splits `List` kinds into their items, as kubectl does; other documents pass unchanged.
///
/// # Errors
/// When a document or item is no object.
pub fn flatten(document: Value) -> Result<Vec<Object>, NotAnObject> {
    let is_list = document.get("kind").and_then(Value::as_str).is_some_and(|k| k.ends_with("List"));
    match document {
        Value::Object(mut map) if is_list && map.get("items").is_some_and(Value::is_array) => {
            let items = map.remove("items").and_then(|i| serde_json::from_value::<Vec<Value>>(i).ok());
            items.unwrap_or_default().into_iter().map(Object::new).collect()
        }
        other => Object::new(other).map(|o| vec![o]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn accessors_read_and_write() {
        let mut object = Object::new(json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "prod", "labels": null}
        }))
        .unwrap();
        assert_eq!((object.group(), object.version()), ("apps", "v1"));
        assert_eq!(object.id().to_string(), "Deployment/prod/web");
        object.set_label("a", "Disabled");
        assert!(object.setting_is("a", "disabled"));
    }

    #[test]
    fn documents_without_identity_are_refused_by_field() {
        for (document, field) in [
            (json!({"kind": "A", "metadata": {"name": "x"}}), "apiVersion"),
            (json!({"apiVersion": "v1", "metadata": {"name": "x"}}), "kind"),
            (json!({"apiVersion": "v1", "kind": "A", "metadata": {}}), "metadata.name"),
        ] {
            let error = Object::new(document).unwrap_err();
            assert!(error.to_string().contains(field), "{error}");
        }
        assert_eq!(Object::new(json!([])), Err(NotAnObject::NotAMapping));
    }

    #[test]
    fn lists_are_flattened() {
        let item = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}});
        let list = json!({"apiVersion": "v1", "kind": "List", "items": [item, item]});
        assert_eq!(flatten(list).unwrap().len(), 2);
        assert_eq!(flatten(item).unwrap().len(), 1);
    }
}

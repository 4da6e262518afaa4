//! The only writer of our objects' status and finalizers.

use std::fmt::Debug;

use k8s_openapi::NamespaceResourceScope;
use kube::{
    Api, Client, Resource, ResourceExt,
    api::{Patch, PatchParams},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use weir_core::annotation::FINALIZER;

/// A kind whose status we write.
pub(crate) trait Owned:
    Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned + Send + Sync + 'static
{
}

impl<K> Owned for K where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
        + Clone
        + Debug
        + DeserializeOwned
        + Send
        + Sync
        + 'static
{
}

/// Writes with one field manager.
#[derive(Clone)]
pub(crate) struct StatusWriter {
    client: Client,
    manager: &'static str,
}

impl StatusWriter {
    pub(crate) fn new(client: Client, manager: &'static str) -> Self {
        Self { client, manager }
    }

    /// Patches what differs between two states of a status; nothing when they are equal. Returns the stored object.
    ///
    /// An object that is gone is no error: nobody is left to read its status.
    pub(crate) async fn write<K: Owned>(
        &self,
        object: &K,
        old: &impl Serialize,
        new: &impl Serialize,
    ) -> Result<Option<K>, kube::Error> {
        let (Ok(old), Ok(new)) = (serde_json::to_value(old), serde_json::to_value(new)) else { return Ok(None) };
        let Some(changes) = merge_patch(&old, &new) else { return Ok(None) };
        let patch = Patch::Merge(json!({"status": changes}));
        match self.api(object).patch_status(&object.name_any(), &self.params(), &patch).await {
            Ok(stored) => Ok(Some(stored)),
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Adds our finalizer, and an annotation in the same request; `None` when the object is gone.
    pub(crate) async fn add_finalizer<K: Owned>(
        &self,
        object: &K,
        annotation: Option<(&str, String)>,
    ) -> Result<Option<K>, kube::Error> {
        let finalizers: Vec<String> = object.finalizers().iter().cloned().chain([FINALIZER.to_owned()]).collect();
        let mut metadata = json!({"finalizers": finalizers});
        if let Some((key, value)) = annotation {
            metadata["annotations"] = json!({key: value});
        }
        self.patch_metadata(object, metadata).await
    }

    /// Removes our finalizer, so that a deleted object may go.
    pub(crate) async fn remove_finalizer<K: Owned>(&self, object: &K) -> Result<Option<K>, kube::Error> {
        let left: Vec<String> = object.finalizers().iter().filter(|f| *f != FINALIZER).cloned().collect();
        if left.len() == object.finalizers().len() {
            return Ok(None);
        }
        self.patch_metadata(object, json!({"finalizers": left})).await
    }

    /// Removes one of our annotations.
    pub(crate) async fn remove_annotation<K: Owned>(&self, object: &K, key: &str) -> Result<Option<K>, kube::Error> {
        self.patch_metadata(object, json!({"annotations": {key: null}})).await
    }

    /// The resource version is sent along, so that another writer's finalizer is never lost.
    async fn patch_metadata<K: Owned>(&self, object: &K, mut metadata: Value) -> Result<Option<K>, kube::Error> {
        metadata["resourceVersion"] = json!(object.meta().resource_version);
        let patch = json!({"metadata": metadata});
        match self.api(object).patch(&object.name_any(), &self.params(), &Patch::Merge(patch)).await {
            Ok(stored) => Ok(Some(stored)),
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn api<K: Owned>(&self, object: &K) -> Api<K> {
        Api::namespaced(self.client.clone(), object.meta().namespace.as_deref().unwrap_or_default())
    }

    fn params(&self) -> PatchParams {
        PatchParams { field_manager: Some(self.manager.into()), ..PatchParams::default() }
    }
}

/// Whether an object has our finalizer.
pub(crate) fn has_finalizer<K: Owned>(object: &K) -> bool {
    object.finalizers().iter().any(|f| f == FINALIZER)
}

/// The JSON merge patch (RFC 7386) from one value to another; `None` when they are equal.
fn merge_patch(old: &Value, new: &Value) -> Option<Value> {
    if old == new {
        return None;
    }
    let (Value::Object(old), Value::Object(new)) = (old, new) else { return Some(new.clone()) };
    let mut patch: Map<String, Value> =
        old.keys().filter(|k| !new.contains_key(*k)).map(|k| (k.clone(), Value::Null)).collect();
    for (key, value) in new {
        let change = merge_patch(old.get(key).unwrap_or(&Value::Null), value);
        patch.extend(change.map(|c| (key.clone(), c)));
    }
    Some(Value::Object(patch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_holds_what_differs() {
        for (old, new, patch) in [
            (json!({"a": 1}), json!({"a": 1}), None),
            (json!({"a": 1, "b": 2}), json!({"a": 1}), Some(json!({"b": null}))),
            (json!({"a": {"x": 1, "y": 2}}), json!({"a": {"x": 1, "y": 3}}), Some(json!({"a": {"y": 3}}))),
            (json!({"l": [1]}), json!({"l": [1, 2]}), Some(json!({"l": [1, 2]}))),
            (json!(null), json!({"a": 1}), Some(json!({"a": 1}))),
        ] {
            assert_eq!(merge_patch(&old, &new), patch);
        }
    }
}

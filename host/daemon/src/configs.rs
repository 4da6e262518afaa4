//! ConfigMaps and Secrets that ask to be watched: a change wakes the Kustomizations that read them.

use std::{collections::HashMap, fmt::Debug, sync::Arc};

use futures::StreamExt;
use kube::{
    Api, Client, Resource, ResourceExt,
    core::{NamespaceResourceScope, PartialObjectMeta},
    runtime::{
        WatchStreamExt,
        watcher::{self, Event, watcher},
    },
};
use serde::de::DeserializeOwned;
use weir_core::{Cause, ObjectKey};
use weir_engine::{Indexes, reads};
use weir_schedule::Handle;

use crate::shard::Shard;

/// Follows one kind until dropped; only metadata is read, so that no Secret passes through here.
pub(crate) async fn watch<K>(
    client: Client,
    namespace: Option<String>,
    labels: String,
    shard: Shard,
    indexes: Arc<Indexes>,
    handle: Handle,
) where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned + Send + 'static,
{
    let api: Api<PartialObjectMeta<K>> = match &namespace {
        Some(namespace) => Api::namespaced(client, namespace),
        None => Api::all(client),
    };
    let settings = watcher::Config::default().labels(&labels);
    let mut events = watcher(api, settings).default_backoff().boxed();
    let mut known = Known::default();
    while let Some(event) = events.next().await {
        match event {
            Ok(event) => {
                if let Some(changed) = known.take(event) {
                    wake(&changed, &shard, &indexes, &handle);
                }
            }
            Err(error) => tracing::debug!(kind = %K::kind(&()), %error, "the watch failed, and is tried again"),
        }
    }
}

fn wake(changed: &ObjectKey, shard: &Shard, indexes: &Indexes, handle: &Handle) {
    for user in indexes.kustomizations.all().iter().filter(|user| shard.has(user.labels()) && reads(user, changed)) {
        let (namespace, name) = (user.namespace().unwrap_or_default(), user.name_any());
        handle.enqueue_by(ObjectKey::new("Kustomization", namespace, name), Cause::Requested, changed);
    }
}

/// The versions that were seen: what a watch says again, because it began anew, is no change.
#[derive(Default)]
struct Known {
    versions: HashMap<ObjectKey, Option<String>>,
    is_synced: bool,
}

impl Known {
    /// The object that changed with this event. What was there before the first list changed nothing.
    fn take<K>(&mut self, event: Event<PartialObjectMeta<K>>) -> Option<ObjectKey>
    where
        K: Resource<DynamicType = ()>,
    {
        match event {
            Event::Apply(object) | Event::InitApply(object) => {
                let (key, version) = (key(&object), object.resource_version());
                let is_new = self.versions.insert(key.clone(), version.clone()) != Some(version);
                (is_new && self.is_synced).then_some(key)
            }
            Event::Delete(object) => {
                let key = key(&object);
                self.versions.remove(&key).map(|_| key)
            }
            Event::Init => None,
            Event::InitDone => {
                self.is_synced = true;
                None
            }
        }
    }
}

fn key<K: Resource<DynamicType = ()>>(object: &PartialObjectMeta<K>) -> ObjectKey {
    ObjectKey::new(K::kind(&()), object.namespace().unwrap_or_default(), object.name_any())
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::api::core::v1::ConfigMap;
    use kube::core::ObjectMeta;

    fn object(version: &str) -> PartialObjectMeta<ConfigMap> {
        let (namespace, name) = (Some("ns".into()), Some("a".into()));
        let metadata = ObjectMeta { namespace, name, resource_version: Some(version.into()), ..ObjectMeta::default() };
        PartialObjectMeta { metadata, ..PartialObjectMeta::default() }
    }

    #[test]
    fn only_what_changes_after_the_first_list_counts() {
        let mut known = Known::default();
        let changed = Some(ObjectKey::new("ConfigMap", "ns", "a"));
        for (event, expected) in [
            (Event::Init, &None),
            (Event::InitApply(object("1")), &None),
            (Event::InitDone, &None),
            (Event::Apply(object("2")), &changed),
            (Event::Init, &None),
            (Event::InitApply(object("2")), &None),
            (Event::InitDone, &None),
            (Event::Apply(object("2")), &None),
            (Event::InitApply(object("3")), &changed),
            (Event::Delete(object("3")), &changed),
            (Event::Delete(object("3")), &None),
            (Event::Apply(object("4")), &changed),
        ] {
            let shown = format!("{event:?}");
            assert_eq!(known.take(event), *expected, "{shown}");
        }
    }
}

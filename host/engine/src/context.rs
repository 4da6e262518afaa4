//! What every reconcile has at hand.

use std::{collections::HashMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use k8s_openapi::api::core::v1::ObjectReference;
use kube::{Client, Resource, ResourceExt};
use parking_lot::Mutex;
use weir_api::{GitRepository, Kustomization};
use weir_apply::Applier;
use weir_core::{
    Event, Mirrors, ObjectKey,
    annotation::{EVENT_PREFIX, KUSTOMIZE_STATUS_MANAGER, REQUESTED_AT, SOURCE_MANAGER},
    condition::reasons,
};
use weir_plugin::Plugin;
use weir_store::Store;

use crate::{
    access::AccessRules,
    events::{self, Recorder, Subject},
    held::Served,
    index::{Index, Indexed},
    kustomization::Memo,
    outside::Outside,
    status::{Owned, StatusWriter},
};

/// Everything a reconcile may use; built once.
pub(crate) struct Context {
    pub(crate) client: Client,
    pub(crate) applier: Applier,
    pub(crate) store: Store,
    pub(crate) plugins: Plugins,
    pub(crate) indexes: Arc<Indexes>,
    pub(crate) settings: Settings,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) source_status: StatusWriter,
    pub(crate) kustomization_status: StatusWriter,
    /// What the last fetch of a source returned to be handed back; lost at a restart, which costs one fetch.
    pub(crate) source_states: Mutex<HashMap<ObjectKey, Vec<u8>>>,
    /// What was applied last, so that a reconcile with nothing to do does nothing.
    pub(crate) memos: Mutex<HashMap<ObjectKey, Memo>>,
}

/// The plugins that serve the kinds.
#[derive(Clone)]
pub struct Plugins {
    /// Serves GitRepository.
    pub git: Plugin,
    /// Renders Kustomizations.
    pub kustomize: Plugin,
    /// Gets what renders take from outside of their artifact.
    pub outside: Outside,
}

/// The newest known objects of the kinds that are served.
#[derive(Debug, Default)]
pub struct Indexes {
    /// All GitRepositories.
    pub git_repositories: Index<GitRepository>,
    /// All Kustomizations.
    pub kustomizations: Index<Kustomization>,
}

/// What an operator may set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// References and identities.
    pub access: AccessRules,
    /// Where sources are really fetched from.
    pub mirrors: Mirrors,
    /// Applies a fleet's own Flux like everything else.
    pub apply_flux_components: bool,
    /// Flux's `--requeue-dependency`.
    pub requeue_dependency: Duration,
}

impl Context {
    pub(crate) fn new(
        client: Client,
        applier: Applier,
        store: Store,
        plugins: Plugins,
        indexes: Arc<Indexes>,
        settings: Settings,
    ) -> Self {
        Self {
            recorder: Arc::new(Recorder::new(client.clone())),
            source_status: StatusWriter::new(client.clone(), SOURCE_MANAGER),
            kustomization_status: StatusWriter::new(client.clone(), KUSTOMIZE_STATUS_MANAGER),
            source_states: Mutex::default(),
            memos: Mutex::default(),
            client,
            applier,
            store,
            plugins,
            indexes,
            settings,
        }
    }

    /// Writes events to the cluster, behind the back of the reconcile: nothing waits for them.
    pub(crate) fn record<K: Owned>(&self, object: &K, controller: &'static str, events: &[Event]) {
        if events.is_empty() {
            return;
        }
        let (recorder, events) = (self.recorder.clone(), events::joined(events));
        let subject = Subject { reference: reference(object), controller };
        tokio::spawn(async move {
            for event in &events {
                recorder.record(&subject, event).await;
            }
        });
    }
}

/// Now, as Kubernetes writes times: RFC 3339 in seconds.
pub(crate) fn now() -> String {
    format!("{:.0}", Timestamp::now())
}

/// The value of the request annotation.
pub(crate) fn requested_at<K: Resource>(object: &K) -> Option<&str> {
    object.annotations().get(REQUESTED_AT).map(String::as_str)
}

/// Event metadata that the object's annotations ask for.
pub(crate) fn event_annotations<K: Resource>(object: &K) -> impl Iterator<Item = (String, String)> {
    let found = object.annotations().iter().filter(|(key, _)| key.starts_with(EVENT_PREFIX));
    found.map(|(key, value)| (key.clone(), value.clone()))
}

/// The key of one of our objects.
pub(crate) fn key<K: Owned>(object: &K) -> ObjectKey {
    ObjectKey::new(K::kind(&()), object.namespace().unwrap_or_default(), object.name_any())
}

fn reference<K: Owned>(object: &K) -> ObjectReference {
    ObjectReference {
        api_version: Some(K::api_version(&()).into_owned()),
        kind: Some(K::kind(&()).into_owned()),
        ..object.object_ref(&())
    }
}

impl Served for GitRepository {
    const CONTROLLER: &'static str = "source-controller";
    const FAILED: &'static str = reasons::FAILED;

    fn writer(cx: &Context) -> &StatusWriter {
        &cx.source_status
    }

    fn index(cx: &Context) -> &Index<Self> {
        &cx.indexes.git_repositories
    }
}

impl Served for Kustomization {
    const CONTROLLER: &'static str = "kustomize-controller";
    const FAILED: &'static str = reasons::RECONCILIATION_FAILED;

    fn writer(cx: &Context) -> &StatusWriter {
        &cx.kustomization_status
    }

    fn index(cx: &Context) -> &Index<Self> {
        &cx.indexes.kustomizations
    }
}

macro_rules! indexed {
    ($($kind:ty),+) => {
        $(impl Indexed for $kind {
            fn id(&self) -> (String, String) {
                (self.namespace().unwrap_or_default(), self.name_any())
            }
            fn resource_version(&self) -> u64 {
                // Comparable numbers since Kubernetes 1.35; before it they are in practice.
                self.metadata.resource_version.as_deref().and_then(|v| v.parse().ok()).unwrap_or_default()
            }
        })+
    };
}
indexed!(GitRepository, Kustomization);

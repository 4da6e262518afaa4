//! Watches that keep the ledger true, and watches of single objects.

use std::{sync::Arc, time::Duration};

use futures::{Stream, StreamExt, TryStreamExt};
use kube::{
    Api, Client,
    api::DynamicObject,
    core::{ApiResource, GroupVersionKind},
    runtime::{
        WatchStreamExt,
        watcher::{self, Event, watcher},
    },
};
use serde_json::Value;
use tokio::time::sleep;

use crate::{
    cluster::Place,
    ledger::{Key, Ledger},
    options::Config,
    seen::{Seen, text},
};

/// Objects of one page of a listing: what is decoded at the same time.
const PAGE_SIZE: u32 = 50;
/// How often a kind that is no longer served is looked for.
const GONE_PAUSE: Duration = Duration::from_secs(10);
const NOT_FOUND: u16 = 404;

/// Feeds the ledger with all owned objects of a kind; ends only when dropped. Failures (the kind is gone, the server is
/// away, permission is missing) are tried again.
pub(crate) async fn feed(client: Client, resource: ApiResource, ledger: Arc<Ledger>, config: Arc<Config>) {
    let gvk = Arc::new(GroupVersionKind::gvk(&resource.group, &resource.version, &resource.kind));
    let selector = format!("{}/name", config.group);
    let api: Api<DynamicObject> = Api::all_with(client, &resource);
    let settings = watcher::Config::default().labels(&selector).page_size(PAGE_SIZE);
    loop {
        let mut events = watcher(api.clone(), settings.clone()).default_backoff().boxed();
        while let Some(event) = events.next().await {
            let error = match event {
                Ok(event) => {
                    take(event, &gvk, &ledger, &config);
                    continue;
                }
                Err(error) => error,
            };
            tracing::debug!(kind = %gvk.kind, %error, "watch of applied objects failed, trying again");
            if is_gone(&error) {
                break;
            }
            if matches!(error, watcher::Error::InitialListFailed(_)) {
                ledger.list_failed(&gvk);
            }
        }
        // A kind that comes back starts anew: what was known of the old one's objects says nothing.
        ledger.list_failed(&gvk);
        sleep(GONE_PAUSE).await;
    }
}

fn is_gone(error: &watcher::Error) -> bool {
    let (watcher::Error::InitialListFailed(error) | watcher::Error::WatchStartFailed(error)) = error else {
        return false;
    };
    matches!(error, kube::Error::Api(status) if status.code == NOT_FOUND)
}

fn take(event: Event<DynamicObject>, gvk: &Arc<GroupVersionKind>, ledger: &Ledger, config: &Config) {
    match event {
        Event::Init => ledger.list_begins(gvk),
        Event::InitDone => ledger.list_ends(gvk),
        Event::Apply(object) | Event::InitApply(object) => {
            let live = document(object, gvk);
            ledger.saw(&key(&live, gvk), Seen::new(&live, config));
        }
        Event::Delete(object) => {
            let live = document(object, gvk);
            let revision = text(&live, "/metadata/resourceVersion").parse().unwrap_or(u64::MAX);
            ledger.saw_deleted(&key(&live, gvk), revision);
        }
    }
}

fn key(live: &Value, gvk: &Arc<GroupVersionKind>) -> Key {
    Key {
        gvk: gvk.clone(),
        namespace: text(live, "/metadata/namespace").into(),
        name: text(live, "/metadata/name").into(),
    }
}

/// The whole document; items of a list do not say what they are.
fn document(object: DynamicObject, gvk: &GroupVersionKind) -> Value {
    let mut document = object.data;
    document["metadata"] = serde_json::to_value(object.metadata).unwrap_or_default();
    document["apiVersion"] = gvk.api_version().into();
    document["kind"] = gvk.kind.as_str().into();
    document
}

/// One object as it changes: `None` while it does not exist.
pub(crate) fn single(client: Client, place: &Place) -> impl Stream<Item = Option<Value>> + Send + use<> {
    let resource = &place.resource;
    let gvk = GroupVersionKind::gvk(&resource.group, &resource.version, &resource.kind);
    let api: Api<DynamicObject> = match &place.namespace {
        Some(namespace) => Api::namespaced_with(client, namespace, resource),
        None => Api::all_with(client, resource),
    };
    let settings = watcher::Config::default().fields(&format!("metadata.name={}", place.name));
    let mut listed = None;
    let events = watcher(api, settings).default_backoff();
    // Errors are tried again by the stream itself.
    events.into_stream().filter_map(|event| std::future::ready(event.ok())).filter_map(move |event| {
        std::future::ready(match event {
            Event::Init => None,
            Event::InitApply(object) => {
                listed = Some(document(object, &gvk));
                None
            }
            Event::InitDone => Some(listed.take()),
            Event::Apply(object) => Some(Some(document(object, &gvk))),
            Event::Delete(_) => Some(None),
        })
    })
}

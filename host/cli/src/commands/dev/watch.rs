//! What goes on in the cluster: every change of an object's state, as it happens.

use std::collections::BTreeMap;

use anyhow::Result;
use futures::stream::{SelectAll, select_all};
use futures::{StreamExt, TryStreamExt};
use kube::api::DynamicObject;
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Client, ResourceExt};

use weir_core::condition::reasons;

use crate::kinds::{KINDS, Kind};
use crate::{cluster, resource, tree};

/// Reasons of objects that wait for another.
const WAITS: [&str; 1] = [reasons::DEPENDENCY_NOT_READY];

/// Kind, namespace and name.
pub(super) type Key = (&'static str, String, String);

/// What is known of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) is_ready: bool,
    pub(super) is_failed: bool,
    /// Not ready because something else is not.
    pub(super) is_waiting: bool,
    is_suspended: bool,
    /// Objects of Flux kinds that it has applied.
    children: Vec<Key>,
    pub(super) message: String,
}

/// All objects that are reconciled.
#[derive(Debug, Default)]
pub(super) struct View(BTreeMap<Key, Seen>);

/// One change.
#[derive(Debug)]
pub(super) enum Change {
    Seen(Key, Seen),
    Gone(Key),
}

/// Changes as they happen; those of the start first.
pub(super) type Changes = SelectAll<futures::stream::BoxStream<'static, Result<Change>>>;

/// Watches all kinds that are reconciled from sources to workloads.
pub(super) fn changes(client: &Client) -> Changes {
    let watched = KINDS.iter().filter(|kind| kind.reconciles && !kind.done.is_empty());
    select_all(watched.map(|kind| {
        let api = cluster::api(client, kind, None);
        let events = watcher::watcher(api, watcher::Config::default()).default_backoff();
        events.try_filter_map(move |event| async move { Ok(change(kind, event)) }).err_into().boxed()
    }))
}

fn change(kind: &'static Kind, event: watcher::Event<DynamicObject>) -> Option<Change> {
    match event {
        watcher::Event::Apply(object) | watcher::Event::InitApply(object) => {
            Some(Change::Seen(key(kind, &object), seen(kind, &object)))
        }
        watcher::Event::Delete(object) => Some(Change::Gone(key(kind, &object))),
        watcher::Event::Init | watcher::Event::InitDone => None,
    }
}

fn key(kind: &'static Kind, object: &DynamicObject) -> Key {
    (kind.name, object.namespace().unwrap_or_default(), object.name_any())
}

fn seen(kind: &Kind, object: &DynamicObject) -> Seen {
    let is_ready = resource::is_current(object);
    let (status, text) = resource::ready(object);
    let revision = resource::shorten_digests(&resource::revision(object));
    let message = if is_ready { format!("{} {revision}", kind.done) } else { resource::shorten_digests(&text) };
    let ready = resource::condition(object, "Ready");
    let applied = tree::inventory(object).into_iter();
    Seen {
        is_ready,
        is_waiting: ready.is_some_and(|ready| WAITS.iter().any(|reason| ready["reason"] == *reason)),
        is_failed: status == "False" && ready.is_some(),
        is_suspended: resource::is_suspended(object),
        children: applied.filter_map(|(id, _)| Some((Kind::named(&id.kind)?.name, id.namespace, id.name))).collect(),
        message,
    }
}

impl View {
    /// Takes a change in; returns what is worth a line.
    pub(super) fn take(&mut self, change: Change) -> Option<(Key, Option<Seen>)> {
        match change {
            Change::Seen(key, seen) => {
                let before = self.0.insert(key.clone(), seen.clone());
                let is_news =
                    before.is_none_or(|before| (before.is_ready, &before.message) != (seen.is_ready, &seen.message));
                (is_news && (seen.is_ready || seen.is_failed)).then_some((key, Some(seen)))
            }
            Change::Gone(key) => self.0.remove(&key).map(|_| (key, None)),
        }
    }

    /// Whether nothing is left to do: every object is ready, and every object that was applied has been seen.
    pub(super) fn is_settled(&self) -> bool {
        let has_applied = self.0.iter().any(|((kind, _, _), _)| *kind == "Kustomization");
        let is_done = |seen: &Seen| seen.is_suspended || seen.is_ready;
        let is_watched = |kind: &str| KINDS.iter().any(|k| k.name == kind && k.reconciles && !k.done.is_empty());
        let is_known = |key: &Key| !is_watched(key.0) || self.0.contains_key(key);
        has_applied && self.0.values().all(|seen| is_done(seen) && seen.children.iter().all(is_known))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_of(name: &str) -> Key {
        ("Kustomization", "flux-system".to_owned(), name.to_owned())
    }

    fn object(is_ready: bool, children: &[&str]) -> Seen {
        let children = children.iter().map(|name| key_of(name)).collect();
        Seen { is_ready, is_failed: false, is_waiting: false, is_suspended: false, children, message: String::new() }
    }

    #[test]
    fn settled_means_that_everything_applied_is_ready() {
        let mut view = View::default();
        assert!(!view.is_settled());
        view.take(Change::Seen(key_of("root"), object(true, &["apps"])));
        assert!(!view.is_settled(), "an applied object has not been seen yet");
        view.take(Change::Seen(key_of("apps"), object(false, &[])));
        assert!(!view.is_settled());
        view.take(Change::Seen(key_of("apps"), object(true, &[])));
        assert!(view.is_settled());
    }

    #[test]
    fn only_news_is_told() {
        let mut view = View::default();
        assert!(view.take(Change::Seen(key_of("a"), object(false, &[]))).is_none());
        assert!(view.take(Change::Seen(key_of("a"), object(true, &[]))).is_some());
        assert!(view.take(Change::Seen(key_of("a"), object(true, &[]))).is_none());
        assert!(view.take(Change::Gone(key_of("a"))).is_some());
    }
}

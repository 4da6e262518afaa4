//! Guarded watch streams: one object that cannot be parsed is skipped and named, and never ends the stream.

use std::{
    collections::{HashMap, HashSet},
    fmt::Display,
    sync::Arc,
};

use futures::{Stream, StreamExt, pin_mut};
use kube::{
    Api, ResourceExt,
    core::DynamicObject,
    runtime::{
        WatchStreamExt,
        watcher::{self, Event},
    },
};
use weir_core::{Cause, ObjectKey, annotation::REQUESTED_AT};

use crate::trigger::{Seen, trigger};

/// What a watch reports.
#[derive(Debug)]
pub enum Change<T> {
    /// An object is there, new or changed. Reported for every change, that of a status included.
    Seen {
        /// The object.
        key: ObjectKey,
        /// Why it has to be reconciled, if at all.
        cause: Option<Cause>,
        /// As parsed.
        object: Arc<T>,
    },
    /// An object is gone.
    Gone {
        /// The object.
        key: ObjectKey,
    },
    /// The first list is complete; reported once.
    Synced,
}

/// Watches one kind until dropped, through disconnects and expired resource versions.
///
/// Keeps of an object only what tells whether there is anything to do; what `parse` makes of it goes to `on_change`. An object
/// that `parse` refuses is logged, and looked at again when it changes.
pub async fn watch<T, E: Display>(
    kind: &str,
    api: Api<DynamicObject>,
    config: watcher::Config,
    parse: impl Fn(DynamicObject) -> Result<T, E>,
    on_change: impl FnMut(Change<T>),
) {
    let events = kube::runtime::watcher(api, config).default_backoff();
    Guard::new(kind, parse, on_change).follow(events).await;
}

struct Guard<'a, P, F> {
    kind: &'a str,
    parse: P,
    on_change: F,
    /// Every object that was reported and is not gone.
    known: HashMap<ObjectKey, Seen>,
    /// What the list in progress has named so far.
    listed: Option<HashSet<ObjectKey>>,
    is_synced: bool,
}

impl<'a, T, E, P, F> Guard<'a, P, F>
where
    E: Display,
    P: Fn(DynamicObject) -> Result<T, E>,
    F: FnMut(Change<T>),
{
    fn new(kind: &'a str, parse: P, on_change: F) -> Self {
        Self { kind, parse, on_change, known: HashMap::new(), listed: None, is_synced: false }
    }

    async fn follow(&mut self, events: impl Stream<Item = Result<Event<DynamicObject>, watcher::Error>>) {
        pin_mut!(events);
        let mut failing = false;
        while let Some(event) = events.next().await {
            match &event {
                Err(error) if failing => {
                    tracing::debug!(kind = self.kind, %error, "the watch is still failing")
                }
                Err(error) => {
                    tracing::warn!(kind = self.kind, %error, "the watch failed, and is tried again")
                }
                Ok(_) => {}
            }
            failing = event.is_err();
            event.into_iter().for_each(|event| self.event(event));
        }
    }

    fn event(&mut self, event: Event<DynamicObject>) {
        match event {
            Event::Init => self.listed = Some(HashSet::new()),
            Event::InitApply(object) | Event::Apply(object) => self.seen(object),
            Event::Delete(object) => {
                let key = self.key(&object);
                if self.known.remove(&key).is_some() {
                    (self.on_change)(Change::Gone { key });
                }
            }
            Event::InitDone => self.listed(),
        }
    }

    fn seen(&mut self, object: DynamicObject) {
        let (key, seen) = (self.key(&object), seen(&object));
        if let Some(listed) = &mut self.listed {
            listed.insert(key.clone());
        }
        let object = match (self.parse)(object) {
            Ok(object) => Arc::new(object),
            Err(error) => {
                tracing::warn!(object = %key, %error, "skipped a malformed object");
                // Once it can be parsed, it is as new.
                self.known.entry(key).and_modify(|seen| *seen = Seen::default());
                return;
            }
        };
        let old = self.known.insert(key.clone(), seen.clone());
        let cause = trigger(old.as_ref(), &seen);
        (self.on_change)(Change::Seen { key, cause, object });
    }

    /// The list is complete: what it did not name was deleted while nobody watched.
    fn listed(&mut self) {
        let listed = self.listed.take().unwrap_or_default();
        let gone: Vec<ObjectKey> = self.known.extract_if(|key, _| !listed.contains(key)).map(|(key, _)| key).collect();
        for key in gone {
            (self.on_change)(Change::Gone { key });
        }
        if !self.is_synced {
            self.is_synced = true;
            (self.on_change)(Change::Synced);
        }
    }

    fn key(&self, object: &DynamicObject) -> ObjectKey {
        ObjectKey::new(self.kind, object.namespace().unwrap_or_default(), object.name_any())
    }
}

fn seen(object: &DynamicObject) -> Seen {
    Seen {
        uid: object.uid().unwrap_or_default(),
        generation: object.metadata.generation.unwrap_or_default(),
        deleting: object.metadata.deletion_timestamp.is_some(),
        requested_at: object.annotations().get(REQUESTED_AT).cloned(),
    }
}

#[cfg(test)]
#[path = "watch_tests.rs"]
mod tests;

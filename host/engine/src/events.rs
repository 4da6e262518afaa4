//! Kubernetes events about our objects, written as Flux's recorder writes them so that `flux events` shows them.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use k8s_openapi::{
    api::core::v1::{Event as KubeEvent, EventSource, ObjectReference},
    apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time},
};
use kube::{
    Api, Client,
    api::{Patch, PatchParams, PostParams},
};
use parking_lot::Mutex;
use serde_json::json;
use weir_core::{Event, Severity, condition::reasons, event::MAX_MESSAGE};

/// Events remembered to be counted instead of written again; the oldest half is forgotten beyond it.
const REMEMBERED: usize = 4096;

/// Where an event points and who reports it.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) reference: ObjectReference,
    /// `kustomize-controller` or `source-controller`: what Flux's own events name.
    pub(crate) controller: &'static str,
}

/// Writes events; a failed write is logged and lost, an event is never worth a failed reconcile.
pub(crate) struct Recorder {
    client: Client,
    known: Mutex<HashMap<String, Known>>,
}

#[derive(Clone)]
struct Known {
    name: String,
    count: i32,
    at: Timestamp,
}

impl Recorder {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, known: Mutex::default() }
    }

    /// Writes one event, or counts it up when the same one was written before.
    pub(crate) async fn record(&self, subject: &Subject, event: &Event) {
        let now = Timestamp::now();
        let namespace = event.object.namespace.as_str();
        let api: Api<KubeEvent> = Api::namespaced(self.client.clone(), namespace);
        let key = fingerprint(event);
        let written = match self.seen_again(&key, now) {
            Some(known) => count_up(&api, &known).await,
            None => {
                let kube_event = to_kube(subject, event, now);
                self.remember(key, &kube_event, now);
                api.create(&PostParams::default(), &kube_event).await.map(|_| ())
            }
        };
        if let Err(error) = written {
            tracing::warn!(object = %event.object, reason = event.reason, error = %error, "unable to record event");
        }
    }

    fn seen_again(&self, key: &str, now: Timestamp) -> Option<Known> {
        let mut known = self.known.lock();
        let entry = known.get_mut(key)?;
        entry.count += 1;
        entry.at = now;
        Some(entry.clone())
    }

    fn remember(&self, key: String, event: &KubeEvent, now: Timestamp) {
        let mut known = self.known.lock();
        if known.len() >= REMEMBERED {
            let mut times: Vec<Timestamp> = known.values().map(|k| k.at).collect();
            times.sort_unstable();
            let middle = times[times.len() / 2];
            known.retain(|_, k| k.at > middle);
        }
        known.insert(key, Known { name: event.metadata.name.clone().unwrap_or_default(), count: 1, at: now });
    }
}

/// The events of one run as they are written to the cluster: what was changed on the way is told with what came of it, in
/// one event. A failure stays by itself, because it is told anew with every retry and then only counted.
pub(crate) fn joined(events: &[Event]) -> Vec<Event> {
    let mut all: Vec<Event> = vec![];
    for event in events {
        match all.pop_if(|last| is_progress_of(last, event)) {
            Some(before) => all.push(Event {
                message: format!("{}\n{}", before.message, event.message),
                metadata: before.metadata.into_iter().chain(event.metadata.clone()).collect(),
                ..event.clone()
            }),
            None => all.push(event.clone()),
        }
    }
    all
}

fn is_progress_of(before: &Event, event: &Event) -> bool {
    before.reason == reasons::PROGRESSING
        && before.severity == Severity::Info
        && event.severity == Severity::Info
        && before.object == event.object
}

async fn count_up(api: &Api<KubeEvent>, known: &Known) -> kube::Result<()> {
    let patch = json!({"count": known.count, "lastTimestamp": Time(known.at)});
    api.patch(&known.name, &PatchParams::default(), &Patch::Merge(patch)).await.map(|_| ())
}

fn fingerprint(event: &Event) -> String {
    format!("{}\n{}\n{}\n{:?}", event.object, event.reason, event.message, event.metadata)
}

fn to_kube(subject: &Subject, event: &Event, now: Timestamp) -> KubeEvent {
    let annotations: BTreeMap<String, String> = event.metadata.clone();
    KubeEvent {
        metadata: ObjectMeta {
            // Flux's recorder names events `<object>.<nanoseconds in hex>`.
            name: Some(format!("{}.{:x}", event.object.name, now.as_nanosecond())),
            namespace: Some(event.object.namespace.clone()),
            annotations: (!annotations.is_empty()).then_some(annotations),
            ..ObjectMeta::default()
        },
        involved_object: subject.reference.clone(),
        reason: Some(event.reason.clone()),
        message: Some(event.message.chars().take(MAX_MESSAGE).collect()),
        type_: Some(if event.severity == Severity::Error { "Warning" } else { "Normal" }.into()),
        source: Some(EventSource { component: Some(subject.controller.into()), ..EventSource::default() }),
        reporting_component: Some(subject.controller.into()),
        reporting_instance: Some(subject.controller.into()),
        first_timestamp: Some(Time(now)),
        last_timestamp: Some(Time(now)),
        count: Some(1),
        ..KubeEvent::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_core::ObjectKey;

    fn event(severity: Severity, reason: &str, message: &str) -> Event {
        let object = ObjectKey::new("Kustomization", "ns", "apps");
        let metadata = [(message.to_owned(), "x".to_owned())].into();
        Event { object, severity, reason: reason.into(), message: message.into(), metadata }
    }

    #[test]
    fn progress_is_told_with_what_came_of_it() {
        let info = |reason, message| event(Severity::Info, reason, message);
        let all = [
            info("Skipped", "s"),
            info("Progressing", "a created"),
            info("Progressing", "b deleted"),
            info("ReconciliationSucceeded", "finished"),
        ];
        let told = joined(&all);
        let shown: Vec<_> = told.iter().map(|e| (e.reason.as_str(), e.message.as_str())).collect();
        assert_eq!(shown, [("Skipped", "s"), ("ReconciliationSucceeded", "a created\nb deleted\nfinished")]);
        assert_eq!(told[1].metadata.len(), 3);

        let failed = [info("Progressing", "a created"), event(Severity::Error, "PruneFailed", "no")];
        assert_eq!(joined(&failed), failed);
    }
}

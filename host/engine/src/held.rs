//! One object of ours in the hands of a reconcile: what every kind does alike with its finalizer, status and events.

use std::{collections::BTreeMap, sync::Arc};

use kube::core::object::HasStatus;
use serde::Serialize;
use weir_core::{Event, Failure, ObjectKey, Outcome, Severity, annotation::FINALIZER, failure::Retry, outcome::Next};

use crate::{
    context::{Context, event_annotations, key},
    index::{Index, Indexed},
    status::{Owned, StatusWriter, has_finalizer},
};

/// A kind that the engine reconciles.
pub(crate) trait Served: Owned + Indexed + HasStatus<Status: Clone + Default + Serialize> {
    /// Whose name Flux's own events of this kind carry.
    const CONTROLLER: &'static str;
    /// Reason of a failure that has none of its own.
    const FAILED: &'static str;

    /// Writes objects of this kind.
    fn writer(cx: &Context) -> &StatusWriter;

    /// The newest known objects of this kind.
    fn index(cx: &Context) -> &Index<Self>;
}

/// An object, its newest stored state, and what is to be told about it.
pub(crate) struct Held<'a, K> {
    pub(crate) cx: &'a Context,
    pub(crate) key: ObjectKey,
    /// As it was last stored.
    pub(crate) object: Arc<K>,
    pub(crate) events: Vec<Event>,
}

impl<'a, K: Served> Held<'a, K> {
    pub(crate) fn new(cx: &'a Context, object: Arc<K>) -> Self {
        Self { cx, key: key(&*object), object, events: vec![] }
    }

    /// The stored status.
    pub(crate) fn status(&self) -> K::Status {
        self.object.status().cloned().unwrap_or_default()
    }

    /// Adds the finalizer, and with it an annotation, before anything is done that a deletion has to undo.
    pub(crate) async fn claim(&mut self, annotation: Option<(&str, String)>) -> Result<(), Failure> {
        if has_finalizer(&*self.object) {
            return Ok(());
        }
        let failed = |text: String| {
            let text = format!("unable to add finalizer `{FINALIZER}`: {text}");
            Failure::new(K::FAILED, text, Retry::Backoff)
        };
        match K::writer(self.cx).add_finalizer(&*self.object, annotation).await {
            Ok(Some(stored)) => {
                self.keep(Some(stored));
                Ok(())
            }
            // Nothing may be done for an object that nobody will ever clean up after.
            Ok(None) => Err(failed("the object is gone".into())),
            Err(error) => Err(failed(error.to_string())),
        }
    }

    /// Writes a status, if it changed.
    pub(crate) async fn write(&mut self, new: &K::Status) -> Result<(), kube::Error> {
        let stored = K::writer(self.cx).write(&*self.object, &self.status(), new).await?;
        self.keep(stored);
        Ok(())
    }

    /// Removes an annotation of ours.
    pub(crate) async fn remove_annotation(&mut self, key: &str) -> Result<(), kube::Error> {
        let stored = K::writer(self.cx).remove_annotation(&*self.object, key).await?;
        self.keep(stored);
        Ok(())
    }

    /// Removes the finalizer: the end of a deleted object.
    pub(crate) async fn release(self) -> Outcome {
        match K::writer(self.cx).remove_finalizer(&*self.object).await {
            Ok(_) => Outcome::default(),
            Err(error) => self.lost(&error),
        }
    }

    /// A status that could not be written is written again by the next run.
    pub(crate) fn lost(&self, error: &kube::Error) -> Outcome {
        tracing::error!(object = %self.key, error = %error, "unable to write status");
        Outcome { next: Some(Next::Backoff), ..Outcome::default() }
    }

    /// Notes an event; the object's own annotations add to its metadata.
    pub(crate) fn event(
        &mut self,
        severity: Severity,
        reason: &str,
        message: impl Into<String>,
        about: impl IntoIterator<Item = (&'static str, String)>,
    ) {
        let mut metadata: BTreeMap<String, String> = event_annotations(&*self.object).collect();
        metadata.extend(about.into_iter().map(|(key, value)| (key.to_owned(), value)));
        let (object, reason, message) = (self.key.clone(), reason.into(), message.into());
        self.events.push(Event { object, severity, reason, message, metadata });
    }

    /// Writes the events to the cluster.
    pub(crate) fn record(&self) {
        self.cx.record(&*self.object, K::CONTROLLER, &self.events);
    }

    /// Puts a stored state into the index, so that whoever is woken next sees it.
    fn keep(&mut self, stored: Option<K>) {
        if let Some(stored) = stored {
            self.object = Arc::new(stored);
            K::index(self.cx).put(self.object.clone());
        }
    }
}

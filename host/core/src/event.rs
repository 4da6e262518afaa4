//! An event as notifiers and `kubectl get events` see it.

use std::collections::BTreeMap;

use crate::id::ObjectKey;

/// Flux's severities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A Kubernetes event of type `Normal`, never sent to notifiers.
    Trace,
    /// Type `Normal`.
    Info,
    /// Type `Warning`.
    Error,
}

/// One event about one of our objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The object it is about.
    pub object: ObjectKey,
    /// How loud.
    pub severity: Severity,
    /// A condition reason.
    pub reason: String,
    /// For people; cut at [`MAX_MESSAGE`] characters when sent.
    pub message: String,
    /// Group-prefixed keys such as `kustomize.toolkit.fluxcd.io/revision`.
    pub metadata: BTreeMap<String, String>,
}

/// Flux's longest event message, in characters.
pub const MAX_MESSAGE: usize = 39_000;

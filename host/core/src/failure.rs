//! Why a reconcile did not succeed, and what that means for the next run.

use std::time::Duration;

use thiserror::Error;

/// A failure that carries its own retry meaning.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Failure {
    /// Condition reason.
    pub reason: String,
    /// Condition message.
    pub message: String,
    /// When to try again.
    pub retry: Retry,
}

/// When a failed reconcile runs again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Something else must happen first; look again after `--requeue-dependency` or when it happens.
    Dependency,
    /// After the object's own retry interval.
    Interval,
    /// Exponential backoff.
    Backoff,
    /// After a time that a plugin asked for.
    After(Duration),
    /// Only when the object (or what it refers to) changes: Stalled.
    Never,
    /// A newer request is waiting: at once.
    Cancelled,
}

impl Failure {
    /// A failure from its parts.
    pub fn new(reason: impl Into<String>, message: impl Into<String>, retry: Retry) -> Self {
        Self { reason: reason.into(), message: message.into(), retry }
    }

    /// Needs a change by the owner: Stalled, never retried by time.
    pub fn stalled(reason: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(reason, message, Retry::Never)
    }

    /// Tried again after the object's retry interval.
    pub fn retry(reason: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(reason, message, Retry::Interval)
    }

    /// Waits for a dependency.
    pub fn wait(reason: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(reason, message, Retry::Dependency)
    }
}

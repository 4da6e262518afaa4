//! How the scheduler runs, and who watches it.

use std::{sync::Arc, time::Duration};

use tokio::sync::mpsc;
use weir_core::{Cause, Event, ObjectKey, Outcome, interval};

/// Reconciles that work at the same time; those that wait for the cluster do not count.
pub const CONCURRENT: usize = 8;
/// How long runs may finish after a shutdown was asked for, before they are cancelled.
pub const GRACE: Duration = Duration::from_secs(5);
/// How long cancelled runs may take to stop, before they are dropped.
pub const STOP_LIMIT: Duration = Duration::from_secs(15);

/// Settings and seams of a scheduler.
pub struct Config {
    /// See [`CONCURRENT`]; at least one.
    pub concurrent: usize,
    /// Flux's `--interval-jitter-percentage`.
    pub jitter_percent: u8,
    /// Flux's `--min-retry-delay`.
    pub min_retry: Duration,
    /// Flux's `--max-retry-delay`.
    pub max_retry: Duration,
    /// See [`GRACE`].
    pub grace: Duration,
    /// See [`STOP_LIMIT`].
    pub stop_limit: Duration,
    /// In `[0, 1)`, for the jitter.
    pub random: Box<dyn FnMut() -> f64 + Send>,
    /// Takes the events of finished runs. An event that finds it full is dropped with a warning: notifying never delays a reconcile.
    pub events: Option<mpsc::Sender<Event>>,
    /// Told what happens, for metrics.
    pub observer: Arc<dyn Observer>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            concurrent: CONCURRENT,
            jitter_percent: interval::JITTER_PERCENT,
            min_retry: interval::MIN_RETRY_DELAY,
            max_retry: interval::MAX_RETRY_DELAY,
            grace: GRACE,
            stop_limit: STOP_LIMIT,
            random: Box::new(rand::random),
            events: None,
            observer: Arc::new(Unobserved),
        }
    }
}

/// Told what the scheduler does. Called from its loop: must return at once.
pub trait Observer: Send + Sync {
    /// Keys that are due and wait for a worker.
    fn queued(&self, _keys: usize) {}
    /// Runs in progress, those that wait for the cluster included.
    fn running(&self, _runs: usize) {}
    /// A run ended.
    fn reconciled(&self, _key: &ObjectKey, _cause: Cause, _took: Duration, _outcome: &Outcome) {}
    /// The object is gone.
    fn forgotten(&self, _key: &ObjectKey) {}
}

struct Unobserved;

impl Observer for Unobserved {}

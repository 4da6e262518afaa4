//! How long work tells what it is doing.

use std::sync::Arc;

type Sink = dyn Fn(&str) + Send + Sync;

/// A sink for one-line messages of work that takes long; silent by default.
#[derive(Clone, Default)]
pub struct Progress(Option<Arc<Sink>>);

impl Progress {
    /// Calls `sink` with each message.
    pub fn new(sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(sink)))
    }

    /// Tells `message`.
    pub fn say(&self, message: &str) {
        tracing::debug!(message, "progress");
        if let Some(sink) = &self.0 {
            sink(message);
        }
    }
}

impl std::fmt::Debug for Progress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Progress")
    }
}

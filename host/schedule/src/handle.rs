//! What the rest of the process says to the scheduler.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;
use weir_core::{Artifact, Cause, ObjectKey};

use crate::graph::Graph;

/// To the loop, from handles and slots.
#[derive(Debug)]
pub(crate) enum Command {
    Enqueue {
        key: ObjectKey,
        cause: Cause,
        delay: Duration,
        /// Whose change this is; the key's own when absent.
        by: Option<ObjectKey>,
    },
    Forget(ObjectKey),
    /// The run of this number gave its worker back.
    Released {
        key: ObjectKey,
        number: u64,
    },
}

/// The graph is shared with handles: edges count from the moment they are set, and cycles can be asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharedGraph(Arc<Mutex<Graph>>);

impl SharedGraph {
    /// Nothing panics half way through a change of the graph.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Graph> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes keys and tells the scheduler how they hang together. Cheap to clone; never blocks.
/// After the scheduler has stopped it does nothing.
#[derive(Clone, Debug)]
pub struct Handle {
    pub(crate) commands: UnboundedSender<Command>,
    pub(crate) graph: SharedGraph,
    pub(crate) stop: CancellationToken,
}

impl Handle {
    /// Runs a key as soon as a worker is free. A key that runs already is run again afterwards; a strong cause cancels the current run.
    pub fn enqueue(&self, key: ObjectKey, cause: Cause) {
        self.enqueue_after(key, cause, Duration::ZERO);
    }

    /// As [`Handle::enqueue`], but not before a delay.
    pub fn enqueue_after(&self, key: ObjectKey, cause: Cause, delay: Duration) {
        self.send(Command::Enqueue { key, cause, delay, by: None });
    }

    /// As [`Handle::enqueue`], because of a change of another object.
    pub fn enqueue_by(&self, key: ObjectKey, cause: Cause, by: &ObjectKey) {
        self.send(Command::Enqueue { key, cause, delay: Duration::ZERO, by: Some(by.clone()) });
    }

    /// Says which sources a key uses and what it depends on; replaces what was said before.
    pub fn set_edges(
        &self,
        key: &ObjectKey,
        sources: impl IntoIterator<Item = ObjectKey>,
        depends_on: impl IntoIterator<Item = ObjectKey>,
    ) {
        self.graph.lock().set(key, sources, depends_on);
    }

    /// The artifact of a source, as its status shows it; wakes the users when it is new. For sources that this process
    /// does not reconcile, and at start so that an unchanged artifact wakes nobody later.
    pub fn artifact(&self, source: &ObjectKey, artifact: &Artifact) {
        let users = self.graph.lock().published(source, artifact);
        users.into_iter().for_each(|user| self.enqueue_by(user, Cause::Source, source));
    }

    /// A source has no artifact, or none any more: its next one is new, whatever it holds.
    pub fn no_artifact(&self, source: &ObjectKey) {
        self.graph.lock().unpublished(source);
    }

    /// The shortest `dependsOn` cycle through a key, starting and ending with it.
    pub fn cycle(&self, key: &ObjectKey) -> Option<Vec<ObjectKey>> {
        self.graph.lock().cycle(key)
    }

    /// The object is gone: cancels its run, and drops everything known about it.
    pub fn forget(&self, key: ObjectKey) {
        self.graph.lock().forget(&key);
        self.send(Command::Forget(key));
    }

    /// Starts no more runs; those that run may finish, see [`crate::Config::grace`].
    pub fn shutdown(&self) {
        self.stop.cancel();
    }

    fn send(&self, command: Command) {
        // Fails only when the scheduler has stopped.
        let _ = self.commands.send(command);
    }
}

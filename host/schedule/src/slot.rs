//! The slot of one run.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;
use weir_core::{ObjectKey, Slot};

use crate::handle::Command;

pub(crate) struct RunSlot {
    pub(crate) key: ObjectKey,
    /// Distinguishes this run from an earlier one of the same key.
    pub(crate) number: u64,
    pub(crate) cancel: CancellationToken,
    pub(crate) cancelled_by: Arc<OnceLock<ObjectKey>>,
    pub(crate) commands: UnboundedSender<Command>,
}

#[async_trait]
impl Slot for RunSlot {
    async fn cancelled(&self) {
        self.cancel.cancelled().await;
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    fn cancelled_by(&self) -> Option<ObjectKey> {
        self.cancelled_by.get().cloned()
    }

    fn release_worker(&self) {
        // Fails only when the scheduler has stopped.
        let _ = self.commands.send(Command::Released { key: self.key.clone(), number: self.number });
    }
}

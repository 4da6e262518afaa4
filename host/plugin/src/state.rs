//! What belongs to one call; dropped with its store.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;
use wasmtime::component::ResourceTable;
use wasmtime::{ResourceLimiter, StoreLimits};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::capability::cache::BlobCache;
use crate::capability::clock::Used;
use crate::capability::documents::Sink;
use crate::capability::http::Outgoing;
use crate::capability::inputs::Asked;
use crate::capability::log::CallLog;
use crate::capability::tree::InputTree;
use crate::failure::FailureKind;
use crate::grant::Effective;
use crate::{Capability, Limits, SecretData};

pub(crate) struct State {
    pub(crate) table: ResourceTable,
    pub(crate) wasi: WasiCtx,
    pub(crate) used: Used,
    pub(crate) http_ctx: WasiHttpCtx,
    pub(crate) outgoing: Outgoing,
    pub(crate) memory: MemoryLimit,
    pub(crate) log: CallLog,
    pub(crate) tree: Option<InputTree>,
    pub(crate) sink: Sink,
    pub(crate) asked: Asked,
    pub(crate) secrets: BTreeMap<String, Arc<SecretData>>,
    pub(crate) blobs: Option<BlobCache>,
    pub(crate) grants: Effective,
    pub(crate) faults: Faults,
    pub(crate) cancellation: CancellationToken,
}

impl State {
    /// A capability that is not granted ends the call, whatever the guest makes of it.
    pub(crate) fn check(&self, capability: Capability, target: &str) -> Result<(), FailureKind> {
        self.grants.check(capability, target).inspect_err(|denied| self.faults.record(denied.clone()))
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http_ctx, table: &mut self.table, hooks: &mut self.outgoing }
    }
}

/// The first thing that went wrong on the host's side of a call. It wins over what the guest says about it.
#[derive(Clone, Default)]
pub(crate) struct Faults(Arc<Mutex<Option<FailureKind>>>);

impl Faults {
    pub(crate) fn record(&self, kind: FailureKind) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(kind);
    }

    pub(crate) fn take(&self) -> Option<FailureKind> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Counts memory over all memories of a store, and remembers that it said no.
pub(crate) struct MemoryLimit {
    rest: StoreLimits,
    limit: usize,
    used: usize,
    pub(crate) refused: bool,
}

impl MemoryLimit {
    pub(crate) fn new(limits: &Limits) -> Self {
        let rest = wasmtime::StoreLimitsBuilder::new()
            .table_elements(crate::TABLE_ELEMENTS)
            .instances(crate::CORE_INSTANCES)
            .tables(crate::CORE_INSTANCES)
            .memories(crate::MEMORIES)
            .build();
        Self { rest, limit: limits.memory_bytes, used: 0, refused: false }
    }
}

impl ResourceLimiter for MemoryLimit {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let used = self.used + (desired - current);
        if used > self.limit {
            self.refused = true;
            return Ok(false);
        }
        self.used = used;
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        self.rest.table_growing(current, desired, maximum)
    }

    fn instances(&self) -> usize {
        self.rest.instances()
    }

    fn tables(&self) -> usize {
        self.rest.tables()
    }

    fn memories(&self) -> usize {
        self.rest.memories()
    }
}

//! One wasmtime engine for the process, and the clock that lets it take time away from guests.

use std::sync::mpsc;
use std::thread;

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig};

use crate::limits::{CORE_INSTANCES, EPOCH_TICK, FIBER_STACK_BYTES, MEMORIES, TABLE_ELEMENTS, WASM_STACK_BYTES};

/// Core instances that one component has, on average; even a small one holds three.
const CORE_INSTANCES_EACH: u32 = 8;
/// Linear memories that one component has, on average.
const MEMORIES_EACH: u32 = 2;
/// Slots that stay mapped while nothing runs.
const WARM_SLOTS: u32 = 16;
/// Bytes of a linear memory that are put back to what they were in place when a call ends, so that the next one finds
/// their pages mapped. What a small render touches fits; what a large one takes beyond is given back: were it kept, every
/// small call after a large one would put it back anew.
const MEMORY_KEPT_BYTES: usize = 256 << 10;
/// Bytes of a table that are put back in place.
const TABLE_KEPT_BYTES: usize = 64 << 10;

/// Pooled if the address space can be reserved, else on demand (restricted `RLIMIT_AS`, 39-bit hosts, gVisor).
pub(crate) fn engine(max_concurrent: u32) -> wasmtime::Result<Engine> {
    let mut pooled = config();
    pooled.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(max_concurrent)));
    Engine::new(&pooled).or_else(|error| {
        tracing::info!(error = format!("{error:#}"), "no address space for pooled instances, allocating on demand");
        Engine::new(&config())
    })
}

fn config() -> Config {
    let mut config = Config::new();
    config.epoch_interruption(true);
    config.cranelift_opt_level(OptLevel::Speed);
    config.wasm_memory64(false);
    config.max_wasm_stack(WASM_STACK_BYTES);
    config.async_stack_size(FIBER_STACK_BYTES);
    config
}

fn pool(max_concurrent: u32) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(max_concurrent)
        .total_stacks(max_concurrent)
        .total_core_instances(CORE_INSTANCES_EACH * max_concurrent)
        .total_memories(MEMORIES_EACH * max_concurrent)
        .total_tables(CORE_INSTANCES_EACH * max_concurrent)
        .max_core_instances_per_component(CORE_INSTANCES as u32)
        .max_memories_per_component(MEMORIES as u32)
        .max_tables_per_component(CORE_INSTANCES as u32)
        .table_elements(TABLE_ELEMENTS)
        .max_unused_warm_slots(WARM_SLOTS);
    // Only where the kernel says which pages were written (Linux 6.7): to reset all costs more than fresh mappings.
    if PoolingAllocationConfig::is_pagemap_scan_available() {
        pool.pagemap_scan(Enabled::Yes)
            .linear_memory_keep_resident(MEMORY_KEPT_BYTES)
            .table_keep_resident(TABLE_KEPT_BYTES);
    }
    pool
}

/// Advances the epoch until it is dropped, or until the engine is gone.
pub(crate) struct Ticker {
    _stop: mpsc::Sender<()>,
}

pub(crate) fn ticker(engine: &Engine) -> std::io::Result<Ticker> {
    let (stop, stopped) = mpsc::channel::<()>();
    let engine = engine.weak();
    thread::Builder::new().name("weir-epoch".to_owned()).spawn(move || {
        while let Err(mpsc::RecvTimeoutError::Timeout) = stopped.recv_timeout(EPOCH_TICK) {
            let Some(engine) = engine.upgrade() else {
                return;
            };
            engine.increment_epoch();
        }
    })?;
    Ok(Ticker { _stop: stop })
}

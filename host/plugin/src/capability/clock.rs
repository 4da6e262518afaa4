//! Time and randomness that depend on nothing, for renderers.

use std::time::Duration;

use wasmtime_wasi::random::Deterministic;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtxBuilder};

/// The seed of every renderer's randomness.
const SEED: u128 = 0x7765_6972;

struct Frozen;

impl HostWallClock for Frozen {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

impl HostMonotonicClock for Frozen {
    fn resolution(&self) -> u64 {
        1
    }

    fn now(&self) -> u64 {
        0
    }
}

/// The clock stands at the epoch, and randomness is the same every time: a render depends on its input only.
pub(crate) fn freeze(wasi: &mut WasiCtxBuilder) {
    let seed = SEED.to_le_bytes().to_vec();
    wasi.wall_clock(Frozen).monotonic_clock(Frozen);
    wasi.secure_random(Deterministic::new(seed.clone()))
        .insecure_random(Deterministic::new(seed))
        .insecure_random_seed(SEED);
}

//! Time and randomness of a render: standing still, so that it depends on its input only, or real and watched.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use rand::RngCore;
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

/// Time and randomness are real, and `used` remembers that the guest took any. The seed of hash tables stays fixed: it
/// changes no result, and every guest takes it.
pub(crate) fn watch(wasi: &mut WasiCtxBuilder, used: &Used) {
    wasi.wall_clock(Watched::new(used)).monotonic_clock(Watched::new(used));
    wasi.secure_random(Watched::new(used)).insecure_random(Watched::new(used)).insecure_random_seed(SEED);
}

/// Whether something was taken.
#[derive(Clone, Default)]
pub(crate) struct Used(Arc<AtomicBool>);

impl Used {
    pub(crate) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The real thing, with a witness.
struct Watched {
    used: Used,
    start: Instant,
}

impl Watched {
    fn new(used: &Used) -> Self {
        Self { used: used.clone(), start: Instant::now() }
    }
}

impl HostWallClock for Watched {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        self.used.set();
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
    }
}

impl HostMonotonicClock for Watched {
    fn resolution(&self) -> u64 {
        1
    }

    fn now(&self) -> u64 {
        self.used.set();
        self.start.elapsed().as_nanos().try_into().unwrap_or(u64::MAX)
    }
}

impl rand_core::TryRng for Watched {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.used.set();
        Ok(rand::rng().next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.used.set();
        Ok(rand::rng().next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.used.set();
        rand::rng().fill_bytes(bytes);
        Ok(())
    }
}

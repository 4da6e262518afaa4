//! What a chart may take of the world.

use std::net::ToSocketAddrs;
use std::time::UNIX_EPOCH;

use weir_sdk::RenderContext;

/// The host's clock and randomness, and its names if they were granted.
pub(crate) struct World {
    cx: RenderContext,
    dns: bool,
}

impl World {
    pub(crate) fn new(cx: &RenderContext, dns: bool) -> World {
        World { cx: cx.clone(), dns }
    }
}

impl weir_helm::World for World {
    fn now(&self) -> (i64, u32) {
        let since = self.cx.clock().now().duration_since(UNIX_EPOCH).unwrap_or_default();
        (since.as_secs().try_into().unwrap_or(i64::MAX), since.subsec_nanos())
    }

    fn random(&self, buffer: &mut [u8]) {
        let bytes = self.cx.random().bytes(buffer.len().try_into().unwrap_or(u32::MAX));
        buffer.copy_from_slice(&bytes);
    }

    /// The host refuses without a grant; the chart sees a name that has no address then.
    fn lookup_host(&self, name: &str) -> Option<String> {
        if !self.dns {
            return None;
        }
        let found = (name, 0).to_socket_addrs().ok()?.next()?;
        Some(found.ip().to_string())
    }
}

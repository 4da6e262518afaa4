//! Content-addressed storage that survives the call.

use crate::Result;
use crate::backend::Host;

/// One per tenant and plugin, with a quota. Anything in it may vanish between two calls.
pub struct Cache<'a>(pub(crate) &'a dyn Host);

impl Cache<'_> {
    /// By digest, as `sha256:<hex>`.
    pub fn get(&self, digest: &str) -> Result<Option<Vec<u8>>> {
        self.0.cache_get(digest)
    }

    /// Returns the digest under which it is found again.
    pub fn put(&self, data: &[u8]) -> Result<String> {
        self.0.cache_put(data)
    }
}

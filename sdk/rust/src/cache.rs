//! Storage that survives the call: by content, and by keys.

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

    /// What an earlier call of the same component kept under a key. A renderer finds what was kept while the same tree was
    /// rendered, and nothing where the host does not know what the tree is.
    pub fn find(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.0.cache_find(key)
    }

    /// Keeps data under a key, in the place of what was there. A renderer keeps what it makes of the tree alone: others that
    /// render the tree find it, whatever their parameters.
    pub fn keep(&self, key: &str, data: &[u8]) -> Result<()> {
        self.0.cache_keep(key, data)
    }
}

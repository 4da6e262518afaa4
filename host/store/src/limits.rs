//! What one artifact may hold, for writing and reading alike.

use std::path::Path;

use crate::StoreError;

/// Bytes of all files together, unpacked.
pub const MAX_TOTAL_BYTES: u64 = 1 << 30;
/// Files and directories.
pub const MAX_ENTRIES: u64 = 100_000;
/// Bytes of one relative path.
pub const MAX_PATH_BYTES: u64 = 1024;
/// Bytes of archive headers before one entry: long names and PAX records are held in memory.
pub const MAX_HEADER_BYTES: u64 = 64 << 10;

/// See the constants of the same names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// [`MAX_TOTAL_BYTES`].
    pub total_bytes: u64,
    /// [`MAX_ENTRIES`].
    pub entries: u64,
    /// [`MAX_PATH_BYTES`].
    pub path_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { total_bytes: MAX_TOTAL_BYTES, entries: MAX_ENTRIES, path_bytes: MAX_PATH_BYTES }
    }
}

/// What one artifact holds so far.
#[derive(Debug)]
pub(crate) struct Tally {
    limits: Limits,
    bytes: u64,
    entries: u64,
}

impl Tally {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, bytes: 0, entries: 0 }
    }

    /// Counts one entry before it is read or written.
    pub(crate) fn entry(&mut self, path: &Path, bytes: u64) -> Result<(), StoreError> {
        self.entries += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        let length = path.as_os_str().len() as u64;
        let limits = self.limits;
        for (what, value, limit, unit) in [
            ("total size", self.bytes, limits.total_bytes, "bytes"),
            ("number of files", self.entries, limits.entries, "entries"),
            ("path length", length, limits.path_bytes, "bytes"),
        ] {
            if value > limit {
                return Err(StoreError::Limit { what, limit, unit, path: path.into() });
            }
        }
        Ok(())
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }
}

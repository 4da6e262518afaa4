//! Why an operation on the store failed.

use std::{io, path::PathBuf};

use thiserror::Error;

/// A failed operation; the operation is in the variant, the cause is the source.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Another process holds the root.
    #[error("the artifact store is in use by another process: {}", root.display())]
    Locked {
        /// The store's root.
        root: PathBuf,
    },
    /// The disk failed.
    #[error("failed to {operation}: {}", path.display())]
    Io {
        /// For example `create file`.
        operation: &'static str,
        /// What it was done to.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A kind, namespace, name or file name cannot be part of a path.
    #[error("not an artifact path: `{path}`")]
    InvalidPath {
        /// As given.
        path: String,
    },
    /// More than a limit allows; nothing was stored.
    #[error("{what} exceeds the limit of {limit} {unit}: {}", path.display())]
    Limit {
        /// For example `total size`.
        what: &'static str,
        /// The limit.
        limit: u64,
        /// Of the limit: `bytes` or `entries`.
        unit: &'static str,
        /// Where the limit was reached.
        path: PathBuf,
    },
    /// A file changed while it was sealed.
    #[error("file changed while it was read: {}", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The artifact's file is not there.
    #[error("artifact not found: {path}")]
    Missing {
        /// The artifact's path.
        path: String,
    },
    /// The stored bytes are not those that the digest names.
    #[error("artifact `{path}` does not match its digest `{expected}`: {actual}")]
    Corrupt {
        /// The artifact's path.
        path: String,
        /// From the artifact.
        expected: String,
        /// Of the file.
        actual: String,
    },
    /// An archive entry would be written outside of its directory.
    #[error("archive entry leaves its directory: {entry}")]
    Escapes {
        /// The entry's path, lossily.
        entry: String,
    },
}

/// Turns an I/O error into one that says what was tried, and on what.
pub(crate) trait Tried<T> {
    fn tried(self, operation: &'static str, path: impl Into<PathBuf>) -> Result<T, StoreError>;
}

impl<T> Tried<T> for io::Result<T> {
    fn tried(self, operation: &'static str, path: impl Into<PathBuf>) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::Io { operation, path: path.into(), source })
    }
}

//! A pack on disk, read with bounded memory: it streams into a scratch file, every object is named once, and objects are
//! read again when they are wanted.

mod body;
mod delta;
mod index;
mod inflate;
mod objects;
mod scan;
#[cfg(test)]
pub(crate) mod tests;

use std::io;

pub(crate) use objects::Objects;

/// Why a pack cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PackError {
    #[error("reading or writing the pack failed")]
    Io(#[from] io::Error),
    #[error("the pack is damaged: {0}")]
    Damaged(String),
    #[error("object not found: {0}")]
    Missing(gix_hash::ObjectId),
    #[error("the repository is too large: {what} exceeds {limit}")]
    TooLarge { what: &'static str, limit: u64 },
    #[error("object {0} is not a {1}")]
    Kind(gix_hash::ObjectId, gix_object::Kind),
}

impl PackError {
    pub(crate) fn damaged(what: impl std::fmt::Display) -> PackError {
        PackError::Damaged(what.to_string())
    }
}

impl From<PackError> for weir_sdk::Error {
    fn from(error: PackError) -> Self {
        match error {
            // What the host said below the stream is worth more than our words.
            PackError::Io(error) => crate::failure::git(weir_sdk::Error::from(error).message()),
            error @ PackError::TooLarge { .. } => {
                weir_sdk::Error::terminal(crate::failure::GIT_OPERATION_FAILED, error.to_string())
            }
            error => crate::failure::git(error.to_string()),
        }
    }
}

/// Where an object is and what it is made from.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    offset: u64,
    id: [u8; 20],
    base: Base,
    /// Of a delta: what its base is.
    kind: Option<gix_object::Kind>,
    /// Others are made from it.
    is_base: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Base {
    /// A whole object.
    Whole,
    /// The position of the base in the list of entries.
    Entry(u32),
    /// The position in the list of bases that are known by name only.
    Named(u32),
}

/// The objects of a pack in the order in which they are in it.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    list: Vec<Entry>,
    /// Names of bases for [`Base::Named`].
    named: Vec<[u8; 20]>,
    /// Positions sorted by name, once every object has one.
    by_id: Vec<u32>,
}

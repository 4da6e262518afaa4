//! Helm repositories: which archive is meant by a chart's name and version. Nothing here speaks to a network: whoever has
//! fetched an index or a list of tags gets told what to fetch next.

mod address;
mod archive;
mod choice;
mod index;

pub use address::{index_url, join};
pub use archive::{MAX_UNPACKED_BYTES, check_digest, file_in};
pub use choice::{choose_tag, is_exact, tag_of, wanted_version};
pub use index::{Index, Release};

/// Why a repository has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The index is no YAML, or not that of a repository.
    #[error("the index cannot be read: {0}")]
    Index(String),
    /// Nobody knows the chart.
    #[error("the repository has no such chart")]
    NoChart,
    /// The chart is there, but not in a version that is wanted.
    #[error("no version of it matches; there are {0}")]
    NoVersion(String),
    /// What is wanted is neither a version nor a constraint.
    #[error("{0}")]
    Constraint(String),
    /// The index does not say where the archive is.
    #[error("it has no downloadable URLs")]
    NoUrl,
    /// Another archive than the one that the index means.
    #[error("the archive has the digest {found}, the index wants {wanted}")]
    Digest {
        /// In the index.
        wanted: String,
        /// Of what was fetched.
        found: String,
    },
    /// The archive cannot be unpacked.
    #[error("the archive cannot be read: {0}")]
    Archive(String),
}

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, Error>;

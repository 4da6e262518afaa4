//! The artifact store: the only crate that touches the artifact disk.
//!
//! Below the root lies `<kind lowercase>/<namespace>/<name>/<file>`, as Flux lays it out. A file appears complete or not at all:
//! it is written to `.tmp`, synced and renamed. Unpacked artifacts live in `.trees`, once per digest.
//! Everything but [`serve()`] blocks on the disk: call it through `spawn_blocking`.

mod digest;
mod error;
mod gc;
mod layout;
mod limits;
mod reader;
mod serve;
mod store;
mod unpack;
mod verified;
mod writer;

pub use error::StoreError;
pub use gc::{RETENTION_RECORDS, RETENTION_TTL, Retention};
pub use limits::{Limits, MAX_ENTRIES, MAX_HEADER_BYTES, MAX_PATH_BYTES, MAX_TOTAL_BYTES};
pub use reader::{TREE_CACHE_BYTES, Tree};
pub use serve::{router, serve};
pub use store::{Presence, Store, StoreConfig};

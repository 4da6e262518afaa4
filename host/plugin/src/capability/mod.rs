//! What the host does for guests, the same for every version of the contract. Every check is here.

pub(crate) mod cache;
pub(crate) mod clock;
pub(crate) mod documents;
pub(crate) mod http;
pub(crate) mod inputs;
mod listing;
pub(crate) mod log;
pub(crate) mod network;
pub(crate) mod quota;
pub(crate) mod secret;
pub(crate) mod tls;
pub(crate) mod tree;
pub(crate) mod tunnel;

//! The real host, seen from inside a component.

pub mod bindings;
pub mod glue;
mod host;
mod libc;
mod streams;

pub(crate) use host::GuestHost;

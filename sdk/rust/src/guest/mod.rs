//! The real host, seen from inside a component.

pub mod bindings;
pub mod glue;
mod host;
mod streams;

pub(crate) use host::GuestHost;

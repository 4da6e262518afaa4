//! Plugins as OCI artifacts: build, inspect, layouts and registries. Nothing here runs a plugin.
//!
//! A plugin is a component ([`component`]) in an OCI image of the CNCF Wasm layout ([`image`]), kept in a directory
//! ([`layout`]) or a registry ([`registry`]), and named by a [`Reference`], which [`Sources::resolve`] turns into bytes.
//! [`build`] makes components from source.

pub mod build;
pub mod component;
pub mod credentials;
mod digest;
pub mod image;
pub mod inspect;
pub mod layout;
pub mod reference;
pub mod registry;
mod resolve;

pub use credentials::Credentials;
pub use digest::{Digest, InvalidDigest};
pub use image::Image;
pub use inspect::{Inspection, inspect};
pub use layout::Layout;
pub use reference::{Location, Pin, Reference};
pub use registry::{Registry, is_loopback};
pub use resolve::{Fetched, Origin, ResolveError, Sources};

/// Bytes of a component; larger ones are neither built, stored nor fetched.
pub const MAX_COMPONENT_BYTES: u64 = 64 << 20;

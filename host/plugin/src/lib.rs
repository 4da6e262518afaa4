//! The plugin runtime: the only crate that sees wasmtime.
//!
//! ```text
//! PluginHost::new(config) -> host.load(bytes, expected digest) -> Plugin
//! plugin.resolve / fetch / render (&CallContext, request) -> result or PluginFailure
//! ```
//!
//! Every call gets a fresh store and instance, sees only its own directories and what its
//! [`CallContext`] grants, and is bounded by [`Limits`]. Nothing a guest does ends in anything but a [`PluginFailure`].
//! The adapters in `bind` translate versions of the contract; every check is below them, in `capability`.

mod bind;
mod cache;
mod call;
mod capability;
mod context;
mod engine;
mod failure;
mod get;
mod grant;
mod host;
mod inputs;
mod limits;
mod origin;
mod place;
mod plugin;
mod request;
mod state;
mod turns;
mod version;

pub use context::{CallContext, SecretData, Tls};
pub use failure::{Class, FailureKind, LoadError, PluginFailure};
pub use get::{GetError, Response, get, get_with};
pub use grant::{Capability, Grants};
pub use host::{HostConfig, PluginHost};
pub use inputs::{Answer, Answers, Input, NoAnswer, Question};
pub use limits::*;
pub use origin::Origin;
pub use plugin::Plugin;
pub use request::{
    Diagnostic, DocumentOrigin, FetchReport, Format, ObjectRef, Previous, RenderRequest, Rendered, Resolution,
    Severity, SourceRequest,
};
pub use tokio_util::sync::CancellationToken;
pub use turns::TENANT_SHARE;
pub use version::SUPPORTED as SUPPORTED_API_VERSIONS;

//! Write weir plugins in Rust: implement [`Source`], [`Renderer`] or [`Function`], call [`register!`], done.
//!
//! A plugin sees the world through its context ([`SourceContext`], [`RenderContext`]) only. The same code runs natively
//! under `cargo test` against the fake host in `testing` (feature `testing`). Threads cannot be started in a guest.

extern crate self as weir_sdk;

#[cfg(all(target_family = "wasm", feature = "allocator"))]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// What most calls need at least. It costs nothing that is not touched.
#[cfg(all(target_family = "wasm", feature = "allocator"))]
const HEAP_AT_ONCE: usize = 1 << 20;

/// Has the memory grow once at the start of a call, not page by page while it runs: each time is a system call of the host.
#[cfg(target_family = "wasm")]
fn grow_heap() {
    #[cfg(feature = "allocator")]
    drop(std::hint::black_box(Vec::<u8>::with_capacity(HEAP_AT_ONCE)));
}

mod backend;
mod cache;
mod context;
mod documents;
mod error;
pub mod function;
#[cfg(target_family = "wasm")]
mod guest;
pub mod http;
mod info;
mod inputs;
mod log;
mod register;
mod renderer;
mod secrets;
mod source;
#[cfg(all(feature = "testing", not(target_family = "wasm")))]
pub mod testing;
mod tree;
mod tunnel;
#[cfg(target_family = "wasm")]
mod wire;

pub use cache::Cache;
pub use context::{Clock, ObjectRef, Random, RenderContext, SourceContext};
pub use documents::{Batch, Diagnostic, Documents, Severity};
pub use error::{Class, Error, Result};
pub use function::Function;
pub use info::{Capability, Info};
pub use inputs::{Answer, Inputs};
pub use log::{Level, Log};
pub use renderer::{Format, RenderRequest, Renderer, Summary};
pub use secrets::{HmacAlgorithm, Scheme, Secret, Secrets};
pub use source::{Previous, Report, Resolution, Source, SourceRequest};
pub use tree::{Entry, EntryKind, Tree, WholeTree};
pub use tunnel::{Channel, SshCommand, Tunnel};

/// The version of `weir:plugin` that this SDK speaks; the host reads it from the section `weir:api-version`.
pub const API_VERSION: &str = "0.1.0";

/// What [`register!`] expands to. Not part of the API.
#[doc(hidden)]
pub mod __private {
    #[cfg(target_family = "wasm")]
    pub use crate::guest::{bindings, glue};
    #[cfg(target_family = "wasm")]
    pub use wit_bindgen;
}

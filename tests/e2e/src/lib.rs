//! End-to-end tests: the whole of weir against a real API server and a real Git server.
//!
//! Nothing is pretended but the kubelet. A test gets a [`Scope`]: a namespace, a Git repository and a client; what it
//! waits for is seen by watch. [`shared`] is one control plane with one engine for all tests; a test that counts requests,
//! restarts the engine or needs other settings runs an [`Engine`] of its own over [`quiet`].

mod api;
mod cluster;
pub mod corpora;
mod engine;
pub mod fleet;
pub mod flux_cli;
pub mod guests;
mod metrics;
mod process;
mod request_log;
mod scope;
mod view;

pub use api::{Cluster, eventually};
pub use cluster::{Plane, quiet, shared};
pub use engine::{Engine, config, mirrors, plugins_dir};
pub use process::{Usage, WeirProcess, weir_binary};
pub use request_log::{Request, RequestLog};
pub use scope::Scope;
pub use view::View;

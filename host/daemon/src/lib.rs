//! Wires the crates into the running engine.
//!
//! [`run`] builds everything, serves artifacts, metrics and health, and runs until its token is cancelled.

mod client;
mod config;
mod configs;
mod http;
mod metrics;
mod plugins;
mod process;
mod requests;
mod shard;
pub mod telemetry;
mod wire;

pub use config::{Config, WATCH_CONFIGS};
pub use wire::run;

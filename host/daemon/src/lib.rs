//! Wires the crates into the running engine.
//!
//! [`run`] builds everything, serves artifacts, metrics and health, and runs until its token is cancelled.

mod client;
mod config;
mod configs;
mod http;
mod metrics;
mod plugins;
pub mod telemetry;
mod wire;

pub use config::Config;
pub use wire::run;

//! Wires the crates into the running engine.
//!
//! `run` builds everything, serves artifacts, metrics and health, and runs until its token is cancelled.

mod config;
pub mod telemetry;

pub use config::Config;

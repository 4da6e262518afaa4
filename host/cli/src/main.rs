//! `weir`: the engine, and everything that people do with it from a terminal.

mod args;
mod cluster;
mod commands;
mod error;
mod kinds;
mod output;
mod plugins;
mod progress;
mod resource;
mod tree;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Args;

#[tokio::main]
async fn main() -> ExitCode {
    // More than one TLS provider may be linked in; without a choice the first connection panics.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match commands::run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error::report(&error),
    }
}

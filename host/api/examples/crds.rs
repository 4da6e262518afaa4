//! Writes or checks the CRDs that are kept beside the crate: `cargo run -p weir-api --example crds -- --write`.

// A program for people.
#![allow(clippy::print_stderr)]

use std::{env, process::ExitCode};

#[path = "../tests/files/mod.rs"]
mod files;

fn main() -> ExitCode {
    if env::args().any(|argument| argument == "--write") {
        files::write();
        return ExitCode::SUCCESS;
    }
    let stale = files::stale();
    stale.iter().for_each(|name| eprintln!("crd is out of date: {name}"));
    match stale.is_empty() {
        true => ExitCode::SUCCESS,
        false => {
            eprintln!("hint: run `cargo run -p weir-api --example crds -- --write`");
            ExitCode::FAILURE
        }
    }
}

//! What the programs share that reduce an OpenAPI document to a table.

use std::process::ExitCode;

use serde_json::Value;

/// Reads the document FILE of the command line, and prints its table for VERSION.
pub(crate) fn run(table: impl FnOnce(Value, &str) -> String) -> ExitCode {
    let path = std::env::args().nth(1).unwrap_or_default();
    let version = std::env::args().nth(2).unwrap_or_default();
    let read = std::fs::read(&path).map_err(|error| error.to_string());
    let document = read.and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()));
    match document {
        Ok(document) => print(&table(document, &version)),
        Err(error) => {
            complain(&format!("error: cannot read an OpenAPI document: {path}: {error}"));
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

#[expect(clippy::print_stdout, reason = "it is a program")]
fn print(text: &str) {
    print!("{text}");
}

#[expect(clippy::print_stderr, reason = "it is a program")]
fn complain(text: &str) {
    eprintln!("{text}");
}

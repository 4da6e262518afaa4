//! Plugins that only tests have.

use std::path::PathBuf;

use weir_devenv::cache_dir;
use weir_package::build::{Options, Output, compile};

use crate::repo_root;

/// The component `name` of `tests/guests`: from `$WEIR_GUESTS_DIR`, or built here.
///
/// # Panics
/// When it cannot be built.
#[must_use]
pub fn guest(name: &str) -> PathBuf {
    if let Some(folder) = std::env::var_os("WEIR_GUESTS_DIR") {
        return PathBuf::from(folder).join(format!("guest_{name}.wasm"));
    }
    let options = Options { target_directory: Some(cache_dir().join("guests")), output: Output::Keep };
    compile(&repo_root().join("tests/guests").join(name), &options).unwrap()
}

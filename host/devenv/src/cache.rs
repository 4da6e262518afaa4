//! Where things that are expensive to make are kept.

use std::env;
use std::path::PathBuf;

/// `${XDG_CACHE_HOME:-$HOME/.cache}/weir`; below the temporary folder for a user without a home.
#[must_use]
pub fn cache_dir() -> PathBuf {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
        .unwrap_or_else(env::temp_dir)
        .join("weir")
}

//! Original programs, compiled from Go.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

/// Compiles the Go program in a folder, unless the cache has it: the cache is keyed by the sources.
///
/// # Errors
/// There is no Go, or it cannot compile the program.
pub(crate) fn compile(name: &str, sources: &Path, linker_flags: &str) -> Result<PathBuf> {
    let folder =
        weir_corpora::cache_dir().join("tools").join(format!("oracle-{name}-{}", hash(sources, linker_flags)?));
    let program = folder.join(name);
    if program.is_file() {
        return Ok(program);
    }
    std::fs::create_dir_all(&folder).with_context(|| format!("failed to make: {}", folder.display()))?;
    // Two tests may compile at the same time: each into a file of its own, which then takes the place in one step.
    let fresh = folder.join(format!("{name}.{}.{:?}", std::process::id(), std::thread::current().id()));
    let mut go = Command::new("go");
    go.current_dir(sources).env("CGO_ENABLED", "0").args(["build", "-trimpath", "-ldflags", linker_flags, "-o"]);
    go.arg(&fresh).arg(".");
    if !go.status().context("failed to run `go`, which the original is compiled with")?.success() {
        bail!("`go build` failed in: {}", sources.display());
    }
    std::fs::rename(&fresh, &program)?;
    Ok(program)
}

fn hash(sources: &Path, linker_flags: &str) -> Result<String> {
    let mut hash = Sha256::new();
    for path in all_sources(sources)? {
        hash.update(path.file_name().unwrap_or_default().as_encoded_bytes());
        hash.update(std::fs::read(&path).with_context(|| format!("failed to read: {}", path.display()))?);
    }
    hash.update(linker_flags);
    Ok(hex::encode(&hash.finalize()[..8]))
}

/// The files of a module, and of those that it takes from beside itself.
fn all_sources(module: &Path) -> Result<Vec<PathBuf>> {
    let requirements = module.join("go.mod");
    let text = std::fs::read_to_string(&requirements);
    let text = text.with_context(|| format!("failed to read: {}", requirements.display()))?;
    let beside =
        text.lines().filter_map(|line| line.split_once("=> ../")).map(|(_, name)| module.join("..").join(name));
    let mut paths = Vec::new();
    for folder in std::iter::once(module.to_owned()).chain(beside) {
        let entries = std::fs::read_dir(&folder).with_context(|| format!("failed to read: {}", folder.display()))?;
        paths.extend(entries.flatten().map(|entry| entry.path()));
    }
    paths.sort();
    Ok(paths)
}

/// Whether there is an original to compare with, for tests.
///
/// # Panics
/// There is none in a pipeline. A person may lack Go; the pipeline may not.
pub fn has_oracle(compiled: Result<PathBuf>) -> bool {
    if let Err(error) = &compiled {
        assert!(std::env::var_os("CI").is_none(), "no oracle: {error:#}");
        let mut stderr = std::io::stderr();
        let _ = std::io::Write::write_fmt(&mut stderr, format_args!("NOT COMPARED, there is no oracle: {error:#}\n"));
    }
    compiled.is_ok()
}

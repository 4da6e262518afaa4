//! The original `kustomize`, installed from the Go module proxy into the cache.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use crate::report::say;

const VERSION: &str = "v5.8.2";
const MODULE: &str = "sigs.k8s.io/kustomize/kustomize/v5";

/// The program; installed when it is not in the cache.
pub(crate) fn program() -> Result<PathBuf> {
    let folder = weir_devenv::cache_dir().join("tools").join(format!("kustomize-{VERSION}"));
    let program = folder.join("kustomize");
    if !program.is_file() {
        say(&format!("installing kustomize {VERSION}: once, some minutes"));
        let mut go = Command::new("go");
        let status = go.args(["install", &format!("{MODULE}@{VERSION}")]).env("GOBIN", &folder).status();
        if !status.context("cannot run `go`")?.success() {
            bail!("`go install {MODULE}@{VERSION}` failed");
        }
    }
    Ok(program)
}

/// One `kustomize build`: wall-clock time of the whole program, and its CPU time.
pub(crate) fn build(program: &Path, folder: &Path) -> Result<(Duration, Duration)> {
    let before = children_cpu()?;
    let started = Instant::now();
    let status = Command::new(program).arg("build").arg(folder).stdout(Stdio::null()).status()?;
    let took = started.elapsed();
    if !status.success() {
        bail!("`kustomize build {}` failed", folder.display());
    }
    Ok((took, children_cpu()?.saturating_sub(before)))
}

/// CPU time of all children that have ended: user and system time, fields 16 and 17 of `/proc/self/stat`, in hundredths.
fn children_cpu() -> Result<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |index: usize| fields.get(index).and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
    Ok(Duration::from_millis((ticks(13) + ticks(14)) * 10))
}

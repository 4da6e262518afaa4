//! Running commands, one visible step each.

use std::io::Write;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// Runs `work` as the step `name` and tells how long it took.
pub(crate) fn step(name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    say(&format!("==> {name}"));
    let start = Instant::now();
    work().with_context(|| format!("step `{name}` failed"))?;
    say(&format!("    {name}: {:.1} s", start.elapsed().as_secs_f64()));
    Ok(())
}

/// One line for the user.
pub(crate) fn say(line: &str) {
    // Nobody reads a closed terminal.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// `cargo ARGS` in the repository.
pub(crate) fn cargo<S: AsRef<str>>(args: &[S]) -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(args.iter().map(AsRef::as_ref));
    run(&mut command)
}

/// Runs `command` in the repository; an error when it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = format!("{command:?}");
    let status = command.current_dir(root()).status().with_context(|| format!("failed to start: {line}"))?;
    if !status.success() {
        bail!("{status}: {line}");
    }
    Ok(())
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    // What cargo says now comes first: two checkouts may share one target folder, and with it this program.
    let running = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let manifest = running.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    manifest.ancestors().nth(2).expect("tests/xtask is two levels deep").to_owned()
}

/// Where built plugins and control planes are kept; `./x` sets it for everyone.
pub(crate) fn cache_dir() -> PathBuf {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
        .unwrap_or_else(std::env::temp_dir)
        .join("weir")
}

/// Where cargo puts what it builds in `profile`.
pub(crate) fn target_dir(profile: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join(profile)
}

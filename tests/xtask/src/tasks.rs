//! What `./x` can do.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::steps::{cache_dir, cargo, root, run, say, step, target_dir};
use crate::tidy;

/// One choice of targets for all that is built while developing. What features a dependency gets follows from the crates
/// and the kinds of targets that are built together: these are those of `cargo test`, so nothing compiles twice.
const BUILD: [&str; 6] = ["build", "--quiet", "--bin", "weir", "--example", "demo"];

/// The plugins that travel with weir.
const PLUGINS: [&str; 3] = ["plugins/sources/git", "plugins/renderers/helm", "plugins/renderers/kustomize"];

pub(crate) fn test() -> Result<()> {
    step("format", || cargo(&["fmt", "--all", "--check"]))?;
    step("tidy", tidy)?;
    step("clippy", || cargo(&["clippy", "--quiet", "--all-targets", "--", "-D", "warnings"]))?;
    step("build", || cargo(&["test", "--quiet", "--no-run"]))?;
    step("plugins", plugins)?;
    step("test", || cargo_test(&["--quiet".to_owned()]))
}

pub(crate) fn cargo_test(args: &[String]) -> Result<()> {
    let mut all = vec!["test".to_owned()];
    all.extend_from_slice(args);
    cargo(&all)
}

pub(crate) fn tidy() -> Result<()> {
    let findings = tidy::check(&root())?;
    for finding in &findings {
        say(finding);
    }
    if findings.is_empty() { Ok(()) } else { bail!("{} findings", findings.len()) }
}

pub(crate) fn demo(keep: bool) -> Result<()> {
    step("weir", || cargo(&BUILD))?;
    step("plugins", plugins)?;
    let mut demo = Command::new(target_dir("debug").join("examples/demo"));
    demo.arg(target_dir("debug").join("weir"));
    if keep {
        demo.arg("--keep");
    }
    run(&mut demo)
}

pub(crate) fn bench(args: &[String]) -> Result<()> {
    step("weir", || cargo(&["build", "--profile", "bench", "-p", "weir-cli", "-p", "weir-bench"]))?;
    // The profile shares the folder of releases.
    step("plugins", || build_plugins("release"))?;
    run(Command::new(target_dir("release").join("weir-bench")).args(args))
}

pub(crate) fn plugins() -> Result<()> {
    cargo(&BUILD)?;
    build_plugins("debug")
}

pub(crate) fn build() -> Result<()> {
    step("weir", || cargo(&["build", "--release", "-p", "weir-cli"]))?;
    step("plugins", || build_plugins("release"))?;
    say(&format!("program: {}", target_dir("release").join("weir").display()));
    say(&format!("plugins: {}", plugins_dir().display()));
    Ok(())
}

pub(crate) fn crds() -> Result<()> {
    cargo(&["run", "--quiet", "-p", "weir-api", "--example", "crds", "--", "--write"])
}

pub(crate) fn fmt() -> Result<()> {
    cargo(&["fmt", "--all"])
}

/// Builds each plugin with the `weir plugin build` of `profile`, the way everybody builds theirs, into one OCI layout.
fn build_plugins(profile: &str) -> Result<()> {
    for folder in PLUGINS {
        let mut command = Command::new(target_dir(profile).join("weir"));
        command.args(["plugin", "build", folder, "--layout"]).arg(plugins_dir());
        run(&mut command)?;
    }
    Ok(())
}

fn plugins_dir() -> PathBuf {
    cache_dir().join("plugins")
}

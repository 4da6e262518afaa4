//! What `./x` can do.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::steps::{cache_dir, cargo, root, run, say, step, target_dir};
use crate::tidy;

/// The plugins that travel with weir.
const PLUGINS: [&str; 2] = ["plugins/sources/git", "plugins/renderers/kustomize"];

pub(crate) fn test() -> Result<()> {
    step("format", || cargo(&["fmt", "--all", "--check"]))?;
    step("tidy", tidy)?;
    step("clippy", || cargo(&["clippy", "--quiet", "--all-targets", "--", "-D", "warnings"]))?;
    step("plugins", || build_plugins("debug"))?;
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
    step("weir", || cargo(&["build", "--quiet", "-p", "weir-cli"]))?;
    step("plugins", || build_plugins("debug"))?;
    let mut args = vec!["run", "--quiet", "-p", "weir-testkit", "--example", "demo", "--"];
    let weir = target_dir("debug").join("weir").display().to_string();
    args.push(&weir);
    if keep {
        args.push("--keep");
    }
    cargo(&args)
}

pub(crate) fn bench(args: &[String]) -> Result<()> {
    let mut all = ["run", "--release", "-p", "weir-bench", "--"].map(str::to_owned).to_vec();
    all.extend_from_slice(args);
    step("plugins", || build_plugins("release"))?;
    cargo(&all)
}

pub(crate) fn plugins() -> Result<()> {
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

/// Builds each plugin with `weir plugin build`, the way everybody builds theirs, into one OCI layout.
fn build_plugins(profile: &str) -> Result<()> {
    let mut build = vec!["build", "--quiet", "-p", "weir-cli"];
    if profile == "release" {
        build.push("--release");
    }
    cargo(&build)?;
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

//! The programs of the control plane: found, or built once for all.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::process::find_program;
use crate::{Error, Progress, Result, cache_dir};

const GO_MOD: &str = include_str!("../controlplane/go.mod");
const GO_SUM: &str = include_str!("../controlplane/go.sum");
const TOOLS_GO: &str = include_str!("../controlplane/tools.go");
const ETCD_MAIN: &str = include_str!("../controlplane/etcd/main.go");

/// What is built, all in one `go build`.
const PACKAGES: [&str; 5] = [
    "./etcd",
    "k8s.io/kubernetes/cmd/kube-apiserver",
    "k8s.io/kubernetes/cmd/kube-controller-manager",
    "k8s.io/kubernetes/cmd/kube-scheduler",
    "sigs.k8s.io/kwok/cmd/kwok",
];

/// How many packages the programs are made of, about: only for the progress line.
const PACKAGE_COUNT: usize = 2550;

/// Lines of the compiler's output that an error shows.
const ERROR_LINES: usize = 15;

/// A folder with the programs of a control plane.
#[derive(Debug, Clone)]
pub struct Binaries {
    folder: PathBuf,
    runs_pods: bool,
}

impl Binaries {
    pub(crate) fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }

    /// Whether the programs that schedule pods and report them as running are there.
    #[must_use]
    pub fn runs_pods(&self) -> bool {
        self.runs_pods
    }
}

/// Finds a control plane without building one: `KUBEBUILDER_ASSETS` (then without pods), or the cache.
#[must_use]
pub fn locate_control_plane() -> Option<Binaries> {
    let assets = std::env::var_os("KUBEBUILDER_ASSETS").map(PathBuf::from);
    let assets = assets.filter(|folder| folder.join("kube-apiserver").is_file() && folder.join("etcd").is_file());
    if let Some(folder) = assets {
        return Some(Binaries { folder, runs_pods: false });
    }
    let folder = cached();
    folder.is_dir().then_some(Binaries { folder, runs_pods: true })
}

/// Finds a control plane, or builds it into the cache (minutes). Blocks; any number of processes may call it at once, one
/// of them builds.
///
/// # Errors
/// When Go is not installed or the build fails.
pub fn build_control_plane(progress: &Progress) -> Result<Binaries> {
    if let Some(found) = locate_control_plane() {
        return Ok(found);
    }
    let root = cache_dir().join("controlplane");
    fs::create_dir_all(&root).map_err(Error::file("create", &root))?;
    let lock = root.join("build.lock");
    let guard = File::create(&lock).map_err(Error::file("create", &lock))?;
    if guard.try_lock().is_err() {
        progress.say("waiting for another process that builds the control plane");
        guard.lock().map_err(Error::file("lock", &lock))?;
    }
    if let Some(found) = locate_control_plane() {
        return Ok(found);
    }
    build(&root, progress)?;
    Ok(Binaries { folder: cached(), runs_pods: true })
}

fn build(root: &Path, progress: &Progress) -> Result<()> {
    let go = find_program("go").or_else(|| Some(PathBuf::from("/usr/local/go/bin/go")).filter(|go| go.is_file()));
    let go = go.ok_or(Error::Missing { program: "go", hint: "`./x` installs it, or see https://go.dev/dl" })?;
    let work =
        tempfile::Builder::new().prefix(".build-").tempdir_in(root).map_err(Error::file("create a folder in", root))?;
    let bin = work.path().join("bin");
    for (name, text) in [("go.mod", GO_MOD), ("go.sum", GO_SUM), ("tools.go", TOOLS_GO), ("etcd/main.go", ETCD_MAIN)] {
        write(&work.path().join(name), text)?;
    }
    fs::create_dir_all(&bin).map_err(Error::file("create", &bin))?;
    compile(&go, work.path(), &bin, progress)?;
    let target = cached();
    fs::rename(&bin, &target).map_err(Error::file("move the programs to", &target))
}

fn compile(go: &Path, work: &Path, bin: &Path, progress: &Progress) -> Result<()> {
    let mut command = Command::new(go);
    command.current_dir(work).env("CGO_ENABLED", "0").env_remove("GOFLAGS");
    command.args(["build", "-v", "-buildvcs=false", "-trimpath", "-ldflags", &linker_flags(), "-o"]);
    command.arg(format!("{}/", bin.display())).args(PACKAGES);
    let line = "go build (control plane)".to_owned();
    progress.say(&format!(
        "building the control plane, Kubernetes {}: once, some minutes",
        version_of("k8s.io/kubernetes")
    ));
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| Error::Spawn { program: line.clone(), source })?;
    let output = follow(&mut child, progress);
    match child.wait() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Error::Command { command: line, output }),
        Err(source) => Err(Error::Spawn { program: line, source }),
    }
}

/// Reports each twentieth part of the work; returns the last lines.
fn follow(child: &mut Child, progress: &Progress) -> String {
    let Some(stderr) = child.stderr.take() else {
        return String::new();
    };
    let mut tail = Vec::new();
    let mut done = 0;
    for line in BufReader::new(stderr).lines().map_while(std::io::Result::ok) {
        if line.starts_with("go: ") || line.contains(' ') {
            tail.push(line);
            continue;
        }
        done += 1;
        if done % (PACKAGE_COUNT / 20) == 0 {
            progress.say(&format!("building the control plane: {}%", (done * 100 / PACKAGE_COUNT).min(99)));
        }
    }
    tail.split_off(tail.len().saturating_sub(ERROR_LINES)).join("\n")
}

/// The version that the programs report; without it clients see `v0.0.0` and refuse to work.
fn linker_flags() -> String {
    let version = version_of("k8s.io/kubernetes");
    let mut parts = version.trim_start_matches('v').split('.');
    let (major, minor) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let set = |name: &str, value: &str| format!(" -X k8s.io/component-base/version.{name}={value}");
    ["-s -w".to_owned()]
        .into_iter()
        .chain([set("gitVersion", version), set("gitMajor", major), set("gitMinor", minor)])
        .chain([set("gitTreeState", "clean"), set("gitCommit", "unknown"), set("buildDate", "1970-01-01T00:00:00Z")])
        .collect()
}

fn cached() -> PathBuf {
    let [kubernetes, etcd, kwok] =
        ["k8s.io/kubernetes", "go.etcd.io/etcd/server/v3", "sigs.k8s.io/kwok"].map(version_of);
    cache_dir().join("controlplane").join(format!("kubernetes-{kubernetes}-etcd-{etcd}-kwok-{kwok}"))
}

/// The version that go.mod requires of `module`.
fn version_of(module: &str) -> &'static str {
    let required = |line: &'static str| line.trim().strip_prefix(module)?.strip_prefix(' ');
    GO_MOD.lines().find_map(required).and_then(|rest| rest.split_whitespace().next()).unwrap_or("unknown")
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(Error::file("create", parent))?;
    }
    fs::write(path, text).map_err(Error::file("write", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_come_from_go_mod() {
        for module in ["k8s.io/kubernetes", "go.etcd.io/etcd/server/v3", "sigs.k8s.io/kwok"] {
            assert!(version_of(module).starts_with('v'), "{module}: {}", version_of(module));
        }
        assert_eq!(version_of("example.com/none"), "unknown");
    }

    #[test]
    fn the_linker_sets_the_version() {
        let version = version_of("k8s.io/kubernetes");
        assert!(linker_flags().contains(&format!("-X k8s.io/component-base/version.gitVersion={version} ")));
    }
}

//! The real `flux` command line: found, or built from the module proxy. Nothing of it is kept in the repository.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The version that is built.
const VERSION: &str = "2.9.4";
const MODULE: &str = "github.com/fluxcd/flux2/v2";

/// `flux` with a cluster and a namespace.
pub struct FluxCli {
    program: PathBuf,
    kubeconfig: PathBuf,
    namespace: String,
}

/// What one call gave.
#[derive(Debug)]
pub struct Answer {
    /// Whether it ended with success.
    pub ok: bool,
    /// Standard output.
    pub output: String,
    /// Standard error, where `flux` reports progress.
    pub progress: String,
}

impl FluxCli {
    /// Uses `program` against a cluster.
    #[must_use]
    pub fn new(program: PathBuf, kubeconfig: &Path, namespace: &str) -> Self {
        Self { program, kubeconfig: kubeconfig.to_owned(), namespace: namespace.to_owned() }
    }

    /// Runs `flux ARGS`. Blocks.
    ///
    /// # Panics
    /// When it cannot be run.
    #[must_use]
    pub fn run(&self, args: &[&str]) -> Answer {
        let mut command = Command::new(&self.program);
        command.args(args).arg("--kubeconfig").arg(&self.kubeconfig).args([
            "--namespace",
            &self.namespace,
            "--timeout",
            "1m",
        ]);
        let output = command.output().expect("`flux` can be run");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Answer { ok: output.status.success(), output: text(&output.stdout), progress: text(&output.stderr) }
    }
}

/// The program: `$WEIR_FLUX_CLI`, `flux` on the path, the cache, or built into the cache with `go` (minutes). Says why when
/// it cannot be had.
///
/// # Errors
/// The reason, for people.
pub fn program() -> Result<PathBuf, String> {
    if let Some(given) = std::env::var_os("WEIR_FLUX_CLI") {
        return Ok(given.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    if let Some(found) = std::env::split_paths(&path).map(|folder| folder.join("flux")).find(|file| file.is_file()) {
        return Ok(found);
    }
    let cached = weir_devenv::cache_dir().join("tools").join(format!("flux-v{VERSION}")).join("flux");
    if !cached.is_file() {
        build(&cached)?;
    }
    Ok(cached)
}

fn build(target: &Path) -> Result<(), String> {
    let work = tempfile::tempdir().map_err(|e| e.to_string())?;
    let module = download(work.path())?;
    let source = work.path().join("source");
    succeed(Command::new("cp").arg("-r").arg(&module).arg(&source))?;
    succeed(Command::new("chmod").args(["-R", "u+w"]).arg(&source))?;
    // The published module lacks the manifests that a release embeds for `flux install`; nothing here installs.
    let manifests = source.join("cmd/flux/manifests");
    fs::create_dir_all(&manifests).map_err(|e| e.to_string())?;
    fs::write(manifests.join("placeholder.yaml"), "# not part of the module\n").map_err(|e| e.to_string())?;
    let flags = format!("-s -w -X main.VERSION={VERSION}");
    let built = work.path().join("flux");
    let mut command = Command::new("go");
    command.current_dir(&source).env("CGO_ENABLED", "0").args([
        "build",
        "-trimpath",
        "-buildvcs=false",
        "-ldflags",
        &flags,
        "-o",
    ]);
    succeed(command.arg(&built).arg("./cmd/flux"))?;
    let folder = target.parent().ok_or("the cache has no parent")?;
    fs::create_dir_all(folder).map_err(|e| e.to_string())?;
    // Copied beside the target first: the cache may be on another file system, and appears complete or not at all.
    let beside = folder.join(format!(".flux-{}", std::process::id()));
    fs::copy(&built, &beside).map_err(|e| e.to_string())?;
    fs::rename(&beside, target).map_err(|e| e.to_string())
}

/// The folder of the module in Go's cache.
fn download(work: &Path) -> Result<PathBuf, String> {
    let mut command = Command::new("go");
    command.current_dir(work).args(["mod", "download", "-json", &format!("{MODULE}@v{VERSION}")]);
    let text = succeed(&mut command)?;
    let answer: serde_json::Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    answer["Dir"].as_str().map(PathBuf::from).ok_or_else(|| format!("`go mod download` names no folder: {text}"))
}

fn succeed(command: &mut Command) -> Result<String, String> {
    let line = format!("{command:?}");
    let output = command.output().map_err(|e| format!("{line}: {e}"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(format!("{line}: {}", String::from_utf8_lossy(&output.stderr))),
    }
}

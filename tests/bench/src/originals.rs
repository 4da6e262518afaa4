//! The original programs' libraries, called in process by programs of ours in Go.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::report::say;

/// The sources, and where they lie in the Go module.
const SOURCES: [(&str, &str); 5] = [
    ("go.mod", include_str!("../originals/go.mod")),
    ("go.sum", include_str!("../originals/go.sum")),
    ("measure/measure.go", include_str!("../originals/measure/measure.go")),
    ("kustomize/main.go", include_str!("../originals/kustomize/main.go")),
    ("helm/main.go", include_str!("../originals/helm/main.go")),
];

/// What the original works on, and how often.
pub(crate) struct Task {
    pub(crate) folder: PathBuf,
    pub(crate) times: usize,
    pub(crate) output: PathBuf,
}

/// What the original took; the times are those of all runs, the first one included.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Figures {
    wall: Option<Vec<u64>>,
    cpu: u64,
    pub(crate) allocated: u64,
    pub(crate) peak: u64,
    #[serde(default)]
    error: String,
}

impl Figures {
    pub(crate) fn wall(&self) -> Vec<Duration> {
        self.wall.iter().flatten().copied().map(Duration::from_nanos).collect()
    }

    pub(crate) fn cpu(&self) -> Duration {
        Duration::from_nanos(self.cpu)
    }
}

/// One of the programs, ready to run.
pub(crate) struct Original(PathBuf);

impl Original {
    /// The program of this name, from the cache or built into it. `None`, with a line that says why, where it cannot be had.
    pub(crate) fn find(name: &str) -> Option<Original> {
        let built = program(name).map(Original);
        built.map_err(|error| say(&format!("skipped: the original {name} cannot be built: {error:#}"))).ok()
    }

    /// Runs one task in a process of its own.
    pub(crate) fn run(&self, task: &Task) -> Result<Figures> {
        let mut child = Command::new(&self.0).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let request = json!({"folder": task.folder, "times": task.times, "output": task.output});
        serde_json::to_writer(child.stdin.take().context("the program has an input")?, &request)?;
        let output = child.wait_with_output()?;
        let figures: Figures = serde_json::from_slice(&output.stdout).context("the original told no figures")?;
        if !figures.error.is_empty() {
            bail!("the original refuses {}: {}", task.folder.display(), figures.error);
        }
        Ok(figures)
    }
}

fn program(name: &str) -> Result<PathBuf> {
    let tools = weir_devenv::cache_dir().join("tools");
    let folder = tools.join(format!("originals-{}", fingerprint()));
    let program = folder.join(name);
    if program.is_file() {
        return Ok(program);
    }
    say(&format!("building the original {name} from its Go module: once, a minute or two"));
    fs::create_dir_all(&folder)?;
    let work = tempfile::Builder::new().prefix(".originals-").tempdir_in(&tools)?;
    for (path, text) in SOURCES {
        let path = work.path().join(path);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, text)?;
    }
    let built = work.path().join("program");
    compile(work.path(), name, &built)?;
    // Complete or not at all, also when two runs build it at once.
    fs::rename(&built, &program)?;
    Ok(program)
}

fn compile(module: &Path, name: &str, to: &Path) -> Result<()> {
    let mut go = Command::new("go");
    go.current_dir(module).env("CGO_ENABLED", "0").env_remove("GOFLAGS");
    go.args(["build", "-buildvcs=false", "-trimpath", "-o"]).arg(to).arg(format!("./{name}"));
    let output = go.output().context("cannot run `go`: `./x` installs it, or see https://go.dev/dl")?;
    if !output.status.success() {
        bail!("`go build` failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

/// Changes when anything changes that the programs are made of.
fn fingerprint() -> String {
    let mut hasher = Sha256::new();
    for (path, text) in SOURCES {
        hasher.update(path);
        hasher.update(text);
    }
    hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

//! What a running `weir dev up` leaves on disk, so that the other verbs find it.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::{Value, json};
use weir_devenv::cache_dir;

/// The running environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    pub(super) pid: i32,
    pub(super) kubeconfig: PathBuf,
    pub(super) fleet: PathBuf,
    /// The URL that the fleet is served at.
    pub(super) git: String,
}

/// Where state is: `$WEIR_DEV_DIR`, for more than one at a time, or in the cache.
pub(super) fn dir() -> PathBuf {
    std::env::var_os("WEIR_DEV_DIR").map_or_else(|| cache_dir().join("dev"), PathBuf::from)
}

fn file() -> PathBuf {
    dir().join("state.json")
}

impl State {
    /// The one that runs, if one does.
    pub(super) fn running() -> Option<Self> {
        let text = fs::read_to_string(file()).ok()?;
        let state = Self::read(&serde_json::from_str(&text).ok()?)?;
        state.is_alive().then_some(state)
    }

    /// Tells the other verbs about this one.
    pub(super) fn save(&self) -> Result<()> {
        let value = json!({
            "pid": self.pid,
            "kubeconfig": self.kubeconfig,
            "fleet": self.fleet,
            "git": self.git,
        });
        // Complete or not at all: others read it at any time.
        let draft = dir().join("state.json.new");
        fs::write(&draft, value.to_string()).with_context(|| format!("failed to write: {}", draft.display()))?;
        fs::rename(&draft, file()).with_context(|| format!("failed to write: {}", file().display()))
    }

    /// Forgets it.
    pub(super) fn remove() {
        // Gone already is as good.
        let _ = fs::remove_file(file());
    }

    fn read(value: &Value) -> Option<Self> {
        let text = |field: &str| value[field].as_str().map(str::to_owned);
        Some(Self {
            pid: i32::try_from(value["pid"].as_i64()?).ok()?,
            kubeconfig: text("kubeconfig")?.into(),
            fleet: text("fleet")?.into(),
            git: text("git")?,
        })
    }

    fn is_alive(&self) -> bool {
        Pid::from_raw(self.pid).is_some_and(|pid| test_kill_process(pid).is_ok())
    }

    pub(super) fn terminate(&self) {
        if let Some(pid) = Pid::from_raw(self.pid) {
            // Fails only when it has just ended.
            let _ = kill_process(pid, Signal::TERM);
        }
    }
}

//! `weir run` as a process of its own: to be killed, and to be measured.

use std::{
    ffi::OsString,
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::{
    engine::{free_port, plugins_dir},
    eventually, metrics,
};

/// Clock ticks of a second in `/proc`: fixed by the kernel's interface.
const TICKS_PER_SECOND: u64 = 100;

/// A running `weir run`, killed on drop.
pub struct WeirProcess {
    child: Child,
    health: SocketAddr,
    metrics: SocketAddr,
    log: PathBuf,
}

/// What a process has used so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// User and system time.
    pub cpu: Duration,
    /// Resident memory now, in bytes.
    pub resident: u64,
    /// Highest resident memory, in bytes.
    pub peak: u64,
}

/// The `weir` program: `$WEIR_BIN`, or what lies beside this test's or benchmark's own target folder.
///
/// # Panics
/// When it was not built.
#[must_use]
pub fn weir_binary() -> PathBuf {
    if let Some(given) = std::env::var_os("WEIR_BIN") {
        return given.into();
    }
    let own = std::env::current_exe().expect("a process knows its program");
    let found = own.ancestors().skip(1).map(|folder| folder.join("weir")).find(|file| file.is_file());
    found.expect("`weir` is not built\nhint: run `cargo build -p weir-cli`, or set `WEIR_BIN`")
}

impl WeirProcess {
    /// Starts `weir run` with its state in `dir`, and more arguments; does not wait for it.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn spawn(kubeconfig: &Path, dir: &Path, more: &[&str]) -> Self {
        let [health, metrics] = [(); 2].map(|()| SocketAddr::from(([127, 0, 0, 1], free_port())));
        let log = dir.join("weir.log");
        let file = File::options().create(true).append(true).open(&log).expect("a log file is made");
        let child = Command::new(weir_binary())
            .args(arguments(kubeconfig, dir, health, metrics))
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .expect("`weir` can be run");
        Self { child, health, metrics, log }
    }

    /// Starts `weir run` and waits until it watches.
    ///
    /// # Panics
    /// When it ends, or never becomes ready.
    pub async fn start(kubeconfig: &Path, dir: &Path, more: &[&str]) -> Self {
        let process = Self::spawn(kubeconfig, dir, more);
        process.wait_until_ready().await;
        process
    }

    async fn wait_until_ready(&self) {
        let url = format!("http://{}/readyz", self.health);
        let is_ready =
            || async { reqwest::get(&url).await.is_ok_and(|answer| answer.status().is_success()).then_some(()) };
        if eventually(is_ready).await.is_none() {
            panic!("`weir run` is not ready:\n{}", fs::read_to_string(&self.log).unwrap_or_default());
        }
    }

    /// Ends it as a crash would, and waits until it is gone.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub fn kill(mut self) {
        self.child.kill().expect("our own child can be killed");
        self.child.wait().expect("our own child can be waited for");
    }

    /// What it has used since its start.
    ///
    /// # Panics
    /// When it no longer runs.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let proc =
            |file: &str| fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).expect("the process runs");
        usage(&proc("stat"), &proc("status"))
    }

    /// How often an object was reconciled, whatever came of it.
    pub async fn reconciles(&self, kind: &str, namespace: &str, name: &str) -> u64 {
        metrics::reconciles(self.metrics, kind, namespace, name).await
    }

    /// Waits until an object was reconciled `times` more.
    ///
    /// # Panics
    /// When that does not happen.
    pub async fn reconciled_again(&self, kind: &str, namespace: &str, name: &str, times: u64) {
        metrics::reconciled_again(self.metrics, kind, namespace, name, times).await;
    }

    /// The log so far.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for WeirProcess {
    fn drop(&mut self) {
        // Already ended is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn arguments(kubeconfig: &Path, dir: &Path, health: SocketAddr, metrics: SocketAddr) -> Vec<OsString> {
    let plugins = plugins_dir();
    let cache = weir_devenv::cache_dir().join("compiled");
    let storage = dir.join("storage");
    let pairs: [(&str, OsString); 7] = [
        ("--kubeconfig", kubeconfig.into()),
        ("--storage-path", storage.into()),
        ("--storage-addr", "127.0.0.1:0".into()),
        ("--cache-dir", cache.into()),
        ("--plugins-dir", plugins.into()),
        ("--metrics-addr", metrics.to_string().into()),
        ("--health-addr", health.to_string().into()),
    ];
    let mut arguments = vec![OsString::from("run")];
    arguments.extend(pairs.into_iter().flat_map(|(name, value)| [OsString::from(name), value]));
    arguments
}

/// From the two files that the kernel offers for a process.
fn usage(stat: &str, status: &str) -> Usage {
    // The second field is the program's name and may hold spaces; what follows its bracket does not.
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |index: usize| fields.get(index).and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
    let kib = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.split_whitespace().next().and_then(|text| text.parse::<u64>().ok()).unwrap_or_default()
    };
    Usage {
        cpu: Duration::from_millis((ticks(11) + ticks(12)) * 1000 / TICKS_PER_SECOND),
        resident: kib("VmRSS:") * 1024,
        peak: kib("VmHWM:") * 1024,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_is_read_from_proc() {
        let stat = "7 (a b) c) S 1 7 7 0 -1 4194560 10 0 0 0 150 50 0 0 20 0 8 0 100 1000 200";
        let status = "Name:\ta\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
        let expected = Usage { cpu: Duration::from_secs(2), resident: 1024 * 1024, peak: 2048 * 1024 };
        assert_eq!(usage(stat, status), expected);
    }
}

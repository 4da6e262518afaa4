//! The engine, in this process.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
};

use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use weir_core::mirror::{Mirror, Mirrors};
use weir_daemon::Config;

use crate::{cluster::spawn_shared, eventually, metrics};

/// A running engine; stopped by [`Engine::stop`], abandoned on drop.
pub struct Engine {
    stop: CancellationToken,
    task: JoinHandle<anyhow::Result<()>>,
    config: Config,
    _storage: Option<TempDir>,
}

/// Settings for a test: everything on loopback and free ports, storage in a folder that [`Engine`] makes.
#[must_use]
pub fn config(kubeconfig: &Path) -> Config {
    Config {
        kubeconfig: Some(kubeconfig.to_owned()),
        storage_path: PathBuf::new(),
        storage_addr: loopback(0),
        metrics_addr: Some(loopback(free_port())),
        health_addr: Some(loopback(free_port())),
        cache_dir: weir_devenv::cache_dir().join("compiled"),
        plugins_dir: plugins_dir(),
        ..Config::default()
    }
}

/// The OCI layout with the plugins: `$WEIR_PLUGINS`, or what `./x plugins` leaves in the cache.
///
/// # Panics
/// When it is not there.
#[must_use]
pub fn plugins_dir() -> PathBuf {
    let given = std::env::var_os("WEIR_PLUGINS").map(PathBuf::from);
    let dir = given.unwrap_or_else(|| weir_devenv::cache_dir().join("plugins"));
    assert!(dir.join("index.json").is_file(), "no plugins in: {}\nhint: run `./x plugins`", dir.display());
    dir
}

impl Engine {
    /// Starts the engine and waits until it watches. An empty `storage_path` becomes a temporary folder.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(mut config: Config) -> Self {
        let mut storage = None;
        if config.storage_path.as_os_str().is_empty() {
            let folder = tempfile::tempdir().expect("a temporary folder is made");
            config.storage_path = folder.path().to_owned();
            storage = Some(folder);
        }
        let stop = CancellationToken::new();
        let (settings, token) = (config.clone(), stop.clone());
        let task = spawn_shared(weir_daemon::run(settings, token));
        let engine = Self { stop, task, config, _storage: storage };
        engine.wait_until_ready().await;
        engine
    }

    async fn wait_until_ready(&self) {
        let url = format!("http://{}/readyz", self.config.health_addr.expect("tests serve health"));
        let ready = eventually(|| async {
            let answer = reqwest::get(&url).await.is_ok_and(|answer| answer.status().is_success());
            (answer || self.task.is_finished()).then_some(answer)
        });
        assert_eq!(ready.await, Some(true), "the engine does not become ready: see its log");
    }

    /// Stops gracefully, as on SIGTERM.
    ///
    /// # Panics
    /// When the engine ends with an error.
    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.expect("the engine does not panic").expect("the engine stops cleanly");
    }

    /// Where artifacts lie.
    #[must_use]
    pub fn storage(&self) -> &Path {
        &self.config.storage_path
    }

    /// How often an object was reconciled, whatever came of it.
    pub async fn reconciles(&self, kind: &str, namespace: &str, name: &str) -> u64 {
        metrics::reconciles(self.metrics(), kind, namespace, name).await
    }

    /// Waits until an object was reconciled `times` more.
    ///
    /// # Panics
    /// When that does not happen.
    pub async fn reconciled_again(&self, kind: &str, namespace: &str, name: &str, times: u64) {
        metrics::reconciled_again(self.metrics(), kind, namespace, name, times).await;
    }

    fn metrics(&self) -> SocketAddr {
        self.config.metrics_addr.expect("tests serve metrics")
    }
}

/// A table of mirrors, each `FROM=TO`.
///
/// # Panics
/// When one is malformed.
#[must_use]
pub fn mirrors<'a>(rules: impl IntoIterator<Item = &'a str>) -> Mirrors {
    Mirrors::new(rules.into_iter().map(|rule| rule.parse::<Mirror>().expect("a mirror is `FROM=TO`")).collect())
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}

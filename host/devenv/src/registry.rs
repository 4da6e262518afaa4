//! An OCI registry: Debian's `docker-registry`.

use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::process::{Process, find_program, free_port};
use crate::{Error, Result, scratch};

const READY_DEADLINE: Duration = Duration::from_secs(30);
const READY_POLL: Duration = Duration::from_millis(20);
const ATTEMPTS: usize = 5;

/// A registry on loopback over plain HTTP; stops on drop.
#[derive(Debug)]
pub struct Registry {
    process: Process,
    port: u16,
    _folder: TempDir,
}

impl Registry {
    /// Starts an empty registry and waits until it listens.
    ///
    /// # Errors
    /// When `docker-registry` is not installed or does not start.
    pub async fn start() -> Result<Self> {
        for _ in 1..ATTEMPTS {
            match Self::start_once().await {
                Err(error) if error.is_port_taken() => {}
                result => return result,
            }
        }
        Self::start_once().await
    }

    async fn start_once() -> Result<Self> {
        let program = ["docker-registry", "registry"].into_iter().find_map(find_program);
        let hint = "`apt-get install docker-registry`";
        let program = program.ok_or(Error::Missing { program: "docker-registry", hint })?;
        let folder = scratch::folder()?;
        let port = free_port()?;
        let config = folder.path().join("config.yml");
        std::fs::write(&config, config_text(&folder, port)).map_err(Error::file("write", &config))?;
        let args = ["serve".to_owned(), config.display().to_string()];
        let process = Process::start("docker-registry", &program, &args, folder.path())?;
        let mut registry = Self { process, port, _folder: folder };
        registry.wait_until_listening().await?;
        Ok(registry)
    }

    async fn wait_until_listening(&mut self) -> Result<()> {
        let deadline = Instant::now() + READY_DEADLINE;
        while TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            self.process.check_running()?;
            if Instant::now() > deadline {
                return Err(self.process.not_ready(READY_DEADLINE.as_secs()));
            }
            tokio::time::sleep(READY_POLL).await;
        }
        // Somebody else may listen there, and then ours has just ended.
        self.process.check_running()
    }

    /// `127.0.0.1:<port>`, as image references name it.
    #[must_use]
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

/// The registry's configuration; JSON is YAML too.
fn config_text(folder: &TempDir, port: u16) -> String {
    serde_json::json!({
        "version": 0.1,
        "log": {"level": "warn", "accesslog": {"disabled": true}},
        "storage": {
            "filesystem": {"rootdirectory": folder.path().join("data")},
            "delete": {"enabled": true},
        },
        "http": {"addr": format!("127.0.0.1:{port}")},
    })
    .to_string()
}

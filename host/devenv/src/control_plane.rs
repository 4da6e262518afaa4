//! One control plane: etcd, the API server, and, when pods are wanted, the controller manager, the scheduler and kwok.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::Instant;

use crate::certs::{Authority, token_keys};
use crate::process::{Process, free_port};
use crate::{Binaries, Error, Progress, Result, binaries, kubeconfig, pods, scratch};

/// How long the API server may take to its first `/readyz`. It needs 6 s on two idle cores.
const READY_DEADLINE: Duration = Duration::from_secs(120);

/// Between two looks at `/readyz`.
const READY_POLL: Duration = Duration::from_millis(50);

/// How often all is tried again when another program takes one of the ports.
const ATTEMPTS: usize = 5;

/// What kind of control plane is wanted.
#[derive(Debug, Clone)]
pub struct Options {
    /// Run the controllers, and let pods become ready on a pretended node.
    pub pods: bool,
    /// The folder for state, logs and the kubeconfig; a temporary one when not given.
    pub dir: Option<PathBuf>,
    /// Is told what is going on.
    pub progress: Progress,
}

impl Default for Options {
    fn default() -> Self {
        Self { pods: true, dir: None, progress: Progress::default() }
    }
}

/// A running control plane; stops on drop, or with this process.
#[derive(Debug)]
pub struct ControlPlane {
    // Stopped in this order.
    clients: Vec<Process>,
    api_server: Process,
    etcd: Process,
    kubeconfig: PathBuf,
    config: kube::Config,
    folder: Folder,
}

impl ControlPlane {
    /// Starts a control plane and waits until it answers. The first call on a machine may build the programs (minutes).
    ///
    /// # Errors
    /// When the programs cannot be had, do not start, or are not ready in time.
    pub async fn start(options: Options) -> Result<Self> {
        let progress = options.progress.clone();
        let binaries = tokio::task::spawn_blocking(move || binaries::build_control_plane(&progress))
            .await
            .map_err(|e| Error::Spawn { program: "go build".to_owned(), source: std::io::Error::other(e) })??;
        options.progress.say("starting the control plane");
        for _ in 1..ATTEMPTS {
            match Self::start_once(&binaries, &options).await {
                Err(error) if error.is_port_taken() => {}
                result => return result,
            }
        }
        Self::start_once(&binaries, &options).await
    }

    async fn start_once(binaries: &Binaries, options: &Options) -> Result<Self> {
        let folder = Folder::new(options.dir.as_deref())?;
        let dir = folder.path().to_owned();
        let with_pods = options.pods && binaries.runs_pods();
        let ports = Ports { etcd: free_port()?, etcd_peer: free_port()?, api: free_port()? };
        let credentials = Credentials::issue(&dir, ports.api)?;
        let start = |name: &str, args: Vec<String>| Process::start(name, &binaries.path(name), &args, &dir);
        // The API server waits for etcd by itself, so both start at once.
        let etcd = start("etcd", etcd_args(&dir, &ports))?;
        let api_server = start("kube-apiserver", api_server_args(&dir, &ports, with_pods))?;
        let config = kubeconfig::load(&credentials.admin).await?;
        let kubeconfig = credentials.admin.clone();
        let mut plane = Self { clients: Vec::new(), api_server, etcd, kubeconfig, config, folder };
        plane.wait_until_ready().await?;
        if with_pods {
            plane.clients = vec![
                start("kube-controller-manager", controller_manager_args(&dir, &credentials))?,
                start("kube-scheduler", scheduler_args(&credentials))?,
                pods::start_kwok(&binaries.path("kwok"), &dir, &credentials.admin)?,
            ];
            pods::create_node(&plane.client()?).await?;
        }
        Ok(plane)
    }

    async fn wait_until_ready(&mut self) -> Result<()> {
        let client = self.client()?;
        let deadline = Instant::now() + READY_DEADLINE;
        loop {
            let request = axum::http::Request::get("/readyz").body(Vec::new()).expect("the request is constant");
            if client.request_text(request).await.is_ok() {
                return Ok(());
            }
            self.etcd.check_running()?;
            self.api_server.check_running()?;
            if Instant::now() > deadline {
                return Err(self.api_server.not_ready(READY_DEADLINE.as_secs()));
            }
            tokio::time::sleep(READY_POLL).await;
        }
    }

    /// The administrator's kubeconfig.
    #[must_use]
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// The administrator's client configuration.
    #[must_use]
    pub fn config(&self) -> kube::Config {
        self.config.clone()
    }

    /// A client with the administrator's rights, for the current runtime.
    ///
    /// # Errors
    /// When the configuration does not make a client.
    pub fn client(&self) -> Result<kube::Client> {
        kubeconfig::client(self.config.clone())
    }

    /// The folder with state, logs (`<program>.log`) and the kubeconfig.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.folder.path()
    }
}

#[derive(Debug)]
enum Folder {
    Temporary(TempDir),
    Given(PathBuf),
}

impl Folder {
    fn new(given: Option<&Path>) -> Result<Self> {
        let Some(dir) = given else {
            return Ok(Self::Temporary(scratch::folder()?));
        };
        fs::create_dir_all(dir).map_err(Error::file("create", dir))?;
        // State of an earlier run belongs to other certificates and would not be readable.
        let data = dir.join("etcd");
        if data.exists() {
            fs::remove_dir_all(&data).map_err(Error::file("remove", &data))?;
        }
        Ok(Self::Given(dir.to_owned()))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Temporary(dir) => dir.path(),
            Self::Given(dir) => dir,
        }
    }
}

struct Ports {
    etcd: u16,
    etcd_peer: u16,
    api: u16,
}

/// The kubeconfigs of everyone who talks to the API server.
pub(crate) struct Credentials {
    admin: PathBuf,
    controller_manager: PathBuf,
    scheduler: PathBuf,
}

impl Credentials {
    fn issue(dir: &Path, port: u16) -> Result<Self> {
        let authority = Authority::new()?;
        let server = authority.server()?;
        let (private, public) = token_keys()?;
        write_private(&dir.join("ca.crt"), &authority.cert)?;
        write_private(&dir.join("server.crt"), &server.cert)?;
        write_private(&dir.join("server.key"), &server.key)?;
        write_private(&dir.join("tokens.key"), &private)?;
        write_private(&dir.join("tokens.pub"), &public)?;
        let url = format!("https://127.0.0.1:{port}");
        let issue = |file: &str, user: &str, group: Option<&str>| -> Result<PathBuf> {
            let path = dir.join(file);
            write_private(&path, &kubeconfig::render(&url, &authority, &authority.client(user, group)?))?;
            Ok(path)
        };
        Ok(Self {
            admin: issue("kubeconfig", "weir-admin", Some("system:masters"))?,
            // As an administrator, it needs no service account of its own for each of its thirty controllers.
            controller_manager: issue("controller-manager.kubeconfig", "weir-controllers", Some("system:masters"))?,
            scheduler: issue("scheduler.kubeconfig", "system:kube-scheduler", None)?,
        })
    }
}

/// Keys are for this user's eyes only.
fn write_private(path: &Path, text: &str) -> Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let write = || -> std::io::Result<()> {
        let _ = fs::remove_file(path);
        fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(text.as_bytes())
    };
    write().map_err(Error::file("write", path))
}

fn etcd_args(dir: &Path, ports: &Ports) -> Vec<String> {
    let client = format!("http://127.0.0.1:{}", ports.etcd);
    let peer = format!("http://127.0.0.1:{}", ports.etcd_peer);
    vec![
        format!("--data-dir={}", dir.join("etcd").display()),
        format!("--listen-client-urls={client}"),
        format!("--advertise-client-urls={client}"),
        format!("--listen-peer-urls={peer}"),
        format!("--initial-advertise-peer-urls={peer}"),
        format!("--initial-cluster=default={peer}"),
        // Nothing here outlives the machine.
        "--unsafe-no-fsync".to_owned(),
        "--log-level=warn".to_owned(),
    ]
}

fn api_server_args(dir: &Path, ports: &Ports, with_pods: bool) -> Vec<String> {
    let file = |name: &str| dir.join(name).display().to_string();
    let mut args = vec![
        format!("--etcd-servers=http://127.0.0.1:{}", ports.etcd),
        "--bind-address=127.0.0.1".to_owned(),
        "--advertise-address=127.0.0.1".to_owned(),
        "--endpoint-reconciler-type=none".to_owned(),
        format!("--secure-port={}", ports.api),
        format!("--tls-cert-file={}", file("server.crt")),
        format!("--tls-private-key-file={}", file("server.key")),
        format!("--client-ca-file={}", file("ca.crt")),
        "--authorization-mode=Node,RBAC".to_owned(),
        "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
        format!("--service-account-signing-key-file={}", file("tokens.key")),
        format!("--service-account-key-file={}", file("tokens.pub")),
        "--service-cluster-ip-range=10.96.0.0/16".to_owned(),
        "--allow-privileged=true".to_owned(),
    ];
    if !with_pods {
        // Nobody makes the default service accounts that pods would be checked against.
        args.push("--disable-admission-plugins=ServiceAccount".to_owned());
    }
    args
}

fn controller_manager_args(dir: &Path, credentials: &Credentials) -> Vec<String> {
    let mut args = controller_args(&credentials.controller_manager);
    args.extend([
        format!("--service-account-private-key-file={}", dir.join("tokens.key").display()),
        format!("--root-ca-file={}", dir.join("ca.crt").display()),
    ]);
    args
}

fn scheduler_args(credentials: &Credentials) -> Vec<String> {
    controller_args(&credentials.scheduler)
}

fn controller_args(kubeconfig: &Path) -> Vec<String> {
    vec![
        format!("--kubeconfig={}", kubeconfig.display()),
        "--leader-elect=false".to_owned(),
        "--secure-port=0".to_owned(),
        "--kube-api-qps=500".to_owned(),
        "--kube-api-burst=1000".to_owned(),
    ]
}

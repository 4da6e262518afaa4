//! Git repositories over smart HTTP, by `git http-backend` behind a small CGI bridge.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::TryStreamExt;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::task::JoinHandle;
use tokio_util::io::{ReaderStream, StreamReader};

use crate::{Error, GitRepo, Result, git_repo, scratch};

/// A user name and a password.
#[derive(Debug, Clone)]
pub struct BasicAuth {
    /// The user name.
    pub username: String,
    /// The password.
    pub password: String,
}

/// A Git server on loopback; stops on drop.
#[derive(Debug)]
pub struct GitServer {
    shared: Arc<Shared>,
    address: std::net::SocketAddr,
    task: JoinHandle<()>,
    folder: TempDir,
}

#[derive(Debug)]
struct Shared {
    root: PathBuf,
    auth: Option<BasicAuth>,
    redirects: RwLock<BTreeMap<String, String>>,
}

impl GitServer {
    /// Starts a server without repositories; with `auth`, every request must carry it.
    ///
    /// # Errors
    /// When no port or folder can be had.
    pub async fn start(auth: Option<BasicAuth>) -> Result<Self> {
        let folder = scratch::folder()?;
        let root = folder.path().join("repos");
        std::fs::create_dir_all(&root).map_err(Error::file("create", &root))?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(Error::Listen)?;
        let address = listener.local_addr().map_err(Error::Listen)?;
        let shared = Arc::new(Shared { root, auth, redirects: RwLock::default() });
        let router = Router::new().fallback(handle).with_state(shared.clone());
        let task = tokio::spawn(async move {
            // Serving only ends with the task.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { shared, address, task, folder })
    }

    /// A repository called `name` (as `fleet` or `org/fleet`), whose first commit is a copy of the folder `from`.
    ///
    /// # Errors
    /// When the folder cannot be copied or `git` fails.
    pub fn repo(&self, name: &str, from: Option<&Path>) -> Result<GitRepo> {
        let work_tree = self.folder.path().join("work").join(name);
        if let Some(from) = from {
            copy_dir(from, &work_tree)?;
        }
        self.serve(name, &work_tree)
    }

    /// A repository called `name` that is committed straight from `folder`, which is only read.
    ///
    /// # Errors
    /// When `git` fails.
    pub fn serve(&self, name: &str, folder: &Path) -> Result<GitRepo> {
        let git_dir = self.shared.root.join(format!("{name}.git"));
        GitRepo::init(git_dir, folder.to_owned(), self.url(name))
    }

    /// Where the repository `name` is served.
    #[must_use]
    pub fn url(&self, name: &str) -> String {
        format!("http://{}/{name}.git", self.address)
    }

    /// Answers requests for the repository `name` with a redirect to the same path below `target`.
    pub fn redirect(&self, name: &str, target: &str) {
        let mut redirects = self.shared.redirects.write().unwrap_or_else(PoisonError::into_inner);
        redirects.insert(format!("/{name}.git"), target.to_owned());
    }
}

impl Drop for GitServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn handle(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    if let Some(target) = shared.redirect_of(&request) {
        return (StatusCode::FOUND, [(header::LOCATION, target)]).into_response();
    }
    if !shared.allows(request.headers()) {
        return (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Basic realm=\"git\"")]).into_response();
    }
    backend(&shared, request).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "git http-backend failed");
        (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response()
    })
}

impl Shared {
    fn redirect_of(&self, request: &Request) -> Option<String> {
        let redirects = self.redirects.read().unwrap_or_else(PoisonError::into_inner);
        let path = request.uri().path();
        let (target, rest) =
            redirects.iter().find_map(|(prefix, target)| Some((target, path.strip_prefix(prefix)?)))?;
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        Some(format!("{target}{rest}{query}"))
    }

    fn allows(&self, headers: &HeaderMap) -> bool {
        let Some(auth) = &self.auth else { return true };
        let pair = k8s_openapi::ByteString(format!("{}:{}", auth.username, auth.password).into_bytes());
        let encoded =
            serde_json::to_value(pair).ok().and_then(|value| value.as_str().map(|text| format!("Basic {text}")));
        headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) == encoded.as_deref()
    }
}

/// One CGI call, both bodies streamed (RFC 3875).
async fn backend(shared: &Shared, request: Request) -> std::io::Result<Response> {
    let mut child = backend_command(shared, &request).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take().ok_or_else(|| std::io::Error::other("no standard input"))?;
    let stdout = child.stdout.take().ok_or_else(|| std::io::Error::other("no standard output"))?;
    let body = request.into_body().into_data_stream().map_err(std::io::Error::other);
    tokio::spawn(async move {
        // A backend that answers before it has read everything closes the pipe: not a failure.
        let _ = tokio::io::copy(&mut StreamReader::new(Box::pin(body)), &mut stdin).await;
        drop(stdin);
        let _ = child.wait().await;
    });
    respond(BufReader::new(stdout)).await
}

fn backend_command(shared: &Shared, request: &Request) -> Command {
    let text = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut command = Command::from(git_repo::command());
    command.arg("http-backend").kill_on_drop(true).stderr(Stdio::null());
    command.env("GIT_PROJECT_ROOT", &shared.root).env("GIT_HTTP_EXPORT_ALL", "1").env("REMOTE_ADDR", "127.0.0.1");
    command.env("REQUEST_METHOD", request.method().as_str()).env("PATH_INFO", request.uri().path());
    command.env("QUERY_STRING", request.uri().query().unwrap_or_default());
    command.env("CONTENT_TYPE", text(header::CONTENT_TYPE)).env("CONTENT_LENGTH", text(header::CONTENT_LENGTH));
    command.env("HTTP_CONTENT_ENCODING", text(header::CONTENT_ENCODING));
    command.env("GIT_PROTOCOL", text(HeaderName::from_static("git-protocol")));
    command
}

async fn respond(mut stdout: BufReader<impl AsyncRead + Unpin + Send + 'static>) -> std::io::Result<Response> {
    let mut response = Response::new(Body::empty());
    let mut line = String::new();
    while stdout.read_line(&mut line).await? > 0 && !line.trim().is_empty() {
        set_header(&mut response, line.trim())?;
        line.clear();
    }
    *response.body_mut() = Body::from_stream(ReaderStream::new(stdout));
    Ok(response)
}

fn set_header(response: &mut Response, line: &str) -> std::io::Result<()> {
    let invalid = || std::io::Error::other(format!("invalid header from git http-backend: {line}"));
    let (name, value) = line.split_once(':').ok_or_else(invalid)?;
    let value = value.trim();
    if name.eq_ignore_ascii_case("status") {
        let code = value.split(' ').next().and_then(|code| StatusCode::from_bytes(code.as_bytes()).ok());
        *response.status_mut() = code.ok_or_else(invalid)?;
        return Ok(());
    }
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid())?;
    response.headers_mut().insert(name, HeaderValue::from_str(value).map_err(|_| invalid())?);
    Ok(())
}

fn copy_dir(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).map_err(Error::file("create", to))?;
    for entry in std::fs::read_dir(from).map_err(Error::file("read", from))? {
        let source = entry.map_err(Error::file("read", from))?.path();
        let Some(name) = source.file_name().filter(|name| *name != ".git") else {
            continue;
        };
        let target = to.join(name);
        if source.is_symlink() {
            let link = std::fs::read_link(&source).map_err(Error::file("read", &source))?;
            std::os::unix::fs::symlink(link, &target).map_err(Error::file("link", &target))?;
        } else if source.is_dir() {
            copy_dir(&source, &target)?;
        } else {
            std::fs::copy(&source, &target).map_err(Error::file("copy", &source))?;
        }
    }
    Ok(())
}

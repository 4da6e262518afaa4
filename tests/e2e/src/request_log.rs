//! A proxy before the API server that writes down every request.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{Request as HttpRequest, Response, StatusCode, header},
    response::IntoResponse,
};
use kube::Client;
use parking_lot::Mutex;
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;
use weir_devenv::ControlPlane;

use crate::cluster::on_shared;

/// Largest request that is passed on: what the API server itself accepts.
const MAX_BODY_BYTES: usize = 3 * 1024 * 1024;

/// One request as the API server got it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// For example `PATCH`.
    pub method: String,
    /// Path and query.
    pub path: String,
}

impl Request {
    /// A watch is opened once and then costs nothing while nothing changes.
    #[must_use]
    pub fn is_watch(&self) -> bool {
        self.path.contains("watch=true") || self.path.contains("watch=1")
    }
}

/// Passes requests on with the administrator's rights, over plain HTTP, and remembers them.
pub struct RequestLog {
    requests: Arc<Mutex<Vec<Request>>>,
    folder: TempDir,
}

struct Shared {
    client: Client,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl RequestLog {
    /// Starts a proxy before `plane`.
    ///
    /// # Panics
    /// When no port can be had.
    pub async fn start(plane: &ControlPlane) -> Self {
        let config = plane.config();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = requests.clone();
        let address = on_shared(async move {
            let client = Client::try_from(config).expect("a client is made");
            serve(Arc::new(Shared { client, requests: log })).await
        })
        .await;
        let folder = tempfile::tempdir().expect("a temporary folder is made");
        std::fs::write(folder.path().join("kubeconfig"), kubeconfig(address)).expect("a file is written");
        Self { requests, folder }
    }

    /// A kubeconfig whose server is the proxy.
    #[must_use]
    pub fn kubeconfig(&self) -> PathBuf {
        Path::join(self.folder.path(), "kubeconfig")
    }

    /// Forgets what was seen so far, and returns it.
    #[must_use]
    pub fn take(&self) -> Vec<Request> {
        std::mem::take(&mut *self.requests.lock())
    }

    /// Forgets what was seen so far, and returns what is not the opening of a watch.
    #[must_use]
    pub fn take_calls(&self) -> Vec<Request> {
        self.take().into_iter().filter(|request| !request.is_watch()).collect()
    }
}

async fn serve(shared: Arc<Shared>) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback has a free port");
    let address = listener.local_addr().expect("a bound socket has an address");
    let router = Router::new().fallback(pass).with_state(shared);
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn pass(State(shared): State<Arc<Shared>>, request: HttpRequest<Body>) -> Response<Body> {
    let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    shared.requests.lock().push(Request { method: request.method().to_string(), path });
    let (mut parts, body) = request.into_parts();
    // The client names the real server.
    parts.headers.remove(header::HOST);
    let body = match axum::body::to_bytes(body, MAX_BODY_BYTES).await {
        Ok(body) => body.to_vec(),
        Err(error) => return (StatusCode::PAYLOAD_TOO_LARGE, error.to_string()).into_response(),
    };
    let request = HttpRequest::from_parts(parts, kube::client::Body::from(body));
    match shared.client.send(request).await {
        Ok(response) => response.map(Body::new),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

/// JSON is YAML too.
fn kubeconfig(address: SocketAddr) -> String {
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "log",
        "clusters": [{"name": "log", "cluster": {"server": format!("http://{address}")}}],
        "users": [{"name": "log", "user": {}}],
        "contexts": [{"name": "log", "context": {"cluster": "log", "user": "log"}}],
    })
    .to_string()
}

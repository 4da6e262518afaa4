//! Serves artifacts over HTTP, as source-controller does: plain files, no listings.

use std::{io, path::PathBuf};

use axum::{
    Router,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::net::TcpListener;
use tower::ServiceExt;
use tower_http::services::ServeFile;

use crate::{Store, layout::Location};

/// Answers GET and HEAD (with ranges and conditional requests) until `shutdown` resolves; running transfers finish.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    store: Store,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, router(store)).with_graceful_shutdown(shutdown).await
}

/// The routes of [`serve`], to be mounted elsewhere.
pub fn router(store: Store) -> Router {
    Router::new().route("/{kind}/{namespace}/{name}/{file}", get(file)).with_state(store)
}

type Parts = (String, String, String, String);

async fn file(State(store): State<Store>, Path((kind, ns, name, file)): Path<Parts>, request: Request) -> Response {
    let Ok(location) = Location::parse(&[kind, ns, name, file].join("/")) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let path = store.absolute(&location);
    if !is_file(path.clone()).await {
        return StatusCode::NOT_FOUND.into_response();
    }
    let Ok(mut response) = ServeFile::new(path).oneshot(request).await;
    set_type(response.headers_mut(), location.file());
    response.into_response()
}

async fn is_file(path: PathBuf) -> bool {
    tokio::fs::metadata(path).await.is_ok_and(|m| m.is_file())
}

/// Artifacts are served as what they are, never with a content encoding that a client would unpack on its own.
fn set_type(headers: &mut HeaderMap, file: &str) {
    let kind = match file.rsplit_once('.').map(|(_, extension)| extension) {
        Some("gz" | "tgz") => "application/gzip",
        Some("yaml" | "yml") => "application/yaml",
        _ => "application/octet-stream",
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
}

//! `/metrics`, `/healthz` and `/readyz`, where Flux's controllers serve them.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::{Context as _, Result};
use axum::{Router, extract::State, http::StatusCode, routing::get};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::metrics::Metrics;

/// Whether the first lists of all watched kinds have arrived.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readiness(Arc<AtomicBool>);

impl Readiness {
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_ready(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Serves metrics until stopped.
pub(crate) async fn serve_metrics(addr: SocketAddr, metrics: Arc<Metrics>, stop: CancellationToken) -> Result<()> {
    let router = Router::new().route("/metrics", get(async |State(m): State<Arc<Metrics>>| m.encode()));
    serve(addr, router.with_state(metrics), stop).await
}

/// Serves health until stopped.
pub(crate) async fn serve_health(addr: SocketAddr, ready: Readiness, stop: CancellationToken) -> Result<()> {
    let readyz = async |State(ready): State<Readiness>| match ready.is_ready() {
        true => (StatusCode::OK, "ok"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "the first lists have not arrived"),
    };
    let router = Router::new().route("/healthz", get(async || "ok")).route("/readyz", get(readyz));
    serve(addr, router.with_state(ready), stop).await
}

async fn serve(addr: SocketAddr, router: Router, stop: CancellationToken) -> Result<()> {
    let listener = TcpListener::bind(addr).await.with_context(|| format!("cannot listen on: {addr}"))?;
    tokio::spawn(async move {
        let served = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await;
        if let Err(error) = served {
            tracing::error!(addr = %addr, error = %error, "server stopped");
        }
    });
    Ok(())
}

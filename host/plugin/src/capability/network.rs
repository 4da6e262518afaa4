//! Connections for outgoing requests: one name lookup, every address checked, and the checked address connected to.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::either::Either;

use crate::Origin;
use crate::limits::HTTP_CONNECT;
use crate::origin::address_allowed;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("no grant for it")]
    Denied,
    #[error("name lookup failed")]
    Lookup,
    #[error("address is not allowed: {0}")]
    Prohibited(std::net::IpAddr),
    #[error("connection failed: {0}")]
    Connect(io::Error),
    #[error("timed out")]
    Timeout,
    #[error("TLS failed: {0}")]
    Tls(io::Error),
}

/// Makes connections for one call.
#[derive(Clone)]
pub(crate) struct Connector {
    pub(crate) allowed: Arc<[Origin]>,
    pub(crate) tls: Arc<rustls::ClientConfig>,
}

impl tower_service::Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, ConnectError>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move {
            let connected = tokio::time::timeout(HTTP_CONNECT, connector.connect(&uri)).await;
            connected.map_err(|_| ConnectError::Timeout)?.map(TokioIo::new)
        })
    }
}

impl Connector {
    async fn connect(&self, uri: &Uri) -> Result<Stream, ConnectError> {
        let origin = Origin::of(&uri.to_string()).ok_or(ConnectError::Denied)?;
        let grant = self.allowed.iter().find(|grant| grant.covers(&origin)).ok_or(ConnectError::Denied)?;
        let host = origin.host().trim_start_matches('[').trim_end_matches(']');
        let addresses = lookup_host((host, origin.port())).await.map_err(|_| ConnectError::Lookup)?;
        let stream = tcp(addresses, grant.is_wildcard()).await?;
        if !origin.is_tls() {
            return Ok(Stream(Either::Left(stream)));
        }
        let name = ServerName::try_from(host.to_owned()).map_err(|_| ConnectError::Lookup)?;
        let stream = TlsConnector::from(self.tls.clone()).connect(name, stream).await;
        Ok(Stream(Either::Right(Box::new(stream.map_err(ConnectError::Tls)?))))
    }
}

/// The first address that answers; one that is not allowed ends the attempt, whatever the others are.
async fn tcp(addresses: impl Iterator<Item = SocketAddr>, wildcard: bool) -> Result<TcpStream, ConnectError> {
    let mut failure = ConnectError::Lookup;
    for address in addresses {
        if !address_allowed(address.ip(), wildcard) {
            return Err(ConnectError::Prohibited(address.ip()));
        }
        match TcpStream::connect(address).await {
            Ok(stream) => {
                // Slower without, not wrong.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(error) => failure = ConnectError::Connect(error),
        }
    }
    Err(failure)
}

/// With or without TLS.
pub(crate) struct Stream(Either<TcpStream, Box<TlsStream<TcpStream>>>);

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

//! Every request of a guest goes through here: checked, counted, and given its credential.

use std::collections::HashMap;
use std::error::Error as _;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, COOKIE, USER_AGENT};
use http::{HeaderName, HeaderValue, Request, Response};
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::TokioExecutor;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep};
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error, ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttpHooks,
};

use super::network::{ConnectError, Connector};
use super::tls;
use crate::context::{CallContext, Tls};
use crate::failure::FailureKind;
use crate::grant::Effective;
use crate::limits::{HTTP_CONCURRENT, HTTP_CONNECT, HTTP_HEADER_BYTES, HTTP_IDLE, HTTP_REQUESTS};
use crate::state::Faults;
use crate::{Capability, Origin};

/// What requests call themselves.
pub(crate) const AGENT: &str = concat!("weir/", env!("CARGO_PKG_VERSION"));

/// The requests of one call.
pub(crate) struct Outgoing(Arc<Shared>);

struct Shared {
    allowed: Arc<[Origin]>,
    credentials: Mutex<HashMap<Origin, HeaderValue>>,
    grants: Effective,
    faults: Faults,
    requests: AtomicU32,
    slots: Arc<Semaphore>,
    received: Arc<Received>,
    tls: Tls,
    client: OnceLock<Result<Client<Connector, WasiBody>, String>>,
}

/// Bytes of response bodies that may still come.
struct Received {
    left: AtomicU64,
    limit: u64,
}

impl Outgoing {
    pub(crate) fn new(cx: &CallContext, grants: Effective, faults: Faults) -> Self {
        let limit = cx.limits.http_response_bytes;
        Self(Arc::new(Shared {
            allowed: cx.allowed.clone().into(),
            credentials: Mutex::default(),
            grants,
            faults,
            requests: AtomicU32::new(0),
            slots: Arc::new(Semaphore::new(HTTP_CONCURRENT)),
            received: Arc::new(Received { left: AtomicU64::new(limit), limit }),
            tls: cx.tls.clone(),
            client: OnceLock::new(),
        }))
    }

    /// From now on requests to `origin` carry `header`. The origin has to be granted.
    pub(crate) fn attach(&self, origin: Origin, header: HeaderValue) -> Result<(), FailureKind> {
        self.0.permit(&origin)?;
        self.0.credentials.lock().unwrap_or_else(PoisonError::into_inner).insert(origin, header);
        Ok(())
    }
}

impl Shared {
    /// Records what is not allowed, so that the failure can say how to allow it.
    fn permit(&self, origin: &Origin) -> Result<(), FailureKind> {
        let target = origin.to_string();
        let denied = self.grants.check(Capability::Http, &target).err().or_else(|| {
            let covered = self.allowed.iter().any(|grant| grant.covers(origin));
            (!covered).then(|| {
                denied(&target, "name the origin in the object's spec, or grant it to the plugin in a `PluginPolicy`")
            })
        });
        denied.map_or(Ok(()), |denied| {
            self.faults.record(denied.clone());
            Err(denied)
        })
    }

    fn count(&self) -> Result<(), FailureKind> {
        if self.requests.fetch_add(1, Ordering::Relaxed) < HTTP_REQUESTS {
            return Ok(());
        }
        let exceeded = FailureKind::OutputLimit { what: "requests", limit: HTTP_REQUESTS.into() };
        self.faults.record(exceeded.clone());
        Err(exceeded)
    }

    fn client(&self) -> Result<Client<Connector, WasiBody>, Error> {
        let client = self.client.get_or_init(|| {
            let connector = Connector { allowed: self.allowed.clone(), tls: tls::config(&self.tls)? };
            let mut builder = Client::builder(TokioExecutor::new());
            builder.http1_max_buf_size(HTTP_HEADER_BYTES).pool_max_idle_per_host(HTTP_CONCURRENT);
            Ok(builder.build(connector))
        });
        client.clone().map_err(|message| {
            self.faults.record(FailureKind::Host { message: message.clone() });
            Error::InternalError(Some(message))
        })
    }

    fn prepare(&self, request: &mut Request<WasiBody>) -> Result<(), Error> {
        let uri = request.uri();
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'));
        let (scheme, authority) = (uri.scheme_str().unwrap_or("https"), authority.ok_or(Error::HttpRequestUriInvalid)?);
        let origin =
            Origin::from_parts(scheme, authority.host(), authority.port_u16()).ok_or(Error::HttpRequestUriInvalid)?;
        self.permit(&origin).map_err(|_| Error::HttpRequestDenied)?;
        self.count().map_err(|_| Error::HttpRequestDenied)?;
        let headers = request.headers_mut();
        headers.entry(USER_AGENT).or_insert(HeaderValue::from_static(AGENT));
        // The guest cannot have set it; the credential goes to its own origin and nowhere else.
        headers.remove(AUTHORIZATION);
        let credentials = self.credentials.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(credential) = credentials.get(&origin) {
            headers.insert(AUTHORIZATION, credential.clone());
        }
        Ok(())
    }

    async fn send(
        self: Arc<Self>,
        mut request: Request<WasiBody>,
        first_byte: Duration,
    ) -> Result<Response<WasiBody>, Error> {
        self.prepare(&mut request)?;
        let client = self.client()?;
        let slot =
            self.slots.clone().acquire_owned().await.map_err(|error| Error::InternalError(Some(error.to_string())))?;
        let uri = request.uri().clone();
        let sent = tokio::time::timeout(first_byte, client.request(request)).await;
        let response = sent.map_err(|_| Error::ConnectionReadTimeout)?.map_err(|error| self.explain(&uri, &error))?;
        let received = self.received.clone();
        let faults = self.faults.clone();
        Ok(response
            .map(|inner| Counted { inner, received, faults, idle: Box::pin(idle()), _slot: slot }.boxed_unsync()))
    }

    fn explain(&self, uri: &http::Uri, error: &ClientError) -> Error {
        tracing::debug!(host = uri.host(), error = ?error, "request of a plugin failed");
        let Some(connect) = error.source().and_then(|source| source.downcast_ref::<ConnectError>()) else {
            return Error::InternalError(Some(deepest(error)));
        };
        match connect {
            ConnectError::Denied => Error::HttpRequestDenied,
            ConnectError::Lookup => Error::DnsError { rcode: None, info_code: None },
            ConnectError::Prohibited(address) => {
                self.faults.record(denied(&address.to_string(), "addresses like this one cannot be granted by name"));
                Error::DestinationIpProhibited
            }
            ConnectError::Connect(_) => Error::ConnectionRefused,
            ConnectError::Timeout => Error::ConnectionTimeout,
            ConnectError::Tls(error) => certificate(error).unwrap_or(Error::TlsProtocolError),
        }
    }
}

fn denied(target: &str, hint: &str) -> FailureKind {
    FailureKind::Denied {
        capability: Capability::Http.as_str().to_owned(),
        target: target.to_owned(),
        hint: hint.to_owned(),
    }
}

fn certificate(error: &std::io::Error) -> Option<Error> {
    let error = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    matches!(error, rustls::Error::InvalidCertificate(_)).then_some(Error::TlsCertificateError)
}

/// The innermost error says what happened.
fn deepest(error: &ClientError) -> String {
    let mut error: &dyn std::error::Error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

fn idle() -> Sleep {
    tokio::time::sleep(HTTP_IDLE)
}

impl WasiHttpHooks for Outgoing {
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(is_forbidden)
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _processed: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<
        dyn Future<Output = Result<(Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>), Error>>
            + Send,
    > {
        let first_byte = options.and_then(|options| options.first_byte_timeout).unwrap_or(HTTP_IDLE);
        let sent = self.0.clone().send(request, first_byte + HTTP_CONNECT);
        Box::new(async move {
            let done: Box<dyn Future<Output = Result<(), Error>> + Send> = Box::new(std::future::ready(Ok(())));
            Ok((sent.await?, done))
        })
    }
}

/// Credentials, and what belongs to the connection, are the host's.
fn is_forbidden(name: &HeaderName) -> bool {
    name == AUTHORIZATION
        || name == COOKIE
        || name.as_str().starts_with("proxy-")
        || DEFAULT_FORBIDDEN_HEADERS.contains(name)
}

/// A response body that is counted against the call's budget and may not stall.
struct Counted {
    inner: Incoming,
    received: Arc<Received>,
    faults: Faults,
    idle: Pin<Box<Sleep>>,
    _slot: OwnedSemaphorePermit,
}

impl Counted {
    fn take(&self, bytes: u64) -> Result<(), Error> {
        let left = &self.received.left;
        let taken = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes));
        taken.map(drop).map_err(|_| {
            let limit = self.received.limit;
            self.faults.record(FailureKind::OutputLimit { what: "bytes of responses", limit });
            Error::HttpResponseBodySize(Some(limit))
        })
    }
}

impl Body for Counted {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Poll::Ready(next) = Pin::new(&mut self.inner).poll_frame(cx) else {
            ready!(self.idle.as_mut().poll(cx));
            return Poll::Ready(Some(Err(Error::ConnectionReadTimeout)));
        };
        self.idle.as_mut().reset(Instant::now() + HTTP_IDLE);
        Poll::Ready(match next {
            Some(Ok(frame)) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len) as u64;
                Some(self.take(bytes).map(|()| frame))
            }
            Some(Err(error)) => Some(Err(Error::from(error))),
            None => None,
        })
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosts_headers_are_the_hosts() {
        for (name, forbidden) in [
            ("authorization", true),
            ("cookie", true),
            ("host", true),
            ("connection", true),
            ("proxy-authorization", true),
            ("proxy-anything", true),
            ("accept", false),
            ("content-length", false),
            ("git-protocol", false),
        ] {
            assert_eq!(is_forbidden(&HeaderName::from_static(name)), forbidden, "{name}");
        }
    }
}

//! `std::io` over `wasi:io`, and requests over `wasi:http`.

use std::io::{self, Read, Write};
use std::time::Duration;

use super::bindings::imports::wasi::http::outgoing_handler::{self, RequestOptions};
use super::bindings::imports::wasi::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingBody, Method, OutgoingBody, OutgoingRequest, Scheme,
};
use super::bindings::imports::wasi::io::streams::{InputStream, OutputStream, StreamError};
use crate::backend::Exchange;
use crate::http::{Head, REQUEST_FAILED, ResponseHead};
use crate::{Error, Result};

/// How much one crossing reads.
const CHUNK: usize = 256 << 10;
/// What `blocking-write-and-flush` accepts at once.
const WRITE_CHUNK: usize = 4096;

/// Reads in large chunks, whatever the caller asks for.
pub(super) struct Reader<K> {
    stream: InputStream,
    chunk: io::Cursor<Vec<u8>>,
    /// Has to outlive the stream: field order is drop order.
    _keep: K,
}

impl<K> Reader<K> {
    pub(super) fn new(stream: InputStream, keep: K) -> Self {
        Self { stream, chunk: io::Cursor::default(), _keep: keep }
    }
}

impl<K> Read for Reader<K> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.chunk.read(buffer)?;
        if read > 0 || buffer.is_empty() {
            return Ok(read);
        }
        match self.stream.blocking_read(CHUNK as u64) {
            Ok(chunk) => self.chunk = io::Cursor::new(chunk),
            Err(StreamError::Closed) => return Ok(0),
            Err(StreamError::LastOperationFailed(error)) => {
                return Err(failed(&error.to_debug_string()));
            }
        }
        self.chunk.read(buffer)
    }
}

pub(super) struct Writer(pub(super) OutputStream);

impl Write for Writer {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let ready = loop {
            match self.0.check_write().map_err(stream_error)? {
                0 => self.0.subscribe().block(),
                ready => break ready as usize,
            }
        };
        let some = &buffer[..buffer.len().min(ready)];
        self.0.write(some).map_err(stream_error)?;
        Ok(some.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.blocking_flush().map_err(stream_error)
    }
}

fn stream_error(error: StreamError) -> io::Error {
    match error {
        StreamError::Closed => io::ErrorKind::BrokenPipe.into(),
        StreamError::LastOperationFailed(error) => failed(&error.to_debug_string()),
    }
}

fn failed(text: &str) -> io::Error {
    Error::transient(REQUEST_FAILED, text).into()
}

/// A request in flight whose body is being written.
pub(super) struct Sent {
    shown: String,
    answer: FutureIncomingResponse,
    /// The stream goes before the body that it belongs to.
    writer: Option<Writer>,
    body: Option<OutgoingBody>,
}

pub(super) fn send(head: Head) -> Result<Sent> {
    let shown = origin(&head);
    let request = request(&head)?;
    let body = request.body().map_err(|()| Error::transient(REQUEST_FAILED, "request has no body"))?;
    let options = head.timeout.map(options);
    let writer = body.write().map_err(|()| Error::transient(REQUEST_FAILED, "request body is taken"))?;
    let answer = outgoing_handler::handle(request, options).map_err(|code| http_error(&shown, &code))?;
    Ok(Sent { shown, answer, writer: Some(Writer(writer)), body: Some(body) })
}

fn origin(head: &Head) -> String {
    head.url.origin().ascii_serialization()
}

fn request(head: &Head) -> Result<OutgoingRequest> {
    let bad = |what: &str| {
        Error::terminal(REQUEST_FAILED, format!("{what} of the request to `{}` is not valid", origin(head)))
    };
    let headers = Fields::new();
    for (name, value) in &head.headers {
        let added = headers.append(name, value.as_bytes());
        added.map_err(|_| Error::terminal(REQUEST_FAILED, format!("header `{name}` is not allowed")))?;
    }
    let request = OutgoingRequest::new(headers);
    request.set_method(&method(&head.method)).map_err(|()| bad("method"))?;
    request.set_scheme(Some(&scheme(head.url.scheme()))).map_err(|()| bad("scheme"))?;
    let host = head.url.host_str().ok_or_else(|| bad("host"))?;
    let authority = head.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    request.set_authority(Some(&authority)).map_err(|()| bad("host"))?;
    let query = head.url.query().map(|query| format!("?{query}")).unwrap_or_default();
    request.set_path_with_query(Some(&format!("{}{query}", head.url.path()))).map_err(|()| bad("path"))?;
    Ok(request)
}

fn method(name: &str) -> Method {
    match name {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "OPTIONS" => Method::Options,
        "PATCH" => Method::Patch,
        other => Method::Other(other.to_owned()),
    }
}

fn scheme(name: &str) -> Scheme {
    match name {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => Scheme::Other(other.to_owned()),
    }
}

fn options(timeout: Duration) -> RequestOptions {
    let options = RequestOptions::new();
    let nanos = Some(timeout.as_nanos().try_into().unwrap_or(u64::MAX));
    // A host that does not know an option has its own limits.
    let _ = options.set_connect_timeout(nanos);
    let _ = options.set_first_byte_timeout(nanos);
    options
}

fn http_error(origin: &str, code: &ErrorCode) -> Error {
    let message = format!("request to `{origin}` failed: {}", explain(code));
    match code {
        ErrorCode::HttpRequestDenied => Error::terminal("PluginCapabilityDenied", message),
        ErrorCode::TlsCertificateError | ErrorCode::HttpRequestUriInvalid => Error::terminal(REQUEST_FAILED, message),
        _ => Error::transient(REQUEST_FAILED, message),
    }
}

fn explain(code: &ErrorCode) -> String {
    match code {
        ErrorCode::HttpRequestDenied => "not allowed".to_owned(),
        ErrorCode::DnsTimeout | ErrorCode::DnsError(_) => "name lookup failed".to_owned(),
        ErrorCode::ConnectionRefused => "connection refused".to_owned(),
        ErrorCode::ConnectionTimeout | ErrorCode::ConnectionReadTimeout | ErrorCode::ConnectionWriteTimeout => {
            "timed out".to_owned()
        }
        ErrorCode::ConnectionTerminated => "connection closed by the server".to_owned(),
        ErrorCode::TlsCertificateError => "the server's certificate is not trusted".to_owned(),
        ErrorCode::TlsProtocolError | ErrorCode::TlsAlertReceived(_) => "TLS handshake failed".to_owned(),
        ErrorCode::InternalError(Some(text)) => text.clone(),
        other => format!("{other:?}"),
    }
}

impl Write for Sent {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match &mut self.writer {
            Some(writer) => writer.write(&buffer[..buffer.len().min(WRITE_CHUNK.max(CHUNK))]),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.as_mut().map_or(Ok(()), Writer::flush)
    }
}

impl Exchange for Sent {
    fn finish(mut self: Box<Self>) -> Result<(ResponseHead, Box<dyn Read>)> {
        // A server may answer before it has read everything: its answer says more than our broken pipe.
        drop(self.writer.take());
        let sent = self.body.take().map(|body| OutgoingBody::finish(body, None));
        self.answer.subscribe().block();
        let shown = self.shown;
        let gone = || Error::transient(REQUEST_FAILED, format!("request to `{shown}` failed: no response"));
        let response =
            self.answer.get().ok_or_else(gone)?.map_err(|()| gone())?.map_err(|code| http_error(&shown, &code))?;
        if let Some(Err(code)) = sent {
            return Err(http_error(&shown, &code));
        }
        let headers = response.headers().entries().into_iter();
        let headers = headers
            .map(|(name, value): (String, Vec<u8>)| (name, String::from_utf8_lossy(&value).into_owned()))
            .collect();
        let head = ResponseHead { status: response.status(), headers };
        let body: IncomingBody = response.consume().map_err(|()| gone())?;
        let stream = body.stream().map_err(|()| gone())?;
        Ok((head, Box::new(Reader::new(stream, (body, response)))))
    }
}

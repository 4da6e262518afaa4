//! HTTP through the host: it checks the origin, speaks TLS and adds credentials.

use std::io::{self, Read, Write};
use std::rc::Rc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use url::Url;

use crate::backend::{Exchange, Host};
use crate::{Error, Result};

/// How many redirects a request without a body follows unless told otherwise.
pub const DEFAULT_REDIRECTS: u8 = 5;
/// The reason of a request that got no answer.
pub const REQUEST_FAILED: &str = "HTTPRequestFailed";

/// Makes requests.
#[derive(Clone)]
pub struct Client(pub(crate) Rc<dyn Host>);

/// A request line with headers, and how long to wait.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    #[cfg_attr(not(any(target_family = "wasm", feature = "testing")), allow(dead_code, reason = "no host to read it"))]
    pub(crate) method: String,
    pub(crate) url: Url,
    pub(crate) headers: Vec<(String, String)>,
    /// Until the connection stands, and again until the first byte of the response.
    pub(crate) timeout: Option<Duration>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct ResponseHead {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
}

/// A request being made.
pub struct Request {
    host: Rc<dyn Host>,
    head: Head,
    redirects: u8,
}

/// A request whose body is being written.
pub struct Upload {
    exchange: Box<dyn Exchange>,
    url: Url,
}

/// A response; its body is read as it comes.
pub struct Response {
    head: ResponseHead,
    url: Url,
    body: Box<dyn Read>,
}

impl Client {
    /// A `GET` request.
    pub fn get(&self, url: &str) -> Result<Request> {
        self.request("GET", url)
    }

    /// A `POST` request.
    pub fn post(&self, url: &str) -> Result<Request> {
        self.request("POST", url)
    }

    /// Any other request. Fails if the URL is not one.
    pub fn request(&self, method: &str, url: &str) -> Result<Request> {
        let url = Url::parse(url)
            .map_err(|error| Error::terminal("URLInvalid", format!("cannot parse URL `{url}`: {error}")))?;
        let head = Head { method: method.to_owned(), url, headers: Vec::new(), timeout: None };
        Ok(Request { host: self.0.clone(), head, redirects: DEFAULT_REDIRECTS })
    }
}

impl Request {
    /// Adds a header. `Authorization`, `Host`, `Connection` and `Proxy-*` are the host's.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.head.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// How long to wait for the connection, and again for the first byte.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.head.timeout = Some(timeout);
        self
    }

    /// How many redirects to follow, 0 for none. Requests with a body follow none.
    pub fn redirects(mut self, count: u8) -> Self {
        self.redirects = count;
        self
    }

    /// Sends the request without a body and follows redirects.
    pub fn send(self) -> Result<Response> {
        let Self { host, mut head, redirects } = self;
        for _ in 0..redirects {
            let response = open(&host, head.clone())?.finish()?;
            match response.redirect()? {
                Some(next) => head.url = next,
                None => return Ok(response),
            }
        }
        open(&host, head)?.finish()
    }

    /// Sends the request with a body.
    pub fn send_body(self, body: &[u8]) -> Result<Response> {
        let mut upload = self.header("Content-Length", &body.len().to_string()).open()?;
        upload.write_all(body)?;
        upload.finish()
    }

    /// Sends the head; the body is written afterwards.
    pub fn open(self) -> Result<Upload> {
        open(&self.host, self.head)
    }
}

fn open(host: &Rc<dyn Host>, head: Head) -> Result<Upload> {
    let url = head.url.clone();
    Ok(Upload { exchange: host.http(head)?, url })
}

impl Upload {
    /// Ends the body and waits for the response's head.
    pub fn finish(self) -> Result<Response> {
        let (head, body) = self.exchange.finish()?;
        Ok(Response { head, url: self.url, body })
    }
}

impl Write for Upload {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.exchange.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.exchange.flush()
    }
}

impl Response {
    /// The status code.
    pub fn status(&self) -> u16 {
        self.head.status
    }

    /// The URL that answered, after redirects.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.headers.iter();
        headers.find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// All headers, as they came.
    pub fn headers(&self) -> &[(String, String)] {
        &self.head.headers
    }

    /// Turns everything but a success into a failure of the right class.
    pub fn ok(self) -> Result<Self> {
        match self.head.status {
            200..=299 => Ok(self),
            status => Err(self.failure(status)),
        }
    }

    fn failure(&self, status: u16) -> Error {
        let message = format!("request to `{}` failed with status {status}", self.shown_url());
        match status {
            401 | 403 => Error::unauthorized("AuthenticationFailed", message),
            404 | 410 => Error::not_found("NotFound", message),
            408 | 425 | 429 | 500..=599 => {
                let error = Error::transient(REQUEST_FAILED, message);
                match self.header("retry-after").and_then(|value| value.trim().parse().ok()) {
                    Some(seconds) => error.retry_after(Duration::from_secs(seconds)),
                    None => error,
                }
            }
            _ => Error::terminal(REQUEST_FAILED, message),
        }
    }

    /// The URL without what may be secret in it.
    fn shown_url(&self) -> String {
        let mut url = self.url.clone();
        url.set_query(None);
        // A URL that cannot have credentials has none to take away.
        let _ = url.set_password(None);
        let _ = url.set_username("");
        url.to_string()
    }

    /// The whole body; fails if it is longer than `limit` bytes.
    pub fn bytes(mut self, limit: u64) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        (&mut self.body).take(limit + 1).read_to_end(&mut body)?;
        if body.len() as u64 > limit {
            let message = format!("response of `{}` is longer than {limit} bytes", self.shown_url());
            return Err(Error::terminal("ResponseTooLarge", message));
        }
        Ok(body)
    }

    /// The whole body as JSON; fails if it is longer than `limit` bytes.
    pub fn json<T: DeserializeOwned>(self, limit: u64) -> Result<T> {
        Ok(serde_json::from_slice(&self.bytes(limit)?)?)
    }

    fn redirect(&self) -> Result<Option<Url>> {
        if !matches!(self.head.status, 301 | 302 | 303 | 307 | 308) {
            return Ok(None);
        }
        let Some(location) = self.header("location") else {
            return Ok(None);
        };
        let next = self.url.join(location);
        next.map(Some)
            .map_err(|error| Error::terminal(REQUEST_FAILED, format!("cannot parse redirect `{location}`: {error}")))
    }
}

impl Read for Response {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.body.read(buffer)
    }
}

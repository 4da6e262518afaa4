//! HTTP for the Git transport: one request at a time through the host.

use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, BufReader, Cursor, Read, Write};
use std::rc::Rc;

use gix_transport::client::blocking_io::http::{GetResponse, Http, PostBodyDataKind, PostResponse};
use url::Url;
use weir_sdk::{Class, Error, http};

use crate::failure::{AUTHENTICATION_FAILED, git};

/// Between the host and the reader of pkt-lines, in bytes: a pkt-line is at most 64 KiB.
const BUFFER: usize = 64 << 10;
const ADVERTISEMENT: &str = "/info/refs";

/// What went wrong below the Git transport, whose own errors say less, and how many bytes came in.
#[derive(Clone, Default)]
pub(crate) struct Meter {
    failure: Rc<RefCell<Option<Error>>>,
    received: Rc<Cell<u64>>,
}

impl Meter {
    pub(crate) fn received(&self) -> u64 {
        self.received.get()
    }

    pub(crate) fn take_failure(&self) -> Option<Error> {
        self.failure.borrow_mut().take()
    }

    fn fail(&self, error: Error) -> io::Error {
        *self.failure.borrow_mut() = Some(error.clone());
        error.into()
    }
}

/// The transport's HTTP client.
pub(crate) struct Wire {
    pub(crate) client: http::Client,
    pub(crate) meter: Meter,
    pub(crate) redirected: Option<String>,
}

impl Wire {
    fn request(
        &self,
        method: &str,
        url: &str,
        headers: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> weir_sdk::Result<http::Request> {
        let mut request = self.client.request(method, url)?.redirects(0);
        for header in headers {
            if let Some((name, value)) = header.as_ref().split_once(':') {
                request = request.header(name.trim(), value.trim());
            }
        }
        Ok(request)
    }

    fn fail(&self, error: Error) -> gix_error::Error {
        gix_error::Error::from_error(self.meter.fail(error))
    }

    /// Follows one redirect, and only within the origin: credentials belong to it.
    fn follow(&mut self, response: &http::Response, base: &str) -> weir_sdk::Result<Option<String>> {
        if !matches!(response.status(), 301 | 302 | 303 | 307 | 308) {
            return Ok(None);
        }
        let location = response.header("location").unwrap_or_default();
        let next = response.url().join(location).map_err(|error| git(format!("invalid redirect: {error}")))?;
        let own = Url::parse(base).map_err(|error| git(format!("invalid URL: {error}")))?;
        if next.origin() != own.origin() {
            let to = next.origin().ascii_serialization();
            return Err(git(format!("redirect to another origin is not followed: {to}")));
        }
        let Some(repository) = next.path().strip_suffix(ADVERTISEMENT) else {
            return Err(git("redirect does not lead to a Git repository"));
        };
        let mut moved = next.clone();
        moved.set_path(repository);
        moved.set_query(None);
        self.redirected = Some(moved.to_string());
        Ok(Some(next.to_string()))
    }

    fn advertisement(&mut self, url: &str, base: &str, headers: &[String]) -> weir_sdk::Result<http::Response> {
        let response = self.request("GET", url, headers)?.send()?;
        match self.follow(&response, base)? {
            Some(next) => accept(self.request("GET", &next, headers)?.send()?),
            None => accept(response),
        }
    }
}

/// The words for a refusal are go-git's, since people alert on them.
fn accept(response: http::Response) -> weir_sdk::Result<http::Response> {
    let message = match response.status() {
        200 => return Ok(response),
        401 => {
            return Err(Error::unauthorized(AUTHENTICATION_FAILED, "authentication required"));
        }
        403 => {
            return Err(Error::unauthorized(AUTHENTICATION_FAILED, "authorization failed"));
        }
        404 | 410 => "repository not found".to_owned(),
        status => format!("unexpected status code: {status}"),
    };
    let hint = response.ok().err().filter(|error| error.class() == Class::Transient);
    let error = git(message);
    Err(match hint.and_then(|hint| hint.retry()) {
        Some(after) => error.retry_after(after),
        None => error,
    })
}

impl Http for Wire {
    type Headers = LateHeaders;
    type ResponseBody = BufReader<LateBody>;
    type PostBody = RequestBody;

    fn get(
        &mut self,
        url: &str,
        base_url: &str,
        headers: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<GetResponse<Self::Headers, Self::ResponseBody>, gix_error::Error> {
        let headers: Vec<String> = headers.into_iter().map(|header| header.as_ref().to_owned()).collect();
        let response = self.advertisement(url, base_url, &headers).map_err(|error| self.fail(error))?;
        let exchange = Exchange::new(State::Open(response), &self.meter);
        Ok(GetResponse { headers: exchange.headers(), body: exchange.body() })
    }

    fn post(
        &mut self,
        url: &str,
        _base_url: &str,
        headers: impl IntoIterator<Item = impl AsRef<str>>,
        _kind: PostBodyDataKind,
    ) -> Result<PostResponse<Self::Headers, Self::ResponseBody, Self::PostBody>, gix_error::Error> {
        let request = self.request("POST", url, headers).map_err(|error| self.fail(error))?;
        let exchange = Exchange::new(State::Writing(Box::new(request), Vec::new()), &self.meter);
        Ok(PostResponse {
            post_body: RequestBody(exchange.clone()),
            headers: exchange.headers(),
            body: exchange.body(),
        })
    }

    fn configure(&mut self, _config: &dyn std::any::Any) -> Result<(), gix_error::Error> {
        Ok(())
    }

    fn redirected_base_url(&self) -> Option<String> {
        self.redirected.clone()
    }
}

/// A request that is sent when somebody asks for its response: the transport wants both ends at once.
#[derive(Clone)]
struct Exchange {
    state: Rc<RefCell<State>>,
    meter: Meter,
}

enum State {
    Writing(Box<http::Request>, Vec<u8>),
    Open(http::Response),
    Failed,
}

impl Exchange {
    fn new(state: State, meter: &Meter) -> Exchange {
        Exchange { state: Rc::new(RefCell::new(state)), meter: meter.clone() }
    }

    fn headers(&self) -> LateHeaders {
        LateHeaders { exchange: self.clone(), text: None }
    }

    fn body(&self) -> BufReader<LateBody> {
        BufReader::with_capacity(BUFFER, LateBody(self.clone()))
    }

    fn with_response<T>(&self, read: impl FnOnce(&mut http::Response) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.state.borrow_mut();
        if let State::Writing(..) = *state
            && let State::Writing(request, body) = std::mem::replace(&mut *state, State::Failed)
        {
            let response = request.send_body(&body).and_then(accept).map_err(|error| self.meter.fail(error))?;
            *state = State::Open(response);
        }
        match &mut *state {
            State::Open(response) => read(response),
            _ => Err(io::Error::from(io::ErrorKind::BrokenPipe)),
        }
    }
}

pub(crate) struct RequestBody(Exchange);

impl Write for RequestBody {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match &mut *self.0.state.borrow_mut() {
            State::Writing(_, body) => body.extend_from_slice(buffer),
            _ => return Err(io::Error::from(io::ErrorKind::BrokenPipe)),
        }
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) struct LateBody(Exchange);

impl Read for LateBody {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let meter = &self.0.meter;
        let count = self.0.with_response(|response| response.read(buffer).map_err(|error| meter.fail(error.into())))?;
        meter.received.set(meter.received.get() + count as u64);
        Ok(count)
    }
}

pub(crate) struct LateHeaders {
    exchange: Exchange,
    text: Option<Cursor<String>>,
}

impl LateHeaders {
    fn text(&mut self) -> io::Result<&mut Cursor<String>> {
        if self.text.is_none() {
            let text = self.exchange.with_response(|response| {
                Ok(response.headers().iter().map(|(name, value)| format!("{name}: {value}\n")).collect::<String>())
            })?;
            return Ok(self.text.insert(Cursor::new(text)));
        }
        self.text.as_mut().ok_or_else(|| io::ErrorKind::BrokenPipe.into())
    }
}

impl Read for LateHeaders {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.text()?.read(buffer)
    }
}

impl BufRead for LateHeaders {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.text()?.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        if let Some(text) = &mut self.text {
            text.consume(count);
        }
    }
}

//! HTTP without a host: a closure, or real requests to loopback.

use std::io::{self, Cursor, Read, Write};
use std::rc::Rc;

use super::State;
use crate::backend::Exchange;
use crate::http::{Head, REQUEST_FAILED, ResponseHead};
use crate::{Error, Result};

/// A request as the fake host got it; credentials are added to the headers as the real host does.
#[derive(Clone, Debug)]
pub struct FakeRequest {
    /// e.g. `GET`.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// As the plugin set them, and `Authorization`.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl FakeRequest {
    /// The first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// The answer of a test's closure.
#[derive(Clone, Debug, Default)]
pub struct FakeResponse {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl FakeResponse {
    /// Without headers.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

type Answer = dyn Fn(&FakeRequest) -> Result<FakeResponse>;

#[derive(Clone, Default)]
pub(super) enum Mode {
    #[default]
    Denied,
    Closure(Rc<Answer>),
    Loopback,
}

struct Pending {
    mode: Mode,
    head: Head,
    credential: Option<String>,
    body: Vec<u8>,
}

pub(super) fn open(state: &State, head: Head) -> Result<Box<dyn Exchange>> {
    let origin = head.url.origin().ascii_serialization();
    let mode = state.http.borrow().clone();
    let loopback = matches!(head.url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    if matches!(mode, Mode::Denied) || (matches!(mode, Mode::Loopback) && !loopback) {
        return Err(Error::terminal("PluginCapabilityDenied", format!("request to `{origin}` failed: not allowed")));
    }
    let credential = state.credentials.borrow().get(&origin).cloned();
    Ok(Box::new(Pending { mode, head, credential, body: Vec::new() }))
}

pub(super) fn basic(username: &str, password: &str) -> String {
    format!("Basic {}", base64(format!("{username}:{password}").as_bytes()))
}

/// Enough of RFC 4648 for a header in a test.
fn base64(data: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in data.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for position in 0..4 {
            let letter = ALPHABET[(bits >> (18 - 6 * position)) as usize & 63];
            text.push(if position <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

impl Write for Pending {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.body.extend_from_slice(buffer);
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Exchange for Pending {
    fn finish(self: Box<Self>) -> Result<(ResponseHead, Box<dyn Read>)> {
        let Self { mode, head, credential, body } = *self;
        let mut headers = head.headers;
        headers.extend(credential.map(|value| ("Authorization".to_owned(), value)));
        let request = FakeRequest { method: head.method, url: head.url.to_string(), headers, body };
        match mode {
            Mode::Closure(answer) => {
                let response = answer(&request)?;
                let head = ResponseHead { status: response.status, headers: response.headers };
                Ok((head, Box::new(Cursor::new(response.body))))
            }
            _ => send(request),
        }
    }
}

fn send(request: FakeRequest) -> Result<(ResponseHead, Box<dyn Read>)> {
    let failed = |error: &dyn std::fmt::Display| {
        Error::transient(REQUEST_FAILED, format!("request to `{}` failed: {error}", request.url))
    };
    let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build();
    let mut builder = ureq::http::Request::builder().method(request.method.as_str()).uri(&request.url);
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let sent = builder.body(request.body.clone()).map_err(|error| failed(&error))?;
    let response = ureq::Agent::from(config).run(sent).map_err(|error| failed(&error))?;
    let (parts, body) = response.into_parts();
    let text = |value: &ureq::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    Ok((ResponseHead { status: parts.status.as_u16(), headers }, Box::new(body.into_reader())))
}

#[cfg(test)]
mod tests {
    #[test]
    fn basic_credentials_are_encoded() {
        assert_eq!(super::basic("user", "pass"), "Basic dXNlcjpwYXNz");
        assert_eq!(super::basic("user", "passw"), "Basic dXNlcjpwYXNzdw==");
    }
}

//! One plain GET by the host itself, with the checks that requests of guests get.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, LOCATION, USER_AGENT};
use http::{HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use url::Url;

use crate::capability::http::AGENT;
use crate::capability::network::Connector;
use crate::capability::tls;
use crate::limits::{HTTP_HEADER_BYTES, HTTP_REDIRECTS, PAYLOAD_BYTES};
use crate::{Origin, Tls};

/// Why there is no content.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum GetError {
    /// The text is no URL of a web server.
    #[error("not a URL with `http://` or `https://`: {0}")]
    Url(String),
    /// The server answered something else.
    #[error("status code {} ({})", .0.as_u16(), .0.canonical_reason().unwrap_or_default())]
    Status(StatusCode),
    /// From server to server without an end.
    #[error("redirected more than {HTTP_REDIRECTS} times")]
    Redirects,
    /// More than the host takes.
    #[error("larger than {PAYLOAD_BYTES} bytes")]
    TooLarge,
    /// Time is over.
    #[error("ran longer than its time limit: {0:?}")]
    Timeout(Duration),
    /// The server cannot be reached or does not finish.
    #[error("{0}")]
    Failed(String),
}

/// What a server answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// Of the last server, after redirects.
    pub status: u16,
    headers: Vec<(String, String)>,
    /// At most [`PAYLOAD_BYTES`]; nothing unless the status is a success.
    pub content: Vec<u8>,
}

impl Response {
    /// The first header of that name, in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// The content behind a URL, at most [`PAYLOAD_BYTES`]. Redirects are followed; addresses that no grant can name are not
/// connected to.
///
/// # Errors
/// When there is none.
pub async fn get(url: &str, trust: &Tls, wall: Duration) -> Result<Vec<u8>, GetError> {
    let response = get_with(url, &[], trust, wall).await?;
    match StatusCode::from_u16(response.status) {
        Ok(status) if !status.is_success() => Err(GetError::Status(status)),
        _ => Ok(response.content),
    }
}

/// As [`get`], with headers of the caller's, and whatever the status is. A server that another one redirects to does not get
/// the header `authorization`.
///
/// # Errors
/// When no server answers, or not as it has to.
pub async fn get_with(url: &str, headers: &[(&str, &str)], trust: &Tls, wall: Duration) -> Result<Response, GetError> {
    match tokio::time::timeout(wall, follow(url, headers, trust)).await {
        Ok(result) => result,
        Err(_) => Err(GetError::Timeout(wall)),
    }
}

async fn follow(url: &str, headers: &[(&str, &str)], trust: &Tls) -> Result<Response, GetError> {
    let mut url = Url::parse(url).map_err(|_| GetError::Url(url.to_owned()))?;
    let first = Origin::of(url.as_str());
    for _ in 0..=HTTP_REDIRECTS {
        let is_first = Origin::of(url.as_str()) == first;
        let headers = headers.iter().filter(|(name, _)| is_first || *name != AUTHORIZATION.as_str());
        match once(&url, headers, trust).await? {
            Reply::Response(response) => return Ok(response),
            Reply::Elsewhere(location) => {
                url = url.join(&location).map_err(|_| GetError::Url(location))?;
            }
        }
    }
    Err(GetError::Redirects)
}

enum Reply {
    Response(Response),
    Elsewhere(String),
}

async fn once<'h>(
    url: &Url,
    headers: impl Iterator<Item = &'h (&'h str, &'h str)>,
    trust: &Tls,
) -> Result<Reply, GetError> {
    let origin = Origin::of(url.as_str()).ok_or_else(|| GetError::Url(url.to_string()))?;
    let connector = Connector { allowed: Arc::from([origin]), tls: tls::config(trust).map_err(GetError::Failed)? };
    let mut client = Client::builder(TokioExecutor::new());
    let client = client.http1_max_buf_size(HTTP_HEADER_BYTES).build::<_, Empty<Bytes>>(connector);
    let mut address = url.clone();
    address.set_fragment(None);
    let request = Request::get(address.as_str()).header(USER_AGENT, HeaderValue::from_static(AGENT));
    let request = headers.fold(request, |request, (name, value)| request.header(*name, *value));
    let request = request.body(Empty::new()).map_err(|error| GetError::Failed(error.to_string()))?;
    let response = client.request(request).await.map_err(|error| GetError::Failed(deepest(&error)))?;
    let status = response.status();
    if let Some(location) = response.headers().get(LOCATION).filter(|_| status.is_redirection()) {
        let location = location.to_str().map_err(|error| GetError::Failed(error.to_string()))?;
        return Ok(Reply::Elsewhere(location.to_owned()));
    }
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    let reply = |content| Reply::Response(Response { status: status.as_u16(), headers, content });
    if !status.is_success() {
        return Ok(reply(Vec::new()));
    }
    match Limited::new(response.into_body(), PAYLOAD_BYTES).collect().await {
        Ok(body) => Ok(reply(body.to_bytes().to_vec())),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(GetError::TooLarge),
        Err(error) => Err(GetError::Failed(error.to_string())),
    }
}

/// The innermost error says what happened.
fn deepest(error: &hyper_util::client::legacy::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    match error.source() {
        Some(_) => innermost.to_string(),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const WALL: Duration = Duration::from_secs(30);

    /// Answers every request by its path; returns the server's address.
    async fn serve(answer: impl Fn(&str) -> String + Send + 'static) -> String {
        serve_heads(move |head| answer(head.split(' ').nth(1).unwrap_or_default())).await
    }

    /// Answers every request by its head.
    async fn serve_heads(answer: impl Fn(&str) -> String + Send + 'static) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = vec![0; 4096];
                let read = stream.read(&mut request).await.unwrap_or_default();
                let head = String::from_utf8_lossy(&request[..read]).into_owned();
                // A client that has enough hangs up.
                let _ = stream.write_all(answer(&head).as_bytes()).await;
            }
        });
        address
    }

    fn answer(path: &str) -> String {
        let reply = |status: &str, header: &str, body: &str| {
            format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{header}\r\n{body}", body.len())
        };
        match path {
            "/a?b=c" => reply("200 OK", "", "content"),
            "/moved" => reply("302 Found", "location: /a?b=c\r\n", ""),
            "/round" => reply("302 Found", "location: /round\r\n", ""),
            "/metadata" => reply("302 Found", "location: http://169.254.169.254/\r\n", ""),
            "/file" => reply("302 Found", "location: file:///etc/passwd\r\n", ""),
            "/private" => reply("401 Unauthorized", "www-authenticate: Bearer realm=\"x\"\r\n", "never read"),
            "/large" => reply("200 OK", "", &"x".repeat(PAYLOAD_BYTES + 1)),
            _ => reply("404 Not Found", "", ""),
        }
    }

    #[tokio::test]
    async fn content_redirects_and_limits() {
        let address = serve(answer).await;
        let get = |path: &str| {
            let url = format!("http://{address}{path}");
            async move { get(&url, &Tls::default(), WALL).await }
        };
        assert_eq!(get("/a?b=c#d").await.unwrap(), b"content");
        assert_eq!(get("/moved").await.unwrap(), b"content");
        assert_eq!(get("/nope").await.unwrap_err().to_string(), "status code 404 (Not Found)");
        assert_eq!(get("/round").await, Err(GetError::Redirects));
        assert_eq!(get("/large").await, Err(GetError::TooLarge));
        assert!(matches!(get("/file").await, Err(GetError::Url(_))));
        assert!(get("/metadata").await.unwrap_err().to_string().contains("not allowed"));
    }

    /// Answers with the request itself, or redirects to the address in its path.
    fn echo(head: &str) -> String {
        let path = head.split(' ').nth(1).unwrap_or_default();
        let (status, header) = match path.strip_prefix("/to/") {
            Some(address) => ("302 Found", format!("location: http://{address}/\r\n")),
            None => ("200 OK", String::new()),
        };
        format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{header}\r\n{head}", head.len())
    }

    #[tokio::test]
    async fn headers_go_to_the_server_that_they_are_for() {
        let (one, two) = (serve_heads(echo).await, serve_heads(echo).await);
        let headers = [("accept", "a/b"), ("authorization", "Bearer secret")];
        let get = |path: String| async move {
            let response = get_with(&format!("http://{path}"), &headers, &Tls::default(), WALL).await.unwrap();
            (response.status, String::from_utf8(response.content).unwrap())
        };
        let (status, head) = get(format!("{one}/x")).await;
        assert!(status == 200 && head.contains("a/b") && head.contains("Bearer secret"), "{head}");
        let (_, same) = get(format!("{one}/to/{one}")).await;
        assert!(same.contains("Bearer secret"), "{same}");
        let (_, other) = get(format!("{one}/to/{two}")).await;
        assert!(other.contains("a/b") && !other.contains("secret"), "{other}");
        let address = serve(answer).await;
        let private = get_with(&format!("http://{address}/private"), &[], &Tls::default(), WALL).await.unwrap();
        assert_eq!((private.status, private.header("www-authenticate")), (401, Some("Bearer realm=\"x\"")));
        assert_eq!(private.content, b"");
    }

    #[tokio::test]
    async fn what_is_no_server_is_refused() {
        for url in ["ssh://h/x", "file:///etc/passwd", "x", ""] {
            assert!(matches!(get(url, &Tls::default(), WALL).await, Err(GetError::Url(_))), "{url}");
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let silent = format!("http://{}/", listener.local_addr().unwrap());
        let short = Duration::from_millis(1);
        assert_eq!(get(&silent, &Tls::default(), short).await, Err(GetError::Timeout(short)));
    }
}

//! One plain GET by the host itself, with the checks that requests of guests get.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{LOCATION, USER_AGENT};
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

/// The content behind a URL, at most [`PAYLOAD_BYTES`]. Redirects are followed; addresses that no grant can name are not
/// connected to.
///
/// # Errors
/// When there is none.
pub async fn get(url: &str, trust: &Tls, wall: Duration) -> Result<Vec<u8>, GetError> {
    match tokio::time::timeout(wall, follow(url, trust)).await {
        Ok(result) => result,
        Err(_) => Err(GetError::Timeout(wall)),
    }
}

async fn follow(url: &str, trust: &Tls) -> Result<Vec<u8>, GetError> {
    let mut url = Url::parse(url).map_err(|_| GetError::Url(url.to_owned()))?;
    for _ in 0..=HTTP_REDIRECTS {
        match once(&url, trust).await? {
            Reply::Content(content) => return Ok(content),
            Reply::Elsewhere(location) => {
                url = url.join(&location).map_err(|_| GetError::Url(location))?;
            }
        }
    }
    Err(GetError::Redirects)
}

enum Reply {
    Content(Vec<u8>),
    Elsewhere(String),
}

async fn once(url: &Url, trust: &Tls) -> Result<Reply, GetError> {
    let origin = Origin::of(url.as_str()).ok_or_else(|| GetError::Url(url.to_string()))?;
    let connector = Connector { allowed: Arc::from([origin]), tls: tls::config(trust).map_err(GetError::Failed)? };
    let mut client = Client::builder(TokioExecutor::new());
    let client = client.http1_max_buf_size(HTTP_HEADER_BYTES).build::<_, Empty<Bytes>>(connector);
    let mut address = url.clone();
    address.set_fragment(None);
    let request = Request::get(address.as_str()).header(USER_AGENT, HeaderValue::from_static(AGENT));
    let request = request.body(Empty::new()).map_err(|error| GetError::Failed(error.to_string()))?;
    let response = client.request(request).await.map_err(|error| GetError::Failed(deepest(&error)))?;
    let status = response.status();
    if let Some(location) = response.headers().get(LOCATION).filter(|_| status.is_redirection()) {
        let location = location.to_str().map_err(|error| GetError::Failed(error.to_string()))?;
        return Ok(Reply::Elsewhere(location.to_owned()));
    }
    if !status.is_success() {
        return Err(GetError::Status(status));
    }
    match Limited::new(response.into_body(), PAYLOAD_BYTES).collect().await {
        Ok(body) => Ok(Reply::Content(body.to_bytes().to_vec())),
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
    async fn serve(answer: fn(&str) -> String) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = vec![0; 4096];
                let read = stream.read(&mut request).await.unwrap_or_default();
                let head = String::from_utf8_lossy(&request[..read]).into_owned();
                let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                // A client that has enough hangs up.
                let _ = stream.write_all(answer(&path).as_bytes()).await;
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

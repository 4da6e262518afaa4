//! Requests: where they may go and what they carry.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use weir_plugin::{CallContext, Capability, FailureKind, Grants, Origin, SecretData};

use crate::kit::{failure_of_fetch, fetch, load_source, source_context};

/// What a server saw: path, `Authorization`, length of the body.
type Seen = Arc<Mutex<Vec<(String, Option<String>, usize)>>>;

/// Redirects `/to?<url>`, sends many bytes for `/big`, and greets for everything else.
struct Server {
    origin: String,
    seen: Seen,
}

impl Server {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let seen = Seen::default();
        let log = seen.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let log = log.clone();
                let service = service_fn(move |request| answer(request, log.clone()));
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Self { origin, seen }
    }

    fn seen(&self) -> Vec<(String, Option<String>, usize)> {
        self.seen.lock().unwrap().clone()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

async fn answer(request: Request<Incoming>, seen: Seen) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let length = body.collect().await.map_or(0, |body| body.to_bytes().len());
    let authorization = parts.headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    seen.lock().unwrap().push((parts.uri.path().to_owned(), authorization, length));
    let response = match (parts.uri.path(), parts.uri.query()) {
        ("/to", Some(target)) => Response::builder().status(302).header("location", target).body(Full::default()),
        ("/big", _) => Response::builder().body(Full::from(vec![b'x'; 3 << 20])),
        _ => Response::builder().body(Full::from("hello")),
    };
    Ok(response.unwrap())
}

fn allowed(server: &Server) -> CallContext {
    source_context().allow(Origin::of(&server.origin).unwrap())
}

fn get(url: String) -> Value {
    json!({"do": "get", "url": url})
}

fn with_secret(cx: CallContext) -> CallContext {
    let entries = [("username", "user"), ("password", "hunter2-hunter2")];
    let data: SecretData =
        entries.into_iter().map(|(key, value)| (key.to_owned(), value.as_bytes().to_vec())).collect();
    cx.secret("secretRef", data)
}

const BASIC: &str = "Basic dXNlcjpodW50ZXIyLWh1bnRlcjI=";

#[tokio::test(flavor = "multi_thread")]
async fn granted_origins_answer() {
    let server = Server::start().await;
    let out = fetch(&load_source().await, &allowed(&server), get(server.url("/x"))).await.unwrap();
    assert_eq!(std::fs::read_to_string(out.path().join("body")).unwrap(), "hello");
    let post = json!({"do": "post", "url": server.url("/p"), "pieces": 30});
    fetch(&load_source().await, &allowed(&server), post).await.unwrap();
    assert_eq!(server.seen(), [("/x".to_owned(), None, 0), ("/p".to_owned(), None, 3_000_000)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_else_is_denied_and_says_how_to_allow_it() {
    let server = Server::start().await;
    let denied = |kind: FailureKind| match kind {
        FailureKind::Denied { capability, target, hint } => (capability, target, hint),
        other => panic!("{other}"),
    };
    let (capability, target, hint) = denied(failure_of_fetch(&source_context(), get(server.url("/x"))).await);
    assert_eq!((capability.as_str(), target), ("http", server.origin.clone()));
    assert!(hint.contains("PluginPolicy"), "{hint}");
    // A name is not the address that it stands for, and a port is part of an origin.
    let port = server.origin.rsplit_once(':').unwrap().1;
    for other in
        [format!("http://localhost:{port}/"), "http://127.0.0.1:1/".to_owned(), format!("https://127.0.0.1:{port}/")]
    {
        denied(failure_of_fetch(&allowed(&server), get(other)).await);
    }
    let mut ungranted = allowed(&server);
    ungranted.grants = Grants::none();
    denied(failure_of_fetch(&ungranted, get(server.url("/x"))).await);
    assert_eq!(server.seen(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_services_are_out_of_reach_even_if_named() {
    let cx = source_context().allow(Origin::of("http://169.254.169.254").unwrap());
    let kind = failure_of_fetch(&cx, get("http://169.254.169.254/latest".to_owned())).await;
    assert!(matches!(kind, FailureKind::Denied { .. }), "{kind}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_leads_to_granted_origins_only() {
    let (server, other) = (Server::start().await, Server::start().await);
    let redirect = get(server.url(&format!("/to?{}", other.url("/secret"))));
    let kind = failure_of_fetch(&allowed(&server), redirect.clone()).await;
    assert!(matches!(&kind, FailureKind::Denied { target, .. } if *target == other.origin), "{kind}");
    assert_eq!(other.seen(), []);
    let both = allowed(&server).allow(Origin::of(&other.origin).unwrap());
    fetch(&load_source().await, &both, redirect).await.unwrap();
    assert_eq!(other.seen().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_go_to_their_origin_only() {
    let (server, other) = (Server::start().await, Server::start().await);
    let cx = with_secret(allowed(&server).allow(Origin::of(&other.origin).unwrap()));
    let url = server.url(&format!("/to?{}", other.url("/after")));
    let config = json!({"do": "get", "url": url, "attach": [server.origin, "basic"]});
    fetch(&load_source().await, &cx, config).await.unwrap();
    assert_eq!(server.seen(), [("/to".to_owned(), Some(BASIC.to_owned()), 0)]);
    assert_eq!(other.seen(), [("/after".to_owned(), None, 0)], "the redirect's target gets none");
    let elsewhere = json!({"do": "get", "url": server.url("/"), "attach": ["https://evil.example", "basic"]});
    let kind = failure_of_fetch(&cx, elsewhere).await;
    assert!(matches!(&kind, FailureKind::Denied { target, .. } if target == "https://evil.example:443"), "{kind}");
    let bearer = json!({"do": "get", "url": server.url("/"), "attach": [server.origin, "bearer"]});
    let kind = failure_of_fetch(&cx, bearer).await;
    assert!(kind.to_string().contains("no key `bearerToken`"), "{kind}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_sets_no_header_of_the_hosts() {
    let server = Server::start().await;
    for name in ["Authorization", "Host", "Proxy-Authorization", "Connection", "Cookie"] {
        let config = json!({"do": "get", "url": server.url("/"), "header": [name, "forged"]});
        let kind = failure_of_fetch(&allowed(&server), config).await;
        assert!(matches!(kind, FailureKind::Guest { .. }), "{name}: {kind}");
    }
    assert_eq!(server.seen(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_are_bounded() {
    let server = Server::start().await;
    let mut cx = allowed(&server);
    cx.limits.http_response_bytes = 1 << 20;
    let kind = failure_of_fetch(&cx, get(server.url("/big"))).await;
    assert_eq!(kind, FailureKind::OutputLimit { what: "bytes of responses", limit: 1 << 20 });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_worth_another_try() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let cx = source_context().allow(Origin::of(&url).unwrap());
    let failure = fetch(&load_source().await, &cx, get(url)).await.unwrap_err();
    assert_eq!((failure.class(), failure.reason()), (weir_plugin::Class::Transient, "HTTPRequestFailed"));
    assert!(failure.to_string().contains("connection refused"), "{failure}");
    assert_eq!(Capability::Http.as_str(), "http");
}

/// Greets one client after another over TLS; returns its URL and its certificate.
async fn tls_server() -> (String, Vec<u8>) {
    let issued = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(issued.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![issued.cert.der().clone()], key).unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that does not trust us hangs up.
            let Ok(stream) = acceptor.accept(stream).await else { continue };
            let service = service_fn(|request| answer(request, Seen::default()));
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    (url, issued.cert.pem().into_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_authority_is_trusted_only_if_it_is_given() {
    let (url, authority) = tls_server().await;
    let mut cx = source_context().allow(Origin::of(&url).unwrap());
    let kind = failure_of_fetch(&cx, get(url.clone())).await;
    assert!(kind.to_string().contains("certificate is not trusted"), "{kind}");
    cx.tls.ca_pem = Some(authority);
    let out = fetch(&load_source().await, &cx, get(url)).await.unwrap();
    assert_eq!(std::fs::read_to_string(out.path().join("body")).unwrap(), "hello");
}

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use http::{Method, Request, Response};
use kube::{Client, client::Body};
use serde_json::json;
use tokio::sync::oneshot;

use super::*;

/// An API server with one lease, with optimistic locking, that can be silent.
#[derive(Clone, Default)]
struct Server(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    lease: Option<Lease>,
    version: u64,
    silent: bool,
}

impl Server {
    fn election(&self, identity: &str) -> Election {
        let server = self.clone();
        let client = Client::new(tower::service_fn(move |r| server.clone().answer(r)), "weir");
        Election::new(Api::default_namespaced(client), "leader", identity)
    }

    async fn answer(self, request: Request<Body>) -> Result<Response<Body>, Infallible> {
        if self.0.lock().unwrap().silent {
            std::future::pending::<()>().await;
        }
        let (parts, body) = request.into_parts();
        let body = body.collect_bytes().await.unwrap();
        let mut state = self.0.lock().unwrap();
        if parts.method == Method::GET {
            return Ok(state.read());
        }
        Ok(state.write(serde_json::from_slice(&body).unwrap()))
    }

    fn spec(&self) -> LeaseSpec {
        self.0.lock().unwrap().lease.clone().unwrap().spec.unwrap()
    }

    fn holder(&self) -> String {
        self.spec().holder_identity.unwrap()
    }

    fn set_silent(&self, silent: bool) {
        self.0.lock().unwrap().silent = silent;
    }
}

impl State {
    fn read(&self) -> Response<Body> {
        match &self.lease {
            Some(lease) => answer(200, serde_json::to_vec(lease).unwrap()),
            None => failure(404, "NotFound"),
        }
    }

    fn write(&mut self, mut lease: Lease) -> Response<Body> {
        let version = self.lease.as_ref().map(|l| l.metadata.resource_version.clone().unwrap());
        if lease.metadata.resource_version != version {
            return failure(409, "Conflict");
        }
        self.version += 1;
        lease.metadata.resource_version = Some(self.version.to_string());
        self.lease = Some(lease);
        self.read()
    }
}

fn answer(code: u16, body: Vec<u8>) -> Response<Body> {
    Response::builder().status(code).body(Body::from(body)).unwrap()
}

fn failure(code: u16, reason: &str) -> Response<Body> {
    let status = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code, "message": reason});
    answer(code, status.to_string().into_bytes())
}

#[tokio::test(start_paused = true)]
async fn one_leads_and_the_next_takes_over_when_it_releases() {
    let server = Server::default();
    let (mut a, mut b) = (server.election("a"), server.election("b"));
    a.acquire().await;
    let (stop, stopped) = oneshot::channel::<()>();
    let holding = tokio::spawn(async move { a.hold(async { stopped.await.unwrap() }).await });
    assert!(timeout(Duration::from_secs(3600), b.acquire()).await.is_err(), "`a` renews");
    assert_eq!((server.holder(), server.spec().lease_transitions), ("a".into(), Some(0)));
    stop.send(()).unwrap();
    assert_eq!(holding.await.unwrap(), Ended::Released);
    assert_eq!(server.holder(), "");
    let started = Instant::now();
    b.acquire().await;
    assert!(started.elapsed() <= RETRY_PERIOD);
    assert_eq!((server.holder(), server.spec().lease_transitions), ("b".into(), Some(1)));
    assert_eq!(server.spec().lease_duration_seconds, Some(35));
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_is_not_renewed_expires_and_its_holder_notices() {
    let server = Server::default();
    let (mut a, mut b) = (server.election("a"), server.election("b"));
    a.acquire().await;
    let started = Instant::now();
    b.acquire().await;
    assert!(started.elapsed() > LEASE_DURATION && started.elapsed() <= LEASE_DURATION + RETRY_PERIOD);
    assert_eq!(a.hold(std::future::pending()).await, Ended::Lost);
    assert_eq!(server.holder(), "b");
}

#[tokio::test(start_paused = true)]
async fn a_leader_without_an_api_server_stops_before_its_lease_ends() {
    let server = Server::default();
    let mut a = server.election("a");
    a.acquire().await;
    let started = Instant::now();
    server.set_silent(true);
    assert_eq!(a.hold(std::future::pending()).await, Ended::Lost);
    assert_eq!(started.elapsed(), RENEW_DEADLINE);
    let release = timeout(RETRY_PERIOD * 2, a.hold(async {})).await;
    assert!(release.is_ok(), "giving up does not wait for ever");
}

#[tokio::test(start_paused = true)]
async fn a_short_silence_is_survived() {
    let server = Server::default();
    let mut a = server.election("a");
    a.acquire().await;
    server.set_silent(true);
    let back = server.clone();
    tokio::spawn(async move {
        sleep(Duration::from_secs(20)).await;
        back.set_silent(false);
    });
    let ended = a.hold(sleep(Duration::from_secs(300))).await;
    assert_eq!((ended, server.holder()), (Ended::Released, String::new()));
}

#[test]
fn a_lease_may_be_held_when_it_is_free_ours_or_expired() {
    let spec = |holder: Option<&str>, seconds: Option<i32>| LeaseSpec {
        holder_identity: holder.map(Into::into),
        lease_duration_seconds: seconds,
        ..LeaseSpec::default()
    };
    for (spec, unchanged, expected) in [
        (None, 0, true),
        (Some(spec(None, None)), 0, true),
        (Some(spec(Some(""), Some(1))), 0, true),
        (Some(spec(Some("us"), Some(35))), 0, true),
        (Some(spec(Some("other"), Some(35))), 35, false),
        (Some(spec(Some("other"), Some(35))), 36, true),
        (Some(spec(Some("other"), Some(60))), 36, false),
        (Some(spec(Some("other"), None)), 35, false),
        (Some(spec(Some("other"), Some(-1))), 36, true),
    ] {
        assert_eq!(may_hold(spec.as_ref(), "us", Duration::from_secs(unchanged)), expected, "{spec:?}");
    }
}

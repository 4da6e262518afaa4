//! Counts what is asked of the API server, as client-go's metric `rest_client_requests_total` does.

use std::task::{Context, Poll};

use futures::{FutureExt, future::BoxFuture};
use http::{Request, Response};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
};
use tower::{Layer, Service};

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(crate) struct RequestLabels {
    /// `<error>` when no answer came, as in client-go.
    code: String,
    host: String,
    method: String,
}

/// The counts, shared by all clients.
pub(crate) type Requests = Family<RequestLabels, Counter>;

/// Puts a count before a client.
#[derive(Clone, Debug)]
pub(crate) struct CountRequests {
    pub(crate) requests: Requests,
    /// Of the API server.
    pub(crate) host: String,
}

impl<S> Layer<S> for CountRequests {
    type Service = Counted<S>;

    fn layer(&self, inner: S) -> Counted<S> {
        Counted { inner, count: self.clone() }
    }
}

/// A client whose requests are counted.
#[derive(Clone, Debug)]
pub(crate) struct Counted<S> {
    inner: S,
    count: CountRequests,
}

impl<S, A, B> Service<Request<A>> for Counted<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    S::Future: Send + 'static,
    S::Error: 'static,
    B: 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<S::Response, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let (CountRequests { requests, host }, method) = (self.count.clone(), request.method().to_string());
        let count = move |code: &str| {
            requests.get_or_create(&RequestLabels { code: code.to_owned(), host, method }).inc();
        };
        let answered = self.inner.call(request);
        async move {
            let result = answered.await;
            match &result {
                Ok(response) => count(response.status().as_str()),
                Err(_) => count("<error>"),
            }
            result
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_and_failures_are_counted() {
        let requests = Requests::default();
        let answer = |request: Request<&'static str>| async move {
            match *request.body() {
                "fail" => Err("no answer"),
                _ => Ok(Response::builder().status(404).body(()).unwrap()),
            }
        };
        let layer = CountRequests { requests: requests.clone(), host: "api:6443".into() };
        let mut service = layer.layer(tower::service_fn(answer));
        for body in ["a", "fail", "b"] {
            let _told = service.call(Request::patch("/x").body(body).unwrap()).await;
        }
        let count = |code: &str| {
            let labels = RequestLabels { code: code.into(), host: "api:6443".into(), method: "PATCH".into() };
            requests.get_or_create(&labels).get()
        };
        assert_eq!((count("404"), count("<error>"), count("200")), (2, 1, 0));
    }
}

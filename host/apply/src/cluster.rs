//! Requests to one API server as one user.

use std::fmt;

use http::{HeaderName, HeaderValue, Request, StatusCode};
use http_body_util::BodyExt;
use kube::{
    Client,
    api::{DeleteParams, DynamicObject, GetParams, Patch, PatchParams, Preconditions},
    client::Body,
    core::{ApiResource, Resource, Status, response::reason},
};
use serde_json::Value;

use crate::error::RequestError;

const IMPERSONATE_USER: HeaderName = HeaderName::from_static("impersonate-user");

/// Where an object lives.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) resource: ApiResource,
    /// `None` for cluster-scoped kinds.
    pub(crate) namespace: Option<String>,
    pub(crate) name: String,
}

/// What the server made of an apply.
#[derive(Debug)]
pub(crate) struct Applied {
    /// It did not exist before.
    pub(crate) created: bool,
    pub(crate) object: Value,
}

/// One API server, seen as one user.
#[derive(Clone)]
pub(crate) struct Cluster {
    client: Client,
    user: Option<HeaderValue>,
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster").field("user", &self.user).finish_non_exhaustive()
    }
}

impl Cluster {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, user: None }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The same server as another user; connections are shared, the identity goes with every request.
    pub(crate) fn impersonate(&self, user: HeaderValue) -> Self {
        Self { client: self.client.clone(), user: Some(user) }
    }

    /// A client with this identity, for watches.
    pub(crate) fn watching_client(&self) -> Client {
        let Some(user) = self.user.clone() else { return self.client.clone() };
        let client = self.client.clone();
        let namespace = client.default_namespace().to_owned();
        let service = tower::service_fn(move |mut request: Request<Body>| {
            let (client, user) = (client.clone(), user.clone());
            async move {
                request.headers_mut().insert(IMPERSONATE_USER, user);
                client.send(request).await
            }
        });
        Client::new(service, namespace)
    }

    /// Reads a live object; `None` when there is none.
    pub(crate) async fn get(&self, place: &Place) -> Result<Option<Value>, RequestError> {
        let request = place.request().get(&place.name, &GetParams::default());
        match self.send(request).await {
            Ok((_, object)) => Ok(Some(object)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Server-side apply, taking fields from whoever has them.
    pub(crate) async fn apply(
        &self,
        place: &Place,
        object: &Value,
        manager: &str,
        dry_run: bool,
    ) -> Result<Applied, RequestError> {
        let params = PatchParams { dry_run, ..PatchParams::apply(manager).force() };
        let request = place.request().patch(&place.name, &params, &Patch::Apply(object));
        let (status, object) = self.send(request).await?;
        Ok(Applied { created: status == StatusCode::CREATED, object })
    }

    /// A JSON patch.
    pub(crate) async fn patch(&self, place: &Place, patch: &Value, manager: &str) -> Result<Value, RequestError> {
        let operations = serde_json::from_value(patch.clone()).expect("our patches have only valid operations");
        let params = PatchParams { field_manager: Some(manager.into()), ..PatchParams::default() };
        let request = place.request().patch(&place.name, &params, &Patch::Json::<()>(operations));
        Ok(self.send(request).await?.1)
    }

    /// Deletes in the background; with `uid` only if it is still that object.
    pub(crate) async fn delete(&self, place: &Place, uid: Option<&str>) -> Result<(), RequestError> {
        let mut params = DeleteParams::background();
        if let Some(uid) = uid {
            params = params.preconditions(Preconditions { uid: Some(uid.into()), resource_version: None });
        }
        match self.send(place.request().delete(&place.name, &params)).await {
            Err(error) if !error.is_not_found() => Err(error),
            _ => Ok(()),
        }
    }

    /// Reads any path as JSON.
    pub(crate) async fn read(&self, path: &str) -> Result<Value, RequestError> {
        let request = Request::get(path).body(Vec::new()).map_err(kube::Error::HttpError)?;
        Ok(self.exchange(request).await?.1)
    }

    async fn send(
        &self,
        request: Result<Request<Vec<u8>>, kube::core::request::Error>,
    ) -> Result<(StatusCode, Value), RequestError> {
        self.exchange(request.map_err(kube::Error::BuildRequest)?).await
    }

    async fn exchange(&self, mut request: Request<Vec<u8>>) -> Result<(StatusCode, Value), RequestError> {
        if let Some(user) = &self.user {
            request.headers_mut().insert(IMPERSONATE_USER, user.clone());
        }
        let response = self.client.send(request.map(Body::from)).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        match status.is_success() {
            true => Ok((status, serde_json::from_slice(&body).map_err(kube::Error::SerdeError)?)),
            false => Err(refusal(status, &body)),
        }
    }
}

/// The server's Status. A path that it does not serve, or a proxy in between, is answered in plain text.
fn refusal(code: StatusCode, body: &[u8]) -> RequestError {
    let status = serde_json::from_slice::<Status>(body).unwrap_or_else(|_| {
        let text = String::from_utf8_lossy(body);
        let (message, reason) = match code {
            StatusCode::NOT_FOUND => ("the server could not find the requested resource", reason::NOT_FOUND),
            _ if text.trim().is_empty() => (code.canonical_reason().unwrap_or_default(), ""),
            _ => (text.trim(), ""),
        };
        Status { code: code.as_u16(), ..Status::failure(message, reason) }
    });
    RequestError::Api(status.boxed())
}

impl Place {
    fn request(&self) -> kube::core::Request {
        kube::core::Request::new(DynamicObject::url_path(&self.resource, self.namespace.as_deref()))
    }

    /// The same place for an object of another name.
    pub(crate) fn named(&self, name: String) -> Self {
        Self { name, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_that_are_no_status_are_understood() {
        for (code, body, expected, is_not_found) in [
            (404, "404 page not found\n", "the server could not find the requested resource", true),
            (502, "", "Bad Gateway", false),
            (502, "upstream is away\n", "upstream is away", false),
            (409, r#"{"kind":"Status","message":"taken","reason":"Conflict","code":409}"#, "taken", false),
        ] {
            let error = refusal(StatusCode::from_u16(code).unwrap(), body.as_bytes());
            assert_eq!((error.to_string().as_str(), error.is_not_found()), (expected, is_not_found));
        }
    }
}

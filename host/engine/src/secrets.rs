//! Secrets that an object's spec binds, read for one call and handed to the plugin runtime as handles.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use weir_core::{Failure, condition::reasons};

use crate::context::Context;

/// The data of a Secret; never printed.
pub(crate) type Data = BTreeMap<String, Vec<u8>>;

/// Reads a Secret in `namespace`.
pub(crate) async fn read(cx: &Context, namespace: &str, name: &str) -> Result<Data, Failure> {
    let failed = |text: String| {
        let message = format!("failed to get secret '{namespace}/{name}': {text}");
        Failure::retry(reasons::AUTHENTICATION_FAILED, message)
    };
    match Api::<Secret>::namespaced(cx.client.clone(), namespace).get_opt(name).await {
        Ok(Some(secret)) => Ok(data(secret)),
        Ok(None) => Err(failed(format!("secrets \"{name}\" not found"))),
        Err(error) => Err(failed(error.to_string())),
    }
}

fn data(secret: Secret) -> Data {
    secret.data.unwrap_or_default().into_iter().map(|(key, value)| (key, value.0)).collect()
}

/// The custom CA of a Secret, under Flux's key or its older spelling.
pub(crate) fn custom_ca(data: &Data) -> Option<&Vec<u8>> {
    data.get("ca.crt").or_else(|| data.get("caFile"))
}

/// The client certificate and key of a Secret, under Flux's keys or their older spellings.
pub(crate) fn client_identity(data: &Data) -> Option<(Vec<u8>, Vec<u8>)> {
    let pair = |certificate: &str, key: &str| Some((data.get(certificate)?.clone(), data.get(key)?.clone()));
    pair("tls.crt", "tls.key").or_else(|| pair("certFile", "keyFile"))
}

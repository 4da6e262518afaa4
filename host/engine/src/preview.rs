//! What a Kustomization would apply, for `weir build`: the very steps of a reconcile, without one.

use kube::Client;
use serde_json::Value;
use weir_api::kustomization::KustomizationSpec;
use weir_core::{Failure, Object};

use crate::kustomization::{transform, variables};

/// The objects that the rendered `documents` become. Without a client, only variables that the spec itself holds are known.
///
/// # Errors
/// When a variable cannot be read or used, or a document is no object.
pub async fn objects(
    documents: Vec<Value>,
    spec: &KustomizationSpec,
    namespace: &str,
    client: Option<&Client>,
) -> Result<Vec<Object>, Failure> {
    let variables = match client {
        Some(client) => variables::load(client, spec, namespace).await?,
        None => variables::inline(spec)?,
    };
    transform::transform(documents, spec, &variables)
}

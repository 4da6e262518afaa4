//! Step 2: from an artifact to rendered documents, in the renderer's sandbox.

use futures::FutureExt;
use serde_json::{Value, json};
use weir_api::Kustomization;
use weir_core::{Artifact, Failure, condition::reasons};
use weir_plugin::{Format, Input, RenderRequest};
use weir_store::StoreError;

use crate::{
    context::{Context, key},
    outside, plugins,
};

/// What a build made.
pub(crate) struct Built {
    /// In the order of the build.
    pub(crate) documents: Vec<Value>,
    /// Whether the same artifact and spec may build to something else: it has remote bases, or a chart takes randomness.
    pub(crate) may_move: bool,
}

/// Builds an artifact.
pub(crate) async fn render(cx: &Context, object: &Kustomization, artifact: &Artifact) -> Result<Built, Failure> {
    let (store, wanted) = (cx.store.clone(), artifact.clone());
    let tree = plugins::blocking(move || store.open_tree(&wanted)).await.map_err(|e| unreadable(&e))?;
    let request = RenderRequest {
        object: plugins::object_ref(object),
        config: json!({"spec": object.spec, "enableHelm": cx.plugins.outside.rules().charts.is_some()}),
        path: relative(object.spec.path.as_deref().unwrap_or_default()),
        format: Format::Json,
        identity: Some(artifact.digest.clone()),
        ..RenderRequest::default()
    };
    let context = plugins::renderer_context(object, object.spec.timeout());
    let rendered = cx.plugins.outside.render(&cx.plugins.kustomize, &context, request, tree.path()).boxed().await;
    let rendered = rendered.map_err(|f| plugins::failure(&f, reasons::BUILD_FAILED))?;
    for Input { kind, name, revision } in &rendered.inputs {
        tracing::info!(object = %key(object), kind, name, revision, "build took something from outside of its artifact");
    }
    let documents = rendered.documents.iter().map(|text| read(text)).collect::<Result<_, _>>()?;
    Ok(Built { documents, may_move: outside::may_move(&rendered) })
}

/// A file that is gone (a new, empty storage) is built again by its source soon.
fn unreadable(error: &StoreError) -> Failure {
    match error {
        StoreError::Missing { .. } => {
            Failure::wait(reasons::ARTIFACT_FAILED, "Source is not ready, artifact not found, retrying in 30s")
        }
        _ => Failure::retry(reasons::ARTIFACT_FAILED, format!("artifact cannot be read: {error}")),
    }
}

/// Flux reads `./a`, `/a` and `a` alike; the plugin refuses what leaves the artifact.
fn relative(path: &str) -> String {
    path.trim_start_matches("./").trim_matches('/').to_owned()
}

fn read(text: &str) -> Result<Value, Failure> {
    serde_json::from_str(text).map_err(|e| {
        Failure::retry(reasons::BUILD_FAILED, format!("the renderer returned a document that is not JSON: {e}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_artifact() {
        for (path, expected) in [("", ""), ("./", ""), ("./a/b", "a/b"), ("/a", "a"), ("a/", "a")] {
            assert_eq!(relative(path), expected, "{path}");
        }
        assert_eq!(relative("."), ".");
    }
}

//! The kustomize renderer plugin: the engine over the host's tree.

mod tree;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use weir_kustomize::{BuildOptions, FileSystem, Resource, build, flux};
use weir_sdk::{Error, Format, Info, RenderContext, RenderRequest, Renderer, Result, Summary};

use tree::HostTree;

/// Flux's reason for a build that failed.
const BUILD_FAILED: &str = "BuildFailed";
/// Flux's reason for a path that is not in the artifact.
const ARTIFACT_FAILED: &str = "ArtifactFailed";

/// The plugin.
pub struct KustomizeRenderer;

weir_sdk::register!(renderer: KustomizeRenderer);

/// The parameters.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Config {
    /// The spec of a Flux Kustomization as stored; without it the directory is built as `kustomize build` does.
    #[serde(default)]
    pub spec: Option<Value>,
}

impl Renderer for KustomizeRenderer {
    type Config = Config;

    fn info() -> Info {
        weir_sdk::info!().named("kustomize").pure()
    }

    fn render(cx: &RenderContext, request: &RenderRequest<Config>) -> Result<Summary> {
        let tree = HostTree::new(cx.tree().whole());
        let resources = resources(&tree, request)?;
        let batch = cx.documents().batch();
        for resource in &resources {
            let text = match request.format {
                Format::Yaml => resource.to_yaml(),
                Format::Json => resource.to_json().map(|value| value.to_string()),
            };
            batch.emit(text.map_err(build_failed)?, None, 0)?;
        }
        Ok(Summary::new(batch.finish()?))
    }
}

fn resources(tree: &HostTree, request: &RenderRequest<Config>) -> Result<Vec<Resource>> {
    let path = normalized(&request.path)?;
    let exists = tree.is_dir(&path);
    tree.check()?;
    if !exists {
        return Err(Error::not_found(ARTIFACT_FAILED, format!("kustomization path not found: {}", request.path)));
    }
    let options = BuildOptions::default();
    let built = match &request.config.spec {
        Some(spec) => flux::build(tree, &path, spec, options),
        None => build(tree, &path, &options),
    };
    // What the host could not read looks like a missing file to the engine; the host's own error says more.
    tree.check()?;
    built.map_err(build_failed)
}

/// The path without `.` and empty parts. The host has done this already; `..` never comes from it.
fn normalized(path: &str) -> Result<String> {
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.contains(&"..") {
        return Err(Error::terminal(ARTIFACT_FAILED, format!("kustomization path not found: {path}")));
    }
    Ok(parts.join("/"))
}

fn build_failed(error: weir_kustomize::Error) -> Error {
    Error::terminal(BUILD_FAILED, error.chain())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use weir_sdk::testing::Harness;
    use weir_sdk::{Class, ObjectRef};

    use super::*;

    const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";

    fn harness() -> Harness {
        Harness::new()
            .file("app/kustomization.yaml", "resources: [map.yaml]\n")
            .file("app/map.yaml", MAP)
            .file("plain/map.yaml", MAP)
            .file("broken/kustomization.yaml", "resources: [nope.yaml]\n")
    }

    fn request(path: &str, spec: Option<Value>, format: Format) -> RenderRequest<Config> {
        RenderRequest {
            object: ObjectRef::default(),
            config: Config { spec },
            path: path.to_owned(),
            format,
            values: Vec::new(),
            capabilities: Value::Null,
        }
    }

    fn render(path: &str, spec: Option<Value>, format: Format) -> Result<Vec<String>> {
        let harness = harness();
        let cx = harness.render_context();
        KustomizeRenderer::render(&cx, &request(path, spec, format))?;
        Ok(harness.documents().into_iter().map(|document| document.text).collect())
    }

    #[test]
    fn documents_are_printed_as_asked_for() {
        assert_eq!(render("app", None, Format::Yaml).unwrap(), [MAP]);
        let json = r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}"#;
        assert_eq!(render("./app/", None, Format::Json).unwrap(), [json]);
    }

    #[test]
    fn a_spec_brings_fluxs_rules() {
        let spec = json!({"targetNamespace": "apps"});
        assert!(render("plain", Some(spec), Format::Yaml).unwrap()[0].contains("namespace: apps"));
    }

    #[test]
    fn failures_have_fluxs_reasons() {
        for (path, class, reason, message) in [
            ("nope", Class::NotFound, ARTIFACT_FAILED, "kustomization path not found: nope"),
            ("../x", Class::Terminal, ARTIFACT_FAILED, "kustomization path not found: ../x"),
            ("plain", Class::Terminal, BUILD_FAILED, "unable to find one of 'kustomization.yaml'"),
            ("broken", Class::Terminal, BUILD_FAILED, "accumulating resources: "),
        ] {
            let error = render(path, None, Format::Yaml).unwrap_err();
            assert_eq!((error.class(), error.reason()), (class, reason), "{path}");
            assert!(error.message().starts_with(message), "{}", error.message());
        }
    }
}

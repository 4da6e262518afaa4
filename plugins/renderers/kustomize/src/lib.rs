//! The kustomize renderer plugin: the engine over the host's tree.

mod outside;
mod tree;

use std::mem::ManuallyDrop;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use weir_kustomize::{BuildOptions, ChartRenderer, FileSystem, LoadRestrictions, Resource, SortOrder, build, flux};
use weir_sdk::{Error, Format, Info, RenderContext, RenderRequest, Renderer, Result, Summary};

use outside::HostOutside;
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
#[serde(rename_all = "camelCase")]
pub struct Config {
    /// The spec of a Flux Kustomization as stored; without it the directory is built as `kustomize build` does.
    #[serde(default)]
    pub spec: Option<Value>,
    /// `--load-restrictor`: which files kustomizations may name. A spec always gets Flux's rule, everything in the artifact.
    #[serde(default)]
    pub load_restrictor: LoadRestrictor,
    /// `--reorder`: the order where the kustomization does not say.
    #[serde(default)]
    pub reorder: Reorder,
    /// `--enable-helm`: whether charts are rendered.
    #[serde(default)]
    pub enable_helm: bool,
    /// `--enable-managedby-label`.
    #[serde(default)]
    pub managed_by_label: bool,
    /// Whether the summary says which documents are cluster-scoped, in `clusterScoped`: their positions as a JSON list.
    #[serde(default)]
    pub scopes: bool,
}

/// Values of `--load-restrictor`.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
pub enum LoadRestrictor {
    /// Files in the kustomization's directory and below.
    #[default]
    LoadRestrictionsRootOnly,
    /// Files anywhere in the tree.
    LoadRestrictionsNone,
}

/// Values of `--reorder`.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Reorder {
    /// By kind, then by name.
    #[default]
    Legacy,
    /// As found.
    None,
}

impl Renderer for KustomizeRenderer {
    type Config = Config;

    fn info() -> Info {
        let why = "remote files and bases, functions and charts, as kustomizations name them";
        weir_sdk::info!().named("kustomize").can_use("inputs", json!({}), why).pure()
    }

    fn render(cx: &RenderContext, request: &RenderRequest<Config>) -> Result<Summary> {
        // The instance ends with the call: to free what it holds until then is work for nothing.
        let tree = ManuallyDrop::new(HostTree::new(cx.tree()));
        let resources = ManuallyDrop::new(resources(cx, &tree, request)?);
        let batch = cx.documents().batch();
        for resource in resources.iter() {
            let text = match request.format {
                Format::Yaml => resource.to_yaml(),
                Format::Json => resource.to_json().map(|value| value.to_string()),
            };
            batch.emit(text.map_err(build_failed)?, None, 0)?;
        }
        let metadata = if request.config.scopes { vec![cluster_scoped(&resources)] } else { Vec::new() };
        Ok(Summary { documents: batch.finish()?, metadata })
    }
}

fn cluster_scoped(resources: &[Resource]) -> (String, String) {
    let positions = resources.iter().enumerate().filter(|(_, resource)| resource.is_cluster_scoped());
    let positions: Vec<usize> = positions.map(|(position, _)| position).collect();
    ("clusterScoped".to_owned(), json!(positions).to_string())
}

fn resources(cx: &RenderContext, tree: &HostTree, request: &RenderRequest<Config>) -> Result<Vec<Resource>> {
    let path = tree.resolve(&normalized(&request.path)?).filter(|path| tree.is_dir(path));
    tree.check()?;
    let Some(path) = path else {
        return Err(Error::not_found(ARTIFACT_FAILED, format!("kustomization path not found: {}", request.path)));
    };
    let outside = HostOutside { cx, tree };
    let options = options(&request.config, &outside);
    let built = match &request.config.spec {
        Some(spec) => flux::build(tree, &path, spec, options),
        None => build(tree, &path, &options),
    };
    // What the host could not read looks like a missing file to the engine; the host's own error says more.
    tree.check()?;
    built.map_err(build_failed)
}

fn options<'a>(config: &Config, outside: &'a HostOutside<'_>) -> BuildOptions<'a> {
    BuildOptions {
        restrictions: match config.load_restrictor {
            LoadRestrictor::LoadRestrictionsRootOnly => LoadRestrictions::RootOnly,
            LoadRestrictor::LoadRestrictionsNone => LoadRestrictions::None,
        },
        sort: match config.reorder {
            Reorder::Legacy => SortOrder::Legacy,
            Reorder::None => SortOrder::Fifo,
        },
        managed_by_label: config.managed_by_label,
        outside: Some(outside),
        charts: config.enable_helm.then_some(outside as &dyn ChartRenderer),
        ..BuildOptions::default()
    }
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
    use weir_sdk::testing::Harness;
    use weir_sdk::{Answer, Class, ObjectRef};

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
            config: Config { spec, ..Config::default() },
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

    #[test]
    fn what_is_outside_comes_from_the_host() {
        let far = "https://git.example.com/org/repo//app?ref=v1";
        let kustomization =
            format!("resources: ['https://files.example.com/m.yaml', '{far}']\ntransformers: [fn.yaml]\n");
        let config = "apiVersion: x/v1\nkind: Fn\nmetadata:\n  name: fn\n  annotations:\n    \
                      config.kubernetes.io/function: 'plugin: {image: fn}'\n";
        let base = || Harness::new().file("kustomization.yaml", &kustomization).file("fn.yaml", config);
        let run = |harness: &Harness| {
            let request = request("", None, Format::Yaml);
            let result = KustomizeRenderer::render(&harness.render_context(), &request);
            let documents: Vec<String> = harness.documents().into_iter().map(|document| document.text).collect();
            (result, documents, harness.asked())
        };
        let (first, _, asked) = run(&base());
        assert!(first.is_err());
        let names: Vec<&str> = asked.iter().map(|(_, name, _)| name.as_str()).collect();
        assert_eq!(names, ["https://files.example.com/m.yaml", far]);

        let answer = |content: &str| Ok(Answer { content: content.as_bytes().to_vec(), ..Answer::default() });
        let directory = Answer { directory: Some(".far/1".to_owned()), ..Answer::default() };
        let no_file = Error::transient(outside_status(), "status code 404 (Not Found)");
        let items =
            json!({"items": [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "made"}}]}).to_string();
        let full = base()
            .answer("http", "https://files.example.com/m.yaml", answer(MAP))
            .answer("http", far, Err(no_file))
            .answer("git", "https://git.example.com/org/repo", Ok(directory))
            .file(".far/1/app/kustomization.yaml", "namePrefix: far-\nresources: [m.yaml]\n")
            .file(".far/1/app/m.yaml", MAP)
            .answer("function", "fn", answer(&items));
        let (result, documents, asked) = run(&full);
        assert_eq!((result.unwrap().documents, asked), (1, vec![]));
        assert_eq!(documents, ["apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: made\n"]);
    }

    #[test]
    fn charts_are_rendered_by_the_host() {
        let run = |enable_helm: bool, harness: &Harness| {
            let mut request = request("", None, Format::Yaml);
            request.config.enable_helm = enable_helm;
            let result = KustomizeRenderer::render(&harness.render_context(), &request);
            let documents: Vec<String> = harness.documents().into_iter().map(|document| document.text).collect();
            (result.map_err(|error| error.message().to_owned()), documents, harness.asked())
        };
        let base = || {
            Harness::new()
                .file("kustomization.yaml", "namePrefix: my-\nhelmCharts: [{name: web, releaseName: shop}]\n")
                .file("charts/web/Chart.yaml", "name: web\n")
                .file("charts/web/values.yaml", "a: 1\n")
        };
        assert!(run(false, &base()).0.unwrap_err().contains("must specify --enable-helm"));
        let (first, _, asked) = run(true, &base());
        assert!(first.is_err());
        let (kind, name, body) = &asked[0];
        assert_eq!((kind.as_str(), name.as_str()), ("chart", "charts/web"));
        let body: Value = serde_json::from_slice(body).unwrap();
        assert_eq!(body["releaseName"], "shop");
        assert_eq!(body["values"], json!([["charts/web/values.yaml", "a: 1\n"]]));
        let made = Answer { directory: Some(".made".to_owned()), ..Answer::default() };
        let full = base()
            .answer("chart", "charts/web", Ok(made))
            .file(".made/0", MAP)
            .file(".made/1", MAP.replace("name: a", "name: b"));
        let (result, documents, _) = run(true, &full);
        assert_eq!(result.unwrap().documents, 2);
        assert_eq!(documents, [MAP.replace("name: a", "name: my-a"), MAP.replace("name: a", "name: my-b")]);
        let failed = base().answer("chart", "charts/web", Err(Error::terminal("ChartFailed", "no such value")));
        assert!(run(true, &failed).0.unwrap_err().contains("no such value"));
    }

    #[test]
    fn charts_that_are_not_there_are_pulled_by_the_host() {
        let run = |harness: &Harness| {
            let mut request = request("", None, Format::Yaml);
            request.config.enable_helm = true;
            let result = KustomizeRenderer::render(&harness.render_context(), &request);
            let mut asked = harness.asked();
            (result.map(|summary| summary.documents), asked.pop())
        };
        let chart = "helmCharts: [{name: web, repo: 'oci://r.example.com/org', valuesFile: own.yaml}]\n";
        let base = || Harness::new().file("kustomization.yaml", chart).file("own.yaml", "a: 1\n");
        let answer = |content: &str| Ok(Answer { content: content.as_bytes().to_vec(), ..Answer::default() });
        let (repository, reference) = ("oci://r.example.com/org/web", "oci://r.example.com/org/web:1.1.0");
        let (_, asked) = run(&base());
        assert_eq!(asked, Some(("tags".to_owned(), repository.to_owned(), Vec::new())));
        let with_tags = || base().answer("tags", repository, answer(r#"["1.0.0", "1.1.0"]"#));
        let (_, asked) = run(&with_tags());
        assert_eq!(asked, Some(("archive".to_owned(), reference.to_owned(), Vec::new())));
        let with_archive = || with_tags().answer("archive", reference, answer("packed"));
        let (kind, name, body) = run(&with_archive()).1.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((kind.as_str(), name.as_str()), ("chart", "web"));
        assert_eq!(body["archive"], json!({"kind": "archive", "name": reference}));
        let made = Answer { directory: Some(".made".to_owned()), ..Answer::default() };
        let full = with_archive().answer("chart", "web", Ok(made)).file(".made/0", MAP);
        assert_eq!(run(&full).0.unwrap(), 1);
        let wrong = base().answer("tags", repository, answer("no list"));
        assert!(run(&wrong).0.unwrap_err().message().contains("has no list of tags"));
    }

    fn outside_status() -> &'static str {
        "HTTPStatus"
    }

    #[test]
    fn links_are_followed_inside_of_the_tree() {
        let run = |path: &str, target: &str| {
            let harness = Harness::new()
                .file("app/kustomization.yaml", "namePrefix: my-\nresources: [base]\n")
                .file("shared/base/kustomization.yaml", "resources: [a.yaml]\n")
                .file("shared/base/a.yaml", MAP)
                .link("app/base", target)
                .link("current", "app");
            let result = KustomizeRenderer::render(&harness.render_context(), &request(path, None, Format::Yaml));
            let documents: Vec<String> = harness.documents().into_iter().map(|document| document.text).collect();
            result.map(|_| documents).map_err(|error| error.message().to_owned())
        };
        for path in ["app", "current"] {
            assert_eq!(run(path, "../shared/base"), Ok(vec![MAP.replace("name: a", "name: my-a")]), "{path}");
        }
        for target in ["../../shared/base", "/shared/base", "base"] {
            let message = run("app", target).unwrap_err();
            assert!(message.contains("'/app/base' is not in or below"), "{message}");
        }
        assert_eq!(run("nowhere", "x").unwrap_err(), "kustomization path not found: nowhere");
    }

    #[test]
    fn scopes_are_told_when_they_are_wanted() {
        let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n";
        let harness = Harness::new()
            .file("kustomization.yaml", "resources: [a.yaml]\n")
            .file("a.yaml", format!("{MAP}---\n{namespace}"));
        let mut request = request("", None, Format::Yaml);
        request.config.scopes = true;
        let summary = KustomizeRenderer::render(&harness.render_context(), &request).unwrap();
        assert_eq!(summary.metadata, [("clusterScoped".to_owned(), "[0]".to_owned())]);
    }
}

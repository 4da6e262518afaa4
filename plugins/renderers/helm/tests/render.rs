//! The plugin against a fake host.

use serde_json::{Value, json};
use weir_renderer_helm::{Config, HelmRenderer};
use weir_sdk::testing::Harness;
use weir_sdk::{Class, Error, Format, ObjectRef, RenderRequest, Renderer, Result, Summary};

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
";
const HOOK: &str = "apiVersion: v1
kind: Pod
metadata:
  name: check
  annotations:
    helm.sh/hook: test, pre-install
    helm.sh/hook-weight: \"-5\"
    helm.sh/hook-delete-policy: hook-succeeded
";
const CRDS: &str =
    "kind: CustomResourceDefinition\nmetadata: {name: a}\n---\nkind: CustomResourceDefinition\nmetadata: {name: b}\n";

fn chart() -> Harness {
    Harness::new()
        .file("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.2.3\nappVersion: \"4\"\n")
        .file("charts/web/values.yaml", "replicas: 1\n")
        .file("charts/web/templates/deployment.yaml", DEPLOYMENT)
        .file("charts/web/templates/hook.yaml", HOOK)
        .file("charts/web/templates/NOTES.txt", "Hello {{ .Release.Namespace }}.")
        .file("charts/web/crds/all.yaml", CRDS)
}

fn request(config: Value, format: Format) -> RenderRequest<Config> {
    RenderRequest {
        object: ObjectRef::default(),
        config: serde_json::from_value(config).unwrap(),
        path: "charts/web".to_owned(),
        format,
        values: Vec::new(),
        capabilities: Value::Null,
    }
}

fn run(host: &Harness, request: &RenderRequest<Config>) -> Result<Summary> {
    HelmRenderer::render(&host.render_context(), request)
}

fn metadata(summary: &Summary, key: &str) -> Option<String> {
    summary.metadata.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone())
}

fn release() -> Value {
    json!({"release": {"name": "shop", "namespace": "apps"}})
}

fn with(more: Value) -> Value {
    let mut config = release();
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    config
}

#[test]
fn documents_come_with_what_they_are() {
    let host = chart();
    let summary = run(&host, &request(with(json!({"includeCrds": true})), Format::Yaml)).unwrap();
    let documents = host.documents();
    let paths: Vec<&str> = documents.iter().filter_map(|document| document.path.as_deref()).collect();
    assert_eq!(paths, ["web/crds/all.yaml", "web/templates/deployment.yaml", "web/templates/hook.yaml"]);
    assert_eq!(documents[0].text, CRDS, "a file of definitions comes as it is");
    assert!(documents[1].text.contains("name: shop\n"), "{}", documents[1].text);
    assert_eq!((summary.documents, metadata(&summary, "crds").as_deref()), (3, Some("1")));
    assert_eq!(metadata(&summary, "notes").as_deref(), Some("Hello apps."));
    let chart: Value = serde_json::from_str(&metadata(&summary, "chart").unwrap()).unwrap();
    assert_eq!(chart, json!({"name": "web", "version": "1.2.3", "appVersion": "4"}));
    let hooks: Value = serde_json::from_str(&metadata(&summary, "hooks").unwrap()).unwrap();
    let expected = json!([{
        "document": 2, "name": "check", "kind": "Pod", "path": "web/templates/hook.yaml", "weight": -5,
        "events": ["test", "pre-install"], "deletePolicies": ["hook-succeeded"], "outputLogPolicies": [],
    }]);
    assert_eq!(hooks, expected);
    assert_eq!(metadata(&summary, "functions"), None);
    assert!(host.tree_crossings() <= 2, "one listing, one read: {}", host.tree_crossings());
}

#[test]
fn the_next_release_finds_the_chart() {
    let host = chart();
    run(&host, &request(release(), Format::Yaml)).unwrap();
    let crossings = host.tree_crossings();
    let mut second = request(json!({"release": {"name": "other", "namespace": "apps"}}), Format::Yaml);
    second.values = vec![("values.yaml".to_owned(), "replicas: 7\n".to_owned())];
    run(&host, &second).unwrap();
    assert_eq!(host.tree_crossings(), crossings, "nothing of the tree is read again");
    let text = &host.documents().iter().rfind(|document| document.text.contains("Deployment")).unwrap().text.clone();
    assert!(text.contains("name: other\n") && text.contains("replicas: 7"), "{text}");

    let changed = host.file("charts/web/templates/deployment.yaml", "kind: Changed\n");
    run(&changed, &second).unwrap();
    assert!(changed.documents().iter().any(|document| document.text.contains("Changed")));
}

#[test]
fn json_has_one_object_a_document() {
    let host = chart();
    let summary = run(&host, &request(with(json!({"includeCrds": true})), Format::Json)).unwrap();
    let objects: Vec<Value> =
        host.documents().iter().map(|document| serde_json::from_str(&document.text).unwrap()).collect();
    assert_eq!(objects.len(), 4);
    assert_eq!(metadata(&summary, "crds").as_deref(), Some("2"));
    assert_eq!(objects[2]["spec"]["replicas"], json!(1));
    let hooks: Value = serde_json::from_str(&metadata(&summary, "hooks").unwrap()).unwrap();
    assert_eq!(hooks[0]["document"], json!(3));
}

#[test]
fn values_lie_over_each_other() {
    let replicas = |set: Value, values: &[(&str, &str)], files: Value| {
        let host = chart();
        let mut request = request(with(json!({"set": set, "files": files})), Format::Json);
        request.values = values.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        run(&host, &request).unwrap();
        serde_json::from_str::<Value>(&host.documents()[0].text).unwrap()["spec"]["replicas"].clone()
    };
    let none = || json!({});
    assert_eq!(replicas(json!([]), &[("a", "replicas: 2\n"), ("b", "replicas: 3\n")], none()), json!(3));
    let set = |kind: &str, expression: &str| json!([{"kind": kind, "expression": expression}]);
    assert_eq!(replicas(set("value", "replicas=4"), &[("a", "replicas: 2\n")], none()), json!(4));
    assert_eq!(replicas(set("json", "replicas=5"), &[], none()), json!(5));
    assert_eq!(replicas(set("file", "replicas=n.txt"), &[], json!({"n.txt": "6"})), json!(6));
    assert_eq!(replicas(set("file", "replicas=n.txt"), &[], json!({"n.txt": [55]})), json!(7));
}

#[test]
fn hooks_and_templates_can_be_left_out() {
    let paths = |more: Value| {
        let host = chart();
        run(&host, &request(with(more), Format::Yaml)).unwrap();
        host.documents().into_iter().map(|one| one.path.unwrap_or(one.text)).collect::<Vec<_>>()
    };
    assert_eq!(paths(json!({"skipTests": true})), ["web/templates/deployment.yaml"]);
    assert_eq!(paths(json!({"disableHooks": true})), ["web/templates/deployment.yaml"]);
    let shown = paths(json!({"showOnly": ["templates/h*.yaml"]}));
    assert_eq!(shown, [format!("# Source: web/templates/hook.yaml\n{}", HOOK.trim_end())]);
}

#[test]
fn what_the_cluster_offers_reaches_the_chart() {
    let host = chart().file(
        "charts/web/templates/deployment.yaml",
        "kind: A\nversion: {{ .Capabilities.KubeVersion }}\nhas: {{ has \"x/v1\" .Capabilities.APIVersions }}\nown: {{ .Capabilities.APIVersions.Has \"apps/v1\" }}\n",
    );
    let seen = |capabilities: Value| {
        let config = with(json!({"extraApiVersions": ["x/v1"]}));
        run(&host, &RenderRequest { capabilities, ..request(config, Format::Json) }).unwrap();
        serde_json::from_str::<Value>(&host.documents().iter().rev().nth(1).unwrap().text).unwrap()
    };
    let cluster = seen(json!({"kubeVersion": "v1.30.1", "apiVersions": ["v1"]}));
    assert_eq!(cluster, json!({"kind": "A", "version": "v1.30.1", "has": true, "own": false}));
    assert_eq!(seen(Value::Null)["own"], json!(true), "without a cluster, what Helm knows");
}

#[test]
fn post_renderers_patch_what_was_rendered() {
    let patch = json!({"kustomize": {"patches": [
        {"patch": "- op: add\n  path: /metadata/labels\n  value: {a: b}\n", "target": {"name": ".*"}},
    ]}});
    let labels = |more: Value| {
        let host = chart();
        let mut config = with(json!({"postRenderers": [patch]}));
        config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        run(&host, &request(config, Format::Json)).unwrap();
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap()["metadata"]["labels"].clone();
        host.documents().iter().map(|document| read(&document.text)).collect::<Vec<_>>()
    };
    assert_eq!(labels(json!({})), [json!({"a": "b"}), json!({"a": "b"})], "hooks as well");
    assert_eq!(labels(json!({"postRenderStrategy": "nohooks"})), [json!({"a": "b"}), Value::Null]);
    assert_eq!(labels(json!({"helmVersion": "3"})), [json!({"a": "b"}), Value::Null], "as Helm 3 does");
}

#[test]
fn what_is_not_the_same_every_time_is_reported() {
    let template = "kind: A\na: {{ randAlphaNum 8 }}\nb: {{ now | date \"2006\" }}\n";
    let host = chart().file("charts/web/templates/deployment.yaml", template);
    let summary = run(&host, &request(release(), Format::Yaml)).unwrap();
    let functions = metadata(&summary, "functions").unwrap();
    assert!(functions.contains("now") && functions.contains("randAlphaNum"), "{functions}");
}

#[test]
fn failures_have_fluxs_reasons() {
    let fails = |path: &str, files: &[(&str, &str)], more: Value| -> Error {
        let host = files.iter().fold(chart(), |host, (path, text)| host.file(path, text));
        run(&host, &RenderRequest { path: path.to_owned(), ..request(with(more), Format::Yaml) }).unwrap_err()
    };
    let none = || json!({});
    let template = "charts/web/templates/deployment.yaml";
    let upgrade = json!({"release": {"name": "shop", "isUpgrade": true}});
    for (error, class, reason, message) in [
        (fails("charts/none", &[], none()), Class::NotFound, "ArtifactFailed", "path \"charts/none\" not found"),
        (fails("../x", &[], none()), Class::NotFound, "ArtifactFailed", "path \"../x\" not found"),
        (fails("charts", &[], none()), Class::Terminal, "ArtifactFailed", "unable to detect chart at Chart.yaml"),
        (fails("charts/web/values.yaml", &[], none()), Class::Terminal, "ArtifactFailed", ""),
        (
            fails("charts/web", &[], json!({"set": [{"kind": "value", "expression": "a"}]})),
            Class::Terminal,
            "ValuesError",
            "failed parsing --set data: key \"a\" has no value",
        ),
        (fails("charts/web", &[(template, "{{ fail \"no\" }}")], none()), Class::Terminal, "InstallFailed", "no"),
        (fails("charts/web", &[(template, "{{ fail \"no\" }}")], upgrade), Class::Terminal, "UpgradeFailed", "no"),
        (
            fails("charts/web", &[(template, "{{ range $i := until 1000000000 }}x{{ end }}")], none()),
            Class::Terminal,
            "PluginResourceExhausted",
            "plugin `helm` gives up on the chart",
        ),
    ] {
        assert_eq!((error.class(), error.reason()), (class, reason), "{error}");
        assert!(error.message().contains(message), "{error}");
    }
}

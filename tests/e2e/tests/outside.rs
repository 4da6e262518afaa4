//! What a Kustomization takes from outside of its artifact: remote bases and files, functions, charts.

use std::sync::Arc;

use axum::{Router, routing::get};
use parking_lot::Mutex;
use serde_json::json;
use tokio::net::TcpListener;
use weir_daemon::Config;
use weir_devenv::{GitServer, Registry};
use weir_e2e::{Engine, Scope, View, config, fleet::config_map, guests, mirrors, quiet};

/// A namespace whose repository holds these files, a source, a Kustomization over it, and an
/// engine of its own with more settings.
async fn start(name: &str, files: &[(&str, String)], settings: Config) -> (Scope, Engine) {
    let t = Scope::new(quiet().await, name).await;
    t.commit(files.iter().map(|(path, text)| (*path, text.clone())));
    t.source().await;
    t.kustomization("apps", json!({"targetNamespace": name})).await;
    let engine = Engine::start(Config { namespace: Some(name.to_owned()), ..settings }).await;
    (t, engine)
}

async fn settings() -> Config {
    config(quiet().await.control.kubeconfig())
}

fn kustomization(fields: &str) -> (&'static str, String) {
    ("kustomization.yaml", fields.to_owned())
}

async fn value(t: &Scope, name: &str) -> String {
    t.get("ConfigMap", name).await.text("/data/value").to_owned()
}

async fn build_failed(t: &Scope) -> View {
    t.failed("Kustomization", "apps", "BuildFailed").await
}

/// The declared URL reaches no network here: only the mirror answers.
#[tokio::test(flavor = "multi_thread")]
async fn a_remote_base_comes_from_the_mirror_and_is_looked_at_again() {
    let server = GitServer::start(None).await.unwrap();
    let base = server.repo("org/base", None).unwrap();
    base.write("app/kustomization.yaml", "namePrefix: far-\nresources: [m.yaml]\n").unwrap();
    base.write("app/m.yaml", config_map("map", "1")).unwrap();
    base.commit("one").unwrap();
    let rule = format!("https://github.com/={}", server.url("x").replace("x.git", ""));
    let file = kustomization("nameSuffix: -near\nresources: ['github.com/org/base.git//app?ref=main']\n");
    let config = Config { mirrors: mirrors([rule.as_str()]), ..settings().await };
    let (t, engine) = start("outside-base", &[file], config).await;
    t.ready("Kustomization", "apps").await;
    assert_eq!(value(&t, "far-map-near").await, "1");
    // The artifact is the same: what is new is only out there.
    base.write("app/m.yaml", config_map("map", "2")).unwrap();
    base.commit("two").unwrap();
    t.reconcile("Kustomization", "apps").await;
    assert_eq!(value(&t, "far-map-near").await, "2");
    engine.stop().await;
}

#[tokio::test]
async fn a_remote_base_that_is_gone_fails_the_build_and_deletes_nothing() {
    let server = GitServer::start(None).await.unwrap();
    let base = server.repo("org/base", None).unwrap();
    base.write("m.yaml", config_map("map", "1")).unwrap();
    base.write("kustomization.yaml", "resources: [m.yaml]\n").unwrap();
    base.commit("one").unwrap();
    let resource = |reference: &str| {
        let url = server.url("org/base");
        kustomization(&format!("resources: ['git::{url}?ref={reference}']\n"))
    };
    let (t, engine) = start("outside-gone", &[resource("main")], settings().await).await;
    t.ready("Kustomization", "apps").await;
    let failed = t.push_failing("apps", "BuildFailed", [resource("none")]).await;
    assert!(failed.message().contains("couldn't find remote ref none"), "{}", failed.message());
    assert_eq!(failed.inventory(), ["outside-gone_map__ConfigMap"]);
    assert_eq!(value(&t, "map").await, "1");
    engine.stop().await;
}

#[tokio::test]
async fn remote_bases_are_refused_when_the_operator_says_so() {
    let file = kustomization("resources: ['https://github.com/org/base.git//app?ref=main']\n");
    let config = Config { no_remote_bases: true, ..settings().await };
    let (t, engine) = start("outside-no-bases", &[file], config).await;
    let failed = build_failed(&t).await;
    let expected = "remote files and bases are not allowed (`--no-remote-bases`): https://github.com/org/base.git";
    assert!(failed.message().contains(expected), "{}", failed.message());
    // The step that failed is told, and the revision counts as attempted.
    let revision = failed.text("/status/lastAttemptedRevision");
    assert!(revision.starts_with("main@sha1:"), "{revision}");
    let step = format!("Building manifests for revision {revision} with a timeout of 59m30s");
    assert_eq!(failed.condition("Reconciling"), format!("True ProgressingWithRetry: {step}"));
    engine.stop().await;
}

/// Serves `/m.yaml`, whatever it is at the time.
async fn web_server(content: Arc<Mutex<String>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let answer = move || std::future::ready(content.lock().clone());
    let router = Router::new().route("/m.yaml", get(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remote_file_is_applied_as_it_is_now() {
    let content = Arc::new(Mutex::new(config_map("map", "1")));
    let rule = format!("https://files.example.com/={}", web_server(content.clone()).await);
    let file = kustomization("resources: ['https://files.example.com/m.yaml']\n");
    let config = Config { mirrors: mirrors([rule.as_str()]), ..settings().await };
    let (t, engine) = start("outside-file", &[file], config).await;
    t.ready("Kustomization", "apps").await;
    assert_eq!(value(&t, "map").await, "1");
    *content.lock() = config_map("map", "2");
    t.reconcile("Kustomization", "apps").await;
    assert_eq!(value(&t, "map").await, "2");
    let gone = kustomization("resources: ['https://files.example.com/gone.yaml']\n");
    let failed = t.push_failing("apps", "BuildFailed", [gone]).await;
    assert!(failed.message().contains("status code 404"), "{}", failed.message());
    engine.stop().await;
}

fn function(image: &str) -> [(&'static str, String); 3] {
    let text = format!(
        "apiVersion: example.com/v1\nkind: Label\nmetadata:\n  name: fn\n  annotations:\n    config.kubernetes.io/function: |\n      \
         plugin: {{image: '{image}'}}\nlabels: {{team: x}}\n"
    );
    let file = kustomization("resources: [m.yaml]\ntransformers: [fn.yaml]\n");
    [file, ("m.yaml", config_map("map", "1")), ("fn.yaml", text)]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_from_a_registry_is_called_when_it_is_allowed_and_pinned() {
    let registry = Registry::start().await.unwrap();
    let pinned = guests::push(&registry, "function").await;
    let allowed = vec![format!("oci://{}/functions/*", registry.host())];
    let config = Config { allowed_functions: allowed, ..settings().await };
    let (t, engine) = start("outside-function", &function(&pinned), config).await;
    t.ready("Kustomization", "apps").await;
    assert_eq!(t.get("ConfigMap", "map").await.text("/metadata/labels/team"), "x");

    let (repository, _) = pinned.split_once('@').unwrap();
    let failed = t.push_failing("apps", "BuildFailed", function(&format!("{repository}:1"))).await;
    assert!(failed.message().contains("function is not pinned"), "{}", failed.message());
    let other = format!("{repository}@sha256:{}", "0".repeat(64));
    let failed = t.push_failing("apps", "BuildFailed", function(&other)).await;
    assert!(failed.message().contains(&format!("cannot load {other}")), "{}", failed.message());
    assert_eq!(t.get("ConfigMap", "map").await.text("/metadata/labels/team"), "x");
    engine.stop().await;
}

#[tokio::test]
async fn no_function_is_called_unless_it_is_allowed() {
    // Nothing listens there: that it is refused is told before anything is fetched.
    let image = format!("oci://127.0.0.1:1/functions/function@sha256:{}", "0".repeat(64));
    let config = Config { allowed_functions: vec!["oci://127.0.0.1:1/others/*".into()], ..settings().await };
    let (t, engine) = start("outside-refused", &function(&image), config).await;
    let failed = build_failed(&t).await;
    assert!(failed.message().contains(&format!("function is not allowed: {image}")), "{}", failed.message());
    assert!(t.find("ConfigMap", "map").await.is_none());
    engine.stop().await;
}

fn chart() -> Vec<(&'static str, String)> {
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-map\n  namespace: {{ .Release.Namespace }}\ndata:\n  value: {{ .Values.value | quote }}\n";
    let fields = "helmCharts:\n- name: web\n  releaseName: shop\n  valuesInline: {value: inline}\n";
    [
        ("kustomization.yaml", fields),
        ("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
        ("charts/web/values.yaml", "value: own\n"),
        ("charts/web/templates/map.yaml", template),
    ]
    .map(|(path, text)| (path, text.to_owned()))
    .into()
}

#[tokio::test]
async fn charts_are_rendered_when_the_operator_says_so() {
    let config = Config { enable_helm: true, ..settings().await };
    let (t, engine) = start("outside-chart", &chart(), config).await;
    t.ready("Kustomization", "apps").await;
    assert_eq!(value(&t, "shop-map").await, "inline");
    engine.stop().await;
}

#[tokio::test]
async fn charts_are_refused_otherwise() {
    let (t, engine) = start("outside-no-chart", &chart(), settings().await).await;
    let failed = build_failed(&t).await;
    assert!(failed.message().contains("must specify --enable-helm"), "{}", failed.message());
    assert!(t.find("ConfigMap", "shop-map").await.is_none());
    engine.stop().await;
}

//! What a build makes of a folder: the fields of the spec that change it, and substitution.

use serde_json::json;
use weir_e2e::{
    Scope,
    fleet::{config_map, deployment},
    shared,
};

#[tokio::test]
async fn the_fields_of_the_spec_change_the_build() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "build-fields").await;
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources:\n  - extra.yaml\n";
    let base = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - app.yaml\nimages:\n  - name: example.com/app\n    newTag: 1.5.0\n";
    t.commit([
        ("base/kustomization.yaml", base.to_owned()),
        ("base/app.yaml", deployment("app")),
        ("component/kustomization.yaml", component.to_owned()),
        ("component/extra.yaml", config_map("extra", "1")),
    ]);
    t.source().await;
    t.kustomization(
        "apps",
        json!({
            "path": "./base", "targetNamespace": "build-fields", "namePrefix": "pre-", "nameSuffix": "-post",
            "components": ["../component"],
            "images": [{"name": "example.com/app", "newName": "example.org/other"}],
            "patches": [{"target": {"kind": "Deployment"}, "patch": "- op: replace\n  path: /spec/replicas\n  value: 2\n"}],
            "commonMetadata": {"labels": {"team": "a"}, "annotations": {"note": "b"}},
        }),
    )
    .await;
    t.ready("Kustomization", "apps").await;
    let app = t.get("Deployment", "pre-app-post").await;
    assert_eq!(app.at("/spec/replicas"), &json!(2));
    assert_eq!(
        app.text("/spec/template/spec/containers/0/image"),
        "example.org/other:1.5.0",
        "a partial override keeps the tag"
    );
    let extra = t.get("ConfigMap", "pre-extra-post").await;
    assert_eq!(extra.text("/metadata/labels/team"), "a");
    assert_eq!(extra.text("/metadata/annotations/note"), "b");
}

#[tokio::test]
async fn variables_are_substituted() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "build-variables").await;
    let data = |name: &str, key: &str, value: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {key: value}});
    t.apply(data("first", "a", "from-first")).await;
    t.apply(data("second", "a", "from-second")).await;
    t.apply(json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "third"}, "stringData": {"c": "from-secret"}})).await;
    let plain = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: plain\n  annotations:\n    kustomize.toolkit.fluxcd.io/substitute: disabled\ndata:\n  value: ${a}\n";
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: text\ndata:\n  a: ${a}\n  b: ${b}\n  c: ${c}\n  d: ${d:=default}\n  e: $e $(f) $${g}\n  h: ${b:0:4}\n";
    t.commit([("plain.yaml", plain.to_owned()), ("text.yaml", text.to_owned())]);
    t.source().await;
    let from = json!([
        {"kind": "ConfigMap", "name": "first"}, {"kind": "ConfigMap", "name": "second"}, {"kind": "Secret", "name": "third"},
        {"kind": "ConfigMap", "name": "none", "optional": true},
    ]);
    let post_build = json!({"substitute": {"b": "inline"}, "substituteFrom": from});
    t.kustomization("apps", json!({"targetNamespace": "build-variables", "postBuild": post_build})).await;
    t.ready("Kustomization", "apps").await;
    assert_eq!(
        t.get("ConfigMap", "text").await.at("/data"),
        &json!({"a": "from-second", "b": "inline", "c": "from-secret", "d": "default", "e": "$e $(f) ${g}", "h": "inli"})
    );
    assert_eq!(t.get("ConfigMap", "plain").await.text("/data/value"), "${a}");

    let failed = t.push_failing("apps", "BuildFailed", [("text.yaml", text.replace("${b}", "${missing}"))]).await;
    assert!(failed.message().contains("variable not set (strict mode): \"missing\""), "{}", failed.message());
    assert_eq!(t.get("ConfigMap", "text").await.text("/data/b"), "inline", "a failed build applies nothing");
}

#[tokio::test]
async fn a_broken_build_is_told() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "build-broken").await;
    t.commit([("kustomization.yaml", "resources:\n  - gone.yaml\n".to_owned())]);
    t.source().await;
    t.kustomization("apps", json!({})).await;
    let failed = t.failed("Kustomization", "apps", "BuildFailed").await;
    assert!(failed.message().contains("gone.yaml"), "{}", failed.message());
    t.event("apps", "for the failure", |event| event.starts_with("Warning BuildFailed: ")).await;
}

#[tokio::test]
async fn an_empty_folder_prunes_everything() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "build-empty").await;
    t.commit([("apps/a.yaml", config_map("a", "1")), ("apps/.keep", String::new())]);
    t.source().await;
    t.kustomization("apps", json!({"path": "apps", "targetNamespace": "build-empty"})).await;
    t.ready("Kustomization", "apps").await;
    let revision = t.commit_without(&["apps/a.yaml"]);
    t.request("GitRepository", "repo").await;
    assert!(t.applied("apps", &revision).await.inventory().is_empty());
    t.gone("ConfigMap", "a").await;
}

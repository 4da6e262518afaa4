//! Labels that divide objects between processes, and labels that wake.

use serde_json::json;
use weir_daemon::Config;
use weir_e2e::{Engine, Scope, config, fleet::config_map, quiet};

const KEY: &str = "sharding.fluxcd.io/key";

fn labels(key: &str, value: &str) -> serde_json::Value {
    json!({"metadata": {"labels": {key: value}}})
}

#[tokio::test]
async fn an_engine_handles_only_its_share() {
    let plane = quiet().await;
    let t = Scope::new(plane, "selectors-share").await;
    t.commit([("a/a.yaml", config_map("a", "1")), ("b/b.yaml", config_map("b", "1"))]);
    t.source().await;
    t.edit("GitRepository", "repo", "test", labels(KEY, "one")).await;
    for name in ["a", "b"] {
        t.kustomization(name, json!({"targetNamespace": t.namespace(), "path": name})).await;
    }
    t.edit("Kustomization", "a", "test", labels(KEY, "one")).await;
    let settings = Config { namespace: Some(t.namespace().into()), ..config(plane.control.kubeconfig()) };
    let share = Config { watch_label_selector: Some(format!("{KEY}=one")), ..settings };
    let engine = Engine::start(share).await;
    let first = t.ready("Kustomization", "a").await;
    assert_eq!(engine.reconciles("Kustomization", t.namespace(), "b").await, 0);
    assert!(t.find("ConfigMap", "b").await.is_none());

    // The labels move, the generations do not.
    t.edit("Kustomization", "a", "test", labels(KEY, "two")).await;
    t.edit("Kustomization", "b", "test", labels(KEY, "one")).await;
    t.ready("Kustomization", "b").await;
    t.request("Kustomization", "a").await;
    let revision = t.commit([("a/a.yaml", config_map("a", "2")), ("b/b.yaml", config_map("b", "2"))]);
    t.request("GitRepository", "repo").await;
    t.applied("b", &revision).await;
    let left = t.get("Kustomization", "a").await;
    assert_eq!(left.at("/status"), first.at("/status"));
    assert_eq!(t.get("ConfigMap", "a").await.text("/data/value"), "1");
    engine.stop().await;
}

#[tokio::test]
async fn a_label_of_choice_wakes_who_reads_a_config() {
    let plane = quiet().await;
    let t = Scope::new(plane, "selectors-configs").await;
    let variables = |value: &str, key: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "vars", "labels": {key: "yes"}}, "data": {"v": value}});
    t.apply(variables("one", "example.com/watch")).await;
    t.commit([("a.yaml", config_map("a", "${v}"))]);
    t.source().await;
    let from = json!({"substituteFrom": [{"kind": "ConfigMap", "name": "vars"}]});
    t.kustomization("apps", json!({"targetNamespace": t.namespace(), "postBuild": from})).await;
    let settings = Config { namespace: Some(t.namespace().into()), ..config(plane.control.kubeconfig()) };
    let chosen = Config { watch_configs_label_selector: "example.com/watch=yes".into(), ..settings };
    let engine = Engine::start(chosen).await;
    t.ready("Kustomization", "apps").await;
    t.apply(variables("two", "example.com/watch")).await;
    t.wait("ConfigMap", "a", "with the new value", |o| o.text("/data/value") == "two").await;
    engine.stop().await;
}

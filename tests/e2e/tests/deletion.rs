//! What a deleted Kustomization leaves.

use serde_json::json;
use weir_daemon::Config;
use weir_e2e::{Engine, Scope, config, fleet::config_map, quiet, shared};

#[tokio::test]
async fn the_deletion_policy_decides() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "deletion-policy").await;
    t.commit([("a.yaml", config_map("a", "1"))]);
    t.source().await;
    let cases = [
        ("mirror-prune", json!({"prune": true}), false),
        ("mirror-keep", json!({"prune": false}), true),
        ("mirror-named", json!({"prune": true, "deletionPolicy": "MirrorPrune"}), false),
        ("delete-prune", json!({"prune": true, "deletionPolicy": "Delete"}), false),
        ("delete-keep", json!({"prune": false, "deletionPolicy": "Delete"}), false),
        ("wait-prune", json!({"prune": true, "deletionPolicy": "WaitForTermination"}), false),
        ("wait-keep", json!({"prune": false, "deletionPolicy": "WaitForTermination"}), false),
        ("orphan-prune", json!({"prune": true, "deletionPolicy": "Orphan"}), true),
        ("orphan-keep", json!({"prune": false, "deletionPolicy": "Orphan"}), true),
        ("suspended", json!({"prune": true, "deletionPolicy": "Delete"}), true),
    ];
    for (name, spec, _) in &cases {
        let mut spec = spec.clone();
        spec["targetNamespace"] = json!("deletion-policy");
        spec["nameSuffix"] = json!(format!("-{name}"));
        t.kustomization(name, spec).await;
    }
    for (name, ..) in &cases {
        t.ready("Kustomization", name).await;
    }
    t.edit("Kustomization", "suspended", "flux", json!({"spec": {"suspend": true}})).await;
    for (name, ..) in &cases {
        t.delete("Kustomization", name).await;
    }
    for (name, _, kept) in &cases {
        t.gone("Kustomization", name).await;
        assert_eq!(t.find("ConfigMap", &format!("a-{name}")).await.is_some(), *kept, "{name}");
    }
}

#[tokio::test]
async fn waiting_for_termination_waits() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "deletion-wait").await;
    let held = config_map("held", "1").replace("name: held", "name: held\n  finalizers:\n    - example.com/hold");
    t.commit([("held.yaml", held)]);
    t.source().await;
    let spec = json!({"targetNamespace": "deletion-wait", "deletionPolicy": "WaitForTermination", "timeout": "30m"});
    t.kustomization("apps", spec).await;
    t.ready("Kustomization", "apps").await;
    t.delete("Kustomization", "apps").await;
    t.wait("ConfigMap", "held", "being deleted", |o| !o.text("/metadata/deletionTimestamp").is_empty()).await;
    assert!(t.find("Kustomization", "apps").await.is_some());
    t.edit("ConfigMap", "held", "holder", json!({"metadata": {"finalizers": []}})).await;
    t.gone("Kustomization", "apps").await;
    assert!(t.find("ConfigMap", "held").await.is_none());
}

/// It was deleted before the engine ever saw it, and somebody else's finalizer keeps it.
#[tokio::test]
async fn what_is_deleted_before_it_has_our_finalizer_is_not_applied() {
    let plane = quiet().await;
    let t = Scope::new(plane, "deletion-early").await;
    t.commit([("a.yaml", config_map("a", "1"))]);
    t.source().await;
    for name in ["early", "other"] {
        t.kustomization(name, json!({"targetNamespace": "deletion-early", "nameSuffix": format!("-{name}")})).await;
    }
    let hold = json!({"metadata": {"finalizers": ["example.com/hold"]}});
    t.edit("Kustomization", "early", "holder", hold).await;
    t.delete("Kustomization", "early").await;
    let settings = config(plane.control.kubeconfig());
    let engine = Engine::start(Config { namespace: Some("deletion-early".into()), ..settings }).await;
    t.ready("Kustomization", "other").await;
    engine.stop().await;
    let held = t.get("Kustomization", "early").await;
    assert_eq!(held.at("/metadata/finalizers"), &json!(["example.com/hold"]));
    assert!(t.find("ConfigMap", "a-early").await.is_none());
    t.edit("Kustomization", "early", "holder", json!({"metadata": {"finalizers": []}})).await;
    t.gone("Kustomization", "early").await;
}

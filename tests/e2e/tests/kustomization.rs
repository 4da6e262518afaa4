//! Kustomization: from a folder in Git to objects in the cluster, and what its status and events say.

use serde_json::json;
use weir_e2e::{Scope, fleet::config_map, shared};

#[tokio::test]
async fn a_folder_is_applied_and_told() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "ks-applied").await;
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: ks-applied:reader\nrules: []\n";
    let revision = t.commit([
        ("apps/b.yaml", config_map("b", "1")),
        ("apps/nested/a.yaml", config_map("a", "1")),
        ("apps/role.yaml", role.to_owned()),
    ]);
    t.source().await;
    t.kustomization("apps", json!({"path": "./apps", "targetNamespace": "ks-applied"})).await;
    let object = t.ready("Kustomization", "apps").await;
    assert_eq!(object.condition("Ready"), format!("True ReconciliationSucceeded: Applied revision: {revision}"));
    assert_eq!(object.condition("Reconciling"), "");
    assert_eq!(object.condition("Healthy"), "", "no health was asked for");
    assert_eq!(object.text("/status/lastAppliedRevision"), revision);
    assert_eq!(object.text("/status/lastAttemptedRevision"), revision);
    assert_eq!(
        object.inventory(),
        [
            "_ks-applied__reader_rbac.authorization.k8s.io_ClusterRole",
            "ks-applied_a__ConfigMap",
            "ks-applied_b__ConfigMap"
        ]
    );
    assert_eq!(object.at("/status/inventory/entries/0/v"), "v1");
    assert_eq!(object.at("/metadata/finalizers"), &json!(["finalizers.fluxcd.io"]));
    assert_eq!(object.text("/status/history/0/lastReconciledStatus"), "ReconciliationSucceeded");

    for map in [t.get("ConfigMap", "a").await, t.get("ClusterRole", "ks-applied:reader").await] {
        assert_eq!(map.text("/metadata/labels/kustomize.toolkit.fluxcd.io~1name"), "apps");
        assert_eq!(map.text("/metadata/labels/kustomize.toolkit.fluxcd.io~1namespace"), "ks-applied");
        assert_eq!(map.text("/metadata/managedFields/0/manager"), "kustomize-controller");
    }
    let changes = t.event("apps", "with the changes", |event| event.contains("ConfigMap/ks-applied/a created")).await;
    assert!(changes.contains("ConfigMap/ks-applied/b created"), "{changes}");
    assert!(changes.starts_with("Normal ReconciliationSucceeded: "), "{changes}");
    assert!(changes.contains("\nReconciliation finished in "), "told with what came of it: {changes}");
    let last = t.event_objects("apps").await.pop().unwrap();
    assert!(last.text("/message").ends_with(", next run in 1h0m0s"), "{}", last.text("/message"));
    assert_eq!(last.at("/metadata/annotations/kustomize.toolkit.fluxcd.io~1revision"), &json!(revision));
    assert_eq!(last.at("/metadata/annotations/kustomize.toolkit.fluxcd.io~1commit_status"), "update");
}

#[tokio::test]
async fn what_leaves_git_leaves_the_cluster() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "ks-prune").await;
    let kept = config_map("kept", "1")
        .replace("name: kept", "name: kept\n  annotations:\n    kustomize.toolkit.fluxcd.io/prune: disabled");
    t.commit([("a.yaml", config_map("a", "1")), ("b.yaml", config_map("b", "1")), ("kept.yaml", kept)]);
    t.source().await;
    t.kustomization("apps", json!({"targetNamespace": "ks-prune"})).await;
    let before = t.ready("Kustomization", "apps").await;
    assert_eq!(before.inventory().len(), 3);
    let revision = t.commit_without(&["b.yaml", "kept.yaml"]);
    t.request("GitRepository", "repo").await;
    let after = t.applied("apps", &revision).await;
    assert_eq!(after.inventory(), ["ks-prune_a__ConfigMap"]);
    assert!(t.find("ConfigMap", "b").await.is_none());
    assert!(t.find("ConfigMap", "kept").await.is_some(), "`prune: disabled` keeps an object");
    t.event("apps", "with the deletion", |event| event.contains("ConfigMap/ks-prune/b deleted")).await;
}

#[tokio::test]
async fn without_prune_objects_are_forgotten() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "ks-no-prune").await;
    t.commit([("a.yaml", config_map("a", "1")), ("b.yaml", config_map("b", "1"))]);
    t.source().await;
    t.kustomization("apps", json!({"targetNamespace": "ks-no-prune", "prune": false})).await;
    t.ready("Kustomization", "apps").await;
    let revision = t.commit_without(&["b.yaml"]);
    t.request("GitRepository", "repo").await;
    let after = t.applied("apps", &revision).await;
    assert_eq!(after.inventory(), ["ks-no-prune_a__ConfigMap"]);
    assert!(t.find("ConfigMap", "b").await.is_some());
}

#[tokio::test]
async fn an_object_may_move_between_kustomizations() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "ks-move").await;
    t.commit([
        ("one/a.yaml", config_map("a", "1")),
        ("one/x.yaml", config_map("x", "1")),
        ("two/b.yaml", config_map("b", "1")),
    ]);
    t.source().await;
    for name in ["one", "two"] {
        t.kustomization(name, json!({"path": name, "targetNamespace": "ks-move"})).await;
    }
    t.ready("Kustomization", "one").await;
    t.ready("Kustomization", "two").await;
    // The new owner takes it first; the old one prunes only what still carries its label.
    t.edit("Kustomization", "one", "flux", json!({"spec": {"suspend": true}})).await;
    let uid = t.get("ConfigMap", "a").await.uid().to_owned();
    t.push("two", [("two/a.yaml", config_map("a", "2"))]).await;
    let revision = t.commit_without(&["one/a.yaml"]);
    t.request("GitRepository", "repo").await;
    t.wait("GitRepository", "repo", "fetched", |o| o.text("/status/artifact/revision") == revision).await;
    t.edit("Kustomization", "one", "flux", json!({"spec": {"suspend": false}})).await;
    t.applied("one", &revision).await;
    t.applied("two", &revision).await;
    let moved = t.get("ConfigMap", "a").await;
    assert_eq!(moved.uid(), uid);
    assert_eq!(moved.text("/metadata/labels/kustomize.toolkit.fluxcd.io~1name"), "two");
}

#[tokio::test]
async fn suspension_holds_and_a_request_is_answered() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "ks-suspend").await;
    t.commit([("a.yaml", config_map("a", "1"))]);
    t.source().await;
    t.kustomization("apps", json!({"targetNamespace": "ks-suspend"})).await;
    let before = t.ready("Kustomization", "apps").await;
    t.edit("Kustomization", "apps", "flux", json!({"spec": {"suspend": true}})).await;
    let revision = t.commit([("a.yaml", config_map("a", "2"))]);
    t.reconcile("GitRepository", "repo").await;
    t.wait("GitRepository", "repo", "fetched", |o| o.text("/status/artifact/revision") == revision).await;
    let suspended = t.reconcile("Kustomization", "apps").await;
    assert_eq!(suspended.at("/status/lastAppliedRevision"), before.at("/status/lastAppliedRevision"));
    assert_eq!(t.get("ConfigMap", "a").await.text("/data/value"), "1");
    t.edit("Kustomization", "apps", "flux", json!({"spec": {"suspend": false}})).await;
    t.applied("apps", &revision).await;
    assert_eq!(t.get("ConfigMap", "a").await.text("/data/value"), "2");
}

#[tokio::test]
async fn dependants_wait_and_are_woken_at_once() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "ks-depends").await;
    t.commit([("infra/a.yaml", config_map("a", "1")), ("apps/b.yaml", config_map("b", "1"))]);
    t.source().await;
    let apps = json!({"path": "apps", "targetNamespace": "ks-depends", "dependsOn": [{"name": "infra"}]});
    t.kustomization("apps", apps).await;
    let waiting = t.failed("Kustomization", "apps", "DependencyNotReady").await;
    assert!(waiting.message().starts_with("dependency 'ks-depends/infra' not found"), "{}", waiting.message());
    assert!(t.find("ConfigMap", "b").await.is_none());
    t.kustomization("infra", json!({"path": "infra", "targetNamespace": "ks-depends"})).await;
    t.ready("Kustomization", "apps").await;

    // A new revision reaches the dependency first.
    let revision = t.commit([("infra/a.yaml", config_map("a", "2")), ("apps/b.yaml", config_map("b", "2"))]);
    t.request("GitRepository", "repo").await;
    t.applied("apps", &revision).await;
    let version = |map: weir_e2e::View| map.version().parse::<u64>().unwrap();
    assert!(version(t.get("ConfigMap", "a").await) < version(t.get("ConfigMap", "b").await));
}

#[tokio::test]
async fn missing_sources_and_paths_are_told() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "ks-missing").await;
    t.kustomization("apps", json!({"path": "gone"})).await;
    let failed = t.failed("Kustomization", "apps", "ArtifactFailed").await;
    assert!(failed.message().contains("\"repo\" not found"), "{}", failed.message());
    t.commit([("a.yaml", config_map("a", "1"))]);
    t.source().await;
    let no_path = |o: &weir_e2e::View| o.message().starts_with("kustomization path not found: ");
    let failed = t.wait("Kustomization", "apps", "failing for its path", no_path).await;
    assert!(failed.failed_with("ArtifactFailed"), "{}", failed.condition("Ready"));
}

#[tokio::test]
async fn beta_manifests_are_served() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "ks-beta").await;
    t.commit([("a.yaml", config_map("a", "1"))]);
    t.apply(json!({
        "apiVersion": "source.toolkit.fluxcd.io/v1beta2", "kind": "GitRepository", "metadata": {"name": "repo"},
        "spec": {"interval": "1h", "url": t.repo.url(), "ref": {"branch": "main"}},
    }))
    .await;
    for version in ["v1beta1", "v1beta2"] {
        t.apply(json!({
            "apiVersion": format!("kustomize.toolkit.fluxcd.io/{version}"), "kind": "Kustomization", "metadata": {"name": version},
            "spec": {
                "interval": "1h", "prune": true, "sourceRef": {"kind": "GitRepository", "name": "repo"},
                "targetNamespace": "ks-beta", "nameSuffix": format!("-{version}"),
            },
        }))
        .await;
        t.ready("Kustomization", version).await;
        t.get("ConfigMap", &format!("a-{version}")).await;
    }
}

#[tokio::test]
async fn variables_that_ask_for_it_are_watched() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "ks-watch").await;
    t.commit([("a.yaml", config_map("a", "${colour}"))]);
    t.source().await;
    let variables = |colour: &str, watch: &str| {
        json!({
            "apiVersion": "v1", "kind": "ConfigMap", "data": {"colour": colour},
            "metadata": {"name": "variables", "labels": {"reconcile.fluxcd.io/watch": watch}},
        })
    };
    t.apply(variables("blue", "Disabled")).await;
    let from = json!([{"kind": "ConfigMap", "name": "variables"}]);
    t.kustomization("apps", json!({"targetNamespace": "ks-watch", "postBuild": {"substituteFrom": from}})).await;
    t.ready("Kustomization", "apps").await;
    assert_eq!(t.get("ConfigMap", "a").await.text("/data/value"), "blue");
    t.apply(variables("red", "Enabled")).await;
    t.wait("ConfigMap", "a", "red", |o| o.text("/data/value") == "red").await;
    t.apply(variables("green", "Enabled")).await;
    t.wait("ConfigMap", "a", "green", |o| o.text("/data/value") == "green").await;
}

#[tokio::test]
async fn a_revision_that_changes_nothing_is_applied_too() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "ks-same").await;
    t.commit([("a.yaml", config_map("a", "1"))]);
    t.source().await;
    t.kustomization("infra", json!({"targetNamespace": "ks-same"})).await;
    let apps = json!({"targetNamespace": "ks-same", "nameSuffix": "-2", "dependsOn": [{"name": "infra"}]});
    t.kustomization("apps", apps).await;
    t.ready("Kustomization", "apps").await;
    let version = t.get("ConfigMap", "a").await.version().to_owned();
    // Pictures are no part of the artifact.
    let revision = t.commit([("picture.png", "x".to_owned())]);
    t.request("GitRepository", "repo").await;
    let applied = t.applied("apps", &revision).await;
    assert_eq!(applied.message(), format!("Applied revision: {revision}"));
    assert_eq!(applied.at("/status/history/0/metadata/revision"), &json!(revision));
    assert_eq!(t.get("ConfigMap", "a").await.version(), version);
}

/// As a crash leaves it in the middle of a first apply, after which Git has changed.
#[tokio::test]
async fn what_a_first_apply_left_behind_is_pruned() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "ks-planned").await;
    let labels =
        json!({"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "ks-planned"});
    for (name, labels) in [("left", labels), ("foreign", json!({}))] {
        let metadata = json!({"name": name, "labels": labels});
        t.apply(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})).await;
    }
    t.commit([("a.yaml", config_map("a", "1"))]);
    t.source().await;
    let plan = ["ks-planned_left__ConfigMap", "ks-planned_foreign__ConfigMap"].map(|id| json!({"id": id, "v": "v1"}));
    let plan = json!({"entries": plan}).to_string();
    let mut object = t.kustomization_object("apps", json!({"targetNamespace": "ks-planned"}));
    object["metadata"]["finalizers"] = json!(["finalizers.fluxcd.io"]);
    object["metadata"]["annotations"] = json!({PLAN: plan});
    t.apply_as("gotk-kustomize-controller", object).await;
    let applied = t.ready("Kustomization", "apps").await;
    assert_eq!(applied.inventory(), ["ks-planned_a__ConfigMap"]);
    t.gone("ConfigMap", "left").await;
    assert!(t.find("ConfigMap", "foreign").await.is_some(), "it carries no label of this owner");
}

/// Where the inventory of a first apply is kept until the status has one.
const PLAN: &str = "weir.dev/planned-inventory";

#[tokio::test]
async fn the_plan_of_a_first_apply_goes_with_the_next() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "ks-plan").await;
    t.commit([("a.yaml", config_map("a", "1"))]);
    t.source().await;
    t.kustomization("apps", json!({"targetNamespace": "ks-plan"})).await;
    let plan = |object: &weir_e2e::View| object.at("/metadata/annotations").get(PLAN).cloned();
    let planned = plan(&t.ready("Kustomization", "apps").await);
    assert_eq!(planned, Some(json!(r#"{"entries":[{"id":"ks-plan_a__ConfigMap","v":"v1"}]}"#)));
    t.push("apps", [("a.yaml", config_map("a", "2"))]).await;
    t.wait("Kustomization", "apps", "without its plan", |object| plan(object).is_none()).await;
}

#[tokio::test]
async fn a_fleets_own_flux_is_left_out() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "ks-flux").await;
    let controller = config_map("controller", "1")
        .replace("name: controller", "name: controller\n  labels:\n    app.kubernetes.io/part-of: flux");
    t.commit([("gotk-components.yaml", controller), ("a.yaml", config_map("a", "1"))]);
    t.source().await;
    t.kustomization("flux-system", json!({"targetNamespace": "ks-flux"})).await;
    let object = t.ready("Kustomization", "flux-system").await;
    assert_eq!(object.inventory(), ["ks-flux_a__ConfigMap"]);
    assert!(t.find("ConfigMap", "controller").await.is_none());
    t.event("flux-system", "that says so", |event| event.contains("FluxComponentsSkipped")).await;
}

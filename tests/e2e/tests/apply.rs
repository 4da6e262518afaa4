//! How objects reach the cluster and stay as Git says: stages, force, drift, per-object settings.

use serde_json::json;
use weir_e2e::{Scope, fleet::config_map, shared};

/// A ConfigMap with one annotation of Kustomization's group.
fn annotated(name: &str, value: &str, annotation: &str) -> String {
    let metadata = format!("name: {name}\n  annotations:\n    kustomize.toolkit.fluxcd.io/{annotation}");
    config_map(name, value).replacen(&format!("name: {name}"), &metadata, 1)
}

#[tokio::test]
async fn an_edit_is_reverted_without_waiting_for_the_interval() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "apply-drift").await;
    t.commit([("a.yaml", config_map("a", "git")), ("b.yaml", config_map("b", "git"))]);
    t.source().await;
    t.kustomization("apps", json!({"targetNamespace": "apply-drift"})).await;
    t.ready("Kustomization", "apps").await;
    let edited = t.edit("ConfigMap", "a", "kubectl-edit", json!({"data": {"value": "edited", "extra": "x"}})).await;
    assert_eq!(edited.text("/data/value"), "edited");
    let reverted = t.wait("ConfigMap", "a", "reverted", |o| o.text("/data/value") == "git").await;
    assert_eq!(reverted.at("/data/extra"), &json!(null), "what kubectl added goes too");
    assert_eq!(reverted.uid(), edited.uid());

    let uid = t.get("ConfigMap", "b").await.uid().to_owned();
    t.delete("ConfigMap", "b").await;
    t.wait("ConfigMap", "b", "created again", |o| o.uid() != uid).await;
}

#[tokio::test]
async fn fields_of_others_are_left_alone() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "apply-fields").await;
    t.commit([("a.yaml", config_map("a", "1"))]);
    t.source().await;
    t.kustomization("apps", json!({"targetNamespace": "apply-fields"})).await;
    t.ready("Kustomization", "apps").await;
    let own = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"theirs": "x"}});
    t.apply_as("another-controller", own).await;
    t.push("apps", [("a.yaml", config_map("a", "2"))]).await;
    let map = t.get("ConfigMap", "a").await;
    assert_eq!(map.at("/data"), &json!({"value": "2", "theirs": "x"}));
}

#[tokio::test]
async fn an_invalid_object_leaves_the_others_of_its_stage_unapplied() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "apply-invalid").await;
    let invalid = "apiVersion: v1\nkind: Service\nmetadata:\n  name: z\nspec:\n  ports:\n    - port: 700000\n";
    t.commit([("a.yaml", config_map("a", "1")), ("z.yaml", invalid.to_owned())]);
    t.source().await;
    t.kustomization("apps", json!({"targetNamespace": "apply-invalid"})).await;
    let failed = t.failed("Kustomization", "apps", "ReconciliationFailed").await;
    assert!(failed.message().contains("Service/apply-invalid/z dry-run failed (Invalid): "), "{}", failed.message());
    assert!(failed.condition("Reconciling").starts_with("True ProgressingWithRetry: "), "{failed:?}");
    assert!(!failed.is_observed());
    assert!(t.find("ConfigMap", "a").await.is_none());
    t.event("apps", "for the failure", |event| event.starts_with("Warning ReconciliationFailed: ")).await;

    let revision = t.commit_without(&["z.yaml"]);
    t.request("GitRepository", "repo").await;
    assert_eq!(t.applied("apps", &revision).await.inventory(), ["apply-invalid_a__ConfigMap"]);
}

#[tokio::test]
async fn definitions_and_namespaces_come_before_what_needs_them() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "apply-stages").await;
    let definition = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: boats.stages.example.com\nspec:\n  group: stages.example.com\n  scope: Namespaced\n  names: {kind: Boat, plural: boats}\n  versions:\n    - name: v1\n      served: true\n      storage: true\n      schema:\n        openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}\n";
    let boat = "apiVersion: stages.example.com/v1\nkind: Boat\nmetadata:\n  name: a\n  namespace: apply-stages-made\nspec:\n  mast: 1\n";
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: apply-stages-made\n";
    t.commit([
        ("a-boat.yaml", boat.to_owned()),
        ("m-definition.yaml", definition.to_owned()),
        ("z-namespace.yaml", namespace.to_owned()),
    ]);
    t.source().await;
    t.kustomization("apps", json!({})).await;
    let object = t.ready("Kustomization", "apps").await;
    assert_eq!(
        object.inventory(),
        [
            "_boats.stages.example.com_apiextensions.k8s.io_CustomResourceDefinition",
            "_apply-stages-made__Namespace",
            "apply-stages-made_a_stages.example.com_Boat",
        ]
    );
    assert_eq!(object.text("/status/history/0/totalReconciliations"), "", "a number");
    assert_eq!(object.at("/status/history/0/totalReconciliations"), &json!(1), "all in one run");
}

#[tokio::test]
async fn an_immutable_change_needs_force() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "apply-force").await;
    let immutable = |name: &str, value: &str| format!("{}immutable: true\n", config_map(name, value));
    let forced = |value: &str| format!("{}immutable: true\n", annotated("b", value, "force: enabled"));
    t.commit([("a.yaml", immutable("a", "1")), ("b.yaml", forced("1"))]);
    t.source().await;
    t.kustomization("apps", json!({"targetNamespace": "apply-force"})).await;
    t.ready("Kustomization", "apps").await;
    let (a, b) = (t.get("ConfigMap", "a").await, t.get("ConfigMap", "b").await);

    t.push("apps", [("b.yaml", forced("2"))]).await;
    assert_ne!(t.get("ConfigMap", "b").await.uid(), b.uid(), "`force: enabled` on the object recreates it");
    let failed = t.push_failing("apps", "ReconciliationFailed", [("a.yaml", immutable("a", "2"))]).await;
    assert!(
        failed.message().contains("ConfigMap/apply-force/a") && failed.message().contains("immutable"),
        "{}",
        failed.message()
    );
    assert_eq!(t.get("ConfigMap", "a").await.uid(), a.uid());

    t.kustomization("apps", json!({"targetNamespace": "apply-force", "force": true})).await;
    t.ready("Kustomization", "apps").await;
    let recreated = t.get("ConfigMap", "a").await;
    assert_ne!(recreated.uid(), a.uid());
    assert_eq!(recreated.text("/data/value"), "2");
}

#[tokio::test]
async fn an_object_may_opt_out() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "apply-opt-out").await;
    let theirs = |name: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"value": "theirs"}});
    t.apply(theirs("ignored")).await;
    let files = |value: &str| {
        [
            ("ignored.yaml", annotated("ignored", value, "ssa: Ignore")),
            ("once.yaml", annotated("once", value, "ssa: IfNotPresent")),
            ("merged.yaml", annotated("merged", value, "ssa: Merge")),
            ("off.yaml", annotated("off", value, "reconcile: disabled")),
        ]
    };
    t.commit(files("1"));
    t.source().await;
    t.kustomization("apps", json!({"targetNamespace": "apply-opt-out"})).await;
    t.ready("Kustomization", "apps").await;
    t.edit("ConfigMap", "merged", "kubectl-edit", json!({"data": {"extra": "x"}})).await;
    let object = t.push("apps", files("2")).await;
    assert_eq!(object.inventory().len(), 4, "what is skipped stays in the inventory");
    let value = async |name: &str| t.find("ConfigMap", name).await.map(|map| map.text("/data/value").to_owned());
    assert_eq!(value("ignored").await.as_deref(), Some("theirs"));
    assert_eq!(value("once").await.as_deref(), Some("1"));
    assert_eq!(value("off").await, None);
    let merged = t.get("ConfigMap", "merged").await;
    assert_eq!(merged.at("/data"), &json!({"value": "2", "extra": "x"}), "`ssa: Merge` keeps what kubectl added");

    let revision = t.commit_without(&["ignored.yaml"]);
    t.request("GitRepository", "repo").await;
    t.applied("apps", &revision).await;
    assert_eq!(value("ignored").await.as_deref(), Some("theirs"), "`ssa: Ignore` is never pruned");
}

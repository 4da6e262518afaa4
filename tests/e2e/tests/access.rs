//! Who may do what: impersonation and references between namespaces.

use std::time::Duration;

use serde_json::json;
use weir_daemon::Config;
use weir_e2e::{Engine, Scope, config, fleet::config_map, quiet, shared};

fn config_map_in(namespace: &str, name: &str) -> String {
    let metadata = format!("name: {name}\n  namespace: {namespace}");
    config_map(name, "1").replace(&format!("name: {name}"), &metadata)
}

#[tokio::test]
async fn objects_are_applied_with_the_rights_of_the_service_account() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "access-account").await;
    t.commit([("a.yaml", config_map_in("access-account", "a"))]);
    t.source().await;
    t.apply(json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "team"}})).await;
    t.kustomization("apps", json!({"serviceAccountName": "team", "retryInterval": "1s"})).await;
    let failed = t.failed("Kustomization", "apps", "ReconciliationFailed").await;
    assert!(failed.message().contains("forbidden"), "{}", failed.message());
    assert!(failed.message().contains("system:serviceaccount:access-account:team"), "{}", failed.message());

    t.apply(json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "team"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "admin"},
        "subjects": [{"kind": "ServiceAccount", "name": "team", "namespace": "access-account"}],
    }))
    .await;
    t.ready("Kustomization", "apps").await;
    t.get("ConfigMap", "a").await;

    // It cannot reach beyond what the account may.
    let failed = t.push_failing("apps", "ReconciliationFailed", [("b.yaml", config_map_in("default", "b"))]).await;
    assert!(failed.message().contains("forbidden"), "{}", failed.message());
}

#[tokio::test]
async fn an_account_that_is_gone_does_not_block_deletion() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "access-gone").await;
    t.commit([("a.yaml", config_map("a", "1"))]);
    t.source().await;
    t.apply(json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "team"}})).await;
    t.apply(json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "team"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "admin"},
        "subjects": [{"kind": "ServiceAccount", "name": "team", "namespace": "access-gone"}],
    }))
    .await;
    t.kustomization("apps", json!({"targetNamespace": "access-gone", "serviceAccountName": "team"})).await;
    t.ready("Kustomization", "apps").await;
    t.delete("ServiceAccount", "team").await;
    t.delete("Kustomization", "apps").await;
    t.gone("Kustomization", "apps").await;
    t.get("ConfigMap", "a").await;
    t.event("apps", "that warns", |event| event.starts_with("Warning ")).await;
}

#[tokio::test]
async fn references_between_namespaces_work_until_they_are_blocked() {
    let plane = quiet().await;
    let t = Scope::new(plane, "access-refs").await;
    let elsewhere = Scope::new(plane, "access-refs-source").await;
    elsewhere.commit([("a.yaml", config_map("a", "1"))]);
    elsewhere.source().await;
    let source = json!({"kind": "GitRepository", "name": "repo", "namespace": "access-refs-source"});
    t.kustomization("apps", json!({"targetNamespace": "access-refs", "sourceRef": source})).await;
    let settings = || Config { requeue_dependency: Duration::from_secs(1), ..config(plane.control.kubeconfig()) };

    let closed = Engine::start(Config { no_cross_namespace_refs: true, ..settings() }).await;
    let denied = t.failed("Kustomization", "apps", "AccessDenied").await;
    let expected = "can't access 'GitRepository/access-refs-source/repo', cross-namespace references have been blocked";
    assert_eq!(denied.message(), expected);
    assert!(denied.condition("Stalled").starts_with("True AccessDenied: "));
    assert!(t.find("ConfigMap", "a").await.is_none());
    closed.stop().await;

    let open = Engine::start(settings()).await;
    t.ready("Kustomization", "apps").await;
    open.stop().await;
}

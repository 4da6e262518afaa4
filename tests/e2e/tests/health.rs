//! `wait`, `healthChecks` and `timeout`: health follows the watch.

use serde_json::json;
use weir_e2e::{
    Scope,
    fleet::{config_map, deployment},
    shared,
};

/// A Deployment whose pods fit on no node.
fn unschedulable(name: &str) -> String {
    deployment(name).replace("      containers:", "      nodeSelector:\n        nowhere: \"true\"\n      containers:")
}

#[tokio::test]
async fn a_wait_ends_when_everything_is_healthy() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "health-wait").await;
    let revision = t.commit([("app.yaml", deployment("app")), ("map.yaml", config_map("a", "1"))]);
    t.source().await;
    t.kustomization("apps", json!({"targetNamespace": "health-wait", "wait": true, "timeout": "5m"})).await;
    let object = t.applied("apps", &revision).await;
    assert!(object.condition("Healthy").starts_with("True Succeeded: Health check passed in "), "{object:?}");
    assert_eq!(t.get("Deployment", "app").await.at("/status/availableReplicas"), &json!(1));
    t.event("apps", "for the health", |event| event.contains("Health check passed in ")).await;
}

#[tokio::test]
async fn a_timeout_names_what_is_not_healthy() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "health-timeout").await;
    let first = t.commit([("map.yaml", config_map("a", "1"))]);
    t.source().await;
    let checks = json!([{"apiVersion": "apps/v1", "kind": "Deployment", "name": "app", "namespace": "health-timeout"}]);
    t.kustomization("apps", json!({"targetNamespace": "health-timeout", "wait": true, "timeout": "1s"})).await;
    t.applied("apps", &first).await;
    // The floor of 30 s holds for a shorter timeout too.
    let failed = t.push_failing("apps", "HealthCheckFailed", [("app.yaml", unschedulable("app"))]).await;
    let message = failed.message();
    assert!(message.starts_with("health check failed after 30"), "{message}");
    assert!(
        message.ends_with("timeout waiting for: [Deployment/health-timeout/app status: 'InProgress']"),
        "{message}"
    );
    assert!(failed.condition("Healthy").starts_with("False HealthCheckFailed: "));
    assert_eq!(failed.text("/status/lastAppliedRevision"), first, "only health makes a revision applied");
    assert_eq!(failed.inventory().len(), 2);

    // `healthChecks` alone asks for what it names.
    t.kustomization("apps", json!({"targetNamespace": "health-timeout", "healthChecks": checks, "timeout": "5m"}))
        .await;
    t.push("apps", [("app.yaml", deployment("app"))]).await;
}

#[tokio::test]
async fn a_failed_object_ends_the_wait_early() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "health-failed").await;
    let stuck =
        unschedulable("app").replace("spec:\n  replicas: 1", "spec:\n  progressDeadlineSeconds: 1\n  replicas: 1");
    t.commit([("app.yaml", stuck)]);
    t.source().await;
    t.kustomization("apps", json!({"targetNamespace": "health-failed", "wait": true, "timeout": "30m"})).await;
    let failed = t.failed("Kustomization", "apps", "HealthCheckFailed").await;
    let expected = "failed early due to stalled resources: [Deployment/health-failed/app status: 'Failed']";
    assert!(failed.message().contains(expected), "{}", failed.message());
}

#[tokio::test]
async fn what_becomes_unhealthy_is_told_although_nothing_changed() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "health-later").await;
    let definition = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: pumps.later.example.com\nspec:\n  group: later.example.com\n  scope: Namespaced\n  names: {kind: Pump, plural: pumps}\n  versions:\n    - name: v1\n      served: true\n      storage: true\n      subresources: {status: {}}\n      schema:\n        openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}\n";
    let pump = "apiVersion: later.example.com/v1\nkind: Pump\nmetadata:\n  name: a\n";
    t.commit([("definition.yaml", definition.to_owned()), ("pump.yaml", pump.to_owned())]);
    t.source().await;
    let spec = json!({"targetNamespace": "health-later", "wait": true, "interval": "1s", "retryInterval": "1s"});
    t.kustomization("apps", spec).await;
    t.ready("Kustomization", "apps").await;
    let stalled = json!({"conditions": [{"type": "Stalled", "status": "True", "reason": "Stuck", "message": "stuck"}]});
    t.set_status("Pump.later.example.com/v1", "a", stalled).await;
    let failed = t.failed("Kustomization", "apps", "HealthCheckFailed").await;
    assert!(failed.message().contains("[Pump/health-later/a status: 'Failed']"), "{}", failed.message());
    t.set_status("Pump.later.example.com/v1", "a", json!({"conditions": []})).await;
    t.ready("Kustomization", "apps").await;
}

#[tokio::test]
async fn a_new_revision_ends_a_wait_that_it_makes_pointless() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "health-newer").await;
    t.commit([("app.yaml", unschedulable("app"))]);
    t.source().await;
    t.kustomization("apps", json!({"targetNamespace": "health-newer", "wait": true, "timeout": "30m"})).await;
    let checking = |o: &weir_e2e::View| o.condition("Reconciling").contains("Running health checks");
    let waiting = t.wait("Kustomization", "apps", "checking health", checking).await;
    assert!(waiting.condition("Ready").starts_with("Unknown Progressing: "), "{waiting:?}");
    t.push("apps", [("app.yaml", deployment("app"))]).await;
    let told = "New reconciliation triggered by GitRepository/health-newer/repo";
    let ended = |event: &str| event.starts_with("Normal HealthCheckCanceled: ") && event.ends_with(told);
    t.event("apps", "for what ended the wait", ended).await;
}

#[tokio::test]
async fn health_checks_may_name_any_object() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "health-named").await;
    t.commit([("map.yaml", config_map("a", "1"))]);
    t.source().await;
    let checks =
        json!([{"apiVersion": "apps/v1", "kind": "Deployment", "name": "elsewhere", "namespace": "health-named"}]);
    t.kustomization("apps", json!({"targetNamespace": "health-named", "healthChecks": checks, "timeout": "5m"})).await;
    t.wait("Kustomization", "apps", "waiting", |o| o.condition("Reconciling").contains("Running health checks")).await;
    t.get("ConfigMap", "a").await;
    t.apply_yaml(&deployment("elsewhere")).await;
    t.ready("Kustomization", "apps").await;
}

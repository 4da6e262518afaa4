//! Nothing to do costs nothing, and a restart touches nothing.

use std::time::Duration;

use serde_json::json;
use weir_daemon::Config;
use weir_e2e::{Engine, Request, RequestLog, Scope, config, fleet, quiet};

async fn fleet_of_one(t: &Scope, interval: &str) -> String {
    fleet::write_app(&t.repo, 0, "1");
    let revision = t.commit([]);
    t.apply(fleet::source(&t.repo, "1h")).await;
    app(t, 0, interval).await;
    revision
}

async fn app(t: &Scope, index: usize, interval: &str) {
    let mut object = fleet::kustomization(index, interval);
    object["spec"]["targetNamespace"] = json!(t.namespace());
    t.apply(object).await;
}

fn about_the_namespace(requests: Vec<Request>, namespace: &str) -> Vec<Request> {
    let path = format!("/namespaces/{namespace}/");
    requests.into_iter().filter(|request| request.path.contains(&path)).collect()
}

#[tokio::test]
async fn a_reconcile_with_nothing_to_do_sends_no_request() {
    let plane = quiet().await;
    let t = Scope::new(plane, "idle-requests").await;
    let revision = fleet_of_one(&t, "1s").await;
    let log = RequestLog::start(&plane.control).await;
    let settings = config(&log.kubeconfig());
    let engine = Engine::start(Config { namespace: Some("idle-requests".into()), ..settings }).await;
    t.applied("app-000", &revision).await;
    engine.reconciled_again("Kustomization", "idle-requests", "app-000", 2).await;
    let _until_now = log.take();
    engine.reconciled_again("Kustomization", "idle-requests", "app-000", 3).await;
    assert_eq!(log.take_calls(), []);
    engine.stop().await;
}

/// The finalizer with the plan, an apply for each object, the status, and one event. Flux needs 23.
#[tokio::test]
async fn a_new_kustomization_of_four_objects_costs_seven_requests() {
    let plane = quiet().await;
    let t = Scope::new(plane, "idle-new").await;
    fleet::write_app(&t.repo, 1, "1");
    let revision = fleet_of_one(&t, "1h").await;
    let log = RequestLog::start(&plane.control).await;
    let settings = config(&log.kubeconfig());
    let engine = Engine::start(Config { namespace: Some("idle-new".into()), ..settings }).await;
    let finished = |event: &str| event.contains("Reconciliation finished");
    // The first of its kind opens the watches that all others share.
    t.applied("app-000", &revision).await;
    t.event("app-000", "at the end", finished).await;
    let _until_now = log.take();
    app(&t, 1, "1h").await;
    t.applied("app-001", &revision).await;
    let event = t.event("app-001", "at the end", finished).await;
    let calls = log.take_calls();
    assert_eq!(calls.len(), 7, "{calls:#?}");
    assert!(event.contains("Deployment/idle-new/app-001 created\n"), "the changes are told with it: {event}");
    engine.stop().await;
}

#[tokio::test]
async fn a_restart_writes_no_applied_object() {
    let plane = quiet().await;
    let t = Scope::new(plane, "idle-restart").await;
    let revision = fleet_of_one(&t, "1h").await;
    let storage = tempfile::tempdir().unwrap();
    let settings = |kubeconfig: &std::path::Path| Config {
        namespace: Some("idle-restart".into()),
        storage_path: storage.path().to_owned(),
        ..config(kubeconfig)
    };
    let first = Engine::start(settings(plane.control.kubeconfig())).await;
    t.applied("app-000", &revision).await;
    let source = t.get("GitRepository", "fleet").await;
    first.stop().await;

    let kinds = ["ServiceAccount", "ConfigMap", "Service", "Deployment"];
    let mut before = vec![];
    for kind in kinds {
        before.push(t.get(kind, "app-000").await.version().to_owned());
    }
    let log = RequestLog::start(&plane.control).await;
    let second = Engine::start(settings(&log.kubeconfig())).await;
    let token = t.request("Kustomization", "app-000").await;
    t.wait("Kustomization", "app-000", "answering", |o| {
        o.is_ready() && o.text("/status/lastHandledReconcileAt") == token
    })
    .await;
    for (kind, version) in kinds.iter().zip(&before) {
        assert_eq!(t.get(kind, "app-000").await.version(), version, "{kind} was written");
    }
    let writes = about_the_namespace(log.take_calls(), "idle-restart").into_iter().filter(|request| {
        request.method != "GET" && !request.path.contains("toolkit.fluxcd.io") && !request.path.contains("/events")
    });
    let real: Vec<_> = writes.filter(|request| !request.path.contains("dryRun=All")).collect();
    assert_eq!(real, []);
    let after = t.get("GitRepository", "fleet").await;
    assert_eq!(
        after.at("/status/artifact/lastUpdateTime"),
        source.at("/status/artifact/lastUpdateTime"),
        "nothing was fetched again"
    );
    assert_eq!(after.at("/status/artifact/digest"), source.at("/status/artifact/digest"));
    second.stop().await;
}

#[tokio::test]
async fn an_empty_storage_is_filled_again() {
    let plane = quiet().await;
    let t = Scope::new(plane, "idle-storage").await;
    let revision = fleet_of_one(&t, "1h").await;
    let settings = || Config {
        namespace: Some("idle-storage".into()),
        // Nobody waits for a timer: who found the artifact missing is woken when it is there again.
        requeue_dependency: Duration::from_secs(3600),
        ..config(plane.control.kubeconfig())
    };
    let first = Engine::start(settings()).await;
    t.applied("app-000", &revision).await;
    first.stop().await;
    // What drifts while nobody watches is corrected too.
    t.delete("ConfigMap", "app-000").await;
    let second = Engine::start(settings()).await;
    t.wait("ConfigMap", "app-000", "created again", |_| true).await;
    t.applied("app-000", &revision).await;
    second.stop().await;
}

//! A real control plane comes up, runs pods, and goes away.

#![allow(clippy::unwrap_used)]

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{Patch, PatchParams};
use kube::runtime::wait::{await_condition, conditions};
use kube::{Api, ResourceExt};
use serde_json::json;
use weir_devenv::{ControlPlane, Options};

#[tokio::test(flavor = "multi_thread")]
async fn deployments_become_available_and_jobs_complete() {
    let plane = ControlPlane::start(Options::default()).await.unwrap();
    let client = plane.client().unwrap();
    let deployments: Api<Deployment> = Api::default_namespaced(client.clone());
    let jobs: Api<Job> = Api::default_namespaced(client.clone());
    let container = json!([{"name": "app", "image": "example.com/app:1"}]);
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "app"},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "app"}}, "template": {
            "metadata": {"labels": {"app": "app"}},
            "spec": {"containers": container, "initContainers": [{"name": "init", "image": "example.com/init:1"}]}}}});
    let job = json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "job"},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": container}}}});
    let params = PatchParams::apply("test");
    deployments.patch("app", &params, &Patch::Apply(deployment)).await.unwrap();
    jobs.patch("job", &params, &Patch::Apply(job)).await.unwrap();

    let available = |object: Option<&Deployment>| {
        object.and_then(|d| d.status.as_ref()).and_then(|status| status.available_replicas) == Some(2)
    };
    await_condition(deployments.clone(), "app", available).await.unwrap();
    await_condition(jobs, "job", conditions::is_job_completed()).await.unwrap();

    // Pods and replica sets go with their owner.
    let uid = deployments.get("app").await.unwrap().uid().unwrap();
    deployments.delete("app", &Default::default()).await.unwrap();
    await_condition(deployments, "app", conditions::is_deleted(&uid)).await.unwrap();

    let dir = plane.dir().to_owned();
    drop(plane);
    assert!(!dir.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_pods_two_run_side_by_side() {
    let options = Options { pods: false, ..Options::default() };
    let (one, two) = tokio::join!(ControlPlane::start(options.clone()), ControlPlane::start(options));
    let (one, two) = (one.unwrap(), two.unwrap());
    let maps = |plane: &ControlPlane| Api::<ConfigMap>::default_namespaced(plane.client().unwrap());
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "only-here"}});
    maps(&one).patch("only-here", &PatchParams::apply("test"), &Patch::Apply(map)).await.unwrap();
    assert!(maps(&one).get_opt("only-here").await.unwrap().is_some());
    assert!(maps(&two).get_opt("only-here").await.unwrap().is_none());
}

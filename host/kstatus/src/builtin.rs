//! Rules of the built-in kinds.

use serde_json::Value;

use crate::{
    Health,
    conditions::{condition, generic, is, number, text},
};

/// The health of a live object.
///
/// The generic rules of [kstatus](https://github.com/kubernetes-sigs/cli-utils/tree/master/pkg/kstatus) come first, then
/// the kind's own; an object of an unknown kind that says nothing is current.
pub fn health(object: &Value) -> Health {
    if let Some(settled) = generic(object) {
        return settled;
    }
    match rule(object) {
        Some(rule) => rule(object),
        None => Health::current("Resource is current"),
    }
}

fn rule(object: &Value) -> Option<fn(&Value) -> Health> {
    let group = text(object, "/apiVersion").rsplit_once('/').map_or("", |(group, _)| group);
    Some(match (group, text(object, "/kind")) {
        ("apps" | "extensions", "Deployment") => deployment,
        ("apps" | "extensions", "ReplicaSet") => replica_set,
        ("apps" | "extensions", "DaemonSet") => daemon_set,
        ("apps", "StatefulSet") => stateful_set,
        ("", "Pod") => pod,
        ("", "Service") => service,
        ("", "PersistentVolumeClaim") => claim,
        ("batch", "Job") => job,
        ("policy", "PodDisruptionBudget") => budget,
        ("apiextensions.k8s.io", "CustomResourceDefinition") => definition,
        ("apiregistration.k8s.io", "APIService") => api_service,
        _ => return None,
    })
}

fn replicas(object: &Value) -> i64 {
    number(object, "/spec/replicas").unwrap_or(1)
}

fn count(object: &Value, field: &str) -> i64 {
    object.get("status").and_then(|s| s.get(field)).and_then(Value::as_i64).unwrap_or_default()
}

/// The first comparison that is short of its goal.
fn short(checks: &[(&str, i64, i64)]) -> Option<Health> {
    let (what, has, wants) = checks.iter().find(|(_, has, wants)| has < wants)?;
    Some(Health::in_progress(format!("{what}: {has}/{wants}")))
}

fn deployment(object: &Value) -> Health {
    let progressing = condition(object, "Progressing");
    if progressing.is_some_and(|c| text(c, "/reason") == "ProgressDeadlineExceeded") {
        return Health::failed("Progress deadline exceeded");
    }
    let wants = replicas(object);
    let checks = [("Replicas", count(object, "replicas"), wants), ("Updated", count(object, "updatedReplicas"), wants)];
    if let Some(short) = short(&checks) {
        return short;
    }
    let surplus = count(object, "replicas") - wants;
    if surplus > 0 {
        return Health::in_progress(format!("Pending termination: {surplus}"));
    }
    let updated = count(object, "updatedReplicas");
    let checks =
        [("Available", count(object, "availableReplicas"), updated), ("Ready", count(object, "readyReplicas"), wants)];
    if let Some(short) = short(&checks) {
        return short;
    }
    // Without a deadline there is no Progressing condition to look at.
    let has_deadline = number(object, "/spec/progressDeadlineSeconds").is_some_and(|s| s != i64::from(i32::MAX));
    if has_deadline && progressing.is_none_or(|c| text(c, "/reason") != "NewReplicaSetAvailable") {
        return Health::in_progress("ReplicaSet not Available");
    }
    if !is(object, "Available", "True") {
        return Health::in_progress("Deployment not Available");
    }
    Health::current(format!("Deployment is available. Replicas: {wants}"))
}

fn replica_set(object: &Value) -> Health {
    if is(object, "ReplicaFailure", "True") {
        return Health::in_progress("Replica Failure condition. Check Pods");
    }
    let wants = replicas(object);
    let checks = [
        ("Labelled", count(object, "fullyLabeledReplicas"), wants),
        ("Available", count(object, "availableReplicas"), wants),
        ("Ready", count(object, "readyReplicas"), wants),
    ];
    if let Some(short) = short(&checks) {
        return short;
    }
    let surplus = count(object, "replicas") - wants;
    if surplus > 0 {
        return Health::in_progress(format!("Pending termination: {surplus}"));
    }
    Health::current(format!("ReplicaSet is available. Replicas: {wants}"))
}

fn daemon_set(object: &Value) -> Health {
    if number(object, "/status/observedGeneration").is_none() {
        return Health::in_progress("Missing .status.observedGeneration");
    }
    let Some(wants) = number(object, "/status/desiredNumberScheduled") else {
        return Health::in_progress("Missing .status.desiredNumberScheduled");
    };
    let checks = [
        ("Current", count(object, "currentNumberScheduled"), wants),
        ("Updated", count(object, "updatedNumberScheduled"), wants),
        ("Available", count(object, "numberAvailable"), wants),
        ("Ready", count(object, "numberReady"), wants),
    ];
    short(&checks).unwrap_or_else(|| Health::current(format!("All replicas scheduled as expected. Replicas: {wants}")))
}

fn stateful_set(object: &Value) -> Health {
    if text(object, "/spec/updateStrategy/type") == "OnDelete" {
        return Health::current("StatefulSet is using the ondelete update strategy");
    }
    let wants = replicas(object);
    let partition = number(object, "/spec/updateStrategy/rollingUpdate/partition").unwrap_or_default();
    let checks = [("Replicas", count(object, "replicas"), wants), ("Ready", count(object, "readyReplicas"), wants)];
    if let Some(short) = short(&checks) {
        return short;
    }
    let surplus = count(object, "replicas") - wants;
    if surplus > 0 {
        return Health::in_progress(format!("Pending termination: {surplus}"));
    }
    if partition > 0 {
        let checks = [("Partition rollout", count(object, "updatedReplicas"), wants - partition)];
        return short(&checks).unwrap_or_else(|| Health::current("Partition rollout complete"));
    }
    if let Some(short) = short(&[("Current", count(object, "currentReplicas"), wants)]) {
        return short;
    }
    if text(object, "/status/currentRevision") != text(object, "/status/updateRevision") {
        return Health::in_progress("Waiting for updated revision to match current");
    }
    Health::current(format!("All replicas scheduled as expected. Replicas: {wants}"))
}

fn pod(object: &Value) -> Health {
    match text(object, "/status/phase") {
        "Succeeded" => Health::current("Pod has completed successfully"),
        "Failed" => match text(object, "/status/reason") {
            "" => Health::failed("Pod has completed, but not successfully"),
            reason => Health::failed(format!("Pod has completed, but not successfully: {reason}")),
        },
        "Running" if is(object, "Ready", "True") => Health::current("Pod is Ready"),
        "Running" => match crash_looping(object) {
            Some(container) => Health::failed(format!("Containers in CrashLoop state: {container}")),
            None => Health::in_progress("Pod is running but is not Ready"),
        },
        // kstatus fails a Pod that found no node for 15 seconds. Without a clock it stays in progress: the caller's time
        // limit decides, and an autoscaler gets its chance.
        "Pending" => Health::in_progress("Pod is in the Pending phase"),
        _ => Health::in_progress("Pod phase not available"),
    }
}

fn crash_looping(object: &Value) -> Option<&str> {
    let statuses = ["/status/initContainerStatuses", "/status/containerStatuses"];
    let all = statuses.iter().filter_map(|p| object.pointer(p)?.as_array()).flatten();
    all.filter(|c| text(c, "/state/waiting/reason") == "CrashLoopBackOff").map(|c| text(c, "/name")).next()
}

fn service(object: &Value) -> Health {
    let waits = text(object, "/spec/type") == "LoadBalancer" && text(object, "/spec/clusterIP").is_empty();
    match waits {
        true => Health::in_progress("ClusterIP is not set. Service type: LoadBalancer"),
        false => Health::current("Service is ready"),
    }
}

fn claim(object: &Value) -> Health {
    match text(object, "/status/phase") {
        "Bound" => Health::current("PVC is Bound"),
        _ => Health::in_progress("PVC is not Bound"),
    }
}

/// As Flux reads it: a Job is healthy when it is complete or suspended, not when it has merely started.
fn job(object: &Value) -> Health {
    if is(object, "Complete", "True") {
        return Health::current(format!("Job Completed. succeeded: {}", count(object, "succeeded")));
    }
    if is(object, "Failed", "True") {
        return Health::failed(format!("Job Failed. failed: {}", count(object, "failed")));
    }
    if is(object, "Suspended", "True") {
        return Health::current("Job is suspended");
    }
    match text(object, "/status/startTime") {
        "" => Health::in_progress("Job not started"),
        _ => Health::in_progress(format!("Job in progress. active: {}", count(object, "active"))),
    }
}

fn budget(object: &Value) -> Health {
    let has = count(object, "currentHealthy");
    let wants = count(object, "desiredHealthy");
    match has < wants {
        true => Health::in_progress(format!("Budget not met. healthy: {has}/{wants}")),
        false => Health::current(format!("AllowedDisruptions has been computed. healthy: {has}/{wants}")),
    }
}

fn definition(object: &Value) -> Health {
    if is(object, "NamesAccepted", "False") {
        let message = condition(object, "NamesAccepted").map(|c| text(c, "/message")).unwrap_or_default();
        return Health::failed(message);
    }
    match condition(object, "Established") {
        Some(c) if text(c, "/status") == "True" => Health::current("CRD is established"),
        Some(c) if text(c, "/reason") != "Installing" => Health::failed(text(c, "/message")),
        _ => Health::in_progress("Install in progress"),
    }
}

fn api_service(object: &Value) -> Health {
    match condition(object, "Available") {
        Some(c) if text(c, "/status") == "True" => Health::current("APIService is available"),
        Some(c) => Health::in_progress(text(c, "/message")),
        None => Health::in_progress("APIService has not been checked yet"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status::{self, Current, Failed, InProgress, Terminating};
    use serde_json::json;

    fn check(api_version: &str, kind: &str, rest: Value, expected: Status) {
        let mut object = rest;
        object["apiVersion"] = api_version.into();
        object["kind"] = kind.into();
        assert_eq!(health(&object).status, expected, "{object}");
    }

    fn conditions(all: &[(&str, &str, &str)]) -> Value {
        let all = all.iter().map(|(kind, status, reason)| json!({"type": kind, "status": status, "reason": reason}));
        Value::Array(all.collect())
    }

    #[test]
    fn any_kind_is_read_by_its_conditions() {
        let given = |c: &[(&str, &str, &str)]| json!({"status": {"conditions": conditions(c)}});
        for (object, expected) in [
            (json!({}), Current),
            (json!({"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}), Terminating),
            (json!({"metadata": {"generation": 2}, "status": {"observedGeneration": 1}}), InProgress),
            (json!({"metadata": {"generation": 2}, "status": {"observedGeneration": 2}}), Current),
            (given(&[("Ready", "True", "")]), Current),
            (given(&[("Ready", "False", "")]), InProgress),
            (given(&[("Ready", "Unknown", "")]), InProgress),
            (given(&[("Reconciling", "True", ""), ("Ready", "True", "")]), InProgress),
            (given(&[("Stalled", "True", ""), ("Ready", "False", "")]), Failed),
            (given(&[("Stalled", "False", ""), ("Ready", "True", "")]), Current),
        ] {
            check("example.com/v1", "Thing", object, expected);
        }
    }

    #[test]
    fn deployments() {
        let given = |counts: [i64; 4], c: &[(&str, &str, &str)]| {
            let [all, updated, ready, available] = counts;
            json!({"spec": {"replicas": 2, "progressDeadlineSeconds": 600}, "status": {
                "replicas": all, "updatedReplicas": updated, "readyReplicas": ready, "availableReplicas": available,
                "conditions": conditions(c)}})
        };
        let done = [("Progressing", "True", "NewReplicaSetAvailable"), ("Available", "True", "")];
        for (object, expected) in [
            (json!({"spec": {}}), InProgress),
            (given([2, 2, 2, 2], &done), Current),
            (given([1, 1, 1, 1], &done), InProgress),
            (given([2, 1, 2, 2], &done), InProgress),
            (given([3, 2, 2, 2], &done), InProgress),
            (given([2, 2, 1, 2], &done), InProgress),
            (given([2, 2, 2, 1], &done), InProgress),
            (given([2, 2, 2, 2], &[("Progressing", "True", "ReplicaSetUpdated"), done[1]]), InProgress),
            (given([2, 2, 2, 2], &[done[0], ("Available", "False", "")]), InProgress),
            (given([2, 2, 0, 0], &[("Progressing", "False", "ProgressDeadlineExceeded")]), Failed),
        ] {
            check("apps/v1", "Deployment", object, expected);
        }
    }

    #[test]
    fn other_workloads() {
        for (kind, object, expected) in [
            ("ReplicaSet", json!({"spec": {"replicas": 0}, "status": {}}), Current),
            (
                "ReplicaSet",
                json!({"spec": {}, "status": {"fullyLabeledReplicas": 1, "availableReplicas": 1}}),
                InProgress,
            ),
            ("DaemonSet", json!({}), InProgress),
            (
                "DaemonSet",
                json!({"metadata": {"generation": 1}, "status": {"observedGeneration": 1,
                "desiredNumberScheduled": 1, "currentNumberScheduled": 1, "updatedNumberScheduled": 1,
                "numberAvailable": 1, "numberReady": 1}}),
                Current,
            ),
            (
                "DaemonSet",
                json!({"metadata": {"generation": 1}, "status": {"observedGeneration": 1,
                "desiredNumberScheduled": 2, "currentNumberScheduled": 1}}),
                InProgress,
            ),
            ("StatefulSet", json!({"spec": {"updateStrategy": {"type": "OnDelete"}}}), Current),
            (
                "StatefulSet",
                json!({"spec": {}, "status": {"replicas": 1, "readyReplicas": 1, "currentReplicas": 1,
                "currentRevision": "a", "updateRevision": "a"}}),
                Current,
            ),
            (
                "StatefulSet",
                json!({"spec": {}, "status": {"replicas": 1, "readyReplicas": 1, "currentReplicas": 1,
                "currentRevision": "a", "updateRevision": "b"}}),
                InProgress,
            ),
            (
                "StatefulSet",
                json!({"spec": {"replicas": 3, "updateStrategy": {"rollingUpdate": {"partition": 2}}},
                "status": {"replicas": 3, "readyReplicas": 3, "updatedReplicas": 1}}),
                Current,
            ),
        ] {
            check("apps/v1", kind, object, expected);
        }
    }

    #[test]
    fn jobs() {
        let given = |c: &[(&str, &str, &str)]| json!({"status": {"startTime": "x", "conditions": conditions(c)}});
        for (object, expected) in [
            (json!({}), InProgress),
            (given(&[]), InProgress),
            (given(&[("Complete", "True", "")]), Current),
            (given(&[("Failed", "True", "")]), Failed),
            (given(&[("Suspended", "True", "")]), Current),
        ] {
            check("batch/v1", "Job", object, expected);
        }
        check("batch/v1", "CronJob", json!({}), Current);
    }

    #[test]
    fn pods() {
        let phase =
            |phase: &str, c: &[(&str, &str, &str)]| json!({"status": {"phase": phase, "conditions": conditions(c)}});
        for (object, expected) in [
            (json!({}), InProgress),
            (phase("Succeeded", &[]), Current),
            (phase("Failed", &[]), Failed),
            (phase("Running", &[("Ready", "True", "")]), Current),
            (phase("Pending", &[("PodScheduled", "False", "Unschedulable")]), InProgress),
            (
                json!({"status": {"phase": "Running", "containerStatuses":
                    [{"name": "a", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}}),
                Failed,
            ),
        ] {
            check("v1", "Pod", object, expected);
        }
    }

    #[test]
    fn everything_else() {
        for (api_version, kind, object, expected) in [
            ("v1", "PersistentVolumeClaim", json!({"status": {"phase": "Bound"}}), Current),
            ("v1", "PersistentVolumeClaim", json!({"status": {"phase": "Pending"}}), InProgress),
            ("v1", "Service", json!({"spec": {"type": "ClusterIP"}}), Current),
            ("v1", "Service", json!({"spec": {"type": "LoadBalancer"}}), InProgress),
            ("v1", "Service", json!({"spec": {"type": "LoadBalancer", "clusterIP": "10.0.0.1"}}), Current),
            (
                "policy/v1",
                "PodDisruptionBudget",
                json!({"status": {"currentHealthy": 1, "desiredHealthy": 2}}),
                InProgress,
            ),
            (
                "policy/v1",
                "PodDisruptionBudget",
                json!({"status": {"currentHealthy": 2, "desiredHealthy": 2}}),
                Current,
            ),
            (
                "apiextensions.k8s.io/v1",
                "CustomResourceDefinition",
                json!({"status": {"conditions": conditions(&[("Established", "True", "")])}}),
                Current,
            ),
            (
                "apiextensions.k8s.io/v1",
                "CustomResourceDefinition",
                json!({"status": {"conditions": conditions(&[("NamesAccepted", "False", "MultipleNames")])}}),
                Failed,
            ),
            ("apiextensions.k8s.io/v1", "CustomResourceDefinition", json!({}), InProgress),
            (
                "apiregistration.k8s.io/v1",
                "APIService",
                json!({"status": {"conditions": conditions(&[("Available", "False", "x")])}}),
                InProgress,
            ),
            ("v1", "ConfigMap", json!({"data": {}}), Current),
        ] {
            check(api_version, kind, object, expected);
        }
    }
}

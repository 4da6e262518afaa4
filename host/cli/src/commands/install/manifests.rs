//! What weir needs in a cluster, besides its CRDs.

use std::collections::BTreeMap;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use serde_json::{Value, json};
use weir_core::annotation::{PART_OF, PART_OF_FLUX};

/// The name of everything that is weir's own.
pub(crate) const NAME: &str = "weir";

const ARTIFACT_PORT: u16 = 9090;
const METRICS_PORT: u16 = 8080;
const HEALTH_PORT: u16 = 9440;

/// The CRDs, labelled so that Flux's own CLI counts them as an installation (`flux check`, `flux version`).
pub(crate) fn crds(namespace: &str) -> Vec<CustomResourceDefinition> {
    let labels: BTreeMap<String, String> = serde_json::from_value(labels(namespace)).expect("labels are texts");
    let mut crds = weir_api::crds();
    for crd in &mut crds {
        crd.metadata.labels.get_or_insert_default().extend(labels.clone());
    }
    crds
}

/// Everything else, in the order of applying.
pub(crate) fn all(namespace: &str, image: &str) -> Vec<Value> {
    let labels = labels(namespace);
    let meta = |name: &str| json!({"name": name, "labels": labels});
    let own = |name: &str| json!({"name": name, "namespace": namespace, "labels": labels});
    vec![
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": meta(namespace)}),
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": own(NAME)}),
        cluster_role("flux-edit", "edit", &["create", "delete", "deletecollection", "patch", "update"], &labels),
        cluster_role("flux-view", "view", &["get", "list", "watch"], &labels),
        binding(namespace, &meta(&format!("{NAME}-{namespace}"))),
        service(&own(NAME)),
        deployment(namespace, image, &own(NAME)),
    ]
}

fn labels(namespace: &str) -> Value {
    json!({
        PART_OF: PART_OF_FLUX,
        "app.kubernetes.io/instance": namespace,
        "app.kubernetes.io/component": NAME,
        "app.kubernetes.io/version": concat!("v", env!("CARGO_PKG_VERSION")),
        "app.kubernetes.io/managed-by": NAME,
    })
}

/// Adds the Flux kinds to one of the roles that Kubernetes gives users.
fn cluster_role(name: &str, role: &str, verbs: &[&str], labels: &Value) -> Value {
    let mut labels = labels.clone();
    // Who may edit may view, but not the other way round.
    let targets: &[&str] = if role == "view" { &["admin", "edit", "view"] } else { &["admin", "edit"] };
    for target in targets {
        labels[format!("rbac.authorization.k8s.io/aggregate-to-{target}")] = json!("true");
    }
    let groups =
        ["source", "kustomize", "helm", "notification", "image"].map(|group| format!("{group}.toolkit.fluxcd.io"));
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "metadata": {"name": name, "labels": labels},
        "rules": [{"apiGroups": groups, "resources": ["*"], "verbs": verbs}],
    })
}

/// The engine applies whatever the fleet says, so it may do everything; tenants are held by impersonation.
fn binding(namespace: &str, metadata: &Value) -> Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": metadata,
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": namespace}],
    })
}

fn service(metadata: &Value) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": metadata,
        "spec": {
            "selector": selector(),
            "ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": "http"}],
        },
    })
}

fn selector() -> Value {
    json!({"app": NAME})
}

fn deployment(namespace: &str, image: &str, metadata: &Value) -> Value {
    let mut pod_labels = metadata["labels"].clone();
    pod_labels["app"] = json!(NAME);
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata,
        "spec": {
            "replicas": 1,
            // Two engines would fight over the artifact volume.
            "strategy": {"type": "Recreate"},
            "selector": {"matchLabels": selector()},
            "template": {
                "metadata": {"labels": pod_labels},
                "spec": {
                    "serviceAccountName": NAME,
                    "terminationGracePeriodSeconds": 60,
                    "priorityClassName": "system-cluster-critical",
                    "nodeSelector": {"kubernetes.io/os": "linux"},
                    "securityContext": {"fsGroup": 1337, "seccompProfile": {"type": "RuntimeDefault"}},
                    "containers": [container(namespace, image)],
                    "volumes": [{"name": "data", "emptyDir": {}}, {"name": "tmp", "emptyDir": {}}],
                },
            },
        },
    })
}

/// `flux logs` reads the container called `manager`.
fn container(namespace: &str, image: &str) -> Value {
    let port = |name: &str, port: u16| json!({"name": name, "containerPort": port, "protocol": "TCP"});
    json!({
        "name": "manager",
        "image": image,
        "args": ["run", format!("--storage-adv-addr={NAME}.{namespace}.svc.cluster.local."), "--storage-path=/data"],
        "ports": [port("http", ARTIFACT_PORT), port("http-prom", METRICS_PORT), port("healthz", HEALTH_PORT)],
        "livenessProbe": {"httpGet": {"path": "/healthz", "port": "healthz"}},
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": "healthz"}},
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "1Gi"}},
        "securityContext": {
            "allowPrivilegeEscalation": false,
            "readOnlyRootFilesystem": true,
            "runAsNonRoot": true,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "data", "mountPath": "/data"}, {"name": "tmp", "mountPath": "/tmp"}],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_labelled_and_namespaced_where_it_must() {
        for object in all("flux-system", "example.com/weir:v1") {
            let kind = object["kind"].as_str().unwrap();
            assert_eq!(object["metadata"]["labels"][PART_OF], PART_OF_FLUX, "{kind}");
            let is_global = matches!(kind, "Namespace" | "ClusterRole" | "ClusterRoleBinding");
            assert_eq!(object["metadata"]["namespace"].is_null(), is_global, "{kind}");
        }
    }

    #[test]
    fn the_crds_count_as_an_installation() {
        let crds = crds("flux-system");
        assert!(!crds.is_empty());
        for crd in crds {
            let labels = crd.metadata.labels.unwrap();
            assert_eq!(labels[PART_OF], PART_OF_FLUX);
            assert!(labels["app.kubernetes.io/version"].starts_with('v'));
        }
    }

    #[test]
    fn users_roles_get_what_fits() {
        let labels = |name: &str, role: &str| {
            let role = cluster_role(name, role, &[], &json!({}));
            role["metadata"]["labels"]
                .as_object()
                .unwrap()
                .keys()
                .map(|key| key.rsplit('-').next().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(labels("flux-edit", "edit"), ["admin", "edit"]);
        assert_eq!(labels("flux-view", "view"), ["admin", "edit", "view"]);
    }

    #[test]
    fn the_pods_are_found_by_service_and_logs() {
        let objects = all("flux-system", "example.com/weir:v1");
        let deployment = objects.iter().find(|object| object["kind"] == "Deployment").unwrap();
        let labels = &deployment["spec"]["template"]["metadata"]["labels"];
        assert_eq!((&labels["app"], &labels["app.kubernetes.io/component"]), (&json!(NAME), &json!(NAME)));
    }
}

//! Objects of all versions are read into the one type of their kind.

#![allow(clippy::unwrap_used)]

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use weir_api::{Alert, GitRepository, HelmRelease, Kustomization};

/// Reads an object; what is written back holds what was read, without the dropped fields.
fn check<K: DeserializeOwned + Serialize + Debug>(object: Value, dropped: &[&str]) -> K {
    let parsed: K = serde_json::from_value(object.clone()).unwrap();
    let mut expected = object["spec"].clone();
    for field in dropped {
        expected.as_object_mut().unwrap().remove(*field);
    }
    assert_eq!(serde_json::to_value(&parsed).unwrap()["spec"], expected);
    parsed
}

fn object(api_version: &str, kind: &str, spec: Value) -> Value {
    json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "a", "namespace": "b"}, "spec": spec})
}

#[test]
fn removed_versions_keep_their_fields() {
    let ks: Kustomization = check(
        object(
            "kustomize.toolkit.fluxcd.io/v1beta1",
            "Kustomization",
            json!({
                "interval": "10m0s", "prune": true, "path": "./", "validation": "client",
                "sourceRef": {"kind": "GitRepository", "name": "fleet"},
                "healthChecks": [{"kind": "Deployment", "name": "web", "namespace": "prod"}],
                "patchesStrategicMerge": [{"kind": "Deployment", "metadata": {"name": "web"}, "spec": null}],
                "patchesJson6902": [{"target": {"kind": "Service"}, "patch": [{"op": "add", "path": "/a", "value": {"b": 1}}]}],
            }),
        ),
        &[],
    );
    assert_eq!(ks.spec.health_checks.unwrap()[0].api_version(), "apps/v1");
    let repository: GitRepository = check(
        object(
            "source.toolkit.fluxcd.io/v1beta1",
            "GitRepository",
            json!({
                "url": "https://host/repo", "interval": "1m0s", "gitImplementation": "libgit2",
                "verify": {"mode": "head"}, "accessFrom": {"namespaceSelectors": [{"matchLabels": {"a": "b"}}]},
            }),
        ),
        &[],
    );
    assert_eq!(repository.spec.interval.0.as_secs(), 60);
    check::<HelmRelease>(
        object(
            "helm.toolkit.fluxcd.io/v2beta1",
            "HelmRelease",
            json!({
                "interval": "5m0s", "values": {"a": null},
                "chart": {"spec": {"chart": "podinfo", "valuesFile": "prod.yaml", "sourceRef": {"kind": "HelmRepository", "name": "r"}}},
                "postRenderers": [{"kustomize": {"patchesStrategicMerge": [{"kind": "Service"}]}}],
            }),
        ),
        &[],
    );
    let sources = json!({"providerRef": {"name": "p"}, "eventSources": [{"name": "*"}]});
    check::<Alert>(object("notification.toolkit.fluxcd.io/v1beta1", "Alert", sources), &[]);
}

#[test]
fn unknown_fields_nulls_and_unknown_values_are_read() {
    let ks: Kustomization = check(
        object(
            "kustomize.toolkit.fluxcd.io/v1",
            "Kustomization",
            json!({
                "interval": "1h0m0s", "prune": false, "sourceRef": {"kind": "Bucket", "name": "x"},
                "dependsOn": null, "patches": null, "deletionPolicy": "Later", "newField": {"a": 1},
            }),
        ),
        &["dependsOn", "patches", "newField"],
    );
    assert!(!ks.spec.is_suspended());
}

//! Makes a manifest what the server would accept and store, as Flux does before it applies.
//!
//! Built-in kinds pass through their types: fields that do not exist are dropped, and `null`s mean nothing.

use k8s_openapi::{
    ByteString,
    api::{
        admissionregistration::v1::{MutatingWebhookConfiguration, ValidatingWebhookConfiguration},
        apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet},
        autoscaling::{v1::HorizontalPodAutoscaler as HpaV1, v2::HorizontalPodAutoscaler},
        batch::v1::{CronJob, Job},
        core::v1::{
            ConfigMap, LimitRange, Namespace, PersistentVolume, PersistentVolumeClaim, Pod, ReplicationController,
            ResourceQuota, Secret, Service, ServiceAccount,
        },
        networking::v1::{Ingress, IngressClass, NetworkPolicy},
        policy::v1::PodDisruptionBudget,
        rbac::v1::{ClusterRoleBinding, RoleBinding},
        scheduling::v1::PriorityClass,
        storage::v1::StorageClass,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use weir_core::Object;

use crate::folding;

/// Normalises what is about to be applied.
pub(crate) fn normalize(object: &mut Object) {
    let (api_version, kind) = (object.api_version().to_owned(), object.kind().to_owned());
    let value = object.value_mut();
    if kind == "Secret" && api_version == "v1" {
        encode_string_data(value);
    }
    round_trip(&api_version, &kind, value);
    match kind == "CustomResourceDefinition" {
        true => drop_invalid_ca_bundle(value),
        false => drop_key(value, "status"),
    }
    clean_metadata(value);
    folding::strip(value);
    default_protocols(&api_version, &kind, value);
}

fn drop_key(value: &mut Value, key: &str) {
    value.as_object_mut().and_then(|map| map.remove(key));
}

/// What only the server writes.
fn clean_metadata(value: &mut Value) {
    let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    for key in ["creationTimestamp", "managedFields", "resourceVersion", "uid", "generation", "selfLink"] {
        metadata.remove(key);
    }
    metadata.retain(|_, v| !v.is_null());
}

/// `stringData` wins over `data`, as on the server; but only `data` is a field that can be owned and compared.
fn encode_string_data(value: &mut Value) {
    let Some(Value::Object(plain)) = value.as_object_mut().and_then(|secret| secret.remove("stringData")) else {
        return;
    };
    if !value["data"].is_object() {
        value["data"] = json!({});
    }
    for (key, text) in plain {
        value["data"][key] = match text {
            Value::String(text) => json!(ByteString(text.into_bytes())),
            // Not a valid Secret; refused later.
            other => other,
        };
    }
}

fn drop_invalid_ca_bundle(value: &mut Value) {
    let path = "/spec/conversion/webhook/clientConfig";
    let Some(config) = value.pointer_mut(path).and_then(Value::as_object_mut) else { return };
    let is_certificate = |bundle: &Value| {
        let decoded = serde_json::from_value::<ByteString>(bundle.clone());
        decoded.is_ok_and(|b| b.0.starts_with(b"-----BEGIN CERTIFICATE-----"))
    };
    if config.get("caBundle").is_some_and(|b| !is_certificate(b)) {
        config.remove("caBundle");
    }
}

macro_rules! by_type {
    ($api_version:expr, $kind:expr, $value:expr; $($version:literal: $($name:literal => $type:ty),+;)+) => {
        match ($api_version, $kind) {
            $($(($version, $name) => through::<$type>($value),)+)+
            _ => None,
        }
    };
}

/// Role and ClusterRole are left as they are, as in Flux; so is what does not fit its type: the server says it better.
fn round_trip(api_version: &str, kind: &str, value: &mut Value) {
    let typed = by_type!(api_version, kind, value;
        "v1": "Pod" => Pod, "Service" => Service, "ConfigMap" => ConfigMap, "Secret" => Secret,
            "ServiceAccount" => ServiceAccount, "Namespace" => Namespace, "PersistentVolume" => PersistentVolume,
            "PersistentVolumeClaim" => PersistentVolumeClaim, "LimitRange" => LimitRange,
            "ResourceQuota" => ResourceQuota, "ReplicationController" => ReplicationController;
        "apps/v1": "Deployment" => Deployment, "StatefulSet" => StatefulSet, "DaemonSet" => DaemonSet,
            "ReplicaSet" => ReplicaSet;
        "batch/v1": "Job" => Job, "CronJob" => CronJob;
        "autoscaling/v1": "HorizontalPodAutoscaler" => HpaV1;
        "autoscaling/v2": "HorizontalPodAutoscaler" => HorizontalPodAutoscaler;
        "networking.k8s.io/v1": "Ingress" => Ingress, "IngressClass" => IngressClass, "NetworkPolicy" => NetworkPolicy;
        "policy/v1": "PodDisruptionBudget" => PodDisruptionBudget;
        "rbac.authorization.k8s.io/v1": "RoleBinding" => RoleBinding, "ClusterRoleBinding" => ClusterRoleBinding;
        "scheduling.k8s.io/v1": "PriorityClass" => PriorityClass;
        "storage.k8s.io/v1": "StorageClass" => StorageClass;
        "admissionregistration.k8s.io/v1": "MutatingWebhookConfiguration" => MutatingWebhookConfiguration,
            "ValidatingWebhookConfiguration" => ValidatingWebhookConfiguration;
    );
    if let Some(typed) = typed {
        *value = typed;
    }
}

fn through<T: Serialize + DeserializeOwned>(value: &Value) -> Option<Value> {
    let typed: T = serde_json::from_value(value.clone()).ok()?;
    serde_json::to_value(typed).ok()
}

/// Ports without a protocol are TCP; server-side apply wants it said, because the protocol is part of their key.
fn default_protocols(api_version: &str, kind: &str, value: &mut Value) {
    if (api_version, kind) == ("v1", "Service") {
        value.pointer_mut("/spec/ports").into_iter().for_each(default_ports);
    }
    let template = match (api_version, kind) {
        ("v1", "Pod") => "/spec",
        ("apps/v1", _) | ("batch/v1", "Job") => "/spec/template/spec",
        ("batch/v1", "CronJob") => "/spec/jobTemplate/spec/template/spec",
        _ => return,
    };
    let Some(pod) = value.pointer_mut(template).and_then(Value::as_object_mut) else { return };
    for list in ["containers", "initContainers"] {
        let containers = pod.get_mut(list).and_then(Value::as_array_mut);
        let ports = containers.into_iter().flatten().filter_map(|c| c.get_mut("ports"));
        ports.for_each(default_ports);
    }
}

fn default_ports(ports: &mut Value) {
    for port in ports.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        default_protocol(port);
    }
}

fn default_protocol(port: &mut Map<String, Value>) {
    if port.get("protocol").and_then(Value::as_str).is_none_or(str::is_empty) {
        port.insert("protocol".into(), "TCP".into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: Value, expected: Value) {
        let mut object = Object::new(given).unwrap();
        normalize(&mut object);
        assert_eq!(object.into_value(), expected);
    }

    #[test]
    fn secrets_have_data_only() {
        check(
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"},
                "data": {"a": "b2xk", "b": "Yg=="}, "stringData": {"a": "new"}}),
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"a": "bmV3", "b": "Yg=="}}),
        );
    }

    #[test]
    fn unknown_fields_nulls_and_status_go() {
        check(
            json!({"apiVersion": "v1", "kind": "Service", "status": {"loadBalancer": {}}, "metadata":
                {"name": "s", "creationTimestamp": null, "uid": "u", "labels": null},
                "spec": {"tyop": 1, "type": null, "ports": [{"port": 80, "targetPort": "http"}]}}),
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"},
                "spec": {"ports": [{"port": 80, "targetPort": "http", "protocol": "TCP"}]}}),
        );
    }

    #[test]
    fn container_ports_get_a_protocol_and_quantities_stay() {
        let container = |protocol: Option<&str>| {
            let port = match protocol {
                Some(p) => json!({"containerPort": 53, "protocol": p}),
                None => json!({"containerPort": 53}),
            };
            json!({"name": "c", "image": "i", "ports": [port], "resources": {"limits": {"cpu": "1000m"}}})
        };
        let job = |c: Value| {
            json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"},
                "spec": {"template": {"spec": {"containers": [c]}}}})
        };
        check(job(container(None)), job(container(Some("TCP"))));
        check(job(container(Some("UDP"))), job(container(Some("UDP"))));
    }

    #[test]
    fn custom_objects_and_misfits_stay() {
        for object in [
            json!({"apiVersion": "a/v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"x": null}}),
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"ports": "none"}}),
        ] {
            check(object.clone(), object);
        }
    }

    #[test]
    fn definitions_keep_their_status_but_no_invalid_bundle() {
        let definition = |config: Value| {
            json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "d"},
                "spec": {"conversion": {"webhook": {"clientConfig": config}}}, "status": {"storedVersions": ["v1"]}})
        };
        check(definition(json!({"caBundle": "Cg=="})), definition(json!({})));
    }
}

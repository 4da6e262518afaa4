//! In which order objects are applied: stages, and the order within a stage. Both are Flux's.

use std::cmp::Ordering;

use weir_core::{Object, ObjectId};

/// Objects that must be there before others can be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// CRDs, Namespaces and ClusterRoles.
    Definitions,
    /// Kinds that end in `Class`.
    Classes,
    /// Kinds that the operator named.
    Custom,
    /// Everything else.
    Rest,
}

impl Stage {
    pub(crate) fn of(id: &ObjectId, custom: &[String]) -> Self {
        match (id.group.as_str(), id.kind.as_str()) {
            ("apiextensions.k8s.io", "CustomResourceDefinition")
            | ("", "Namespace")
            | ("rbac.authorization.k8s.io", "ClusterRole") => Self::Definitions,
            (_, kind) if kind.ends_with("Class") => Self::Classes,
            (group, kind) if custom.iter().any(|c| *c == kind || *c == format!("{group}/{kind}")) => Self::Custom,
            _ => Self::Rest,
        }
    }

    /// Whether what was changed must be ready before the next stage begins.
    pub(crate) fn is_awaited(self) -> bool {
        matches!(self, Self::Definitions | Self::Classes)
    }
}

const FIRST: [&str; 23] = [
    "CustomResourceDefinition",
    "Namespace",
    "ClusterRole",
    "ClusterClass",
    "RuntimeClass",
    "PriorityClass",
    "StorageClass",
    "VolumeSnapshotClass",
    "IngressClass",
    "GatewayClass",
    "ClusterRoleBinding",
    "ResourceQuota",
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "ConfigMap",
    "Secret",
    "Service",
    "LimitRange",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];
const LAST: [&str; 2] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

fn rank(kind: &str) -> usize {
    let place = |kinds: &[&str]| kinds.iter().position(|k| *k == kind);
    place(&FIRST).or_else(|| place(&LAST).map(|p| FIRST.len() + 1 + p)).unwrap_or(FIRST.len())
}

/// The order within a stage; prune goes the other way.
pub(crate) fn compare(a: &ObjectId, b: &ObjectId) -> Ordering {
    let key = |id: &ObjectId| rank(&id.kind);
    key(a)
        .cmp(&key(b))
        .then_with(|| a.group.cmp(&b.group))
        .then_with(|| a.kind.cmp(&b.kind))
        .then_with(|| a.namespace.cmp(&b.namespace).then_with(|| a.name.cmp(&b.name)))
}

/// The objects by stage, each stage in order. Empty stages are left out.
pub(crate) fn stages(objects: Vec<Object>, custom: &[String]) -> Vec<(Stage, Vec<Object>)> {
    let mut all: Vec<(Stage, ObjectId, Object)> = objects
        .into_iter()
        .map(|object| {
            let id = object.id();
            (Stage::of(&id, custom), id, object)
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| compare(&a.1, &b.1)));
    let mut stages: Vec<(Stage, Vec<Object>)> = Vec::new();
    for (stage, _, object) in all {
        match stages.last_mut() {
            Some((last, objects)) if *last == stage => objects.push(object),
            _ => stages.push((stage, vec![object])),
        }
    }
    stages
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(api_version: &str, kind: &str, name: &str) -> Object {
        Object::new(json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name}})).unwrap()
    }

    #[test]
    fn stages_and_kinds_come_in_order() {
        let objects = vec![
            object("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "v"),
            object("example.com/v1", "Widget", "w"),
            object("apps/v1", "Deployment", "d"),
            object("v1", "ConfigMap", "b"),
            object("v1", "ConfigMap", "a"),
            object("example.com/v1", "Early", "e"),
            object("storage.k8s.io/v1", "StorageClass", "s"),
            object("v1", "Namespace", "n"),
            object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "c"),
            object("example.com/v1", "Namespace", "not-a-namespace"),
        ];
        let stages = stages(objects, &["example.com/Early".into()]);
        let told: Vec<_> = stages.iter().map(|(s, o)| (*s, o.iter().map(Object::name).collect::<Vec<_>>())).collect();
        assert_eq!(
            told,
            [
                (Stage::Definitions, vec!["c", "n"]),
                (Stage::Classes, vec!["s"]),
                (Stage::Custom, vec!["e"]),
                (Stage::Rest, vec!["not-a-namespace", "a", "b", "d", "w", "v"]),
            ]
        );
    }
}

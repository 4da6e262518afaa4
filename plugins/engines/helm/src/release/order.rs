//! The order in which kinds are installed.

use crate::Helm;

/// Kinds in install order; the others follow in the order of their names.
const INSTALL_ORDER: [&str; 36] = [
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
];

/// What Helm 4 installs after those.
const HELM_4: [&str; 2] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

fn rank(kind: &str, helm: Helm) -> Option<usize> {
    let known = INSTALL_ORDER.iter().position(|known| *known == kind);
    let more = || HELM_4.iter().position(|known| *known == kind).map(|at| INSTALL_ORDER.len() + at);
    match helm {
        Helm::V3 => known,
        Helm::V4 => known.or_else(more),
    }
}

/// Sort stably by it: known kinds by their rank, then the others by name.
pub(crate) fn key(kind: &str, helm: Helm) -> (usize, String) {
    match rank(kind, helm) {
        Some(rank) => (rank, String::new()),
        None => (usize::MAX, kind.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_kinds_come_first_and_the_others_by_name() {
        let mut kinds = ["Zebra", "Deployment", "ValidatingWebhookConfiguration", "Alpha", "Namespace", ""];
        kinds.sort_by_key(|kind| key(kind, Helm::V3));
        assert_eq!(kinds, ["Namespace", "Deployment", "", "Alpha", "ValidatingWebhookConfiguration", "Zebra"]);
        kinds.sort_by_key(|kind| key(kind, Helm::V4));
        assert_eq!(kinds, ["Namespace", "Deployment", "ValidatingWebhookConfiguration", "", "Alpha", "Zebra"]);
    }
}

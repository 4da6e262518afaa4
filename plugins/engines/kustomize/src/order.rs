//! The order of kinds in which kustomize prints and configures.

use hashbrown::HashMap;

use crate::id::Gvk;

pub(crate) const FIRST: [&str; 22] = [
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];
pub(crate) const LAST: [&str; 2] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// Ranks of kinds: negative before all others, positive after them.
pub(crate) fn ranks<'a, S: AsRef<str>>(first: &'a [S], last: &'a [S]) -> HashMap<&'a str, i64> {
    let first = first.iter().zip(-(first.len() as i64)..);
    first.chain(last.iter().zip(1..)).map(|(kind, rank)| (kind.as_ref(), rank)).collect()
}

/// Sorts what belongs to kinds: first the kinds with a rank, then by group, version and kind.
pub(crate) fn sort_by_kind<T>(list: &mut [T], gvk: impl Fn(&T) -> &Gvk) {
    if list.len() < 2 {
        return;
    }
    list.sort_by_cached_key(|item| {
        let gvk = gvk(item);
        (rank(&gvk.kind), text(gvk))
    });
}

/// As [`ranks`] of the defaults, for lists that are shorter than a table of them.
fn rank(kind: &str) -> i64 {
    let place = |list: &[&str]| list.iter().position(|known| *known == kind).map(|at| at as i64);
    let first = place(&FIRST).map(|at| at - FIRST.len() as i64);
    first.or_else(|| place(&LAST).map(|at| at + 1)).unwrap_or(0)
}

/// Group, version and kind as text that sorts; what is not set comes late.
pub(crate) fn text(gvk: &Gvk) -> String {
    [or(&gvk.group, "~G"), or(&gvk.version, "~V"), or(&gvk.kind, "~K")].join("_")
}

pub(crate) fn or<'a>(text: &'a str, none: &'a str) -> &'a str {
    if text.is_empty() { none } else { text }
}

use std::collections::HashMap;

use crate::error::{Error, Result};
use crate::id::{Gvk, ResId};
use crate::kustomization::SortOptions;
use crate::options::SortOrder;
use crate::resmap::ResMap;

const FIRST: [&str; 22] = [
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
const LAST: [&str; 2] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// Orders the result as the kustomization file says, or else as the caller does.
pub(crate) fn sort(map: &mut ResMap, options: Option<&SortOptions>, default: SortOrder) -> Result<()> {
    let Some(options) = options else {
        if default == SortOrder::Legacy {
            legacy(map, &FIRST, &LAST);
        }
        return Ok(());
    };
    match (options.order.as_str(), &options.legacy_sort_options) {
        ("legacy", None) => legacy(map, &FIRST, &LAST),
        ("legacy", Some(order)) => {
            let names = |list: &[String]| list.iter().map(String::as_str).map(str::to_owned).collect::<Vec<_>>();
            let (first, last) = (names(&order.order_first), names(&order.order_last));
            legacy(map, &first, &last);
        }
        ("fifo", None) => {}
        ("fifo", Some(_)) => {
            return Err(Error::refused(
                "the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'",
            ));
        }
        _ => return Err(Error::refused("the field 'sortOptions.order' must be one of [fifo, legacy]")),
    }
    Ok(())
}

fn legacy<S: AsRef<str>>(map: &mut ResMap, first: &[S], last: &[S]) {
    let ranks: HashMap<&str, i64> = first
        .iter()
        .zip(-(first.len() as i64)..)
        .chain(last.iter().zip(1..))
        .map(|(kind, rank)| (kind.as_ref(), rank))
        .collect();
    map.resources_mut().sort_by_cached_key(|resource| {
        let id = resource.id();
        (ranks.get(id.gvk.kind.as_str()).copied().unwrap_or(0), gvk_key(&id.gvk), id_key(&id))
    });
}

fn or(text: &str, none: &str) -> String {
    if text.is_empty() { none.to_owned() } else { text.to_owned() }
}

fn gvk_key(gvk: &Gvk) -> String {
    // A foreign kind called Namespace comes after the real one.
    let group = if gvk.kind == "Namespace" && gvk.group.is_empty() { String::new() } else { or(&gvk.group, "~G") };
    [group, or(&gvk.version, "~V"), or(&gvk.kind, "~K")].join("_")
}

fn id_key(id: &ResId) -> String {
    [id.gvk.to_string(), or(&id.namespace, "~X"), or(&id.name, "~N")].join("|")
}

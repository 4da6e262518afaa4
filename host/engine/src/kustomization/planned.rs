//! The plan of a first apply. It travels with the finalizer, because what may exist must be known before it does, and a
//! request of its own for it would be one more for every new Kustomization.

use kube::ResourceExt;
use weir_api::Kustomization;
use weir_core::{Inventory, annotation::PLANNED_INVENTORY};

/// Bytes of a plan: annotations are kept in memory and read by people. A larger one goes into the status.
const MAX_PLAN: usize = 4096;

/// What may exist in the cluster: the inventory of the status, or the plan of a first apply that never came to its end.
pub(super) fn known(object: &Kustomization) -> Option<Inventory> {
    let stored = object.status.as_ref().and_then(|s| s.inventory.clone());
    stored.or_else(|| serde_json::from_str(object.annotations().get(PLANNED_INVENTORY)?).ok())
}

/// The annotation for a plan; `None` when it is too large for one.
pub(super) fn annotation(plan: &Inventory) -> Option<(&'static str, String)> {
    let text = serde_json::to_string(plan).ok()?;
    (text.len() <= MAX_PLAN).then_some((PLANNED_INVENTORY, text))
}

/// Whether the plan is still there and of no use any more.
pub(super) fn is_spent(object: &Kustomization) -> bool {
    let has_inventory = object.status.as_ref().is_some_and(|s| s.inventory.is_some());
    has_inventory && object.annotations().contains_key(PLANNED_INVENTORY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_core::inventory::Entry;

    fn inventory(count: usize) -> Inventory {
        let entry = |n| Entry { id: format!("ns_map-{n}__ConfigMap"), v: "v1".into() };
        Inventory { entries: (0..count).map(entry).collect() }
    }

    fn object(plan: &str, status: Option<Inventory>) -> Kustomization {
        let mut object = Kustomization::new("apps", Default::default());
        object.annotations_mut().insert(PLANNED_INVENTORY.into(), plan.into());
        object.status = Some(weir_api::kustomization::KustomizationStatus { inventory: status, ..Default::default() });
        object
    }

    #[test]
    fn a_plan_counts_until_the_status_has_an_inventory() {
        let (key, plan) = annotation(&inventory(2)).unwrap();
        assert_eq!(key, PLANNED_INVENTORY);
        let planned = object(&plan, None);
        assert_eq!((known(&planned), is_spent(&planned)), (Some(inventory(2)), false));
        let applied = object(&plan, Some(inventory(1)));
        assert_eq!((known(&applied), is_spent(&applied)), (Some(inventory(1)), true));
        assert_eq!(known(&object("rubbish", None)), None);
    }

    #[test]
    fn a_large_plan_is_none() {
        assert!(annotation(&inventory(50)).is_some());
        assert!(annotation(&inventory(500)).is_none());
    }
}

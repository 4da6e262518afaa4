//! A fleet's own Flux: its CRDs and controllers are recognised and left out of apply and prune, because weir takes their place.
//!
//! A bootstrapped fleet labels them `app.kubernetes.io/part-of: flux`. The namespace `flux-system` carries the label too, but
//! the fleet's own objects live there, so it is applied like everything else.

use weir_core::{Object, annotation, inventory::Entry};

/// The groups of Flux's kinds end in this.
const FLUX_DOMAIN: &str = ".fluxcd.io";

/// What remains to apply, and what was left out.
pub(crate) struct Split {
    pub(crate) kept: Vec<Object>,
    pub(crate) left_out: Vec<Object>,
}

/// Splits off Flux's own components.
pub(crate) fn split(objects: Vec<Object>) -> Split {
    let (left_out, kept) = objects.into_iter().partition(is_flux_component);
    Split { kept, left_out }
}

/// What prune must leave alone: what was left out, and in any case the definitions that weir serves. A fleet that Flux
/// applied before has them in its inventory, and deleting a definition deletes every object of its kind.
pub(crate) fn is_protected(entry: &Entry, left_out: &[Object]) -> bool {
    let is_definition =
        entry.object().is_some_and(|id| id.kind == "CustomResourceDefinition" && id.name.ends_with(FLUX_DOMAIN));
    is_definition || left_out.iter().any(|o| Entry::new(&o.id(), o.version()).id == entry.id)
}

/// One sentence for the event.
pub(crate) fn message(left_out: &[Object]) -> String {
    format!(
        "weir takes the place of this fleet's own Flux: {} of its objects are left out of apply and prune\nhint: `--apply-flux-components` applies them",
        left_out.len()
    )
}

fn is_flux_component(object: &Object) -> bool {
    object.kind() != "Namespace" && object.label(annotation::PART_OF) == Some(annotation::PART_OF_FLUX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_inventory_of_flux_is_never_pruned() {
        let entry = |id: &str| Entry { id: id.into(), v: "v1".into() };
        let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x", "namespace": "ns"}});
        let left_out = [Object::new(service).unwrap()];
        for (id, protected) in [
            ("_gitrepositories.source.toolkit.fluxcd.io_apiextensions.k8s.io_CustomResourceDefinition", true),
            ("_things.example.com_apiextensions.k8s.io_CustomResourceDefinition", false),
            ("ns_x__Service", true),
            ("ns_y__Service", false),
        ] {
            assert_eq!(is_protected(&entry(id), &left_out), protected, "{id}");
        }
    }

    #[test]
    fn controllers_and_definitions_are_left_out_and_the_rest_is_kept() {
        let object = |kind: &str, part_of: Option<&str>| {
            let labels = part_of.map(|p| json!({annotation::PART_OF: p}));
            Object::new(json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "x", "labels": labels}})).unwrap()
        };
        let split = split(vec![
            object("Deployment", Some("flux")),
            object("CustomResourceDefinition", Some("flux")),
            object("Namespace", Some("flux")),
            object("GitRepository", None),
            object("Deployment", Some("shop")),
        ]);
        let kinds = |objects: &[Object]| objects.iter().map(|o| o.kind().to_owned()).collect::<Vec<_>>();
        assert_eq!(kinds(&split.kept), ["Namespace", "GitRepository", "Deployment"]);
        assert_eq!(kinds(&split.left_out), ["Deployment", "CustomResourceDefinition"]);
        assert!(message(&split.left_out).contains("2 of its objects"));
    }
}

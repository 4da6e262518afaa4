//! A fleet's own Flux: its CRDs and controllers are recognised and left out of apply and prune, because weir takes their place.
//!
//! A bootstrapped fleet labels them `app.kubernetes.io/part-of: flux`. The namespace `flux-system` carries the label too, but
//! the fleet's own objects live there, so it is applied like everything else.

use weir_core::{Object, annotation};

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

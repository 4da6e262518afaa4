//! The CRDs: their files, their versions, and what they must have in common.

#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

mod files;

fn crd(plural: &str) -> Value {
    let crd = weir_api::crds().into_iter().find(|c| c.spec.names.plural == plural).unwrap();
    serde_json::to_value(crd).unwrap()
}

fn version<'a>(crd: &'a Value, name: &str) -> &'a Value {
    let versions = crd["spec"]["versions"].as_array().unwrap();
    versions.iter().find(|v| v["name"] == name).unwrap_or_else(|| panic!("no version {name}"))
}

fn at<'a>(crd: &'a Value, name: &str, pointer: &str) -> Option<&'a Value> {
    version(crd, name)["schema"]["openAPIV3Schema"].pointer(pointer)
}

#[test]
fn files_are_up_to_date() {
    let stale = files::stale();
    assert!(stale.is_empty(), "run `cargo run -p weir-api --example crds -- --write`; stale: {stale:?}");
}

#[test]
fn every_version_that_flux_ever_served_is_served() {
    for (plural, versions) in [
        ("gitrepositories", "v1beta1 v1beta2 v1"),
        ("ocirepositories", "v1beta2 v1"),
        ("helmrepositories", "v1beta1 v1beta2 v1"),
        ("helmcharts", "v1beta1 v1beta2 v1"),
        ("buckets", "v1beta1 v1beta2 v1"),
        ("externalartifacts", "v1"),
        ("artifactgenerators", "v1beta1"),
        ("kustomizations", "v1beta1 v1beta2 v1"),
        ("helmreleases", "v2beta1 v2beta2 v2"),
        ("imagerepositories", "v1beta1 v1beta2 v1"),
        ("imagepolicies", "v1beta1 v1beta2 v1"),
        ("imageupdateautomations", "v1beta1 v1beta2 v1"),
        ("alerts", "v1beta1 v1beta2 v1beta3"),
        ("providers", "v1beta1 v1beta2 v1beta3"),
        ("receivers", "v1beta1 v1beta2 v1"),
    ] {
        let crd = crd(plural);
        let found: Vec<&str> =
            crd["spec"]["versions"].as_array().unwrap().iter().map(|v| v["name"].as_str().unwrap()).collect();
        assert_eq!(found.join(" "), versions, "{plural}");
        let current = found.last().unwrap();
        for name in &found {
            let v = version(&crd, name);
            assert_eq!((&v["served"], &v["storage"]), (&json!(true), &json!(name == current)), "{plural} {name}");
            assert_eq!(v["deprecated"] == true, name != current, "{plural} {name}");
        }
        assert_eq!(crd["spec"]["conversion"], json!({"strategy": "None"}));
        assert_eq!(crd["metadata"]["annotations"]["kustomize.toolkit.fluxcd.io/substitute"], "disabled");
    }
}

#[test]
fn old_fields_survive_in_the_stored_version() {
    for (plural, stored, field) in [
        ("gitrepositories", "v1", "gitImplementation"),
        ("gitrepositories", "v1", "accessFrom"),
        ("buckets", "v1", "accessFrom"),
        ("helmcharts", "v1", "valuesFile"),
        ("helmcharts", "v1", "accessFrom"),
        ("kustomizations", "v1", "patchesStrategicMerge"),
        ("kustomizations", "v1", "patchesJson6902"),
        ("kustomizations", "v1", "validation"),
        ("helmreleases", "v2", "chart/properties/spec/properties/valuesFile"),
        ("helmreleases", "v2", "postRenderers/items/properties/kustomize/properties/patchesJson6902"),
        ("helmreleases", "v2", "postRenderers/items/properties/kustomize/properties/patchesStrategicMerge"),
    ] {
        let pointer = format!("/properties/spec/properties/{field}");
        assert!(at(&crd(plural), stored, &pointer).is_some(), "{plural} {field}");
    }
}

#[test]
fn rules_of_the_current_version_are_those_of_flux() {
    let (git, ks) = (crd("gitrepositories"), crd("kustomizations"));
    let spec = |field: &str| format!("/properties/spec/properties/{field}");
    for (crd, field, expected) in [
        (&git, "url/pattern", json!("^(http|https|ssh)://.*$")),
        (&git, "interval/pattern", json!(r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$")),
        (&git, "timeout/pattern", json!(r"^([0-9]+(\.[0-9]+)?(ms|s|m))+$")),
        (&git, "timeout/default", json!("60s")),
        (&git, "verify/properties/mode/default", json!("HEAD")),
        (&git, "verify/required", json!(["secretRef"])),
        (
            &ks,
            "sourceRef/properties/kind/enum",
            json!(["OCIRepository", "GitRepository", "Bucket", "ExternalArtifact"]),
        ),
        (&ks, "force/default", json!(false)),
        (&ks, "targetNamespace/maxLength", json!(63)),
    ] {
        assert_eq!(at(crd, "v1", &spec(field)), Some(&expected), "{field}");
    }
    assert_eq!(at(&ks, "v1", "/properties/status/default"), Some(&json!({"observedGeneration": -1})));
    let required = at(&ks, "v1", "/properties/spec/required").and_then(Value::as_array).unwrap();
    assert!(required.len() == 3 && ["interval", "prune", "sourceRef"].iter().all(|f| required.contains(&json!(f))));
    assert_eq!(at(&git, "v1beta1", &spec("interval/pattern")), None);
    assert_eq!(at(&git, "v1beta1", &spec("verify/required")), None);
}

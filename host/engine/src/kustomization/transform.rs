//! Step 3: from rendered documents to the objects to apply: lists flattened, variables substituted, common metadata set.

use serde_json::Value;
use weir_api::{
    kustomization::{KustomizationSpec, PostBuild, SubstituteStrategy},
    meta::CommonMetadata,
};
use weir_core::{Failure, Object, condition::reasons, object};

use super::substitute::{self, Variables};

/// `disabled` on an object leaves its `${…}` alone.
const SUBSTITUTE: &str = "kustomize.toolkit.fluxcd.io/substitute";
/// The group of `kustomization.yaml` itself, which is never applied.
const KUSTOMIZE_CONFIG_GROUP: &str = "kustomize.config.k8s.io";

/// The objects of a build, in the order of the build.
pub(crate) fn transform(
    documents: Vec<Value>,
    spec: &KustomizationSpec,
    variables: &Variables,
) -> Result<Vec<Object>, Failure> {
    let mut objects = vec![];
    for document in documents {
        let flat = object::flatten(document).map_err(|e| build_failed(e.to_string()))?;
        objects.extend(flat.into_iter().filter(|o| !o.group().eq(KUSTOMIZE_CONFIG_GROUP)));
    }
    if spec.post_build.as_ref().is_some_and(|p| substitutes(p, variables)) {
        objects = substitute_all(objects, variables)?;
    }
    if let Some(common) = &spec.common_metadata {
        objects.iter_mut().for_each(|o| set_common(o, common));
    }
    Ok(objects)
}

/// Flux substitutes when there is at least one variable, or always when asked to.
fn substitutes(post_build: &PostBuild, variables: &Variables) -> bool {
    !variables.is_empty() || post_build.substitute_strategy == Some(SubstituteStrategy::Always)
}

fn substitute_all(objects: Vec<Object>, variables: &Variables) -> Result<Vec<Object>, Failure> {
    objects.into_iter().map(|o| substitute_one(o, variables)).collect()
}

fn substitute_one(object: Object, variables: &Variables) -> Result<Object, Failure> {
    // Flux compares this one value exactly.
    let disabled = [object.annotation(SUBSTITUTE), object.label(SUBSTITUTE)].contains(&Some("disabled"));
    if disabled || !mentions_a_variable(object.value()) {
        return Ok(object);
    }
    let what = format!("{}/{}", object.kind(), object.name());
    let failed = |e: String| build_failed(format!("post build failed for '{what}': {e}"));
    let text = weir_yaml::to_yaml(object.value());
    let expanded = substitute::expand(&text, variables).map_err(|e| failed(e.to_string()))?;
    let value: Value = weir_yaml::from_str(&expanded).map_err(|e| failed(e.to_string()))?;
    Object::new(value).map_err(|e| failed(e.to_string()))
}

/// Printing and reading a whole object costs; most have no `$` at all.
fn mentions_a_variable(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('$'),
        Value::Array(items) => items.iter().any(mentions_a_variable),
        Value::Object(map) => map.iter().any(|(key, value)| key.contains('$') || mentions_a_variable(value)),
        _ => false,
    }
}

fn set_common(object: &mut Object, common: &CommonMetadata) {
    for (key, value) in common.labels.iter().flatten() {
        object.set_label(key, value);
    }
    for (key, value) in common.annotations.iter().flatten() {
        object.set_annotation(key, value);
    }
}

fn build_failed(message: String) -> Failure {
    Failure::retry(reasons::BUILD_FAILED, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run(documents: Value, spec: Value) -> Result<Value, String> {
        let mut full = json!({"interval": "1m", "prune": true, "sourceRef": {"kind": "GitRepository", "name": "r"}});
        full.as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
        let spec: KustomizationSpec = serde_json::from_value(full).unwrap();
        let variables = spec.post_build.as_ref().and_then(|p| p.substitute.clone()).unwrap_or_default();
        let documents = documents.as_array().unwrap().clone();
        transform(documents, &spec, &variables).map(|o| json!(o)).map_err(|f| f.message)
    }

    fn config_map(data: Value) -> Value {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": data})
    }

    #[test]
    fn lists_are_flattened_and_kustomize_files_dropped() {
        let out = run(
            json!([
                {"apiVersion": "v1", "kind": "List", "items": [config_map(json!({}))]},
                {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "metadata": {"name": "k"}},
            ]),
            json!({"commonMetadata": {"labels": {"team": "a"}, "annotations": {"n": "1"}}}),
        );
        let mut expected = config_map(json!({}));
        expected["metadata"] = json!({"name": "x", "labels": {"team": "a"}, "annotations": {"n": "1"}});
        assert_eq!(out, Ok(json!([expected])));
    }

    #[test]
    fn variables_are_substituted_unless_disabled() {
        let spec = json!({"postBuild": {"substitute": {"v": "blue", "n": "3"}}});
        let out = run(json!([config_map(json!({"a": "is ${v}", "b": "x"}))]), spec.clone()).unwrap();
        assert_eq!(out[0]["data"], json!({"a": "is blue", "b": "x"}));
        let mut disabled = config_map(json!({"a": "${v}"}));
        disabled["metadata"]["annotations"] = json!({SUBSTITUTE: "disabled"});
        assert_eq!(run(json!([disabled]), spec.clone()), Ok(json!([disabled])));
        let error = run(json!([config_map(json!({"a": "${w}"}))]), spec).unwrap_err();
        assert_eq!(error, "post build failed for 'ConfigMap/x': variable not set (strict mode): \"w\"");
    }

    #[test]
    fn documents_that_are_no_objects_fail_the_build() {
        assert!(run(json!([{"a": 1}]), json!({})).unwrap_err().contains("apiVersion"));
    }
}

//! Structural schemas, as an API server wants them, from the types.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// Our own keyword for a default: schemars' `default` also shows what serde does about absent fields.
const DEFAULT: &str = "x-default";
/// Keywords of JSON Schema that a structural schema must not have, or that say nothing.
const DROPPED: [&str; 5] = ["$schema", "title", "nullable", "default", "uniqueItems"];
/// Formats that Kubernetes checks; schemars also names the Rust types of numbers.
const FORMATS: [&str; 2] = ["int64", "date-time"];

/// The schema of a type, without references.
pub(crate) fn of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::openapi3().with(|s| {
        s.inline_subschemas = true;
        s.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    structural(&mut schema);
    schema
}

/// The schema of a whole object.
pub(crate) fn object(kind: &str, spec: Value, status: Option<Value>) -> Value {
    let mut properties = json!({
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"type": "object"},
        "spec": spec,
    });
    if let Some(status) = status {
        properties["status"] = status;
    }
    json!({"type": "object", "description": format!("A {kind} of Flux."), "properties": properties})
}

fn structural(schema: &mut Value) {
    let Some(keywords) = schema.as_object_mut() else {
        return;
    };
    unwrap_option(keywords);
    for keyword in DROPPED {
        keywords.remove(keyword);
    }
    if let Some(default) = keywords.remove(DEFAULT) {
        keywords.insert("default".into(), default);
    }
    if keywords.get("format").is_some_and(|f| !FORMATS.iter().any(|known| f == known)) {
        keywords.remove("format");
    }
    for below in ["items", "additionalProperties"] {
        keywords.get_mut(below).into_iter().for_each(structural);
    }
    let properties = keywords.get_mut("properties").and_then(Value::as_object_mut);
    properties.into_iter().flatten().for_each(|(_, property)| structural(property));
}

/// An `Option<T>` reads as `T`: an API server drops nulls where they are not allowed.
fn unwrap_option(keywords: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = keywords.get_mut("type") {
        types.retain(|t| t != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            keywords.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(values)) = keywords.get_mut("enum") {
        values.retain(|v| !v.is_null());
    }
    let Some(Value::Array(choices)) = keywords.remove("anyOf") else {
        return;
    };
    let inner = choices.into_iter().filter_map(|c| match c {
        Value::Object(c) if c.get("type").is_none_or(|t| t != "null") && !c.contains_key("nullable") => Some(c),
        _ => None,
    });
    for (keyword, value) in inner.flatten() {
        keywords.entry(keyword).or_insert(value);
    }
}

/// Takes out what the first betas did not check: patterns, lengths, and rules in CEL.
pub(crate) fn loosen(schema: &mut Value) {
    let Some(keywords) = schema.as_object_mut() else {
        return;
    };
    for keyword in ["pattern", "minLength", "maxLength", "x-kubernetes-validations"] {
        keywords.remove(keyword);
    }
    for below in ["items", "additionalProperties"] {
        keywords.get_mut(below).into_iter().for_each(loosen);
    }
    let properties = keywords.get_mut("properties").and_then(Value::as_object_mut);
    properties.into_iter().flatten().for_each(|(_, property)| loosen(property));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize, JsonSchema)]
    #[allow(dead_code)]
    struct Inner {
        /// Text.
        title: Option<String>,
    }

    #[derive(Deserialize, JsonSchema)]
    #[allow(dead_code)]
    struct Outer {
        /// An object.
        inner: Option<Inner>,
        #[schemars(extend("x-default" = 3))]
        count: Option<i32>,
        list: Vec<Inner>,
    }

    #[test]
    fn schemas_are_structural() {
        let inner = json!({"type": "object", "properties": {"title": {"type": "string", "description": "Text."}}});
        let mut described = inner.clone();
        described["description"] = "An object.".into();
        let expected = json!({
            "type": "object",
            "required": ["list"],
            "properties": {
                "inner": described,
                "count": {"type": "integer", "default": 3},
                "list": {"type": "array", "items": inner},
            },
        });
        assert_eq!(of::<Outer>(), expected);
    }
}

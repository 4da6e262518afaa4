//! Reduces an OpenAPI v2 document of Kubernetes (`/openapi/v2` of an API server, or `swagger.json` of a release) to the table
//! of merge keys in `src/schema`, and prints it:
//! `schema FILE VERSION`. `./x openapi` runs it.
//!
//! Kinds of alpha versions are left out: a server does not offer them unless it is told to, and kustomize's own copy of the
//! document is that of a server with its defaults.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::iter::repeat;
use std::process::ExitCode;

use serde_json::{Map, Value, json};

/// A kind that the original adds to the document, under this name.
const KUSTOMIZATION: &str = "io.k8s.api.apps.v1.Kustomization";
/// A kind that servers only offer behind a feature gate.
const GATED: &str = "v1/EphemeralContainers";
/// Where types are that every group repeats as kinds of its own, such as options of a deletion.
const SHARED: &str = "io.k8s.apimachinery.";

/// A field that leads to a merged list.
enum Field {
    Object(String),
    Map(String),
    List { keys: Vec<String>, element: Option<String> },
}

type Types = BTreeMap<String, BTreeMap<String, Field>>;

fn main() -> ExitCode {
    common::run(table)
}

fn table(document: Value, version: &str) -> String {
    let mut definitions: BTreeMap<String, Value> = match document {
        Value::Object(mut fields) => match fields.remove("definitions") {
            Some(Value::Object(definitions)) => definitions.into_iter().collect(),
            _ => BTreeMap::new(),
        },
        _ => BTreeMap::new(),
    };
    definitions.insert(KUSTOMIZATION.to_owned(), kustomization());
    let types: Types = definitions.iter().map(|(name, definition)| (name.clone(), fields(definition))).collect();
    let leading = leading(&types);
    let kept: Vec<&String> = definitions
        .keys()
        .filter(|name| leading.contains(*name) || !kinds(name, &definitions[*name]).is_empty())
        .collect();
    let ids: BTreeMap<&str, usize> = kept.iter().enumerate().map(|(id, name)| (name.as_str(), id)).collect();
    let id = |name: &String| leading.contains(name).then(|| ids[name.as_str()]);
    let mut lines = header(version);
    let named =
        kept.iter().flat_map(|name| kinds(name, &definitions[*name]).into_iter().zip(repeat(ids[name.as_str()])));
    let named: BTreeMap<String, usize> = named.collect();
    lines.extend(named.into_iter().map(|(kind, id)| format!("{kind} = {id}")));
    for name in &kept {
        let shown: Vec<String> = types[*name].iter().filter_map(|(field, kind)| show(field, kind, &id)).collect();
        lines.push(format!("{}: {}", ids[name.as_str()], shown.join(" ")).trim_end().to_owned());
    }
    lines.join("\n") + "\n"
}

fn header(version: &str) -> Vec<String> {
    vec![
        format!("# List merge keys of the types of Kubernetes {version}, reduced to what leads to a merged list. Written by `./x openapi`."),
        "# `GROUP/VERSION/KIND = ID` names the type of a resource. `ID: FIELD=TYPE ...` lists fields: `N` an object of type N,".to_owned(),
        "# `[key,...]N` a list merged by these keys with elements of type N, `[]` a merged list of scalars, `{N}` a map.".to_owned(),
    ]
}

/// The original's own kind, with the lists that it merges.
fn kustomization() -> Value {
    let list = |name: &str| {
        (
            name.to_owned(),
            json!({"type": "array", "x-kubernetes-patch-merge-key": "name", "x-kubernetes-patch-strategy": "merge"}),
        )
    };
    let properties: Map<String, Value> = [list("configMapGenerator"), list("secretGenerator")].into_iter().collect();
    let kind = json!({"group": "kustomize.config.k8s.io", "version": "v1beta1", "kind": "Kustomization"});
    json!({"properties": properties, "x-kubernetes-group-version-kind": [kind]})
}

/// `GROUP/VERSION/KIND` of the resources that have this type.
fn kinds(name: &str, definition: &Value) -> Vec<String> {
    if name.starts_with(SHARED) {
        return Vec::new();
    }
    let listed = definition["x-kubernetes-group-version-kind"].as_array();
    let kind = |value: &Value| {
        let part = |field: &str| value[field].as_str().filter(|part| !part.is_empty());
        let is_offered = !part("version")?.contains("alpha");
        let parts: Vec<&str> = ["group", "version", "kind"].into_iter().filter_map(part).collect();
        is_offered.then(|| parts.join("/"))
    };
    listed.into_iter().flatten().filter_map(kind).filter(|kind| kind != GATED).collect()
}

fn reference(schema: &Value) -> Option<String> {
    schema["$ref"].as_str()?.rsplit('/').next().map(str::to_owned)
}

fn fields(definition: &Value) -> BTreeMap<String, Field> {
    let properties = definition["properties"].as_object();
    properties.into_iter().flatten().filter_map(|(name, property)| Some((name.clone(), field(property)?))).collect()
}

fn field(property: &Value) -> Option<Field> {
    if property["type"] == "array" {
        let strategy = property["x-kubernetes-patch-strategy"].as_str()?;
        let listed = property["x-kubernetes-list-map-keys"].as_array().into_iter().flatten();
        let mut keys: Vec<String> = listed.filter_map(Value::as_str).map(str::to_owned).collect();
        if keys.is_empty() {
            keys.extend(property["x-kubernetes-patch-merge-key"].as_str().map(str::to_owned));
        }
        let is_merged = strategy.split(',').any(|part| part == "merge");
        return is_merged.then(|| Field::List { keys, element: reference(&property["items"]) });
    }
    let values = reference(&property["additionalProperties"]).map(Field::Map);
    values.or_else(|| reference(property).map(Field::Object))
}

/// The types that have a merged list somewhere below them.
fn leading(types: &Types) -> BTreeSet<String> {
    let mut leading = BTreeSet::new();
    loop {
        let leads = |field: &Field| match field {
            Field::List { .. } => true,
            Field::Object(name) | Field::Map(name) => leading.contains(name),
        };
        let more = types.iter().filter(|(name, fields)| !leading.contains(*name) && fields.values().any(leads));
        let more: Vec<String> = more.map(|(name, _)| name.clone()).collect();
        if more.is_empty() {
            return leading;
        }
        leading.extend(more);
    }
}

fn show(name: &str, field: &Field, id: &impl Fn(&String) -> Option<usize>) -> Option<String> {
    let kind = match field {
        Field::Object(of) => id(of)?.to_string(),
        Field::Map(of) => format!("{{{}}}", id(of)?),
        Field::List { keys, element } => {
            let element = element.as_ref().and_then(id).map(|id| id.to_string());
            format!("[{}]{}", keys.join(","), element.unwrap_or_default())
        }
    };
    Some(format!("{name}={kind}"))
}

//! Reduces an OpenAPI v2 document of Kubernetes to the table of cluster-scoped kinds in `src/schema`, and prints it:
//! `scopes FILE VERSION`. `./x openapi` runs it.
//!
//! A kind is cluster-scoped when it can be read and no path that reads it names a namespace. Alpha versions are left out as
//! in the table of merge keys.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use serde_json::{Map, Value};

/// What paths of namespaced kinds contain.
const IN_NAMESPACE: &str = "namespaces/{namespace}";
const KIND: &str = "x-kubernetes-group-version-kind";
/// Kinds that the original knows beside those of its document.
const ADDED: [(&str, &str); 2] = [
    ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"),
    ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding"),
];

fn main() -> ExitCode {
    common::run(table)
}

fn table(document: Value, version: &str) -> String {
    let empty = Map::new();
    let paths = document["paths"].as_object().unwrap_or(&empty);
    let read = |in_namespace: bool| {
        let paths = paths.iter().filter(move |(path, _)| path.contains(IN_NAMESPACE) == in_namespace);
        paths.filter_map(|(_, methods)| kind(&methods["get"][KIND])).collect::<BTreeSet<_>>()
    };
    let (namespaced, mut others) = (read(true), read(false));
    others.extend(ADDED.map(|(api_version, kind)| (api_version.to_owned(), kind.to_owned())));
    let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (api_version, kind) in others.difference(&namespaced) {
        kinds.entry(api_version).or_default().push(kind);
    }
    let mut lines = vec![format!(
        "# Kinds of Kubernetes {version} that are certainly cluster-scoped: `APIVERSION: KIND ...`. Written by `./x openapi`."
    )];
    lines.extend(kinds.iter().map(|(api_version, kinds)| format!("{api_version}: {}", kinds.join(" "))));
    lines.join("\n") + "\n"
}

/// The API version and kind that a path is about.
fn kind(value: &Value) -> Option<(String, String)> {
    let part = |field: &str| value[field].as_str().filter(|part| !part.is_empty());
    let version = part("version").filter(|version| !version.contains("alpha"))?;
    let api_version = part("group").map_or_else(|| version.to_owned(), |group| format!("{group}/{version}"));
    Some((api_version, part("kind")?.to_owned()))
}

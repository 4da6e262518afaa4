//! Where the result of a build goes: to standard output, into a file, or into a folder with one file for each resource.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;
use weir_plugin::Rendered;
use weir_yaml::Rules;

use crate::output;

/// What stands between documents.
const SEPARATOR: &str = "---\n";
/// Key of the renderer's summary: positions of cluster-scoped documents.
const CLUSTER_SCOPED: &str = "clusterScoped";
const DEFAULT_NAMESPACE: &str = "default";

pub(super) fn write(rendered: &Rendered, path: Option<&Path>) -> Result<()> {
    let Some(path) = path else { return output::write(&rendered.documents.join(SEPARATOR)) };
    let failed = |path: &Path| format!("failed to write: {}", path.display());
    if !path.is_dir() {
        return fs::write(path, rendered.documents.join(SEPARATOR)).with_context(|| failed(path));
    }
    for (name, text) in files(rendered)? {
        let file = path.join(name);
        fs::write(&file, text).with_context(|| failed(&file))?;
    }
    Ok(())
}

/// Names as kustomize gives them: `group_version_kind_name.yaml`, with the namespace in front where there are several.
fn files(rendered: &Rendered) -> Result<Vec<(String, &String)>> {
    let scoped = rendered.metadata.iter().find(|(key, _)| key == CLUSTER_SCOPED);
    let scoped: BTreeSet<usize> = scoped.map(|(_, list)| serde_json::from_str(list)).transpose()?.unwrap_or_default();
    let mut objects = Vec::with_capacity(rendered.documents.len());
    for (position, text) in rendered.documents.iter().enumerate() {
        let node = weir_yaml::parse_first(text)?;
        let object = node.map(|node| weir_yaml::to_json(&node, Rules::Yaml12)).transpose()?.unwrap_or_default();
        let namespace = (!scoped.contains(&position)).then(|| namespace(&object));
        objects.push((object, namespace, text));
    }
    let namespaces: BTreeSet<&String> = objects.iter().filter_map(|(_, namespace, _)| namespace.as_ref()).collect();
    let is_mixed = namespaces.len() > 1;
    let named = objects.iter().map(|(object, namespace, text)| {
        let prefix = namespace.as_ref().filter(|_| is_mixed).map(|namespace| format!("{namespace}_"));
        (format!("{}{}", prefix.unwrap_or_default(), file_name(object)).to_lowercase(), *text)
    });
    Ok(named.collect())
}

fn namespace(object: &Value) -> String {
    let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
    if namespace.is_empty() { DEFAULT_NAMESPACE.to_owned() } else { namespace.to_owned() }
}

/// A name of a resource cannot lead out of the folder.
fn file_name(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().replace(['/', '\\'], "_");
    let api_version = object["apiVersion"].as_str().unwrap_or_default();
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let parts = [group.to_owned(), version.replace('/', "_"), text(&object["kind"])];
    let gvk: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    format!("{}_{}.yaml", gvk.join("_"), text(&object["metadata"]["name"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(api_version: &str, kind: &str, name: &str, namespace: &str) -> String {
        format!("apiVersion: {api_version}\nkind: {kind}\nmetadata:\n  name: {name}\n  namespace: '{namespace}'\n")
    }

    fn names(documents: Vec<String>, scoped: &str) -> Vec<String> {
        let metadata = vec![("clusterScoped".to_owned(), scoped.to_owned())];
        let rendered = Rendered { documents, metadata, ..Rendered::default() };
        files(&rendered).unwrap().into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn files_are_named_as_by_kustomize() {
        let namespace = document("v1", "Namespace", "N", "");
        let web = document("apps/v1", "Deployment", "web", "");
        let other = document("v1", "ConfigMap", "web", "Other");
        assert_eq!(
            names(vec![namespace.clone(), web.clone()], "[0]"),
            ["v1_namespace_n.yaml", "apps_v1_deployment_web.yaml"]
        );
        assert_eq!(
            names(vec![namespace, web, other], "[0]"),
            ["v1_namespace_n.yaml", "default_apps_v1_deployment_web.yaml", "other_v1_configmap_web.yaml"]
        );
        assert_eq!(names(vec![document("a/v1", "X", "../../y", "")], "[]"), ["a_v1_x_.._.._y.yaml"]);
    }

    #[test]
    fn a_folder_gets_files_and_a_file_gets_all() {
        let folder = tempfile::tempdir().unwrap();
        let documents = vec![document("v1", "ConfigMap", "a", ""), document("v1", "ConfigMap", "b", "")];
        let rendered = Rendered { documents, ..Rendered::default() };
        write(&rendered, Some(folder.path())).unwrap();
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(read("v1_configmap_b.yaml"), rendered.documents[1]);
        write(&rendered, Some(&folder.path().join("all.yaml"))).unwrap();
        assert_eq!(read("all.yaml"), rendered.documents.join("---\n"));
        assert!(write(&rendered, Some(&folder.path().join("none/all.yaml"))).is_err());
    }
}

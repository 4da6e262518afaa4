//! What Flux adds to kustomize: it writes a kustomization where a directory has none, and puts the fields of its own
//! Kustomization object into it.

use serde_json::{Map, Value, json};
use weir_yaml::go_json;

use crate::error::{During, Error, Result};
use crate::fs::FileSystem;
use crate::kustomization::{self, FILE_NAMES};
use crate::options::{BuildOptions, LoadRestrictions};
use crate::path;
use crate::read;
use crate::resource::Resource;
use crate::target;

/// Builds a directory for a Kustomization object with this `spec`. A directory without any manifest builds to nothing.
///
/// # Errors
/// As [`crate::build`], and manifests that are no Kubernetes YAML where a kustomization has to be generated.
pub fn build(fs: &dyn FileSystem, dir: &str, spec: &Value, options: BuildOptions<'_>) -> Result<Vec<Resource>> {
    let Some(dir) = path::join("", dir) else {
        return Err(Error::refused(format!("directory '{dir}' is outside of the tree")));
    };
    let kustomization = merged(fs, &dir, spec)?;
    let is_empty = |value: &Value| value.as_array().is_none_or(Vec::is_empty);
    let generates = ["configMapGenerator", "secretGenerator", "generators", "components", "bases"];
    let is_generated = existing(fs, &dir).is_none();
    if is_generated && is_empty(&kustomization["resources"]) && generates.iter().all(|f| is_empty(&kustomization[*f])) {
        return Ok(Vec::new());
    }
    // The artifact is the limit.
    let restrictions = LoadRestrictions::None;
    let options = BuildOptions { kustomization: Some(kustomization), restrictions, ..options };
    target::build(fs, &dir, &options)
}

/// The kustomization of a directory, found or generated, with the fields of the spec in it.
fn merged(fs: &dyn FileSystem, dir: &str, spec: &Value) -> Result<Value> {
    let value = match existing(fs, dir) {
        Some(content) => {
            let text = read::text(content)?;
            kustomization::data(&text).during(|| "invalid Kustomization")?
        }
        None => generated(fs, dir)?,
    };
    let mut fields = match value {
        Value::Object(fields) => fields,
        Value::Null => Map::new(),
        _ => return Err(Error::refused("invalid Kustomization: not a mapping")),
    };
    apply_spec(fs, dir, &mut fields, spec)?;
    Ok(Value::Object(fields))
}

fn existing(fs: &dyn FileSystem, dir: &str) -> Option<Vec<u8>> {
    FILE_NAMES.iter().find_map(|name| fs.read(&path::clean(dir, name)))
}

fn generated(fs: &dyn FileSystem, dir: &str) -> Result<Value> {
    let mut resources = Vec::new();
    scan(fs, dir, ".", &mut resources)?;
    Ok(json!({"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": resources}))
}

/// Collects manifests below a directory. One with a kustomization of its own counts as a whole.
fn scan(fs: &dyn FileSystem, dir: &str, shown: &str, resources: &mut Vec<String>) -> Result<()> {
    let mut names = fs.list(dir);
    names.sort_unstable();
    for name in names {
        let (path, shown) = (path::clean(dir, &name), format!("{shown}/{name}"));
        if fs.is_dir(&path) {
            match existing(fs, &path) {
                Some(_) => resources.push(shown),
                None => scan(fs, &path, &shown, resources)?,
            }
        } else if name.ends_with(".yaml") || name.ends_with(".yml") {
            let content = fs.read(&path).unwrap_or_default();
            read::text(content)
                .and_then(|text| read::resources(&text))
                .during(|| format!("failed to decode Kubernetes YAML from {path}"))?;
            resources.push(shown);
        }
    }
    Ok(())
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn items<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn list<'a>(fields: &'a mut Map<String, Value>, name: &str) -> Result<&'a mut Vec<Value>> {
    let value = fields.entry(name).or_insert(Value::Null);
    if value.is_null() {
        *value = json!([]);
    }
    value.as_array_mut().ok_or_else(|| Error::refused(format!("invalid Kustomization: {name} is not a list")))
}

fn apply_spec(fs: &dyn FileSystem, dir: &str, fields: &mut Map<String, Value>, spec: &Value) -> Result<()> {
    for (from, to) in [("targetNamespace", "namespace"), ("namePrefix", "namePrefix"), ("nameSuffix", "nameSuffix")] {
        if !text(spec, from).is_empty() {
            fields.insert(to.to_owned(), json!(text(spec, from)));
        }
    }
    for patch in items(spec, "patches") {
        list(fields, "patches")?.push(patch.clone());
    }
    for patch in items(spec, "patchesStrategicMerge") {
        list(fields, "patchesStrategicMerge")?.push(json!(go_json(patch)));
    }
    for patch in items(spec, "patchesJson6902") {
        let entry = json!({"patch": go_json(&patch["patch"]), "target": patch["target"]});
        list(fields, "patchesJson6902")?.push(entry);
    }
    for image in items(spec, "images") {
        merge_image(list(fields, "images")?, image);
    }
    add_components(fs, dir, fields, spec)?;
    for option in items(spec, "buildMetadata") {
        let options = list(fields, "buildMetadata")?;
        if !options.contains(option) {
            options.push(option.clone());
        }
    }
    Ok(())
}

/// Adds an image or changes the entry of the same name; tag and digest change together.
fn merge_image(images: &mut Vec<Value>, image: &Value) {
    let name = text(image, "name");
    let Some(existing) = images.iter_mut().find(|existing| text(existing, "name") == name) else {
        images.push(image.clone());
        return;
    };
    if !text(image, "newName").is_empty() {
        existing["newName"] = image["newName"].clone();
    }
    if !text(image, "newTag").is_empty() || !text(image, "digest").is_empty() {
        existing["newTag"] = json!(text(image, "newTag"));
        existing["digest"] = json!(text(image, "digest"));
    }
}

fn add_components(fs: &dyn FileSystem, dir: &str, fields: &mut Map<String, Value>, spec: &Value) -> Result<()> {
    let ignore_missing = spec.get("ignoreMissingComponents").and_then(Value::as_bool).unwrap_or(false);
    for component in items(spec, "components").iter().filter_map(Value::as_str) {
        if component.starts_with('/') || component.contains("://") {
            return Err(Error::refused(format!("component path '{component}' must be local and relative")));
        }
        let exists = path::join(dir, component).and_then(|path| fs.resolve(&path)).is_some_and(|path| fs.is_dir(&path));
        if exists || !ignore_missing {
            list(fields, "components")?.push(json!(component));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::MemoryFs;

    fn map(name: &str) -> String {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n")
    }

    fn names(fs: &MemoryFs, dir: &str, spec: &Value) -> std::result::Result<Vec<String>, String> {
        let resources = build(fs, dir, spec, BuildOptions::default()).map_err(|error| error.chain())?;
        Ok(resources.iter().map(|resource| format!("{}/{}", resource.namespace(), resource.name())).collect())
    }

    #[test]
    fn a_kustomization_is_generated() {
        let fs: MemoryFs = [
            ("app/b.yaml", map("b")),
            ("app/sub/deep/a.yml", map("a")),
            ("app/own/kustomization.yaml", "namePrefix: own-\nresources: [c.yaml]\n".to_owned()),
            ("app/own/c.yaml", map("c")),
            ("app/own/ignored.yaml", map("ignored")),
            ("app/README.md", "text".to_owned()),
            ("empty/README.md", "text".to_owned()),
            ("broken/x.yaml", "a: 1\n".to_owned()),
        ]
        .into_iter()
        .collect();
        let names = |dir| names(&fs, dir, &json!({}));
        assert_eq!(names("app").unwrap(), ["/a", "/b", "/own-c"]);
        assert_eq!(names("empty").unwrap(), [""; 0]);
        assert_eq!(
            names("broken").unwrap_err(),
            "failed to decode Kubernetes YAML from broken/x.yaml: missing Resource metadata"
        );
    }

    #[test]
    fn the_spec_is_merged() {
        let fs: MemoryFs = [
            (
                "kustomization.yaml",
                "resources: [a.yaml]\nnamespace: old\nimages:\n- {name: nginx, newTag: '1'}\n".to_owned(),
            ),
            ("a.yaml", map("a")),
        ]
        .into_iter()
        .collect();
        let spec = json!({
            "targetNamespace": "new", "namePrefix": "p-",
            "patches": [{"patch": "- {op: add, path: /data, value: {k: v}}", "target": {"kind": "ConfigMap"}}],
            "images": [{"name": "nginx", "digest": "sha256:d"}, {"name": "other", "newTag": "2"}],
            "components": ["nope"], "ignoreMissingComponents": true,
        });
        assert_eq!(names(&fs, "", &spec).unwrap(), ["new/p-a"]);
        let images = merged(&fs, "", &spec).unwrap()["images"].clone();
        let expected = json!([{"name": "nginx", "newTag": "", "digest": "sha256:d"}, {"name": "other", "newTag": "2"}]);
        assert_eq!(images, expected);
        let remote = json!({"components": ["https://example.com/x"]});
        assert_eq!(
            names(&fs, "", &remote).unwrap_err(),
            "component path 'https://example.com/x' must be local and relative"
        );
    }
}

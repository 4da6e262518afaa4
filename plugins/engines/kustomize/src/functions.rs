//! KRM functions: transformers, generators and validators that somebody else wrote. They are plugins, named by
//! `plugin: {image: …}` in the annotation `config.kubernetes.io/function`; who runs them is outside of this crate.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::{Value, json};
use weir_yaml::Rules;

use crate::error::{During, Error, Result};
use crate::id::Key;
use crate::loader::Loader;
use crate::outside::{FunctionOutput, Unavailable};
use crate::read;
use crate::repo::go_bool;
use crate::resmap::ResMap;
use crate::resource::{Behavior, Resource};
use crate::schema::Schema;
use crate::transformers::Transformer;

/// The annotations that name a function, newest first.
const ANNOTATIONS: [&str; 2] = ["config.kubernetes.io/function", "config.k8s.io/function"];
/// A container's image, as long ago.
const LEGACY_CONTAINER: &str = "config.kubernetes.io/container";
/// A function's spec, as even longer ago.
const LEGACY_FIELD: &str = "configFn";

const ID: &str = "kustomize.config.k8s.io/id";
const NEEDS_HASH: &str = "kustomize.config.k8s.io/needs-hash";
const BEHAVIOR: &str = "kustomize.config.k8s.io/behavior";
/// The place of an item in the list, in both spellings.
const INDEX: [&str; 2] = ["internal.config.kubernetes.io/index", "config.kubernetes.io/index"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Spec {
    plugin: Option<Plugin>,
    container: Option<Value>,
    exec: Option<Value>,
    starlark: Option<Value>,
    #[serde(default)]
    defer_failure: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plugin {
    image: String,
}

/// A function and its configuration.
pub(crate) struct Function<'a> {
    loader: Loader<'a>,
    image: String,
    config: Value,
    /// The configuration as messages name it.
    name: String,
}

impl<'a> Function<'a> {
    /// The function that a configuration names, if it names one.
    pub(crate) fn of(loader: &Loader<'a>, config: &Resource) -> Result<Option<Function<'a>>> {
        let Some(spec) = spec(config)? else { return Ok(None) };
        let image = image(spec).map_err(|problem| refused(config, &problem))?;
        let name = format!("api: {}, kind: {}, name: {}", config.api_version(), config.kind(), config.name());
        Ok(Some(Function { loader: loader.clone(), image, config: config.to_json()?, name }))
    }

    /// As messages call it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What the function makes without any input.
    pub(crate) fn generate(&self) -> Result<Vec<Resource>> {
        let mut resources = self.run(Vec::new())?;
        resources.iter_mut().try_for_each(take_options)?;
        Ok(resources)
    }

    fn run(&self, items: Vec<Value>) -> Result<Vec<Resource>> {
        let list = json!({
            "apiVersion": "config.kubernetes.io/v1",
            "kind": "ResourceList",
            "functionConfig": self.config,
            "items": items,
        });
        let output = self.loader.run_function(&self.image, &list).and_then(checked);
        let output = output.during(|| format!("couldn't execute function {} ({})", self.image, self.name))?;
        let read = |item: &Value| read::resources(&item.to_string());
        let resources = output.items.iter().filter(|item| !item.is_null()).map(read).collect::<Result<Vec<_>>>();
        let resources = resources.during(|| format!("output of function {} ({})", self.image, self.name))?;
        Ok(resources.into_iter().flatten().collect())
    }

    /// Resources of the same id change, new ones come to the end, and those that did not come back are gone.
    fn update(&self, map: &mut ResMap, output: Vec<Resource>) -> Result<()> {
        let owned = |key: Key<'_>| (key.gvk.to_gvk(), key.name.to_owned(), key.namespace.to_owned());
        let mut returned = HashSet::with_capacity(output.len());
        for mut resource in output {
            resource.take_notes(&[ID, INDEX[0], INDEX[1]])?;
            let id = resource.id();
            if !returned.insert(owned(id.key())) {
                return Err(Error::refused(format!("plugin {} generated duplicate resource: {id}", self.name)));
            }
            match map.position(&id) {
                Some(position) => map.contents_mut()[position].replace_content(resource),
                None => map.append(resource)?,
            }
        }
        map.resources_mut().retain(|resource| returned.contains(&owned(resource.key())));
        Ok(())
    }
}

impl Transformer for Function<'_> {
    fn transform(&self, map: &mut ResMap, _: &Schema) -> Result<()> {
        let items = map.resources().iter().enumerate().map(|(index, resource)| item(resource, index));
        let output = self.run(items.collect::<Result<_>>()?)?;
        self.update(map, output)
    }
}

/// A result of severity `error` is a failure of the function.
fn checked(output: FunctionOutput) -> Result<FunctionOutput> {
    let errors = output.results.iter().filter(|result| result.severity == "error");
    let errors: Vec<&str> = errors.map(|result| result.message.as_str()).collect();
    if errors.is_empty() { Ok(output) } else { Err(Error::refused(errors.join("; "))) }
}

/// A resource as a function sees it: with its history, its id and its place in the list as annotations.
fn item(resource: &Resource, index: usize) -> Result<Value> {
    let mut shown = resource.noted();
    shown.set_annotation(ID, &id_text(resource))?;
    INDEX.iter().try_for_each(|name| shown.set_annotation(name, &index.to_string()))?;
    shown.to_json()
}

fn id_text(resource: &Resource) -> String {
    let id = resource.id();
    let parts = [
        ("group", &*id.gvk.group),
        ("kind", &id.gvk.kind),
        ("name", &id.name),
        ("namespace", &id.namespace),
        ("version", &id.gvk.version),
    ];
    let given = parts.into_iter().filter(|(_, value)| !value.is_empty());
    weir_yaml::to_yaml(&given.map(|(key, value)| (key.to_owned(), json!(value))).collect())
}

/// How a generated resource comes into the build is up to its generator.
fn take_options(resource: &mut Resource) -> Result<()> {
    let needs_hash = match resource.annotation(NEEDS_HASH) {
        None => false,
        Some(text) => go_bool(text).ok_or_else(|| {
            Error::refused(format!("the annotation {NEEDS_HASH:?} contains an invalid value ({text:?})"))
        })?,
    };
    let behavior = Behavior::parse(resource.annotation(BEHAVIOR).unwrap_or_default());
    resource.take_notes(&[NEEDS_HASH, BEHAVIOR, INDEX[0], INDEX[1]])?;
    resource.needs_hash = needs_hash;
    resource.behavior = behavior;
    Ok(())
}

fn spec(config: &Resource) -> Result<Option<Spec>> {
    for name in ANNOTATIONS {
        if let Some(text) = config.annotation(name).filter(|text| !text.is_empty()) {
            return parse(text, name).map(Some);
        }
    }
    if let Some(field) = config.node.lookup(&["metadata", LEGACY_FIELD]).filter(|field| !field.is_null()) {
        return parse(&weir_yaml::to_string(field), LEGACY_FIELD).map(Some);
    }
    let image = config.annotation(LEGACY_CONTAINER).filter(|image| !image.is_empty());
    Ok(image.map(|image| Spec {
        plugin: None,
        container: Some(json!({"image": image})),
        exec: None,
        starlark: None,
        defer_failure: false,
    }))
}

fn parse(text: &str, place: &str) -> Result<Spec> {
    let failed = |error: &dyn std::fmt::Display| Error::refused(format!("{place} unmarshal error: {error}"));
    let node = weir_yaml::parse_first(text).map_err(|error| failed(&error))?;
    let value =
        node.map(|node| weir_yaml::to_json(&node, Rules::Yaml11)).transpose().map_err(|error| failed(&error))?;
    serde_json::from_value(value.unwrap_or_else(|| json!({}))).map_err(|error| failed(&error))
}

/// The plugin's reference, or what stands in its place.
fn image(spec: Spec) -> std::result::Result<String, String> {
    let runs_otherwise =
        [(spec.container, "a container"), (spec.exec, "a program"), (spec.starlark, "a Starlark script")];
    let other = runs_otherwise.into_iter().find(|(value, _)| value.is_some()).map(|(_, what)| what);
    match (spec.plugin, other) {
        (Some(_), _) if spec.defer_failure => Err("its failure cannot be deferred: remove `deferFailure`".to_owned()),
        (Some(plugin), None) if plugin.image.is_empty() => Err("its `plugin.image` is empty".to_owned()),
        (Some(plugin), None) => Ok(plugin.image),
        (Some(_), Some(what)) => Err(format!("it names both a plugin and {what}")),
        (None, Some(what)) => Err(format!("its function is {what}, and only plugins run here, in a sandbox{HINT}")),
        (None, None) => Err(format!("its function is not named{HINT}")),
    }
}

const HINT: &str = "\nhint: build the function as a weir plugin (`weir_sdk::Function`, `weir plugin build`, `weir plugin push`) and write \
                    `plugin: {image: 'oci://REGISTRY/REPOSITORY@sha256:DIGEST'}` into the annotation `config.kubernetes.io/function`";

fn refused(config: &Resource, problem: &str) -> Error {
    Error::refused(format!(
        "external plugins disabled; unable to load external plugin '{}': {problem}",
        config.original_id().gvk.kind
    ))
}

impl Loader<'_> {
    fn run_function(&self, image: &str, list: &Value) -> Result<FunctionOutput> {
        let Some(outside) = self.tree.options.outside else {
            return Err(Error::refused("functions are not available"));
        };
        outside.function(image, list).map_err(|none| {
            self.tree.note(&none);
            match none {
                Unavailable::Later => Error::refused(format!("function {image} has not run yet")),
                none => Error::refused(none.message()),
            }
        })
    }
}

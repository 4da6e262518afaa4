use weir_yaml::Node;

use super::path_match::{Shape, lookup, visit};
use super::{Transformer, structured};
use crate::edit::split_bracketed_path;
use crate::error::{During, Error, Result};
use crate::id::{Gvk, ResId};
use crate::kustomization::{FieldOptions, ReplacementField, Source, Target, drop_nulls};
use crate::loader::Loader;
use crate::resmap::ResMap;
use crate::resource::Resource;
use crate::schema::Schema;
use crate::selector::Matcher;

const DEFAULT_FIELD: &str = "metadata.name";

/// Copies values from one resource into others.
pub(crate) struct Replacements {
    replacements: Vec<ReplacementField>,
}

impl Replacements {
    /// Reads the replacements that are in files of their own.
    pub(crate) fn new(loader: &Loader<'_>, fields: &[ReplacementField]) -> Result<Replacements> {
        let mut replacements = Vec::new();
        for field in fields {
            if field.path.is_empty() {
                replacements.push(field.clone());
                continue;
            }
            if field.source.is_some() || field.targets.as_ref().is_some_and(|targets| !targets.is_empty()) {
                return Err(Error::refused("cannot specify both path and inline replacement"));
            }
            replacements.extend(from_file(&loader.load_text(&field.path)?)?);
        }
        Ok(Replacements { replacements })
    }
}

fn from_file(text: &str) -> Result<Vec<ReplacementField>> {
    let mut value: serde_json::Value = weir_yaml::from_str(text)?;
    drop_nulls(&mut value);
    let shape = |error: serde_json::Error| Error::refused(format!("error unmarshaling JSON: {error}"));
    match value {
        serde_json::Value::Array(_) => serde_json::from_value(value).map_err(shape),
        serde_json::Value::Object(_) => Ok(vec![serde_json::from_value(value).map_err(shape)?]),
        _ => Err(Error::refused("unsupported replacement type encountered within replacement path: invalid")),
    }
}

impl Transformer for Replacements {
    fn transform(&self, map: &mut ResMap, _: &Schema) -> Result<()> {
        let resources = map.resources_mut();
        self.replacements.iter().try_for_each(|replacement| replace(resources, replacement))
    }
}

fn replace(resources: &mut [Resource], replacement: &ReplacementField) -> Result<()> {
    let has_source = replacement.source.is_some() || replacement.source_value.is_some();
    let Some(targets) = replacement.targets.as_ref().filter(|_| has_source) else {
        return Err(Error::refused("replacements must specify a source and at least one target"));
    };
    let value = match (&replacement.source, &replacement.source_value) {
        (Some(_), Some(_)) => return Err(Error::refused("value and resource selectors are mutually exclusive")),
        (_, Some(value)) => Node::scalar(value.clone()),
        (Some(source), None) => source_value(resources, source)?,
        (None, None) => unreachable!("checked above"),
    };
    targets.iter().try_for_each(|target| apply(resources, &value, target))
}

fn ids(resource: &Resource) -> impl Iterator<Item = ResId> + '_ {
    let current = ResId { is_cluster_scoped: false, ..resource.id() };
    std::iter::once(current).chain(resource.previous_ids())
}

fn source_value(resources: &[Resource], source: &Source) -> Result<Node> {
    let selector = ResId {
        gvk: Gvk { group: source.group.clone(), version: source.version.clone(), kind: source.kind.clone() },
        name: source.name.clone(),
        namespace: source.namespace.clone(),
        is_cluster_scoped: false,
    };
    let mut matches = resources.iter().filter(|resource| ids(resource).any(|id| id.is_selected_by(&selector)));
    let Some(resource) = matches.next() else {
        return Err(Error::refused(format!("nothing selected by {}", describe(&selector, source))));
    };
    if matches.next().is_some() {
        return Err(Error::refused(format!("multiple matches for selector {}", describe(&selector, source))));
    }
    let path = if source.field_path.is_empty() { DEFAULT_FIELD } else { &source.field_path };
    let found = lookup(&resource.node, &split_bracketed_path(path, '.'))
        .during(|| "error looking up replacement source")?
        .filter(|node| !node.is_empty());
    let Some(value) = found else {
        return Err(Error::refused(format!("fieldPath `{path}` is missing for replacement source {selector}")));
    };
    refine(value, source.options.as_ref())
}

fn describe(selector: &ResId, source: &Source) -> String {
    let mut parts = vec![selector.to_string()];
    if !source.field_path.is_empty() {
        parts.push(source.field_path.clone());
    }
    if let Some(options) = source.options.as_ref().filter(|options| !options.delimiter.is_empty() || options.create) {
        parts.push(format!("{}({}), create={}", options.delimiter, options.index, options.create));
    }
    parts.join(":")
}

/// One part of a text, where a delimiter says so.
fn refine(value: &Node, options: Option<&FieldOptions>) -> Result<Node> {
    let Some(options) = options.filter(|options| !options.delimiter.is_empty()) else { return Ok(value.clone()) };
    if !value.is_scalar() {
        return Err(Error::refused("delimiter option can only be used with scalar nodes"));
    }
    let parts: Vec<&str> = value.text().split(options.delimiter.as_str()).collect();
    let part = usize::try_from(options.index).ok().and_then(|index| parts.get(index));
    let Some(part) = part else {
        return Err(Error::refused(format!(
            "options.index {} is out of bounds for value {}",
            options.index,
            value.text()
        )));
    };
    let mut refined = value.clone();
    refined.set_text(*part);
    Ok(refined)
}

fn apply(resources: &mut [Resource], value: &Node, target: &Target) -> Result<()> {
    let Some(select) = &target.select else {
        return Err(Error::refused("target must specify resources to select"));
    };
    let selected = Matcher::new(select).during(|| "error creating target selector")?;
    let rejected: Vec<(Matcher, bool, bool)> = target
        .reject
        .iter()
        .map(|reject| {
            let by_metadata = !reject.annotation_selector.is_empty() || !reject.label_selector.is_empty();
            let by_id = [&reject.group, &reject.version, &reject.kind, &reject.name, &reject.namespace]
                .iter()
                .any(|part| !part.is_empty());
            Matcher::new(reject).map(|matcher| (matcher, by_metadata, by_id))
        })
        .collect::<Result<_>>()
        .during(|| "error creating target selector")?;
    for resource in resources {
        let ids: Vec<ResId> = ids(resource).collect();
        let is_rejected = rejected.iter().any(|(matcher, by_metadata, by_id)| {
            *by_metadata && matcher.matches_metadata(resource)
                || *by_id && ids.iter().any(|id| !id.is_unset() && matcher.matches_id(id))
        });
        if !is_rejected && selected.matches_metadata(resource) && ids.iter().any(|id| selected.matches_id(id)) {
            copy_to(resource, value, target)?;
        }
    }
    Ok(())
}

fn copy_to(resource: &mut Resource, value: &Node, target: &Target) -> Result<()> {
    let default = [DEFAULT_FIELD.to_owned()];
    let paths = if target.field_paths.is_empty() { &default[..] } else { &target.field_paths };
    let options = target.options.as_ref();
    let create = options.filter(|options| options.create).map(|_| Shape::of(value));
    for field in paths {
        let path = split_bracketed_path(field, '.');
        let mut failure = None;
        let mut act = |node: &mut Node| {
            let outcome = set(node, value, options);
            failure = failure.take().or(outcome.as_ref().err().cloned());
            outcome
        };
        if structured::set(&mut resource.node, &path, create, &mut act) {
            continue;
        }
        failure = None;
        let mut act = |node: &mut Node| {
            let outcome = set(node, value, options);
            failure = outcome.as_ref().err().cloned();
            outcome
        };
        let problem = || match create {
            Some(_) => format!("unable to find or create field {field:?} in replacement target"),
            None => format!("unable to find field {field:?} in replacement target"),
        };
        match visit(&mut resource.node, &path, create, &mut act) {
            Ok(0) => return Err(Error::refused(problem())),
            Ok(_) => {}
            Err(error) => return Err(failure.unwrap_or_else(|| error.during(problem()))),
        }
    }
    Ok(())
}

/// Puts a value, or its text as one part of the field's text.
fn set(field: &mut Node, value: &Node, options: Option<&FieldOptions>) -> Result<()> {
    let mut value = value.clone();
    if let Some(options) = options.filter(|options| !options.delimiter.is_empty()) {
        if !field.is_scalar() {
            return Err(Error::refused("delimiter option can only be used with scalar nodes"));
        }
        let mut parts: Vec<&str> = field.text().split(options.delimiter.as_str()).collect();
        let text = value.text().to_owned();
        match usize::try_from(options.index) {
            Err(_) => parts.insert(0, &text),
            Ok(index) if index >= parts.len() => parts.push(&text),
            Ok(index) => parts[index] = &text,
        }
        let joined = parts.join(&options.delimiter);
        value.set_text(joined);
    }
    if field.is_scalar() {
        field.set_text(value.text());
    } else {
        *field = value;
    }
    Ok(())
}

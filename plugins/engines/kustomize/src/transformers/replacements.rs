use weir_yaml::Node;

use super::path_match::{Shape, lookup, visit};
use super::{Transformer, structured};
use crate::edit::split_bracketed_path;
use crate::error::{During, Error, Result, quoted};
use crate::id::{Gvk, ResId};
use crate::kustomization::decoding::{Mode, decode};
use crate::kustomization::go_types::REPLACEMENT;
use crate::kustomization::{FieldOptions, ReplacementField, Source, Target};
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
    let value: serde_json::Value = weir_yaml::from_str(text)?;
    let one = |value| {
        decode(value, &REPLACEMENT, Mode::Lenient)
            .map_err(|message| Error::refused(format!("error unmarshaling JSON: while decoding JSON: {message}")))
    };
    match value {
        serde_json::Value::Array(items) => items.into_iter().map(one).collect(),
        serde_json::Value::Object(_) => Ok(vec![one(value)?]),
        _ => Err(Error::refused("unsupported replacement type encountered within replacement path: invalid")),
    }
}

impl Transformer for Replacements {
    fn transform(&self, map: &mut ResMap, _: &Schema) -> Result<()> {
        let resources = map.resources_mut();
        self.replacements.iter().try_for_each(|replacement| replace(resources, replacement))
    }
}

/// What is copied. A whole field is followed when it changes on the way, as when it is a target as well.
struct Copied {
    value: Node,
    /// The resource and the path in it.
    field: Option<(usize, Vec<String>)>,
}

impl Copied {
    fn fixed(value: Node) -> Copied {
        Copied { value, field: None }
    }

    fn follow(&mut self, position: usize, resource: &Resource) {
        let Some((_, path)) = self.field.as_ref().filter(|(source, _)| *source == position) else { return };
        if let Ok(Some(value)) = noted_value(resource, path) {
            self.value = value;
        }
    }
}

fn replace(resources: &mut [Resource], replacement: &ReplacementField) -> Result<()> {
    let has_source = replacement.source.is_some() || replacement.source_value.is_some();
    let Some(targets) = replacement.targets.as_ref().filter(|_| has_source) else {
        return Err(Error::refused("replacements must specify a source and at least one target"));
    };
    let mut copied = match (&replacement.source, &replacement.source_value) {
        (Some(_), Some(_)) => return Err(Error::refused("value and resource selectors are mutually exclusive")),
        (_, Some(value)) => Copied::fixed(Node::scalar(value.clone())),
        (Some(source), None) => source_value(resources, source)?,
        (None, None) => unreachable!("checked above"),
    };
    targets.iter().try_for_each(|target| apply(resources, &mut copied, target))
}

fn ids(resource: &Resource) -> impl Iterator<Item = ResId> + '_ {
    let current = ResId { is_cluster_scoped: false, ..resource.id() };
    std::iter::once(current).chain(resource.previous_ids())
}

fn source_value(resources: &[Resource], source: &Source) -> Result<Copied> {
    let selector = ResId {
        gvk: Gvk::of(source.group.clone(), source.version.clone(), source.kind.clone()),
        name: source.name.clone(),
        namespace: source.namespace.clone(),
        is_cluster_scoped: false,
    };
    resources.iter().try_for_each(Resource::check_ids).during(|| "error getting node IDs")?;
    let mut matches =
        resources.iter().enumerate().filter(|(_, resource)| ids(resource).any(|id| id.is_selected_by(&selector)));
    let Some((position, resource)) = matches.next() else {
        return Err(Error::refused(format!("nothing selected by {}", describe(&selector, source))));
    };
    if matches.next().is_some() {
        return Err(Error::refused(format!("multiple matches for selector {}", describe(&selector, source))));
    }
    let path = if source.field_path.is_empty() { DEFAULT_FIELD } else { &source.field_path };
    let parts = split_bracketed_path(path, '.');
    let found =
        noted_value(resource, &parts).during(|| "error looking up replacement source")?.filter(|node| !node.is_empty());
    let Some(value) = found else {
        return Err(Error::refused(format!("fieldPath `{path}` is missing for replacement source {selector}")));
    };
    match source.options.as_ref().filter(|options| !options.delimiter.is_empty()) {
        Some(options) => refine(&value, options).map(Copied::fixed),
        None => Ok(Copied { value, field: Some((position, parts)) }),
    }
}

/// A value of a resource. The original's notes are copied with the metadata around them, and shown in messages.
fn noted_value(resource: &Resource, path: &[String]) -> Result<Option<Node>> {
    match lookup(&resource.node, path) {
        found if !resource.has_notes() => found.map(Option::<&Node>::cloned),
        Ok(Some(found)) if !found.is_mapping() => Ok(Some(found.clone())),
        _ => lookup(&resource.noted().node, path).map(Option::<&Node>::cloned),
    }
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
fn refine(value: &Node, options: &FieldOptions) -> Result<Node> {
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

fn apply(resources: &mut [Resource], copied: &mut Copied, target: &Target) -> Result<()> {
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
    for (position, resource) in resources.iter_mut().enumerate() {
        resource.check_ids()?;
        if !selected.matches_metadata(resource)? {
            continue;
        }
        let mut is_rejected = false;
        for (matcher, _, _) in rejected.iter().filter(|(_, by_metadata, _)| *by_metadata) {
            is_rejected = is_rejected || matcher.matches_metadata(resource)?;
        }
        let ids: Vec<ResId> = ids(resource).collect();
        let rejects = |matcher: &Matcher| ids.iter().any(|id| !id.is_unset() && matcher.matches_id(id));
        is_rejected |= rejected.iter().any(|(matcher, _, by_id)| *by_id && rejects(matcher));
        if !is_rejected && ids.iter().any(|id| selected.matches_id(id)) {
            resource.edit_linked(|resource| copy_to(position, resource, copied, target))?;
        }
    }
    Ok(())
}

fn copy_to(position: usize, resource: &mut Resource, copied: &mut Copied, target: &Target) -> Result<()> {
    let default = [DEFAULT_FIELD.to_owned()];
    let paths = if target.field_paths.is_empty() { &default[..] } else { &target.field_paths };
    let options = target.options.as_ref();
    let create = options.filter(|options| options.create).map(|_| Shape::of(&copied.value));
    for field in paths {
        copied.follow(position, resource);
        copy_to_field(resource, &copied.value, field, (create, options))?;
    }
    copied.follow(position, resource);
    Ok(())
}

fn copy_to_field(
    resource: &mut Resource,
    value: &Node,
    field: &str,
    (create, options): (Option<Shape>, Option<&FieldOptions>),
) -> Result<()> {
    let path = split_bracketed_path(field, '.');
    let holds_notes = path == ["metadata"] || path == ["metadata", "annotations"];
    if holds_notes {
        if path.len() > 1 {
            resource.make_field_of_notes();
        }
        resource.forget_notes();
    }
    let mut failure = None;
    let mut act = |node: &mut Node| set(node, value, options).inspect_err(|error| failure = Some(error.clone()));
    let problem = || match create {
        Some(_) => format!("unable to find or create field {} in replacement target", quoted(field)),
        None => format!("unable to find field {} in replacement target", quoted(field)),
    };
    if !structured::set(&mut resource.node, &path, create, &mut |node| set(node, value, options)) {
        match visit(&mut resource.node, &path, create, &mut act) {
            Ok(0) => return Err(Error::refused(problem())),
            Ok(_) => {}
            Err(error) => {
                if let Some(failure) = failure {
                    return Err(failure);
                }
                let error = resource.show_notes(error, |noted| visit(noted, &path, create, &mut |_| Ok(())).map(drop));
                return Err(error.during(problem()));
            }
        }
    }
    if holds_notes {
        // They may have been copied from elsewhere.
        resource.read_notes();
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

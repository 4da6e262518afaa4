//! Where a resource comes from, as `buildMetadata` writes it into annotations.

use serde_json::Value;
use weir_yaml::{Kind, Node};

use crate::error::{Error, Result};
use crate::field::ANNOTATIONS;
use crate::kustomization::decoding::kind_name;
use crate::path;
use crate::repo::RepoSpec;
use crate::resource::{ORIGIN, Resource, TRANSFORMATIONS};

/// The source of a resource, or the configuration of what made or changed it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) path: String,
    /// The repository, where it is not the tree itself, and what was checked out of it.
    repo: String,
    reference: String,
    configured_in: String,
    configured_by: Vec<(&'static str, String)>,
}

impl Origin {
    /// The origin of something further down this path, or in a repository.
    pub(crate) fn append(&self, name: &str) -> Origin {
        if let Some(spec) = RepoSpec::parse(name) {
            let (repo, reference) = (spec.repository, spec.reference);
            return Origin { path: path::clean("", &spec.directory), repo, reference, ..self.clone() };
        }
        Origin { path: path::clean(&self.path, name), ..self.clone() }
    }

    /// The origin of what a builtin of a kustomization file makes.
    pub(crate) fn builtin(&self, file: &str, kind: &str) -> Origin {
        Origin {
            path: String::new(),
            configured_in: path::clean(&self.path, file),
            configured_by: vec![("apiVersion", "builtin".to_owned()), ("kind", kind.to_owned())],
            ..self.clone()
        }
    }

    /// The origin of what a configuration resource makes.
    pub(crate) fn of_config(config: &Resource) -> Option<Origin> {
        let origin = weir_yaml::parse_first(config.annotation(ORIGIN)?).ok()??;
        let text = |field: &str| origin.get(field).map(|value| value.text().to_owned());
        let configured_in = text("path")?;
        let (repo, reference) = (text("repo").unwrap_or_default(), text("ref").unwrap_or_default());
        let id = [
            ("apiVersion", config.api_version()),
            ("kind", config.kind()),
            ("name", config.name()),
            ("namespace", config.namespace()),
        ];
        let configured_by =
            id.into_iter().filter(|(_, value)| !value.is_empty()).map(|(key, value)| (key, value.to_owned())).collect();
        Some(Origin { path: String::new(), repo, reference, configured_in, configured_by })
    }

    /// Refuses a note of an origin that is none, as where it is read to be kept.
    pub(crate) fn check(resource: &Resource) -> Result<()> {
        let Some(text) = resource.annotation(ORIGIN) else { return Ok(()) };
        let refuse = |message: String| {
            Error::refused(format!("error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {message}"))
        };
        match weir_yaml::from_str::<Value>(text)? {
            Value::Null => Ok(()),
            Value::Object(fields) => {
                let wrong = ["configuredIn", "path", "ref", "repo"].into_iter().find_map(|name| {
                    let found = fields.get(name).filter(|value| value.is_array() || value.is_object())?;
                    Some((name, found))
                });
                wrong.map_or(Ok(()), |(name, found)| {
                    let found = kind_name(found);
                    Err(refuse(format!("{found} into Go struct field Origin.{name} of type string")))
                })
            }
            other => Err(refuse(format!("{} into Go value of type resource.Origin", kind_name(&other)))),
        }
    }

    fn node(&self) -> Node {
        let mut node = Node::mapping();
        let fields = [
            ("path", &self.path),
            ("repo", &self.repo),
            ("ref", &self.reference),
            ("configuredIn", &self.configured_in),
        ];
        for (key, value) in fields {
            if !value.is_empty() {
                node.push(key, text(value));
            }
        }
        if !self.configured_by.is_empty() {
            let mut by = Node::mapping();
            for (key, value) in &self.configured_by {
                by.push(*key, text(value));
            }
            node.push("configuredBy", by);
        }
        node
    }

    /// Notes this as the place that a resource comes from.
    pub(crate) fn annotate(&self, resource: &mut Resource) -> Result<()> {
        resource.unlink_where(|field| &*field.path == ANNOTATIONS);
        resource.set_annotation(ORIGIN, &weir_yaml::to_string(&self.node()))
    }

    /// Notes this as the origin of a resource that has none.
    pub(crate) fn annotate_new(&self, resource: &mut Resource) -> Result<()> {
        if resource.annotation(ORIGIN).is_some() {
            return Ok(());
        }
        resource.rewrite_annotations();
        self.annotate(resource)
    }

    /// Notes this as something that changed a resource (or made it, when nothing else did).
    pub(crate) fn annotate_transformed(&self, resource: &mut Resource) -> Result<()> {
        Origin::check(resource)?;
        resource.rewrite_annotations();
        if resource.annotation(ORIGIN).is_none() {
            return self.annotate(resource);
        }
        let known = resource.annotation(TRANSFORMATIONS).unwrap_or_default();
        let mut list = weir_yaml::parse_first(known)?.filter(Node::is_sequence).unwrap_or_else(Node::sequence);
        if let Kind::Sequence(items) = &mut list.kind {
            items.push(self.node());
        }
        resource.set_annotation(TRANSFORMATIONS, &weir_yaml::to_string(&list))
    }
}

/// A text of a Go structure: quoted where go-yaml v2 would read something else.
fn text(value: &str) -> Node {
    weir_yaml::from_json(Value::String(value.to_owned()))
}

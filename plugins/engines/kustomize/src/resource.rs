mod links;
mod notes;

use std::rc::Rc;

use serde_json::Value;
use weir_yaml::{Kind, Node, Rules, Style, Tag};

use crate::edit;
use crate::error::{Error, Result};
use crate::field::ANNOTATIONS;
use crate::id::{Gvk, GvkView, Key, ResId, effective_namespace};
pub(crate) use links::LinkedEntry;

pub(crate) const ORIGIN: &str = "config.kubernetes.io/origin";
pub(crate) const TRANSFORMATIONS: &str = "alpha.config.kubernetes.io/transformations";

/// An id that a resource had before something renamed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PreviousId {
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) namespace: String,
}

/// What a generated resource does with an existing one of the same id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Behavior {
    /// It is not a generated one.
    #[default]
    NotGenerated,
    Unspecified,
    Create,
    Replace,
    Merge,
}

impl Behavior {
    pub(crate) fn parse(text: &str) -> Behavior {
        match text {
            "create" => Behavior::Create,
            "replace" => Behavior::Replace,
            "merge" => Behavior::Merge,
            _ => Behavior::Unspecified,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Behavior::NotGenerated | Behavior::Unspecified => "unspecified",
            Behavior::Create => "create",
            Behavior::Replace => "replace",
            Behavior::Merge => "merge",
        }
    }
}

/// A Kubernetes object with what the build knows about its history.
#[derive(Clone, Debug)]
pub struct Resource {
    pub(crate) node: Node,
    pub(crate) previous: Vec<PreviousId>,
    pub(crate) prefixes: Vec<String>,
    pub(crate) suffixes: Vec<String>,
    pub(crate) behavior: Behavior,
    pub(crate) needs_hash: bool,
    pub(crate) allow_name_change: bool,
    pub(crate) allow_kind_change: bool,
    /// Whether a patch was applied, or a value set that was there. Who compares the nodes of the original finds others then,
    /// even where nothing changed.
    pub(crate) is_patched: bool,
    /// The text that it comes from, where comments in it may matter.
    pub(crate) source: Option<Rc<str>>,
    /// Names of the vars that take their value from here.
    pub(crate) vars: Vec<String>,
    /// Labels and annotations that one transformer added in several places.
    pub(crate) linked: Vec<LinkedEntry>,
}

impl Resource {
    pub(crate) fn new(node: Node) -> Resource {
        let mut resource = Resource {
            node,
            previous: Vec::new(),
            prefixes: Vec::new(),
            suffixes: Vec::new(),
            behavior: Behavior::NotGenerated,
            needs_hash: false,
            allow_name_change: false,
            allow_kind_change: false,
            is_patched: false,
            source: None,
            vars: Vec::new(),
            linked: Vec::new(),
        };
        resource.read_notes();
        resource
    }

    /// `apiVersion` of the object.
    pub fn api_version(&self) -> &str {
        self.node.get("apiVersion").map_or("", Node::text)
    }

    /// `kind` of the object.
    pub fn kind(&self) -> &str {
        self.node.get("kind").map_or("", Node::text)
    }

    /// `metadata.name` of the object.
    pub fn name(&self) -> &str {
        self.metadata("name")
    }

    /// `metadata.namespace` of the object, `""` where it has none.
    pub fn namespace(&self) -> &str {
        self.metadata("namespace")
    }

    /// Whether objects of this kind are in no namespace, as far as the built-in schema tells.
    pub fn is_cluster_scoped(&self) -> bool {
        self.gvk().is_cluster_scoped()
    }

    fn metadata(&self, field: &str) -> &str {
        self.node.lookup(&["metadata", field]).filter(|node| !node.is_null()).map_or("", Node::text)
    }

    pub(crate) fn gvk(&self) -> GvkView<'_> {
        GvkView::new(self.api_version(), self.kind())
    }

    /// The key of the present id.
    pub(crate) fn key(&self) -> Key<'_> {
        let gvk = self.gvk();
        let namespace = effective_namespace(self.namespace(), gvk.is_cluster_scoped());
        Key { gvk, name: self.name(), namespace }
    }

    /// Previous ids, which the original only looks for where it noted a name.
    fn known_previous(&self) -> &[PreviousId] {
        if self.previous.iter().all(|id| id.name.is_empty()) { &[] } else { &self.previous }
    }

    /// The keys of all previous ids.
    pub(crate) fn previous_keys(&self) -> impl Iterator<Item = Key<'_>> {
        let api_version = self.api_version();
        self.known_previous().iter().map(move |previous| Key {
            gvk: GvkView::new(api_version, &previous.kind),
            name: &previous.name,
            namespace: effective_namespace(&previous.namespace, false),
        })
    }

    /// The key of the id as first read.
    pub(crate) fn original_key(&self) -> Key<'_> {
        self.previous_keys().next().unwrap_or_else(|| self.key())
    }

    pub(crate) fn id(&self) -> ResId {
        let gvk = self.gvk().to_gvk();
        let is_cluster_scoped = gvk.is_cluster_scoped();
        ResId { gvk, name: self.name().to_owned(), namespace: self.namespace().to_owned(), is_cluster_scoped }
    }

    pub(crate) fn previous_ids(&self) -> impl Iterator<Item = ResId> + '_ {
        self.known_previous().iter().map(|previous| ResId {
            gvk: Gvk::new(self.api_version(), &previous.kind),
            name: previous.name.clone(),
            namespace: previous.namespace.clone(),
            is_cluster_scoped: false,
        })
    }

    /// The id as first read.
    pub(crate) fn original_id(&self) -> ResId {
        self.previous_ids().next().unwrap_or_else(|| self.id())
    }

    /// Whether an id can be read back: the original keeps its parts in lists that leave out what is empty.
    pub(crate) fn check_ids(&self) -> Result<()> {
        let is_one = |text: &str| !text.is_empty() && !text.contains(',');
        if self.known_previous().iter().all(|id| is_one(&id.name) && is_one(&id.kind) && !id.namespace.contains(',')) {
            return Ok(());
        }
        let message = "number of previous names, number of previous namespaces, number of previous kinds not equal";
        Err(Error::refused(message))
    }

    /// Keeps the present id, before it changes.
    pub(crate) fn remember_id(&mut self) {
        let Key { gvk, name, namespace } = self.key();
        let previous = PreviousId { kind: gvk.kind.to_owned(), name: name.to_owned(), namespace: namespace.to_owned() };
        self.previous.push(previous);
    }

    fn map(&self, field: &'static str) -> impl Iterator<Item = (&str, &str)> {
        let fields = self.node.lookup(&["metadata", field]).map_or(&[][..], Node::fields);
        fields.iter().map(|(key, value)| (key.text(), value.text()))
    }

    pub(crate) fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.map("labels")
    }

    pub(crate) fn annotations(&self) -> impl Iterator<Item = (&str, &str)> {
        self.map("annotations")
    }

    pub(crate) fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    pub(crate) fn set_name(&mut self, name: &str) -> Result<()> {
        self.set_metadata("name", name)
    }

    pub(crate) fn set_namespace(&mut self, namespace: &str) -> Result<()> {
        if namespace.is_empty() {
            if let Some(metadata) = self.node.get_mut("metadata") {
                metadata.remove("namespace");
            }
            return Ok(());
        }
        self.set_metadata("namespace", namespace)
    }

    fn set_metadata(&mut self, field: &str, value: &str) -> Result<()> {
        let metadata = self.metadata_mut()?;
        edit::set_field(metadata, field, Some(Node::scalar(value)))
    }

    fn metadata_mut(&mut self) -> Result<&mut Node> {
        if let Some(found) = self.node.get("metadata").filter(|found| !found.is_null() && !found.is_mapping()) {
            return Err(edit::wrong_kind("MappingNode", found));
        }
        self.node.mapping_at("metadata").ok_or_else(|| Error::refused("the object is not a mapping"))
    }

    pub(crate) fn set_kind(&mut self, kind: &str) -> Result<()> {
        edit::set_field(&mut self.node, "kind", Some(Node::scalar(kind)))
    }

    /// Replaces `metadata.labels` or `metadata.annotations`; every value becomes a string.
    pub(crate) fn set_map<'a>(
        &mut self,
        field: &str,
        entries: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<()> {
        let fields: Vec<(Node, Node)> =
            entries.into_iter().map(|(key, value)| (Node::scalar(key), Node::string(value))).collect();
        let metadata = self.metadata_mut()?;
        metadata.remove(field);
        if !fields.is_empty() {
            metadata.push(field, Node { kind: Kind::Mapping(fields), tag: Tag::Map, style: Style::Plain });
        }
        Ok(())
    }

    /// Annotations that are written anew: their values are texts then, and not linked to others.
    pub(crate) fn rewrite_annotations(&mut self) {
        self.unlink_where(|field| &*field.path == ANNOTATIONS);
        let annotations = self.node.get_mut("metadata").and_then(|metadata| metadata.get_mut("annotations"));
        for (_, value) in annotations.and_then(Node::fields_mut).into_iter().flatten() {
            if value.tag != Tag::Str || value.style == Style::Folded {
                *value = Node::string(value.text());
            }
        }
    }

    /// Sets an annotation. A text in place of all annotations has none, and is lost.
    pub(crate) fn set_annotation(&mut self, name: &str, value: &str) -> Result<()> {
        let metadata = self.metadata_mut()?;
        if metadata.get("annotations").is_some_and(Node::is_scalar) {
            metadata.remove("annotations");
        }
        let annotations = metadata
            .mapping_at("annotations")
            .ok_or_else(|| Error::refused("metadata.annotations is not a mapping"))?;
        edit::set_field(annotations, name, Some(Node::string(value)))
    }

    /// Takes the object of another resource of the same id, and keeps what is known about this one's history.
    pub(crate) fn replace_content(&mut self, other: Resource) {
        self.node = other.node;
    }

    /// The object as JSON text, as kustomize's messages show it, or why it has none.
    pub(crate) fn describe(&self) -> String {
        match self.noted().to_json() {
            Ok(json) => weir_yaml::go_json(&json),
            Err(error) => format!("<{}>", error.chain()),
        }
    }

    /// The object as JSON data.
    ///
    /// # Errors
    /// Values that have no JSON form, such as infinity.
    pub fn to_json(&self) -> Result<Value> {
        weir_yaml::to_json(&self.node, Rules::Yaml12).map_err(Error::Data)
    }

    /// The object as `kustomize build` prints it, without a separator.
    ///
    /// # Errors
    /// As [`Resource::to_json`].
    pub fn to_yaml(&self) -> Result<String> {
        if let Some(text) = weir_yaml::node_to_yaml(&self.node) {
            return Ok(text);
        }
        let mut value = self.to_json()?;
        weir_yaml::reread_strings(&mut value)?;
        Ok(weir_yaml::to_yaml(&value))
    }
}

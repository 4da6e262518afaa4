use std::rc::Rc;

use serde_json::Value;
use weir_yaml::{Kind, Node, Rules, Style, Tag};

use crate::config::{FieldSpec, Segment};
use crate::edit;
use crate::error::{Error, Result};
use crate::id::{Gvk, GvkView, Key, ResId, effective_namespace};

const INTERNAL: &str = "internal.config.kubernetes.io/";
pub(crate) const ORIGIN: &str = "config.kubernetes.io/origin";
pub(crate) const TRANSFORMATIONS: &str = "alpha.config.kubernetes.io/transformations";

/// Annotations of kustomize's own bookkeeping, which never reach the output.
const BUILD_ANNOTATIONS: [&str; 19] = [
    "internal.config.kubernetes.io/previousKinds",
    "internal.config.kubernetes.io/previousNames",
    "internal.config.kubernetes.io/prefixes",
    "internal.config.kubernetes.io/suffixes",
    "internal.config.kubernetes.io/previousNamespaces",
    "internal.config.kubernetes.io/allowNameChange",
    "internal.config.kubernetes.io/allowKindChange",
    "internal.config.kubernetes.io/refBy",
    "internal.config.kubernetes.io/generatorBehavior",
    "internal.config.kubernetes.io/needsHashSuffix",
    "internal.config.kubernetes.io/path",
    "internal.config.kubernetes.io/index",
    "internal.config.kubernetes.io/seqindent",
    "internal.config.kubernetes.io/id",
    "internal.config.kubernetes.io/annotations-migration-resource-id",
    "config.kubernetes.io/path",
    "config.kubernetes.io/index",
    "config.k8s.io/id",
    "internal.config.kubernetes.io/helm-generated",
];

/// Annotations whose content a resource holds elsewhere once it is read.
const READ_NOTES: [&str; 7] = [
    "previousKinds",
    "previousNames",
    "previousNamespaces",
    "prefixes",
    "suffixes",
    "generatorBehavior",
    "needsHashSuffix",
];

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

/// The entries with a key at the end of a path, in every item of the lists on the way.
fn collect_entries<'n>(node: &'n Node, path: &[Segment], key: &str, found: &mut Vec<&'n Node>) {
    match path.split_first() {
        None => found.extend(node.get(key)),
        Some(_) if node.is_sequence() => node.items().iter().for_each(|item| collect_entries(item, path, key, found)),
        Some((segment, rest)) => {
            node.get(&segment.name).into_iter().for_each(|next| collect_entries(next, rest, key, found));
        }
    }
}

/// Changes what [`collect_entries`] finds.
fn set_entries(node: &mut Node, path: &[Segment], key: &str, value: &Node) {
    match path.split_first() {
        None => node.get_mut(key).into_iter().for_each(|entry| entry.clone_from(value)),
        Some(_) if node.is_sequence() => {
            node.items_mut().into_iter().flatten().for_each(|item| set_entries(item, path, key, value));
        }
        Some((segment, rest)) => {
            node.get_mut(&segment.name).into_iter().for_each(|next| set_entries(next, rest, key, value));
        }
    }
}

/// An entry added to several mappings at once. Kustomize puts the same node into each of them, so that a later
/// transformer that sets it in one place sets it in all of them.
#[derive(Clone, Debug)]
pub(crate) struct LinkedEntry {
    pub(crate) key: String,
    pub(crate) fields: Vec<FieldSpec>,
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

    /// Takes the notes of annotations: files may carry kustomize's own, written by earlier runs or by hand.
    pub(crate) fn read_notes(&mut self) {
        if !self.annotations().any(|(key, _)| key.starts_with(INTERNAL)) {
            return;
        }
        let value = |name: &str| self.annotation(&format!("{INTERNAL}{name}")).unwrap_or_default().to_owned();
        let list = |name: &str| -> Vec<String> {
            let text = value(name);
            if text.is_empty() { Vec::new() } else { text.split(',').map(str::to_owned).collect() }
        };
        let (names, namespaces, kinds) = (list("previousNames"), list("previousNamespaces"), list("previousKinds"));
        let previous = names
            .into_iter()
            .zip(namespaces)
            .zip(kinds)
            .map(|((name, namespace), kind)| PreviousId { kind, name, namespace })
            .collect();
        let behavior = match value("generatorBehavior").as_str() {
            "" => Behavior::NotGenerated,
            behavior => Behavior::parse(behavior),
        };
        let needs_hash = value("needsHashSuffix") == "enabled";
        let (prefixes, suffixes) = (list("prefixes"), list("suffixes"));
        self.behavior = behavior;
        self.needs_hash = needs_hash;
        self.prefixes = prefixes;
        self.suffixes = suffixes;
        self.previous = previous;
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

    /// Whether a path leads through a mapping with linked entries.
    pub(crate) fn has_links_above(&self, path: &[Segment]) -> bool {
        self.linked.iter().flat_map(|link| &link.fields).any(|field| path.starts_with(field.segments()))
    }

    /// Makes an edit. Linked entries that it changes in one place change in the others.
    pub(crate) fn edit_linked<T>(&mut self, edit: impl FnOnce(&mut Resource) -> Result<T>) -> Result<T> {
        if self.linked.is_empty() {
            return edit(self);
        }
        let before = self.linked_values();
        let edited = edit(self)?;
        self.follow_links(&before);
        Ok(edited)
    }

    /// The values of entries that are linked, by field and place.
    fn linked_values(&self) -> Vec<Vec<Vec<Node>>> {
        let values = |link: &LinkedEntry, field: &FieldSpec| self.linked_to(link, field).into_iter().cloned().collect();
        self.linked.iter().map(|link| link.fields.iter().map(|field| values(link, field)).collect()).collect()
    }

    /// A field may be in several items of a list.
    fn linked_to(&self, link: &LinkedEntry, field: &FieldSpec) -> Vec<&Node> {
        let mut values = Vec::new();
        collect_entries(&self.node, field.segments(), &link.key, &mut values);
        values
    }

    /// After something changed linked entries in one place, they change in the others. The last place wins.
    fn follow_links(&mut self, before: &[Vec<Vec<Node>>]) {
        let links = std::mem::take(&mut self.linked);
        for (link, old) in links.iter().zip(before) {
            let mut places: Vec<(&FieldSpec, &Vec<Node>)> = link.fields.iter().zip(old).collect();
            places.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
            let changed = places.iter().rev().find_map(|(field, old)| {
                let now = self.linked_to(link, field);
                now.into_iter().zip(*old).rev().find(|(new, old)| new != old).map(|(new, _)| new.clone())
            });
            let Some(changed) = changed else { continue };
            for field in &link.fields {
                set_entries(&mut self.node, field.segments(), &link.key, &changed);
            }
        }
        self.linked = links;
    }

    /// Annotations that are written anew are no longer linked to others.
    pub(crate) fn unlink(&mut self, path: &str) {
        for link in &mut self.linked {
            link.fields.retain(|field| &*field.path != path);
        }
    }

    /// Loses the notes, as where something takes the place of the annotations that the original keeps them in.
    pub(crate) fn forget_notes(&mut self) {
        self.previous.clear();
        self.prefixes.clear();
        self.suffixes.clear();
        self.behavior = Behavior::NotGenerated;
        self.needs_hash = false;
    }

    /// Keeps the present id, before it changes.
    pub(crate) fn remember_id(&mut self) {
        let Key { gvk, name, namespace } = self.key();
        let previous = PreviousId { kind: gvk.kind.to_owned(), name: name.to_owned(), namespace: namespace.to_owned() };
        self.previous.push(previous);
    }

    /// Whether kustomize would keep notes in the annotations by now, which makes that field exist.
    pub(crate) fn has_notes(&self) -> bool {
        !self.previous.is_empty()
            || !self.prefixes.is_empty()
            || !self.suffixes.is_empty()
            || self.needs_hash
            || self.behavior != Behavior::NotGenerated
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
        self.unlink("metadata/annotations");
        let annotations = self.node.get_mut("metadata").and_then(|metadata| metadata.get_mut("annotations"));
        for (_, value) in annotations.and_then(Node::fields_mut).into_iter().flatten() {
            if value.tag != Tag::Str || value.style == Style::Folded {
                *value = Node::string(value.text());
            }
        }
    }

    pub(crate) fn set_annotation(&mut self, name: &str, value: &str) -> Result<()> {
        let metadata = self.metadata_mut()?;
        let annotations = metadata
            .mapping_at("annotations")
            .ok_or_else(|| Error::refused("metadata.annotations is not a mapping"))?;
        edit::set_field(annotations, name, Some(Node::string(value)))
    }

    /// Drops what only the build needed. Annotation values become strings on the way, as in kustomize.
    pub(crate) fn finish(&mut self, keep_origin: bool, keep_transformations: bool) -> Result<()> {
        if self
            .node
            .get("metadata")
            .is_some_and(|metadata| metadata.is_mapping() && metadata.get("annotations").is_none())
        {
            return Ok(());
        }
        let dropped = |key: &str| {
            BUILD_ANNOTATIONS.contains(&key)
                || (key == ORIGIN && !keep_origin)
                || (key == TRANSFORMATIONS && !keep_transformations)
        };
        let kept: Vec<(String, String)> = self
            .annotations()
            .filter(|(key, _)| !dropped(key))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        self.set_map("annotations", kept.iter().map(|(key, value)| (key.as_str(), value.as_str())))
    }

    /// The object with the build's notes in its annotations, where the original keeps them.
    pub(crate) fn noted(&self) -> Resource {
        let join = |part: fn(&PreviousId) -> &String| {
            let parts: Vec<&str> = self.previous.iter().map(part).map(String::as_str).collect();
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(",")
        };
        let behavior = if self.behavior == Behavior::NotGenerated { "" } else { self.behavior.name() };
        let enabled = |is_enabled: bool| if is_enabled { "enabled".to_owned() } else { String::new() };
        let mut shown = self.clone();
        // In the order in which they are mostly written.
        let notes = [
            ("generatorBehavior", behavior.to_owned()),
            ("needsHashSuffix", enabled(self.needs_hash)),
            ("allowNameChange", enabled(self.allow_name_change)),
            ("allowKindChange", enabled(self.allow_kind_change)),
            ("prefixes", self.prefixes.join(",")),
            ("suffixes", self.suffixes.join(",")),
            ("previousNames", join(|id| &id.name)),
            ("previousNamespaces", join(|id| &id.namespace)),
            ("previousKinds", join(|id| &id.kind)),
        ];
        let notes = notes.into_iter().filter(|(_, value)| !value.is_empty());
        // Metadata that a JSON patch took away come back with the notes; what is no metadata has none.
        let metadata = match notes.clone().next() {
            Some(_) => shown.node.mapping_at("metadata"),
            None => shown.node.get_mut("metadata"),
        };
        let Some(annotations) = metadata.and_then(|metadata| metadata.mapping_at("annotations")) else { return shown };
        for (name, value) in notes {
            let value = Node { style: Style::SingleQuoted, ..Node::string(value) };
            let name = format!("{INTERNAL}{name}");
            match annotations.get_mut(&name) {
                Some(read) => *read = value,
                None => annotations.push(name, value),
            }
        }
        if annotations.is_empty() {
            return self.clone();
        }
        shown
    }

    /// Makes the field that the original keeps its notes in, where it has some.
    pub(crate) fn make_field_of_notes(&mut self) {
        if self.has_notes()
            && let Some(metadata) = self.node.get_mut("metadata")
        {
            metadata.mapping_at("annotations");
        }
    }

    /// What an edit is refused with where the original's notes are among the annotations, as its message shows them.
    pub(crate) fn show_notes(&self, error: Error, edit: impl FnOnce(&mut Node) -> Result<()>) -> Error {
        if !self.has_notes() {
            return error;
        }
        edit(&mut self.noted().node).err().unwrap_or(error)
    }

    /// Drops annotations that were notes: the build's own, which are read by now, and the named ones.
    pub(crate) fn take_notes(&mut self, names: &[&str]) -> Result<()> {
        let is_note =
            |key: &str| names.contains(&key) || READ_NOTES.iter().any(|note| key.strip_prefix(INTERNAL) == Some(note));
        let kept: Vec<(String, String)> = self
            .annotations()
            .filter(|(key, _)| !is_note(key))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        if kept.len() == self.annotations().count() {
            return Ok(());
        }
        self.set_map("annotations", kept.iter().map(|(key, value)| (key.as_str(), value.as_str())))
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

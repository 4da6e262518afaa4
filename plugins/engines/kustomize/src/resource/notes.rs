//! What kustomize keeps among the annotations of a resource while it builds. Here it is in fields of the resource.

use weir_yaml::{Node, Style};

use super::{Behavior, ORIGIN, PreviousId, Resource, TRANSFORMATIONS};
use crate::error::{Error, Result};

const INTERNAL: &str = "internal.config.kubernetes.io/";

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

impl Resource {
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

    /// Whether kustomize would keep notes in the annotations by now, which makes that field exist.
    pub(crate) fn has_notes(&self) -> bool {
        !self.previous.is_empty()
            || !self.prefixes.is_empty()
            || !self.suffixes.is_empty()
            || self.needs_hash
            || self.behavior != Behavior::NotGenerated
    }

    /// Loses the notes, as where something takes the place of the annotations that the original keeps them in.
    pub(crate) fn forget_notes(&mut self) {
        self.previous.clear();
        self.prefixes.clear();
        self.suffixes.clear();
        self.behavior = Behavior::NotGenerated;
        self.needs_hash = false;
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
}

//! Which resources a patch or a replacement is for.

mod labels;

use regex_lite::Regex;
use weir_goregexp::{Dialect, translate};

use crate::error::{Error, Result};
use crate::id::{GvkView, ResId};
use crate::kustomization::Selector;
use crate::resmap::ResMap;
use crate::resource::Resource;

pub(crate) use labels::LabelSelector;

/// A selector with its regular expressions compiled. Each is anchored; an empty one matches everything.
pub(crate) struct Matcher {
    group: Pattern,
    version: Pattern,
    kind: Pattern,
    name: Pattern,
    namespace: Pattern,
    /// What is wrong with them matters only when a resource gets that far.
    labels: Result<LabelSelector>,
    annotations: Result<LabelSelector>,
}

/// An anchored regular expression. Most are plain words, which need no machine.
enum Pattern {
    Anything,
    Word(String),
    Expression(Regex),
}

impl Pattern {
    fn matches(&self, text: &str) -> bool {
        match self {
            Pattern::Anything => true,
            Pattern::Word(word) => word == text,
            Pattern::Expression(regex) => regex.is_match(text),
        }
    }
}

fn anchored(pattern: &str) -> Result<Pattern> {
    if pattern.is_empty() {
        return Ok(Pattern::Anything);
    }
    if pattern.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/')) {
        return Ok(Pattern::Word(pattern.to_owned()));
    }
    let anchored = format!("^(?:{pattern})$");
    expression(&anchored).map(Pattern::Expression)
}

/// A regular expression in Go's syntax.
pub(crate) fn expression(text: &str) -> Result<Regex> {
    let fails = |reason: String| Error::refused(format!("error parsing regexp: {reason}"));
    let translated = translate(text, Dialect::Lite).map_err(|error| fails(error.to_string()))?;
    Regex::new(&translated.pattern).map_err(|_| fails(format!("expression too large: `{text}`")))
}

impl Matcher {
    pub(crate) fn new(selector: &Selector) -> Result<Matcher> {
        Ok(Matcher {
            group: anchored(&selector.group)?,
            version: anchored(&selector.version)?,
            kind: anchored(&selector.kind)?,
            name: anchored(&selector.name)?,
            namespace: anchored(&selector.namespace)?,
            labels: LabelSelector::parse(&selector.label_selector),
            annotations: LabelSelector::parse(&selector.annotation_selector),
        })
    }

    fn matches_gvk(&self, gvk: GvkView<'_>) -> bool {
        self.kind.matches(gvk.kind) && self.group.matches(gvk.group) && self.version.matches(gvk.version)
    }

    /// Whether labels and annotations match.
    pub(crate) fn matches_metadata(&self, resource: &Resource) -> Result<bool> {
        let annotations = self.annotations.as_ref().map_err(Clone::clone)?;
        let labels = self.labels.as_ref().map_err(Clone::clone)?;
        Ok(annotations.matches(resource.annotations()) && labels.matches(resource.labels()))
    }

    /// Whether kind, name and namespace match one id.
    pub(crate) fn matches_id(&self, id: &ResId) -> bool {
        self.matches_gvk(id.gvk.view()) && self.name.matches(&id.name) && self.namespace.matches(&id.namespace)
    }

    /// Whether a resource matches by its present or first name and namespace.
    pub(crate) fn selects(&self, resource: &Resource) -> Result<bool> {
        if !self.matches_gvk(resource.gvk()) {
            return Ok(false);
        }
        let (current, original) = (resource.key(), resource.original_key());
        let namespace = self.namespace.matches(original.namespace) || self.namespace.matches(current.namespace);
        let name = self.name.matches(original.name) || self.name.matches(current.name);
        if namespace && name { self.matches_metadata(resource) } else { Ok(false) }
    }
}

/// Positions of the resources that a selector matches.
pub(crate) fn select(map: &ResMap, selector: &Selector) -> Result<Vec<usize>> {
    let matcher = Matcher::new(selector)?;
    let mut positions = Vec::new();
    for (position, resource) in map.resources().iter().enumerate() {
        if matcher.selects(resource)? {
            positions.push(position);
        }
    }
    Ok(positions)
}

//! Which resources a patch or a replacement is for.

mod labels;

use regex_lite::Regex;

use crate::error::{Error, Result};
use crate::id::{Gvk, ResId};
use crate::kustomization::Selector;
use crate::resmap::ResMap;
use crate::resource::Resource;

pub(crate) use labels::LabelSelector;

/// A selector with its regular expressions compiled. Each is anchored; an empty one matches everything.
pub(crate) struct Matcher {
    group: Option<Regex>,
    version: Option<Regex>,
    kind: Option<Regex>,
    name: Option<Regex>,
    namespace: Option<Regex>,
    /// What is wrong with them matters only when a resource gets that far.
    labels: Result<LabelSelector>,
    annotations: Result<LabelSelector>,
}

fn anchored(pattern: &str) -> Result<Option<Regex>> {
    if pattern.is_empty() {
        return Ok(None);
    }
    let anchored = format!("^(?:{pattern})$");
    match Regex::new(&anchored) {
        Ok(regex) => Ok(Some(regex)),
        Err(error) => {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ");
            Err(Error::refused(format!("error parsing regexp: {reason}: `{anchored}`")))
        }
    }
}

fn matches(regex: &Option<Regex>, text: &str) -> bool {
    regex.as_ref().is_none_or(|regex| regex.is_match(text))
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

    fn matches_gvk(&self, gvk: &Gvk) -> bool {
        matches(&self.group, &gvk.group) && matches(&self.version, &gvk.version) && matches(&self.kind, &gvk.kind)
    }

    /// Whether labels and annotations match.
    pub(crate) fn matches_metadata(&self, resource: &Resource) -> Result<bool> {
        let annotations = self.annotations.as_ref().map_err(Clone::clone)?;
        let labels = self.labels.as_ref().map_err(Clone::clone)?;
        Ok(annotations.matches(resource.annotations()) && labels.matches(resource.labels()))
    }

    /// Whether kind, name and namespace match one id.
    pub(crate) fn matches_id(&self, id: &ResId) -> bool {
        self.matches_gvk(&id.gvk) && matches(&self.name, &id.name) && matches(&self.namespace, &id.namespace)
    }

    /// Whether a resource matches by its present or first name and namespace.
    pub(crate) fn selects(&self, resource: &Resource) -> Result<bool> {
        let (current, original) = (resource.id(), resource.original_id());
        let namespace = matches(&self.namespace, original.effective_namespace())
            || matches(&self.namespace, current.effective_namespace());
        let name = matches(&self.name, &original.name) || matches(&self.name, &current.name);
        if !namespace || !name || !self.matches_gvk(&current.gvk) {
            return Ok(false);
        }
        self.matches_metadata(resource)
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

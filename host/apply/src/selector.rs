//! Which objects a rule speaks of.

use std::collections::BTreeMap;

use kube::core::{Expression, Selector as Labels, SelectorExt};
use regex::Regex;
use serde_json::Value;
use weir_api::meta::Selector;
use weir_core::Object;

/// A compiled selector. Its texts are anchored regular expressions, as in kustomize; an absent one matches everything.
#[derive(Debug)]
pub(crate) struct Matcher {
    fields: [Option<Regex>; 5],
    labels: Option<Labels>,
    annotations: Option<Labels>,
}

impl Matcher {
    /// # Errors
    /// Says which part cannot be read.
    pub(crate) fn compile(selector: &Selector) -> Result<Self, String> {
        let regex = |text: &Option<String>| match text.as_deref().filter(|t| !t.is_empty()) {
            Some(text) => Regex::new(&format!("^(?:{text})$")).map(Some).map_err(|e| e.to_string()),
            None => Ok(None),
        };
        let labels = |text: &Option<String>| text.as_deref().map(parse).transpose();
        Ok(Self {
            fields: [
                regex(&selector.group)?,
                regex(&selector.version)?,
                regex(&selector.kind)?,
                regex(&selector.namespace)?,
                regex(&selector.name)?,
            ],
            labels: labels(&selector.label_selector)?,
            annotations: labels(&selector.annotation_selector)?,
        })
    }

    pub(crate) fn matches(&self, object: &Object) -> bool {
        let texts = [object.group(), object.version(), object.kind(), object.namespace(), object.name()];
        let fields = self.fields.iter().zip(texts).all(|(regex, text)| regex.as_ref().is_none_or(|r| r.is_match(text)));
        let fits =
            |selector: &Option<Labels>, map: &str| selector.as_ref().is_none_or(|s| s.matches(&strings(object, map)));
        fields && fits(&self.labels, "labels") && fits(&self.annotations, "annotations")
    }
}

fn strings(object: &Object, map: &str) -> BTreeMap<String, String> {
    let given = object.value().get("metadata").and_then(|m| m.get(map)).and_then(Value::as_object);
    let entries = given.into_iter().flatten();
    entries.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

/// Reads a label selector, as `a=b,c!=d,e in (x,y),f notin (z),g,!h`.
///
/// # Errors
/// Says which part cannot be read.
pub fn parse(text: &str) -> Result<Labels, String> {
    let parts = split(text).into_iter().map(str::trim).filter(|p| !p.is_empty());
    parts.map(expression).collect()
}

/// At commas outside of parentheses.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0u32;
    text.split(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
    .collect()
}

fn expression(text: &str) -> Result<Expression, String> {
    let key = |k: &str| match k.trim() {
        "" => Err(format!("invalid label selector: {text}")),
        k if k.contains(char::is_whitespace) => Err(format!("invalid label selector: {text}")),
        k => Ok(k.to_owned()),
    };
    let set = |list: &str| list.trim_end_matches(')').split(',').map(|v| v.trim().to_owned()).collect();
    if let Some((k, list)) = text.split_once(" notin (") {
        return Ok(Expression::NotIn(key(k)?, set(list)));
    }
    if let Some((k, list)) = text.split_once(" in (") {
        return Ok(Expression::In(key(k)?, set(list)));
    }
    if let Some((k, value)) = text.split_once("!=") {
        return Ok(Expression::NotEqual(key(k)?, value.trim().into()));
    }
    if let Some((k, value)) = text.split_once('=') {
        return Ok(Expression::Equal(key(k)?, value.trim_start_matches('=').trim().into()));
    }
    match text.strip_prefix('!') {
        Some(k) => Ok(Expression::DoesNotExist(key(k)?)),
        None => Ok(Expression::Exists(key(text)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(selector: Selector, expected: bool) {
        let object = Object::new(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata":
            {"name": "web-1", "namespace": "prod", "labels": {"app": "web", "tier": "front"}}}));
        assert_eq!(Matcher::compile(&selector).unwrap().matches(&object.unwrap()), expected, "{selector:?}");
    }

    #[test]
    fn fields_are_anchored() {
        let named = |name: &str| Selector { name: Some(name.into()), ..Selector::default() };
        for (name, expected) in [("web-1", true), ("web", false), ("web-.*", true), ("a|web-1", true), ("", true)] {
            check(named(name), expected);
        }
        check(Selector { kind: Some("Deploy.*".into()), group: Some("apps".into()), ..Selector::default() }, true);
        check(Selector { group: Some("batch".into()), ..Selector::default() }, false);
        assert!(Matcher::compile(&named("(")).is_err());
    }

    #[test]
    fn labels_are_selected_as_in_kubernetes() {
        for (text, expected) in [
            ("app=web", true),
            ("app==web,tier!=back", true),
            ("app in (web, api),tier notin (back,middle)", true),
            ("app notin (web)", false),
            ("app,!gone", true),
            ("!app", false),
        ] {
            check(Selector { label_selector: Some(text.into()), ..Selector::default() }, expected);
        }
        check(Selector { annotation_selector: Some("app=web".into()), ..Selector::default() }, false);
        assert!(parse("a b").is_err());
    }
}

//! `spec.ignore`: fields that others may change.

use serde_json::Value;
use weir_api::meta::IgnoreRule;
use weir_core::Object;

use crate::{fields, options::Config, selector::Matcher};

/// Compiled rules.
#[derive(Debug, Default)]
pub(crate) struct IgnoreRules {
    rules: Vec<(Option<Matcher>, Vec<String>)>,
    text: String,
}

impl IgnoreRules {
    /// # Errors
    /// Says which part cannot be read.
    pub(crate) fn compile(rules: &[IgnoreRule]) -> Result<Self, String> {
        let compile = |rule: &IgnoreRule| {
            let target = rule.target.as_ref().map(Matcher::compile).transpose();
            target.map(|t| (t, rule.paths.clone()))
        };
        let text = if rules.is_empty() { String::new() } else { format!("{rules:?}") };
        Ok(Self { rules: rules.iter().map(compile).collect::<Result<_, _>>()?, text })
    }

    /// Differs when the rules differ.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether any field of the object is to be ignored.
    pub(crate) fn matches(&self, object: &Object) -> bool {
        self.paths(object).next().is_some()
    }

    fn paths<'a>(&'a self, object: &'a Object) -> impl Iterator<Item = &'a str> {
        let speaks = |(target, _): &&(Option<Matcher>, Vec<String>)| target.as_ref().is_none_or(|t| t.matches(object));
        self.rules.iter().filter(speaks).flat_map(|(_, paths)| paths).map(String::as_str)
    }

    /// What to send so that the ignored fields of the live object stay as they are; `None` when none differs.
    ///
    /// Flux: a field that another manager applied is left out, so that it stays theirs; else the live value is sent.
    pub(crate) fn payload(&self, desired: &Object, live: &Value, config: &Config) -> Option<Value> {
        let differs = |path: &&str| desired.value().pointer(path) != live.pointer(path);
        let paths: Vec<&str> = self.paths(desired).filter(differs).collect();
        if paths.is_empty() {
            return None;
        }
        let mut payload = desired.value().clone();
        for path in paths {
            match live.pointer(path).filter(|_| !is_applied_by_another(live, path, config)) {
                Some(value) => set(&mut payload, path, value.clone()),
                None => remove(&mut payload, path),
            }
        }
        Some(payload)
    }
}

fn is_applied_by_another(live: &Value, path: &str, config: &Config) -> bool {
    let others =
        fields::entries(live).filter(|e| fields::operation_of(e) == "Apply" && fields::manager_of(e) != config.manager);
    others.into_iter().any(|e| fields::contains(e, path))
}

/// Sets a value that the manifest has; one that it lacks stays with whoever set it.
fn set(payload: &mut Value, path: &str, value: Value) {
    if let Some(at) = payload.pointer_mut(path) {
        *at = value;
    }
}

fn remove(payload: &mut Value, path: &str) {
    let Some((parent, key)) = path.rsplit_once('/') else { return };
    let key = key.replace("~1", "/").replace("~0", "~");
    match payload.pointer_mut(parent) {
        Some(Value::Object(map)) => drop(map.remove(&key)),
        Some(Value::Array(items)) => {
            if let Some(index) = key.parse().ok().filter(|i: &usize| *i < items.len()) {
                items.remove(index);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rules(paths: &[&str]) -> IgnoreRules {
        let rule = IgnoreRule { paths: paths.iter().map(|p| (*p).into()).collect(), target: None };
        IgnoreRules::compile(&[rule]).unwrap()
    }

    fn desired(spec: Value) -> Object {
        Object::new(json!({"apiVersion": "v1", "kind": "A", "metadata": {"name": "a"}, "spec": spec})).unwrap()
    }

    #[test]
    fn live_values_are_kept() {
        for (paths, live, expected) in [
            (vec!["/spec/a"], json!({"spec": {"a": 1, "b": 1}}), None),
            (vec!["/spec/a"], json!({"spec": {"a": 5, "b": 5}}), Some(json!({"a": 5, "b": 1}))),
            (vec!["/spec/a"], json!({"spec": {"b": 1}}), Some(json!({"b": 1}))),
            (vec!["/spec/c"], json!({"spec": {"a": 1, "c": 9}}), Some(json!({"a": 1, "b": 1}))),
            (
                vec!["/spec/a"],
                json!({"spec": {"a": 5}, "metadata": {"managedFields": [
                    {"manager": "hpa", "operation": "Apply", "fieldsV1": {"f:spec": {"f:a": {}}}}]}}),
                Some(json!({"b": 1})),
            ),
        ] {
            let payload = rules(&paths).payload(&desired(json!({"a": 1, "b": 1})), &live, &Config::default());
            assert_eq!(payload.map(|p| p["spec"].clone()), expected, "{paths:?} {live}");
        }
    }

    #[test]
    fn rules_are_part_of_the_desired_state() {
        assert_ne!(rules(&["/a"]).text(), rules(&["/b"]).text());
        assert_eq!(IgnoreRules::compile(&[]).unwrap().text(), "");
    }
}

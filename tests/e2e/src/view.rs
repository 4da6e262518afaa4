//! An object as the tests read it.

use serde_json::Value;

/// The JSON of an object, with short ways to what tests ask for.
#[derive(Clone, Debug, PartialEq)]
pub struct View(pub Value);

impl View {
    /// The value at a JSON pointer; null when there is none.
    #[must_use]
    pub fn at(&self, pointer: &str) -> &Value {
        self.0.pointer(pointer).unwrap_or(&Value::Null)
    }

    /// The text at a JSON pointer; empty when there is none.
    #[must_use]
    pub fn text(&self, pointer: &str) -> &str {
        self.at(pointer).as_str().unwrap_or_default()
    }

    /// `status reason: message` of a condition; empty when it is absent.
    #[must_use]
    pub fn condition(&self, type_: &str) -> String {
        self.conditions().find(|c| c["type"] == type_).map(shown).unwrap_or_default()
    }

    fn conditions(&self) -> impl Iterator<Item = &Value> {
        self.at("/status/conditions").as_array().into_iter().flatten()
    }

    /// Ready at its newest generation.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.condition("Ready").starts_with("True ") && self.is_observed()
    }

    /// Not ready, for this reason.
    #[must_use]
    pub fn failed_with(&self, reason: &str) -> bool {
        self.condition("Ready").starts_with(&format!("False {reason}: "))
    }

    /// Whether the status speaks about the newest generation.
    #[must_use]
    pub fn is_observed(&self) -> bool {
        self.at("/status/observedGeneration") == self.at("/metadata/generation")
    }

    /// The message of the condition `Ready`.
    #[must_use]
    pub fn message(&self) -> &str {
        let ready = self.conditions().find(|c| c["type"] == "Ready");
        ready.and_then(|c| c["message"].as_str()).unwrap_or_default()
    }

    /// The ids in the inventory, in its order.
    #[must_use]
    pub fn inventory(&self) -> Vec<&str> {
        let entries = self.at("/status/inventory/entries").as_array().into_iter().flatten();
        entries.filter_map(|entry| entry["id"].as_str()).collect()
    }

    /// What stored the object last.
    #[must_use]
    pub fn version(&self) -> &str {
        self.text("/metadata/resourceVersion")
    }

    /// Tells an object from one of the same name that came after it.
    #[must_use]
    pub fn uid(&self) -> &str {
        self.text("/metadata/uid")
    }

    /// What a failed wait shows: the status, in full.
    pub(crate) fn summary(&self) -> String {
        let conditions: Vec<String> =
            self.conditions().map(|c| format!("{}={}", c["type"].as_str().unwrap_or_default(), shown(c))).collect();
        let rest = self.at("/status").as_object().map(|status| {
            status
                .iter()
                .filter(|(key, _)| *key != "conditions")
                .map(|(key, value)| format!("{key}: {value}"))
                .collect::<Vec<_>>()
        });
        format!(
            "generation: {}\n{}\n{}",
            self.at("/metadata/generation"),
            conditions.join("\n"),
            rest.unwrap_or_default().join("\n")
        )
    }
}

fn shown(condition: &Value) -> String {
    let text = |key: &str| condition[key].as_str().unwrap_or_default();
    format!("{} {}: {}", text("status"), text("reason"), text("message"))
}

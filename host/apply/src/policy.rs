//! What an object says about how it wants to be treated.

use serde_json::Value;

/// Settings of one object, by label or annotation of the owner's group; values are compared without case, as Flux does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Policy {
    /// `ssa: Ignore`: never applied, never pruned.
    pub(crate) ignore: bool,
    /// `ssa: Merge`: other managers keep their fields.
    pub(crate) merge: bool,
    /// `ssa: IfNotPresent`: created once and never updated.
    pub(crate) if_not_present: bool,
    /// `reconcile: disabled`: neither applied nor pruned.
    pub(crate) disabled: bool,
    /// `force: enabled`: recreated when an immutable field changes.
    pub(crate) force: bool,
    /// `prune: disabled`: never deleted.
    pub(crate) keep: bool,
}

impl Policy {
    /// Reads the settings of `object` under `group`.
    pub(crate) fn of(object: &Value, group: &str) -> Self {
        let is = |key: &str, value: &str| {
            ["annotations", "labels"].iter().any(|map| {
                let given = object.get("metadata").and_then(|m| m.get(map)?.get(format!("{group}/{key}"))?.as_str());
                given.is_some_and(|v| v.eq_ignore_ascii_case(value))
            })
        };
        Self {
            ignore: is("ssa", "Ignore"),
            merge: is("ssa", "Merge"),
            if_not_present: is("ssa", "IfNotPresent"),
            disabled: is("reconcile", "disabled"),
            force: is("force", "enabled"),
            keep: is("prune", "disabled"),
        }
    }

    /// Whether the object is not to be applied, whatever its state.
    pub(crate) fn skips(self) -> bool {
        self.ignore || self.disabled
    }

    /// Whether the object is not to be deleted.
    pub(crate) fn is_protected(self) -> bool {
        self.skips() || self.keep
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn settings_are_read_from_labels_and_annotations() {
        let none = Policy::default();
        for (metadata, expected) in [
            (json!({}), none),
            (json!({"labels": null}), none),
            (json!({"annotations": {"g/ssa": "merge"}}), Policy { merge: true, ..none }),
            (json!({"labels": {"g/ssa": "IfNotPresent"}}), Policy { if_not_present: true, ..none }),
            (json!({"labels": {"g/reconcile": "Disabled", "g/prune": "enabled"}}), Policy { disabled: true, ..none }),
            (json!({"annotations": {"g/force": "Enabled", "other/prune": "disabled"}}), Policy { force: true, ..none }),
        ] {
            assert_eq!(Policy::of(&json!({"metadata": metadata}), "g"), expected, "{metadata}");
        }
    }
}

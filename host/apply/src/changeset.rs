//! What an apply or a prune did, object by object.

use std::fmt;

use weir_core::{
    ObjectId,
    inventory::{Entry, Inventory},
};

/// What was done to an object; displayed as Flux prints it in events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// It did not exist.
    Created,
    /// It was changed.
    Configured,
    /// Nothing was written.
    Unchanged,
    /// Its own settings, or another owner, keep it from being touched.
    Skipped,
    /// It was deleted, or was gone already.
    Deleted,
}

impl Action {
    /// Whether it is worth a line in an event.
    pub fn is_change(self) -> bool {
        matches!(self, Self::Created | Self::Configured | Self::Deleted)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Created => "created",
            Self::Configured => "configured",
            Self::Unchanged => "unchanged",
            Self::Skipped => "skipped",
            Self::Deleted => "deleted",
        })
    }
}

/// One object and what was done to it. Displays as `Kind/namespace/name action`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which object.
    pub id: ObjectId,
    /// Version of its API group, as it was applied.
    pub version: String,
    /// What was done.
    pub action: Action,
}

impl Change {
    /// `group/version`, or `version` for the core group.
    pub fn api_version(&self) -> String {
        match self.id.group.as_str() {
            "" => self.version.clone(),
            group => format!("{group}/{}", self.version),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.action)
    }
}

/// Changes in the order they were made. Displays one line for each that is worth telling.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeSet {
    /// In apply order.
    pub entries: Vec<Change>,
}

impl ChangeSet {
    /// The inventory of these objects, in order.
    pub fn inventory(&self) -> Inventory {
        Inventory { entries: self.entries.iter().map(|c| Entry::new(&c.id, &c.version)).collect() }
    }

    /// Whether anything was created, configured or deleted.
    pub fn has_changes(&self) -> bool {
        self.entries.iter().any(|c| c.action.is_change())
    }

    /// Appends `other`.
    pub fn extend(&mut self, other: ChangeSet) {
        self.entries.extend(other.entries);
    }
}

impl fmt::Display for ChangeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, change) in self.entries.iter().filter(|c| c.action.is_change()).enumerate() {
            let line_end = if index == 0 { "" } else { "\n" };
            write!(f, "{line_end}{change}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changes_are_told() {
        let change = |name: &str, namespace: &str, action| Change {
            id: ObjectId { group: "".into(), kind: "ConfigMap".into(), namespace: namespace.into(), name: name.into() },
            version: "v1".into(),
            action,
        };
        let set = ChangeSet {
            entries: vec![
                change("a", "ns", Action::Created),
                change("b", "ns", Action::Unchanged),
                change("c", "", Action::Configured),
            ],
        };
        assert_eq!(set.to_string(), "ConfigMap/ns/a created\nConfigMap/c configured");
        assert_eq!(set.inventory().entries.len(), 3);
        assert!(set.has_changes());
    }
}

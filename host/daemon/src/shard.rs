//! Which objects this process handles (Flux's `--watch-label-selector`).
//!
//! The others are known, because ours refer to them, but they are left to the process whose share they are.

use std::collections::{BTreeMap, HashSet};

use anyhow::{Result, anyhow};
use kube::core::{Selector, SelectorExt as _};
use weir_core::{Cause, ObjectKey};

/// The share of this process.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shard(Option<Selector>);

impl Shard {
    /// `text` as `kubectl -l` takes it; none handles everything.
    pub(crate) fn new(text: Option<&str>) -> Result<Self> {
        let parsed = text.filter(|text| !text.trim().is_empty()).map(weir_apply::parse_labels).transpose();
        parsed.map(Self).map_err(|error| anyhow!("cannot read `--watch-label-selector`: {error}"))
    }

    /// Whether an object with these labels is handled here.
    pub(crate) fn has(&self, labels: &BTreeMap<String, String>) -> bool {
        self.0.as_ref().is_none_or(|selector| selector.matches(labels))
    }
}

/// What came of a change, for the share of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Handled here; with a cause it has to run.
    Ours(Option<Cause>),
    /// Was handled here until now: its labels changed.
    Left,
    /// Handled elsewhere.
    Others,
}

/// The objects of one kind that are handled here.
#[derive(Debug, Default)]
pub(crate) struct Members(HashSet<ObjectKey>);

impl Members {
    /// An object that comes into the share by a change of its labels is as new, although its generation did not move.
    pub(crate) fn seen(&mut self, key: &ObjectKey, is_ours: bool, cause: Option<Cause>) -> Part {
        if !is_ours {
            return if self.0.remove(key) { Part::Left } else { Part::Others };
        }
        let came = self.0.insert(key.clone());
        Part::Ours(if came { Some(Cause::Start) } else { cause })
    }

    pub(crate) fn gone(&mut self, key: &ObjectKey) {
        self.0.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_divides_objects() {
        let labels = |value: &str| BTreeMap::from([("sharding.fluxcd.io/key".to_owned(), value.to_owned())]);
        let shard = Shard::new(Some("sharding.fluxcd.io/key=shard1")).unwrap();
        assert!(shard.has(&labels("shard1")) && !shard.has(&labels("shard2")) && !shard.has(&BTreeMap::new()));
        let rest = Shard::new(Some("!sharding.fluxcd.io/key")).unwrap();
        assert!(rest.has(&BTreeMap::new()) && !rest.has(&labels("shard1")));
        for all in [None, Some(""), Some(" ")] {
            assert!(Shard::new(all).unwrap().has(&labels("x")), "{all:?}");
        }
        let error = Shard::new(Some("a in b")).unwrap_err().to_string();
        assert!(error.starts_with("cannot read `--watch-label-selector`: "), "{error}");
    }

    #[test]
    fn objects_come_and_go_by_their_labels() {
        let key = ObjectKey::new("Kustomization", "ns", "a");
        let mut members = Members::default();
        for (is_ours, cause, expected) in [
            (false, Some(Cause::Start), Part::Others),
            (true, None, Part::Ours(Some(Cause::Start))),
            (true, None, Part::Ours(None)),
            (true, Some(Cause::Spec), Part::Ours(Some(Cause::Spec))),
            (false, Some(Cause::Spec), Part::Left),
            (false, None, Part::Others),
            (true, Some(Cause::Spec), Part::Ours(Some(Cause::Start))),
        ] {
            assert_eq!(members.seen(&key, is_ours, cause), expected);
        }
        members.gone(&key);
        assert_eq!(members.seen(&key, true, None), Part::Ours(Some(Cause::Start)));
    }
}

//! Fairness: one lane per namespace, served in turn, so that a tenant with many objects delays only itself.

use std::collections::{HashMap, VecDeque};

use weir_core::ObjectKey;

/// Keys that may run now.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    lanes: HashMap<String, VecDeque<ObjectKey>>,
    turn: VecDeque<String>,
}

impl Lanes {
    /// Adds a key at the end of its lane; the caller makes sure that it is not there yet.
    pub(crate) fn push(&mut self, key: ObjectKey) {
        let lane = self.lanes.entry(key.namespace.clone()).or_default();
        if lane.is_empty() {
            self.turn.push_back(key.namespace.clone());
        }
        lane.push_back(key);
    }

    /// The next key of the lane whose turn it is; the lane then waits for all others.
    pub(crate) fn pop(&mut self) -> Option<ObjectKey> {
        let namespace = self.turn.pop_front()?;
        let lane = self.lanes.get_mut(&namespace)?;
        let key = lane.pop_front();
        if lane.is_empty() {
            self.lanes.remove(&namespace);
        } else {
            self.turn.push_back(namespace);
        }
        key
    }

    /// Takes a key out.
    pub(crate) fn remove(&mut self, key: &ObjectKey) {
        let Some(lane) = self.lanes.get_mut(&key.namespace) else {
            return;
        };
        lane.retain(|k| k != key);
        if lane.is_empty() {
            self.lanes.remove(&key.namespace);
            self.turn.retain(|n| *n != key.namespace);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> ObjectKey {
        let (namespace, name) = text.split_once('/').unwrap();
        ObjectKey::new("Kustomization", namespace, name)
    }

    fn check(pushed: &[&str], removed: &[&str], expected: &[&str]) {
        let mut lanes = Lanes::default();
        pushed.iter().for_each(|k| lanes.push(key(k)));
        removed.iter().for_each(|k| lanes.remove(&key(k)));
        let popped: Vec<_> = std::iter::from_fn(|| lanes.pop()).collect();
        assert_eq!(popped, expected.iter().map(|k| key(k)).collect::<Vec<_>>());
        assert!(lanes.lanes.is_empty() && lanes.turn.is_empty());
    }

    #[test]
    fn lanes_take_turns() {
        check(&[], &["a/1"], &[]);
        check(&["a/1", "a/2", "a/3", "b/1", "c/1", "c/2"], &[], &["a/1", "b/1", "c/1", "a/2", "c/2", "a/3"]);
        check(&["a/1", "a/2", "b/1"], &["a/1", "b/1", "c/9"], &["a/2"]);
    }
}

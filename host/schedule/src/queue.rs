//! What runs when: one entry per key, due at its earliest time, with its strongest cause. Knows no clock: instants are given.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    time::Instant,
};

use weir_core::{Cause, ObjectKey};

use crate::lane::Lanes;

/// A queue of keys with delays, fair between namespaces.
#[derive(Debug, Default)]
pub struct Queue {
    entries: HashMap<ObjectKey, Entry>,
    /// Due times; an entry that moved leaves its old time behind, which is skipped by its number.
    times: BinaryHeap<Reverse<(Instant, u64, ObjectKey)>>,
    lanes: Lanes,
    ready: usize,
    number: u64,
}

#[derive(Debug)]
struct Entry {
    cause: Cause,
    /// `None` when the key is in its lane.
    waits: Option<(Instant, u64)>,
}

impl Queue {
    /// Adds a key. A key that is queued already keeps its earliest time and its strongest cause.
    pub fn push(&mut self, key: ObjectKey, cause: Cause, due: Instant) {
        self.number += 1;
        let waits = Some((due, self.number));
        match self.entries.get_mut(&key) {
            Some(entry) => {
                entry.cause = entry.cause.max(cause);
                if entry.waits.is_none_or(|(earlier, _)| earlier <= due) {
                    return;
                }
                entry.waits = waits;
            }
            None => {
                self.entries.insert(key.clone(), Entry { cause, waits });
            }
        }
        self.times.push(Reverse((due, self.number, key)));
    }

    /// The next key that is due.
    pub fn pop(&mut self, now: Instant) -> Option<(ObjectKey, Cause)> {
        self.advance(now);
        let key = self.lanes.pop()?;
        self.ready -= 1;
        let entry = self.entries.remove(&key)?;
        Some((key, entry.cause))
    }

    /// Moves what is due into the lanes.
    pub fn advance(&mut self, now: Instant) {
        while let Some(Reverse((due, number, _))) = self.times.peek() {
            let current = (*due, *number);
            if current.0 > now {
                return;
            }
            let Some(Reverse((_, _, key))) = self.times.pop() else {
                return;
            };
            if let Some(entry) = self.entries.get_mut(&key).filter(|e| e.waits == Some(current)) {
                entry.waits = None;
                self.ready += 1;
                self.lanes.push(key);
            }
        }
    }

    /// When the next key becomes due; in the past when one is due already.
    pub fn next_due(&mut self) -> Option<Instant> {
        while let Some(Reverse((due, number, key))) = self.times.peek() {
            if self.entries.get(key).is_some_and(|e| e.waits == Some((*due, *number))) {
                return Some(*due);
            }
            self.times.pop();
        }
        None
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &ObjectKey) {
        if let Some(Entry { waits: None, .. }) = self.entries.remove(key) {
            self.lanes.remove(key);
            self.ready -= 1;
        }
    }

    /// Keys that are due and wait for a worker, as of the last [`Queue::advance`].
    pub fn ready(&self) -> usize {
        self.ready
    }

    /// All keys, those with a delay included.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no key at all.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn key(name: &str) -> ObjectKey {
        ObjectKey::new("Kustomization", "ns", name)
    }

    /// Pushes `(name, cause, seconds)`, then pops at each second and compares.
    fn check(pushed: &[(&str, Cause, u64)], expected: &[(u64, &str, Cause)]) {
        let start = Instant::now();
        let mut queue = Queue::default();
        for (name, cause, seconds) in pushed {
            queue.push(key(name), *cause, start + Duration::from_secs(*seconds));
        }
        let mut popped = vec![];
        while let Some(due) = queue.next_due() {
            while let Some((key, cause)) = queue.pop(due) {
                popped.push(((due - start).as_secs(), key.name, cause));
            }
        }
        let expected: Vec<_> = expected.iter().map(|(s, n, c)| (*s, (*n).to_owned(), *c)).collect();
        assert_eq!(popped, expected, "{pushed:?}");
        assert!(queue.is_empty() && queue.times.is_empty() && queue.ready() == 0);
    }

    #[test]
    fn keys_come_once_at_their_earliest_time_with_their_strongest_cause() {
        use Cause::{Drift, Interval, Retry, Source, Spec};
        check(&[], &[]);
        check(&[("a", Interval, 5), ("b", Retry, 3)], &[(3, "b", Retry), (5, "a", Interval)]);
        check(&[("a", Interval, 600), ("a", Source, 0)], &[(0, "a", Source)]);
        check(&[("a", Spec, 0), ("a", Interval, 600), ("a", Drift, 0)], &[(0, "a", Spec)]);
        check(&[("a", Interval, 5), ("a", Spec, 9)], &[(5, "a", Spec)]);
        check(&[("a", Retry, 9), ("a", Retry, 7), ("a", Retry, 8)], &[(7, "a", Retry)]);
    }

    #[test]
    fn a_removed_key_is_gone_whether_it_waits_or_is_due() {
        let start = Instant::now();
        let mut queue = Queue::default();
        for name in ["a", "b"] {
            queue.push(key(name), Cause::Spec, start);
        }
        queue.push(key("later"), Cause::Interval, start + Duration::from_secs(9));
        assert_eq!(queue.pop(start), Some((key("a"), Cause::Spec)));
        assert_eq!((queue.ready(), queue.len()), (1, 2));
        queue.remove(&key("b"));
        queue.remove(&key("later"));
        queue.remove(&key("unknown"));
        assert_eq!(queue.pop(start + Duration::from_secs(99)), None);
        assert_eq!((queue.ready(), queue.len(), queue.next_due()), (0, 0, None));
    }

    #[test]
    fn nothing_comes_before_its_time() {
        let start = Instant::now();
        let mut queue = Queue::default();
        queue.push(key("a"), Cause::Retry, start + Duration::from_millis(10));
        assert_eq!(queue.pop(start + Duration::from_millis(9)), None);
        assert!(queue.pop(start + Duration::from_millis(10)).is_some());
    }
}

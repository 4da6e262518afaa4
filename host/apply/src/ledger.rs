//! What was applied and what became of it: fed by applies and by watches, read by everything.
//!
//! A record has two halves: what was last *seen* of an object, and the *baseline*, which is what it looked like when an
//! apply of a known desired state had been done. As long as both agree there is nothing to do; when a newer sight differs
//! from the baseline, somebody else made it so: drift.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use kube::core::GroupVersionKind;
use parking_lot::Mutex;
use tokio::sync::Notify;
use weir_core::ObjectId;

use crate::{
    digest::Digest,
    options::{Config, Drift, Owner},
    seen::Seen,
};

/// An object in one version of its API. Versions are kept apart, because the same object differs between them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) gvk: Arc<GroupVersionKind>,
    pub(crate) namespace: Box<str>,
    pub(crate) name: Box<str>,
}

impl Key {
    fn id(&self) -> ObjectId {
        ObjectId {
            group: self.gvk.group.clone(),
            kind: self.gvk.kind.clone(),
            namespace: self.namespace.as_ref().into(),
            name: self.name.as_ref().into(),
        }
    }
}

/// What an object looked like when it had been applied.
#[derive(Clone, Debug)]
pub(crate) struct Baseline {
    pub(crate) owner: Arc<Owner>,
    /// Of the desired state and everything that influences how it is applied.
    pub(crate) desired: Digest,
    /// Of our fields on the live object.
    pub(crate) owned: Digest,
}

/// One object.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) seen: Seen,
    pub(crate) baseline: Option<Baseline>,
    /// The listing that last had it.
    epoch: u64,
}

/// One watched kind.
#[derive(Debug, Default)]
struct Kind {
    /// A listing is complete, and the watch delivers what changes.
    synced: bool,
    /// It cannot be listed.
    failed: bool,
    epoch: u64,
}

#[derive(Debug, Default)]
struct State {
    kinds: HashMap<Arc<GroupVersionKind>, Kind>,
    records: HashMap<Key, Record>,
    /// Objects with an apply under way, and the revision at which they were seen to be deleted meanwhile.
    applying: HashMap<Key, Option<u64>>,
    waiting: HashMap<Key, Vec<Arc<Notify>>>,
    /// Objects whose manifest asks that they are left alone: there is nothing to see.
    exempt: HashSet<Key>,
}

/// The ledger of one cluster.
#[derive(Debug)]
pub(crate) struct Ledger {
    state: Mutex<State>,
    config: Arc<Config>,
}

/// An apply under way. Until it ends, what the watch says of the object is not drift; dropped without an end, the object
/// is compared with the server at the next apply.
#[derive(Debug)]
pub(crate) struct Applying<'a> {
    ledger: &'a Ledger,
    key: &'a Key,
}

/// Tells a waiter when one of its objects changed; until dropped.
#[derive(Debug)]
pub(crate) struct Subscription<'a> {
    ledger: &'a Ledger,
    keys: Vec<Key>,
    notify: Arc<Notify>,
}

impl Ledger {
    pub(crate) fn new(config: Arc<Config>) -> Self {
        Self { state: Mutex::default(), config }
    }

    /// What is known of an object: `None` unless the kind's watch would have told of a change.
    pub(crate) fn current(&self, key: &Key) -> Option<Record> {
        let state = self.state.lock();
        state.kinds.get(&key.gvk).filter(|k| k.synced)?;
        state.records.get(key).cloned()
    }

    /// Whether no object with owner labels is there under this key, as far as the watch of its kind tells.
    pub(crate) fn is_absent(&self, key: &Key) -> bool {
        let state = self.state.lock();
        state.kinds.get(&key.gvk).is_some_and(|k| k.synced) && !state.records.contains_key(key)
    }

    /// Whether an object is as it was when it was last applied; or left alone by its own wish.
    pub(crate) fn in_sync(&self, key: &Key) -> bool {
        let state = self.state.lock();
        let is_same = |r: &Record| r.baseline.as_ref().is_some_and(|b| b.owned == r.seen.owned);
        let is_watched = state.kinds.get(&key.gvk).is_some_and(|k| k.synced);
        state.exempt.contains(key) || (is_watched && state.records.get(key).is_some_and(is_same))
    }

    /// Notes that an object is left alone by the wish of its manifest.
    pub(crate) fn exempt(&self, key: &Key) {
        self.state.lock().exempt.insert(key.clone());
    }

    /// What was last seen of an object.
    pub(crate) fn last(&self, key: &Key) -> Option<Seen> {
        self.state.lock().records.get(key).map(|r| r.seen.clone())
    }

    /// Whether a kind is registered.
    pub(crate) fn has_kind(&self, gvk: &GroupVersionKind) -> bool {
        self.state.lock().kinds.contains_key(gvk)
    }

    /// Whether waiters hear of this object's changes.
    pub(crate) fn follows(&self, key: &Key) -> bool {
        let state = self.state.lock();
        state.records.contains_key(key) && state.kinds.get(&key.gvk).is_some_and(|k| !k.failed)
    }

    /// Registers a kind; `true` when it is new and a watch must be started.
    pub(crate) fn add_kind(&self, gvk: &Arc<GroupVersionKind>) -> bool {
        let mut state = self.state.lock();
        let is_new = !state.kinds.contains_key(gvk);
        if is_new {
            state.kinds.insert(gvk.clone(), Kind::default());
        }
        is_new
    }

    /// Begins an apply.
    pub(crate) fn begin<'a>(&'a self, key: &'a Key) -> Applying<'a> {
        let mut state = self.state.lock();
        state.applying.insert(key.clone(), None);
        state.exempt.remove(key);
        if let Some(record) = state.records.get_mut(key) {
            record.baseline = None;
        }
        Applying { ledger: self, key }
    }

    /// Ends a comparison that found nothing to do: what was compared is the baseline.
    pub(crate) fn settle(&self, key: &Key, seen: Option<Seen>, baseline: Baseline) {
        self.conclude(&mut self.state.lock(), key, seen, baseline);
    }

    /// Stops to look after an object that is about to be deleted by us.
    pub(crate) fn release(&self, key: &Key) {
        let mut state = self.state.lock();
        state.exempt.remove(key);
        if let Some(record) = state.records.get_mut(key) {
            record.baseline = None;
        }
    }

    /// The watch begins a new listing.
    pub(crate) fn list_begins(&self, gvk: &Arc<GroupVersionKind>) {
        if let Some(kind) = self.state.lock().kinds.get_mut(gvk) {
            kind.epoch += 1;
        }
    }

    /// The listing is complete: what it lacks, and no apply has written since it began, is gone.
    pub(crate) fn list_ends(&self, gvk: &Arc<GroupVersionKind>) {
        let mut state = self.state.lock();
        let Some(kind) = state.kinds.get_mut(gvk) else { return };
        kind.synced = true;
        kind.failed = false;
        let epoch = kind.epoch;
        let gone = |(key, record): (&Key, &Record)| (key.gvk == *gvk && record.epoch < epoch).then(|| key.clone());
        let gone: Vec<Key> = state.records.iter().filter_map(gone).collect();
        for key in gone {
            self.remove(&mut state, &key, u64::MAX);
        }
    }

    /// The kind cannot be listed: nothing is known of its objects any more.
    pub(crate) fn list_failed(&self, gvk: &Arc<GroupVersionKind>) {
        if let Some(kind) = self.state.lock().kinds.get_mut(gvk) {
            kind.synced = false;
            kind.failed = true;
        }
    }

    /// The watch saw an object.
    pub(crate) fn saw(&self, key: &Key, seen: Seen) {
        let mut state = self.state.lock();
        let is_applying = state.applying.contains_key(key);
        self.update(&mut state, key, seen, is_applying);
    }

    /// The watch saw an object go at `revision`.
    pub(crate) fn saw_deleted(&self, key: &Key, revision: u64) {
        self.remove(&mut self.state.lock(), key, revision);
    }

    /// Subscribes to changes of these objects.
    pub(crate) fn subscribe(&self, keys: Vec<Key>) -> Subscription<'_> {
        let notify = Arc::new(Notify::new());
        let mut state = self.state.lock();
        for key in &keys {
            state.waiting.entry(key.clone()).or_default().push(notify.clone());
        }
        Subscription { ledger: self, keys, notify }
    }

    /// Takes a sight unless it is older than the last; tells of drift unless `quiet`.
    fn update(&self, state: &mut State, key: &Key, seen: Seen, quiet: bool) {
        let epoch = state.kinds.get(&key.gvk).map_or(0, |k| k.epoch);
        let Some(record) = state.records.get_mut(key) else {
            state.records.insert(key.clone(), Record { seen, baseline: None, epoch });
            return notify(state, key);
        };
        record.epoch = epoch;
        if seen.revision < record.seen.revision {
            return;
        }
        // The same deviation is told once, however often the object's status changes.
        let is_news = seen.owned != record.seen.owned;
        record.seen = seen;
        let drifted = record.baseline.as_ref().filter(|b| is_news && !quiet && b.owned != record.seen.owned);
        if let Some(baseline) = drifted {
            self.tell(key, &baseline.owner);
        }
        notify(state, key);
    }

    fn remove(&self, state: &mut State, key: &Key, revision: u64) {
        if let Some(deleted) = state.applying.get_mut(key) {
            *deleted = Some(revision);
        }
        // An object that was made anew since is not the one that went.
        if state.records.get(key).is_some_and(|r| revision < r.seen.revision) {
            return;
        }
        let Some(record) = state.records.remove(key) else { return };
        if let Some(baseline) = record.baseline.filter(|_| !record.seen.expires) {
            self.tell(key, &baseline.owner);
        }
        notify(state, key);
    }

    /// Sets the baseline, and tells of what happened in between.
    fn conclude(&self, state: &mut State, key: &Key, seen: Option<Seen>, baseline: Baseline) {
        // The watch selects by owner label: of an object without one it would never tell.
        if seen.as_ref().is_some_and(|s| s.owner.is_none()) {
            return;
        }
        if let Some(seen) = seen {
            self.update(state, key, seen, true);
        }
        let Some(record) = state.records.get_mut(key) else { return };
        if record.seen.owned != baseline.owned {
            self.tell(key, &baseline.owner);
        }
        record.baseline = Some(baseline);
    }

    fn tell(&self, key: &Key, owner: &Owner) {
        if let Some(drift) = &self.config.drift {
            // Nobody listening any more is a shutdown.
            let _ = drift.send(Drift { owner: owner.clone(), object: key.id() });
        }
    }
}

fn notify(state: &State, key: &Key) {
    state.waiting.get(key).into_iter().flatten().for_each(|n| n.notify_one());
}

impl Applying<'_> {
    /// The apply is done, and this is its result.
    pub(crate) fn done(self, seen: Seen, baseline: Baseline) {
        let mut state = self.ledger.state.lock();
        let deleted = state.applying.get(self.key).copied().flatten();
        if deleted.is_some_and(|revision| revision != u64::MAX && revision > seen.revision) {
            return self.ledger.tell(self.key, &baseline.owner);
        }
        self.ledger.conclude(&mut state, self.key, Some(seen), baseline);
    }
}

impl Drop for Applying<'_> {
    fn drop(&mut self) {
        self.ledger.state.lock().applying.remove(self.key);
    }
}

impl Subscription<'_> {
    /// Resolves when one of the objects changed since the last call.
    pub(crate) async fn changed(&self) {
        self.notify.notified().await;
    }
}

impl Drop for Subscription<'_> {
    fn drop(&mut self) {
        let mut state = self.ledger.state.lock();
        for key in &self.keys {
            if let Some(all) = state.waiting.get_mut(key) {
                all.retain(|n| !Arc::ptr_eq(n, &self.notify));
                if all.is_empty() {
                    state.waiting.remove(key);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    struct Bench {
        ledger: Ledger,
        drift: UnboundedReceiver<Drift>,
        key: Key,
    }

    impl Bench {
        /// A synced ledger of one kind.
        fn new() -> Self {
            let (sender, drift) = unbounded_channel();
            let gvk = Arc::new(GroupVersionKind::gvk("", "v1", "ConfigMap"));
            let ledger = Ledger::new(Arc::new(Config { drift: Some(sender), ..Config::default() }));
            ledger.add_kind(&gvk);
            ledger.list_begins(&gvk);
            ledger.list_ends(&gvk);
            Self { ledger, drift, key: Key { gvk, namespace: "ns".into(), name: "a".into() } }
        }

        fn apply(&self, revision: u64, value: &str) {
            self.ledger.begin(&self.key).done(seen(revision, value), baseline(value));
        }

        fn drifts(&mut self) -> usize {
            std::iter::from_fn(|| self.drift.try_recv().ok()).count()
        }
    }

    fn live(revision: u64, value: &str) -> Value {
        json!({
            "apiVersion": "v1", "kind": "ConfigMap", "data": {"x": value, "theirs": revision.to_string()},
            "metadata": {
                "uid": "u", "resourceVersion": revision.to_string(),
                "labels": {"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux"},
                "managedFields": [{"manager": "kustomize-controller", "operation": "Apply",
                    "fieldsV1": {"f:data": {"f:x": {}}}}]
            }
        })
    }

    fn seen(revision: u64, value: &str) -> Seen {
        Seen::new(&live(revision, value), &Config::default())
    }

    fn baseline(value: &str) -> Baseline {
        let owner = Arc::new(Owner { namespace: "flux".into(), name: "apps".into() });
        let owned = seen(0, value).owned;
        Baseline { owner, desired: owned, owned }
    }

    #[test]
    fn the_echo_of_an_apply_is_no_drift_before_or_after_its_answer() {
        let mut bench = Bench::new();
        bench.apply(1, "a");
        bench.ledger.saw(&bench.key, seen(1, "a"));
        let applying = bench.ledger.begin(&bench.key);
        bench.ledger.saw(&bench.key, seen(2, "b"));
        applying.done(seen(2, "b"), baseline("b"));
        bench.ledger.saw(&bench.key, seen(2, "b"));
        assert_eq!(bench.drifts(), 0);
        assert!(bench.ledger.in_sync(&bench.key));
    }

    #[test]
    fn a_late_event_of_an_older_state_changes_nothing() {
        let mut bench = Bench::new();
        bench.apply(5, "b");
        bench.ledger.saw(&bench.key, seen(4, "a"));
        bench.ledger.saw_deleted(&bench.key, 3);
        assert_eq!(bench.drifts(), 0);
        assert_eq!(bench.ledger.last(&bench.key).unwrap().revision, 5);
    }

    #[test]
    fn a_change_by_others_is_told_once() {
        let mut bench = Bench::new();
        bench.apply(1, "a");
        bench.ledger.saw(&bench.key, seen(2, "other"));
        bench.ledger.saw(&bench.key, seen(3, "other"));
        assert_eq!(bench.drifts(), 1);
        assert!(!bench.ledger.in_sync(&bench.key));
    }

    #[test]
    fn changes_outside_of_our_fields_are_no_drift() {
        let mut bench = Bench::new();
        bench.apply(1, "a");
        bench.ledger.saw(&bench.key, seen(9, "a"));
        assert_eq!(bench.drifts(), 0);
    }

    #[test]
    fn a_change_during_an_apply_is_told_when_it_came_after() {
        let mut bench = Bench::new();
        bench.apply(1, "a");
        let applying = bench.ledger.begin(&bench.key);
        bench.ledger.saw(&bench.key, seen(3, "other"));
        applying.done(seen(2, "b"), baseline("b"));
        assert_eq!(bench.drifts(), 1);
    }

    #[test]
    fn deletions_are_told_unless_we_did_them() {
        let mut bench = Bench::new();
        bench.apply(1, "a");
        bench.ledger.saw_deleted(&bench.key, 2);
        assert_eq!(bench.drifts(), 1);
        bench.apply(3, "a");
        bench.ledger.release(&bench.key);
        bench.ledger.saw_deleted(&bench.key, 4);
        assert_eq!(bench.drifts(), 0);
    }

    #[test]
    fn an_object_that_is_recreated_is_no_drift() {
        let mut bench = Bench::new();
        bench.apply(1, "a");
        let applying = bench.ledger.begin(&bench.key);
        bench.ledger.saw_deleted(&bench.key, 2);
        applying.done(seen(3, "b"), baseline("b"));
        assert_eq!(bench.drifts(), 0);
        assert!(bench.ledger.in_sync(&bench.key));
    }

    #[test]
    fn an_object_that_went_before_the_answer_came_is_told() {
        let mut bench = Bench::new();
        let applying = bench.ledger.begin(&bench.key);
        bench.ledger.saw_deleted(&bench.key, 3);
        applying.done(seen(2, "a"), baseline("a"));
        assert_eq!(bench.drifts(), 1);
        assert!(bench.ledger.last(&bench.key).is_none());
    }

    #[test]
    fn what_a_new_listing_lacks_is_gone_but_not_what_was_applied_meanwhile() {
        let mut bench = Bench::new();
        bench.apply(1, "a");
        let other = Key { name: "b".into(), ..bench.key.clone() };
        bench.ledger.list_begins(&bench.key.gvk);
        bench.ledger.begin(&other).done(seen(5, "b"), baseline("b"));
        bench.ledger.list_ends(&bench.key.gvk);
        assert_eq!(bench.drifts(), 1);
        assert!(bench.ledger.current(&bench.key).is_none() && bench.ledger.current(&other).is_some());
    }

    #[test]
    fn a_dropped_apply_leaves_nothing_to_rely_on() {
        let mut bench = Bench::new();
        bench.apply(1, "a");
        drop(bench.ledger.begin(&bench.key));
        assert!(!bench.ledger.in_sync(&bench.key));
        bench.ledger.saw(&bench.key, seen(2, "other"));
        assert_eq!(bench.drifts(), 0);
    }

    #[test]
    fn nothing_is_known_of_a_kind_that_cannot_be_listed() {
        let bench = Bench::new();
        bench.apply(1, "a");
        bench.ledger.list_failed(&bench.key.gvk);
        assert!(bench.ledger.current(&bench.key).is_none() && !bench.ledger.in_sync(&bench.key));
        assert!(!bench.ledger.follows(&bench.key));
    }

    #[tokio::test]
    async fn waiters_hear_of_their_objects() {
        let bench = Bench::new();
        let changes = bench.ledger.subscribe(vec![bench.key.clone()]);
        bench.ledger.saw(&bench.key, seen(1, "a"));
        changes.changed().await;
        drop(changes);
        assert!(bench.ledger.state.lock().waiting.is_empty());
    }
}

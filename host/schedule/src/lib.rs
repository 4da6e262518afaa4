//! When: watches, triggers, queue and slots; knows keys, not kinds. API:
//! ```text
//! run::Config { concurrent: usize, jitter_percent: u8, min_retry: Duration, max_retry: Duration, grace: Duration, stop_limit: Duration,
//!               random: Box<dyn FnMut() -> f64 + Send>, events: Option<mpsc::Sender<Event>>, observer: Arc<dyn Observer> }  // Default
//! Scheduler::new(Arc<dyn Reconciler>, Config) -> (Handle, impl Future<Output = ()> + Send)
//! Handle (Clone): enqueue(ObjectKey, Cause)  enqueue_after(ObjectKey, Cause, Duration)
//!   set_edges(&ObjectKey, sources: impl IntoIterator<Item = ObjectKey>, depends_on: impl IntoIterator<Item = ObjectKey>)
//!   artifact(&ObjectKey, &Artifact)   // what status shows at start, or an ExternalArtifact: wakes users when it is new
//!   cycle(&ObjectKey) -> Option<Vec<ObjectKey>>  forget(ObjectKey)  shutdown()
//! trait Observer { fn queued(&self, usize) {} fn running(&self, usize) {} fn reconciled(&self, &ObjectKey, Cause, Duration, &Outcome) {} }
//! watch::watch(kind: &str, Api<DynamicObject>, watcher::Config, Arc<Index<T>>, parse: Fn(DynamicObject) -> Result<T, impl Display>, on_change: FnMut(Change<T>)) // future, runs until dropped
//! watch::Change<T>::{Seen { key, seen: Seen, cause: Option<Cause>, object: Arc<T> }, Gone { key, object: Option<Arc<T>> }, Synced}
//! watch::Index<T>: get(&ObjectKey) -> Option<Arc<T>>  all() -> Vec<(ObjectKey, Arc<T>)>  len()
//! trigger::trigger(old: Option<&Seen>, new: &Seen) -> Option<Cause>
//! lease::… later
//! ```

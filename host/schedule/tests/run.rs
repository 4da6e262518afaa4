//! The loop, with a clock that stands still until everybody waits.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, sleep},
};
use weir_core::{Artifact, Cause, Event, ObjectKey, Outcome, Reconciler, Severity, Slot, outcome::Next};
use weir_schedule::{Config, Handle, Scheduler};

/// What a run of the fake does.
enum Act {
    Done(Outcome),
    /// Works for a time, whatever happens.
    Work(u64, Outcome),
    /// Waits for the cluster, with its worker or without, until cancelled or for a time.
    Wait {
        release: bool,
        seconds: u64,
        outcome: Outcome,
    },
    Panic,
}

/// `(name, cause, start in milliseconds)`.
type Log = Vec<(String, Cause, u64)>;
type Script = Box<dyn Fn(&ObjectKey, usize) -> Act + Send + Sync>;

struct Fake {
    script: Script,
    start: Instant,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    log: Log,
    cancelled: Vec<String>,
    cancelled_by: Vec<Option<String>>,
    running: BTreeSet<ObjectKey>,
    most: usize,
}

#[async_trait]
impl Reconciler for Fake {
    async fn reconcile(&self, key: &ObjectKey, cause: Cause, slot: &dyn Slot) -> Outcome {
        let act = self.begin(key, cause);
        let outcome = match act {
            Act::Done(outcome) => outcome,
            Act::Work(seconds, outcome) => {
                sleep(Duration::from_secs(seconds)).await;
                outcome
            }
            Act::Wait { release, seconds, outcome } => {
                if release {
                    slot.release_worker();
                    slot.release_worker();
                }
                tokio::select! {
                    () = slot.cancelled() => {
                        let mut state = self.state.lock().unwrap();
                        state.cancelled.push(key.name.clone());
                        state.cancelled_by.push(slot.cancelled_by().map(|by| by.name));
                    }
                    () = sleep(Duration::from_secs(seconds)) => assert!(!slot.is_cancelled()),
                }
                outcome
            }
            Act::Panic => {
                self.state.lock().unwrap().running.remove(key);
                panic!("as scripted")
            }
        };
        self.state.lock().unwrap().running.remove(key);
        outcome
    }
}

impl Fake {
    fn begin(&self, key: &ObjectKey, cause: Cause) -> Act {
        let mut state = self.state.lock().unwrap();
        assert!(state.running.insert(key.clone()), "two runs of {key} at the same time");
        state.most = state.most.max(state.running.len());
        let earlier = state.log.iter().filter(|(name, ..)| *name == key.name).count();
        state.log.push((key.name.clone(), cause, self.start.elapsed().as_millis() as u64));
        (self.script)(key, earlier)
    }

    fn log(&self) -> Log {
        self.state.lock().unwrap().log.clone()
    }

    /// Names in the order of their runs.
    fn names(&self) -> Vec<String> {
        self.log().into_iter().map(|(name, ..)| name).collect()
    }

    fn cancelled(&self) -> Vec<String> {
        self.state.lock().unwrap().cancelled.clone()
    }
}

struct World {
    fake: Arc<Fake>,
    handle: Handle,
    task: JoinHandle<()>,
}

fn world(config: Config, script: impl Fn(&ObjectKey, usize) -> Act + Send + Sync + 'static) -> World {
    let fake = Arc::new(Fake { script: Box::new(script), start: Instant::now(), state: Mutex::default() });
    let config = Config { random: Box::new(|| 0.5), ..config };
    let (handle, run) = Scheduler::new(fake.clone(), config);
    World { fake, handle, task: tokio::spawn(run) }
}

fn key(name: &str) -> ObjectKey {
    ObjectKey::new("Kustomization", "ns", name)
}

fn next(next: Next) -> Outcome {
    Outcome { next: Some(next), ..Outcome::default() }
}

fn seconds(s: u64) -> Duration {
    Duration::from_secs(s)
}

fn artifact(revision: &str) -> Outcome {
    let artifact = Artifact { revision: revision.into(), digest: revision.into(), ..Artifact::default() };
    Outcome { artifact: Some(artifact), ..Outcome::default() }
}

fn ready(ready: bool) -> Outcome {
    Outcome { ready, ..Outcome::default() }
}

fn expect(log: Log, expected: &[(&str, Cause, u64)]) {
    assert_eq!(log, expected.iter().map(|(n, c, t)| ((*n).to_owned(), *c, *t)).collect::<Log>());
}

#[tokio::test(start_paused = true)]
async fn many_triggers_of_a_waiting_key_are_one_run_with_the_strongest_cause() {
    let w = world(Config::default(), |_, _| Act::Done(Outcome::default()));
    for cause in [Cause::Interval, Cause::Spec, Cause::Drift, Cause::Spec] {
        w.handle.enqueue(key("a"), cause);
    }
    w.handle.enqueue_after(key("a"), Cause::Retry, seconds(9));
    sleep(seconds(60)).await;
    expect(w.fake.log(), &[("a", Cause::Spec, 0)]);
}

#[tokio::test(start_paused = true)]
async fn a_trigger_during_a_run_runs_the_key_again_at_once() {
    let w = world(Config::default(), |_, _| Act::Work(10, next(Next::Interval(seconds(600)))));
    w.handle.enqueue(key("a"), Cause::Start);
    sleep(seconds(3)).await;
    for cause in [Cause::Drift, Cause::Spec, Cause::Dependency] {
        w.handle.enqueue(key("a"), cause);
    }
    w.handle.enqueue_after(key("a"), Cause::Retry, seconds(2));
    sleep(seconds(100)).await;
    expect(w.fake.log(), &[("a", Cause::Start, 0), ("a", Cause::Spec, 10_000)]);
}

#[tokio::test(start_paused = true)]
async fn only_something_newer_cancels_a_run() {
    for (cause, cancels) in [
        (Cause::Interval, false),
        (Cause::Retry, false),
        (Cause::Drift, false),
        (Cause::Dependency, false),
        (Cause::Source, true),
        (Cause::Requested, true),
        (Cause::Spec, true),
        (Cause::Start, true),
    ] {
        let wait = |_: &ObjectKey, n| match n {
            0 => Act::Wait { release: true, seconds: 300, outcome: Outcome::default() },
            _ => Act::Done(Outcome::default()),
        };
        let w = world(Config::default(), wait);
        w.handle.enqueue(key("a"), Cause::Interval);
        sleep(seconds(1)).await;
        w.handle.enqueue(key("a"), cause);
        sleep(seconds(400)).await;
        expect(w.fake.log(), &[("a", Cause::Interval, 0), ("a", cause, if cancels { 1_000 } else { 300_000 })]);
        assert_eq!(w.fake.cancelled().len(), usize::from(cancels), "{cause:?}");
        let by = w.fake.state.lock().unwrap().cancelled_by.clone();
        assert!(by.iter().all(|by| by.as_deref() == Some("a")), "{cause:?}: {by:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_revision_cancels_the_wait_of_its_users_and_runs_them() {
    let w = world(Config::default(), |key, n| match (key.name.as_str(), n) {
        ("git", n) => {
            Act::Done(Outcome { next: Some(Next::Interval(seconds(60))), ..artifact(["r1", "r1", "r2"][n.min(2)]) })
        }
        ("app", 0) => Act::Wait { release: true, seconds: 3000, outcome: next(Next::Now) },
        _ => Act::Done(ready(true)),
    });
    w.handle.set_edges(&key("app"), [key("git")], []);
    w.handle.enqueue(key("git"), Cause::Start);
    sleep(seconds(200)).await;
    let of = |name: &str| w.fake.log().into_iter().filter(|(n, ..)| n == name).collect::<Log>();
    expect(of("app"), &[("app", Cause::Source, 0), ("app", Cause::Source, 120_000)]);
    assert_eq!(w.fake.cancelled(), ["app"]);
    assert_eq!(w.fake.state.lock().unwrap().cancelled_by, [Some("git".to_owned())]);
    let at = |s| ("git", Cause::Interval, s);
    expect(of("git"), &[("git", Cause::Start, 0), at(60_000), at(120_000), at(180_000)]);
}

#[tokio::test(start_paused = true)]
async fn an_artifact_known_from_status_wakes_nobody_again() {
    let w = world(Config::default(), |key, _| match key.name.as_str() {
        "git" => Act::Done(artifact("r1")),
        _ => Act::Done(Outcome::default()),
    });
    w.handle.set_edges(&key("app"), [key("git")], []);
    w.handle.artifact(&key("git"), &artifact("r1").artifact.unwrap());
    w.handle.enqueue(key("git"), Cause::Start);
    sleep(seconds(1)).await;
    w.handle.artifact(&key("git"), &artifact("r1").artifact.unwrap());
    sleep(seconds(1)).await;
    expect(w.fake.log(), &[("app", Cause::Source, 0), ("git", Cause::Start, 0)]);
    w.handle.artifact(&key("git"), &artifact("r2").artifact.unwrap());
    sleep(seconds(1)).await;
    assert_eq!(w.fake.names(), ["app", "git", "app"]);
}

#[tokio::test(start_paused = true)]
async fn a_dependency_wakes_the_dependants_that_wait() {
    // `app` waits twice for its dependency, then is ready and must not be woken any more.
    let w = world(Config::default(), |key, n| match (key.name.as_str(), n) {
        ("infra", 0) => Act::Work(5, Outcome { next: Some(Next::Interval(seconds(10))), ..ready(false) }),
        ("infra", _) => Act::Done(Outcome { next: Some(Next::Interval(seconds(10))), ..ready(true) }),
        ("app", 0) => Act::Done(next(Next::After(seconds(30)))),
        _ => Act::Done(ready(true)),
    });
    w.handle.set_edges(&key("app"), [], [key("infra")]);
    w.handle.enqueue(key("app"), Cause::Start);
    w.handle.enqueue(key("infra"), Cause::Start);
    sleep(seconds(60)).await;
    let app: Log = w.fake.log().into_iter().filter(|(n, ..)| n == "app").collect();
    expect(app, &[("app", Cause::Start, 0), ("app", Cause::Dependency, 15_000)]);
}

#[tokio::test(start_paused = true)]
async fn a_dependant_that_is_running_looks_again() {
    let w = world(Config::default(), |key, n| match (key.name.as_str(), n) {
        ("app", 0) => Act::Work(10, next(Next::After(seconds(30)))),
        ("infra", 0) => Act::Work(5, ready(true)),
        _ => Act::Done(ready(true)),
    });
    w.handle.set_edges(&key("app"), [], [key("infra")]);
    w.handle.enqueue(key("app"), Cause::Start);
    w.handle.enqueue(key("infra"), Cause::Start);
    sleep(seconds(60)).await;
    expect(w.fake.log(), &[("app", Cause::Start, 0), ("infra", Cause::Start, 0), ("app", Cause::Dependency, 10_000)]);
}

#[tokio::test(start_paused = true)]
async fn backoff_doubles_and_a_success_resets_it() {
    let config = Config { min_retry: seconds(1), max_retry: seconds(3), ..Config::default() };
    let w = world(config, |_, n| match n {
        0..=3 | 5 => Act::Done(next(Next::Backoff)),
        4 => Act::Done(next(Next::Interval(seconds(10)))),
        _ => Act::Done(Outcome::default()),
    });
    w.handle.enqueue(key("a"), Cause::Start);
    sleep(seconds(100)).await;
    let retry = |t| ("a", Cause::Retry, t);
    let failures = [("a", Cause::Start, 0), retry(1_000), retry(3_000), retry(6_000), retry(9_000)];
    expect(w.fake.log(), &[&failures[..], &[("a", Cause::Interval, 19_000), retry(20_000)]].concat());
}

#[tokio::test(start_paused = true)]
async fn a_panic_fails_its_own_key_only() {
    let w = world(Config { min_retry: seconds(1), ..Config::default() }, |key, n| match (key.name.as_str(), n) {
        ("bad", 0) => Act::Panic,
        _ => Act::Done(Outcome::default()),
    });
    w.handle.enqueue(key("bad"), Cause::Start);
    w.handle.enqueue(key("good"), Cause::Start);
    sleep(seconds(10)).await;
    expect(w.fake.log(), &[("bad", Cause::Start, 0), ("good", Cause::Start, 0), ("bad", Cause::Retry, 1_000)]);
}

#[tokio::test(start_paused = true)]
async fn the_next_run_comes_when_the_outcome_says() {
    let check = async |outcome: Option<Next>, expected: &[u64]| {
        let w = world(Config::default(), move |_, n| match n {
            0 => Act::Done(Outcome { next: outcome, ..Outcome::default() }),
            _ => Act::Done(Outcome::default()),
        });
        w.handle.enqueue(key("a"), Cause::Start);
        sleep(seconds(3600)).await;
        assert_eq!(w.fake.log().into_iter().skip(1).map(|(_, _, at)| at).collect::<Vec<_>>(), expected, "{outcome:?}");
    };
    check(None, &[]).await;
    check(Some(Next::Now), &[0]).await;
    check(Some(Next::After(seconds(30))), &[30_000]).await;
    check(Some(Next::Interval(seconds(600))), &[600_000]).await;
    check(Some(Next::Backoff), &[750]).await;
}

#[tokio::test(start_paused = true)]
async fn workers_are_bounded_and_shared_fairly_between_namespaces() {
    let w = world(Config { concurrent: 2, ..Config::default() }, |_, _| Act::Work(1, Outcome::default()));
    for i in 0..10 {
        w.handle.enqueue(ObjectKey::new("Kustomization", "big", format!("big{i}")), Cause::Start);
    }
    for name in ["small0", "small1"] {
        w.handle.enqueue(ObjectKey::new("Kustomization", "small", name), Cause::Start);
    }
    sleep(seconds(60)).await;
    assert_eq!(w.fake.state.lock().unwrap().most, 2);
    assert_eq!(w.fake.names()[..5], ["big0", "small0", "big1", "small1", "big2"]);
    assert_eq!(w.fake.log().len(), 12);
}

#[tokio::test(start_paused = true)]
async fn waiting_for_the_cluster_holds_no_worker() {
    let w = world(Config { concurrent: 1, ..Config::default() }, |_, _| Act::Wait {
        release: true,
        seconds: 100,
        outcome: Outcome::default(),
    });
    for i in 0..50 {
        w.handle.enqueue(key(&format!("k{i}")), Cause::Start);
    }
    sleep(seconds(99)).await;
    assert_eq!(w.fake.state.lock().unwrap().most, 50);
    w.handle.enqueue(key("after"), Cause::Start);
    sleep(seconds(60)).await;
    assert_eq!(w.fake.log().len(), 51);
}

#[tokio::test(start_paused = true)]
async fn five_hundred_keys_all_run_every_interval() {
    let w = world(Config::default(), |_, _| Act::Work(1, next(Next::Interval(seconds(600)))));
    for i in 0..500 {
        let key = ObjectKey::new("Kustomization", format!("ns{}", i % 7), format!("k{i}"));
        w.handle.enqueue(key.clone(), Cause::Start);
        w.handle.enqueue(key, Cause::Spec);
    }
    sleep(seconds(700)).await;
    let mut runs = BTreeMap::<String, Vec<Cause>>::new();
    w.fake.log().into_iter().for_each(|(name, cause, _)| runs.entry(name).or_default().push(cause));
    assert_eq!(runs.len(), 500);
    assert!(runs.values().all(|causes| *causes == [Cause::Start, Cause::Interval]), "{runs:?}");
    assert_eq!(w.fake.state.lock().unwrap().most, 8);
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_key_is_cancelled_and_stays_away_until_it_comes_back() {
    let w = world(Config::default(), |_, n| match n {
        0 => Act::Wait { release: false, seconds: 300, outcome: next(Next::Now) },
        _ => Act::Done(next(Next::Interval(seconds(10)))),
    });
    w.handle.enqueue(key("a"), Cause::Start);
    sleep(seconds(1)).await;
    w.handle.forget(key("a"));
    sleep(seconds(100)).await;
    assert_eq!((w.fake.log().len(), w.fake.cancelled().len()), (1, 1));
    w.handle.enqueue(key("a"), Cause::Start);
    sleep(seconds(15)).await;
    assert_eq!(w.fake.log().len(), 3);
    w.handle.forget(key("a"));
    sleep(seconds(100)).await;
    assert_eq!(w.fake.log().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn events_are_forwarded_and_never_delay_a_run() {
    let (sender, mut events) = mpsc::channel(2);
    let event = |n: usize| Event {
        object: key("a"),
        severity: Severity::Info,
        reason: n.to_string(),
        message: String::new(),
        metadata: BTreeMap::new(),
    };
    let w = world(Config { events: Some(sender), ..Config::default() }, move |_, n| {
        Act::Done(Outcome { events: vec![event(n)], ..Outcome::default() })
    });
    for _ in 0..4 {
        w.handle.enqueue(key("a"), Cause::Spec);
        sleep(seconds(1)).await;
    }
    assert_eq!(w.fake.log().len(), 4);
    let mut reasons = vec![];
    while let Ok(event) = events.try_recv() {
        reasons.push(event.reason);
    }
    assert_eq!(reasons, ["0", "1"]);
}

/// Shuts down after a second and says how many seconds the scheduler took to stop.
async fn stop(act: impl Fn() -> Act + Send + Sync + 'static) -> (u64, Vec<String>) {
    let w = world(Config { grace: seconds(5), stop_limit: seconds(15), ..Config::default() }, move |_, _| act());
    w.handle.enqueue(key("a"), Cause::Start);
    sleep(seconds(1)).await;
    let asked = Instant::now();
    w.handle.shutdown();
    w.handle.enqueue(key("late"), Cause::Spec);
    w.task.await.unwrap();
    assert_eq!(w.fake.names(), ["a"], "nothing starts any more");
    (asked.elapsed().as_secs(), w.fake.cancelled())
}

#[tokio::test(start_paused = true)]
async fn a_stop_lets_work_finish_and_cancels_waits() {
    let idle = || Act::Done(next(Next::Interval(seconds(10))));
    assert_eq!(stop(idle).await, (0, vec![]));
    assert_eq!(stop(|| Act::Work(4, Outcome::default())).await, (3, vec![]));
    let waits = |release| Act::Wait { release, seconds: 300, outcome: next(Next::Now) };
    assert_eq!(stop(move || waits(true)).await, (0, vec!["a".into()]));
    assert_eq!(stop(move || waits(false)).await, (5, vec!["a".into()]));
    assert_eq!(stop(|| Act::Work(300, Outcome::default())).await, (20, vec![]));
}

//! The loop: one slot per key, a bounded number of workers, cancellation, and what follows from an outcome.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender, error::TrySendError},
    task::{Id, JoinError, JoinSet},
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;
use weir_core::{Cause, Event, ObjectKey, Outcome, Reconciler, interval, outcome::Next};

use crate::{
    Config, Handle,
    handle::{Command, SharedGraph},
    queue::Queue,
    slot::RunSlot,
};

/// Runs keys; see [`Scheduler::new`].
pub struct Scheduler {
    reconciler: Arc<dyn Reconciler>,
    config: Config,
    commands: UnboundedReceiver<Command>,
    /// For slots.
    sender: UnboundedSender<Command>,
    graph: SharedGraph,
    stop: CancellationToken,
    queue: Queue,
    memory: HashMap<ObjectKey, Memory>,
    running: HashMap<ObjectKey, Running>,
    tasks: JoinSet<Outcome>,
    task_keys: HashMap<Id, ObjectKey>,
    /// Runs that hold a worker.
    busy: usize,
    number: u64,
}

/// What is remembered of a key between runs.
#[derive(Debug, Default)]
struct Memory {
    /// In a row.
    failures: u32,
    ready: bool,
}

#[derive(Debug)]
struct Running {
    number: u64,
    cause: Cause,
    started: Instant,
    cancel: CancellationToken,
    cancelled_by: Arc<OnceLock<ObjectKey>>,
    released: bool,
    /// Triggered meanwhile: runs again at once.
    again: Option<Cause>,
    forgotten: bool,
}

type Finished = Result<(Id, Outcome), JoinError>;

impl Scheduler {
    /// A handle, and the future that runs until [`Handle::shutdown`]. What is enqueued before the future is polled waits for it.
    #[allow(clippy::new_ret_no_self, reason = "the scheduler is its future")]
    pub fn new(reconciler: Arc<dyn Reconciler>, config: Config) -> (Handle, impl Future<Output = ()> + Send + 'static) {
        let (sender, commands) = mpsc::unbounded_channel();
        let handle = Handle { commands: sender.clone(), graph: SharedGraph::default(), stop: CancellationToken::new() };
        let scheduler = Self {
            reconciler,
            config,
            commands,
            sender,
            graph: handle.graph.clone(),
            stop: handle.stop.clone(),
            queue: Queue::default(),
            memory: HashMap::new(),
            running: HashMap::new(),
            tasks: JoinSet::new(),
            task_keys: HashMap::new(),
            busy: 0,
            number: 0,
        };
        (handle, scheduler.run())
    }

    async fn run(mut self) {
        let stop = self.stop.clone();
        while !stop.is_cancelled() {
            self.dispatch();
            let due = self.wake_up();
            tokio::select! {
                biased;
                () = stop.cancelled() => {}
                Some(command) = self.commands.recv() => self.command(command),
                Some(finished) = self.tasks.join_next_with_id() => self.finished(finished),
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {}
            }
        }
        self.wind_down().await;
    }

    /// When something becomes due; without a free worker there is nothing to wake up for.
    fn wake_up(&mut self) -> Option<Instant> {
        if self.busy < self.config.concurrent.max(1) { self.queue.next_due().map(Instant::from_std) } else { None }
    }

    fn dispatch(&mut self) {
        while let Ok(command) = self.commands.try_recv() {
            self.command(command);
        }
        let now = Instant::now().into_std();
        self.queue.advance(now);
        while self.busy < self.config.concurrent.max(1) {
            let Some((key, cause)) = self.queue.pop(now) else {
                break;
            };
            if self.running.contains_key(&key) {
                self.enqueue(key, cause, Duration::ZERO, None);
            } else {
                self.start(key, cause);
            }
        }
        self.config.observer.queued(self.queue.ready());
        self.config.observer.running(self.running.len());
    }

    fn start(&mut self, key: ObjectKey, cause: Cause) {
        self.number += 1;
        self.busy += 1;
        let (number, cancel) = (self.number, CancellationToken::new());
        let cancelled_by = Arc::<OnceLock<ObjectKey>>::default();
        let slot = RunSlot {
            key: key.clone(),
            number,
            cancel: cancel.clone(),
            cancelled_by: cancelled_by.clone(),
            commands: self.sender.clone(),
        };
        let reconciler = self.reconciler.clone();
        let task = self.tasks.spawn(async move { reconciler.reconcile(&slot.key, cause, &slot).await });
        self.task_keys.insert(task.id(), key.clone());
        let started = Instant::now();
        let run =
            Running { number, cause, started, cancel, cancelled_by, released: false, again: None, forgotten: false };
        self.running.insert(key, run);
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Enqueue { key, cause, delay, by } => self.enqueue(key, cause, delay, by.as_ref()),
            Command::Forget(key) => self.forget(key),
            Command::Released { key, number } => self.released(&key, number),
        }
    }

    /// A key that runs is not queued: it runs again when it ends, at once or after the delay that was asked for meanwhile.
    fn enqueue(&mut self, key: ObjectKey, cause: Cause, delay: Duration, by: Option<&ObjectKey>) {
        match self.running.get_mut(&key).filter(|_| delay.is_zero()) {
            Some(run) => {
                run.again = run.again.max(Some(cause));
                if makes_pointless(cause) {
                    // The first one is told: it is what ended the run.
                    let _told = run.cancelled_by.set(by.cloned().unwrap_or(key));
                    run.cancel.cancel();
                }
            }
            None => self.push(key, cause, delay),
        }
    }

    fn push(&mut self, key: ObjectKey, cause: Cause, delay: Duration) {
        self.queue.push(key, cause, (Instant::now() + delay).into_std());
    }

    fn forget(&mut self, key: ObjectKey) {
        self.queue.remove(&key);
        self.memory.remove(&key);
        self.config.observer.forgotten(&key);
        if let Some(run) = self.running.get_mut(&key) {
            run.forgotten = true;
            run.again = None;
            run.cancel.cancel();
        }
    }

    fn released(&mut self, key: &ObjectKey, number: u64) {
        if let Some(run) = self.running.get_mut(key).filter(|r| r.number == number && !r.released) {
            run.released = true;
            self.busy -= 1;
        }
    }

    fn finished(&mut self, finished: Finished) {
        let (id, outcome) = match finished {
            Ok((id, outcome)) => (id, Some(outcome)),
            Err(e) => (e.id(), None),
        };
        let Some(key) = self.task_keys.remove(&id) else {
            return;
        };
        let Some(run) = self.running.remove(&key) else {
            return;
        };
        let outcome = outcome.unwrap_or_else(|| {
            tracing::error!(%key, "the reconcile panicked");
            Outcome { next: Some(Next::Backoff), ..Outcome::default() }
        });
        self.busy -= usize::from(!run.released);
        self.config.observer.reconciled(&key, run.cause, run.started.elapsed(), &outcome);
        if run.forgotten {
            self.config.observer.forgotten(&key);
        } else {
            self.wake_others(&key, &outcome);
            self.remember(&key, &outcome);
        }
        self.run_again(key, &run, outcome.next);
        self.forward(outcome.events);
    }

    fn run_again(&mut self, key: ObjectKey, run: &Running, next: Option<Next>) {
        if let Some(cause) = run.again {
            return self.push(key, cause, Duration::ZERO);
        }
        if let Some((cause, delay)) = next.filter(|_| !run.forgotten).map(|next| self.delay(&key, next)) {
            self.push(key, cause, delay);
        }
    }

    fn wake_others(&mut self, key: &ObjectKey, outcome: &Outcome) {
        let published = outcome.artifact.as_ref().map(|artifact| match outcome.restored {
            true => self.graph.lock().restored(key, artifact),
            false => self.graph.lock().published(key, artifact),
        });
        for user in published.into_iter().flatten() {
            self.enqueue(user, Cause::Source, Duration::ZERO, Some(key));
        }
        if !outcome.ready {
            return;
        }
        let dependants = self.graph.lock().dependants(key);
        for dependant in dependants {
            // One that is ready did not wait; one that runs may have looked just before.
            if self.running.contains_key(&dependant) || !self.memory.get(&dependant).is_some_and(|m| m.ready) {
                self.enqueue(dependant, Cause::Dependency, Duration::ZERO, Some(key));
            }
        }
    }

    fn remember(&mut self, key: &ObjectKey, outcome: &Outcome) {
        let memory = self.memory.entry(key.clone()).or_default();
        memory.ready = outcome.ready;
        match outcome.next {
            Some(Next::Backoff) => memory.failures = memory.failures.saturating_add(1),
            Some(Next::Interval(_)) | None => memory.failures = 0,
            Some(Next::After(_) | Next::Now) => {}
        }
    }

    fn delay(&mut self, key: &ObjectKey, next: Next) -> (Cause, Duration) {
        let config = &mut self.config;
        match next {
            Next::Interval(every) => {
                (Cause::Interval, interval::jitter(every, config.jitter_percent, (config.random)()))
            }
            Next::After(time) => (Cause::Retry, time),
            Next::Backoff => {
                let earlier = self.memory.get(key).map_or(0, |m| m.failures.saturating_sub(1));
                (Cause::Retry, interval::backoff(earlier, config.min_retry, config.max_retry))
            }
            Next::Now => (Cause::Retry, Duration::ZERO),
        }
    }

    fn forward(&self, events: Vec<Event>) {
        let Some(sender) = &self.config.events else {
            return;
        };
        for event in events {
            match sender.try_send(event) {
                Ok(()) | Err(TrySendError::Closed(_)) => {}
                Err(TrySendError::Full(event)) => {
                    tracing::warn!(object = %event.object, reason = event.reason, "too many events: dropped one");
                }
            }
        }
    }

    /// Runs that only wait for the cluster end at once, the others may finish, then are cancelled, then dropped.
    async fn wind_down(mut self) {
        self.running.values().filter(|r| r.released).for_each(|r| r.cancel.cancel());
        let (grace, limit) = (self.config.grace, self.config.stop_limit);
        if timeout(grace, self.drain()).await.is_ok() {
            return;
        }
        self.running.values().for_each(|r| r.cancel.cancel());
        if timeout(limit, self.drain()).await.is_err() {
            let keys: Vec<_> = self.running.keys().map(ToString::to_string).collect();
            tracing::warn!(keys = keys.join(" "), "stopped before these runs ended");
            self.tasks.shutdown().await;
        }
    }

    async fn drain(&mut self) {
        while !self.tasks.is_empty() {
            tokio::select! {
                biased;
                Some(command) = self.commands.recv() => {
                    if let Command::Released { key, .. } = &command {
                        self.running.get(key).inspect(|r| r.cancel.cancel());
                    }
                    self.command(command);
                }
                Some(finished) = self.tasks.join_next_with_id() => self.finished(finished),
            }
        }
    }
}

/// Whether the result of a run that started before is of no use: there is something newer to apply.
fn makes_pointless(cause: Cause) -> bool {
    match cause {
        Cause::Source | Cause::Requested | Cause::Spec | Cause::Start => true,
        Cause::Interval | Cause::Retry | Cause::Drift | Cause::Dependency => false,
    }
}

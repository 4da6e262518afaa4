//! Whose call is next. Calls are bounded in number; turns go round between the tenants that wait, and no tenant holds all of
//! them, so that a flood of calls (or of slow ones) of one tenant delays its own calls and nobody else's.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// The part of all turns that one tenant may hold at a time: one in so many.
pub const TENANT_SHARE: u32 = 2;

/// All turns of a host.
pub(crate) struct Turns {
    state: Mutex<State>,
    /// Turns that one tenant may hold.
    each: u32,
}

struct State {
    free: u32,
    /// By tenant; none for one that holds none.
    held: HashMap<String, u32>,
    /// Tenants that wait, the next first, each with its calls, the oldest first.
    waiting: VecDeque<(String, VecDeque<oneshot::Sender<Turn>>)>,
}

/// The right to run one call; given back when it is dropped.
pub(crate) struct Turn {
    turns: Arc<Turns>,
    tenant: String,
}

impl Turns {
    pub(crate) fn new(all: u32) -> Arc<Self> {
        let state = State { free: all, held: HashMap::new(), waiting: VecDeque::new() };
        Arc::new(Self { state: Mutex::new(state), each: (all / TENANT_SHARE).max(1) })
    }

    /// Waits for a turn; whoever stops waiting loses its place.
    pub(crate) async fn take(self: &Arc<Self>, tenant: &str) -> Turn {
        let (sender, receiver) = oneshot::channel();
        self.lock().wait(tenant, sender);
        self.give();
        receiver.await.expect("who waits is dropped with all turns only, and this is one of them")
    }

    /// Gives free turns to those who wait.
    fn give(self: &Arc<Self>) {
        loop {
            let next = self.lock().next(self.each);
            let Some((tenant, sender)) = next else { return };
            // One that stopped waiting just now gives its turn back by dropping it.
            let _given = sender.send(Turn { turns: self.clone(), tenant });
        }
    }

    /// Nothing panics half way through a change.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wait(&mut self, tenant: &str, sender: oneshot::Sender<Turn>) {
        match self.waiting.iter_mut().find(|(name, _)| name == tenant) {
            Some((_, calls)) => calls.push_back(sender),
            None => self.waiting.push_back((tenant.to_owned(), [sender].into())),
        }
    }

    /// Takes a turn for the first tenant that may have one, which then comes last.
    fn next(&mut self, each: u32) -> Option<(String, oneshot::Sender<Turn>)> {
        for (_, calls) in &mut self.waiting {
            calls.retain(|call| !call.is_closed());
        }
        self.waiting.retain(|(_, calls)| !calls.is_empty());
        if self.free == 0 {
            return None;
        }
        let may_have = |tenant: &str| self.held.get(tenant).copied().unwrap_or_default() < each;
        let at = self.waiting.iter().position(|(tenant, _)| may_have(tenant))?;
        let (tenant, mut calls) = self.waiting.remove(at)?;
        let call = calls.pop_front()?;
        if !calls.is_empty() {
            self.waiting.push_back((tenant.clone(), calls));
        }
        self.free -= 1;
        *self.held.entry(tenant.clone()).or_default() += 1;
        Some((tenant, call))
    }

    fn put_back(&mut self, tenant: &str) {
        self.free += 1;
        if let Some(held) = self.held.get_mut(tenant) {
            *held -= 1;
            if *held == 0 {
                self.held.remove(tenant);
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.lock().put_back(&self.tenant);
        self.turns.give();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{FutureExt, future::BoxFuture};

    type Waiting = BoxFuture<'static, Turn>;

    fn ask(turns: &Arc<Turns>, tenant: &'static str) -> Waiting {
        let turns = turns.clone();
        async move { turns.take(tenant).await }.boxed()
    }

    /// Polls once: the turn, if there is one.
    fn look(waiting: &mut Waiting) -> Option<Turn> {
        waiting.now_or_never()
    }

    #[test]
    fn a_flood_leaves_turns_for_others() {
        let turns = Turns::new(4);
        let mut flood: Vec<Waiting> = (0..10).map(|_| ask(&turns, "loud")).collect();
        let held: Vec<Turn> = flood.iter_mut().filter_map(look).collect();
        assert_eq!(held.len(), 4 / TENANT_SHARE as usize, "its share, and no more");
        assert!(look(&mut ask(&turns, "quiet")).is_some());
    }

    #[test]
    fn turns_go_round() {
        let turns = Turns::new(2);
        let (first, second) = (look(&mut ask(&turns, "a")), look(&mut ask(&turns, "b")));
        let mut loud: Vec<Waiting> = (0..3).map(|_| ask(&turns, "a")).collect();
        assert!(loud.iter_mut().all(|call| look(call).is_none()));
        let mut quiet = ask(&turns, "c");
        assert!(look(&mut quiet).is_none());
        drop(second);
        let third = look(&mut quiet);
        assert!(third.is_some(), "`a` has its share, although it waited first");
        drop(first);
        assert_eq!(loud.iter_mut().filter_map(look).count(), 3, "one after the other");
    }

    #[test]
    fn who_stops_waiting_holds_nothing() {
        let turns = Turns::new(1);
        let first = look(&mut ask(&turns, "a"));
        let mut gone = ask(&turns, "a");
        let mut late = ask(&turns, "b");
        assert!(look(&mut gone).is_none() && look(&mut late).is_none());
        drop(gone);
        drop(first);
        assert!(look(&mut late).is_some());
        let state = turns.lock();
        assert_eq!((state.free, state.held.len(), state.waiting.len()), (1, 0, 0));
    }

    #[test]
    fn a_single_turn_is_anybodys() {
        assert!(look(&mut ask(&Turns::new(1), "a")).is_some());
    }
}

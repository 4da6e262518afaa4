//! Where a call runs: with whoever asked for it as long as it neither waits nor takes long, else out of everybody's way.

use std::panic::AssertUnwindSafe;
use std::sync::OnceLock;
use std::task::Poll;

use futures::FutureExt;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

/// A call that did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Lost {
    #[error("the call panicked")]
    Panicked,
    #[error("the host stops")]
    Stopped,
}

/// The callers' threads that calls may run on at a time: all workers of the runtime but one, which is left to those who
/// only want to answer.
#[derive(Default)]
pub(crate) struct Places(OnceLock<Semaphore>);

impl Places {
    /// Polls a call once on the caller's thread, which brings most to their end: a guest gives way when it waits and
    /// whenever the epoch advances, and to wake another thread can take as long as a whole render. What is left of the
    /// call runs on a thread for blocking work, because its file access waits in place.
    ///
    /// # Errors
    /// A panic of the call, and the end of the runtime.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        call: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Lost> {
        let runtime = Handle::current();
        let mut call = AssertUnwindSafe(call).catch_unwind().boxed();
        let here = self.0.get_or_init(|| Semaphore::new(runtime.metrics().num_workers().saturating_sub(1).max(1)));
        let polled = match here.try_acquire() {
            Ok(_place) => futures::poll!(&mut call),
            Err(_) => Poll::Pending,
        };
        let ended = match polled {
            Poll::Ready(ended) => ended,
            Poll::Pending => {
                tokio::task::spawn_blocking(move || runtime.block_on(call)).await.map_err(|_| Lost::Stopped)?
            }
        };
        ended.map_err(|_| Lost::Panicked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Barrier};
    use std::thread::{self, ThreadId};

    async fn threads(waits: bool) -> (ThreadId, ThreadId) {
        let first = thread::current().id();
        if waits {
            tokio::task::yield_now().await;
        }
        (first, thread::current().id())
    }

    #[tokio::test]
    async fn a_call_moves_when_it_waits() {
        let (places, here) = (Places::default(), thread::current().id());
        assert_eq!(places.run(threads(false)).await.unwrap(), (here, here));
        let (first, last) = places.run(threads(true)).await.unwrap();
        assert_eq!(first, here);
        assert_ne!(last, here);
    }

    #[tokio::test]
    async fn a_panic_is_the_calls_alone() {
        for waits in [false, true] {
            let call = async move {
                threads(waits).await;
                panic!("on purpose");
            };
            assert!(matches!(Places::default().run::<()>(call).await, Err(Lost::Panicked)));
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 3)]
    async fn one_worker_is_left_free() {
        let places = Arc::new(Places::default());
        let all = Arc::new(Barrier::new(4));
        let call = |places: Arc<Places>, all: Arc<Barrier>| {
            tokio::spawn(async move {
                let worker = thread::current().id();
                let call = async move {
                    all.wait();
                    thread::current().id()
                };
                places.run(call).await.unwrap() == worker
            })
        };
        let calls: Vec<_> = (0..3).map(|_| call(places.clone(), all.clone())).collect();
        // Three calls block their threads, and still a worker is there for this.
        tokio::spawn(tokio::task::yield_now()).await.unwrap();
        tokio::task::spawn_blocking(move || all.wait()).await.unwrap();
        let stayed = futures::future::join_all(calls).await.into_iter().filter(|stayed| *stayed.as_ref().unwrap());
        assert_eq!(stayed.count(), 2);
    }
}

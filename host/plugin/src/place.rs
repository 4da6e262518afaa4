//! Where a call runs: with whoever asked for it as long as it neither waits nor takes long, else out of everybody's way.

use std::panic::AssertUnwindSafe;
use std::task::Poll;

use futures::FutureExt;
use tokio::runtime::Handle;

/// A call that did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Lost {
    #[error("the call panicked")]
    Panicked,
    #[error("the host stops")]
    Stopped,
}

/// Polls a call once on the caller's thread, which brings most to their end: a guest gives way when it waits and whenever
/// the epoch advances, and to wake another thread can take as long as a whole render. What is left of the call runs on a
/// thread for blocking work, because its file access waits in place.
///
/// # Errors
/// A panic of the call, and the end of the runtime.
pub(crate) async fn run<T: Send + 'static>(call: impl Future<Output = T> + Send + 'static) -> Result<T, Lost> {
    let mut call = AssertUnwindSafe(call).catch_unwind().boxed();
    let ended = match futures::poll!(&mut call) {
        Poll::Ready(ended) => ended,
        Poll::Pending => {
            let handle = Handle::current();
            tokio::task::spawn_blocking(move || handle.block_on(call)).await.map_err(|_| Lost::Stopped)?
        }
    };
    ended.map_err(|_| Lost::Panicked)
}

#[cfg(test)]
mod tests {
    use super::*;
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
        let here = thread::current().id();
        assert_eq!(run(threads(false)).await.unwrap(), (here, here));
        let (first, last) = run(threads(true)).await.unwrap();
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
            assert!(matches!(run::<()>(call).await, Err(Lost::Panicked)));
        }
    }
}

//! Waiting for what will happen, with a deadline and no fixed sleep.

use std::fmt::Debug;
use std::time::Duration;

use kube::Api;
use kube::runtime::wait::{Condition, await_condition};
use serde::de::DeserializeOwned;
use tokio::time::{sleep, timeout};

/// After this long, something that should happen will not.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Between two looks at something that cannot be watched.
const POLL: Duration = Duration::from_millis(50);

/// Asks until `look` returns something.
///
/// # Panics
/// After [`DEADLINE`], with `what`.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let looks = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            sleep(POLL).await;
        }
    };
    let found = timeout(DEADLINE, looks).await;
    found.unwrap_or_else(|_| panic!("not within {} s: {what}", DEADLINE.as_secs()))
}

/// Watches the object `name` until `condition` holds; returns it as it was then, if it exists.
///
/// # Panics
/// After [`DEADLINE`], with the object.
pub async fn wait_for<K>(api: &Api<K>, name: &str, condition: impl Condition<K>) -> Option<K>
where
    K: kube::Resource + Clone + Debug + DeserializeOwned + Send + 'static,
{
    match timeout(DEADLINE, await_condition(api.clone(), name, condition)).await {
        Ok(seen) => seen.unwrap_or_else(|error| panic!("watch of `{name}`: {error}")),
        Err(_) => {
            let last = api.get_opt(name).await;
            panic!("`{name}` not as expected within {} s: {last:#?}", DEADLINE.as_secs())
        }
    }
}

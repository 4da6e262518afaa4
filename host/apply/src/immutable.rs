//! Recreating objects whose immutable fields changed.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::{
    apply::{Item, Run},
    cluster::{Cluster, Place},
    error::{ObjectError, RequestError},
};

/// How long a deleted object may take to go before it is created anew.
pub(crate) const GONE_TIMEOUT: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// Leaves room for the suffix in every kind's limit on names.
const PROBE_NAME_LENGTH: usize = 40;

/// Whether recreating would help.
///
/// Flux takes every Conflict and Invalid for an immutable field and deletes the object, even when the manifest is simply
/// wrong and can never be created again. weir asks first: a complaint that is also made about an object that does not
/// exist yet is not about immutability.
pub(crate) async fn helps(run: &Run<'_>, item: &Item, error: &RequestError) -> bool {
    let complaints = error.complaints();
    if complaints.is_empty() {
        return true;
    }
    let stem: String = item.id.name.chars().take(PROBE_NAME_LENGTH).collect();
    let name = format!("{}-weir", stem.trim_end_matches(['-', '.']));
    let mut probe = item.object.clone();
    probe.value_mut()["metadata"]["name"] = name.as_str().into();
    let place = item.at.place.named(name);
    match run.applier.cluster.apply(&place, probe.value(), &run.config().manager, true).await {
        Ok(_) => true,
        Err(other) => !other.complaints().iter().any(|c| complaints.contains(c)),
    }
}

/// Deletes the live object in the background and waits until it is gone.
pub(crate) async fn delete(run: &Run<'_>, item: &Item, uid: &str) -> Result<(), ObjectError> {
    let failed = |message: String| ObjectError::Recreate { id: item.id.clone(), message };
    let cluster = &run.applier.cluster;
    cluster.delete(&item.at.place, Some(uid)).await.map_err(|e| failed(e.to_string()))?;
    match gone(cluster, &item.at.place, Instant::now() + GONE_TIMEOUT).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(failed("timed out waiting for it to go".into())),
        Err(error) => Err(failed(error.to_string())),
    }
}

/// Whether an object is gone before the deadline.
pub(crate) async fn gone(cluster: &Cluster, place: &Place, deadline: Instant) -> Result<bool, RequestError> {
    let mut pause = FIRST_PAUSE;
    while cluster.get(place).await?.is_some() {
        if Instant::now() >= deadline {
            return Ok(false);
        }
        sleep(pause.min(deadline.saturating_duration_since(Instant::now()))).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    Ok(true)
}

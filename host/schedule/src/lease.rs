//! Leader election over a `coordination.k8s.io/v1` Lease, by client-go's rules, so that it can be shared with client-go programs.
//!
//! Another holder's lease expires by our own clock: when it did not change for its duration since we first saw it so.

use std::{pin::pin, time::Duration};

use jiff::Timestamp;
use k8s_openapi::{
    api::coordination::v1::{Lease, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::MicroTime,
};
use kube::{Api, api::PostParams};
use tokio::time::{Instant, sleep, timeout, timeout_at};

/// Flux's `--leader-election-lease-duration`.
pub const LEASE_DURATION: Duration = Duration::from_secs(35);
/// Flux's `--leader-election-renew-deadline`: shorter than the lease, so that a leader stops before another one starts.
pub const RENEW_DEADLINE: Duration = Duration::from_secs(30);
/// Flux's `--leader-election-retry-period`; also the longest that one request may take.
pub const RETRY_PERIOD: Duration = Duration::from_secs(5);

/// How [`Election::hold`] ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// As asked; the lease is free for the next one at once.
    Released,
    /// Another process leads, or may: stop everything that writes.
    Lost,
}

/// One candidate.
#[derive(Debug)]
pub struct Election {
    api: Api<Lease>,
    name: String,
    identity: String,
    /// The lease's version as last seen, and since when it is so.
    observed: Option<(String, Instant)>,
    renewed: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attempt {
    Held,
    HeldByOther,
    /// Somebody wrote at the same time.
    Conflict,
}

impl Election {
    /// A candidate for the lease `name`; `identity` has to be unique, for example the Pod's name with a random suffix.
    pub fn new(api: Api<Lease>, name: impl Into<String>, identity: impl Into<String>) -> Self {
        Self { api, name: name.into(), identity: identity.into(), observed: None, renewed: Instant::now() }
    }

    /// Waits until this process leads, however long it takes. Call [`Election::hold`] at once then.
    pub async fn acquire(&mut self) {
        loop {
            let started = Instant::now();
            if self.try_once().await == Some(Attempt::Held) {
                self.renewed = started;
                return;
            }
            sleep(RETRY_PERIOD).await;
        }
    }

    /// Renews the lease until `stop` resolves, or until it is lost.
    pub async fn hold(&mut self, stop: impl Future<Output = ()>) -> Ended {
        let mut stop = pin!(stop);
        loop {
            let deadline = self.renewed + RENEW_DEADLINE;
            let renewed = tokio::select! {
                () = &mut stop => None,
                renewed = timeout_at(deadline, self.renew()) => Some(renewed),
            };
            match renewed {
                None => {
                    self.release().await;
                    return Ended::Released;
                }
                Some(Ok(Some(at))) => self.renewed = at,
                Some(Ok(None) | Err(_)) => return Ended::Lost,
            }
        }
    }

    /// When it was renewed; `None` when another process holds it.
    async fn renew(&mut self) -> Option<Instant> {
        loop {
            sleep(RETRY_PERIOD).await;
            let started = Instant::now();
            match self.try_once().await {
                Some(Attempt::Held) => return Some(started),
                Some(Attempt::HeldByOther) => return None,
                Some(Attempt::Conflict) | None => {}
            }
        }
    }

    /// `None` when the API server did not answer, or not as it should.
    async fn try_once(&mut self) -> Option<Attempt> {
        match timeout(RETRY_PERIOD, self.attempt()).await {
            Ok(Ok(attempt)) => Some(attempt),
            Ok(Err(error)) => {
                tracing::warn!(lease = self.name, %error, "the lease could not be read or written");
                None
            }
            Err(_) => {
                tracing::warn!(lease = self.name, "no answer about the lease");
                None
            }
        }
    }

    async fn attempt(&mut self) -> Result<Attempt, kube::Error> {
        let now = MicroTime(Timestamp::now());
        let Some(mut lease) = self.api.get_opt(&self.name).await? else {
            let mut lease = Lease { spec: Some(held(None, &self.identity, now)), ..Lease::default() };
            lease.metadata.name = Some(self.name.clone());
            return written(self.api.create(&PostParams::default(), &lease).await);
        };
        let unchanged = self.observe(lease.metadata.resource_version.clone().unwrap_or_default());
        if !may_hold(lease.spec.as_ref(), &self.identity, unchanged) {
            return Ok(Attempt::HeldByOther);
        }
        lease.spec = Some(held(lease.spec, &self.identity, now));
        written(self.api.replace(&self.name, &PostParams::default(), &lease).await)
    }

    /// For how long the lease has been in this version.
    fn observe(&mut self, version: String) -> Duration {
        match &self.observed {
            Some((seen, since)) if *seen == version => since.elapsed(),
            _ => {
                self.observed = Some((version, Instant::now()));
                Duration::ZERO
            }
        }
    }

    async fn release(&self) {
        match timeout(RETRY_PERIOD, self.give_up()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(lease = self.name, %error, "the lease could not be released")
            }
            Err(_) => tracing::warn!(lease = self.name, "the lease could not be released: no answer"),
        }
    }

    async fn give_up(&self) -> Result<(), kube::Error> {
        let mut lease = self.api.get(&self.name).await?;
        let Some(spec) = lease.spec.as_mut().filter(|s| s.holder_identity.as_ref() == Some(&self.identity)) else {
            return Ok(());
        };
        spec.holder_identity = Some(String::new());
        spec.lease_duration_seconds = Some(1);
        self.api.replace(&self.name, &PostParams::default(), &lease).await.map(|_| ())
    }
}

fn written(result: Result<Lease, kube::Error>) -> Result<Attempt, kube::Error> {
    match result {
        Ok(_) => Ok(Attempt::Held),
        Err(kube::Error::Api(status)) if status.code == 409 => Ok(Attempt::Conflict),
        Err(e) => Err(e),
    }
}

/// Ours, released, or not renewed for as long as it promised.
fn may_hold(spec: Option<&LeaseSpec>, identity: &str, unchanged: Duration) -> bool {
    let Some(spec) = spec else { return true };
    let holder = spec.holder_identity.as_deref().unwrap_or_default();
    let promised =
        spec.lease_duration_seconds.and_then(|s| u64::try_from(s).ok()).map_or(LEASE_DURATION, Duration::from_secs);
    holder.is_empty() || holder == identity || unchanged > promised
}

/// The lease as this process holds it from now on.
fn held(old: Option<LeaseSpec>, identity: &str, now: MicroTime) -> LeaseSpec {
    let old = old.unwrap_or_default();
    let ours = old.holder_identity.as_deref() == Some(identity);
    let first = old.holder_identity.is_none();
    LeaseSpec {
        holder_identity: Some(identity.into()),
        lease_duration_seconds: Some(LEASE_DURATION.as_secs().try_into().unwrap_or(i32::MAX)),
        acquire_time: old.acquire_time.clone().filter(|_| ours).or(Some(now.clone())),
        renew_time: Some(now),
        lease_transitions: Some(old.lease_transitions.unwrap_or_default() + i32::from(!ours && !first)),
        ..old
    }
}

#[cfg(test)]
#[path = "lease_tests.rs"]
mod tests;

//! Everything that one call may use.

use std::collections::BTreeMap;
use std::fmt;

use tokio_util::sync::CancellationToken;

use crate::{Grants, Limits, Origin};

/// Everything that one call may use; what is not in it does not exist for the plugin.
#[derive(Clone, Debug)]
pub struct CallContext {
    /// Whose caches and budgets these are; usually the object's namespace.
    pub tenant: String,
    /// By the name of the field of the object's spec that refers to it, e.g. `secretRef`.
    pub secrets: BTreeMap<String, SecretData>,
    /// Where requests may go. The object's own origin and that of a mirror belong here, and nothing else.
    pub allowed: Vec<Origin>,
    /// Trust and identity for TLS.
    pub tls: Tls,
    /// What the operator grants to this plugin.
    pub grants: Grants,
    /// What bounds the call.
    pub limits: Limits,
    /// For renders: the clock stands still and randomness is the same every time. Without it both are real, and
    /// [`Rendered::hermetic`](crate::Rendered::hermetic) says whether the plugin took any.
    pub hermetic: bool,
    /// Ends the call.
    pub cancellation: CancellationToken,
}

impl CallContext {
    /// Nothing but time and memory.
    pub fn new(tenant: impl Into<String>, limits: Limits) -> Self {
        Self {
            tenant: tenant.into(),
            secrets: BTreeMap::new(),
            allowed: Vec::new(),
            tls: Tls::default(),
            grants: Grants::default(),
            limits,
            hermetic: true,
            cancellation: CancellationToken::new(),
        }
    }

    /// Lets requests go to an origin.
    pub fn allow(mut self, origin: Origin) -> Self {
        self.allowed.push(origin);
        self
    }

    /// Gives a render the real time and real randomness.
    pub fn with_time_and_randomness(mut self) -> Self {
        self.hermetic = false;
        self
    }

    /// Binds a secret.
    pub fn secret(mut self, binding: impl Into<String>, data: SecretData) -> Self {
        self.secrets.insert(binding.into(), data);
        self
    }
}

/// The entries of a Secret. Its `Debug` shows keys only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SecretData(BTreeMap<String, Vec<u8>>);

impl SecretData {
    /// From the (decoded) `data` of a Secret.
    pub fn new(entries: BTreeMap<String, Vec<u8>>) -> Self {
        Self(entries)
    }

    /// One entry.
    pub fn get(&self, key: &str) -> Option<&[u8]> {
        self.0.get(key).map(Vec::as_slice)
    }

    /// The names of all entries, sorted.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &[u8]> {
        self.0.values().map(Vec::as_slice)
    }
}

impl FromIterator<(String, Vec<u8>)> for SecretData {
    fn from_iter<I: IntoIterator<Item = (String, Vec<u8>)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

impl fmt::Debug for SecretData {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(self.0.keys().map(|key| (key, "redacted"))).finish()
    }
}

/// Trust and identity for TLS; applied by the host to every request of the call.
#[derive(Clone, Default)]
pub struct Tls {
    /// PEM bundle that is trusted besides the usual roots (`ca.crt`).
    pub ca_pem: Option<Vec<u8>>,
    /// PEM certificate chain and key of the client (`tls.crt`, `tls.key`).
    pub identity_pem: Option<(Vec<u8>, Vec<u8>)>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Tls");
        shown.field("ca", &self.ca_pem.is_some()).field("identity", &self.identity_pem.is_some()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let secret = SecretData::from_iter([("password".to_owned(), b"hunter2".to_vec())]);
        let cx = CallContext::new("apps", Limits::source()).secret("secretRef", secret);
        let shown = format!("{cx:?}");
        assert!(shown.contains("password") && !shown.contains("hunter2") && !shown.contains("104"), "{shown}");
    }
}

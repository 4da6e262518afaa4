//! Credentials as handles.

use crate::Result;
use crate::backend::{Host, SecretHandle};

/// How a credential goes into a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// From the keys `username` and `password`.
    Basic,
    /// From the key `bearerToken`.
    Bearer,
}

impl Scheme {
    /// As the host names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Bearer => "bearer",
        }
    }
}

/// The hash of an HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HmacAlgorithm {
    /// For old webhooks.
    Sha1,
    /// The usual one.
    Sha256,
    /// The long one.
    Sha512,
}

/// Finds credentials by the name of the field of the object's spec that refers to them.
pub struct Secrets<'a>(pub(crate) &'a dyn Host);

impl Secrets<'_> {
    /// e.g. `secretRef`; nothing if the object's spec does not bind it.
    pub fn lookup(&self, binding: &str) -> Option<Secret> {
        self.0.secret(binding).map(Secret)
    }
}

/// A credential that the plugin can use and not see.
pub struct Secret(pub(crate) Box<dyn SecretHandle>);

impl Secret {
    /// The names of its entries, sorted.
    pub fn keys(&self) -> Vec<String> {
        self.0.keys()
    }

    /// Whether there is an entry of that name.
    pub fn has(&self, key: &str) -> bool {
        self.keys().iter().any(|other| other == key)
    }

    /// The bytes themselves; needs the grant `secret-reveal`.
    pub fn reveal(&self, key: &str) -> Result<Vec<u8>> {
        self.0.reveal(key)
    }

    /// An HMAC keyed with the entry.
    pub fn hmac(&self, key: &str, algorithm: HmacAlgorithm, data: &[u8]) -> Result<Vec<u8>> {
        self.0.hmac(key, algorithm, data)
    }

    /// Compares in constant time.
    pub fn matches(&self, key: &str, candidate: &[u8]) -> Result<bool> {
        self.0.matches(key, candidate)
    }

    /// From now on the host adds the credential to requests for `origin` (`scheme://host[:port]`).
    pub fn attach_http(&self, origin: &str, scheme: Scheme) -> Result<()> {
        self.0.attach_http(origin, scheme.as_str())
    }
}

//! Credentials as handles.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use http::HeaderValue;
use sha2::{Sha256, Sha512};

use crate::failure::{Class, FailureKind};
use crate::state::State;
use crate::{Capability, Origin, SecretData};

/// Keys of basic credentials (Flux: Secrets of sources).
const USERNAME: &str = "username";
const PASSWORD: &str = "password";
/// Key of a token (Flux: GitRepository).
const BEARER_TOKEN: &str = "bearerToken";

#[derive(Clone, Copy, Debug)]
pub(crate) enum HmacAlgorithm {
    Sha1,
    Sha256,
    Sha512,
}

/// What a guest holds: the name, and nothing of what is in it.
#[expect(unreachable_pub, reason = "generated code names it")]
pub struct SecretHandle {
    binding: String,
    data: Arc<SecretData>,
}

impl SecretHandle {
    /// Only what the object's spec binds exists.
    pub(crate) fn lookup(secrets: &BTreeMap<String, Arc<SecretData>>, binding: &str) -> Option<Self> {
        let data = Arc::clone(secrets.get(binding)?);
        Some(Self { binding: binding.to_owned(), data })
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        self.data.keys().map(str::to_owned).collect()
    }

    fn entry(&self, key: &str) -> Result<&[u8], FailureKind> {
        self.data.get(key).ok_or_else(|| unauthorized(format!("secret of `{}` has no key `{key}`", self.binding)))
    }
}

pub(crate) fn reveal(state: &State, secret: &SecretHandle, key: &str) -> Result<Vec<u8>, FailureKind> {
    state.check(Capability::SecretReveal, &format!("{}.{key}", secret.binding))?;
    tracing::info!(binding = secret.binding, key, "secret revealed to a plugin");
    secret.entry(key).map(<[u8]>::to_vec)
}

pub(crate) fn hmac(
    state: &State,
    secret: &SecretHandle,
    key: &str,
    algorithm: HmacAlgorithm,
    data: &[u8],
) -> Result<Vec<u8>, FailureKind> {
    state.check(Capability::SecretUse, &secret.binding)?;
    let key = secret.entry(key)?;
    Ok(match algorithm {
        HmacAlgorithm::Sha1 => signed(Hmac::<sha1::Sha1>::new_from_slice(key), data),
        HmacAlgorithm::Sha256 => signed(Hmac::<Sha256>::new_from_slice(key), data),
        HmacAlgorithm::Sha512 => signed(Hmac::<Sha512>::new_from_slice(key), data),
    })
}

fn signed<M: Mac>(mac: Result<M, hmac::digest::InvalidLength>, data: &[u8]) -> Vec<u8> {
    mac.expect("HMAC takes keys of any length").chain_update(data).finalize().into_bytes().to_vec()
}

/// Compares digests under a key of its own: neither content nor length shows in the time that it takes.
pub(crate) fn matches(state: &State, secret: &SecretHandle, key: &str, candidate: &[u8]) -> Result<bool, FailureKind> {
    state.check(Capability::SecretUse, &secret.binding)?;
    let once: [u8; 32] = rand::random();
    let mac =
        |data: &[u8]| Hmac::<Sha256>::new_from_slice(&once).expect("HMAC takes keys of any length").chain_update(data);
    let expected = mac(secret.entry(key)?).finalize().into_bytes();
    Ok(mac(candidate).verify(&expected).is_ok())
}

/// From now on requests to `origin` carry the credential. The origin has to be one of the call's.
pub(crate) fn attach_http(state: &State, secret: &SecretHandle, origin: &str, scheme: &str) -> Result<(), FailureKind> {
    state.check(Capability::SecretUse, origin)?;
    let parsed = Origin::of(origin).ok_or_else(|| unauthorized(format!("`{origin}` is not an HTTP origin")))?;
    let header = header(secret, scheme)?;
    state.outgoing.attach(parsed, header)
}

fn header(secret: &SecretHandle, scheme: &str) -> Result<HeaderValue, FailureKind> {
    let text = match scheme {
        "basic" => {
            let pair = [secret.entry(USERNAME)?, b":", secret.entry(PASSWORD)?].concat();
            format!("Basic {}", STANDARD.encode(pair))
        }
        "bearer" => {
            let token = secret.entry(BEARER_TOKEN)?;
            format!("Bearer {}", String::from_utf8_lossy(token).trim_end())
        }
        other => {
            return Err(guest(Class::Unsupported, "PluginUnsupported", format!("unknown credential scheme `{other}`")));
        }
    };
    let bad = |_| unauthorized(format!("secret of `{}` cannot be put into a header", secret.binding));
    let mut value = HeaderValue::from_str(&text).map_err(bad)?;
    value.set_sensitive(true);
    Ok(value)
}

fn unauthorized(message: String) -> FailureKind {
    guest(Class::Unauthorized, "AuthenticationFailed", message)
}

fn guest(class: Class, reason: &str, message: String) -> FailureKind {
    FailureKind::Guest { class, reason: reason.to_owned(), message, retry_after: None, details: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(entries: &[(&str, &str)]) -> SecretHandle {
        let data = entries.iter().map(|(key, value)| ((*key).to_owned(), value.as_bytes().to_vec())).collect();
        SecretHandle { binding: "secretRef".to_owned(), data: Arc::new(data) }
    }

    #[test]
    fn headers_come_from_the_right_keys() {
        let basic = secret(&[("username", "user"), ("password", "pass")]);
        assert_eq!(header(&basic, "basic").unwrap(), "Basic dXNlcjpwYXNz");
        assert!(header(&basic, "bearer").unwrap_err().to_string().contains("no key `bearerToken`"));
        assert_eq!(header(&secret(&[("bearerToken", "tok\n")]), "bearer").unwrap(), "Bearer tok");
        assert!(header(&basic, "digest").is_err());
        let bad = header(&secret(&[("bearerToken", "a\nb")]), "bearer").unwrap_err().to_string();
        assert!(!bad.contains("a\nb"));
    }

    #[test]
    fn hmacs_are_the_published_ones() {
        let mac = signed(Hmac::<Sha256>::new_from_slice(b"Jefe"), b"what do ya want for nothing?");
        assert_eq!(hex::encode(mac), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}

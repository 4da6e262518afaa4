//! Content digests: `sha256:<64 hex digits>`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

const ALGORITHM: &str = "sha256:";
const HEX_DIGITS: usize = 64;

/// A sha256 digest with its algorithm in front, as OCI writes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(String);

/// A text that is no sha256 digest.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("invalid digest, want `sha256:` and {HEX_DIGITS} hexadecimal digits: {0}")]
pub struct InvalidDigest(pub String);

impl Digest {
    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self::from_hash(Sha256::new_with_prefix(bytes))
    }

    /// The digest of what was fed to a hasher.
    pub(crate) fn from_hash(hash: Sha256) -> Self {
        Self(format!("{ALGORITHM}{}", hex::encode(hash.finalize())))
    }

    /// The digits alone.
    pub fn hex(&self) -> &str {
        &self.0[ALGORITHM.len()..]
    }

    /// `sha256:<hex>`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Digest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        let is_hex =
            |digits: &str| digits.len() == HEX_DIGITS && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        match text.strip_prefix(ALGORITHM).is_some_and(is_hex) {
            true => Ok(Self(text.into())),
            false => Err(InvalidDigest(text.into())),
        }
    }
}

impl TryFrom<String> for Digest {
    type Error = InvalidDigest;

    fn try_from(text: String) -> Result<Self, InvalidDigest> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_sha256_in_lower_case() {
        let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of(b"").as_str(), empty);
        assert_eq!(empty.parse::<Digest>().unwrap(), Digest::of(b""));
        for text in ["", "sha256:", "sha256:../../x", &empty.to_uppercase(), &empty[1..], "sha512:ab"] {
            assert!(text.parse::<Digest>().is_err(), "{text}");
        }
    }
}

//! How a plugin is named: `oci://host/repository:tag@digest`, `file:path`, `layout:directory#name`, or the bare name of a
//! plugin that travels with the host.

use std::{fmt, path::PathBuf, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::digest::{Digest, InvalidDigest};

/// Tag of a reference that names neither tag nor digest.
pub const DEFAULT_TAG: &str = "latest";
const MAX_TAG: usize = 128;

/// Where a plugin is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Location {
    /// A repository of a registry.
    Oci {
        /// Host, with a port if any.
        host: String,
        /// Repository.
        repository: String,
        /// Tag; absent only when there is a digest.
        tag: Option<String>,
    },
    /// A component in a file.
    File(PathBuf),
    /// An entry of an OCI image layout.
    Layout {
        /// Its directory.
        directory: PathBuf,
        /// Its name in the index.
        name: String,
    },
    /// A plugin that travels with the host.
    Bundled(String),
}

/// A location, and what must be found there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference {
    /// Where the plugin is.
    pub location: Location,
    /// Digest of the image manifest; of the component for a file.
    pub digest: Option<Digest>,
}

/// Why a text is no reference.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidReference {
    /// None of the four forms.
    #[error(
        "invalid plugin reference: {0}\nhint: write `oci://host/repository:tag`, `file:plugin.wasm`, `layout:directory#name`, or the name of a bundled plugin"
    )]
    Form(String),
    /// A part of an OCI reference is malformed.
    #[error("invalid {part} in plugin reference: {text}")]
    Part {
        /// Which part.
        part: &'static str,
        /// The whole reference.
        text: String,
    },
    /// The digest is malformed.
    #[error("plugin reference `{text}`")]
    Digest {
        /// The whole reference.
        text: String,
        /// What is wrong with it.
        source: InvalidDigest,
    },
}

impl FromStr for Reference {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        let (place, digest) = split_digest(text)?;
        let location = match place.split_once(':') {
            Some(("oci", rest)) => oci(rest.strip_prefix("//").unwrap_or_default(), text, digest.is_some())?,
            Some(("file", path)) if !path.is_empty() => Location::File(path.into()),
            Some(("layout", rest)) => layout(rest).ok_or_else(|| InvalidReference::Form(text.into()))?,
            None if is_bundled_name(place) => Location::Bundled(place.into()),
            _ => return Err(InvalidReference::Form(text.into())),
        };
        Ok(Self { location, digest })
    }
}

/// Only what follows the last `@` and looks like a digest is one: paths may hold `@` as well.
fn split_digest(text: &str) -> Result<(&str, Option<Digest>), InvalidReference> {
    match text.rsplit_once('@') {
        Some((place, digest)) if digest.contains(':') && !digest.contains('/') => {
            let digest = digest.parse().map_err(|source| InvalidReference::Digest { text: text.into(), source })?;
            Ok((place, Some(digest)))
        }
        _ => Ok((text, None)),
    }
}

fn layout(rest: &str) -> Option<Location> {
    let (directory, name) = rest.rsplit_once('#')?;
    (!directory.is_empty() && !name.is_empty())
        .then(|| Location::Layout { directory: directory.into(), name: name.into() })
}

fn oci(rest: &str, text: &str, has_digest: bool) -> Result<Location, InvalidReference> {
    let invalid = |part| InvalidReference::Part { part, text: text.into() };
    let (host, path) = rest.split_once('/').ok_or_else(|| invalid("repository"))?;
    let (repository, tag) = match path.split_once(':') {
        Some((repository, tag)) => (repository, Some(tag)),
        None => (path, (!has_digest).then_some(DEFAULT_TAG)),
    };
    if host.is_empty() || !host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b)) {
        return Err(invalid("host"));
    }
    if !repository.split('/').all(is_path_part) {
        return Err(invalid("repository"));
    }
    if tag.is_some_and(|tag| !is_tag(tag)) {
        return Err(invalid("tag"));
    }
    Ok(Location::Oci { host: host.into(), repository: repository.into(), tag: tag.map(Into::into) })
}

fn is_path_part(part: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
    let at_ends = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    part.bytes().all(allowed) && at_ends(part.as_bytes().first()) && at_ends(part.as_bytes().last())
}

fn is_tag(tag: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    tag.len() <= MAX_TAG && tag.bytes().all(allowed) && !tag.is_empty() && !tag.starts_with(['.', '-'])
}

fn is_bundled_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Oci { host, repository, tag } => {
                write!(f, "oci://{host}/{repository}")?;
                tag.iter().try_for_each(|tag| write!(f, ":{tag}"))
            }
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Layout { directory, name } => write!(f, "layout:{}#{name}", directory.display()),
            Self::Bundled(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.location)?;
        self.digest.iter().try_for_each(|digest| write!(f, "@{digest}"))
    }
}

impl TryFrom<String> for Reference {
    type Error = InvalidReference;

    fn try_from(text: String) -> Result<Self, InvalidReference> {
        text.parse()
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.to_string()
    }
}

/// What a reference meant when it was used first: a tag may move, a pin does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The reference as its owner wrote it.
    pub reference: Reference,
    /// What it resolved to.
    pub digest: Digest,
}

impl Pin {
    /// The reference with the digest of the pin, as long as it still reads as it did when it was pinned; otherwise the
    /// reference as it is, to be pinned anew.
    pub fn apply(&self, reference: &Reference) -> Reference {
        match self.reference == *reference {
            true => Reference { digest: Some(self.digest.clone()), ..reference.clone() },
            false => reference.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn check(text: &str, printed: &str) {
        let reference: Reference = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(reference.to_string(), printed);
        assert_eq!(printed.parse::<Reference>().unwrap(), reference);
    }

    #[test]
    fn references_are_read_and_printed() {
        check("oci://ghcr.io/org/plugin:1.0", "oci://ghcr.io/org/plugin:1.0");
        check("oci://127.0.0.1:5000/plugin", "oci://127.0.0.1:5000/plugin:latest");
        check(&format!("oci://h/p@{DIGEST}"), &format!("oci://h/p@{DIGEST}"));
        check(&format!("oci://h/p:1@{DIGEST}"), &format!("oci://h/p:1@{DIGEST}"));
        check("file:./a/plugin.wasm", "file:./a/plugin.wasm");
        check("file:/a@b/plugin.wasm", "file:/a@b/plugin.wasm");
        check(&format!("file:p.wasm@{DIGEST}"), &format!("file:p.wasm@{DIGEST}"));
        check("layout:/opt/weir/plugins#kustomize", "layout:/opt/weir/plugins#kustomize");
        check("kustomize", "kustomize");
        check(&format!("kustomize@{DIGEST}"), &format!("kustomize@{DIGEST}"));
    }

    #[test]
    fn bad_references_are_refused() {
        for text in [
            "",
            "oci://",
            "oci://host",
            "oci:host/p",
            "oci://h/P",
            "oci://h/p:",
            "oci://h/p:-a",
            "oci://h/a//b",
            "oci://h/../b",
            "oci://u@h/p",
            "file:",
            "layout:x",
            "layout:#n",
            "Name",
            "a b",
            "https://h/p",
            "oci://h/p@sha256:12",
            "p@md5:1",
        ] {
            assert!(text.parse::<Reference>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_pin_holds_until_the_reference_changes() {
        let (old, new): (Reference, Reference) = ("oci://h/p:1".parse().unwrap(), "oci://h/p:2".parse().unwrap());
        let pin = Pin { reference: old.clone(), digest: DIGEST.parse().unwrap() };
        assert_eq!(pin.apply(&old).to_string(), format!("oci://h/p:1@{DIGEST}"));
        assert_eq!(pin.apply(&new), new);
    }
}

//! Where an artifact lies, and under which URL it is served.

use std::path::PathBuf;

use weir_core::{Artifact, ObjectKey};

use crate::StoreError;

/// Temporary files, renamed when complete; removed on start.
pub(crate) const TEMPORARY: &str = ".tmp";
/// Unpacked artifacts; removed on start.
pub(crate) const TREES: &str = ".trees";
/// Held by the one process that uses the root.
pub(crate) const LOCK: &str = ".lock";

/// `<kind lowercase>/<namespace>/<name>/<file>`, every part checked: it cannot leave the root or meet the store's own files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Location {
    folder: PathBuf,
    file: String,
}

impl Location {
    pub(crate) fn new(key: &ObjectKey, file: &str) -> Result<Self, StoreError> {
        Ok(Self { folder: folder(key)?, file: checked(file)?.into() })
    }

    /// Reads a path from a status or a request.
    pub(crate) fn parse(path: &str) -> Result<Self, StoreError> {
        let invalid = || StoreError::InvalidPath { path: path.into() };
        let parts = path.split('/').map(checked).collect::<Result<Vec<_>, _>>().map_err(|_| invalid())?;
        match parts[..] {
            [kind, namespace, name, file] => {
                Ok(Self { folder: [kind, namespace, name].iter().collect(), file: file.into() })
            }
            _ => Err(invalid()),
        }
    }

    pub(crate) fn of(artifact: &Artifact) -> Result<Self, StoreError> {
        Self::parse(&artifact.path)
    }

    /// The same folder, another file.
    pub(crate) fn sibling(&self, file: &str) -> Result<Self, StoreError> {
        Ok(Self { folder: self.folder.clone(), file: checked(file)?.into() })
    }

    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// Below the root.
    pub(crate) fn relative(&self) -> PathBuf {
        self.folder.join(&self.file)
    }

    /// As `status.artifact.path` shows it.
    pub(crate) fn path(&self) -> String {
        self.relative().display().to_string()
    }
}

/// `<kind lowercase>/<namespace>/<name>`.
pub(crate) fn folder(key: &ObjectKey) -> Result<PathBuf, StoreError> {
    Ok([checked(&key.kind.to_lowercase())?, checked(&key.namespace)?, checked(&key.name)?].iter().collect())
}

/// One part of a path: not empty, not hidden, no separator, nothing that a URL or a terminal would read differently.
fn checked(part: &str) -> Result<&str, StoreError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | ':');
    match !part.is_empty() && part.len() <= 255 && !part.starts_with('.') && part.chars().all(plain) {
        true => Ok(part),
        false => Err(StoreError::InvalidPath { path: part.into() }),
    }
}

/// `http://<advertised host>/<path>`, as Flux prints it.
pub(crate) fn url(advertised_host: &str, path: &str) -> String {
    format!("http://{advertised_host}/{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_as_flux_lays_them_out() {
        let key = ObjectKey::new("GitRepository", "flux-system", "podinfo");
        let location = Location::new(&key, "abc.tar.gz").unwrap();
        assert_eq!(location.path(), "gitrepository/flux-system/podinfo/abc.tar.gz");
        assert_eq!(Location::parse(&location.path()).unwrap(), location);
        assert_eq!(
            location.sibling("latest.tar.gz").unwrap().path(),
            "gitrepository/flux-system/podinfo/latest.tar.gz"
        );
        assert!(Location::parse("ocirepository/ns/app/sha256:0f.tar.gz").is_ok());
        assert!(Location::parse("helmchart/ns/app/app-6.1.0+abc.3.tgz").is_ok());
    }

    #[test]
    fn the_url_keeps_the_trailing_dot_of_the_host() {
        let host = "source-controller.flux-system.svc.cluster.local.";
        assert_eq!(url(host, "a/b/c/d"), "http://source-controller.flux-system.svc.cluster.local./a/b/c/d");
    }

    #[test]
    fn hostile_paths_are_refused() {
        let long = format!("a/b/c/{}", "d".repeat(256));
        for path in [
            "",
            "a",
            "a/b/c",
            "a/b/c/d/e",
            "/a/b/c/d",
            "a/../c/d",
            "../b/c/d",
            "a/b/c/..",
            "a/b/c/.hidden",
            ".tmp/b/c/d",
            "a//c/d",
            "a/b/c/",
            "a/b/c/d\\e",
            "a/b/c/d%2f",
            "a/b/c/d\0",
            "a/b/c/d\n",
            &long,
        ] {
            assert!(matches!(Location::parse(path), Err(StoreError::InvalidPath { .. })), "{path:?}");
        }
        assert!(Location::new(&ObjectKey::new("GitRepository", "..", "x"), "f").is_err());
        assert!(Location::new(&ObjectKey::new("GitRepository", "ns", "x/y"), "f").is_err());
    }
}

//! OCI image layout directories: several plugins in one, blobs named by their content.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use oci_client::manifest::{OCI_IMAGE_INDEX_MEDIA_TYPE, OCI_IMAGE_MEDIA_TYPE};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    digest::Digest,
    image::{Image, ImageError, MAX_MANIFEST_BYTES, parts},
};

/// Annotation of an index entry that names it.
pub const NAME_ANNOTATION: &str = "org.opencontainers.image.ref.name";
/// Bytes of an index.
pub const MAX_INDEX_BYTES: u64 = 4 << 20;

const MARKER: &str = "oci-layout";
const MARKER_CONTENT: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;
const INDEX: &str = "index.json";

/// An OCI image layout directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    directory: PathBuf,
}

/// Why a layout cannot be read or written.
#[derive(Debug, Error)]
pub enum LayoutError {
    /// The directory is no layout.
    #[error("not an OCI image layout: {}\nhint: `{MARKER}` and `{INDEX}` must be in it", .0.display())]
    NotALayout(PathBuf),
    /// A file cannot be read or written.
    #[error("{operation} `{}`", path.display())]
    Io {
        /// What was tried.
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The index is malformed.
    #[error("malformed index `{}`", path.display())]
    Index {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// A file is larger than what belongs there.
    #[error("`{}` is larger than {limit} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit.
        limit: u64,
    },
    /// No entry of that name.
    #[error("no plugin `{name}` in layout `{}`\nhint: it holds: {}", directory.display(), known.join(", "))]
    NotFound {
        /// What was looked for.
        name: String,
        /// Where.
        directory: PathBuf,
        /// What is there.
        known: Vec<String>,
    },
    /// A blob is not what its name says.
    #[error("corrupt blob in layout `{}`, want {expected}, found {found}", directory.display())]
    Corrupt {
        /// Where.
        directory: PathBuf,
        /// Digest in its name.
        expected: Digest,
        /// Digest of its content.
        found: Digest,
    },
    /// The image is no plugin.
    #[error("plugin `{name}` in layout `{}`", directory.display())]
    Image {
        /// Name or digest.
        name: String,
        /// Where.
        directory: PathBuf,
        /// Why.
        source: ImageError,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Index {
    schema_version: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    media_type: Option<String>,
    manifests: Vec<Entry>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    media_type: String,
    digest: Digest,
    size: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

impl Entry {
    fn name(&self) -> Option<&str> {
        self.annotations.get(NAME_ANNOTATION).map(String::as_str)
    }
}

impl Layout {
    /// Opens a layout that exists.
    ///
    /// # Errors
    /// When the directory is none.
    pub fn open(directory: impl Into<PathBuf>) -> Result<Self, LayoutError> {
        let directory = directory.into();
        match directory.join(MARKER).is_file() && directory.join(INDEX).is_file() {
            true => Ok(Self { directory }),
            false => Err(LayoutError::NotALayout(directory)),
        }
    }

    /// Opens a layout, and makes an empty one when there is none.
    ///
    /// # Errors
    /// When the directory cannot be written.
    pub fn create(directory: impl Into<PathBuf>) -> Result<Self, LayoutError> {
        let layout = Self { directory: directory.into() };
        let blobs = layout.blobs();
        fs::create_dir_all(&blobs).map_err(io_error("create", &blobs))?;
        if !layout.directory.join(INDEX).exists() {
            layout.write_index(&[])?;
        }
        layout.write_file(&layout.directory.join(MARKER), MARKER_CONTENT.as_bytes())?;
        Ok(layout)
    }

    /// Its directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Names and manifest digests of its plugins.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn entries(&self) -> Result<Vec<(String, Digest)>, LayoutError> {
        let named = |entry: &Entry| Some((entry.name()?.to_owned(), entry.digest.clone()));
        Ok(self.index()?.iter().filter_map(named).collect())
    }

    /// Adds a plugin, in place of the one with the same name. Blobs of the old one stay.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, name: &str, image: &Image) -> Result<Digest, LayoutError> {
        let digest = image.digest();
        for blob in [image.component(), image.config(), image.manifest()] {
            let path = self.blob(&Digest::of(blob));
            if !path.exists() {
                self.write_file(&path, blob)?;
            }
        }
        let mut entries = self.index()?;
        entries.retain(|entry| entry.name() != Some(name));
        entries.push(Entry {
            media_type: OCI_IMAGE_MEDIA_TYPE.into(),
            digest: digest.clone(),
            size: image.manifest().len() as u64,
            annotations: BTreeMap::from([(NAME_ANNOTATION.into(), name.into())]),
        });
        entries.sort_by(|a, b| a.name().cmp(&b.name()));
        self.write_index(&entries)?;
        Ok(digest)
    }

    /// The manifest digest of a plugin.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn digest(&self, name: &str) -> Result<Digest, LayoutError> {
        let entries = self.entries()?;
        match entries.iter().find(|(known, _)| known == name) {
            Some((_, digest)) => Ok(digest.clone()),
            None => Err(LayoutError::NotFound {
                name: name.into(),
                directory: self.directory.clone(),
                known: entries.into_iter().map(|(known, _)| known).collect(),
            }),
        }
    }

    /// Reads a plugin by name; every blob is verified.
    ///
    /// # Errors
    /// When it is not there, corrupt, or no plugin.
    pub fn read(&self, name: &str) -> Result<Image, LayoutError> {
        self.load(&self.digest(name)?, name)
    }

    /// Reads a plugin by the digest of its manifest, whatever its name; `None` when the layout does not have it.
    ///
    /// # Errors
    /// When it is corrupt, or no plugin.
    pub fn read_digest(&self, digest: &Digest) -> Result<Option<Image>, LayoutError> {
        match self.index()?.iter().any(|entry| entry.digest == *digest) {
            true => self.load(digest, digest.as_str()).map(Some),
            false => Ok(None),
        }
    }

    fn load(&self, digest: &Digest, name: &str) -> Result<Image, LayoutError> {
        let unusable = |source| LayoutError::Image { name: name.into(), directory: self.directory.clone(), source };
        let manifest = self.read_blob(digest, MAX_MANIFEST_BYTES as u64)?;
        let parts = parts(&manifest).map_err(unusable)?;
        let config = self.read_blob(&parts.config.digest, parts.config.size)?;
        let component = self.read_blob(&parts.component.digest, parts.component.size)?;
        Image::assemble(manifest, config, component).map_err(unusable)
    }

    fn read_blob(&self, expected: &Digest, limit: u64) -> Result<Vec<u8>, LayoutError> {
        let bytes = read_limited(&self.blob(expected), limit)?;
        let found = Digest::of(&bytes);
        match found == *expected {
            true => Ok(bytes),
            false => Err(LayoutError::Corrupt { directory: self.directory.clone(), expected: expected.clone(), found }),
        }
    }

    fn index(&self) -> Result<Vec<Entry>, LayoutError> {
        let path = self.directory.join(INDEX);
        let bytes = read_limited(&path, MAX_INDEX_BYTES)?;
        let index: Index = serde_json::from_slice(&bytes).map_err(|source| LayoutError::Index { path, source })?;
        Ok(index.manifests)
    }

    fn write_index(&self, entries: &[Entry]) -> Result<(), LayoutError> {
        let path = self.directory.join(INDEX);
        let media_type = Some(OCI_IMAGE_INDEX_MEDIA_TYPE.into());
        let index = Index { schema_version: 2, media_type, manifests: entries.to_vec() };
        let text = serde_json::to_vec(&index).map_err(|source| LayoutError::Index { path: path.clone(), source })?;
        self.write_file(&path, &text)
    }

    /// Readers see the old file or the new one, never a part.
    fn write_file(&self, path: &Path, bytes: &[u8]) -> Result<(), LayoutError> {
        let failed = io_error("write", path);
        let write = || -> io::Result<()> {
            let mut file = tempfile::Builder::new().prefix(".tmp-").tempfile_in(&self.directory)?;
            file.write_all(bytes)?;
            make_readable(file.as_file())?;
            file.persist(path).map_err(|error| error.error)?;
            Ok(())
        };
        write().map_err(failed)
    }

    fn blobs(&self) -> PathBuf {
        self.directory.join("blobs").join("sha256")
    }

    fn blob(&self, digest: &Digest) -> PathBuf {
        self.blobs().join(digest.hex())
    }
}

/// Temporary files are private; a layout in a container image is read by another user.
fn make_readable(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

fn read_limited(path: &Path, limit: u64) -> Result<Vec<u8>, LayoutError> {
    let mut bytes = Vec::new();
    let read = || fs::File::open(path)?.take(limit + 1).read_to_end(&mut bytes);
    let read: io::Result<usize> = { read }();
    let length = read.map_err(io_error("read", path))?;
    match length as u64 > limit {
        true => Err(LayoutError::TooLarge { path: path.into(), limit }),
        false => Ok(bytes),
    }
}

fn io_error(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> LayoutError + use<> {
    let path = path.to_owned();
    move |source| LayoutError::Io { operation, path, source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::tests::plugin;

    fn image(name: &str) -> Image {
        Image::pack(plugin(name)).unwrap()
    }

    #[test]
    fn several_plugins_share_a_layout() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::create(dir.path().join("plugins")).unwrap();
        assert_eq!(layout.entries().unwrap(), []);
        let (a, b) = (image("a"), image("b"));
        layout.write("b", &b).unwrap();
        layout.write("a", &b).unwrap();
        assert_eq!(layout.write("a", &a).unwrap(), a.digest());
        let again = Layout::create(layout.directory()).unwrap();
        assert_eq!(again.entries().unwrap(), [("a".into(), a.digest()), ("b".into(), b.digest())]);
        assert_eq!(again.read("a").unwrap(), a);
        assert_eq!(again.read_digest(&b.digest()).unwrap(), Some(b));
        assert_eq!(again.read_digest(&Digest::of(b"x")).unwrap(), None);
        let error = again.read("c").unwrap_err().to_string();
        assert!(error.contains("no plugin `c`") && error.contains("a, b"), "{error}");
    }

    #[test]
    fn changed_blobs_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::create(dir.path()).unwrap();
        let image = image("a");
        layout.write("a", &image).unwrap();
        let component = Digest::of(image.component());
        let mut bytes = image.component().to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(layout.blob(&component), &bytes).unwrap();
        assert!(matches!(layout.read("a"), Err(LayoutError::Corrupt { expected, .. }) if expected == component));
        bytes.push(0);
        fs::write(layout.blob(&component), &bytes).unwrap();
        assert!(matches!(layout.read("a"), Err(LayoutError::TooLarge { .. })));
        fs::remove_file(layout.blob(&component)).unwrap();
        assert!(matches!(layout.read("a"), Err(LayoutError::Io { .. })));
    }

    #[test]
    fn a_layout_has_a_marker_an_index_and_a_limit() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(Layout::open(dir.path()), Err(LayoutError::NotALayout(_))));
        let layout = Layout::create(dir.path()).unwrap();
        let huge = vec![b' '; usize::try_from(MAX_INDEX_BYTES).unwrap() + 1];
        fs::write(dir.path().join(INDEX), huge).unwrap();
        assert!(matches!(layout.entries(), Err(LayoutError::TooLarge { .. })));
        fs::write(dir.path().join(INDEX), "{}").unwrap();
        assert!(matches!(layout.entries(), Err(LayoutError::Index { .. })));
    }
}

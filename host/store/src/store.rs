//! The facade: one object that knows the root.

use std::{
    collections::BTreeSet,
    fs::{self, File, TryLockError},
    io::{self, Read},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use jiff::Timestamp;
use tempfile::TempDir;
use weir_core::{Artifact, ObjectKey};

use crate::{
    StoreError,
    error::Tried,
    gc::{self, Retention},
    layout::{self, LOCK, Location, TEMPORARY, TREES},
    limits::Limits,
    reader::{TREE_CACHE_BYTES, Tree, Trees, verify},
    verified::Verified,
    writer::{self, Sealed},
};

/// Where the store lies and how much it keeps.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// Created when absent; one process at a time.
    pub root: PathBuf,
    /// `host[:port]` in artifact URLs; Flux's `--storage-adv-addr`.
    pub advertised_host: String,
    /// When superseded artifacts go.
    pub retention: Retention,
    /// What one artifact may hold.
    pub limits: Limits,
    /// See [`TREE_CACHE_BYTES`].
    pub tree_cache_bytes: u64,
}

impl StoreConfig {
    /// Flux's retention and the default limits.
    pub fn new(root: impl Into<PathBuf>, advertised_host: impl Into<String>) -> Self {
        Self {
            root: root.into(),
            advertised_host: advertised_host.into(),
            retention: Retention::default(),
            limits: Limits::default(),
            tree_cache_bytes: TREE_CACHE_BYTES,
        }
    }
}

/// What [`Store::check`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Stored, and equal to its digest.
    Present,
    /// Not stored.
    Missing,
    /// Stored, but with other bytes than the digest says: discard it and build it again.
    Corrupt,
}

/// The artifact store. Cheap to clone; every method blocks on the disk.
#[derive(Clone, Debug)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: StoreConfig,
    trees: Trees,
    verified: Verified,
    /// Locked as long as it is open.
    _lock: File,
}

impl Store {
    /// Opens the root, and removes what an earlier process did not finish.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when another process (or another `Store`) uses the root; I/O errors.
    pub fn open(config: StoreConfig) -> Result<Self, StoreError> {
        fs::create_dir_all(&config.root).tried("create directory", &config.root)?;
        let lock = lock(&config.root)?;
        gc::fresh(&config.root.join(TEMPORARY))?;
        gc::fresh(&config.root.join(TREES))?;
        let trees = Trees::new(config.root.join(TREES), config.limits, config.tree_cache_bytes);
        Ok(Self(Arc::new(Inner { config, trees, verified: Verified::default(), _lock: lock })))
    }

    /// An empty directory on the store's disk for a tree that is about to be sealed; removed when dropped.
    ///
    /// # Errors
    /// I/O errors.
    pub fn scratch(&self) -> Result<TempDir, StoreError> {
        TempDir::new_in(self.temporary()).tried("create directory in", self.temporary())
    }

    /// Packs a directory as the artifact of `key`: the digest depends on names, contents and executable bits only.
    /// `executables` are relative paths that are executable although their mode does not say so. Links and specials are left out.
    ///
    /// # Errors
    /// [`StoreError::Limit`] when the directory holds more than allowed; nothing is stored then.
    pub fn seal(
        &self,
        key: &ObjectKey,
        file_name: &str,
        revision: &str,
        dir: &Path,
        executables: &BTreeSet<PathBuf>,
        now: Timestamp,
    ) -> Result<Artifact, StoreError> {
        let location = Location::new(key, file_name)?;
        let sealed = writer::seal(dir, executables, &self.temporary(), self.0.config.limits)?;
        self.publish(&location, sealed, revision, now)
    }

    /// Stores a file as it is: a chart, an index, an OCI layer with `operation: copy`.
    ///
    /// # Errors
    /// [`StoreError::Limit`] when it is longer than the total size allowed; nothing is stored then.
    pub fn put(
        &self,
        key: &ObjectKey,
        file_name: &str,
        revision: &str,
        content: impl Read,
        now: Timestamp,
    ) -> Result<Artifact, StoreError> {
        let location = Location::new(key, file_name)?;
        let sealed = writer::copy(content, &self.temporary(), self.0.config.limits)?;
        self.publish(&location, sealed, revision, now)
    }

    fn publish(
        &self,
        location: &Location,
        sealed: Sealed,
        revision: &str,
        now: Timestamp,
    ) -> Result<Artifact, StoreError> {
        let artifact = Artifact {
            digest: sealed.digest.clone(),
            path: location.path(),
            url: self.url_for(&location.path()),
            revision: revision.into(),
            last_update_time: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            size: i64::try_from(sealed.size).ok(),
            ..Artifact::default()
        };
        sealed.publish(&self.absolute(location))?;
        Ok(artifact)
    }

    /// Lets an alias such as `latest.tar.gz` in the same folder point to the artifact, and returns the alias' URL.
    ///
    /// # Errors
    /// When the artifact's path or the alias is invalid; I/O errors.
    pub fn link(&self, artifact: &Artifact, alias: &str) -> Result<String, StoreError> {
        let location = Location::of(artifact)?;
        let alias = location.sibling(alias)?;
        let dir = tempfile::TempDir::new_in(self.temporary()).tried("create directory in", self.temporary())?;
        let new = dir.path().join("link");
        symlink(location.file(), &new).tried("create link", &new)?;
        fs::rename(&new, self.absolute(&alias)).tried("rename link to", self.absolute(&alias))?;
        Ok(self.url_for(&alias.path()))
    }

    /// Compares the stored file with the digest, as Flux does in every reconcile of a source. A file that nobody touched
    /// since it was last compared is not read again.
    ///
    /// # Errors
    /// I/O errors, and a path that no artifact can have.
    pub fn check(&self, artifact: &Artifact) -> Result<Presence, StoreError> {
        let file = self.open_unverified(artifact).and_then(|file| {
            let found = file.metadata().tried("read metadata of", &artifact.path)?;
            match self.0.verified.holds(&artifact.path, &artifact.digest, &found) {
                true => Ok(file),
                false => self.verify(file, artifact),
            }
        });
        match file {
            Ok(_) => Ok(Presence::Present),
            Err(StoreError::Missing { .. }) => Ok(Presence::Missing),
            Err(StoreError::Corrupt { .. }) => Ok(Presence::Corrupt),
            Err(e) => Err(e),
        }
    }

    /// Opens the stored file after comparing it with the digest.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Corrupt`], I/O errors.
    pub fn open_file(&self, artifact: &Artifact) -> Result<File, StoreError> {
        self.verify(self.open_unverified(artifact)?, artifact)
    }

    fn open_unverified(&self, artifact: &Artifact) -> Result<File, StoreError> {
        let location = Location::of(artifact)?;
        match File::open(self.absolute(&location)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Err(StoreError::Missing { path: artifact.path.clone() }),
            file => file.tried("open artifact", &artifact.path),
        }
    }

    fn verify(&self, mut file: File, artifact: &Artifact) -> Result<File, StoreError> {
        let found = file.metadata().tried("read metadata of", &artifact.path)?;
        verify(&mut file, &artifact.path, &artifact.digest)?;
        self.0.verified.note(&artifact.path, &artifact.digest, &found);
        Ok(file)
    }

    /// Opens an artifact as an unpacked directory. Unpacked once per digest, whoever asks.
    ///
    /// # Errors
    /// As [`Store::open_file`]; [`StoreError::Escapes`] and [`StoreError::Limit`] for a hostile archive.
    pub fn open_tree(&self, artifact: &Artifact) -> Result<Tree, StoreError> {
        self.0.trees.open(&artifact.digest, || self.open_file(artifact))
    }

    /// Removes superseded files of an object, and returns their paths.
    ///
    /// # Errors
    /// I/O errors.
    pub fn collect(&self, key: &ObjectKey, keep: &Artifact, now: Timestamp) -> Result<Vec<String>, StoreError> {
        let folder = layout::folder(key)?;
        let current = Location::of(keep)?;
        let absolute = self.0.config.root.join(&folder);
        let stored = gc::stored(&absolute, SystemTime::from(now))?;
        let mut removed = vec![];
        for file in gc::garbage(stored, current.file(), self.0.config.retention) {
            gc::remove(&absolute.join(&file))?;
            let path = folder.join(file).display().to_string();
            self.0.verified.forget(&path);
            removed.push(path);
        }
        Ok(removed)
    }

    /// Removes everything stored for an object.
    ///
    /// # Errors
    /// I/O errors.
    pub fn remove(&self, key: &ObjectKey) -> Result<(), StoreError> {
        let folder = layout::folder(key)?;
        self.0.verified.forget(&folder.display().to_string());
        gc::remove(&self.0.config.root.join(folder))
    }

    /// Removes one artifact, for example one that [`Store::check`] found corrupt.
    ///
    /// # Errors
    /// I/O errors.
    pub fn discard(&self, artifact: &Artifact) -> Result<(), StoreError> {
        gc::remove(&self.absolute(&Location::of(artifact)?))
    }

    /// The URL of a path below the root.
    pub fn url_for(&self, path: &str) -> String {
        layout::url(&self.0.config.advertised_host, path)
    }

    pub(crate) fn absolute(&self, location: &Location) -> PathBuf {
        self.0.config.root.join(location.relative())
    }

    fn temporary(&self) -> PathBuf {
        self.0.config.root.join(TEMPORARY)
    }
}

fn lock(root: &Path) -> Result<File, StoreError> {
    let path = root.join(LOCK);
    let file = File::create(&path).tried("create lock", &path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked { root: root.into() }),
        Err(TryLockError::Error(e)) => Err(e).tried("lock", path),
    }
}

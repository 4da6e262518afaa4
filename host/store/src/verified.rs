//! Which files were compared with their digest already. Hashing a large artifact again at every interval of its source
//! finds nothing as long as nobody wrote to the file.

use std::{
    collections::HashMap,
    fs::Metadata,
    os::unix::fs::MetadataExt,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// What changes when a file does. Nobody can set the time of the last change, unlike that of the last write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    size: u64,
    /// Seconds and nanoseconds.
    changed: (i64, i64),
}

impl Stamp {
    fn of(file: &Metadata) -> Self {
        Self { inode: file.ino(), size: file.size(), changed: (file.ctime(), file.ctime_nsec()) }
    }
}

/// By path: the digest that a file was found to have, and what the file looked like then.
#[derive(Debug, Default)]
pub(crate) struct Verified(Mutex<HashMap<String, (String, Stamp)>>);

impl Verified {
    /// Whether the file was found to have this digest, and is as it was then.
    pub(crate) fn holds(&self, path: &str, digest: &str, file: &Metadata) -> bool {
        self.lock().get(path).is_some_and(|(known, stamp)| known == digest && *stamp == Stamp::of(file))
    }

    /// The file has this digest. `file` is what it looked like before it was read.
    pub(crate) fn note(&self, path: &str, digest: &str, file: &Metadata) {
        self.lock().insert(path.into(), (digest.into(), Stamp::of(file)));
    }

    /// Forgets a file, or every file of a folder.
    pub(crate) fn forget(&self, path: &str) {
        self.lock()
            .retain(|known, _| !known.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    }

    /// Nothing panics half way through a change of the map.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, (String, Stamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_trusted_while_nobody_touches_it() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a");
        std::fs::write(&file, "one").unwrap();
        let look = || std::fs::metadata(&file).unwrap();
        let verified = Verified::default();
        assert!(!verified.holds("git/ns/a", "sha256:1", &look()));
        verified.note("git/ns/a", "sha256:1", &look());
        assert!(verified.holds("git/ns/a", "sha256:1", &look()));
        assert!(!verified.holds("git/ns/a", "sha256:2", &look()));
        verified.forget("git/n");
        assert!(verified.holds("git/ns/a", "sha256:1", &look()));
        std::fs::write(&file, "three").unwrap();
        assert!(!verified.holds("git/ns/a", "sha256:1", &look()));
        verified.note("git/ns/a", "sha256:1", &look());
        verified.forget("git/ns");
        assert!(!verified.holds("git/ns/a", "sha256:1", &look()));
    }
}

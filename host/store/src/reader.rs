//! Opens artifacts as unpacked directories: unpacked once per digest, shared, and kept until the cache is full.

use std::{
    collections::HashMap,
    fs::File,
    io::Seek,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tempfile::TempDir;

use crate::{StoreError, digest, error::Tried, limits::Limits, unpack::unpack};

/// Bytes of unpacked artifacts that are kept for the next reader; those in use do not count as spare and may exceed it.
pub const TREE_CACHE_BYTES: u64 = 2 << 30;

/// An unpacked artifact. The directory stays as it is at least until this is dropped; nobody may write to it.
#[derive(Clone, Debug)]
pub struct Tree(Arc<Unpacked>);

impl Tree {
    /// The directory.
    pub fn path(&self) -> &Path {
        self.0.dir.path()
    }
}

#[derive(Debug)]
struct Unpacked {
    dir: TempDir,
    bytes: u64,
}

/// One digest; the lock is held while it is unpacked, so that a second reader waits instead of unpacking again.
type Slot = Arc<Mutex<Option<Arc<Unpacked>>>>;

#[derive(Debug, Default)]
struct State {
    slots: HashMap<String, (Slot, u64)>,
    clock: u64,
}

#[derive(Debug)]
pub(crate) struct Trees {
    dir: PathBuf,
    limits: Limits,
    max_bytes: u64,
    state: Mutex<State>,
}

impl Trees {
    pub(crate) fn new(dir: PathBuf, limits: Limits, max_bytes: u64) -> Self {
        Self { dir, limits, max_bytes, state: Mutex::default() }
    }

    /// The tree of a digest; `open` is called when it has to be unpacked, and has verified the digest.
    pub(crate) fn open(
        &self,
        digest: &str,
        open: impl FnOnce() -> Result<File, StoreError>,
    ) -> Result<Tree, StoreError> {
        let slot = self.slot(digest);
        let opened = self.shared(&slot, open);
        drop(slot);
        drop(self.evict());
        opened.map(Tree)
    }

    fn shared(
        &self,
        slot: &Slot,
        open: impl FnOnce() -> Result<File, StoreError>,
    ) -> Result<Arc<Unpacked>, StoreError> {
        let mut guard = lock(slot);
        if let Some(unpacked) = guard.as_ref() {
            return Ok(unpacked.clone());
        }
        Ok(guard.insert(Arc::new(self.unpack(open()?)?)).clone())
    }

    fn slot(&self, digest: &str) -> Slot {
        let mut state = lock(&self.state);
        state.clock += 1;
        let clock = state.clock;
        let (slot, used) = state.slots.entry(digest.into()).or_default();
        *used = clock;
        slot.clone()
    }

    fn unpack(&self, file: File) -> Result<Unpacked, StoreError> {
        let dir = TempDir::new_in(&self.dir).tried("create directory in", &self.dir)?;
        let bytes = unpack(file, dir.path(), self.limits)?;
        Ok(Unpacked { dir, bytes })
    }

    /// Takes the trees that were not used for longest out of the cache until it fits; the caller drops (deletes) them without the lock.
    fn evict(&self) -> Vec<Slot> {
        let mut state = lock(&self.state);
        let mut spare: Vec<(u64, u64, String)> = state
            .slots
            .iter()
            .filter_map(|(digest, (slot, used))| Some((*used, unused_bytes(slot)?, digest.clone())))
            .collect();
        spare.sort();
        let mut total: u64 = spare.iter().map(|(_, bytes, _)| bytes).sum();
        let mut evicted = vec![];
        for (_, bytes, digest) in spare {
            // Without bytes there is nothing to keep: an empty tree, or one that could not be unpacked.
            if total > self.max_bytes || bytes == 0 {
                total -= bytes;
                evicted.extend(state.slots.remove(&digest).map(|(slot, _)| slot));
            }
        }
        evicted
    }
}

/// The size of a tree that nobody reads; `None` when it is in use or being unpacked.
fn unused_bytes(slot: &Slot) -> Option<u64> {
    if Arc::strong_count(slot) > 1 {
        return None;
    }
    match lock(slot).as_ref() {
        Some(unpacked) => (Arc::strong_count(unpacked) == 1).then_some(unpacked.bytes),
        None => Some(0),
    }
}

/// A panic while unpacking leaves an empty slot, which is a valid state.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Compares a file with a digest and rewinds it.
pub(crate) fn verify(file: &mut File, path: &str, expected: &str) -> Result<(), StoreError> {
    let actual = digest::of(&*file).tried("read artifact", path)?;
    if actual != expected {
        return Err(StoreError::Corrupt { path: path.into(), expected: expected.into(), actual });
    }
    file.rewind().tried("rewind artifact", path)
}

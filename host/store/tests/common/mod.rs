//! Shared by the tests of the store.
#![allow(dead_code, reason = "every test file uses its own part")]

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt, path::Path};

use tempfile::TempDir;
use weir_core::{Artifact, ObjectKey};
use weir_store::{Store, StoreConfig, StoreError};

pub(crate) struct Fixture {
    pub(crate) root: TempDir,
    pub(crate) tree: TempDir,
    pub(crate) store: Store,
}

pub(crate) fn fixture(change: impl FnOnce(&mut StoreConfig)) -> Fixture {
    let root = TempDir::new().unwrap();
    let mut config = StoreConfig::new(root.path(), "localhost:9090");
    change(&mut config);
    let store = Store::open(config).unwrap();
    Fixture { root, tree: TempDir::new().unwrap(), store }
}

pub(crate) fn key() -> ObjectKey {
    ObjectKey::new("GitRepository", "flux-system", "podinfo")
}

pub(crate) fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

pub(crate) fn write(dir: &Path, file: &str, content: &str) {
    let path = dir.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

pub(crate) fn mode(path: impl AsRef<Path>, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

impl Fixture {
    pub(crate) fn seal(&self) -> Result<Artifact, StoreError> {
        self.store.seal(&key(), "abc.tar.gz", "main@sha1:abc", self.tree.path(), &BTreeSet::new(), now())
    }

    pub(crate) fn put(&self, file: &str, content: &[u8]) -> Artifact {
        self.store.put(&key(), file, "r1", content, now()).unwrap()
    }
}

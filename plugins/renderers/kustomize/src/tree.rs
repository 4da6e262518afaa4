use std::cell::RefCell;

use weir_kustomize::FileSystem;
use weir_sdk::{Class, EntryKind, Error, Result, WholeTree};

/// The host's tree as the engine reads it. The first failure of the host is kept, because the engine only knows files
/// that are there and files that are not.
pub(crate) struct HostTree {
    tree: WholeTree,
    failure: RefCell<Option<Error>>,
}

impl HostTree {
    pub(crate) fn new(tree: WholeTree) -> HostTree {
        HostTree { tree, failure: RefCell::default() }
    }

    /// The host's failure, if there was one.
    pub(crate) fn check(&self) -> Result<()> {
        self.failure.borrow_mut().take().map_or(Ok(()), Err)
    }

    fn keep<T>(&self, result: Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) if error.class() == Class::NotFound => None,
            Err(error) => {
                self.failure.borrow_mut().get_or_insert(error);
                None
            }
        }
    }
}

impl FileSystem for HostTree {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        match self.keep(self.tree.kind(path))?? {
            EntryKind::Directory => None,
            EntryKind::File | EntryKind::Symlink => self.keep(self.tree.read(path)).map(|content| content.to_vec()),
        }
    }

    fn is_dir(&self, path: &str) -> bool {
        self.keep(self.tree.kind(path)).flatten() == Some(EntryKind::Directory)
    }

    fn list(&self, path: &str) -> Vec<String> {
        let children = self.keep(self.tree.children(path)).unwrap_or_default();
        children.into_iter().map(|entry| entry.path.rsplit('/').next().unwrap_or_default().to_owned()).collect()
    }
}

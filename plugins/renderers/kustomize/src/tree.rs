use std::cell::RefCell;
use std::rc::Rc;

use weir_kustomize::{FileSystem, resolve_links};
use weir_sdk::{Class, EntryKind, Error, Result, Tree, WholeTree};

/// The host's tree as the engine reads it. The first failure of the host is kept, because the engine only knows files
/// that are there and files that are not.
pub(crate) struct HostTree {
    tree: Tree,
    whole: Rc<WholeTree>,
    /// Directories beside the tree, by their path: answers of the host.
    mounts: RefCell<Vec<(String, Rc<WholeTree>)>>,
    failure: RefCell<Option<Error>>,
}

impl HostTree {
    pub(crate) fn new(tree: Tree) -> HostTree {
        let whole = Rc::new(tree.whole());
        HostTree { tree, whole, mounts: RefCell::default(), failure: RefCell::default() }
    }

    /// Adds a directory that the host keeps beside the tree.
    pub(crate) fn mount(&self, directory: &str) {
        let mut mounts = self.mounts.borrow_mut();
        if !mounts.iter().any(|(known, _)| known == directory) {
            mounts.push((directory.to_owned(), Rc::new(self.tree.whole_below(directory))));
        }
    }

    /// The tree that a path belongs to.
    fn of(&self, path: &str) -> Rc<WholeTree> {
        let within =
            |directory: &str| path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let mounts = self.mounts.borrow();
        let mounted = mounts.iter().find(|(directory, _)| within(directory));
        mounted.map_or_else(|| Rc::clone(&self.whole), |(_, whole)| Rc::clone(whole))
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
        let tree = self.of(path);
        match self.keep(tree.kind(path))?? {
            EntryKind::Directory => None,
            EntryKind::File | EntryKind::Symlink => self.keep(tree.take(path)),
        }
    }

    fn is_dir(&self, path: &str) -> bool {
        self.keep(self.of(path).kind(path)).flatten() == Some(EntryKind::Directory)
    }

    fn list(&self, path: &str) -> Vec<String> {
        let children = self.keep(self.of(path).children(path)).unwrap_or_default();
        children.into_iter().map(|entry| entry.path.rsplit('/').next().unwrap_or_default().to_owned()).collect()
    }

    fn resolve(&self, path: &str) -> Option<String> {
        // Nearly no tree has links; a link cannot lead into another tree.
        if self.of(path).has_links().is_ok_and(|has_links| !has_links) {
            return Some(path.to_owned());
        }
        resolve_links(path, |path| {
            let is_link = self.keep(self.of(path).kind(path)).flatten() == Some(EntryKind::Symlink);
            // Where it cannot be told, the host still follows a link to a file.
            if is_link { self.tree.link(path) } else { None }
        })
    }
}

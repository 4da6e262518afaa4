//! Reads what a kustomization names, inside of the tree only.

use std::cell::Cell;

use crate::error::{Error, Result};
use crate::fs::FileSystem;
use crate::limits::{MAX_BASE_DEPTH, MAX_FILE_BYTES, MAX_TOTAL_BYTES};
use crate::options::BuildOptions;
use crate::path;

/// What all directories of a build share.
pub(crate) struct Tree<'a> {
    pub(crate) fs: &'a dyn FileSystem,
    pub(crate) options: &'a BuildOptions<'a>,
    bytes_read: Cell<usize>,
}

/// One directory of a build and those that led to it.
#[derive(Clone)]
pub(crate) struct Loader<'a> {
    pub(crate) tree: &'a Tree<'a>,
    pub(crate) dir: String,
    visited: Vec<String>,
}

impl<'a> Tree<'a> {
    pub(crate) fn new(fs: &'a dyn FileSystem, options: &'a BuildOptions<'a>) -> Tree<'a> {
        Tree { fs, options, bytes_read: Cell::new(0) }
    }

    fn display(&self, path: &str) -> String {
        if path.starts_with('/') {
            return path.to_owned();
        }
        let root = &self.options.display_root;
        if path.is_empty() && !root.is_empty() { root.clone() } else { format!("{root}/{path}") }
    }

    fn read(&self, path: &str) -> Result<Vec<u8>> {
        let Some(bytes) = self.fs.read(path) else {
            let shown = self.display(path);
            return Err(Error::refused(match self.fs.is_dir(path) {
                true => format!("read {shown}: is a directory"),
                false => format!("open {shown}: no such file or directory"),
            }));
        };
        let total = self.bytes_read.get() + bytes.len();
        self.bytes_read.set(total);
        if bytes.len() > MAX_FILE_BYTES {
            return Err(Error::refused(format!("{} is larger than {MAX_FILE_BYTES} bytes", self.display(path))));
        }
        if total > MAX_TOTAL_BYTES {
            return Err(Error::refused(format!("the build reads more than {MAX_TOTAL_BYTES} bytes")));
        }
        Ok(bytes)
    }
}

fn is_http(path: &str) -> bool {
    path.starts_with("http://") || path.starts_with("https://")
}

/// Whether kustomize would clone this (or fetch it) instead of looking into the tree.
pub(crate) fn is_remote(path: &str) -> bool {
    let hosts = ["git::", "git@", "github.com/", "github.com:", "gh:", "org-"];
    path.contains("://") || hosts.iter().any(|host| path.starts_with(host)) && path.contains([':', '/'])
}

impl<'a> Loader<'a> {
    pub(crate) fn new(tree: &'a Tree<'a>, dir: &str) -> Loader<'a> {
        Loader { tree, dir: dir.to_owned(), visited: vec![dir.to_owned()] }
    }

    /// The directory as messages show it.
    pub(crate) fn display(&self) -> String {
        self.tree.display(&self.dir)
    }

    /// The content of a file named relative to this directory.
    pub(crate) fn load(&self, name: &str) -> Result<Vec<u8>> {
        if is_http(name) {
            return self.remote_file(name);
        }
        if name.starts_with('/') {
            return Err(Error::refused(format!("open {name}: no such file or directory")));
        }
        match path::join(&self.dir, name) {
            Some(path) => self.tree.read(&path),
            None => Err(self.outside(name)),
        }
    }

    fn outside(&self, name: &str) -> Error {
        let shown = self.tree.display(&path::clean(&self.dir, name));
        Error::refused(format!("security; file '{shown}' is not in or below '{}'", self.tree.display("")))
    }

    /// As [`Loader::load`], as text.
    pub(crate) fn load_text(&self, name: &str) -> Result<String> {
        self.load(name).and_then(crate::read::text)
    }

    fn remote_file(&self, url: &str) -> Result<Vec<u8>> {
        let Some(remote) = self.tree.options.remote else {
            return Err(Error::refused(format!("remote resources are not available: '{url}'")));
        };
        remote.file(url).map_err(Error::Refused)
    }

    /// The loader of a directory named relative to this one.
    pub(crate) fn descend(&self, name: &str) -> Result<Loader<'a>> {
        if name.is_empty() {
            return Err(Error::refused("new root cannot be empty"));
        }
        let dir = if is_remote(name) { self.remote_base(name)? } else { self.local_base(name)? };
        if let Some(visited) = self.visited.iter().rev().find(|visited| path::is_within(visited, &dir)) {
            return Err(Error::refused(format!(
                "cycle detected: candidate root '{}' contains visited root '{}'",
                self.tree.display(&dir),
                self.tree.display(visited)
            )));
        }
        if self.visited.len() > MAX_BASE_DEPTH {
            return Err(Error::refused(format!("bases are nested deeper than {MAX_BASE_DEPTH} levels")));
        }
        let mut visited = self.visited.clone();
        visited.push(dir.clone());
        Ok(Loader { tree: self.tree, dir, visited })
    }

    fn remote_base(&self, url: &str) -> Result<String> {
        let Some(remote) = self.tree.options.remote else {
            return Err(Error::refused(format!("remote bases are not available: '{url}'")));
        };
        remote.base(url).map_err(Error::Refused)
    }

    fn local_base(&self, name: &str) -> Result<String> {
        if name.starts_with('/') {
            return Err(Error::refused(format!("new root '{name}' cannot be absolute")));
        }
        let ambiguous = |part: &str| part.contains("..") && part != "..";
        if name.split('/').any(ambiguous) {
            return Err(Error::refused(format!(
                "path {name:?} is ambiguous: resolves to {:?} after normalization, which is likely not the intended \
                 target; check for YAML indentation errors in your kustomization file",
                path::clean("", name)
            )));
        }
        let Some(dir) = path::join(&self.dir, name) else { return Err(self.outside(name)) };
        if self.tree.fs.is_dir(&dir) {
            return Ok(dir);
        }
        let shown = self.tree.display(&dir);
        Err(Error::refused(match self.tree.fs.read(&dir) {
            Some(_) => format!("must build at directory: '{shown}': file is not directory"),
            None => format!(
                "must build at directory: not a valid directory: evalsymlink failure on '{shown}' : \
                 lstat {shown}: no such file or directory"
            ),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::MemoryFs;

    fn check(action: impl Fn(&Loader<'_>) -> Result<()>, expected: &str) {
        let fs: MemoryFs = [("a/b/f", "x"), ("a/big", "")].into_iter().collect();
        let options = BuildOptions { display_root: "/root".into(), ..BuildOptions::default() };
        let tree = Tree::new(&fs, &options);
        let outcome = action(&Loader::new(&tree, "a/b"));
        assert_eq!(outcome.err().map(|error| error.chain()).unwrap_or_default(), expected);
    }

    #[test]
    fn files_come_from_the_tree_only() {
        let load = |name: &'static str| move |loader: &Loader<'_>| loader.load(name).map(drop);
        check(load("f"), "");
        check(load("../b/f"), "");
        check(load("nope"), "open /root/a/b/nope: no such file or directory");
        check(load("../b"), "read /root/a/b: is a directory");
        check(load("../../../etc/passwd"), "security; file '/root/../etc/passwd' is not in or below '/root'");
        check(load("/etc/passwd"), "open /etc/passwd: no such file or directory");
        check(load("https://x/y"), "remote resources are not available: 'https://x/y'");
    }

    #[test]
    fn directories_are_checked() {
        let descend = |name: &'static str| move |loader: &Loader<'_>| loader.descend(name).map(drop);
        check(descend(".."), "cycle detected: candidate root '/root/a' contains visited root '/root/a/b'");
        check(descend("f"), "must build at directory: '/root/a/b/f': file is not directory");
        check(descend("/x"), "new root '/x' cannot be absolute");
        check(descend("github.com/a/b"), "remote bases are not available: 'github.com/a/b'");
    }

    #[test]
    fn depth_is_bounded() {
        let deep: String = (0..=MAX_BASE_DEPTH + 1).map(|level| format!("{level}/")).collect();
        let fs: MemoryFs = [(format!("{deep}f"), "")].into_iter().collect();
        let options = BuildOptions::default();
        let tree = Tree::new(&fs, &options);
        let mut loader = Ok(Loader::new(&tree, "0"));
        for level in 1..=MAX_BASE_DEPTH + 1 {
            loader = loader.and_then(|loader| loader.descend(&level.to_string()));
        }
        assert!(loader.err().unwrap().chain().contains("nested deeper"));
    }

    #[test]
    fn sizes_are_bounded() {
        let fs: MemoryFs = [("big", vec![b' '; MAX_FILE_BYTES + 1])].into_iter().collect();
        let options = BuildOptions::default();
        let tree = Tree::new(&fs, &options);
        assert!(Loader::new(&tree, "").load("big").unwrap_err().chain().contains("is larger than"));
        tree.bytes_read.set(MAX_TOTAL_BYTES);
        let fs: MemoryFs = [("small", "x")].into_iter().collect();
        let tree = Tree { fs: &fs, options: &options, bytes_read: Cell::new(MAX_TOTAL_BYTES) };
        assert!(Loader::new(&tree, "").load("small").unwrap_err().chain().contains("reads more than"));
    }
}

//! Reads what a kustomization names: inside of the tree, and what the caller gets from outside of it.

use std::cell::{Cell, RefCell};

use crate::error::{Error, Result};
use crate::fs::FileSystem;
use crate::limits::{MAX_BASE_DEPTH, MAX_FILE_BYTES, MAX_TOTAL_BYTES};
use crate::options::{BuildOptions, LoadRestrictions};
use crate::outside::{Outside, Unavailable};
use crate::path;
use crate::repo::RepoSpec;

/// What all directories of a build share.
pub(crate) struct Tree<'a> {
    pub(crate) fs: &'a dyn FileSystem,
    pub(crate) options: &'a BuildOptions<'a>,
    bytes_read: Cell<usize>,
    /// How often something from outside was not there yet but may be in the next build. Any makes this build a search for what
    /// else it needs.
    waits: Cell<usize>,
    /// Directories that hold repositories, and how messages call them.
    repositories: RefCell<Vec<(String, String)>>,
}

/// One directory of a build and those that led to it.
#[derive(Clone)]
pub(crate) struct Loader<'a> {
    pub(crate) tree: &'a Tree<'a>,
    pub(crate) dir: String,
    visited: Vec<String>,
    /// What nothing may leave: the tree, or the repository that this directory is in.
    root: String,
    /// The repositories that led here, as they were written.
    origins: Vec<String>,
}

impl<'a> Tree<'a> {
    pub(crate) fn new(fs: &'a dyn FileSystem, options: &'a BuildOptions<'a>) -> Tree<'a> {
        Tree { fs, options, bytes_read: Cell::new(0), waits: Cell::new(0), repositories: RefCell::default() }
    }

    /// Keeps in mind that another build may get what this one did not.
    pub(crate) fn note(&self, none: &Unavailable) {
        if *none == Unavailable::Later {
            self.waits.set(self.waits.get() + 1);
        }
    }

    /// How often something may be there in the next build; more than before means that what was just tried has to wait.
    pub(crate) fn waits(&self) -> usize {
        self.waits.get()
    }

    fn display(&self, path: &str) -> String {
        if path.starts_with('/') {
            return path.to_owned();
        }
        let repositories = self.repositories.borrow();
        if let Some((directory, shown)) = repositories.iter().find(|(directory, _)| path::is_within(path, directory)) {
            return format!("{shown}{}", &path[directory.len()..]);
        }
        let root = &self.options.display_root;
        if path.is_empty() && !root.is_empty() { root.clone() } else { format!("{root}/{path}") }
    }

    /// What Go says when it follows a path on which something is missing: the first part of it that does not exist.
    fn missing(&self, path: &str) -> String {
        let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
        let first = ends.map(|end| &path[..end]).find(|part| !self.fs.is_dir(part)).unwrap_or(path);
        match self.fs.read(first) {
            Some(_) => "not a directory".to_owned(),
            None => format!("lstat {}: no such file or directory", self.display(first)),
        }
    }

    fn count(&self, bytes: usize, shown: impl Fn() -> String) -> Result<()> {
        let total = self.bytes_read.get() + bytes;
        self.bytes_read.set(total);
        if bytes > MAX_FILE_BYTES {
            return Err(Error::refused(format!("{} is larger than {MAX_FILE_BYTES} bytes", shown())));
        }
        if total > MAX_TOTAL_BYTES {
            return Err(Error::refused(format!("the build reads more than {MAX_TOTAL_BYTES} bytes")));
        }
        Ok(())
    }
}

/// Whether a name is fetched instead of looked up in the tree.
pub(crate) fn is_http(path: &str) -> bool {
    path.starts_with("http://") || path.starts_with("https://")
}

impl<'a> Loader<'a> {
    pub(crate) fn new(tree: &'a Tree<'a>, dir: &str) -> Loader<'a> {
        Loader { tree, dir: dir.to_owned(), visited: vec![dir.to_owned()], root: String::new(), origins: Vec::new() }
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
        self.find(name).unwrap_or_else(|| Err(self.unreadable(name)))
    }

    /// As [`Loader::load`] for a file of the tree; `None` when there is none that may be named here.
    pub(crate) fn find(&self, name: &str) -> Option<Result<Vec<u8>>> {
        let path = self.resolve(name).filter(|path| self.may_load(path))?;
        let bytes = self.tree.fs.read(&path)?;
        Some(self.tree.count(bytes.len(), || self.tree.display(&path)).map(|()| bytes))
    }

    /// Where a link leads decides, not where it stands. `None` outside of the tree.
    fn resolve(&self, name: &str) -> Option<String> {
        let relative = Some(name).filter(|name| !name.starts_with('/'))?;
        path::join(&self.dir, relative).and_then(|path| self.tree.fs.resolve(&path))
    }

    /// Why a file cannot be had: only what exists is looked at for where it is.
    fn unreadable(&self, name: &str) -> Error {
        let shown = self.shown(name);
        let path = self.resolve(name);
        let is_dir = path.as_deref().is_some_and(|path| self.tree.fs.is_dir(path));
        let exists = path.as_deref().is_some_and(|path| self.tree.fs.read(path).is_some());
        Error::refused(match path {
            None if name.starts_with('/') => format!("open {name}: no such file or directory"),
            Some(_) if is_dir && self.is_restricted() => format!("'{shown}' must resolve to a file"),
            Some(_) if is_dir => format!("read {shown}: is a directory"),
            Some(path) if !exists && self.is_restricted() => {
                format!("evalsymlink failure on '{shown}' : {}", self.tree.missing(&path))
            }
            Some(_) if !exists => format!("open {shown}: no such file or directory"),
            _ => return self.forbidden(name),
        })
    }

    /// How messages name a file or directory that is named here.
    fn shown(&self, name: &str) -> String {
        self.tree.display(&path::clean(&self.dir, name))
    }

    /// Whether a name is that of a directory in the tree.
    pub(crate) fn is_directory(&self, name: &str) -> bool {
        let path = path::join(&self.dir, name).filter(|_| !is_http(name) && !name.starts_with('/'));
        path.and_then(|path| self.tree.fs.resolve(&path)).is_some_and(|path| self.tree.fs.is_dir(&path))
    }

    /// Whether files at a path may be named here.
    pub(crate) fn may_load(&self, path: &str) -> bool {
        path::is_within(path, self.allowed())
    }

    fn allowed(&self) -> &str {
        if self.is_restricted() { &self.dir } else { &self.root }
    }

    /// Repositories never reach beyond the directory of each kustomization.
    fn is_restricted(&self) -> bool {
        self.tree.options.restrictions == LoadRestrictions::RootOnly || !self.root.is_empty()
    }

    /// Why a file that exists may not be named here.
    pub(crate) fn forbidden(&self, name: &str) -> Error {
        self.outside(name, self.allowed())
    }

    fn outside(&self, name: &str, allowed: &str) -> Error {
        let (shown, allowed) = (self.shown(name), self.tree.display(allowed));
        Error::refused(format!("security; file '{shown}' is not in or below '{allowed}'"))
    }

    /// As [`Loader::load`], as text.
    pub(crate) fn load_text(&self, name: &str) -> Result<String> {
        self.load(name).and_then(crate::read::text)
    }

    fn remote_file(&self, url: &str) -> Result<Vec<u8>> {
        let Some(outside) = self.tree.options.outside else {
            return Err(Error::refused(format!("remote resources are not available: '{url}'")));
        };
        let content = outside.file(url).map_err(|none| {
            self.tree.note(&none);
            match none {
                Unavailable::Status(_) if RepoSpec::parse(url).is_some() => Error::refused("URL is a git repository"),
                none => Error::refused(none.message()),
            }
        })?;
        self.tree.count(content.len(), || url.to_owned())?;
        Ok(content)
    }

    /// What only the outside has.
    pub(crate) fn fetch<T>(&self, what: impl FnOnce(&dyn Outside) -> std::result::Result<T, Unavailable>) -> Result<T> {
        let Some(outside) = self.tree.options.outside else {
            return Err(Error::refused("nothing is fetched here"));
        };
        what(outside).map_err(|none| {
            self.tree.note(&none);
            Error::refused(none.message())
        })
    }

    /// The loader of a directory named relative to this one, or of a directory in a repository.
    pub(crate) fn descend(&self, name: &str) -> Result<Loader<'a>> {
        if name.is_empty() {
            return Err(Error::refused("new root cannot be empty"));
        }
        let mut next = match RepoSpec::parse(name) {
            Some(repository) => self.remote_base(&repository)?,
            None => Loader { dir: self.local_base(name)?, ..self.clone() },
        };
        let dir = next.dir.clone();
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
        next.visited.push(dir);
        Ok(next)
    }

    fn remote_base(&self, spec: &RepoSpec) -> Result<Loader<'a>> {
        if let Some(origin) = self.origins.iter().rev().find(|origin| origin.starts_with(&spec.raw)) {
            return Err(Error::refused(format!(
                "cycle detected: URI '{}' referenced by previous URI '{origin}'",
                spec.raw
            )));
        }
        let Some(outside) = self.tree.options.outside else {
            return Err(Error::refused(format!("remote bases are not available: '{}'", spec.raw)));
        };
        let root = outside.repository(spec).map_err(|none| {
            self.tree.note(&none);
            Error::refused(none.message())
        })?;
        self.tree.repositories.borrow_mut().push((root.clone(), spec.repository.clone()));
        let dir = path::join(&root, &spec.directory).and_then(|dir| self.tree.fs.resolve(&dir));
        let dir = dir.filter(|dir| path::is_within(dir, &root));
        let dir = dir.filter(|dir| self.tree.fs.is_dir(dir)).ok_or_else(|| {
            Error::refused(format!("'{}' is no directory of the repository '{}'", spec.directory, spec.repository))
        })?;
        let mut next = Loader { dir, root, ..self.clone() };
        next.origins.push(spec.raw.clone());
        Ok(next)
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
        let joined = path::join(&self.dir, name).and_then(|dir| self.tree.fs.resolve(&dir));
        let Some(dir) = joined.filter(|dir| path::is_within(dir, &self.root)) else {
            return Err(match self.root.as_str() {
                "" => self.outside(name, ""),
                root => self.outside_of_repository(name, root),
            });
        };
        if self.tree.fs.is_dir(&dir) {
            return Ok(dir);
        }
        let shown = self.shown(name);
        Err(Error::refused(match self.tree.fs.read(&dir) {
            Some(_) => format!("must build at directory: '{shown}': file is not directory"),
            None => format!(
                "must build at directory: not a valid directory: evalsymlink failure on '{shown}' : {}",
                self.tree.missing(&dir)
            ),
        }))
    }
}

impl Loader<'_> {
    fn outside_of_repository(&self, name: &str, root: &str) -> Error {
        Error::refused(format!(
            "security; bases in kustomizations found in cloned git repos must be within the repo, but base '{}' is outside '{}'",
            self.shown(name),
            self.tree.display(root)
        ))
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

    fn missing(name: &str, part: &str) -> String {
        format!("evalsymlink failure on '/root/a/b/{name}' : lstat /root/a/b/{part}: no such file or directory")
    }

    #[test]
    fn files_come_from_the_tree_only() {
        let load = |name: &'static str| move |loader: &Loader<'_>| loader.load(name).map(drop);
        check(load("f"), "");
        check(load("../b/f"), "");
        check(load("nope"), &missing("nope", "nope"));
        check(load("no/where"), &missing("no/where", "no"));
        check(load("../no"), "evalsymlink failure on '/root/a/no' : lstat /root/a/no: no such file or directory");
        check(load("f/below"), "evalsymlink failure on '/root/a/b/f/below' : not a directory");
        check(load("../b"), "'/root/a/b' must resolve to a file");
        check(load("../big"), "security; file '/root/a/big' is not in or below '/root/a/b'");
        check(load("../../../etc/passwd"), "security; file '/root/../etc/passwd' is not in or below '/root/a/b'");
        check(load("/etc/passwd"), "open /etc/passwd: no such file or directory");
        check(load("https://x/y"), "remote resources are not available: 'https://x/y'");
    }

    #[test]
    fn directories_are_checked() {
        let descend = |name: &'static str| move |loader: &Loader<'_>| loader.descend(name).map(drop);
        check(descend(".."), "cycle detected: candidate root '/root/a' contains visited root '/root/a/b'");
        check(descend("f"), "must build at directory: '/root/a/b/f': file is not directory");
        check(
            descend("no/where"),
            &format!("must build at directory: not a valid directory: {}", missing("no/where", "no")),
        );
        check(descend("/x"), "new root '/x' cannot be absolute");
        check(descend("github.com/a/b"), "remote bases are not available: 'github.com/a/b'");
    }

    #[test]
    fn links_count_by_where_they_lead() {
        let mut fs: MemoryFs = [("a/b/x.yaml", "x"), ("a/c/y.yaml", "y"), ("base/k", "k")].into_iter().collect();
        for (path, target) in [
            ("a/b/same", "x.yaml"),
            ("a/b/other", "../c/y.yaml"),
            ("a/b/dir", "../../base"),
            ("a/b/up", ".."),
            ("a/b/out", "../../../etc"),
            ("a/b/in", "../b"),
        ] {
            fs.link(path, target);
        }
        let options = BuildOptions { display_root: "/root".into(), ..BuildOptions::default() };
        let tree = Tree::new(&fs, &options);
        let loader = Loader::new(&tree, "a/b");
        assert_eq!(loader.load("same").unwrap(), b"x");
        assert_eq!(loader.load("in/x.yaml").unwrap(), b"x");
        assert_eq!(loader.descend("dir").unwrap().display(), "/root/base");
        for (outcome, expected) in [
            (loader.load("other").map(drop), "security; file '/root/a/b/other' is not in or below '/root/a/b'"),
            (
                loader.load("out/passwd").map(drop),
                "security; file '/root/a/b/out/passwd' is not in or below '/root/a/b'",
            ),
            (
                loader.descend("up").map(drop),
                "cycle detected: candidate root '/root/a' contains visited root '/root/a/b'",
            ),
            (loader.descend("out").map(drop), "security; file '/root/a/b/out' is not in or below '/root'"),
        ] {
            assert_eq!(outcome.unwrap_err().chain(), expected);
        }
        let options = BuildOptions { restrictions: LoadRestrictions::None, ..options };
        let tree = Tree::new(&fs, &options);
        assert_eq!(Loader::new(&tree, "a/b").load("other").unwrap(), b"y");
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
        let fs: MemoryFs = [("small", "x")].into_iter().collect();
        let tree = Tree::new(&fs, &options);
        tree.bytes_read.set(MAX_TOTAL_BYTES);
        assert!(Loader::new(&tree, "").load("small").unwrap_err().chain().contains("reads more than"));
    }
}

//! The input tree in bulk. The directory handle cannot be left: no `..`, absolute path or link escapes it.

use std::collections::HashMap;
use std::io::{self, Read};
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File};

use super::listing;
use crate::failure::{Class, FailureKind};
use crate::limits::{LIST_ENTRIES, PAYLOAD_BYTES};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryKind {
    File,
    Directory,
    Symlink,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) path: String,
    pub(crate) kind: EntryKind,
    pub(crate) size: u64,
}

pub(crate) struct InputTree {
    root: Dir,
    /// Other trees, by the path of their root in this one. They are read by their paths, and no listing of this one shows
    /// them.
    mounts: HashMap<String, Dir>,
}

impl InputTree {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { root: Dir::open_ambient_dir(path, ambient_authority())?, mounts: HashMap::new() })
    }

    /// Shows another directory at a path of this tree, in the place of whatever is there.
    pub(crate) fn mount(&mut self, at: &str, path: &Path) -> Result<(), FailureKind> {
        let directory = Dir::open_ambient_dir(path, ambient_authority()).map_err(|error| failure(at, &error))?;
        self.mounts.insert(at.to_owned(), directory);
        Ok(())
    }

    /// The tree that a path belongs to, and the path in it.
    fn place<'a>(&self, path: &'a str) -> (&Dir, &'a str) {
        let parts: Vec<usize> = path.match_indices('/').map(|(at, _)| at).chain([path.len()]).collect();
        let mounted = parts.into_iter().find_map(|end| Some((self.mounts.get(&path[..end])?, &path[end..])));
        mounted.map_or((&self.root, path), |(mount, rest)| (mount, rest.trim_start_matches('/')))
    }

    /// Everything below `prefix`, sorted by path, at most `limit` entries after `after`.
    pub(crate) fn list(&self, prefix: &str, limit: u32, after: Option<&str>) -> Result<Vec<Entry>, FailureKind> {
        let limit = limit.min(LIST_ENTRIES) as usize;
        self.in_directory(prefix, |directory, shown| listing::below(directory, shown, limit, after))
    }

    /// What is directly in a directory, sorted by path.
    pub(crate) fn children(&self, directory: &str) -> Result<Vec<Entry>, FailureKind> {
        self.in_directory(directory, listing::children)
    }

    fn in_directory<T>(&self, path: &str, list: impl Fn(&Dir, &str) -> io::Result<T>) -> Result<T, FailureKind> {
        let shown = path.trim_end_matches('/');
        let listed = match self.place(path) {
            (tree, "") => list(tree, shown),
            (tree, rest) => tree.open_dir(rest).and_then(|directory| list(&directory, shown)),
        };
        listed.map_err(|error| failure(path, &error))
    }

    pub(crate) fn read(&self, path: &str) -> Result<Vec<u8>, FailureKind> {
        let (file, size) = self.open_file(path)?;
        if size > PAYLOAD_BYTES as u64 {
            return Err(too_large(path));
        }
        read_all(file, size, path)
    }

    /// The leading files that fit into one call, at least one.
    pub(crate) fn read_many(&self, paths: Vec<String>) -> Result<Vec<(String, Vec<u8>)>, FailureKind> {
        let mut files: Vec<(String, Vec<u8>)> = Vec::with_capacity(paths.len());
        let mut total = 0;
        for path in paths {
            let (file, size) = self.open_file(&path)?;
            total += size;
            if total > PAYLOAD_BYTES as u64 {
                return if files.is_empty() { Err(too_large(&path)) } else { Ok(files) };
            }
            let content = read_all(file, size, &path)?;
            files.push((path, content));
        }
        Ok(files)
    }

    fn open_file(&self, path: &str) -> Result<(File, u64), FailureKind> {
        let (tree, rest) = self.place(path);
        let file = tree.open(rest).map_err(|error| failure(path, &error))?;
        let metadata = file.metadata().map_err(|error| failure(path, &error))?;
        if !metadata.is_file() {
            return Err(failure(path, &io::ErrorKind::IsADirectory.into()));
        }
        Ok((file, metadata.len()))
    }
}

fn read_all(file: File, size: u64, path: &str) -> Result<Vec<u8>, FailureKind> {
    let mut content = Vec::with_capacity(size as usize);
    // Not one byte more than was counted, even if the file grows.
    file.take(size).read_to_end(&mut content).map_err(|error| failure(path, &error))?;
    Ok(content)
}

fn failure(path: &str, error: &io::Error) -> FailureKind {
    let (class, text) = match error.kind() {
        io::ErrorKind::NotFound => (Class::NotFound, "no such file or directory".to_owned()),
        io::ErrorKind::PermissionDenied => (Class::Terminal, "outside of the tree".to_owned()),
        io::ErrorKind::IsADirectory => (Class::Terminal, "not a file".to_owned()),
        _ => (Class::Terminal, error.to_string()),
    };
    tree_failure(class, format!("{}: {text}", if path.is_empty() { "." } else { path }))
}

fn too_large(path: &str) -> FailureKind {
    tree_failure(Class::Terminal, format!("{path}: larger than {PAYLOAD_BYTES} bytes, read it below `/in`"))
}

fn tree_failure(class: Class, message: String) -> FailureKind {
    FailureKind::Guest { class, reason: "TreeReadFailed".to_owned(), message, retry_after: None, details: None }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::limits::OUTPUT_DEPTH;

    fn tree(root: &Path) -> InputTree {
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        std::fs::write(root.join("a/b/c.yaml"), "c").unwrap();
        std::fs::write(root.join("z.yaml"), "zz").unwrap();
        symlink("a/b/c.yaml", root.join("inside")).unwrap();
        symlink("/etc/passwd", root.join("outside")).unwrap();
        symlink("../../etc/passwd", root.join("above")).unwrap();
        InputTree::open(root).unwrap()
    }

    #[test]
    fn lists_everything_sorted_and_in_pages() {
        let root = tempfile::tempdir().unwrap();
        let tree = tree(root.path());
        let paths = |entries: Vec<Entry>| entries.into_iter().map(|entry| entry.path).collect::<Vec<_>>();
        let all = ["a", "a/b", "a/b/c.yaml", "above", "inside", "outside", "z.yaml"];
        assert_eq!(paths(tree.list("", 100, None).unwrap()), all);
        assert_eq!(paths(tree.list("", 2, Some("a/b")).unwrap()), ["a/b/c.yaml", "above"]);
        assert_eq!(paths(tree.list("a", 100, None).unwrap()), ["a/b", "a/b/c.yaml"]);
        assert_eq!(paths(tree.children("").unwrap()), ["a", "above", "inside", "outside", "z.yaml"]);
        assert_eq!(paths(tree.children("a/b").unwrap()), ["a/b/c.yaml"]);
        let sizes: Vec<u64> = tree.list("", 100, None).unwrap().iter().map(|entry| entry.size).collect();
        assert_eq!(sizes, [0, 0, 1, 0, 1, 0, 2]);
    }

    #[test]
    fn pages_are_in_the_order_of_paths_and_complete() {
        let root = tempfile::tempdir().unwrap();
        for path in ["a/b/c", "a/b-c/d", "a-b", "a.b/c", "a/b.c", "b/x", "aa/y/z", "a0/é", "a/b0"] {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let tree = InputTree::open(root.path()).unwrap();
        let all = tree.list("", 100, None).unwrap();
        assert!(all.len() == 17 && all.is_sorted_by(|left, right| left.path < right.path), "{all:?}");
        for limit in 1..all.len() as u32 {
            let (mut pages, mut last) = (Vec::new(), None);
            loop {
                let page = tree.list("", limit, last.as_deref()).unwrap();
                let Some(entry) = page.last() else { break };
                last = Some(entry.path.clone());
                assert!(page.len() <= limit as usize);
                pages.extend(page);
            }
            assert_eq!(pages, all, "{limit}");
        }
    }

    #[test]
    fn directories_in_each_other_and_entries_of_one_are_bounded() {
        let root = tempfile::tempdir().unwrap();
        let tree = InputTree::open(root.path()).unwrap();
        let deep = root.path().join("d/".repeat(OUTPUT_DEPTH as usize + 1));
        std::fs::create_dir_all(&deep).unwrap();
        let problem = |failure: FailureKind| failure.to_string();
        assert!(problem(tree.list("", 1_000, None).unwrap_err()).contains("more than 64 directories in each other"));
        assert_eq!(tree.list("", 60, None).unwrap().len(), 60, "what comes first is there");
        let full = root.path().join("full");
        std::fs::create_dir(&full).unwrap();
        (0..=LIST_ENTRIES).for_each(|number| std::fs::write(full.join(number.to_string()), "").unwrap());
        assert!(problem(tree.children("full").unwrap_err()).contains("more than 100000 entries in a directory"));
    }

    #[test]
    fn nothing_outside_is_read() {
        let root = tempfile::tempdir().unwrap();
        let tree = tree(root.path());
        assert_eq!(tree.read("inside").unwrap(), b"c");
        for path in ["outside", "above", "/etc/passwd", "../x", "a/../../x", "a", "", "missing"] {
            assert!(tree.read(path).is_err(), "{path}");
        }
        assert!(tree.list("..", 1, None).is_err() && tree.children("..").is_err() && tree.children("z.yaml").is_err());
    }

    #[test]
    fn mounts_are_trees_of_their_own() {
        let (root, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut tree = tree(root.path());
        std::fs::create_dir(other.path().join("d")).unwrap();
        std::fs::write(other.path().join("d/f"), "far").unwrap();
        symlink("../../inside", other.path().join("d/up")).unwrap();
        tree.mount(".m/1", other.path()).unwrap();
        let paths = |prefix| tree.list(prefix, 100, None).unwrap().into_iter().map(|entry| entry.path);
        assert_eq!(paths(".m/1").collect::<Vec<_>>(), [".m/1/d", ".m/1/d/f", ".m/1/d/up"]);
        assert_eq!(paths(".m/1/d").collect::<Vec<_>>(), [".m/1/d/f", ".m/1/d/up"]);
        assert_eq!(tree.children(".m/1/d").unwrap().len(), 2);
        assert!(paths("").all(|path| !path.starts_with(".m")), "only their paths lead to them");
        assert_eq!(tree.read(".m/1/d/f").unwrap(), b"far");
        for path in [".m/1/d/up", ".m/1/../../inside", ".m/1", ".m/2/d/f", ".m/1/"] {
            assert!(tree.read(path).is_err(), "{path}");
        }
        assert!(tree.mount("x", Path::new("/nowhere")).is_err());
    }

    #[test]
    fn one_call_moves_a_bounded_number_of_bytes() {
        let root = tempfile::tempdir().unwrap();
        let tree = tree(root.path());
        std::fs::write(root.path().join("big"), vec![0; PAYLOAD_BYTES]).unwrap();
        std::fs::write(root.path().join("huge"), vec![0; PAYLOAD_BYTES + 1]).unwrap();
        let names = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>();
        assert_eq!(tree.read_many(names(&["big", "z.yaml"])).unwrap().len(), 1);
        assert_eq!(tree.read_many(names(&["z.yaml", "inside"])).unwrap().len(), 2);
        assert!(tree.read_many(names(&["huge"])).is_err());
        assert!(tree.read("huge").is_err());
    }
}

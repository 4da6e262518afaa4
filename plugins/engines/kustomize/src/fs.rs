use std::collections::BTreeMap;

use crate::path;

/// The tree that a build reads. Paths are relative to its root, separated by `/`, without `.` or `..`; the root is
/// `""`. Nothing outside of it exists.
pub trait FileSystem {
    /// The bytes of a file, or `None` when there is no such file.
    fn read(&self, path: &str) -> Option<Vec<u8>>;
    /// Whether there is such a directory.
    fn is_dir(&self, path: &str) -> bool;
    /// The names in a directory, in any order.
    fn list(&self, path: &str) -> Vec<String>;
    /// The path without symbolic links in it. `None` when one leads out of the tree or in circles. A tree without links
    /// has nothing to do; [`resolve_links`] does it for others.
    fn resolve(&self, path: &str) -> Option<String> {
        Some(path.to_owned())
    }
}

/// So many links are followed for one path, as in Go.
pub const MAX_LINKS: usize = 255;

/// Follows the symbolic links in a path; `link` gives the target of a path that is one. `None` when a target is absolute or
/// outside of the tree, or after [`MAX_LINKS`] of them.
pub fn resolve_links(path: &str, link: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut rest: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
    let mut resolved = String::new();
    let mut followed = 0;
    while let Some(part) = rest.pop() {
        let next = path::join(&resolved, &part)?;
        let target = if next.is_empty() { None } else { link(&next) };
        let Some(target) = target else {
            resolved = next;
            continue;
        };
        followed += 1;
        if followed > MAX_LINKS || target.starts_with('/') {
            return None;
        }
        rest.extend(target.split('/').rev().map(str::to_owned));
    }
    Some(resolved)
}

/// A tree held in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryFs {
    files: BTreeMap<String, Vec<u8>>,
    links: BTreeMap<String, String>,
}

impl MemoryFs {
    /// Adds or replaces a file; its directories come with it.
    pub fn insert(&mut self, path: impl Into<String>, content: impl Into<Vec<u8>>) {
        self.files.insert(path.into(), content.into());
    }

    /// Adds or replaces a symbolic link, to a file or a directory.
    pub fn link(&mut self, path: impl Into<String>, target: impl Into<String>) {
        self.links.insert(path.into(), target.into());
    }
}

impl<P: Into<String>, C: Into<Vec<u8>>> FromIterator<(P, C)> for MemoryFs {
    fn from_iter<I: IntoIterator<Item = (P, C)>>(files: I) -> Self {
        let files = files.into_iter().map(|(path, content)| (path.into(), content.into())).collect();
        MemoryFs { files, links: BTreeMap::new() }
    }
}

fn prefix(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!("{path}/") }
}

impl FileSystem for MemoryFs {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.files.get(path).cloned()
    }

    fn is_dir(&self, path: &str) -> bool {
        let prefix = prefix(path);
        path.is_empty() || self.files.range(prefix.clone()..).next().is_some_and(|(file, _)| file.starts_with(&prefix))
    }

    fn list(&self, path: &str) -> Vec<String> {
        let prefix = prefix(path);
        let mut names: Vec<String> = self
            .files
            .range(prefix.clone()..)
            .map_while(|(file, _)| file.strip_prefix(&prefix))
            .map(|rest| rest.split('/').next().unwrap_or(rest).to_owned())
            .collect();
        names.dedup();
        names
    }

    fn resolve(&self, path: &str) -> Option<String> {
        resolve_links(path, |path| self.links.get(path).cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_follow_from_files() {
        let fs: MemoryFs = [("a/b/c.yaml", "x"), ("a/d.yaml", "y"), ("ab", "z")].into_iter().collect();
        assert!(fs.is_dir("") && fs.is_dir("a") && fs.is_dir("a/b") && !fs.is_dir("ab") && !fs.is_dir("c"));
        assert_eq!(fs.list("a"), ["b", "d.yaml"]);
        assert_eq!(fs.list(""), ["a", "ab"]);
        assert_eq!(fs.read("ab"), Some(b"z".to_vec()));
    }

    #[test]
    fn links_are_followed_inside_of_the_tree() {
        let mut fs = MemoryFs::default();
        for (path, target) in [
            ("a/up", "../b"),
            ("b/file", "./c/f.yaml"),
            ("a/twice", "up/file"),
            ("a/out", "../../etc"),
            ("a/root", "/etc"),
            ("a/loop", "loop"),
        ] {
            fs.link(path, target);
        }
        for (path, expected) in [
            ("a/x/y", Some("a/x/y")),
            ("a/up/x", Some("b/x")),
            ("a/twice", Some("b/c/f.yaml")),
            ("", Some("")),
            ("a/out/passwd", None),
            ("a/root", None),
            ("a/loop", None),
        ] {
            assert_eq!(fs.resolve(path).as_deref(), expected, "{path}");
        }
    }
}

use std::collections::BTreeMap;

/// The tree that a build reads. Paths are relative to its root, separated by `/`, without `.` or `..`; the root is
/// `""`. Nothing outside of it exists.
pub trait FileSystem {
    /// The bytes of a file, or `None` when there is no such file.
    fn read(&self, path: &str) -> Option<Vec<u8>>;
    /// Whether there is such a directory.
    fn is_dir(&self, path: &str) -> bool;
    /// The names in a directory, in any order.
    fn list(&self, path: &str) -> Vec<String>;
}

/// A tree held in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryFs {
    files: BTreeMap<String, Vec<u8>>,
}

impl MemoryFs {
    /// Adds or replaces a file; its directories come with it.
    pub fn insert(&mut self, path: impl Into<String>, content: impl Into<Vec<u8>>) {
        self.files.insert(path.into(), content.into());
    }
}

impl<P: Into<String>, C: Into<Vec<u8>>> FromIterator<(P, C)> for MemoryFs {
    fn from_iter<I: IntoIterator<Item = (P, C)>>(files: I) -> Self {
        MemoryFs { files: files.into_iter().map(|(path, content)| (path.into(), content.into())).collect() }
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
}

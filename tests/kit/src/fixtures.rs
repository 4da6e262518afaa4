//! Folders with test data.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

/// A file of a fixture folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixture {
    /// The path relative to the folder, with `/`.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// All text files below `folder`, in the order of their names.
///
/// # Panics
/// When the folder cannot be read, is empty, or has a file that is not text.
#[must_use]
pub fn fixtures(folder: &Path) -> Vec<Fixture> {
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter().map(|entry| entry.unwrap());
    let files = entries.filter(|entry| entry.file_type().is_file());
    let found: Vec<Fixture> = files.map(|entry| read(folder, entry.path())).collect();
    assert!(!found.is_empty(), "no fixtures in `{}`", folder.display());
    found
}

fn read(folder: &Path, path: &Path) -> Fixture {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()));
    let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
    Fixture { name, text }
}

/// The root of this repository.
#[must_use]
pub fn repo_root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).expect("tests/kit is two levels deep").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixtures_come_sorted_with_relative_names() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("b")).unwrap();
        for name in ["b/z.yaml", "b/a.yaml", "a.yaml"] {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        let names: Vec<String> = fixtures(folder.path()).into_iter().map(|f| f.name).collect();
        assert_eq!(names, ["a.yaml", "b/a.yaml", "b/z.yaml"]);
    }

    #[test]
    fn the_root_has_the_workspace() {
        assert!(repo_root().join("Cargo.toml").is_file());
    }
}

//! The files of a commit: which there are, which are wanted, and writing them.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::Path;

use gix_hash::{Kind as Hash, ObjectId};
use gix_object::tree::EntryKind;
use gix_object::{Kind, TreeRefIter};
use weir_sdk::Result;
use weir_sourceignore::{IGNORE_FILE, Rules};

use crate::failure::git;
use crate::limits::{MAX_DEPTH, MAX_FILES, MAX_TREE_ENTRIES};
use crate::pack::{Objects, PackError};

/// What a tree holds, as far as it is checked out.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    files: Vec<File>,
    /// Everything that has something in it, and submodules, which are empty.
    directories: BTreeSet<String>,
    /// Names that exist and are not written: Flux keeps links out of its artifacts.
    links: HashSet<String>,
    seen: usize,
}

#[derive(Debug)]
struct File {
    path: String,
    /// Its position in the pack.
    at: u32,
    executable: bool,
}

/// What was written.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// Paths of files to mark as executable.
    pub(crate) executables: Vec<String>,
    pub(crate) files: usize,
    pub(crate) bytes: u64,
}

impl Listing {
    /// Lists a tree; with prefixes, only what starts with one of them.
    pub(crate) fn new(objects: &mut Objects, tree: ObjectId, prefixes: &[&str]) -> Result<Listing> {
        let mut listing = Listing::default();
        let mut stack = vec![(String::new(), tree)];
        while let Some((directory, id)) = stack.pop() {
            let data = objects.metadata(&id, Kind::Tree)?;
            let mut names = HashSet::new();
            for entry in TreeRefIter::from_bytes(&data, Hash::Sha1) {
                let entry = entry.map_err(|error| git(format!("the tree {id} is damaged: {error}")))?;
                let name = checked_name(entry.filename)?;
                if !names.insert(name) {
                    return Err(git(format!("the tree {id} has two entries with the name `{name}`")));
                }
                let path = if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") };
                listing.count(&path)?;
                match entry.mode.kind() {
                    EntryKind::Tree if leads_to(&path, prefixes) => stack.push((path, entry.oid.to_owned())),
                    EntryKind::Tree => {}
                    _ if !starts_with(&path, prefixes) => {}
                    kind => listing.add(objects, path, kind, entry.oid)?,
                }
            }
        }
        Ok(listing)
    }

    fn count(&mut self, path: &str) -> Result<()> {
        self.seen += 1;
        if self.seen > MAX_TREE_ENTRIES {
            return Err(too_large("the number of entries", MAX_TREE_ENTRIES as u64));
        }
        if path.split('/').count() > MAX_DEPTH {
            return Err(too_large("the depth of directories", MAX_DEPTH as u64));
        }
        Ok(())
    }

    fn add(&mut self, objects: &Objects, path: String, kind: EntryKind, id: &gix_hash::oid) -> Result<()> {
        let mut parent = path.as_str();
        while let Some((directory, _)) = parent.rsplit_once('/') {
            if !self.directories.insert(directory.to_owned()) {
                break;
            }
            parent = directory;
        }
        match kind {
            EntryKind::Link => {
                self.links.insert(path);
            }
            // A submodule that is not fetched is an empty directory.
            EntryKind::Commit => {
                self.directories.insert(path);
            }
            _ => {
                let at = objects.find(id)?;
                if objects.kind(at) != Some(Kind::Blob) {
                    return Err(PackError::Kind(id.to_owned(), Kind::Blob).into());
                }
                self.files.push(File { path, at, executable: kind == EntryKind::BlobExecutable });
            }
        }
        Ok(())
    }

    /// Fails if one of the directories of a sparse checkout is not there.
    pub(crate) fn check_sparse(&self, directories: &[&str]) -> Result<()> {
        for directory in directories {
            let path = directory.trim_end_matches('/');
            let there = path.is_empty() || path == "." || self.directories.contains(path) || self.links.contains(path);
            if !there && !self.files.iter().any(|file| file.path == path) {
                return Err(git(format!("sparse checkout dir '{directory}' does not exist in repository")));
            }
        }
        Ok(())
    }

    /// Reads the ignore files of the tree, parents before children.
    pub(crate) fn rules(&self, objects: &mut Objects, spec_ignore: Option<&str>) -> Result<Rules> {
        let mut rules = Rules::new(spec_ignore);
        let mut found: Vec<(&str, u32)> =
            self.files.iter().filter_map(|file| Some((ignore_directory(&file.path)?, file.at))).collect();
        found.sort_unstable();
        for (directory, at) in found {
            let text = objects.text(at)?;
            rules.add_file(directory, &String::from_utf8_lossy(&text));
        }
        Ok(rules)
    }

    /// Writes what the rules leave, in the order of the pack, so that deltas find their bases in memory.
    pub(crate) fn write(self, objects: &mut Objects, rules: &Rules, out: &Path, max_bytes: u64) -> Result<Written> {
        let Listing { mut files, directories, .. } = self;
        files.retain(|file| !rules.excludes(&file.path, false));
        if files.len() > MAX_FILES {
            return Err(too_large("the number of files", MAX_FILES as u64));
        }
        let needed: HashSet<&str> = files.iter().flat_map(|file| parents(&file.path)).collect();
        for directory in &directories {
            if needed.contains(directory.as_str()) || !rules.excludes(directory, true) {
                fs::create_dir_all(out.join(directory))?;
            }
        }
        files.sort_by_key(|file| file.at);
        let mut written = Written::default();
        for file in &files {
            let mut target = fs::File::create(out.join(&file.path))?;
            written.bytes += objects.write(file.at, &mut target)?;
            if written.bytes > max_bytes {
                return Err(too_large("the artifact's size in bytes", max_bytes));
            }
        }
        written.files = files.len();
        written.executables = files.into_iter().filter(|file| file.executable).map(|file| file.path).collect();
        written.executables.sort_unstable();
        Ok(written)
    }
}

fn too_large(what: &'static str, limit: u64) -> weir_sdk::Error {
    PackError::TooLarge { what, limit }.into()
}

fn parents(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

/// The directory of an ignore file; nothing for any other file.
fn ignore_directory(path: &str) -> Option<&str> {
    let directory = path.strip_suffix(IGNORE_FILE)?;
    if directory.is_empty() { Some("") } else { directory.strip_suffix('/') }
}

/// As go-git does it: by prefix, not by component.
fn starts_with(path: &str, prefixes: &[&str]) -> bool {
    prefixes.is_empty() || prefixes.iter().any(|prefix| path.starts_with(prefix))
}

fn leads_to(directory: &str, prefixes: &[&str]) -> bool {
    let inside = format!("{directory}/");
    prefixes.is_empty() || prefixes.iter().any(|prefix| inside.starts_with(prefix) || prefix.starts_with(&inside))
}

/// A name that stays inside its directory and is not git's own.
fn checked_name(name: &[u8]) -> Result<&str> {
    let text = std::str::from_utf8(name).ok().filter(|text| !text.is_empty() && !text.contains(['/', '\0']));
    match text {
        Some("." | "..") | None => Err(refused(name)),
        Some(text) if text.eq_ignore_ascii_case(".git") => Err(refused(name)),
        Some(text) => Ok(text),
    }
}

fn refused(name: &[u8]) -> weir_sdk::Error {
    git(format!("the tree has an entry with a name that is not allowed: `{}`", name.escape_ascii()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_refused() {
        for name in [&b""[..], b".", b"..", b".git", b".GIT", b"a/b", b"a\0b", b"\xff"] {
            assert!(checked_name(name).is_err(), "{}", name.escape_ascii());
        }
        for name in ["a", ".gitignore", "...", "a\\b", "ü"] {
            assert_eq!(checked_name(name.as_bytes()).unwrap(), name);
        }
    }

    #[test]
    fn the_artifact_is_limited() {
        let fixture = crate::pack::tests::Fixture::empty();
        fixture.write("a", &"a".repeat(600));
        fixture.write("b", &"b".repeat(600));
        fixture.git(&["add", "."]);
        let tree = String::from_utf8(fixture.git(&["write-tree"])).unwrap();
        let tree = ObjectId::from_hex(tree.trim().as_bytes()).unwrap();
        fixture.git(&["-c", "user.name=a", "-c", "user.email=b", "commit", "-q", "-m", "all"]);
        let check = |max_bytes: u64, expected: Option<u64>| {
            let (scratch, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let mut objects = Objects::receive(&mut &fixture.pack(&[])[..], scratch.path()).unwrap();
            let listing = Listing::new(&mut objects, tree, &[]).unwrap();
            let written = listing.write(&mut objects, &Rules::new(None), out.path(), max_bytes);
            assert_eq!(written.ok().map(|written| written.bytes), expected);
        };
        check(1200, Some(1200));
        check(1199, None);
    }

    #[test]
    fn sparse_prefixes() {
        let check = |prefix: &str, path: &str, leads: bool, starts: bool| {
            assert_eq!((leads_to(path, &[prefix]), starts_with(path, &[prefix])), (leads, starts), "{prefix} {path}");
        };
        check("apps", "apps", true, true);
        check("apps/a", "apps", true, false);
        check("apps/a", "apps/b", false, false);
        check("apps/", "apps", true, false);
        check("app", "apps", true, true);
        check("apps", "infra", false, false);
    }

    #[test]
    fn directories_of_ignore_files() {
        assert_eq!(ignore_directory(".sourceignore"), Some(""));
        assert_eq!(ignore_directory("a/b/.sourceignore"), Some("a/b"));
        assert_eq!(ignore_directory("a.sourceignore"), None);
    }
}

//! Lists directories with as few system calls as it takes: small trees are listed in every call. Of large ones nothing is
//! looked at that was not asked for.

use std::cmp::Ordering;
use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use cap_std::fs::Dir;
use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat, openat, statat};

use super::tree::{Entry, EntryKind};
use crate::limits::{LIST_ENTRIES, OUTPUT_DEPTH};

/// At most `limit` entries of what is below a directory, in the order of their paths, which start with `prefix`: those
/// after `after`.
pub(super) fn below(directory: &Dir, prefix: &str, limit: usize, after: Option<&str>) -> io::Result<Vec<Entry>> {
    let mut list = List { entries: Vec::new(), limit, after };
    list.below(&open(directory, c".")?, prefix, 0)?;
    Ok(list.entries)
}

/// What is directly in a directory, in the order of its names.
pub(super) fn children(directory: &Dir, prefix: &str) -> io::Result<Vec<Entry>> {
    let directory = open(directory, c".")?;
    let mut names = names(&directory)?;
    names.sort_by(|a, b| a.name.cmp(&b.name));
    names.iter().map(|name| name.entry(&directory, name.path(prefix))).collect()
}

/// A name is one step, and links are not followed: nothing is opened but a directory in this one.
fn open(directory: impl AsFd, name: &CStr) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(openat(directory, name, flags, Mode::empty())?)
}

/// An entry of a directory. What is no file, directory or link, and names that are no text, are not shown.
struct Name {
    name: CString,
    kind: EntryKind,
}

fn names(directory: &OwnedFd) -> io::Result<Vec<Name>> {
    let mut names = Vec::new();
    for entry in rustix::fs::Dir::read_from(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let is_shown = name.to_str().is_ok_and(|name| name != "." && name != "..");
        let kind = match entry.file_type() {
            _ if !is_shown => None,
            // Not every file system says.
            FileType::Unknown => kind_of(FileType::from_raw_mode(stat(directory, name)?.st_mode)),
            kind => kind_of(kind),
        };
        names.extend(kind.map(|kind| Name { name: name.to_owned(), kind }));
        if names.len() > LIST_ENTRIES as usize {
            return Err(io::Error::other(format!("more than {LIST_ENTRIES} entries in a directory")));
        }
    }
    Ok(names)
}

fn kind_of(kind: FileType) -> Option<EntryKind> {
    match kind {
        FileType::Directory => Some(EntryKind::Directory),
        FileType::RegularFile => Some(EntryKind::File),
        FileType::Symlink => Some(EntryKind::Symlink),
        _ => None,
    }
}

fn stat(directory: &OwnedFd, name: &CStr) -> io::Result<Stat> {
    Ok(statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)?)
}

impl Name {
    fn text(&self) -> &str {
        self.name.to_str().expect("other names are not shown")
    }

    fn path(&self, prefix: &str) -> String {
        if prefix.is_empty() { self.text().to_owned() } else { format!("{prefix}/{}", self.text()) }
    }

    fn entry(&self, directory: &OwnedFd, path: String) -> io::Result<Entry> {
        let size = match self.kind {
            EntryKind::Directory => 0,
            EntryKind::File => stat(directory, &self.name)?.st_size as u64,
            EntryKind::Symlink => target_size(directory, self.text())?,
        };
        Ok(Entry { path, kind: self.kind, size })
    }
}

/// The size of the file that a link leads to. One that leads out of its directory has none, as one that leads nowhere.
fn target_size(directory: &OwnedFd, name: &str) -> io::Result<u64> {
    let directory = Dir::from_std_file(directory.try_clone()?.into());
    Ok(directory.metadata(name).ok().filter(|target| target.is_file()).map_or(0, |target| target.len()))
}

struct List<'a> {
    entries: Vec<Entry>,
    limit: usize,
    after: Option<&'a str>,
}

impl List<'_> {
    fn below(&mut self, directory: &OwnedFd, prefix: &str, depth: u64) -> io::Result<()> {
        if depth > OUTPUT_DEPTH {
            return Err(io::Error::other(format!("more than {OUTPUT_DEPTH} directories in each other")));
        }
        let names = names(directory)?;
        for step in steps(&names) {
            if self.entries.len() >= self.limit {
                break;
            }
            match step {
                Step::Entry(name) => {
                    let path = name.path(prefix);
                    if self.after.is_none_or(|after| path.as_str() > after) {
                        self.entries.push(name.entry(directory, path)?);
                    }
                }
                Step::Below(name) => {
                    let path = name.path(prefix);
                    if self.after.is_none_or(|after| !is_past(after, &path)) {
                        self.below(&open(directory, &name.name)?, &path, depth + 1)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Whether everything below a directory comes before a path.
fn is_past(after: &str, directory: &str) -> bool {
    let start = after.get(..directory.len()).unwrap_or(after);
    match start.cmp(directory) {
        Ordering::Equal => after.as_bytes().get(directory.len()).is_some_and(|byte| *byte > b'/'),
        order => order == Ordering::Greater,
    }
}

enum Step<'n> {
    Entry(&'n Name),
    Below(&'n Name),
}

/// The way through a directory in the order of paths: `a`, `a-b`, `a/c`.
fn steps(names: &[Name]) -> Vec<Step<'_>> {
    let below = names.iter().filter(|name| name.kind == EntryKind::Directory).map(Step::Below);
    let mut steps: Vec<Step<'_>> = names.iter().map(Step::Entry).chain(below).collect();
    steps.sort_by(|a, b| a.bytes().cmp(b.bytes()));
    steps
}

impl Step<'_> {
    fn bytes(&self) -> impl Iterator<Item = u8> {
        let (name, end) = match self {
            Step::Entry(name) => (name, None),
            Step::Below(name) => (name, Some(b'/')),
        };
        name.name.as_bytes().iter().copied().chain(end)
    }
}

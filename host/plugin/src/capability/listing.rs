//! Lists a directory and everything below it, with as few system calls as it takes: small trees are listed in every call.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use cap_std::fs::Dir;
use rustix::fs::{AtFlags, DirEntry, FileType, Mode, OFlags, Stat, openat, statat};

use super::tree::{Entry, EntryKind};
use crate::limits::{LIST_ENTRIES, OUTPUT_DEPTH};

/// What is below a directory, in no order, by paths that start with `prefix`.
pub(super) fn list(directory: &Dir, prefix: &str) -> io::Result<Vec<Entry>> {
    let mut list = List { entries: Vec::new() };
    list.directory(open(directory, c".")?, prefix, 0)?;
    Ok(list.entries)
}

/// A name is one step, and links are not followed: nothing is opened but a directory in this one.
fn open(directory: impl AsFd, name: &std::ffi::CStr) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(openat(directory, name, flags, Mode::empty())?)
}

struct List {
    entries: Vec<Entry>,
}

impl List {
    fn directory(&mut self, directory: OwnedFd, prefix: &str, depth: u64) -> io::Result<()> {
        if depth > OUTPUT_DEPTH || self.entries.len() > LIST_ENTRIES as usize {
            return Err(io::Error::other("the tree is too deep or too large"));
        }
        let mut directory = rustix::fs::Dir::new(directory)?;
        while let Some(entry) = directory.read() {
            let entry = entry?;
            let Ok(name) = entry.file_name().to_str() else { continue };
            if name == "." || name == ".." {
                continue;
            }
            let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
            self.entry(&directory, &entry, name, path, depth)?;
        }
        Ok(())
    }

    fn entry(
        &mut self,
        directory: &rustix::fs::Dir,
        entry: &DirEntry,
        name: &str,
        path: String,
        depth: u64,
    ) -> io::Result<()> {
        let stat =
            || -> io::Result<Stat> { Ok(statat(directory.fd()?, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW)?) };
        let (kind, known) = match entry.file_type() {
            // Not every file system says.
            FileType::Unknown => stat().map(|stat| (FileType::from_raw_mode(stat.st_mode), Some(stat)))?,
            kind => (kind, None),
        };
        match kind {
            FileType::Directory => {
                self.entries.push(Entry { path: path.clone(), kind: EntryKind::Directory, size: 0 });
                self.directory(open(directory.fd()?, entry.file_name())?, &path, depth + 1)?;
            }
            FileType::RegularFile => {
                let size = known.map_or_else(stat, Ok)?.st_size as u64;
                self.entries.push(Entry { path, kind: EntryKind::File, size });
            }
            FileType::Symlink => {
                let size = target_size(directory, name)?;
                self.entries.push(Entry { path, kind: EntryKind::Symlink, size });
            }
            _ => {}
        }
        Ok(())
    }
}

/// The size of the file that a link leads to. One that leads out of its directory has none, as one that leads nowhere.
fn target_size(directory: &rustix::fs::Dir, name: &str) -> io::Result<u64> {
    let directory = Dir::from_std_file(directory.fd()?.try_clone_to_owned()?.into());
    Ok(directory.metadata(name).ok().filter(|target| target.is_file()).map_or(0, |target| target.len()))
}

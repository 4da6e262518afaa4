//! Unpacks an archive that may be hostile into an empty directory.

use std::{
    cell::Cell,
    io::{self, Read},
    path::{Component, Path, PathBuf},
    rc::Rc,
};

use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};
use flate2::read::MultiGzDecoder;
use tar::{Archive, Entry};

use crate::{
    StoreError,
    error::Tried,
    limits::{Limits, MAX_HEADER_BYTES, Tally},
};

const FILE_MODE: u32 = 0o600;
const EXECUTABLE_MODE: u32 = 0o700;

/// Writes the regular files and directories of a tar.gz below `into`; links and specials are left out, as when sealing.
/// Returns the bytes of all files.
pub(crate) fn unpack(archive: impl Read, into: &Path, limits: Limits) -> Result<u64, StoreError> {
    let dir = Dir::open_ambient_dir(into, cap_std::ambient_authority()).tried("open directory", into)?;
    let allowance = Rc::new(Cell::new(0));
    let metered = Metered { inner: MultiGzDecoder::new(archive), left: allowance.clone() };
    let mut archive = Archive::new(metered);
    let mut tally = Tally::new(limits);
    let mut entries = archive.entries().tried("read archive into", into)?;
    let mut unread = 0;
    loop {
        allowance.set(MAX_HEADER_BYTES.saturating_add(unread));
        let Some(entry) = entries.next() else {
            return Ok(tally.bytes());
        };
        let mut entry = entry.tried("read archive into", into)?;
        let path = relative(&entry)?;
        tally.entry(&path, entry.size())?;
        allowance.set(entry.size());
        unread = extract(&dir, &mut entry, &path)?;
    }
}

/// Returns how many bytes of the entry were left in the archive.
fn extract(dir: &Dir, entry: &mut Entry<'_, impl Read>, path: &Path) -> Result<u64, StoreError> {
    let kind = entry.header().entry_type();
    if kind.is_dir() && path.as_os_str().is_empty() {
        return Ok(0);
    }
    if kind.is_dir() {
        dir.create_dir_all(path).tried("create directory", path)?;
        return Ok(0);
    }
    if !kind.is_file() && !kind.is_contiguous() {
        return Ok(entry.size());
    }
    if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        dir.create_dir_all(parent).tried("create directory", parent)?;
    }
    let executable = entry.header().mode().is_ok_and(|mode| mode & 0o111 != 0);
    let mode = if executable { EXECUTABLE_MODE } else { FILE_MODE };
    let mut file = dir
        .open_with(path, OpenOptions::new().write(true).create(true).truncate(true).mode(mode))
        .tried("create file", path)?;
    io::copy(entry, &mut file).tried("write file", path)?;
    Ok(0)
}

/// The path without `.` parts.
fn relative(entry: &Entry<'_, impl Read>) -> Result<PathBuf, StoreError> {
    let escapes = || StoreError::Escapes { entry: String::from_utf8_lossy(&entry.path_bytes()).into_owned() };
    let path = entry.path().map_err(|_| escapes())?;
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => out.push(name),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err(escapes());
            }
        }
    }
    Ok(out)
}

/// Stops a stream that yields more than was granted: the archive reader holds long names and PAX records in memory.
struct Metered<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.get();
        if left == 0 && !buffer.is_empty() {
            return Err(io::Error::other(format!("an archive header exceeds the limit of {MAX_HEADER_BYTES} bytes")));
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.inner.read(&mut buffer[..most])?;
        self.left.set(left - read as u64);
        Ok(read)
    }
}

//! Seals a directory into a reproducible archive.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, BufWriter, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use flate2::{Compression, GzBuilder, write::GzEncoder};
use tar::{EntryType, Header};
use tempfile::NamedTempFile;
use walkdir::{DirEntry, WalkDir};

use crate::{
    StoreError,
    digest::Hashing,
    error::Tried,
    limits::{Limits, Tally},
};

/// Fixed: another level gives other bytes, so another digest.
const LEVEL: u32 = 6;
/// The operating system byte of the gzip header: unknown, so that it is equal everywhere.
const UNKNOWN_SYSTEM: u8 = 255;
/// Modes as Flux normalises them.
const FILE_MODE: u32 = 0o600;
const EXECUTABLE_MODE: u32 = 0o700;
const DIRECTORY_MODE: u32 = 0o750;

/// A complete file that nobody sees yet.
pub(crate) struct Sealed {
    pub(crate) file: NamedTempFile,
    pub(crate) digest: String,
    pub(crate) size: u64,
}

impl Sealed {
    /// Makes the file visible under its name; survives a crash of the machine.
    pub(crate) fn publish(self, target: &Path) -> Result<(), StoreError> {
        let folder = target.parent().unwrap_or(target);
        fs::create_dir_all(folder).tried("create directory", folder)?;
        self.file.persist(target).map_err(|e| e.error).tried("rename artifact to", target)?;
        File::open(folder).and_then(|f| f.sync_all()).tried("sync directory", folder)
    }
}

type Archive = tar::Builder<GzEncoder<Hashing<BufWriter<NamedTempFile>>>>;

/// Packs the regular files and directories of `dir`, in lexical order, without owners and times.
/// `executables` are relative paths that are executable beside those whose mode says so.
pub(crate) fn seal(
    dir: &Path,
    executables: &BTreeSet<PathBuf>,
    temporary: &Path,
    limits: Limits,
) -> Result<Sealed, StoreError> {
    let gzip = GzBuilder::new().mtime(0).operating_system(UNKNOWN_SYSTEM);
    let mut archive = Archive::new(gzip.write(start(temporary)?, Compression::new(LEVEL)));
    let mut tally = Tally::new(limits);
    for entry in WalkDir::new(dir).min_depth(1).follow_links(false).sort_by_file_name() {
        let entry = entry.map_err(io::Error::from).tried("read directory", dir)?;
        append(&mut archive, &entry, dir, executables, &mut tally)?;
    }
    let hashing = archive.into_inner().and_then(GzEncoder::finish).tried("write archive of", dir)?;
    complete(hashing, temporary)
}

/// Copies a file as it is.
pub(crate) fn copy(mut from: impl Read, temporary: &Path, limits: Limits) -> Result<Sealed, StoreError> {
    let mut hashing = start(temporary)?;
    let bytes = io::copy(&mut from.by_ref().take(limits.total_bytes.saturating_add(1)), &mut hashing)
        .tried("copy artifact to", temporary)?;
    Tally::new(limits).entry(Path::new(""), bytes)?;
    complete(hashing, temporary)
}

fn start(temporary: &Path) -> Result<Hashing<BufWriter<NamedTempFile>>, StoreError> {
    let file = NamedTempFile::new_in(temporary).tried("create temporary file in", temporary)?;
    Ok(Hashing::new(BufWriter::new(file)))
}

fn complete(hashing: Hashing<BufWriter<NamedTempFile>>, temporary: &Path) -> Result<Sealed, StoreError> {
    let (buffer, digest, size) = hashing.finish();
    let file = buffer.into_inner().map_err(io::IntoInnerError::into_error).tried("write artifact in", temporary)?;
    file.as_file().sync_all().tried("sync artifact in", temporary)?;
    Ok(Sealed { file, digest, size })
}

fn append(
    archive: &mut Archive,
    entry: &DirEntry,
    dir: &Path,
    executables: &BTreeSet<PathBuf>,
    tally: &mut Tally,
) -> Result<(), StoreError> {
    let path = entry.path().strip_prefix(dir).unwrap_or(entry.path());
    if entry.file_type().is_dir() {
        tally.entry(path, 0)?;
        return archive
            .append_data(&mut header(EntryType::Directory, DIRECTORY_MODE, 0), path, io::empty())
            .tried("archive directory", path);
    }
    if !entry.file_type().is_file() {
        tracing::debug!(path = %path.display(), "left out of the artifact: neither a file nor a directory");
        return Ok(());
    }
    let file = File::open(entry.path()).tried("open file", entry.path())?;
    let metadata = file.metadata().tried("read metadata of", entry.path())?;
    tally.entry(path, metadata.len())?;
    let executable = metadata.permissions().mode() & 0o111 != 0 || executables.contains(path);
    let mode = if executable { EXECUTABLE_MODE } else { FILE_MODE };
    let mut body = file.take(metadata.len());
    archive
        .append_data(&mut header(EntryType::Regular, mode, metadata.len()), path, &mut body)
        .tried("archive file", path)?;
    // The header already promised this many bytes.
    if body.limit() > 0 { Err(StoreError::Changed { path: path.into() }) } else { Ok(()) }
}

fn header(kind: EntryType, mode: u32, size: u64) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header
}

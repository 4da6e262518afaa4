//! Which files of an object may go, and what a stopped process left behind.

use std::{
    fs, io,
    path::Path,
    time::{Duration, SystemTime},
};

use crate::{StoreError, error::Tried};

/// Flux's `--artifact-retention-records`.
pub const RETENTION_RECORDS: usize = 2;
/// Flux's `--artifact-retention-ttl`.
pub const RETENTION_TTL: Duration = Duration::from_secs(60);

/// How long files stay that are no longer current: a reader may still be fetching them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// At most this many files stay, the current one included.
    pub records: usize,
    /// Files that are not current go after this age.
    pub ttl: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self { records: RETENTION_RECORDS, ttl: RETENTION_TTL }
    }
}

/// A stored file and its age.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) file: String,
    pub(crate) age: Duration,
}

/// Flux's rule: what is expired, and what exceeds the number of records, oldest first; never the current file.
pub(crate) fn garbage(mut files: Vec<Stored>, current: &str, retention: Retention) -> Vec<String> {
    files.retain(|f| f.file != current);
    files.sort_by(|a, b| (a.age, &a.file).cmp(&(b.age, &b.file)));
    let kept = retention.records.saturating_sub(1);
    files.into_iter().enumerate().filter(|(at, f)| *at >= kept || f.age > retention.ttl).map(|(_, f)| f.file).collect()
}

/// The regular files of a folder; links are aliases and have no age of their own.
pub(crate) fn stored(folder: &Path, now: SystemTime) -> Result<Vec<Stored>, StoreError> {
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        entries => entries.tried("read directory", folder)?,
    };
    let mut files = vec![];
    for entry in entries {
        let entry = entry.tried("read directory", folder)?;
        let metadata = entry.metadata().tried("read metadata of", entry.path())?;
        if let (true, Ok(file)) = (metadata.is_file(), entry.file_name().into_string()) {
            let modified = metadata.modified().tried("read metadata of", entry.path())?;
            files.push(Stored { file, age: now.duration_since(modified).unwrap_or_default() });
        }
    }
    Ok(files)
}

/// Removes a file or a whole directory; absent is fine.
pub(crate) fn remove(path: &Path) -> Result<(), StoreError> {
    let removed = match path.symlink_metadata() {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(e) => Err(e),
    };
    match removed {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e).tried("remove", path),
        _ => Ok(()),
    }
}

/// An empty directory: what was left by a process that stopped in between is removed.
pub(crate) fn fresh(dir: &Path) -> Result<(), StoreError> {
    remove(dir)?;
    fs::create_dir_all(dir).tried("create directory", dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ages: &[(&str, u64)], current: &str, expected: &[&str]) {
        let files = ages.iter().map(|(f, s)| Stored { file: (*f).into(), age: Duration::from_secs(*s) }).collect();
        assert_eq!(garbage(files, current, Retention::default()), expected, "{ages:?}");
    }

    #[test]
    fn retention_follows_flux() {
        check(&[], "a", &[]);
        check(&[("a", 9999)], "a", &[]);
        check(&[("a", 0), ("b", 60)], "a", &[]);
        check(&[("a", 0), ("b", 61)], "a", &["b"]);
        check(&[("a", 0), ("b", 10), ("c", 20)], "a", &["c"]);
        check(&[("a", 30), ("b", 10), ("c", 20)], "a", &["c"]);
        check(&[("a", 0), ("b", 70), ("c", 80)], "a", &["b", "c"]);
    }
}

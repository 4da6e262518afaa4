//! What a guest writes below `/out` and `/tmp` is measured while it runs, and once more at the end.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::Instant;

use crate::failure::FailureKind;
use crate::limits::{OUTPUT_DEPTH, QUOTA_INTERVAL};

/// Measuring takes at most this share of a processor.
const MEASURE_SHARE: u32 = 20;

#[derive(Clone, Debug)]
pub(crate) struct Quota {
    root: PathBuf,
    bytes: u64,
    files: u64,
    what: Names,
    /// What is left behind becomes an artifact: only plain things may stay.
    is_output: bool,
}

#[derive(Clone, Copy, Debug)]
struct Names {
    bytes: &'static str,
    files: &'static str,
    depth: &'static str,
}

const OUTPUT: Names = Names { bytes: "bytes below `/out`", files: "files below `/out`", depth: "nesting below `/out`" };
const SCRATCH: Names =
    Names { bytes: "bytes below `/tmp`", files: "files below `/tmp`", depth: "nesting below `/tmp`" };

impl Quota {
    pub(crate) fn output(root: &Path, bytes: u64, files: u64) -> Self {
        Self { root: root.to_owned(), bytes, files, what: OUTPUT, is_output: true }
    }

    pub(crate) fn scratch(root: &Path, bytes: u64, files: u64) -> Self {
        Self { root: root.to_owned(), bytes, files, what: SCRATCH, is_output: false }
    }
}

/// Returns as soon as a quota is exceeded, else never.
pub(crate) async fn watch(quotas: &[Quota]) -> FailureKind {
    if quotas.is_empty() {
        return std::future::pending().await;
    }
    let mut pause = QUOTA_INTERVAL;
    loop {
        tokio::time::sleep(pause).await;
        let (start, measured) = (Instant::now(), quotas.to_vec());
        let found =
            tokio::task::spawn_blocking(move || measured.iter().find_map(|quota| measure(quota, false).err())).await;
        if let Ok(Some(kind)) = found {
            return kind;
        }
        pause = QUOTA_INTERVAL.max(start.elapsed() * MEASURE_SHARE);
    }
}

/// The final word, when the guest is gone.
pub(crate) fn check(quotas: &[Quota]) -> Result<(), FailureKind> {
    quotas.iter().try_for_each(|quota| measure(quota, quota.is_output))
}

fn measure(quota: &Quota, strict: bool) -> Result<(), FailureKind> {
    let mut walk = Walk { quota, strict, bytes: 0, files: 0 };
    walk.directory(&quota.root, 0)
}

struct Walk<'a> {
    quota: &'a Quota,
    strict: bool,
    bytes: u64,
    files: u64,
}

impl Walk<'_> {
    fn directory(&mut self, path: &Path, depth: u64) -> Result<(), FailureKind> {
        if depth > OUTPUT_DEPTH {
            return Err(FailureKind::OutputLimit { what: self.quota.what.depth, limit: OUTPUT_DEPTH });
        }
        // While the guest works, directories come and go.
        let Ok(entries) = fs::read_dir(path) else {
            return Ok(());
        };
        entries.filter_map(Result::ok).try_for_each(|entry| self.entry(&entry, depth))
    }

    fn entry(&mut self, entry: &fs::DirEntry, depth: u64) -> Result<(), FailureKind> {
        let path = entry.path();
        let Ok(metadata) = entry.metadata() else {
            return Ok(());
        };
        self.files += 1;
        self.bytes += if metadata.is_file() { metadata.len() } else { 0 };
        if self.files > self.quota.files {
            return Err(FailureKind::OutputLimit { what: self.quota.what.files, limit: self.quota.files });
        }
        if self.bytes > self.quota.bytes {
            return Err(FailureKind::OutputLimit { what: self.quota.what.bytes, limit: self.quota.bytes });
        }
        if metadata.is_dir() {
            return self.directory(&path, depth + 1);
        }
        if self.strict && !metadata.is_file() && !self.link_stays(&path).unwrap_or(false) {
            let path = path.strip_prefix(&self.quota.root).unwrap_or(&path).display().to_string();
            return Err(FailureKind::BadOutput { path });
        }
        Ok(())
    }

    /// By its text alone: what it leads to may not exist.
    fn link_stays(&self, path: &Path) -> io::Result<bool> {
        let target = fs::read_link(path)?;
        let parent = path.parent().and_then(|parent| parent.strip_prefix(&self.quota.root).ok());
        let mut depth = parent.map_or(0, |parent| parent.components().count());
        for part in target.components() {
            match part {
                Component::Normal(_) => depth += 1,
                Component::CurDir => {}
                Component::ParentDir if depth > 0 => depth -= 1,
                _ => return Ok(false),
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn check_with(bytes: u64, files: u64, fill: impl Fn(&Path)) -> Result<(), FailureKind> {
        let root = tempfile::tempdir().unwrap();
        fill(root.path());
        check(&[Quota::output(root.path(), bytes, files)])
    }

    #[test]
    fn every_limit_holds() {
        let write = |names: &'static [&str]| {
            move |root: &Path| names.iter().for_each(|name| fs::write(root.join(name), "1234").unwrap())
        };
        assert_eq!(check_with(8, 2, write(&["a", "b"])), Ok(()));
        assert!(matches!(check_with(7, 9, write(&["a", "b"])), Err(FailureKind::OutputLimit { limit: 7, .. })));
        assert!(matches!(check_with(99, 1, write(&["a", "b"])), Err(FailureKind::OutputLimit { limit: 1, .. })));
        let deep = |root: &Path| fs::create_dir_all(root.join(vec!["d"; OUTPUT_DEPTH as usize + 1].join("/"))).unwrap();
        assert!(matches!(check_with(99, 999, deep), Err(FailureKind::OutputLimit { limit: OUTPUT_DEPTH, .. })));
    }

    #[test]
    fn links_stay_inside() {
        for (target, stays) in
            [("x", true), ("../x", true), ("../../x", false), ("/x", false), ("y/../../../x", false), ("./y", true)]
        {
            let result = check_with(99, 9, |root| {
                fs::create_dir(root.join("d")).unwrap();
                symlink(target, root.join("d/link")).unwrap();
            });
            assert_eq!(result.is_ok(), stays, "{target}");
        }
    }
}

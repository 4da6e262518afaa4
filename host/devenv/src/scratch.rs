//! Folders that are gone when their process is.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::{Error, Result};

/// A new folder below `<tmp>/weir-devenv`, removed on drop. A process that was killed cannot remove its own: the next one
/// does.
pub(crate) fn folder() -> Result<TempDir> {
    let root = root();
    fs::create_dir_all(&root).map_err(Error::file("create", &root))?;
    sweep(&root);
    tempfile::Builder::new()
        .prefix(&format!("{}.", std::process::id()))
        .tempdir_in(&root)
        .map_err(Error::file("create a folder in", &root))
}

fn root() -> PathBuf {
    std::env::temp_dir().join("weir-devenv")
}

fn sweep(root: &Path) {
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        if owner(&entry.path()).is_some_and(|pid| !is_alive(pid)) {
            // Two processes may sweep the same folder at once; whoever comes second finds nothing.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn owner(folder: &Path) -> Option<i32> {
    folder.file_name()?.to_str()?.split('.').next()?.parse().ok()
}

fn is_alive(pid: i32) -> bool {
    rustix::process::Pid::from_raw(pid)
        .is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removes_what_dead_processes_left() {
        let root = tempfile::tempdir().unwrap();
        // Larger than any process id that Linux gives out.
        let dead = root.path().join("2000000000.abc");
        let alive = root.path().join(format!("{}.abc", std::process::id()));
        let other = root.path().join("notes");
        for folder in [&dead, &alive, &other] {
            fs::create_dir(folder).unwrap();
        }
        sweep(root.path());
        assert!(!dead.exists() && alive.exists() && other.exists());
    }
}

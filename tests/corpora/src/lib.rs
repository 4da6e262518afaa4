//! Conformance corpora that lie beside the repository, used where they are. Small, for the engines' own tests use it too.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where weir keeps what is expensive to make: `$XDG_CACHE_HOME/weir`, or `~/.cache/weir`.
#[must_use]
pub fn cache_dir() -> PathBuf {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")));
    cache.unwrap_or_else(std::env::temp_dir).join("weir")
}

/// Unpacks `<area>/<name>.tar.zst` of the corpora beside this repository into the cache, once, and returns the folder that
/// it unpacks to (as `helm` for `helm/helm`, `demo/podinfo` for `demo/podinfo`). `None` where there are no corpora.
///
/// # Panics
/// When the archive is there but cannot be unpacked.
#[must_use]
pub fn corpus(area: &str, name: &str) -> Option<PathBuf> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let archive = repository.join("../shared/corpora").join(area).join(format!("{name}.tar.zst"));
    let size = fs::metadata(&archive).ok()?.len();
    let root = cache_dir().join("corpora");
    let target = root.join(format!("{area}-{name}-{size}"));
    fs::create_dir_all(&root).expect("the cache can be written");
    let lock = File::create(root.join("lock")).expect("the cache can be written");
    lock.lock().expect("the cache can be written");
    if !target.is_dir() {
        unpack(&archive, &root, &target);
    }
    Some(content(&target, area, name))
}

fn unpack(archive: &Path, root: &Path, target: &Path) {
    let scratch = tempfile::tempdir_in(root).expect("the cache can be written");
    let status = Command::new("tar").arg("--zstd").arg("-xf").arg(archive).arg("-C").arg(scratch.path()).status();
    let done = status.is_ok_and(|status| status.success());
    assert!(done, "`tar --zstd` failed: `{}`", archive.display());
    fs::rename(scratch.keep(), target).expect("the cache can be written");
}

/// The archives hold the folder that they are named after.
fn content(target: &Path, area: &str, name: &str) -> PathBuf {
    let candidates = [target.join(area).join(name), target.join(name), target.join(area)];
    candidates.into_iter().find(|folder| folder.is_dir()).unwrap_or_else(|| target.to_owned())
}

//! Sealing: reproducible, normalised, limited, all or nothing.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod common;

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::Read,
    os::unix::{fs::symlink, net::UnixListener},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use common::{fixture, key, mode, now, write};
use flate2::read::GzDecoder;
use weir_store::{Limits, Presence, Store, StoreConfig, StoreError};

fn entries(path: &Path) -> Vec<(String, u32, u64)> {
    let mut archive = tar::Archive::new(GzDecoder::new(File::open(path).unwrap()));
    let entry = |e: std::io::Result<tar::Entry<'_, _>>| {
        let e = e.unwrap();
        let h = e.header();
        assert_eq!((h.uid().unwrap(), h.gid().unwrap(), h.mtime().unwrap()), (0, 0, 0));
        (e.path().unwrap().display().to_string(), h.mode().unwrap(), e.size())
    };
    archive.entries().unwrap().map(entry).collect()
}

#[test]
fn an_artifact_says_what_flux_says() {
    let f = fixture(|_| {});
    write(f.tree.path(), "app.yaml", "a: 1\n");
    let at = "2026-01-02T03:04:05.678Z".parse().unwrap();
    let a = f.store.seal(&key(), "abc.tar.gz", "main@sha1:abc", f.tree.path(), &BTreeSet::new(), at).unwrap();
    assert_eq!(a.path, "gitrepository/flux-system/podinfo/abc.tar.gz");
    assert_eq!(a.url, "http://localhost:9090/gitrepository/flux-system/podinfo/abc.tar.gz");
    assert_eq!((a.revision.as_str(), a.last_update_time.as_str()), ("main@sha1:abc", "2026-01-02T03:04:05Z"));
    assert_eq!(a.size, Some(fs::metadata(f.root.path().join(&a.path)).unwrap().len() as i64));
    assert_eq!(f.store.check(&a).unwrap(), Presence::Present);
}

#[test]
fn entries_are_lexical_and_normalised() {
    let f = fixture(|_| {});
    for file in ["b/z.yaml", "b/a.yaml", "a.yaml", "run.sh", "b.txt", "listed"] {
        write(f.tree.path(), file, file);
    }
    mode(f.tree.path().join("run.sh"), 0o755);
    mode(f.tree.path().join("a.yaml"), 0o666);
    symlink("/etc/passwd", f.tree.path().join("link")).unwrap();
    symlink("b", f.tree.path().join("dirlink")).unwrap();
    let _socket = UnixListener::bind(f.tree.path().join("socket")).unwrap();
    let executables = BTreeSet::from([PathBuf::from("listed")]);
    let a = f.store.seal(&key(), "x.tar.gz", "r", f.tree.path(), &executables, now()).unwrap();
    let expected = [
        ("a.yaml", 0o600, 6),
        ("b/", 0o750, 0),
        ("b/a.yaml", 0o600, 8),
        ("b/z.yaml", 0o600, 8),
        ("b.txt", 0o600, 5),
        ("listed", 0o700, 6),
        ("run.sh", 0o700, 6),
    ];
    let found = entries(&f.root.path().join(a.path));
    assert_eq!(found, expected.map(|(p, m, s)| (p.trim_end_matches('/').to_owned(), m, s)));
}

#[test]
fn the_digest_depends_on_content_only() {
    let deep = format!("{}/{}.yaml", ["d"; 60].join("/"), "long-name".repeat(12));
    let sealed = |owner_bits: u32, second: u64| {
        let f = fixture(|_| {});
        for file in ["kustomization.yaml", "base/app.yaml", deep.as_str()] {
            write(f.tree.path(), file, "x: 1\n");
            mode(f.tree.path().join(file), owner_bits);
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(second);
            File::options().append(true).open(f.tree.path().join(file)).unwrap().set_modified(time).unwrap();
        }
        f.seal().unwrap().digest
    };
    let first = sealed(0o644, 1);
    assert_eq!(first, sealed(0o600, 2_000_000));
    assert_ne!(first, sealed(0o755, 1));
    assert_eq!(
        first, "sha256:3074f5ae0b18378c941c183b9702d21a7c6b06c3b3b898f4baa3eebc258842c6",
        "another digest re-downloads every artifact of every cluster"
    );
}

#[test]
fn sealing_twice_gives_the_same_artifact() {
    let f = fixture(|_| {});
    write(f.tree.path(), "a", "1");
    let first = f.seal().unwrap();
    let second = f.seal().unwrap();
    assert_eq!((&first.digest, &first.path, first.size), (&second.digest, &second.path, second.size));
    assert_eq!(f.store.check(&first).unwrap(), Presence::Present);
}

#[test]
fn every_limit_stops_a_seal_and_stores_nothing() {
    let check = |limits: Limits, what: &str| {
        let f = fixture(|c| c.limits = limits);
        write(f.tree.path(), "dir/0123456789", "0123456789");
        write(f.tree.path(), "b", "0123456789");
        match f.seal() {
            Err(StoreError::Limit { what: found, .. }) => assert_eq!(found, what),
            other => panic!("{what}: {other:?}"),
        }
        assert_eq!(fs::read_dir(f.root.path().join(".tmp")).unwrap().count(), 0);
        assert!(!f.root.path().join("gitrepository").exists());
    };
    let fits = Limits { total_bytes: 20, entries: 3, path_bytes: 14 };
    check(Limits { total_bytes: 19, ..fits }, "total size");
    check(Limits { entries: 2, ..fits }, "number of files");
    check(Limits { path_bytes: 13, ..fits }, "path length");
    let f = fixture(|c| c.limits = fits);
    write(f.tree.path(), "dir/0123456789", "0123456789");
    write(f.tree.path(), "b", "0123456789");
    assert!(f.seal().is_ok());
    let long = f.store.put(&key(), "chart.tgz", "1.0.0", &[0u8; 21][..], now());
    assert!(matches!(long, Err(StoreError::Limit { what: "total size", .. })), "{long:?}");
}

#[test]
fn missing_and_corrupt_are_told_apart() {
    let f = fixture(|_| {});
    let a = f.put("index.yaml", b"{}");
    let file = f.root.path().join(&a.path);
    assert_eq!(f.store.check(&a).unwrap(), Presence::Present);
    fs::write(&file, "{ }").unwrap();
    assert_eq!(f.store.check(&a).unwrap(), Presence::Corrupt);
    assert_eq!(f.store.check(&a).unwrap(), Presence::Corrupt, "every time");
    assert!(matches!(f.store.open_tree(&a), Err(StoreError::Corrupt { .. })));
    f.store.discard(&a).unwrap();
    f.store.discard(&a).unwrap();
    assert_eq!(f.store.check(&a).unwrap(), Presence::Missing);
    assert!(matches!(f.store.open_file(&a), Err(StoreError::Missing { .. })));
}

#[test]
fn an_alias_follows_the_newest_artifact() {
    let f = fixture(|_| {});
    for (file, content) in [("index-1.yaml", "one"), ("index-2.yaml", "two")] {
        let a = f.put(file, content.as_bytes());
        let url = f.store.link(&a, "index.yaml").unwrap();
        assert_eq!(url, "http://localhost:9090/gitrepository/flux-system/podinfo/index.yaml");
        let mut read = String::new();
        let alias = f.root.path().join("gitrepository/flux-system/podinfo/index.yaml");
        File::open(alias).unwrap().read_to_string(&mut read).unwrap();
        assert_eq!(read, content);
    }
}

#[test]
fn retention_keeps_the_current_and_one_young_file() {
    let f = fixture(|_| {});
    let [old, older, current] = ["a.tar.gz", "b.tar.gz", "c.tar.gz"].map(|n| f.put(n, n.as_bytes()));
    f.store.link(&current, "latest.tar.gz").unwrap();
    let age = |path: &str, seconds| {
        let time = SystemTime::from(now()) - Duration::from_secs(seconds);
        File::options().append(true).open(f.root.path().join(path)).unwrap().set_modified(time).unwrap();
    };
    age(&old.path, 20);
    age(&older.path, 30);
    assert_eq!(f.store.collect(&key(), &current, now()).unwrap(), std::slice::from_ref(&older.path));
    assert!(f.store.collect(&key(), &current, now()).unwrap().is_empty());
    age(&old.path, 90);
    age(&current.path, 90);
    assert_eq!(f.store.collect(&key(), &current, now()).unwrap(), [old.path]);
    assert_eq!(f.store.check(&current).unwrap(), Presence::Present);
    f.store.remove(&key()).unwrap();
    f.store.remove(&key()).unwrap();
    assert_eq!(f.store.check(&current).unwrap(), Presence::Missing);
}

#[test]
fn leftovers_go_on_start_and_artifacts_stay() {
    let f = fixture(|_| {});
    let a = f.put("a.tgz", b"a");
    let root = f.root;
    drop(f.store);
    write(root.path(), ".tmp/.tmpHalf", "half");
    write(root.path(), ".trees/x/y", "half");
    for _ in 0..2 {
        let store = Store::open(StoreConfig::new(root.path(), "h")).unwrap();
        assert_eq!(fs::read_dir(root.path().join(".tmp")).unwrap().count(), 0);
        assert_eq!(fs::read_dir(root.path().join(".trees")).unwrap().count(), 0);
        assert_eq!(store.check(&a).unwrap(), Presence::Present);
    }
}

#[test]
fn a_root_has_one_owner() {
    let f = fixture(|_| {});
    let again = || Store::open(StoreConfig::new(f.root.path(), "h"));
    assert!(matches!(again(), Err(StoreError::Locked { .. })));
    drop(f.store);
    assert!(again().is_ok());
}

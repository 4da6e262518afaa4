//! Reading: unpacked once, shared, bounded, and safe with hostile archives.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod common;

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    thread,
};

use common::{Fixture, fixture, mode, write};
use flate2::{Compression, write::GzEncoder};
use tar::{Builder, EntryType, Header};
use weir_store::{Limits, MAX_HEADER_BYTES, StoreError, Tree};

type Hostile = Builder<GzEncoder<Vec<u8>>>;

/// An archive built without the checks that the tar crate makes when writing.
fn archive(build: impl FnOnce(&mut Hostile)) -> Vec<u8> {
    let mut builder = Builder::new(GzEncoder::new(vec![], Compression::fast()));
    build(&mut builder);
    builder.into_inner().unwrap().finish().unwrap()
}

fn entry(archive: &mut Hostile, kind: EntryType, path: &str, link: &str, content: &[u8]) {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(0o777);
    header.set_size(content.len() as u64);
    let old = header.as_old_mut();
    old.name[..path.len()].copy_from_slice(path.as_bytes());
    old.linkname[..link.len()].copy_from_slice(link.as_bytes());
    header.set_cksum();
    archive.append(&header, content).unwrap();
}

fn open(f: &Fixture, bytes: &[u8]) -> Result<Tree, StoreError> {
    f.store.open_tree(&f.put("x.tar.gz", bytes))
}

fn trees(f: &Fixture) -> usize {
    fs::read_dir(f.root.path().join(".trees")).unwrap().count()
}

#[test]
fn a_sealed_directory_comes_back() {
    let f = fixture(|_| {});
    write(f.tree.path(), "base/app.yaml", "a: 1\n");
    write(f.tree.path(), "run.sh", "#!");
    mode(f.tree.path().join("run.sh"), 0o755);
    fs::create_dir(f.tree.path().join("empty")).unwrap();
    let long: PathBuf = ["directory"; 40].iter().collect();
    write(f.tree.path(), long.join("file").to_str().unwrap(), "deep");
    let tree = f.store.open_tree(&f.seal().unwrap()).unwrap();
    assert_eq!(fs::read_to_string(tree.path().join("base/app.yaml")).unwrap(), "a: 1\n");
    assert_eq!(fs::read_to_string(tree.path().join(long).join("file")).unwrap(), "deep");
    assert!(tree.path().join("empty").is_dir());
    let bits = |file: &str| tree.path().join(file).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((bits("run.sh"), bits("base/app.yaml")), (0o700, 0o600));
}

#[test]
fn entries_that_leave_the_directory_are_refused() {
    for path in ["../evil", "/etc/evil", "a/../../evil", "a/.."] {
        let f = fixture(|_| {});
        let bytes = archive(|a| entry(a, EntryType::Regular, path, "", b"x"));
        assert!(matches!(open(&f, &bytes), Err(StoreError::Escapes { .. })), "{path}");
        assert_eq!(trees(&f), 0);
    }
}

#[test]
fn links_and_specials_are_left_out() {
    let f = fixture(|_| {});
    let outside = tempfile::TempDir::new().unwrap();
    let bytes = archive(|a| {
        entry(a, EntryType::Symlink, "out", outside.path().to_str().unwrap(), b"");
        entry(a, EntryType::Regular, "out/evil", "", b"inside");
        entry(a, EntryType::Link, "hard", "/etc/passwd", b"");
        entry(a, EntryType::Symlink, "dangling", "../../..", b"");
        entry(a, EntryType::Fifo, "fifo", "", b"");
        entry(a, EntryType::Char, "null", "", b"");
        entry(a, EntryType::XGlobalHeader, "pax_global_header", "", b"22 comment=0123456789\n");
        entry(a, EntryType::Directory, "./", "", b"");
        entry(a, EntryType::Regular, "./kept", "", b"1");
        entry(a, EntryType::Regular, "kept", "", b"2");
    });
    let tree = open(&f, &bytes).unwrap();
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    assert_eq!(fs::read_to_string(tree.path().join("out/evil")).unwrap(), "inside");
    assert_eq!(fs::read_to_string(tree.path().join("kept")).unwrap(), "2", "the last entry of a name wins");
    let mut names: Vec<_> = fs::read_dir(tree.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["kept", "out"]);
}

#[test]
fn a_file_as_a_parent_fails_cleanly() {
    let f = fixture(|_| {});
    let bytes = archive(|a| {
        entry(a, EntryType::Regular, "a", "", b"x");
        entry(a, EntryType::Regular, "a/b", "", b"x");
    });
    assert!(matches!(open(&f, &bytes), Err(StoreError::Io { .. })));
    assert_eq!(trees(&f), 0);
}

#[test]
fn every_limit_stops_an_archive() {
    let check = |limits: Limits, what: &str| {
        let f = fixture(|c| c.limits = limits);
        let bytes = archive(|a| {
            entry(a, EntryType::Regular, "abcdef", "", &[0; 4096]);
            entry(a, EntryType::Regular, "b", "", &[0; 4096]);
        });
        match open(&f, &bytes) {
            Err(StoreError::Limit { what: found, .. }) => assert_eq!(found, what),
            other => panic!("{what}: {other:?}"),
        }
        assert_eq!(trees(&f), 0);
    };
    check(Limits { total_bytes: 8191, ..Limits::default() }, "total size");
    check(Limits { entries: 1, ..Limits::default() }, "number of files");
    check(Limits { path_bytes: 5, ..Limits::default() }, "path length");
}

#[test]
fn a_size_that_lies_is_refused_before_it_is_read() {
    let f = fixture(|c| c.limits = Limits { total_bytes: 1 << 20, ..Limits::default() });
    let bytes = archive(|a| {
        let mut header = Header::new_gnu();
        header.set_size(1 << 40);
        header.set_path("big").unwrap();
        header.set_cksum();
        a.append(&header, io::empty()).unwrap();
    });
    assert!(matches!(open(&f, &bytes), Err(StoreError::Limit { what: "total size", .. })));
}

#[test]
fn long_names_do_not_fill_the_memory() {
    for kind in [EntryType::GNULongName, EntryType::GNULongLink, EntryType::XHeader] {
        let f = fixture(|_| {});
        let bomb = vec![b'a'; MAX_HEADER_BYTES as usize];
        let bytes = archive(|a| {
            entry(a, kind, "bomb", "", &bomb);
            entry(a, EntryType::Regular, "x", "", b"x");
        });
        let error = open(&f, &bytes).unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains("65536"), "{kind:?}: {source}");
    }
}

#[test]
fn rubbish_is_an_error_and_leaves_nothing() {
    let whole = archive(|a| entry(a, EntryType::Regular, "x", "", &[7; 9000]));
    let mut plain = GzEncoder::new(vec![], Compression::fast());
    plain.write_all(&[b'x'; 2048]).unwrap();
    for bytes in [b"not gzip".to_vec(), whole[..whole.len() / 2].to_vec(), plain.finish().unwrap()] {
        let f = fixture(|_| {});
        assert!(matches!(open(&f, &bytes), Err(StoreError::Io { .. })));
        assert_eq!(trees(&f), 0);
    }
}

#[test]
fn a_tree_is_shared_between_readers() {
    let f = fixture(|_| {});
    write(f.tree.path(), "a", "1");
    let artifact = f.seal().unwrap();
    let paths: Vec<PathBuf> = thread::scope(|s| {
        let readers: Vec<_> =
            (0..8).map(|_| s.spawn(|| f.store.open_tree(&artifact).unwrap().path().to_owned())).collect();
        readers.into_iter().map(|r| r.join().unwrap()).collect()
    });
    assert!(paths.iter().all(|p| *p == paths[0]));
    assert_eq!(trees(&f), 1);
    f.store.remove(&common::key()).unwrap();
    assert!(f.store.open_tree(&artifact).is_ok(), "unpacked already");
}

#[test]
fn the_cache_drops_what_was_not_used_for_longest_but_never_what_is_in_use() {
    let f = fixture(|c| c.tree_cache_bytes = 250);
    let make = |name: &str| {
        let bytes = archive(|a| entry(a, EntryType::Regular, name, "", &[0; 100]));
        f.put(&format!("{name}.tar.gz"), &bytes)
    };
    let [a, b, c, d] = ["a", "b", "c", "d"].map(make);
    let held = f.store.open_tree(&a).unwrap();
    for artifact in [&b, &c, &b, &d] {
        f.store.open_tree(artifact).unwrap();
    }
    assert_eq!(trees(&f), 4, "`a` in use, `b`, `c` spare, `d` in use until now");
    let path = f.store.open_tree(&b).unwrap().path().to_owned();
    f.store.open_tree(&d).unwrap();
    f.store.open_tree(&a).unwrap();
    assert_eq!(trees(&f), 3, "`c` is gone");
    assert_eq!(f.store.open_tree(&b).unwrap().path(), path, "`b` is still there");
    assert!(held.path().join("a").exists());
}

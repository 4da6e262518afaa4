//! Packs as `git pack-objects` writes them, whole and damaged.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Entries, Objects, PackError};

pub(crate) struct Fixture {
    directory: tempfile::TempDir,
}

impl Fixture {
    /// Similar files of many sizes, so that there are chains of deltas, and long ones that do not fit into memory twice.
    fn new() -> Fixture {
        let fixture = Fixture { directory: tempfile::tempdir().unwrap() };
        fixture.git(&["init", "-q", "."]);
        let mut line = 7_u64;
        let mut noise = |lines: usize| -> String {
            (0..lines)
                .map(|_| {
                    format!("{:x}\n", {
                        line = line.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                        line
                    })
                })
                .collect()
        };
        let (common, long) = (noise(300), noise(520_000));
        for at in 0..40 {
            fixture.write(&format!("small-{at}"), &format!("{common}{}\n{common}", at * 31));
        }
        for at in 0..2 {
            fixture.write(&format!("long-{at}"), &format!("{long}{at}"));
        }
        fixture.git(&["add", "."]);
        fixture.git(&["-c", "user.name=a", "-c", "user.email=b", "commit", "-q", "-m", "all"]);
        fixture
    }

    /// Nothing but an empty repository.
    pub(crate) fn empty() -> Fixture {
        let fixture = Fixture { directory: tempfile::tempdir().unwrap() };
        fixture.git(&["init", "-q", "."]);
        fixture
    }

    pub(crate) fn write(&self, name: &str, content: &str) {
        std::fs::write(self.directory.path().join(name), content).unwrap();
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> Vec<u8> {
        let output = Command::new("git").args(arguments).current_dir(self.directory.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    pub(crate) fn pack(&self, extra: &[&str]) -> Vec<u8> {
        let script = format!("git rev-list --objects --all | git pack-objects -q --stdout {}", extra.join(" "));
        let output = Command::new("sh")
            .args(["-c", &script])
            .current_dir(self.directory.path())
            .stderr(Stdio::null())
            .output()
            .unwrap();
        output.stdout
    }

    /// Names of all objects with their kinds.
    fn objects(&self) -> BTreeMap<String, String> {
        let text = String::from_utf8(self.git(&["cat-file", "--batch-all-objects", "--batch-check"])).unwrap();
        let pair = |line: &str| line.split_once(' ').map(|(id, rest)| (id.to_owned(), rest.to_owned()));
        text.lines().filter_map(pair).collect()
    }
}

fn receive(pack: &[u8], scratch: &Path) -> Result<Objects, PackError> {
    Objects::receive(&mut &pack[..], scratch)
}

#[test]
fn every_object_is_found_and_read() {
    let fixture = Fixture::new();
    for extra in [&["--delta-base-offset"][..], &[], &["--depth=0"], &["--depth=2"]] {
        let scratch = tempfile::tempdir().unwrap();
        let mut objects = receive(&fixture.pack(extra), scratch.path()).unwrap();
        let expected = fixture.objects();
        assert_eq!(objects.entries.list.len(), expected.len());
        for (id, kind_and_size) in &expected {
            let at = objects.find(&gix_hash::ObjectId::from_hex(id.as_bytes()).unwrap()).unwrap();
            let mut content = Vec::new();
            let size = objects.write(at, &mut content).unwrap();
            assert_eq!(format!("{} {size}", objects.kind(at).unwrap()), *kind_and_size, "{extra:?}");
            let kind = objects.kind(at).unwrap();
            let named = gix_object::compute_hash(gix_hash::Kind::Sha1, kind, &content).unwrap();
            assert_eq!(named.to_string(), *id, "{extra:?}");
        }
        let left: Vec<_> =
            std::fs::read_dir(scratch.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
        assert!(left.len() <= 5, "spilled objects go away: {left:?}");
    }
}

#[test]
fn a_base_outside_of_the_pack_is_an_error() {
    let fixture = Fixture::new();
    fixture.write(
        "small-0",
        &format!("{}\nmore", std::fs::read_to_string(fixture.directory.path().join("small-1")).unwrap()),
    );
    fixture.git(&["-c", "user.name=a", "-c", "user.email=b", "commit", "-q", "-a", "-m", "next"]);
    let script = "printf 'HEAD\\n^HEAD~\\n' | git pack-objects -q --stdout --thin --revs";
    let output = Command::new("sh").args(["-c", script]).current_dir(fixture.directory.path()).output().unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let error = receive(&output.stdout, scratch.path()).err().unwrap();
    assert!(error.to_string().contains("a delta has no base"), "{error}");
}

#[test]
fn damage_is_noticed_and_nothing_panics() {
    let fixture = Fixture { directory: tempfile::tempdir().unwrap() };
    fixture.git(&["init", "-q", "."]);
    for at in 0..4 {
        fixture.write(&format!("{at}"), &format!("{}{at}", "the same line again\n".repeat(20)));
    }
    fixture.git(&["add", "."]);
    fixture.git(&["-c", "user.name=a", "-c", "user.email=b", "commit", "-q", "-m", "all"]);
    let good = fixture.pack(&["--delta-base-offset"]);
    let scratch = tempfile::tempdir().unwrap();
    receive(&good, scratch.path()).unwrap();
    for length in 0..good.len() {
        assert!(receive(&good[..length], scratch.path()).is_err(), "cut at {length}");
    }
    for at in 0..good.len() {
        for flip in [1, 0x10, 0x80, 0xff] {
            let mut bad = good.clone();
            bad[at] ^= flip;
            assert!(receive(&bad, scratch.path()).is_err(), "byte {at} with {flip:x}");
        }
    }
}

#[test]
fn announced_sizes_are_limited() {
    let header = |count: u32| [&b"PACK\0\0\0\x02"[..], &count.to_be_bytes()].concat();
    let check = |pack: Vec<u8>, part: &str| {
        let scratch = tempfile::tempdir().unwrap();
        let error = receive(&pack, scratch.path()).err().unwrap().to_string();
        assert!(error.contains(part), "{error}");
    };
    let scratch = tempfile::tempdir().unwrap();
    let pack = Fixture::new().pack(&["--depth=0"]);
    let error = Entries::receive(&mut &pack[..], &scratch.path().join("pack"), 1 << 20).unwrap_err();
    let error = weir_sdk::Error::from(error).to_string();
    assert!(error.contains("the pack's size in bytes exceeds 1048576"), "{error}");
    check(header(crate::MAX_OBJECTS + 1), "the number of objects");
    // A blob that announces 2^34 bytes.
    check([header(1), vec![0xb0, 0x80, 0x80, 0x80, 0x80, 0x10]].concat(), "an object's size");
}

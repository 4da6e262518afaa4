//! Storage that survives the call, one directory per tenant and plugin: blobs by their content, and by keys.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::failure::{Class, FailureKind};
use crate::limits::{BLOB_CACHE_BYTES, PAYLOAD_BYTES};

pub(crate) struct BlobCache {
    directory: PathBuf,
    quota: u64,
    scope: Scope,
}

/// Who finds by key what this call keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Nobody,
    /// Calls of the same component.
    Component(String),
    /// Calls of the same component for the same input.
    Input {
        component: String,
        identity: String,
    },
}

#[expect(unreachable_pub, reason = "generated code names it")]
pub struct Blob {
    content: Content,
    size: u64,
}

enum Content {
    File(File),
    Memory(Vec<u8>),
}

#[expect(unreachable_pub, reason = "generated code names it")]
pub struct BlobWriter {
    file: NamedTempFile,
    hasher: Sha256,
    written: u64,
    quota: u64,
}

/// Bytes of the checksum at the end of what is found by key: its name does not say what has to be in it.
const CHECKSUM_BYTES: usize = 4;
/// What is found by key and is larger stays in its file until it is read: a guest takes it in parts, and holds it itself.
const IN_MEMORY_BYTES: u64 = 256 << 10;
/// How much of a file is in memory while its checksum is computed.
const CHECKED_AT_ONCE: usize = 64 << 10;

impl BlobCache {
    /// Tenants never share: that one has a blob would show to another.
    pub(crate) fn new(root: &Path, tenant: &str, plugin: &str) -> Self {
        let name = hex::encode(Sha256::digest(format!("{tenant}\0{plugin}")));
        Self { directory: root.join(name), quota: BLOB_CACHE_BYTES, scope: Scope::Nobody }
    }

    /// Lets the call find and keep by key.
    pub(crate) fn with_scope(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    /// From now on nothing is found or kept by key.
    pub(crate) fn close(&mut self) {
        self.scope = Scope::Nobody;
    }

    /// Nothing, too, for what is not a digest.
    pub(crate) fn open(&self, digest: &str) -> Option<Blob> {
        let name = digest.strip_prefix("sha256:")?;
        let is_hex =
            name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        let file = is_hex.then(|| File::open(self.directory.join(name)).ok())??;
        let size = file.metadata().ok()?.len();
        touch(&file);
        Some(Blob { content: Content::File(file), size })
    }

    /// Nothing, too, for what is damaged.
    pub(crate) fn find(&self, key: &str) -> Option<Blob> {
        let mut file = File::open(self.directory.join(self.name(key)?)).ok()?;
        let size = file.metadata().ok()?.len().checked_sub(CHECKSUM_BYTES as u64)?;
        touch(&file);
        let content = match size {
            0..=IN_MEMORY_BYTES => Content::Memory(checked_bytes(&mut file, size).ok()??),
            _ => Content::File(checked_file(file, size).ok()??),
        };
        Some(Blob { content, size })
    }

    /// Keeps data under a key; nothing where nobody would find it.
    pub(crate) fn keep(&self, key: &str, data: &[u8]) -> Result<(), FailureKind> {
        let Some(name) = self.name(key) else { return Ok(()) };
        if data.len() > PAYLOAD_BYTES {
            return Err(FailureKind::OutputLimit { what: "bytes under a key", limit: PAYLOAD_BYTES as u64 });
        }
        let mut file = self.temporary()?;
        let checksum = crc32fast::hash(data).to_le_bytes();
        file.write_all(data).and_then(|()| file.write_all(&checksum)).map_err(|error| failure(&error))?;
        self.persist(file, &name)
    }

    fn name(&self, key: &str) -> Option<String> {
        let (component, identity) = match &self.scope {
            Scope::Nobody => return None,
            Scope::Component(component) => (component, ""),
            Scope::Input { component, identity } => (component, identity.as_str()),
        };
        Some(format!("key-{}", hex::encode(Sha256::digest(format!("{component}\0{identity}\0{key}")))))
    }

    pub(crate) fn create(&self) -> Result<BlobWriter, FailureKind> {
        Ok(BlobWriter { file: self.temporary()?, hasher: Sha256::new(), written: 0, quota: self.quota })
    }

    fn temporary(&self) -> Result<NamedTempFile, FailureKind> {
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.directory);
        made.and_then(|()| NamedTempFile::new_in(&self.directory)).map_err(|error| failure(&error))
    }

    pub(crate) fn commit(&self, writer: BlobWriter) -> Result<String, FailureKind> {
        let name = hex::encode(writer.hasher.finalize());
        self.persist(writer.file, &name)?;
        Ok(format!("sha256:{name}"))
    }

    fn persist(&self, file: NamedTempFile, name: &str) -> Result<(), FailureKind> {
        file.persist(self.directory.join(name)).map_err(|error| failure(&error.error))?;
        self.evict().map_err(|error| failure(&error))
    }

    /// Removes what was not used for longest until the rest fits.
    fn evict(&self) -> io::Result<()> {
        let mut blobs = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            blobs.push((metadata.modified()?, metadata.len(), entry.path()));
        }
        blobs.sort();
        let mut total: u64 = blobs.iter().map(|(_, size, _)| size).sum();
        for (_, size, path) in blobs {
            if total <= self.quota {
                break;
            }
            fs::remove_file(path)?;
            total -= size;
        }
        Ok(())
    }
}

impl Blob {
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn read(&mut self, offset: u64, max: u32) -> Result<Vec<u8>, FailureKind> {
        let left = self.size.saturating_sub(offset).min(u64::from(max)).min(PAYLOAD_BYTES as u64);
        if left == 0 {
            return Ok(Vec::new());
        }
        let file = match &mut self.content {
            Content::Memory(data) => return Ok(data[offset as usize..(offset + left) as usize].to_vec()),
            Content::File(file) => file,
        };
        let mut data = vec![0; left as usize];
        let read = file.seek(SeekFrom::Start(offset)).and_then(|_| file.read_exact(&mut data));
        read.map_err(|error| failure(&error))?;
        Ok(data)
    }
}

impl BlobWriter {
    pub(crate) fn write(&mut self, data: &[u8]) -> Result<(), FailureKind> {
        self.written += data.len() as u64;
        if self.written > self.quota {
            return Err(FailureKind::OutputLimit { what: "bytes in the cache", limit: self.quota });
        }
        self.hasher.update(data);
        self.file.write_all(data).map_err(|error| failure(&error))
    }
}

/// The first `size` bytes, if they are what the checksum behind them says.
fn checked_bytes(file: &mut File, size: u64) -> io::Result<Option<Vec<u8>>> {
    let mut data = vec![0; size as usize];
    file.read_exact(&mut data)?;
    let checksum = crc32fast::hash(&data);
    Ok(ends_with(file, checksum)?.then_some(data))
}

/// The same file, if its first `size` bytes are what the checksum behind them says. Nobody writes into it: what is kept
/// anew takes the place of the file.
fn checked_file(mut file: File, size: u64) -> io::Result<Option<File>> {
    let (mut hasher, mut part) = (crc32fast::Hasher::new(), vec![0; CHECKED_AT_ONCE]);
    let mut left = size as usize;
    while left > 0 {
        let part = &mut part[..left.min(CHECKED_AT_ONCE)];
        file.read_exact(part)?;
        hasher.update(part);
        left -= part.len();
    }
    Ok(ends_with(&mut file, hasher.finalize())?.then_some(file))
}

fn ends_with(file: &mut File, checksum: u32) -> io::Result<bool> {
    let mut end = [0; CHECKSUM_BYTES];
    file.read_exact(&mut end)?;
    Ok(end == checksum.to_le_bytes())
}

/// Its age says what was used last.
fn touch(file: &File) {
    let _ = file.set_modified(std::time::SystemTime::now());
}

/// What a guest is told where there is no cache; it goes on without.
pub(crate) fn absent() -> FailureKind {
    failure(&"there is none")
}

fn failure(error: &dyn std::fmt::Display) -> FailureKind {
    FailureKind::Guest {
        class: Class::Transient,
        reason: "CacheFailed".to_owned(),
        message: format!("cache: {error}"),
        retry_after: None,
        details: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(cache: &BlobCache, data: &[u8]) -> Result<String, FailureKind> {
        let mut writer = cache.create()?;
        writer.write(data)?;
        cache.commit(writer)
    }

    #[test]
    fn blobs_are_found_by_digest_and_by_their_tenant_only() {
        let root = tempfile::tempdir().unwrap();
        let cache = BlobCache::new(root.path(), "a", "git");
        let digest = put(&cache, b"hello").unwrap();
        assert_eq!(digest, "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
        let mut blob = cache.open(&digest).unwrap();
        assert_eq!((blob.size(), blob.read(1, 3).unwrap(), blob.read(9, 3).unwrap()), (5, b"ell".to_vec(), vec![]));
        assert!(BlobCache::new(root.path(), "b", "git").open(&digest).is_none());
        for bad in ["sha256:../../x", "sha256:", "x", &digest.to_uppercase()] {
            assert!(cache.open(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn what_was_kept_is_found_by_the_same_component_for_the_same_input() {
        let root = tempfile::tempdir().unwrap();
        let input =
            |component: &str, identity: &str| Scope::Input { component: component.into(), identity: identity.into() };
        let cache = |scope| BlobCache::new(root.path(), "a", "helm").with_scope(scope);
        let keep = |cache: &BlobCache, data: &[u8]| cache.keep("chart", data).unwrap();
        let found = |cache: &BlobCache| cache.find("chart").map(|mut blob| blob.read(0, 99).unwrap());
        let own = cache(input("sha256:aa", "sha256:1"));
        keep(&own, b"first");
        keep(&own, b"second");
        assert_eq!(found(&own).unwrap(), b"second");
        let mut blob = own.find("chart").unwrap();
        assert_eq!((blob.size(), blob.read(2, 2).unwrap(), blob.read(9, 1).unwrap()), (6, b"co".to_vec(), vec![]));
        for other in
            [input("sha256:bb", "sha256:1"), input("sha256:aa", "sha256:2"), Scope::Component("sha256:aa".into())]
        {
            assert!(found(&cache(other)).is_none());
        }
        keep(&cache(Scope::Nobody), b"x");
        assert!(found(&cache(Scope::Nobody)).is_none());
        assert!(own.find("other").is_none());
        assert!(BlobCache::new(root.path(), "b", "helm").with_scope(own.scope.clone()).find("chart").is_none());
    }

    #[test]
    fn what_is_damaged_is_not_found() {
        let large: Vec<u8> = (0..=IN_MEMORY_BYTES).map(|at| (at % 251) as u8).collect();
        for data in [b"hello", &large[..]] {
            damaged_is_not_found(data);
        }
    }

    fn damaged_is_not_found(data: &[u8]) {
        let root = tempfile::tempdir().unwrap();
        let cache = BlobCache::new(root.path(), "a", "helm").with_scope(Scope::Component("sha256:aa".into()));
        cache.keep("k", data).unwrap();
        let path = cache.directory.join(cache.name("k").unwrap());
        let good = fs::read(&path).unwrap();
        let mut flipped = good.clone();
        flipped[1] ^= 1;
        for bad in [&flipped[..], &good[..good.len() - 1], b"abc", b""] {
            fs::write(&path, bad).unwrap();
            assert!(cache.find("k").is_none(), "{} bytes", bad.len());
        }
        fs::write(&path, &good).unwrap();
        let mut blob = cache.find("k").unwrap();
        assert_eq!((blob.size(), blob.read(1, 2).unwrap()), (data.len() as u64, data[1..3].to_vec()));
        let large = cache.keep("k", &vec![0; PAYLOAD_BYTES + 1]);
        assert!(matches!(large, Err(FailureKind::OutputLimit { .. })) && cache.find("k").is_some());
    }

    #[test]
    fn the_quota_holds() {
        let root = tempfile::tempdir().unwrap();
        let cache = BlobCache { quota: 10, ..BlobCache::new(root.path(), "a", "git") };
        let first = put(&cache, b"12345678").unwrap();
        let second = put(&cache, b"abcdefgh").unwrap();
        assert!(cache.open(&first).is_none() && cache.open(&second).is_some());
        assert!(matches!(put(&cache, b"12345678901"), Err(FailureKind::OutputLimit { limit: 10, .. })));
    }
}

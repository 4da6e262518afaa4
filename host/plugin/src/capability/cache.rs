//! Content-addressed storage, one directory per tenant and plugin.

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
}

#[expect(unreachable_pub, reason = "generated code names it")]
pub struct Blob {
    file: File,
    size: u64,
}

#[expect(unreachable_pub, reason = "generated code names it")]
pub struct BlobWriter {
    file: NamedTempFile,
    hasher: Sha256,
    written: u64,
    quota: u64,
}

impl BlobCache {
    /// Tenants never share: that one has a blob would show to another.
    pub(crate) fn new(root: &Path, tenant: &str, plugin: &str) -> Self {
        let name = hex::encode(Sha256::digest(format!("{tenant}\0{plugin}")));
        Self { directory: root.join(name), quota: BLOB_CACHE_BYTES }
    }

    /// Nothing, too, for what is not a digest.
    pub(crate) fn open(&self, digest: &str) -> Option<Blob> {
        let name = digest.strip_prefix("sha256:")?;
        let is_hex =
            name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        let file = is_hex.then(|| File::open(self.directory.join(name)).ok())??;
        let size = file.metadata().ok()?.len();
        // Its age says what was used last.
        let _ = file.set_modified(std::time::SystemTime::now());
        Some(Blob { file, size })
    }

    pub(crate) fn create(&self) -> Result<BlobWriter, FailureKind> {
        let create = || {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.directory)?;
            NamedTempFile::new_in(&self.directory)
        };
        let file = create().map_err(|error| failure(&error))?;
        Ok(BlobWriter { file, hasher: Sha256::new(), written: 0, quota: self.quota })
    }

    pub(crate) fn commit(&self, writer: BlobWriter) -> Result<String, FailureKind> {
        let name = hex::encode(writer.hasher.finalize());
        writer.file.persist(self.directory.join(&name)).map_err(|error| failure(&error.error))?;
        self.evict().map_err(|error| failure(&error))?;
        Ok(format!("sha256:{name}"))
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
        let mut data = vec![0; left as usize];
        let read = self.file.seek(SeekFrom::Start(offset)).and_then(|_| self.file.read_exact(&mut data));
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
    fn the_quota_holds() {
        let root = tempfile::tempdir().unwrap();
        let cache = BlobCache { quota: 10, ..BlobCache::new(root.path(), "a", "git") };
        let first = put(&cache, b"12345678").unwrap();
        let second = put(&cache, b"abcdefgh").unwrap();
        assert!(cache.open(&first).is_none() && cache.open(&second).is_some());
        assert!(matches!(put(&cache, b"12345678901"), Err(FailureKind::OutputLimit { limit: 10, .. })));
    }
}

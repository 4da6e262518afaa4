//! Compiled code on disk. Loading it is running it: every file is authenticated first.

use std::fs::{self, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use hmac::{Hmac, Mac};
use sha2::Sha256;
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::limits::COMPILED_FILES;

/// Bytes of the key and of a MAC.
const MAC_BYTES: usize = 32;
const KEY_FILE: &str = "key";
const SUFFIX: &str = "cwasm";
/// Changes with every release: compiled code of another build is not looked at.
const BUILD: &str = env!("CARGO_PKG_VERSION");

/// A directory that only this user can enter, with one file per component and engine.
pub(crate) struct CodeCache {
    directory: Option<PathBuf>,
    key: [u8; MAC_BYTES],
    compatibility: u64,
}

impl CodeCache {
    /// Without a directory, or if it cannot be used, code is compiled every time.
    pub(crate) fn open(directory: Option<PathBuf>, engine: &Engine) -> Self {
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        let opened = directory.and_then(|directory| match prepare(&directory) {
            Ok(key) => Some((directory, key)),
            Err(error) => {
                tracing::warn!(path = %directory.display(), %error, "compiled plugins are not kept");
                None
            }
        });
        let (directory, key) = opened.map_or((None, rand::random()), |(directory, key)| (Some(directory), key));
        Self { directory, key, compatibility: hasher.finish() }
    }

    /// Maps the compiled component if there is an authentic one, else compiles it and keeps the result.
    pub(crate) fn component(&self, engine: &Engine, digest: &str, bytes: &[u8]) -> wasmtime::Result<Component> {
        let name = format!("{}-{BUILD}-{:016x}.{SUFFIX}", digest.replace(':', "-"), self.compatibility);
        if let Some(component) = self.load(engine, &name) {
            return Ok(component);
        }
        let code = engine.precompile_component(bytes)?;
        let component = deserialize(engine, &code)?;
        self.keep(&name, &code);
        Ok(component)
    }

    fn load(&self, engine: &Engine, name: &str) -> Option<Component> {
        let path = self.directory.as_ref()?.join(name);
        let content = read_plain(&path).ok()?;
        let component = self.authentic(name, &content).and_then(|code| deserialize(engine, code).ok());
        if component.is_none() {
            tracing::warn!(path = %path.display(), "compiled plugin is not authentic, compiling again");
            // If it stays, the new file replaces it.
            let _ = fs::remove_file(&path);
        }
        component
    }

    /// The MAC covers the name too: a file cannot stand in for another.
    fn authentic<'a>(&self, name: &str, content: &'a [u8]) -> Option<&'a [u8]> {
        let (mac, code) = content.split_at_checked(MAC_BYTES)?;
        self.mac(name, code).verify_slice(mac).ok()?;
        Some(code)
    }

    fn mac(&self, name: &str, code: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(name.as_bytes());
        mac.update(&[0]);
        mac.update(code);
        mac
    }

    fn keep(&self, name: &str, code: &[u8]) {
        let Some(directory) = &self.directory else {
            return;
        };
        let mac = self.mac(name, code).finalize().into_bytes();
        let written = write(directory, name, &[&mac, code]).and_then(|()| evict(directory));
        if let Err(error) = written {
            tracing::warn!(path = %directory.display(), %error, "compiled plugin is not kept");
        }
    }
}

#[allow(unsafe_code)]
fn deserialize(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: the code was compiled by this process, or carries a MAC with a key that only this user can read.
    unsafe { Component::deserialize(engine, code) }
}

/// Makes the directory private and returns its key.
fn prepare(directory: &Path) -> io::Result<[u8; MAC_BYTES]> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    fs::set_permissions(directory, fs::Permissions::from_mode(0o700))?;
    let path = directory.join(KEY_FILE);
    if let Ok(key) = key(&path) {
        return Ok(key);
    }
    let fresh: [u8; MAC_BYTES] = rand::random();
    write(directory, KEY_FILE, &[&fresh])?;
    // Of two processes that start at once, one wins.
    key(&path)
}

fn key(path: &Path) -> io::Result<[u8; MAC_BYTES]> {
    let bytes = read_plain(path)?;
    bytes.try_into().map_err(|_| io::Error::from(io::ErrorKind::InvalidData))
}

/// Refuses links, and files that anybody else can write or read.
fn read_plain(path: &Path) -> io::Result<Vec<u8>> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_file() || metadata.permissions().mode() & 0o077 != 0 {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    fs::read(path)
}

/// By rename: a reader sees the whole file or none.
fn write(directory: &Path, name: &str, parts: &[&[u8]]) -> io::Result<()> {
    let temporary = directory.join(format!(".{name}.{:016x}", rand::random::<u64>()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
    let written = parts.iter().try_for_each(|part| file.write_all(part));
    written.and_then(|()| fs::rename(&temporary, directory.join(name))).inspect_err(|_| {
        let _ = fs::remove_file(&temporary);
    })
}

/// Removes the oldest files beyond the number that is kept.
fn evict(directory: &Path) -> io::Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == SUFFIX) {
            files.push((fs::metadata(&path)?.modified()?, path));
        }
    }
    files.sort();
    let surplus = files.len().saturating_sub(COMPILED_FILES);
    files.into_iter().take(surplus).try_for_each(|(_, path)| fs::remove_file(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The smallest component that there is.
    fn empty() -> Vec<u8> {
        // The header of a component with nothing in it.
        b"\0asm\x0d\0\x01\0".to_vec()
    }

    fn files(directory: &Path) -> Vec<PathBuf> {
        let paths = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
        paths.filter(|path| path.extension().is_some_and(|extension| extension == SUFFIX)).collect()
    }

    #[test]
    fn tampered_and_foreign_files_are_compiled_again() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("code");
        let engine = Engine::default();
        let cache = CodeCache::open(Some(directory.clone()), &engine);
        cache.component(&engine, "sha256:aa", &empty()).unwrap();
        let path = files(&directory).remove(0);
        let good = fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(cache.load(&engine, &name).is_some());

        let mut flipped = good.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 1;
        for bad in [flipped, good[..MAC_BYTES].to_vec(), b"short".to_vec()] {
            fs::write(&path, &bad).unwrap();
            assert!(cache.load(&engine, &name).is_none());
            assert!(!path.exists(), "a bad file is removed");
            cache.component(&engine, "sha256:aa", &empty()).unwrap();
            assert_eq!(fs::read(&path).unwrap().len(), good.len());
        }
        fs::copy(&path, directory.join("other.cwasm")).unwrap();
        assert!(cache.load(&engine, "other.cwasm").is_none(), "a file cannot stand in for another");
    }

    #[test]
    fn the_key_is_private_and_survives() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("code");
        let engine = Engine::default();
        let key = CodeCache::open(Some(directory.clone()), &engine).key;
        assert_eq!(CodeCache::open(Some(directory.clone()), &engine).key, key);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&directory), mode(&directory.join(KEY_FILE))), (0o700, 0o600));
        fs::set_permissions(directory.join(KEY_FILE), fs::Permissions::from_mode(0o644)).unwrap();
        assert_ne!(CodeCache::open(Some(directory), &engine).key, key, "a key that others can read is replaced");
    }

    #[test]
    fn old_files_go() {
        let root = tempfile::tempdir().unwrap();
        for number in 0..COMPILED_FILES + 3 {
            fs::write(root.path().join(format!("{number}.{SUFFIX}")), b"").unwrap();
        }
        evict(root.path()).unwrap();
        assert_eq!(files(root.path()).len(), COMPILED_FILES);
    }
}

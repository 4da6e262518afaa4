//! What stands behind a context: the real host in a guest, a fake one in tests.

use std::io::{Read, Write};
use std::path::Path;
use std::time::SystemTime;

use crate::documents::{Diagnostic, Document};
use crate::http::{Head, ResponseHead};
use crate::inputs::Answer;
use crate::log::Level;
use crate::tree::Entry;
use crate::{HmacAlgorithm, Result, SshCommand};

pub(crate) trait Host {
    fn log(&self, level: Level, message: &str, fields: &[(&str, &str)]);
    fn progress(&self, done: u64, total: Option<u64>, note: &str);
    fn cancelled(&self) -> bool;
    fn now(&self) -> SystemTime;
    fn random(&self, bytes: u32) -> Vec<u8>;

    /// The read-only input tree, the empty output directory and scratch space.
    fn directory(&self, which: Directory) -> &Path;
    fn symlink(&self, target: &str, link: &Path) -> Result<()>;
    /// Where a symbolic link of the input tree leads, as written in it; `None` when that cannot be told.
    fn link(&self, path: &str) -> Option<String>;
    fn list_entries(&self, prefix: &str, limit: u32, after: Option<&str>) -> Result<Vec<Entry>>;
    fn list_directory(&self, path: &str) -> Result<Vec<Entry>>;
    fn read(&self, path: &str) -> Result<Vec<u8>>;
    fn read_many(&self, paths: &[String]) -> Result<Vec<(String, Vec<u8>)>>;

    fn emit(&self, batch: Vec<Document>) -> Result<()>;
    fn diagnose(&self, diagnostic: Diagnostic);

    fn ask(&self, kind: &str, name: &str, body: &[u8]) -> Result<Option<Answer>>;

    fn secret(&self, binding: &str) -> Option<Box<dyn SecretHandle>>;
    fn http(&self, head: Head) -> Result<Box<dyn Exchange>>;
    fn ssh(&self, command: &SshCommand, credential: &dyn SecretHandle) -> Result<Duplex>;

    fn cache_get(&self, digest: &str) -> Result<Option<Vec<u8>>>;
    fn cache_put(&self, data: &[u8]) -> Result<String>;
    fn cache_find(&self, key: &str) -> Result<Option<Vec<u8>>>;
    fn cache_keep(&self, key: &str, data: &[u8]) -> Result<()>;
}

#[derive(Clone, Copy)]
pub(crate) enum Directory {
    Input,
    Output,
    Scratch,
}

pub(crate) trait SecretHandle {
    fn keys(&self) -> Vec<String>;
    fn reveal(&self, key: &str) -> Result<Vec<u8>>;
    fn hmac(&self, key: &str, algorithm: HmacAlgorithm, data: &[u8]) -> Result<Vec<u8>>;
    fn matches(&self, key: &str, candidate: &[u8]) -> Result<bool>;
    fn attach_http(&self, origin: &str, scheme: &str) -> Result<()>;
    /// The real host takes back its own handle.
    #[cfg(target_family = "wasm")]
    fn as_any(&self) -> &dyn std::any::Any;
}

/// A request whose body is being written.
pub(crate) trait Exchange: Write {
    fn finish(self: Box<Self>) -> Result<(ResponseHead, Box<dyn Read>)>;
}

/// Both halves of a tunnel and the fingerprint of the peer's key.
pub(crate) struct Duplex {
    pub(crate) reader: Box<dyn Read>,
    pub(crate) writer: Box<dyn Write>,
    pub(crate) peer_key: String,
}

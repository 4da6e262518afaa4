//! Each capability, handed through to the generated imports.

use std::any::Any;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::bindings::imports::wasi::clocks::wall_clock;
use super::bindings::imports::wasi::random::random;
use super::bindings::imports::weir::plugin::{cache, documents, inputs, log, secrets, tree, tunnel, types};
use super::streams::{self, Reader, Writer};
use crate::backend::{Directory, Duplex, Exchange, Host, SecretHandle};
use crate::documents::{Diagnostic, Document, Severity};
use crate::http::Head;
use crate::inputs::Answer;
use crate::tree::{Entry, EntryKind};
use crate::{Error, HmacAlgorithm, Level, Result, SshCommand};

/// How much of a blob one crossing moves: the host and the guest hold that much once more while it does.
const BLOB_CHUNK: u32 = 256 << 10;

pub(crate) struct GuestHost;

impl Host for GuestHost {
    fn log(&self, level: Level, message: &str, fields: &[(&str, &str)]) {
        let fields: Vec<_> = fields.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        log::log(log_level(level), message, &fields);
    }

    fn progress(&self, done: u64, total: Option<u64>, note: &str) {
        log::progress(done, total, note);
    }

    fn cancelled(&self) -> bool {
        log::cancelled()
    }

    fn now(&self) -> SystemTime {
        let now = wall_clock::now();
        SystemTime::UNIX_EPOCH + Duration::new(now.seconds, now.nanoseconds)
    }

    fn random(&self, bytes: u32) -> Vec<u8> {
        random::get_random_bytes(bytes.into())
    }

    fn directory(&self, which: Directory) -> &Path {
        Path::new(match which {
            Directory::Input => "/in",
            Directory::Output => "/out",
            Directory::Scratch => "/tmp",
        })
    }

    fn symlink(&self, target: &str, link: &Path) -> Result<()> {
        super::libc::symlink(target, link)
    }

    fn link(&self, path: &str) -> Option<String> {
        let target = std::fs::read_link(self.directory(Directory::Input).join(path)).ok()?;
        target.into_os_string().into_string().ok()
    }

    fn list_entries(&self, prefix: &str, limit: u32, after: Option<&str>) -> Result<Vec<Entry>> {
        Ok(tree::list_entries(prefix, limit, after)?.into_iter().map(entry).collect())
    }

    fn list_directory(&self, path: &str) -> Result<Vec<Entry>> {
        Ok(tree::list_directory(path)?.into_iter().map(entry).collect())
    }

    fn read(&self, path: &str) -> Result<Vec<u8>> {
        Ok(tree::read(path)?)
    }

    fn read_many(&self, paths: &[String]) -> Result<Vec<(String, Vec<u8>)>> {
        Ok(tree::read_many(paths)?)
    }

    fn emit(&self, batch: Vec<Document>) -> Result<()> {
        let documents: Vec<_> =
            batch.into_iter().map(|one| (one.text, documents::Origin { path: one.path, index: one.index })).collect();
        Ok(documents::emit(&documents)?)
    }

    fn diagnose(&self, diagnostic: Diagnostic) {
        documents::diagnose(&types::Diagnostic {
            severity: match diagnostic.severity {
                Severity::Info => types::Severity::Info,
                Severity::Warning => types::Severity::Warning,
                Severity::Error => types::Severity::Error,
            },
            code: diagnostic.code,
            message: diagnostic.message,
            path: diagnostic.path,
            line: diagnostic.line,
            column: diagnostic.column,
        });
    }

    fn ask(&self, kind: &str, name: &str, body: &[u8]) -> Result<Option<Answer>> {
        let ours = |found: inputs::Answer| Answer {
            revision: found.revision,
            content: found.content,
            directory: found.directory,
        };
        Ok(inputs::ask(kind, name, body)?.map(ours))
    }

    fn secret(&self, binding: &str) -> Option<Box<dyn SecretHandle>> {
        secrets::lookup(binding).map(|secret| Box::new(GuestSecret(secret)) as _)
    }

    fn http(&self, head: Head) -> Result<Box<dyn Exchange>> {
        Ok(Box::new(streams::send(head)?))
    }

    fn ssh(&self, command: &SshCommand, credential: &dyn SecretHandle) -> Result<Duplex> {
        let Some(GuestSecret(secret)) = credential.as_any().downcast_ref::<GuestSecret>() else {
            return Err(Error::unsupported("PluginUnsupported", "the credential is not the host's"));
        };
        let channel = tunnel::ssh_exec(&command.host, command.port, &command.user, &command.command, secret)?;
        let (input, output) = channel.streams();
        let peer_key = channel.peer_key();
        Ok(Duplex { reader: Box::new(Reader::new(input, channel)), writer: Box::new(Writer(output)), peer_key })
    }

    fn cache_get(&self, digest: &str) -> Result<Option<Vec<u8>>> {
        cache::open(digest).map(whole).transpose()
    }

    fn cache_put(&self, data: &[u8]) -> Result<String> {
        let writer = cache::create()?;
        for chunk in data.chunks(BLOB_CHUNK as usize) {
            writer.write(chunk)?;
        }
        Ok(cache::commit(writer)?)
    }

    fn cache_find(&self, key: &str) -> Result<Option<Vec<u8>>> {
        cache::find(key).map(whole).transpose()
    }

    fn cache_keep(&self, key: &str, data: &[u8]) -> Result<()> {
        Ok(cache::keep(key, data)?)
    }
}

fn whole(blob: cache::Blob) -> Result<Vec<u8>> {
    let size = blob.size() as usize;
    if size <= BLOB_CHUNK as usize {
        return Ok(blob.read(0, BLOB_CHUNK)?);
    }
    let mut data = Vec::with_capacity(size);
    while data.len() < size {
        let chunk = blob.read(data.len() as u64, BLOB_CHUNK)?;
        if chunk.is_empty() {
            break;
        }
        data.extend_from_slice(&chunk);
    }
    Ok(data)
}

fn log_level(level: Level) -> log::Level {
    match level {
        Level::Trace => log::Level::Trace,
        Level::Debug => log::Level::Debug,
        Level::Info => log::Level::Info,
        Level::Warn => log::Level::Warn,
        Level::Error => log::Level::Error,
    }
}

fn entry(entry: tree::Entry) -> Entry {
    let kind = match entry.kind {
        tree::EntryType::File => EntryKind::File,
        tree::EntryType::Directory => EntryKind::Directory,
        tree::EntryType::Symlink => EntryKind::Symlink,
    };
    Entry { path: entry.path, kind, size: entry.size }
}

struct GuestSecret(secrets::Secret);

impl SecretHandle for GuestSecret {
    fn keys(&self) -> Vec<String> {
        self.0.keys()
    }

    fn reveal(&self, key: &str) -> Result<Vec<u8>> {
        Ok(self.0.reveal(key)?)
    }

    fn hmac(&self, key: &str, algorithm: HmacAlgorithm, data: &[u8]) -> Result<Vec<u8>> {
        let algorithm = match algorithm {
            HmacAlgorithm::Sha1 => secrets::HmacAlg::Sha1,
            HmacAlgorithm::Sha256 => secrets::HmacAlg::Sha256,
            HmacAlgorithm::Sha512 => secrets::HmacAlg::Sha512,
        };
        Ok(self.0.hmac(key, algorithm, data)?)
    }

    fn matches(&self, key: &str, candidate: &[u8]) -> Result<bool> {
        Ok(self.0.matches(key, candidate)?)
    }

    fn attach_http(&self, origin: &str, scheme: &str) -> Result<()> {
        Ok(self.0.attach_http(origin, scheme)?)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

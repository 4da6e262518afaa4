//! The fake host's side of each capability.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;
use std::time::SystemTime;
use std::{fs, io};

use super::{Emitted, Line, State};
use crate::backend::{Directory, Duplex, Exchange, Host, SecretHandle};
use crate::documents::Document;
use crate::http::Head;
use crate::{Answer, Diagnostic, Entry, EntryKind, Error, HmacAlgorithm, Level, Result, SshCommand};

pub(super) fn load(root: &Path, directory: &Path, tree: &mut BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            load(root, &path, tree)?;
            continue;
        }
        let relative = path.strip_prefix(root).map_err(io::Error::other)?;
        tree.insert(relative.to_string_lossy().replace('\\', "/"), fs::read(&path)?);
    }
    Ok(())
}

impl State {
    fn file(&self, path: &str) -> Result<Vec<u8>> {
        let tree = self.tree.borrow();
        tree.get(path).cloned().ok_or_else(|| Error::not_found("FileNotFound", format!("no such file: {path}")))
    }
}

impl Host for Rc<State> {
    fn log(&self, level: Level, message: &str, fields: &[(&str, &str)]) {
        let fields = fields.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        self.lines.borrow_mut().push(Line { level, message: message.to_owned(), fields });
    }

    fn progress(&self, _done: u64, _total: Option<u64>, _note: &str) {}

    fn cancelled(&self) -> bool {
        false
    }

    fn now(&self) -> SystemTime {
        self.now.borrow().unwrap_or_else(SystemTime::now)
    }

    fn random(&self, bytes: u32) -> Vec<u8> {
        let mut state = self.random.borrow_mut();
        (0..bytes).map(|_| next_byte(&mut state)).collect()
    }

    fn directory(&self, which: Directory) -> &Path {
        let path = match which {
            Directory::Input => &self.input,
            Directory::Output => &self.output,
            Directory::Scratch => &self.scratch,
        };
        // The reference outlives the borrow: leaking one path per call is fine in a test.
        Box::leak(path.borrow().clone().into_boxed_path())
    }

    #[cfg(unix)]
    fn symlink(&self, target: &str, link: &Path) -> Result<()> {
        Ok(std::os::unix::fs::symlink(target, link)?)
    }

    #[cfg(not(unix))]
    fn symlink(&self, _target: &str, link: &Path) -> Result<()> {
        Err(Error::unsupported("PluginUnsupported", format!("no symbolic links here: {}", link.display())))
    }

    fn link(&self, path: &str) -> Option<String> {
        self.links.borrow().get(path).cloned()
    }

    fn list_entries(&self, prefix: &str, limit: u32, after: Option<&str>) -> Result<Vec<Entry>> {
        *self.crossings.borrow_mut() += 1;
        let all = entries(&self.tree.borrow(), &self.links.borrow());
        let below =
            |path: &str| prefix.is_empty() || path.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'));
        let rest =
            all.into_iter().filter(|entry| below(&entry.path) && after.is_none_or(|after| entry.path.as_str() > after));
        Ok(rest.take(limit as usize).collect())
    }

    fn list_directory(&self, path: &str) -> Result<Vec<Entry>> {
        *self.crossings.borrow_mut() += 1;
        let all = entries(&self.tree.borrow(), &self.links.borrow());
        if !path.is_empty() && !all.iter().any(|entry| entry.path == path && entry.kind == EntryKind::Directory) {
            return Err(Error::not_found("TreeReadFailed", format!("{path}: no such file or directory")));
        }
        let is_child = |entry: &Entry| entry.path.rsplit_once('/').map_or("", |(parent, _)| parent) == path;
        Ok(all.into_iter().filter(is_child).collect())
    }

    fn read(&self, path: &str) -> Result<Vec<u8>> {
        *self.crossings.borrow_mut() += 1;
        self.file(path)
    }

    fn read_many(&self, paths: &[String]) -> Result<Vec<(String, Vec<u8>)>> {
        *self.crossings.borrow_mut() += 1;
        paths.iter().map(|path| Ok((path.clone(), self.file(path)?))).collect()
    }

    fn emit(&self, batch: Vec<Document>) -> Result<()> {
        let batch = batch.into_iter().map(|one| Emitted { text: one.text, path: one.path, index: one.index });
        self.documents.borrow_mut().extend(batch);
        Ok(())
    }

    fn diagnose(&self, diagnostic: Diagnostic) {
        self.diagnostics.borrow_mut().push(diagnostic);
    }

    fn ask(&self, kind: &str, name: &str, body: &[u8]) -> Result<Option<Answer>> {
        let answers = self.answers.borrow();
        let found = answers.get(&(kind.to_owned(), name.to_owned())).cloned();
        if found.is_none() {
            self.asked.borrow_mut().push((kind.to_owned(), name.to_owned(), body.to_vec()));
        }
        found.transpose()
    }

    fn secret(&self, binding: &str) -> Option<Box<dyn SecretHandle>> {
        let entries = self.secrets.borrow().get(binding)?.clone();
        Some(Box::new(FakeSecret { entries, state: Rc::clone(self) }))
    }

    fn http(&self, head: Head) -> Result<Box<dyn Exchange>> {
        super::http::open(self, head)
    }

    fn ssh(&self, command: &SshCommand, _credential: &dyn SecretHandle) -> Result<Duplex> {
        Err(Error::unsupported("PluginUnsupported", format!("ssh is not served: {}", command.host)))
    }

    fn cache_get(&self, digest: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.blobs.borrow().get(digest).cloned())
    }

    /// The digest is a number here: nothing may depend on more than that it finds the data again.
    fn cache_put(&self, data: &[u8]) -> Result<String> {
        let mut blobs = self.blobs.borrow_mut();
        let digest = format!("sha256:{:064x}", blobs.len());
        blobs.insert(digest.clone(), data.to_vec());
        Ok(digest)
    }

    fn cache_find(&self, key: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.kept.borrow().get(key).cloned())
    }

    fn cache_keep(&self, key: &str, data: &[u8]) -> Result<()> {
        self.kept.borrow_mut().insert(key.to_owned(), data.to_vec());
        Ok(())
    }
}

/// A linear congruential generator: the same bytes in every test, and no two calls alike.
fn next_byte(state: &mut u64) -> u8 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 56) as u8
}

fn entries(tree: &BTreeMap<String, Vec<u8>>, links: &BTreeMap<String, String>) -> Vec<Entry> {
    let mut all: Vec<Entry> = tree
        .iter()
        .map(|(path, content)| Entry { path: path.clone(), kind: EntryKind::File, size: content.len() as u64 })
        .collect();
    all.extend(links.keys().map(|path| Entry { path: path.clone(), kind: EntryKind::Symlink, size: 0 }));
    let parents: BTreeSet<&str> =
        tree.keys().chain(links.keys()).flat_map(|path| path.match_indices('/').map(|(at, _)| &path[..at])).collect();
    all.extend(parents.into_iter().map(|path| Entry { path: path.to_owned(), kind: EntryKind::Directory, size: 0 }));
    all.sort_by(|left, right| left.path.cmp(&right.path));
    all
}

struct FakeSecret {
    entries: BTreeMap<String, Vec<u8>>,
    state: Rc<State>,
}

impl FakeSecret {
    fn entry(&self, key: &str) -> Result<&Vec<u8>> {
        self.entries
            .get(key)
            .ok_or_else(|| Error::unauthorized("AuthenticationFailed", format!("secret has no key `{key}`")))
    }
}

impl SecretHandle for FakeSecret {
    fn keys(&self) -> Vec<String> {
        self.entries.keys().cloned().collect()
    }

    fn reveal(&self, key: &str) -> Result<Vec<u8>> {
        self.entry(key).cloned()
    }

    fn hmac(&self, _key: &str, _algorithm: HmacAlgorithm, _data: &[u8]) -> Result<Vec<u8>> {
        Err(Error::unsupported("PluginUnsupported", "the test harness computes no HMAC"))
    }

    fn matches(&self, key: &str, candidate: &[u8]) -> Result<bool> {
        Ok(self.entry(key)? == candidate)
    }

    fn attach_http(&self, origin: &str, scheme: &str) -> Result<()> {
        let text = |key: &str| self.entry(key).map(|value| String::from_utf8_lossy(value).into_owned());
        let header = match scheme {
            "basic" => super::http::basic(&text("username")?, &text("password")?),
            "bearer" => format!("Bearer {}", text("bearerToken")?),
            other => {
                return Err(Error::unsupported("PluginUnsupported", format!("unknown scheme `{other}`")));
            }
        };
        self.state.attached.borrow_mut().push((origin.to_owned(), scheme.to_owned()));
        self.state.credentials.borrow_mut().insert(origin.to_owned(), header);
        Ok(())
    }
}

//! A chart from the host's tree, in few crossings; or as it was kept when the tree was rendered before.

use std::collections::BTreeMap;

use weir_gotmpl::Str;
use weir_helm::{Helm, IgnoreRules, Loaded, MAX_CHART_BYTES, MAX_FILE_BYTES, MAX_FILES, load_archive, load_folder};
use weir_sdk::{Class, Entry, EntryKind, Error, RenderContext, Result, Tree};

use crate::failure::{ARTIFACT_FAILED, Failing};

const IGNORE_FILE: &str = ".helmignore";
/// Links to folders within linked folders.
const MAX_LINK_DEPTH: usize = 8;

/// Loads the chart at a path: a folder or an archive.
pub(crate) fn load(cx: &RenderContext, path: &str, helm: Helm, failing: Failing) -> Result<Loaded> {
    let path = normalized(path)?;
    if let Some(kept) = kept(cx, &path, helm) {
        return Ok(kept);
    }
    let loaded = match Folder::list(cx.tree(), &path) {
        Ok(folder) if !folder.files.is_empty() => load_folder(folder.read()?, helm),
        Err(error) if error.class() == Class::NotFound => return Err(not_found(&path)),
        // What cannot be listed, or has nothing in it, may be a file.
        _ => match archive(cx, &path) {
            Ok(bytes) => load_archive(&bytes, helm),
            Err(error) if error.class() == Class::NotFound => return Err(not_found(&path)),
            Err(error) if error.class() == Class::Terminal => return Err(error),
            Err(_) => load_folder(Vec::new(), helm),
        },
    };
    loaded.map_err(|error| failing.error(&error))
}

/// What depends on the tree alone: the chart, what its templates were parsed to, and for which Helm. A cache that fails is
/// no reason for a render to fail.
fn kept(cx: &RenderContext, path: &str, helm: Helm) -> Option<Loaded> {
    let bytes = cx.cache().find(&key(path, helm)).ok()??;
    Loaded::from_bytes(bytes.leak())
}

/// Keeps a chart for the next release of it, if there is more to keep than was found.
pub(crate) fn keep(cx: &RenderContext, path: &str, helm: Helm, loaded: &Loaded) {
    if !loaded.grew() {
        return;
    }
    if let (Ok(path), Some(bytes)) = (normalized(path), loaded.to_bytes()) {
        let _ = cx.cache().keep(&key(&path, helm), &bytes);
    }
}

fn key(path: &str, helm: Helm) -> String {
    format!("chart {helm:?} {path}")
}

/// The path without `.` and empty parts. The host has done this already; `..` never comes from it.
fn normalized(path: &str) -> Result<String> {
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.contains(&"..") {
        return Err(not_found(path));
    }
    Ok(parts.join("/"))
}

fn not_found(path: &str) -> Error {
    Error::not_found(ARTIFACT_FAILED, format!("path {path:?} not found"))
}

/// Archives may be larger than what one crossing moves.
fn archive(cx: &RenderContext, path: &str) -> Result<Vec<u8>> {
    let file = cx.input().join(path);
    match std::fs::metadata(&file) {
        Ok(found) if found.len() > MAX_CHART_BYTES => Err(Error::terminal(
            ARTIFACT_FAILED,
            format!("chart archive {path:?} is larger than the maximum size {MAX_CHART_BYTES}"),
        )),
        Ok(_) => Ok(std::fs::read(&file)?),
        // Tests have no directory.
        Err(_) => cx.tree().read(path),
    }
}

/// The files of a folder by their path in it, and where they are in the tree.
struct Folder {
    tree: Tree,
    files: BTreeMap<String, Entry>,
}

impl Folder {
    fn list(tree: Tree, path: &str) -> Result<Folder> {
        let entries = tree.list(path)?;
        let mut folder = Folder { tree, files: BTreeMap::new() };
        let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
        folder.add(entries, &prefix, 0)?;
        Ok(folder)
    }

    fn add(&mut self, entries: Vec<Entry>, prefix: &str, links: usize) -> Result<()> {
        for entry in entries {
            match entry.kind {
                EntryKind::Directory => {}
                EntryKind::Symlink if entry.size == 0 => self.add_link(entry, prefix, links)?,
                EntryKind::File | EntryKind::Symlink => {
                    let name = entry.path.strip_prefix(prefix).unwrap_or(&entry.path).to_owned();
                    self.files.insert(name, entry);
                }
            }
            if self.files.len() > MAX_FILES {
                return Err(Error::terminal(ARTIFACT_FAILED, format!("chart has more than {MAX_FILES} files")));
            }
        }
        Ok(())
    }

    /// A link to a folder is that folder, as in Helm; a link to an empty file is that file.
    fn add_link(&mut self, entry: Entry, prefix: &str, links: usize) -> Result<()> {
        if links >= MAX_LINK_DEPTH {
            let message = format!("links to folders are nested deeper than {MAX_LINK_DEPTH}: {}", entry.path);
            return Err(Error::terminal(ARTIFACT_FAILED, message));
        }
        if let Ok(entries) = self.tree.list(&entry.path) {
            return self.add(entries, prefix, links + 1);
        }
        if self.tree.read(&entry.path).is_err() {
            let message = format!("link leads nowhere, or out of the tree: {}", entry.path);
            return Err(Error::terminal(ARTIFACT_FAILED, message));
        }
        let name = entry.path.strip_prefix(prefix).unwrap_or(&entry.path).to_owned();
        self.files.insert(name, entry);
        Ok(())
    }

    /// What the chart does not ignore, with what is in it.
    fn read(mut self) -> Result<Vec<(String, Str)>> {
        let rules = self.ignore_rules()?;
        self.files.retain(|name, _| !rules.ignores_file(name));
        if let Some((name, _)) = self.files.iter().find(|(_, entry)| entry.size > MAX_FILE_BYTES) {
            let name = name.rsplit('/').next().unwrap_or(name);
            let message = format!("chart file {name:?} is larger than the maximum file size {MAX_FILE_BYTES}");
            return Err(Error::terminal(ARTIFACT_FAILED, message));
        }
        let total: u64 = self.files.values().map(|entry| entry.size).sum();
        if total > weir_helm::MAX_TOTAL_BYTES {
            let message = format!("chart is larger than {} bytes", weir_helm::MAX_TOTAL_BYTES);
            return Err(Error::terminal(ARTIFACT_FAILED, message));
        }
        let paths: Vec<String> = self.files.values().map(|entry| entry.path.clone()).collect();
        let contents = self.tree.read_many(&paths)?.into_iter().map(|(_, content)| Str::from(content));
        Ok(self.files.into_keys().zip(contents).collect())
    }

    fn ignore_rules(&self) -> Result<IgnoreRules> {
        let Some(entry) = self.files.get(IGNORE_FILE) else { return Ok(IgnoreRules::default()) };
        let text = String::from_utf8_lossy(&self.tree.read(&entry.path)?).into_owned();
        IgnoreRules::parse(&text).map_err(|error| Error::terminal(ARTIFACT_FAILED, error.to_string()))
    }
}

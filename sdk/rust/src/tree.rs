//! The input tree in bulk.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::backend::Host;
use crate::{Error, Result};

/// Entries per crossing while listing.
const PAGE: u32 = 10_000;
/// A tree of fewer entries is listed at once, of others each directory when something is asked about it.
const AT_ONCE: u32 = 64;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link; reading follows it when it stays inside the tree.
    Symlink,
}

/// One entry of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Relative, separated by `/`.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
    /// Bytes; 0 for what is not a file.
    pub size: u64,
}

/// The input tree. Paths are relative, separated by `/`, without `.` and `..`.
#[derive(Clone)]
pub struct Tree(pub(crate) Rc<dyn Host>);

impl Tree {
    /// Everything below a directory (the empty string for the root), sorted by path.
    pub fn list(&self, prefix: &str) -> Result<Vec<Entry>> {
        let mut all: Vec<Entry> = Vec::new();
        loop {
            let page = self.0.list_entries(prefix, PAGE, all.last().map(|entry| entry.path.as_str()))?;
            let last = page.len() < PAGE as usize;
            all.extend(page);
            if last {
                return Ok(all);
            }
        }
    }

    /// One file.
    pub fn read(&self, path: &str) -> Result<Vec<u8>> {
        self.0.read(path)
    }

    /// Where a symbolic link leads, as written in it: relative to the link's directory, or from anywhere. `None` when that
    /// cannot be told, which is so beside the input directory.
    pub fn link(&self, path: &str) -> Option<String> {
        self.0.link(path)
    }

    /// Many files, in the order given, in as few crossings as the host's cap allows.
    pub fn read_many(&self, paths: &[String]) -> Result<Vec<(String, Vec<u8>)>> {
        let mut all = Vec::with_capacity(paths.len());
        while all.len() < paths.len() {
            let some = self.0.read_many(&paths[all.len()..])?;
            if some.is_empty() {
                return Err(Error::transient("TreeReadFailed", "the host returned no file"));
            }
            all.extend(some);
        }
        Ok(all)
    }

    /// A reader that lists the tree, or the directories of a large one, on first use and reads whole directories ahead.
    pub fn whole(&self) -> WholeTree {
        self.whole_below("")
    }

    /// As [`whole`](Self::whole), of one directory; its paths still begin at the root.
    pub fn whole_below(&self, directory: &str) -> WholeTree {
        WholeTree {
            tree: self.clone(),
            root: directory.to_owned(),
            listed: RefCell::default(),
            has_links: OnceCell::new(),
            files: RefCell::default(),
            shared: RefCell::default(),
            read_directories: RefCell::default(),
        }
    }
}

/// The whole tree, of which nothing is listed twice; the first read of a file brings the other files of its directory along.
pub struct WholeTree {
    tree: Tree,
    root: String,
    listed: RefCell<Listed>,
    has_links: OnceCell<bool>,
    /// Read ahead, not asked for yet.
    files: RefCell<BTreeMap<String, Vec<u8>>>,
    /// Given out, and kept for who asks again.
    shared: RefCell<BTreeMap<String, Rc<[u8]>>>,
    /// Whose files were read ahead.
    read_directories: RefCell<BTreeSet<String>>,
}

/// Files larger than this are read one by one, only when asked for.
const READ_AHEAD_FILE_BYTES: u64 = 1 << 20;

/// What is known of the entries of a tree.
#[derive(Default)]
enum Listed {
    #[default]
    Nothing,
    All(Rc<Entries>),
    /// Of a large tree: the entries of some directories, by their paths.
    Some(BTreeMap<String, Rc<Entries>>),
}

/// By path.
type Entries = BTreeMap<String, Entry>;

fn by_path(entries: Vec<Entry>) -> Rc<Entries> {
    Rc::new(entries.into_iter().map(|entry| (entry.path.clone(), entry)).collect())
}

/// The directory that an entry is in; the empty path for the root.
fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

impl WholeTree {
    /// All entries by path. Asking about single paths and directories is cheaper in a large tree.
    pub fn entries(&self) -> Result<Rc<BTreeMap<String, Entry>>> {
        if let Some(entries) = self.all()? {
            return Ok(entries);
        }
        let entries = by_path(self.tree.list(&self.root)?);
        *self.listed.borrow_mut() = Listed::All(Rc::clone(&entries));
        Ok(entries)
    }

    /// All entries, unless the tree is large.
    fn all(&self) -> Result<Option<Rc<Entries>>> {
        match &*self.listed.borrow() {
            Listed::Nothing => {}
            Listed::All(entries) => return Ok(Some(Rc::clone(entries))),
            Listed::Some(_) => return Ok(None),
        }
        let first = self.tree.0.list_entries(&self.root, AT_ONCE, None)?;
        let all = (first.len() < AT_ONCE as usize).then(|| by_path(first));
        *self.listed.borrow_mut() = all.clone().map_or_else(|| Listed::Some(BTreeMap::new()), Listed::All);
        Ok(all)
    }

    /// The entries of a directory of a large tree; none of what is no directory, or only leads to one.
    fn directory(&self, path: &str) -> Result<Rc<Entries>> {
        if let Listed::Some(known) = &*self.listed.borrow()
            && let Some(entries) = known.get(path)
        {
            return Ok(Rc::clone(entries));
        }
        let is_directory = self.kind(path)? == Some(EntryKind::Directory);
        let entries = if is_directory { by_path(self.tree.0.list_directory(path)?) } else { Rc::default() };
        if let Listed::Some(known) = &mut *self.listed.borrow_mut() {
            known.insert(path.to_owned(), Rc::clone(&entries));
        }
        Ok(entries)
    }

    /// What there is at a path; the root is a directory.
    pub fn kind(&self, path: &str) -> Result<Option<EntryKind>> {
        if path == self.root {
            return Ok(Some(EntryKind::Directory));
        }
        let entries = match self.all()? {
            Some(all) => all,
            None if path.len() <= self.root.len() => return Ok(None),
            None => self.directory(parent(path))?,
        };
        Ok(entries.get(path).map(|entry| entry.kind))
    }

    /// Whether there may be a symbolic link anywhere. Of a large tree nobody knows.
    pub fn has_links(&self) -> Result<bool> {
        if let Some(known) = self.has_links.get() {
            return Ok(*known);
        }
        let found = self.all()?.is_none_or(|all| all.values().any(|entry| entry.kind == EntryKind::Symlink));
        Ok(*self.has_links.get_or_init(|| found))
    }

    /// The entries directly in a directory, sorted.
    pub fn children(&self, directory: &str) -> Result<Vec<Entry>> {
        let Some(entries) = self.all()? else {
            return Ok(self.directory(directory)?.values().cloned().collect());
        };
        let prefix = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        Ok(entries
            .range(prefix.clone()..)
            .take_while(|(path, _)| path.starts_with(&prefix))
            .filter(|(path, _)| !path[prefix.len()..].contains('/'))
            .map(|(_, entry)| entry.clone())
            .collect())
    }

    /// One file; its small siblings come along in the same crossing.
    pub fn read(&self, path: &str) -> Result<Rc<[u8]>> {
        if let Some(content) = self.shared.borrow().get(path) {
            return Ok(content.clone());
        }
        let content: Rc<[u8]> = Rc::from(self.take(path)?);
        self.shared.borrow_mut().insert(path.to_owned(), content.clone());
        Ok(content)
    }

    /// As [`read`](Self::read), for a file that is read once: nothing of it is kept here.
    pub fn take(&self, path: &str) -> Result<Vec<u8>> {
        if let Some(content) = self.files.borrow_mut().remove(path) {
            return Ok(content);
        }
        let wanted = self.read_ahead(path)?;
        let read = self.tree.read_many(&wanted)?;
        let mut files = self.files.borrow_mut();
        files.extend(read);
        files.remove(path).ok_or_else(|| Error::not_found("FileNotFound", format!("no such file: {path}")))
    }

    /// The file and, when it is the first of its directory, its small siblings.
    fn read_ahead(&self, path: &str) -> Result<Vec<String>> {
        let directory = parent(path);
        if !self.read_directories.borrow_mut().insert(directory.to_owned()) {
            return Ok(vec![path.to_owned()]);
        }
        let siblings = self.children(directory)?.into_iter();
        let ahead = siblings.filter(|entry| entry.kind == EntryKind::File && entry.size <= READ_AHEAD_FILE_BYTES);
        let ahead = ahead.map(|entry| entry.path).filter(|other| other != path);
        Ok(std::iter::once(path.to_owned()).chain(ahead).collect())
    }
}

//! A fake host: a plugin's logic runs under plain `cargo test`.

mod host;
mod http;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::SystemTime;

pub use http::{FakeRequest, FakeResponse};

use serde_json::{Value, json};

use crate::function::{Function, LIST_FILE, Rendering};
use crate::{
    Answer, Diagnostic, Error, Format, Level, ObjectRef, RenderContext, RenderRequest, Renderer, Result, Source,
    SourceContext, SourceRequest, Summary,
};

/// A document that a renderer emitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emitted {
    /// Its text.
    pub text: String,
    /// The file that it comes from.
    pub path: Option<String>,
    /// Its position in that file.
    pub index: u32,
}

/// A log line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its severity.
    pub level: Level,
    /// Its text.
    pub message: String,
    /// Its fields.
    pub fields: Vec<(String, String)>,
}

/// The fake host. What a plugin did to it is read back afterwards; clones share it.
#[derive(Clone, Default)]
pub struct Harness(Rc<State>);

#[derive(Default)]
struct State {
    tree: RefCell<BTreeMap<String, Vec<u8>>>,
    links: RefCell<BTreeMap<String, String>>,
    input: RefCell<PathBuf>,
    output: RefCell<PathBuf>,
    scratch: RefCell<PathBuf>,
    secrets: RefCell<BTreeMap<String, BTreeMap<String, Vec<u8>>>>,
    http: RefCell<http::Mode>,
    attached: RefCell<Vec<(String, String)>>,
    credentials: RefCell<BTreeMap<String, String>>,
    now: RefCell<Option<SystemTime>>,
    random: RefCell<u64>,
    crossings: RefCell<u32>,
    documents: RefCell<Vec<Emitted>>,
    diagnostics: RefCell<Vec<Diagnostic>>,
    lines: RefCell<Vec<Line>>,
    blobs: RefCell<BTreeMap<String, Vec<u8>>>,
    kept: RefCell<BTreeMap<String, Vec<u8>>>,
    answers: RefCell<BTreeMap<(String, String), Result<Answer>>>,
    asked: RefCell<Vec<(String, String, Vec<u8>)>>,
}

impl Harness {
    /// Nothing there, nothing allowed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file to the in-memory tree. What was kept by key of the tree as it was is gone.
    pub fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.0.kept.borrow_mut().clear();
        self.0.tree.borrow_mut().insert(path.to_owned(), content.as_ref().to_vec());
        self
    }

    /// Adds a symbolic link to the in-memory tree. The real host follows links when a file is read; this one does not.
    pub fn link(self, path: &str, target: &str) -> Self {
        self.0.links.borrow_mut().insert(path.to_owned(), target.to_owned());
        self
    }

    /// Adds every file below a directory to the tree, and makes it the input directory.
    pub fn directory(self, root: impl AsRef<Path>) -> std::io::Result<Self> {
        host::load(root.as_ref(), root.as_ref(), &mut self.0.tree.borrow_mut())?;
        *self.0.input.borrow_mut() = root.as_ref().to_owned();
        Ok(self)
    }

    /// Where a source writes its tree, and its scratch space.
    pub fn output(self, output: impl Into<PathBuf>, scratch: impl Into<PathBuf>) -> Self {
        *self.0.output.borrow_mut() = output.into();
        *self.0.scratch.borrow_mut() = scratch.into();
        self
    }

    /// Binds a secret.
    pub fn secret(self, binding: &str, entries: &[(&str, &str)]) -> Self {
        let entries = entries.iter().map(|(key, value)| ((*key).to_owned(), value.as_bytes().to_vec())).collect();
        self.0.secrets.borrow_mut().insert(binding.to_owned(), entries);
        self
    }

    /// Answers requests with a closure.
    pub fn http(self, answer: impl Fn(&FakeRequest) -> Result<FakeResponse> + 'static) -> Self {
        *self.0.http.borrow_mut() = http::Mode::Closure(Rc::new(answer));
        self
    }

    /// Makes real requests, to loopback addresses only.
    pub fn loopback(self) -> Self {
        *self.0.http.borrow_mut() = http::Mode::Loopback;
        self
    }

    /// Answers a renderer that asks for what is outside of its tree, by kind and name. The files of an answer that is a
    /// directory go into the tree with [`file`](Self::file).
    pub fn answer(self, kind: &str, name: &str, answer: Result<Answer>) -> Self {
        self.0.answers.borrow_mut().insert((kind.to_owned(), name.to_owned()), answer);
        self
    }

    /// Stops the clock.
    pub fn now(self, now: SystemTime) -> Self {
        *self.0.now.borrow_mut() = Some(now);
        self
    }

    /// The context of a source.
    pub fn source_context(&self) -> SourceContext {
        SourceContext::new(Rc::new(self.0.clone()))
    }

    /// The context of a renderer.
    pub fn render_context(&self) -> RenderContext {
        RenderContext::new(Rc::new(self.0.clone()))
    }

    /// Runs a renderer.
    pub fn render<R: Renderer>(&self, request: &RenderRequest<R::Config>) -> Result<Summary> {
        R::render(&self.render_context(), request)
    }

    /// Runs a function over items and returns what it makes of them: items and results.
    pub fn run<F: Function>(&self, config: &Value, items: Vec<Value>) -> Result<(Vec<Value>, Vec<Diagnostic>)> {
        let list = json!({"functionConfig": config, "items": items}).to_string();
        self.0.tree.borrow_mut().insert(LIST_FILE.to_owned(), list.into_bytes());
        self.0.documents.borrow_mut().clear();
        self.0.diagnostics.borrow_mut().clear();
        let request = RenderRequest {
            object: ObjectRef::default(),
            config: serde_json::from_value(config.clone())
                .map_err(|error| Error::terminal("InvalidConfig", format!("cannot read parameters: {error}")))?,
            path: String::new(),
            format: Format::Json,
            values: Vec::new(),
            capabilities: Value::Null,
        };
        self.render::<Rendering<F>>(&request)?;
        let read = |document: Emitted| serde_json::from_str(&document.text);
        let items = self.documents().into_iter().map(read).collect::<Result<Vec<Value>, _>>();
        let items = items.map_err(|error| Error::terminal("InvalidDocument", error.to_string()))?;
        Ok((items, self.diagnostics()))
    }

    /// What a renderer asked for in vain, in order: kind, name and body.
    pub fn asked(&self) -> Vec<(String, String, Vec<u8>)> {
        self.0.asked.borrow().clone()
    }

    /// Runs `resolve`, and `fetch` if there is something to fetch. Returns the revision.
    pub fn fetch<S: Source>(&self, request: &SourceRequest<S::Config>) -> Result<String> {
        let cx = self.source_context();
        let found = S::resolve(&cx, request)?;
        if !found.unchanged {
            S::fetch(&cx, request, &found)?;
        }
        Ok(found.revision)
    }

    /// What was emitted, in order.
    pub fn documents(&self) -> Vec<Emitted> {
        self.0.documents.borrow().clone()
    }

    /// What was remarked on, in order.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        self.0.diagnostics.borrow().clone()
    }

    /// What was logged, in order.
    pub fn lines(&self) -> Vec<Line> {
        self.0.lines.borrow().clone()
    }

    /// Origins and schemes of the credentials that were attached.
    pub fn attached(&self) -> Vec<(String, String)> {
        self.0.attached.borrow().clone()
    }

    /// How many calls for the tree a real host would have seen.
    pub fn tree_crossings(&self) -> u32 {
        *self.0.crossings.borrow()
    }
}

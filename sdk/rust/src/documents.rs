//! The sink for a renderer's results.

use std::cell::RefCell;

use crate::Result;
use crate::backend::Host;

/// How much text is gathered before a batch crosses to the host.
const BATCH_BYTES: usize = 1 << 20;
/// How many documents are gathered before a batch crosses to the host.
const BATCH_DOCUMENTS: usize = 256;

/// How serious a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Probably not what the user wants.
    Warning,
    /// Wrong.
    Error,
}

/// A remark on the input, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How serious it is.
    pub severity: Severity,
    /// Stable, for machines.
    pub code: String,
    /// For people.
    pub message: String,
    /// Path in the input tree.
    pub path: Option<String>,
    /// From 1.
    pub line: Option<u32>,
    /// From 1.
    pub column: Option<u32>,
}

impl Diagnostic {
    /// Without a place.
    pub fn new(severity: Severity, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { severity, code: code.into(), message: message.into(), path: None, line: None, column: None }
    }

    /// A path in the input tree.
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) text: String,
    pub(crate) path: Option<String>,
    pub(crate) index: u32,
}

/// The sink for a renderer's results; documents come out in the order in which they are emitted.
pub struct Documents<'a>(pub(crate) &'a dyn Host);

impl<'a> Documents<'a> {
    /// One document.
    pub fn emit(&self, text: impl Into<String>) -> Result<()> {
        self.0.emit(vec![Document { text: text.into(), path: None, index: 0 }])
    }

    /// Gathers documents and hands them over in batches; call [`Batch::finish`] at the end.
    pub fn batch(&self) -> Batch<'a> {
        Batch { host: self.0, gathered: RefCell::default() }
    }

    /// A remark on the input.
    pub fn diagnose(&self, diagnostic: Diagnostic) {
        self.0.diagnose(diagnostic);
    }
}

/// Documents on their way to the host.
pub struct Batch<'a> {
    host: &'a dyn Host,
    gathered: RefCell<Gathered>,
}

#[derive(Default)]
struct Gathered {
    documents: Vec<Document>,
    bytes: usize,
    handed_over: u32,
}

impl Batch<'_> {
    /// One document and the file that it comes from.
    pub fn emit(&self, text: impl Into<String>, path: Option<&str>, index: u32) -> Result<()> {
        let text = text.into();
        let full = {
            let mut gathered = self.gathered.borrow_mut();
            gathered.bytes += text.len();
            gathered.documents.push(Document { text, path: path.map(str::to_owned), index });
            gathered.bytes >= BATCH_BYTES || gathered.documents.len() >= BATCH_DOCUMENTS
        };
        if full { self.flush() } else { Ok(()) }
    }

    fn flush(&self) -> Result<()> {
        let mut gathered = self.gathered.borrow_mut();
        gathered.bytes = 0;
        let documents = std::mem::take(&mut gathered.documents);
        if documents.is_empty() {
            return Ok(());
        }
        gathered.handed_over += documents.len() as u32;
        self.host.emit(documents)
    }

    /// Hands over the rest and returns how many documents there were.
    pub fn finish(self) -> Result<u32> {
        self.flush()?;
        Ok(self.gathered.into_inner().handed_over)
    }
}

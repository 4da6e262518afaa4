//! The sink for a renderer's documents: counts while they come.

use crate::failure::FailureKind;
use crate::limits::{DIAGNOSTICS, DOCUMENT_EACH_BYTES, Limits};
use crate::request::{Diagnostic, DocumentOrigin};

#[derive(Default)]
pub(crate) struct Sink {
    pub(crate) documents: Vec<String>,
    pub(crate) origins: Vec<DocumentOrigin>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    bytes: u64,
    max_documents: u64,
    max_bytes: u64,
}

impl Sink {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { max_documents: limits.documents, max_bytes: limits.document_bytes, ..Self::default() }
    }

    pub(crate) fn emit(&mut self, document: String, origin: DocumentOrigin) -> Result<(), FailureKind> {
        limit("bytes of one document", document.len() as u64, DOCUMENT_EACH_BYTES)?;
        limit("documents", self.documents.len() as u64 + 1, self.max_documents)?;
        let size = document.len() + origin.path.as_ref().map_or(0, String::len);
        limit("bytes of documents", self.bytes + size as u64, self.max_bytes)?;
        self.bytes += size as u64;
        self.documents.push(document);
        self.origins.push(origin);
        Ok(())
    }

    /// More than the limit are dropped: they are for people.
    pub(crate) fn diagnose(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < DIAGNOSTICS {
            self.diagnostics.push(diagnostic);
        }
    }
}

fn limit(what: &'static str, wanted: u64, limit: u64) -> Result<(), FailureKind> {
    if wanted > limit { Err(FailureKind::OutputLimit { what, limit }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exceeded(limits: &Limits, documents: &[&str]) -> Option<&'static str> {
        let mut sink = Sink::new(limits);
        documents.iter().find_map(|document| match sink.emit((*document).to_owned(), DocumentOrigin::default()) {
            Err(FailureKind::OutputLimit { what, .. }) => Some(what),
            _ => None,
        })
    }

    #[test]
    fn every_limit_holds() {
        let limits = Limits { documents: 2, document_bytes: 10, ..Limits::renderer() };
        assert_eq!(exceeded(&limits, &["12345", "12345"]), None);
        assert_eq!(exceeded(&limits, &["1", "2", "3"]), Some("documents"));
        assert_eq!(exceeded(&limits, &["12345", "123456"]), Some("bytes of documents"));
        let mut sink = Sink::new(&limits);
        let far = DocumentOrigin { path: Some("0123456789".to_owned()), index: 0 };
        assert!(sink.emit("x".to_owned(), far).is_err(), "the names of origins count as well");
        let long = "x".repeat(DOCUMENT_EACH_BYTES as usize + 1);
        assert_eq!(exceeded(&Limits::renderer(), &[&long]), Some("bytes of one document"));
    }
}

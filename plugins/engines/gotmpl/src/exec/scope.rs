//! Which templates one sees.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::error::ParseError;
use crate::limits::MAX_CACHED_BYTES;
use crate::parse::{ParsedText, Template};
use crate::set::Set;
use crate::string::Str;

/// The templates that one sees: those that a text defines, then those around it, then those of the set.
pub(crate) struct Scope<'a> {
    pub(super) set: &'a Set,
    pub(super) outer: Option<&'a Scope<'a>>,
    pub(super) own: &'a [Rc<Template>],
}

impl<'a> Scope<'a> {
    pub(super) fn find(&'a self, name: &Str) -> Option<&'a Template> {
        let Some(outer) = self.outer else {
            return self.set.get(name).map(Rc::as_ref);
        };
        match self.own.iter().find(|template| template.name() == name) {
            // An empty definition replaces nothing.
            Some(own) if own.is_empty() => Some(outer.find(name).unwrap_or(own)),
            Some(own) => Some(own),
            None => outer.find(name),
        }
    }
}

/// Texts that were parsed while executing, so that each is parsed once.
#[derive(Default)]
pub(crate) struct Texts {
    cache: RefCell<Cache>,
}

#[derive(Default)]
struct Cache {
    texts: BTreeMap<Str, (Str, ParsedText)>,
    bytes: usize,
}

/// What a cached text costs besides its length.
const OVERHEAD: usize = 256;

impl Texts {
    /// The templates of a text that is itself called `name`.
    pub(super) fn get(&self, set: &Set, name: &str, text: &Str) -> Result<ParsedText, ParseError> {
        if let Some((cached, parsed)) = self.cache.borrow().texts.get(text)
            && *cached == name
        {
            return Ok(parsed.clone());
        }
        let parsed = ParsedText::parse(name, text.clone(), &set.functions)?;
        self.cache.borrow_mut().keep(name, text, &parsed);
        Ok(parsed)
    }

    #[cfg(test)]
    pub(crate) fn bytes(&self) -> usize {
        self.cache.borrow().bytes
    }
}

impl Cache {
    fn keep(&mut self, name: &str, text: &Str, parsed: &ParsedText) {
        let bytes = text.len() + OVERHEAD;
        if bytes > MAX_CACHED_BYTES {
            return;
        }
        if self.bytes + bytes > MAX_CACHED_BYTES {
            self.texts.clear();
            self.bytes = 0;
        }
        let entry = (name.into(), parsed.clone());
        if self.texts.insert(text.clone(), entry).is_none() {
            self.bytes += bytes;
        }
    }
}

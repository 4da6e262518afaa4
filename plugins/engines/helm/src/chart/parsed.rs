//! The templates of a chart that were parsed: each once, and in the next process not at all if they were kept.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use weir_gotmpl::{Functions, Kept, ParseError, ParsedText, Reader, Str, Writer, kept};

use crate::engine::Mode;

/// The number of the file, how it was parsed, and the name that the template has in its release: a chart that is there
/// under two aliases has each of its templates twice.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    file: u32,
    mode: Mode,
    name: Str,
}

kept!(Key { file, mode, name });

#[derive(Default)]
pub(super) struct ParsedTemplates {
    /// In order of the keys.
    kept: Vec<(Key, &'static [u8])>,
    parsed: RefCell<BTreeMap<Key, ParsedText>>,
    /// Whether there is something that was not read.
    grew: Cell<bool>,
}

impl ParsedTemplates {
    pub(super) fn get(
        &self,
        (mode, file, name): (Mode, usize, &str),
        text: &Str,
        functions: &Functions,
    ) -> Result<ParsedText, ParseError> {
        let file = u32::try_from(file).unwrap_or(u32::MAX);
        let order = |key: &Key| (key.file, key.mode, &*key.name).cmp(&(file, mode, name.as_bytes()));
        if let Ok(at) = self.kept.binary_search_by(|(key, _)| order(key))
            && let Some(parsed) = ParsedText::read(self.kept[at].1, text.clone(), functions)
        {
            return Ok(parsed);
        }
        let key = Key { file, mode, name: name.into() };
        if let Some(parsed) = self.parsed.borrow().get(&key) {
            return Ok(parsed.clone());
        }
        self.grew.set(true);
        let parsed = ParsedText::parse(name, text.clone(), functions)?;
        self.parsed.borrow_mut().insert(key, parsed.clone());
        Ok(parsed)
    }

    /// Whether something was parsed since it was read, or made.
    pub(super) fn grew(&self) -> bool {
        self.grew.get()
    }
}

impl Kept for ParsedTemplates {
    fn write(&self, to: &mut Writer) {
        let parsed = self.parsed.borrow();
        // What was parsed although it was kept comes in its place.
        let kept = self.kept.iter().filter(|(key, _)| !parsed.contains_key(key));
        let mut all: BTreeMap<&Key, Result<&ParsedText, &[u8]>> = kept.map(|(key, bytes)| (key, Err(*bytes))).collect();
        all.extend(parsed.iter().map(|(key, parsed)| (key, Ok(parsed))));
        to.count(all.len());
        for (key, text) in all {
            key.write(to);
            match text {
                Ok(parsed) => to.part(|to| parsed.write(to)),
                Err(bytes) => to.bytes(bytes),
            }
        }
    }

    fn read(from: &mut Reader) -> Option<Self> {
        let count = from.count()?;
        let mut kept = Vec::with_capacity(count);
        for _ in 0..count {
            kept.push((Key::read(from)?, from.bytes()?));
        }
        Some(Self { kept, ..Self::default() })
    }
}

//! The templates of a chart that were parsed: each once, and in the next process not at all if they were kept.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use weir_gotmpl::{Functions, ParseError, ParsedText, Str};

use crate::engine::Mode;

/// How it was parsed, the number of the file, and the name that the template has in its release: a chart that is there
/// under two aliases has each of its templates twice.
type Key = (Mode, usize, String);

#[derive(Default)]
pub(crate) struct ParsedTemplates {
    texts: RefCell<BTreeMap<Key, Text>>,
    /// Whether there is something that was not read.
    grew: Cell<bool>,
}

#[derive(Clone)]
enum Text {
    Parsed(ParsedText),
    /// As it was kept.
    Bytes(Str),
}

impl ParsedTemplates {
    pub(super) fn get(
        &self,
        (mode, file, name): (Mode, usize, &str),
        text: &Str,
        functions: &Functions,
    ) -> Result<ParsedText, ParseError> {
        let key = (mode, file, name.to_owned());
        let known = match self.texts.borrow().get(&key) {
            Some(Text::Parsed(parsed)) => return Ok(parsed.clone()),
            Some(Text::Bytes(bytes)) => ParsedText::from_bytes(bytes, text.clone(), functions),
            None => None,
        };
        let parsed = match known {
            Some(parsed) => parsed,
            None => {
                self.grew.set(true);
                ParsedText::parse(name, text.clone(), functions)?
            }
        };
        self.texts.borrow_mut().insert(key, Text::Parsed(parsed.clone()));
        Ok(parsed)
    }

    /// Whether something was parsed since it was read, or made.
    pub(super) fn grew(&self) -> bool {
        self.grew.get()
    }
}

impl Serialize for ParsedTemplates {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let texts = self.texts.borrow();
        let bytes = texts.iter().filter_map(|(key, text)| match text {
            Text::Parsed(parsed) => Some((key, Str::from(parsed.to_bytes()?))),
            Text::Bytes(bytes) => Some((key, bytes.clone())),
        });
        serializer.collect_seq(bytes.collect::<Vec<_>>())
    }
}

impl<'de> Deserialize<'de> for ParsedTemplates {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = Vec::<(Key, Str)>::deserialize(deserializer)?;
        let texts = texts.into_iter().map(|(key, bytes)| (key, Text::Bytes(bytes))).collect();
        Ok(Self { texts: RefCell::new(texts), grew: Cell::new(false) })
    }
}

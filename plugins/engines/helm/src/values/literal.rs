//! `--set-literal`: the whole text after `=` is the value.

use weir_gotmpl::{Map, Value};

use crate::Helm;
use crate::values::strvals::{
    MAX_NESTED_LISTS, Stop, deeper, index, inner_list, inner_table, keep_changes, list_at, quoted, quoted_runes, set,
    set_index, table_at,
};

/// Sets what the text says in the values.
///
/// # Errors
/// In Helm's words.
pub(super) fn parse(text: &str, values: &Map, helm: Helm) -> Result<(), String> {
    let mut parser = Parser { rest: text, helm };
    loop {
        match parser.key(values, 0) {
            Ok(()) => {}
            Err(Stop::End) => return Ok(()),
            Err(Stop::Error(message)) => return Err(message),
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
    helm: Helm,
}

impl<'a> Parser<'a> {
    /// The text up to one of some characters, which is taken as well. At the end of the text there is no such character.
    fn until(&mut self, stops: &[char]) -> (&'a str, Option<char>) {
        let at = self.rest.find(stops).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(at);
        let mut chars = rest.chars();
        let stop = chars.next();
        self.rest = chars.as_str();
        (text, stop)
    }

    fn key(&mut self, values: &Map, level: usize) -> Result<(), Stop> {
        let (key, stop) = self.until(&['=', '[', '.']);
        match stop {
            None if key.is_empty() => Err(Stop::End),
            None => Stop::error(format!("key {} has no value", quoted(key))),
            Some('=') => {
                set(values, key.to_owned(), self.value());
                Ok(())
            }
            Some('.') => {
                let level = deeper(level)?;
                let inner = table_at(values, key)?;
                let result = self.key(&inner, level);
                if result.is_ok() && inner.is_empty() {
                    return Stop::error(format!("key map {} has no value", quoted(key)));
                }
                if !inner.is_empty() {
                    set(values, key.to_owned(), Value::Map(inner));
                }
                result
            }
            Some(_) => {
                let index = self.index()?;
                let mut list = list_at(values, key)?;
                let result = self.item(&mut list, index, level, 0);
                set(values, key.to_owned(), Value::from(list));
                result
            }
        }
    }

    fn index(&mut self) -> Result<i64, Stop> {
        match self.until(&[']']) {
            (_, None) => Err(Stop::within_index(self.helm)),
            (digits, Some(_)) => index(digits),
        }
    }

    fn item(&mut self, list: &mut Vec<Value>, index: i64, level: usize, depth: usize) -> Result<(), Stop> {
        let at = usize::try_from(index).or_else(|_| Stop::error(format!("negative {index} index not allowed")))?;
        let (text, stop) = self.until(&['[', '.', '=']);
        if !text.is_empty() {
            let text = quoted_runes(text);
            return Stop::error(format!("unexpected data at end of array index: {text}"));
        }
        match stop {
            None => Err(Stop::End),
            Some('=') => {
                let value = self.value();
                set_index(list, index, value)
            }
            Some('[') => {
                if depth >= MAX_NESTED_LISTS {
                    return Stop::error(format!("lists are nested deeper than {MAX_NESTED_LISTS} levels"));
                }
                let next = self.index()?;
                let mut inner = inner_list(list, at)?;
                let before = inner.len();
                let result = self.item(&mut inner, next, level, depth + 1);
                if result.is_err() {
                    // What was changed in place stays changed.
                    keep_changes(list, at, inner, before);
                    return result;
                }
                set_index(list, index, Value::from(inner))
            }
            Some(_) => {
                let inner = inner_table(list, at);
                self.key(&inner, level)?;
                set_index(list, index, Value::Map(inner))
            }
        }
    }

    fn value(&mut self) -> Value {
        Value::from(std::mem::take(&mut self.rest))
    }
}

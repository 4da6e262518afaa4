//! The types built into kustomize, read from the table while compiling.

use std::borrow::Cow;
use std::mem::{forget, replace};

use super::{Field, Fields, MergeKey, NamedField};
use crate::table::{self, Table, find, part};

const KUBERNETES: &str = include_str!("kubernetes.txt");
/// Between the name of a resource and the number of its type.
pub(super) const IS: &str = " = ";
const LINES: usize = table::count(KUBERNETES);
pub(super) static TABLE: Table<LINES> = Table::new(KUBERNETES, IS);

/// So many lines at the start of the table name resources; those of types start with their number.
pub(super) const RESOURCES: usize = resources();
/// The types by number.
pub(super) static TYPES: [Fields; LINES - RESOURCES] = types();

const COUNT: Count = count();
static FIELDS: [NamedField; COUNT.fields] = fields();
static KEYS: [MergeKey; COUNT.keys] = keys();

const fn resources() -> usize {
    let mut line = 0;
    while line < LINES && !TABLE.line(line).as_bytes()[0].is_ascii_digit() {
        line += 1;
    }
    line
}

#[derive(Clone, Copy)]
struct Count {
    fields: usize,
    keys: usize,
}

/// A place in the list of all fields of all types.
struct Cursor {
    line: usize,
    /// Where in the line the next field starts, after a space.
    at: usize,
}

/// A field as the table has it.
#[derive(Clone, Copy)]
struct Entry {
    line: usize,
    name: &'static str,
    kind: &'static str,
}

impl Cursor {
    const fn start() -> Cursor {
        Cursor { line: RESOURCES, at: find(TABLE.line(RESOURCES), 0, b' ') }
    }

    const fn next(&mut self) -> Option<Entry> {
        while self.at >= TABLE.line(self.line).len() {
            self.line += 1;
            if self.line == LINES {
                return None;
            }
            self.at = find(TABLE.line(self.line), 0, b' ');
        }
        let line = TABLE.line(self.line);
        let (start, end) = (self.at + 1, find(line, self.at + 1, b' '));
        let is = find(line, start, b'=');
        self.at = end;
        Some(Entry { line: self.line, name: part(line, start, is), kind: part(line, is + 1, end) })
    }
}

impl Entry {
    /// The merge keys of a list with commas between them; nothing when it is none.
    const fn keys(self) -> &'static str {
        match self.kind.as_bytes() {
            [b'[', ..] => part(self.kind, 1, find(self.kind, 0, b']')),
            _ => "",
        }
    }
}

const fn count_keys(keys: &str) -> usize {
    let (mut count, mut at) = (0, 0);
    while at < keys.len() {
        count += 1;
        at = find(keys, at, b',') + 1;
    }
    count
}

const fn count() -> Count {
    let mut count = Count { fields: 0, keys: 0 };
    let mut cursor = Cursor::start();
    while let Some(entry) = cursor.next() {
        count.fields += 1;
        count.keys += count_keys(entry.keys());
    }
    count
}

const fn keys() -> [MergeKey; COUNT.keys] {
    let mut keys = [const { Cow::Borrowed("") }; COUNT.keys];
    let mut count = 0;
    let mut cursor = Cursor::start();
    while let Some(entry) = cursor.next() {
        let (list, mut at) = (entry.keys(), 0);
        while at < list.len() {
            let end = find(list, at, b',');
            forget(replace(&mut keys[count], Cow::Borrowed(part(list, at, end))));
            count += 1;
            at = end + 1;
        }
    }
    keys
}

const fn fields() -> [NamedField; COUNT.fields] {
    let mut fields = [const { NamedField { name: Cow::Borrowed(""), field: Field::Object(0) } }; COUNT.fields];
    let (mut count, mut key) = (0, 0);
    let mut cursor = Cursor::start();
    while let Some(entry) = cursor.next() {
        let next = key + count_keys(entry.keys());
        let field = NamedField { name: Cow::Borrowed(entry.name), field: field(entry.kind, key, next) };
        forget(replace(&mut fields[count], field));
        count += 1;
        key = next;
    }
    fields
}

/// A field whose merge keys, if it is a list, are some of all keys.
const fn field(kind: &'static str, first: usize, last: usize) -> Field {
    match kind.as_bytes() {
        [b'[', .., b']'] => Field::List { keys: Cow::Borrowed(table::slice(&KEYS, first, last)), element: None },
        [b'[', ..] => {
            let element = part(kind, find(kind, 0, b']') + 1, kind.len());
            Field::List { keys: Cow::Borrowed(table::slice(&KEYS, first, last)), element: Some(number(element)) }
        }
        [b'{', ..] => Field::Map(number(part(kind, 1, kind.len() - 1))),
        _ => Field::Object(number(kind)),
    }
}

const fn types() -> [Fields; LINES - RESOURCES] {
    let mut types = [const { Cow::Borrowed(&[] as &[NamedField]) }; LINES - RESOURCES];
    let (mut line, mut first, mut end) = (RESOURCES, 0, 0);
    let mut cursor = Cursor::start();
    while let Some(entry) = cursor.next() {
        if entry.line > line {
            forget(replace(&mut types[line - RESOURCES], Cow::Borrowed(table::slice(&FIELDS, first, end))));
            line = entry.line;
            first = end;
        }
        end += 1;
    }
    forget(replace(&mut types[line - RESOURCES], Cow::Borrowed(table::slice(&FIELDS, first, end))));
    types
}

/// A number of the table.
pub(super) const fn number(text: &str) -> usize {
    let (mut number, mut at) = (0, 0);
    while at < text.len() {
        assert!(text.as_bytes()[at].is_ascii_digit(), "the table refers to types by number");
        number = 10 * number + (text.as_bytes()[at] - b'0') as usize;
        at += 1;
    }
    number
}

//! The short way for what nearly every document consists of: block collections, scalars of one line, literal blocks. It reads
//! lines, not tokens, and takes a tenth of the time. At the first thing that it does not know for certain it gives up, and
//! the text is read the long way: so it knows no errors, and what it reads is what the long way reads.

mod literal;
mod make;
mod words;

use std::marker::PhantomData;

use super::{MAX_DEPTH, MAX_DOCUMENTS};
use crate::node::{Node, Style, Tag};

use make::{Make, Nodes, Skim};
use words::Ended;

/// The column of what is in no block: the end of a document.
const OUTSIDE: isize = -1;

/// Of the only document, a mapping, the fields that are wanted. The others have a form in JSON for certain, and their keys
/// are texts.
pub(super) fn only_fields(text: &str, is_wanted: impl Fn(&str) -> bool) -> Option<Node> {
    let mut lines = Lines::<Nodes>::new(text)?;
    if lines.is_at_marker() {
        lines.marker()?;
    }
    let column = lines.column;
    if column == OUTSIDE || lines.is_dash() {
        return None;
    }
    let mut fields = Vec::new();
    while lines.column == column {
        let (key, ended) = lines.word()?;
        if ended != Ended::Key || key.tag != Tag::Str {
            return None;
        }
        if is_wanted(key.text()) {
            fields.push((key, lines.value(column, 0)?));
        } else {
            let mut skimmed = lines.making::<Skim>();
            skimmed.value(column, 0)?;
            lines = skimmed.making();
        }
    }
    (lines.column == OUTSIDE && lines.is_end()).then(|| Nodes::mapping(fields, Style::Plain))
}

/// Every document that is not empty.
pub(super) fn documents(text: &str) -> Option<Vec<Node>> {
    let mut lines = Lines::<Nodes>::new(text)?;
    let mut documents = Vec::new();
    let mut markers = 0;
    loop {
        while lines.is_at_marker() {
            markers += 1;
            lines.marker()?;
        }
        if lines.is_end() {
            return (markers < MAX_DOCUMENTS).then_some(documents);
        }
        let document = lines.document()?;
        if !document.is_null() {
            documents.push(document);
        }
    }
}

/// The only document of a text.
pub(super) fn only(text: &str) -> Option<Node> {
    let mut lines = Lines::<Nodes>::new(text)?;
    if lines.is_at_marker() {
        lines.marker()?;
    }
    let document = lines.document()?;
    lines.is_end().then_some(document)
}

struct Lines<'a, M> {
    made: PhantomData<M>,
    text: &'a str,
    bytes: &'a [u8],
    /// What comes next: a character that means something, in the present line.
    at: usize,
    line_start: usize,
    /// Its column, if it is the first of its line; of other lines the last that was known.
    column: isize,
}

impl<'a, M: Make> Lines<'a, M> {
    /// Stands at the first line that has something.
    fn new(text: &'a str) -> Option<Lines<'a, M>> {
        // Of the other characters some are line breaks, and some are not allowed.
        let is_simple = |c: char| matches!(c, '\t' | '\n' | ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}' | '\u{10000}'..);
        if !super::cursor::is_plain(text.as_bytes()) && !text.chars().all(is_simple) {
            return None;
        }
        let mut lines =
            Lines { made: PhantomData, text, bytes: text.as_bytes(), at: 0, line_start: 0, column: OUTSIDE };
        lines.next_line()?;
        Some(lines)
    }

    /// From here on something else is made.
    fn making<N>(self) -> Lines<'a, N> {
        let Lines { text, bytes, at, line_start, column, .. } = self;
        Lines { made: PhantomData, text, bytes, at, line_start, column }
    }

    /// The byte at a distance; a line break at the end.
    fn byte(&self, distance: usize) -> u8 {
        self.bytes.get(self.at + distance).copied().unwrap_or(b'\n')
    }

    fn is_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn is_blank_or_end(&self, distance: usize) -> bool {
        matches!(self.byte(distance), b' ' | b'\n')
    }

    fn is_dash(&self) -> bool {
        self.byte(0) == b'-' && self.is_blank_or_end(1)
    }

    fn is_at_marker(&self) -> bool {
        self.column == OUTSIDE && !self.is_end()
    }

    fn skip_spaces(&mut self) {
        while self.bytes.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
    }

    /// Moves from the start of a line to what comes next there or in a later line.
    fn next_line(&mut self) -> Option<()> {
        loop {
            self.line_start = self.at;
            self.skip_spaces();
            match self.bytes.get(self.at) {
                None => break,
                Some(b'\n') => self.at += 1,
                Some(b'#') => self.skip_line(),
                Some(b'\t') => return None,
                Some(_) => {
                    self.column = self.column_here();
                    return if self.column == 0 { self.first_column() } else { Some(()) };
                }
            }
        }
        self.column = OUTSIDE;
        Some(())
    }

    fn column_here(&self) -> isize {
        (self.at - self.line_start) as isize
    }

    /// What has a meaning of its own at the start of a line.
    fn first_column(&mut self) -> Option<()> {
        match &self.bytes[self.at..] {
            [b'%', ..] | [b'.', b'.', b'.', ..] => None,
            [b'-', b'-', b'-', ..] => {
                self.column = OUTSIDE;
                self.is_blank_or_end(3).then_some(())
            }
            _ => Some(()),
        }
    }

    /// Moves to the start of the next line.
    fn skip_line(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| end + 1);
    }

    /// Leaves a line on which nothing but a comment may follow, for one that is not part of what was read.
    fn end_line(&mut self, parent: isize) -> Option<()> {
        self.rest_of_line()?;
        (self.column <= parent).then_some(())
    }

    fn rest_of_line(&mut self) -> Option<()> {
        let start = self.at;
        self.skip_spaces();
        match self.byte(0) {
            b'\n' => {}
            b'#' if self.at > start => {}
            _ => return None,
        }
        self.skip_line();
        self.next_line()
    }

    /// `---`, with nothing behind it.
    fn marker(&mut self) -> Option<()> {
        self.at += 3;
        self.rest_of_line()
    }

    fn document(&mut self) -> Option<M::Node> {
        if self.column == OUTSIDE {
            return None;
        }
        let node = self.block(OUTSIDE, 0)?;
        (self.column == OUTSIDE).then_some(node)
    }

    /// What starts with the line and is indented more than what it is part of.
    fn block(&mut self, parent: isize, depth: usize) -> Option<M::Node> {
        if self.is_dash() { self.items(self.column, false, depth) } else { self.inline(parent, true, depth) }
    }

    /// A mapping, of which the first key was taken.
    fn fields(&mut self, first: M::Node, column: isize, depth: usize) -> Option<M::Node> {
        if depth > MAX_DEPTH / 2 {
            return None;
        }
        let mut fields = Vec::new();
        let mut key = first;
        loop {
            let value = self.value(column, depth)?;
            fields.push((key, value));
            if self.column < column {
                return Some(M::mapping(fields, Style::Plain));
            }
            if self.column > column || self.is_dash() {
                return None;
            }
            let (next, ended) = self.word()?;
            if ended != Ended::Key {
                return None;
            }
            key = next;
        }
    }

    /// What follows a key of a mapping in this column.
    fn value(&mut self, column: isize, depth: usize) -> Option<M::Node> {
        if self.is_on_later_line()? {
            return match self.column {
                deeper if deeper > column => self.block(column, depth + 1),
                same if same == column && self.is_dash() => self.items(column, true, depth + 1),
                _ => Some(M::nothing()),
            };
        }
        self.inline(column, false, depth)
    }

    /// Whether nothing follows on the line; then the next one was reached.
    fn is_on_later_line(&mut self) -> Option<bool> {
        self.skip_spaces();
        // What came before is a `:` or `-`, which a blank has to follow.
        if !matches!(self.byte(0), b'\n' | b'#') {
            return Some(false);
        }
        self.skip_line();
        self.next_line()?;
        Some(true)
    }

    /// A sequence. An indentless one has the column of the mapping that it is in, and ends with the next key.
    fn items(&mut self, column: isize, indentless: bool, depth: usize) -> Option<M::Node> {
        if depth > MAX_DEPTH / 2 {
            return None;
        }
        let mut items = Vec::new();
        loop {
            self.at += 1;
            items.push(self.item(column, depth)?);
            let is_over = self.column < column || indentless && !self.is_dash();
            if self.column > column || !is_over && !self.is_dash() {
                return None;
            }
            if is_over {
                return Some(M::sequence(items, Style::Plain));
            }
        }
    }

    /// What follows the `-` of a sequence in this column.
    fn item(&mut self, column: isize, depth: usize) -> Option<M::Node> {
        if self.is_on_later_line()? {
            return if self.column > column { self.block(column, depth + 1) } else { Some(M::nothing()) };
        }
        if self.is_dash() {
            let nested = self.column_here();
            return self.items(nested, false, depth + 1);
        }
        self.inline(column, true, depth + 1)
    }

    /// What starts here: behind a key, or where a mapping may start as well.
    fn inline(&mut self, parent: isize, may_be_mapping: bool, depth: usize) -> Option<M::Node> {
        let node = match self.byte(0) {
            b'|' => return self.literal(parent),
            b'[' => self.flow_items()?,
            b'{' if self.byte(1) == b'}' => {
                self.at += 2;
                M::mapping(Vec::new(), Style::Flow)
            }
            _ => {
                let column = self.column_here();
                let (node, ended) = self.word()?;
                if ended == Ended::Key {
                    return if may_be_mapping { self.fields(node, column, depth) } else { None };
                }
                node
            }
        };
        self.end_line(parent)?;
        Some(node)
    }
}

#[cfg(test)]
mod tests;

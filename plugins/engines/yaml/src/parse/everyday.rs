//! The short way for what nearly every document consists of: block collections, scalars of one line, literal blocks. It reads
//! lines, not tokens, and takes a tenth of the time. At the first thing that it does not know for certain it gives up, and
//! the text is read the long way: so it knows no errors, and what it reads is what the long way reads.

use super::{MAX_DEPTH, MAX_DOCUMENTS, empty, scalar};
use crate::node::{Kind, Node, Style, Tag};

/// A key is certainly shorter than what a key may be at most.
const MAX_KEY_LENGTH: usize = 1000;
/// The column of what is in no block: the end of a document.
const OUTSIDE: isize = -1;

/// Every document that is not empty.
pub(super) fn documents(text: &str) -> Option<Vec<Node>> {
    let mut lines = Lines::new(text)?;
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
    let mut lines = Lines::new(text)?;
    if lines.is_at_marker() {
        lines.marker()?;
    }
    let document = lines.document()?;
    lines.is_end().then_some(document)
}

struct Lines<'a> {
    text: &'a str,
    bytes: &'a [u8],
    /// What comes next: a character that means something, in the present line.
    at: usize,
    line_start: usize,
    /// Its column, if it is the first of its line; of other lines the last that was known.
    column: isize,
}

/// Where a scalar ended.
#[derive(PartialEq, Eq)]
enum Ended {
    /// Before a comment or the end of its line.
    Line,
    /// With a `:`, which was taken.
    Key,
}

impl<'a> Lines<'a> {
    /// Stands at the first line that has something.
    fn new(text: &'a str) -> Option<Lines<'a>> {
        // Of the other characters some are line breaks, and some are not allowed.
        let is_simple = |c: char| matches!(c, '\t' | '\n' | ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}' | '\u{10000}'..);
        if !text.bytes().all(super::cursor::is_plain_byte) && !text.chars().all(is_simple) {
            return None;
        }
        let mut lines = Lines { text, bytes: text.as_bytes(), at: 0, line_start: 0, column: OUTSIDE };
        lines.next_line()?;
        Some(lines)
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

    fn document(&mut self) -> Option<Node> {
        if self.column == OUTSIDE {
            return None;
        }
        let node = self.block(OUTSIDE, 0)?;
        (self.column == OUTSIDE).then_some(node)
    }

    /// What starts with the line and is indented more than what it is part of.
    fn block(&mut self, parent: isize, depth: usize) -> Option<Node> {
        if self.is_dash() { self.items(self.column, false, depth) } else { self.inline(parent, true, depth) }
    }

    /// A mapping, of which the first key was taken.
    fn fields(&mut self, first: Node, column: isize, depth: usize) -> Option<Node> {
        if depth > MAX_DEPTH / 2 {
            return None;
        }
        let mut fields = Vec::new();
        let mut key = first;
        loop {
            let value = self.value(column, depth)?;
            fields.push((key, value));
            if self.column < column {
                return Some(Node { kind: Kind::Mapping(fields), tag: Tag::Map, style: Style::Plain });
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
    fn value(&mut self, column: isize, depth: usize) -> Option<Node> {
        if self.is_on_later_line()? {
            return match self.column {
                deeper if deeper > column => self.block(column, depth + 1),
                same if same == column && self.is_dash() => self.items(column, true, depth + 1),
                _ => Some(empty()),
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
    fn items(&mut self, column: isize, indentless: bool, depth: usize) -> Option<Node> {
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
                return Some(Node { kind: Kind::Sequence(items), tag: Tag::Seq, style: Style::Plain });
            }
        }
    }

    /// What follows the `-` of a sequence in this column.
    fn item(&mut self, column: isize, depth: usize) -> Option<Node> {
        if self.is_on_later_line()? {
            return if self.column > column { self.block(column, depth + 1) } else { Some(empty()) };
        }
        if self.is_dash() {
            let nested = self.column_here();
            return self.items(nested, false, depth + 1);
        }
        self.inline(column, true, depth + 1)
    }

    /// What starts here: behind a key, or where a mapping may start as well.
    fn inline(&mut self, parent: isize, may_be_mapping: bool, depth: usize) -> Option<Node> {
        let node = match self.byte(0) {
            b'|' => return self.literal(parent),
            b'[' => self.flow_items()?,
            b'{' if self.byte(1) == b'}' => {
                self.at += 2;
                Node { kind: Kind::Mapping(Vec::new()), tag: Tag::Map, style: Style::Flow }
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

    /// A scalar that is not longer than its line.
    fn word(&mut self) -> Option<(Node, Ended)> {
        let start = self.at;
        let (text, style) = match self.byte(0) {
            quote @ (b'\'' | b'"') => self.quoted(quote)?,
            _ => (self.plain()?.to_owned(), Style::Plain),
        };
        let before = self.at;
        self.skip_spaces();
        let ended = if self.byte(0) == b':' && self.is_blank_or_end(1) {
            self.at += 1;
            Ended::Key
        } else {
            self.at = before;
            Ended::Line
        };
        if ended == Ended::Key && self.at - start > MAX_KEY_LENGTH {
            return None;
        }
        Some((scalar(text, style, None), ended))
    }

    /// A bare word or several of them.
    fn plain(&mut self) -> Option<&'a str> {
        let is_start = match self.byte(0) {
            b'[' | b']' | b'{' | b'}' | b',' | b'?' | b':' | b'*' | b'&' | b'!' | b'|' | b'>' => false,
            b'\'' | b'"' | b'#' | b'%' | b'@' | b'`' | b'\t' | b'\n' => false,
            b'-' => !self.is_blank_or_end(1),
            _ => true,
        };
        if !is_start {
            return None;
        }
        let rest = &self.bytes[self.at..];
        let mut before = 0;
        let mut end = rest.len();
        for (index, byte) in rest.iter().enumerate() {
            match byte {
                b'\n' => {}
                b':' if matches!(rest.get(index + 1), None | Some(b' ' | b'\n')) => {}
                b'#' if before == b' ' => {}
                b'\t' => return None,
                byte => {
                    before = *byte;
                    continue;
                }
            }
            end = index;
            break;
        }
        let text = self.text[self.at..self.at + end].trim_end_matches(' ');
        self.at += text.len();
        Some(text)
    }

    /// Quotes, and what is between them.
    fn quoted(&mut self, quote: u8) -> Option<(String, Style)> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = &self.bytes[self.at..];
            let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\\') || *byte == quote)?;
            text.push_str(&self.text[self.at..self.at + end]);
            self.at += end;
            match (self.byte(0), self.byte(1)) {
                (b'\'', b'\'') => text.push('\''),
                (b'\\', _) if quote == b'\'' => {
                    text.push('\\');
                    self.at += 1;
                    continue;
                }
                (b'\\', escaped @ (b'"' | b'\\')) => text.push(char::from(escaped)),
                (b'\\', b'n') => text.push('\n'),
                (b'\\', b't') => text.push('\t'),
                (end, _) if end == quote => {
                    self.at += 1;
                    return Some((text, if quote == b'"' { Style::DoubleQuoted } else { Style::SingleQuoted }));
                }
                _ => return None,
            }
            self.at += 2;
        }
    }

    /// `[a, 'b']`: scalars that need no second look.
    fn flow_items(&mut self) -> Option<Node> {
        let mut items = Vec::new();
        self.at += 1;
        self.skip_spaces();
        if self.byte(0) == b']' {
            self.at += 1;
            return Some(flow(items));
        }
        loop {
            items.push(match self.byte(0) {
                quote @ (b'\'' | b'"') => {
                    let (text, style) = self.quoted(quote)?;
                    scalar(text, style, None)
                }
                _ => self.flow_word()?,
            });
            self.skip_spaces();
            let separator = self.byte(0);
            self.at += 1;
            match separator {
                b',' => self.skip_spaces(),
                b']' => return Some(flow(items)),
                _ => return None,
            }
        }
    }

    fn flow_word(&mut self) -> Option<Node> {
        let is_certain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b'_' | b'-');
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|byte| !is_certain(byte))?;
        if length == 0 || rest[0] == b'-' {
            return None;
        }
        let text = &self.text[self.at..self.at + length];
        self.at += length;
        Some(scalar(text.to_owned(), Style::Plain, None))
    }

    /// `|`, with or without `-` or `+`, and lines of text.
    fn literal(&mut self, parent: isize) -> Option<Node> {
        self.at += 1;
        let chomping = self.byte(0);
        if matches!(chomping, b'-' | b'+') {
            self.at += 1;
        }
        let header = self.at;
        self.skip_spaces();
        if !(self.byte(0) == b'\n' || self.byte(0) == b'#' && self.at > header) {
            return None;
        }
        self.skip_line();
        let indent = self.literal_indent(parent)?;
        let mut text = String::new();
        let breaks = self.literal_lines(indent, &mut text)?;
        let kept = match chomping {
            b'-' => 0,
            b'+' => breaks,
            _ => breaks.min(1),
        };
        text.extend(std::iter::repeat_n('\n', kept));
        self.next_line()?;
        (self.column <= parent).then(|| scalar(text, Style::Literal, None))
    }

    /// The indentation of the first line that is not empty.
    fn literal_indent(&self, parent: isize) -> Option<usize> {
        let (mut start, mut widest) = (self.at, 0);
        loop {
            let rest = &self.bytes[start..];
            let spaces = rest.iter().position(|byte| *byte != b' ')?;
            widest = widest.max(spaces);
            if rest[spaces] != b'\n' {
                let is_certain = rest[spaces] != b'\t' && widest == spaces && spaces as isize > parent.max(0);
                return is_certain.then_some(spaces);
            }
            start += spaces + 1;
        }
    }

    /// Takes lines of text and gives the number of line breaks at the end.
    fn literal_lines(&mut self, indent: usize, text: &mut String) -> Option<usize> {
        let mut breaks = 0;
        while !self.is_end() {
            let rest = &self.bytes[self.at..];
            let spaces = rest.iter().take(indent).position(|byte| *byte != b' ').unwrap_or(indent.min(rest.len()));
            match rest.get(spaces) {
                // Spaces and no line break.
                None => return None,
                Some(b'\n') => {
                    breaks += 1;
                    self.at += spaces + 1;
                }
                Some(b'\t') if spaces < indent => return None,
                Some(_) if spaces < indent => break,
                Some(_) => {
                    let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
                    text.extend(std::iter::repeat_n('\n', breaks));
                    text.push_str(&self.text[self.at + indent..self.at + length]);
                    breaks = usize::from(length < rest.len());
                    self.at += length + breaks;
                }
            }
        }
        Some(breaks)
    }
}

fn flow(items: Vec<Node>) -> Node {
    Node { kind: Kind::Sequence(items), tag: Tag::Seq, style: Style::Flow }
}

#[cfg(test)]
mod tests {
    use super::super::check_short_way;
    use super::*;

    const MANIFEST: &str = r#"# About this.
apiVersion: apps/v1
kind: Deployment   # what it is
metadata:
  name: "web"
  annotations:
    {}
  labels: {app: web}
spec:
  replicas: 3
  empty:
  paths: [/a, 'b c', "d", -1, 0x1, null, 1.5e3]
  none: []
  template:
    spec:
      containers:
      - name: web
        image: example.com/web:1.0@sha256:0
        args:
          - --listen=:8080
          - 'it''s'
          - "a \"b\" \\ \n"
          -
          - - nested
            - twice
          -   wide: 1
              deep: ~
        script: |
          #!/bin/sh
            echo "a: b" # no comment

          exit 0
        kept: |+
          a

        stripped: |-  # text
            é ünd
      - name: "other": x
---
- a
-  b: c
   d: e
---
# nothing
"#;

    fn taken(text: &str) {
        assert!(check_short_way(text), "the short way gave up on {text:?}");
    }

    #[test]
    fn what_is_common_is_read_the_short_way() {
        let manifest = MANIFEST.replace("  labels: {app: web}\n", "").replace("\"other\": x", "other");
        taken(&manifest.replace(", -1", ""));
        for text in [
            "a: 1",
            "---\na: 1\n",
            "--- # first\n\n  a:\n    - b\n  c: d\n",
            "a:\n- b\n- c\nd: |\n  x",
            "a:\n  b\nc:\n  'd'\n",
            "\"a b\": 'c'\n'd' : e#f\ng: h: \n".split("g:").next().unwrap(),
            "a: b c # d\n# e\n \n",
            "a: |\n\n  b\n c: d\n".split(" c").next().unwrap(),
            "- - a\n  - b\n- c:\n  - d\n  e:\n",
            "word\n",
            "[a, b]\n",
        ] {
            taken(text);
        }
    }

    #[test]
    fn odd_texts_are_left_to_the_long_way() {
        for text in [
            "a: b\n  c\n",
            "a: *x\n",
            "a: &x b\n",
            "a: !t b\n",
            "a: {b: c}\n",
            "? a\n: b\n",
            "a: 'b\n  c'\n",
            "a:\tb\n",
            "a: >\n  b\n",
            "a: |2\n    b\n",
            "%YAML 1.1\n---\na: b\n",
            "a: b\n...\n",
            "a: b\r\n",
            "\u{feff}a: b\n",
            "a: b\u{85}c: d\n",
            "a: |\n\n\n    b\n",
        ] {
            let is_short = check_short_way(text);
            assert!(!is_short || text.contains("|\n\n\n"), "{text:?}");
        }
    }

    #[test]
    fn depth_is_left_to_the_long_way() {
        let nested = |depth: usize| format!("{}a", "- ".repeat(depth));
        taken(&nested(MAX_DEPTH / 2));
        assert!(!check_short_way(&nested(MAX_DEPTH / 2 + 2)));
        let fields = |depth: usize| (0..depth).map(|at| format!("{}a:\n", " ".repeat(at))).collect::<String>();
        taken(&fields(MAX_DEPTH / 2));
        assert!(!check_short_way(&fields(MAX_DEPTH)));
    }

    /// Pieces that change what a text means.
    const PIECES: [&str; 48] = [
        "\n", "\n  ", "\n- ", "\n  - ", ": ", ":", " #", "#", "- ", "-", "---\n", "...\n", "'", "\"", "\\", "|",
        "|-\n", "|+", ">", "{}", "[]", "[", "]", "{", "}", ", ", "?", "? ", "&a ", "*a", "!", "%", "@", "`", "~", "<<",
        "\t", " ", "    ", "\r\n", "é", "\u{85}", "\u{2028}", "\u{feff}", "''", "\\n", "null", "a: b\n",
    ];

    #[test]
    fn both_ways_read_the_same() {
        let mut random = 1u64;
        let mut below = |limit: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as usize % limit.max(1)
        };
        let parts: Vec<&str> = MANIFEST.split_inclusive('\n').collect();
        let mut short = 0;
        for _ in 0..40_000 {
            let first = below(parts.len());
            let mut text = parts[first..(first + 1 + below(12)).min(parts.len())].concat();
            for _ in 0..below(4) {
                let at = (0..=below(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
                match below(3) {
                    0 => text.insert_str(at, PIECES[below(PIECES.len())]),
                    1 => text.truncate(at),
                    _ if at < text.len() => drop(text.remove(at)),
                    _ => {}
                }
            }
            short += usize::from(check_short_way(&text));
        }
        assert!((4_000..36_000).contains(&short), "{short} of the texts were read the short way");
    }
}

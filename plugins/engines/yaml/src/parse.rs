use std::{
    collections::HashMap,
    io::{Chain, Read},
    panic::{self, AssertUnwindSafe},
};

use libyaml_safer::{ErrorKind, EventData, MappingStyle, Mark, Parser, ScalarStyle, SequenceStyle};

use crate::node::{Kind, Node, Style, Tag};
use crate::resolve::{Rules, tag_of};
use crate::{Error, MAX_ALIAS_NODES, MAX_DEPTH, MAX_DOCUMENTS};

/// Reads every document of a stream. Empty documents are left out.
///
/// # Errors
/// Text that is not YAML, and anything beyond the limits of this crate.
pub fn parse_documents(text: &str) -> Result<Vec<Node>, Error> {
    let mut reader = Reader::new(text);
    let mut documents = Vec::new();
    while let Some(document) = reader.document()? {
        if documents.len() == MAX_DOCUMENTS {
            return Err(Error::TooManyDocuments);
        }
        documents.push(document);
    }
    documents.retain(|document| !document.is_null());
    Ok(documents)
}

/// Reads the first document and ignores what follows it, as a Go decoder does that is asked once. `None` when the text
/// holds none.
///
/// # Errors
/// As [`parse_documents`].
pub fn parse_first(text: &str) -> Result<Option<Node>, Error> {
    Reader::new(text).document()
}

/// The scanner panics on a quoted text that ends in the middle of an escape; a line break behind it makes that an error.
fn padding(text: &str) -> &'static [u8] {
    match text.ends_with('\\') && text.contains('"') {
        true => b"\n",
        false => b"",
    }
}

/// An event and the line on which it starts, from 1.
type Event = (EventData, usize);

struct Reader<'a> {
    parser: Parser<Chain<&'a [u8], &'static [u8]>>,
    /// Finished anchors; `None` while the node is being read.
    anchors: HashMap<String, Option<Node>>,
    alias_nodes: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let mut parser = Parser::new();
        parser.set_input(text.as_bytes().chain(padding(text)));
        Reader { parser, anchors: HashMap::new(), alias_nodes: 0 }
    }

    fn next(&mut self) -> Result<Event, Error> {
        // The scanner panics on a tag that a comma ends (`{!a,`). Natively that is an error of the text; a guest traps, and
        // the host says so. The reader is not used after an error.
        match panic::catch_unwind(AssertUnwindSafe(|| self.parser.parse())) {
            Ok(Ok(event)) => Ok((event.data, line(event.start_mark))),
            Ok(Err(error)) => Err(syntax_error(&error)),
            Err(_panic) => Err(Error::Syntax { line: 0, column: 1, message: "did not find expected token".into() }),
        }
    }

    fn document(&mut self) -> Result<Option<Node>, Error> {
        loop {
            match self.next()? {
                (EventData::StreamEnd, _) => return Ok(None),
                (EventData::DocumentStart { .. }, _) => break,
                _ => {}
            }
        }
        self.anchors.clear();
        self.alias_nodes = 0;
        let event = self.next()?;
        let node = self.node(event, 0)?;
        // What follows the node up to the end of the document has to be in order as well.
        self.next()?;
        Ok(Some(node))
    }

    fn node(&mut self, (event, line): Event, depth: usize) -> Result<Node, Error> {
        if depth > MAX_DEPTH {
            return Err(Error::TooDeep { line });
        }
        match event {
            EventData::Alias { anchor } => self.alias(&anchor, line),
            EventData::Scalar { anchor, tag, value, style, .. } => {
                let node = scalar(value, style, tag.as_deref().map(Tag::parse));
                self.anchored(anchor, |_| Ok(node))
            }
            EventData::SequenceStart { anchor, tag, style, .. } => self.anchored(anchor, |reader| {
                let kind = Kind::Sequence(reader.items(depth)?);
                Ok(collection(kind, tag.as_deref(), Tag::Seq, style == SequenceStyle::Flow))
            }),
            EventData::MappingStart { anchor, tag, style, .. } => self.anchored(anchor, |reader| {
                let kind = Kind::Mapping(reader.fields(depth)?);
                Ok(collection(kind, tag.as_deref(), Tag::Map, style == MappingStyle::Flow))
            }),
            _ => Err(syntax(line, "expected a value")),
        }
    }

    /// Reads a node and remembers it under its anchor.
    fn anchored(
        &mut self,
        anchor: Option<String>,
        read: impl FnOnce(&mut Self) -> Result<Node, Error>,
    ) -> Result<Node, Error> {
        let Some(anchor) = anchor else { return read(self) };
        self.anchors.insert(anchor.clone(), None);
        let node = read(self)?;
        self.anchors.insert(anchor, Some(node.clone()));
        Ok(node)
    }

    fn items(&mut self, depth: usize) -> Result<Vec<Node>, Error> {
        let mut items = Vec::new();
        loop {
            let event = self.next()?;
            if matches!(event.0, EventData::SequenceEnd) {
                return Ok(items);
            }
            items.push(self.node(event, depth + 1)?);
        }
    }

    fn fields(&mut self, depth: usize) -> Result<Vec<(Node, Node)>, Error> {
        let mut fields = Vec::new();
        loop {
            let event = self.next()?;
            if matches!(event.0, EventData::MappingEnd) {
                return Ok(fields);
            }
            let key = self.node(event, depth + 1)?;
            let event = self.next()?;
            fields.push((key, self.node(event, depth + 1)?));
        }
    }

    fn alias(&mut self, anchor: &str, line: usize) -> Result<Node, Error> {
        let node = match self.anchors.get(anchor) {
            Some(Some(node)) => node,
            Some(None) => return Err(syntax(line, &format!("anchor '{anchor}' value contains itself"))),
            None => return Err(syntax(line, &format!("unknown anchor '{anchor}' referenced"))),
        };
        self.alias_nodes += count(node);
        if self.alias_nodes > MAX_ALIAS_NODES {
            return Err(Error::ExcessiveAliasing);
        }
        Ok(node.clone())
    }
}

fn line(mark: Mark) -> usize {
    mark.line as usize + 1
}

fn count(node: &Node) -> usize {
    1 + match &node.kind {
        Kind::Scalar(_) => 0,
        Kind::Sequence(items) => items.iter().map(count).sum(),
        Kind::Mapping(fields) => fields.iter().map(|(key, value)| count(key) + count(value)).sum(),
    }
}

fn syntax(line: usize, message: &str) -> Error {
    Error::Syntax { line, column: 1, message: message.to_owned() }
}

/// A syntax error with the line that go-yaml names, which is not always the one of the problem.
fn syntax_error(error: &libyaml_safer::Error) -> Error {
    let known = |mark: Option<Mark>| mark.filter(|mark| mark.line != 0);
    let context = error.context().and(error.context_mark());
    let mark = known(context).or_else(|| known(error.problem_mark()));
    let after = usize::from(error.kind() == ErrorKind::Scanner);
    Error::Syntax {
        line: mark.map_or(0, |mark| mark.line as usize + after),
        column: error.problem_mark().map_or(1, |mark| mark.column as usize + 1),
        message: error.problem().to_owned(),
    }
}

fn scalar(text: String, style: ScalarStyle, explicit: Option<Tag>) -> Node {
    let style = match style {
        ScalarStyle::SingleQuoted => Style::SingleQuoted,
        ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
        _ => Style::Plain,
    };
    let is_explicit = explicit.is_some();
    let tag = match explicit {
        // `!` alone says "not plain": a string.
        Some(Tag::Custom(tag)) if &*tag == "!" => Tag::Str,
        Some(tag) => tag,
        None if style.is_quoting() => Tag::Str,
        None => tag_of(&text, Rules::Yaml12),
    };
    // Quotes say the same as an explicit `!!str`, and tell it from a bare word under either set of rules.
    let style = if is_explicit && tag == Tag::Str && style == Style::Plain { Style::DoubleQuoted } else { style };
    Node { kind: Kind::Scalar(text), tag, style }
}

fn collection(kind: Kind, explicit: Option<&str>, default: Tag, is_flow: bool) -> Node {
    let style = if is_flow { Style::Flow } else { Style::Plain };
    Node { kind, tag: explicit.map_or(default, Tag::parse), style }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_separated_and_empty_ones_left_out() {
        let documents = parse_documents("a: 1\n---\n# nothing\n---\nb: 2\r\n").unwrap();
        assert_eq!(documents.len(), 2);
        assert_eq!(documents[1].get("b").unwrap().text(), "2");
        assert!(parse_documents("").unwrap().is_empty());
        assert_eq!(parse_first("a: 1\n---\n: : {").unwrap().unwrap().get("a").unwrap().text(), "1");
    }

    #[test]
    fn errors_name_the_line() {
        let error = parse_documents("a: 1\nb: [\n").unwrap_err();
        assert!(matches!(error, Error::Syntax { line: 2.., .. }), "{error}");
    }

    #[test]
    fn aliases_are_expanded() {
        let documents = parse_documents("a: &x {k: v}\nb: *x\n").unwrap();
        assert_eq!(documents[0].lookup(&["b", "k"]).unwrap().text(), "v");
        assert!(parse_documents("a: &x [*x]\n").is_err());
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse_documents(&nested(MAX_DEPTH)).is_ok());
        assert!(matches!(parse_documents(&nested(MAX_DEPTH + 2)), Err(Error::TooDeep { .. })));
    }

    #[test]
    fn aliasing_is_bounded() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..8 {
            let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
            text += &format!("a{level}: &a{level} [{aliases}]\n");
        }
        assert_eq!(parse_documents(&text), Err(Error::ExcessiveAliasing));
    }

    #[test]
    fn documents_are_bounded() {
        let text = "--- 1\n".repeat(MAX_DOCUMENTS + 1);
        assert_eq!(parse_documents(&text), Err(Error::TooManyDocuments));
    }

    #[test]
    fn what_the_scanner_panics_on_is_an_error() {
        for text in ["{!a, b}", "\"\\", "a: \"x\\", "- \"\\\\\\"] {
            assert!(parse_documents(text).is_err(), "{text}");
        }
        assert!(parse_documents("a: b\\").is_ok());
    }
}

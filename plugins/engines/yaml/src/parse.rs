use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, StrInput};

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

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, Node>,
    alias_nodes: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Reader { parser: Parser::new_from_str(text), anchors: HashMap::new(), alias_nodes: 0 }
    }

    fn next(&mut self) -> Result<(Event<'a>, Marker), Error> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, span.start)),
            Some(Err(error)) => Err(Error::Syntax {
                line: error.marker().line(),
                column: error.marker().col() + 1,
                message: error.info().to_owned(),
            }),
            None => Ok((Event::StreamEnd, Marker::default())),
        }
    }

    fn document(&mut self) -> Result<Option<Node>, Error> {
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(None),
                (Event::DocumentStart(_), _) => break,
                _ => {}
            }
        }
        self.anchors.clear();
        self.alias_nodes = 0;
        let (event, mark) = self.next()?;
        if matches!(event, Event::DocumentEnd) {
            return Ok(Some(Node::null()));
        }
        self.node(event, mark, 0).map(Some)
    }

    fn node(&mut self, event: Event<'a>, mark: Marker, depth: usize) -> Result<Node, Error> {
        if depth > MAX_DEPTH {
            return Err(Error::TooDeep { line: mark.line() });
        }
        let (node, anchor) = match event {
            Event::Alias(id) => return self.alias(id, mark),
            Event::Scalar(text, style, anchor, tag) => {
                (scalar(text.into_owned(), style, tag.map(|tag| tag_from(&tag))), anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                let items = self.items(depth)?;
                (collection(Kind::Sequence(items), tag.map(|tag| tag_from(&tag)), Tag::Seq), anchor)
            }
            Event::MappingStart(anchor, tag) => {
                let fields = self.fields(depth)?;
                (collection(Kind::Mapping(fields), tag.map(|tag| tag_from(&tag)), Tag::Map), anchor)
            }
            _ => return Err(syntax(mark, "expected a value")),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn items(&mut self, depth: usize) -> Result<Vec<Node>, Error> {
        let mut items = Vec::new();
        loop {
            let (event, mark) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                return Ok(items);
            }
            items.push(self.node(event, mark, depth + 1)?);
        }
    }

    fn fields(&mut self, depth: usize) -> Result<Vec<(Node, Node)>, Error> {
        let mut fields = Vec::new();
        loop {
            let (event, mark) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                return Ok(fields);
            }
            let key = self.node(event, mark, depth + 1)?;
            let (event, mark) = self.next()?;
            fields.push((key, self.node(event, mark, depth + 1)?));
        }
    }

    fn alias(&mut self, id: usize, mark: Marker) -> Result<Node, Error> {
        let Some(node) = self.anchors.get(&id) else {
            return Err(syntax(mark, "anchor contains itself"));
        };
        self.alias_nodes += count(node);
        if self.alias_nodes > MAX_ALIAS_NODES {
            return Err(Error::ExcessiveAliasing);
        }
        Ok(node.clone())
    }
}

fn count(node: &Node) -> usize {
    1 + match &node.kind {
        Kind::Scalar(_) => 0,
        Kind::Sequence(items) => items.iter().map(count).sum(),
        Kind::Mapping(fields) => fields.iter().map(|(key, value)| count(key) + count(value)).sum(),
    }
}

fn syntax(mark: Marker, message: &str) -> Error {
    Error::Syntax { line: mark.line(), column: mark.col() + 1, message: message.to_owned() }
}

fn tag_from(tag: &saphyr_parser::Tag) -> Tag {
    Tag::parse(&format!("{}{}", tag.handle, tag.suffix))
}

fn scalar(text: String, style: ScalarStyle, explicit: Option<Tag>) -> Node {
    let style = match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::SingleQuoted,
        ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
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

fn collection(kind: Kind, explicit: Option<Tag>, default: Tag) -> Node {
    Node { kind, tag: explicit.unwrap_or(default), style: Style::Plain }
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
}

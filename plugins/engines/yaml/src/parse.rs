//! From text to trees. The grammar and what it refuses are those of libyaml, of which Go's parsers are ports: stricter
//! parsers refuse manifests that people have, and libyaml itself differs from the ports in what it refuses.

mod commented;
mod comments;
mod cursor;
mod directive;
mod everyday;
mod scalar;
mod scanner;
mod token;

use std::collections::BTreeMap;

pub use commented::parse_first_commented;
use comments::Pending;
use cursor::Mark;
use scanner::Scanner;
use token::{Placed, Token};

use crate::node::{Kind, Node, Style, Tag};
use crate::resolve::{Rules, tag_of};
use crate::{Error, MAX_ALIAS_NODES, MAX_DEPTH, MAX_DOCUMENTS};

const YAML_PREFIX: &str = "tag:yaml.org,2002:";

/// Reads every document of a stream. Empty documents are left out.
///
/// # Errors
/// Text that is not YAML, and anything beyond the limits of this crate.
pub fn parse_documents(text: &str) -> Result<Vec<Node>, Error> {
    everyday::documents(text).map_or_else(|| read_documents(text), Ok)
}

fn read_documents(text: &str) -> Result<Vec<Node>, Error> {
    let mut reader = Reader::new(text, Rules::Yaml12)?;
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
    parse_first_as(text, Rules::Yaml12)
}

/// As [`parse_first`], and of several things wrong with a text that one is reported which the library with these rules
/// comes upon first; [`Error::said_by`] has its words.
///
/// # Errors
/// As [`parse_documents`].
pub fn parse_first_as(text: &str, rules: Rules) -> Result<Option<Node>, Error> {
    match everyday::only(text) {
        Some(document) => Ok(Some(document)),
        None => read_first(text, rules),
    }
}

fn read_first(text: &str, rules: Rules) -> Result<Option<Node>, Error> {
    Reader::new(text, rules)?.document()
}

/// The fields that are wanted of a text that is one mapping, for whoever needs few of many. Of the other fields it is made
/// sure that they have a form in JSON with [`Rules::Yaml11`], and that is all. `None` says nothing: most texts get an answer,
/// for the others there is [`parse_first_as`].
pub fn parse_fields(text: &str, is_wanted: impl Fn(&str) -> bool) -> Option<Node> {
    everyday::only_fields(text, is_wanted)
}

/// Panics where the short way reads something else than the long one; whether the short one was taken.
#[cfg(any(test, fuzzing))]
pub(crate) fn check_short_way(text: &str) -> bool {
    let (documents, only) = (everyday::documents(text), everyday::only(text));
    let is_short = documents.is_some() || only.is_some();
    if let Some(documents) = documents {
        assert_eq!(Ok(documents), read_documents(text), "{text:?}");
    }
    if let Some(only) = only {
        assert_eq!(Ok(Some(&only)), read_first(text, Rules::Yaml12).as_ref().map(Option::as_ref), "{text:?}");
        assert_eq!(Ok(Some(&only)), read_first(text, Rules::Yaml11).as_ref().map(Option::as_ref), "{text:?}");
    }
    let is_wanted = |name: &str| name.len().is_multiple_of(2);
    if let Some(fields) = everyday::only_fields(text, is_wanted) {
        let whole = read_first(text, Rules::Yaml11).ok().flatten().expect("a mapping was read");
        let (wanted, others): (Vec<_>, _) = whole.fields().iter().cloned().partition(|(key, _)| is_wanted(key.text()));
        assert_eq!(fields.fields(), wanted, "{text:?}");
        let others = Node { kind: Kind::Mapping(others), ..Node::mapping() };
        assert!(crate::to_json(&others, Rules::Yaml11).is_ok(), "{text:?}");
    }
    is_short
}

/// The keys that a mapping of the first document holds twice, by the line (from 1) of the later value, in the order in
/// which go-yaml v2 finds them: those of a value before its own.
///
/// # Errors
/// As [`parse_documents`].
pub fn repeated_keys(text: &str) -> Result<Vec<(usize, String)>, Error> {
    let mut reader = Reader::new(text, Rules::Yaml11)?;
    reader.repeated = Some(Vec::new());
    reader.document()?;
    Ok(reader.repeated.unwrap_or_default())
}

struct Reader<'a> {
    scanner: Scanner<'a>,
    is_first: bool,
    /// Prefixes by handle, of the present document.
    tags: Vec<(String, String)>,
    /// Finished anchors; `None` while the node is being read.
    anchors: BTreeMap<String, Option<Node>>,
    alias_nodes: usize,
    /// Where repeated keys are looked for.
    repeated: Option<Vec<(usize, String)>>,
    /// Where comments are wanted.
    pending: Option<Pending>,
}

/// What may stand before a node.
#[derive(Default)]
struct Properties {
    anchor: Option<String>,
    tag: Option<String>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, rules: Rules) -> Result<Self, Error> {
        let scanner = Scanner::new(text, rules)?;
        let (tags, anchors) = (Vec::new(), BTreeMap::new());
        Ok(Reader { scanner, is_first: true, tags, anchors, alias_nodes: 0, repeated: None, pending: None })
    }

    fn document(&mut self) -> Result<Option<Node>, Error> {
        let implicit = std::mem::take(&mut self.is_first);
        while !implicit && self.next_is(&[Token::DocumentEnd])? {
            self.take()?;
        }
        self.anchors.clear();
        self.alias_nodes = 0;
        let Placed { token, .. } = self.peek()?;
        let starts =
            matches!(token, Token::VersionDirective { .. } | Token::TagDirective { .. } | Token::DocumentStart);
        let node = match token {
            Token::StreamEnd => return Ok(None),
            _ if implicit && !starts => {
                self.tell(Pending::begin_document);
                self.directives()?;
                self.node(true, false, 0)?
            }
            _ => {
                self.directives()?;
                let Placed { token, mark } = self.take()?;
                if token != Token::DocumentStart {
                    return Err(syntax(None, mark, "did not find expected <document start>"));
                }
                self.content()?
            }
        };
        let is_marked = self.next_is(&[Token::DocumentEnd])?;
        self.tell(Pending::end_document);
        if is_marked {
            self.take()?;
        }
        self.tags.clear();
        Ok(Some(node))
    }

    fn next_is(&mut self, tokens: &[Token]) -> Result<bool, Error> {
        Ok(tokens.contains(&self.peek()?.token))
    }

    /// What follows `---`.
    fn content(&mut self) -> Result<Node, Error> {
        match self.peek()?.token {
            Token::VersionDirective { .. }
            | Token::TagDirective { .. }
            | Token::DocumentStart
            | Token::DocumentEnd
            | Token::StreamEnd => Ok(self.nothing()),
            _ => self.node(true, false, 0),
        }
    }

    fn directives(&mut self) -> Result<(), Error> {
        let mut has_version = false;
        while matches!(self.peek()?.token, Token::VersionDirective { .. } | Token::TagDirective { .. }) {
            let Placed { token, mark } = self.take()?;
            match token {
                Token::VersionDirective { .. } if has_version => {
                    return Err(syntax(None, mark, "found duplicate %YAML directive"));
                }
                Token::VersionDirective { is_known: false } => {
                    return Err(syntax(None, mark, "found incompatible YAML document"));
                }
                Token::TagDirective { handle, prefix } => {
                    if self.tags.iter().any(|(existing, _)| *existing == handle) {
                        return Err(syntax(None, mark, "found duplicate %TAG directive"));
                    }
                    self.tags.push((handle, prefix));
                }
                _ => has_version = true,
            }
        }
        for (handle, prefix) in [("!", "!"), ("!!", YAML_PREFIX)] {
            if !self.tags.iter().any(|(existing, _)| existing == handle) {
                self.tags.push((handle.to_owned(), prefix.to_owned()));
            }
        }
        Ok(())
    }

    fn node(&mut self, in_block: bool, indentless: bool, depth: usize) -> Result<Node, Error> {
        let start = self.peek()?.mark;
        if depth > MAX_DEPTH {
            return Err(Error::TooDeep { line: start.line + 1 });
        }
        if let Token::Alias(_) = self.peek()?.token {
            return self.alias();
        }
        let properties = self.properties(start)?;
        let Some(anchor) = properties.anchor else {
            return self.bare_node(properties.tag, in_block, indentless, depth, start, false);
        };
        self.anchors.insert(anchor.clone(), None);
        let node = self.bare_node(properties.tag, in_block, indentless, depth, start, true)?;
        self.anchors.insert(anchor, Some(node.clone()));
        Ok(node)
    }

    fn bare_node(
        &mut self,
        tag: Option<String>,
        in_block: bool,
        indentless: bool,
        depth: usize,
        start: Mark,
        has_anchor: bool,
    ) -> Result<Node, Error> {
        let begun = self.begin_collection()?;
        let Placed { token, mark } = self.scanner.peek()?;
        let mark = *mark;
        let (kind, default, style) = match token {
            Token::BlockEntry if indentless => (self.indentless_items(depth)?, Tag::Seq, Style::Plain),
            Token::Scalar { .. } => return self.scalar(self.scalar_tag(tag.as_deref())),
            Token::FlowSequenceStart => (self.flow_items(depth)?, Tag::Seq, Style::Flow),
            Token::FlowMappingStart => (self.flow_fields(depth)?, Tag::Map, Style::Flow),
            Token::BlockSequenceStart if in_block => (self.items(depth)?, Tag::Seq, Style::Plain),
            Token::BlockMappingStart if in_block => (self.fields(depth)?, Tag::Map, Style::Plain),
            _ if has_anchor || tag.is_some() => {
                self.nothing();
                return Ok(scalar(String::new(), Style::Plain, self.scalar_tag(tag.as_deref())));
            }
            _ => return Err(syntax(Some(start), mark, "did not find expected node content")),
        };
        if let (Some(pending), Some(begun)) = (&mut self.pending, begun) {
            pending.end_collection(*begun, &kind, style);
        }
        Ok(Node { kind, tag: explicit(tag.as_deref()).unwrap_or(default), style })
    }

    /// `!` alone makes a string of a scalar, but only with the older rules.
    fn scalar_tag<'t>(&self, tag: Option<&'t str>) -> Option<&'t str> {
        match (tag, self.scanner.rules()) {
            (Some("!"), Rules::Yaml11) => Some("!!str"),
            _ => tag,
        }
    }

    fn scalar(&mut self, tag: Option<&str>) -> Result<Node, Error> {
        self.note_leaf();
        match self.take()?.token {
            Token::Scalar { text, style } => Ok(scalar(text, style, tag)),
            _ => unreachable!("the caller saw a scalar"),
        }
    }

    /// An anchor and a tag, in either order.
    fn properties(&mut self, start: Mark) -> Result<Properties, Error> {
        let mut properties = Properties::default();
        loop {
            match self.peek()?.token {
                Token::Anchor(_) if properties.anchor.is_none() => {}
                Token::Tag { .. } if properties.tag.is_none() => {}
                _ => return Ok(properties),
            }
            let Placed { token, mark } = self.take()?;
            match token {
                Token::Anchor(name) => properties.anchor = Some(name),
                Token::Tag { handle, suffix } => properties.tag = Some(self.full_tag(&handle, suffix, start, mark)?),
                _ => unreachable!("only these were let through"),
            }
        }
    }

    fn full_tag(&self, handle: &str, suffix: String, start: Mark, mark: Mark) -> Result<String, Error> {
        if handle.is_empty() {
            return Ok(suffix);
        }
        match self.tags.iter().find(|(existing, _)| existing == handle) {
            Some((_, prefix)) => Ok(format!("{prefix}{suffix}")),
            None => Err(syntax(Some(start), mark, "found undefined tag handle")),
        }
    }

    fn items(&mut self, depth: usize) -> Result<Kind, Error> {
        let start = self.take()?.mark;
        let mut items = Vec::new();
        loop {
            let stem = self.stem_length()?;
            let Placed { token, mark } = self.take()?;
            if token == Token::BlockEntry {
                self.split_stem(stem)?;
            }
            match token {
                Token::BlockEntry if self.next_is(&[Token::BlockEntry, Token::BlockEnd])? => {
                    items.push(self.nothing());
                }
                Token::BlockEntry => items.push(self.node(true, false, depth + 1)?),
                Token::BlockEnd => return Ok(Kind::Sequence(items)),
                _ => return Err(syntax(Some(start), mark, "did not find expected '-' indicator")),
            }
        }
    }

    /// Items at the column of the key that they belong to.
    fn indentless_items(&mut self, depth: usize) -> Result<Kind, Error> {
        let mut items = Vec::new();
        while self.next_is(&[Token::BlockEntry])? {
            let stem = self.stem_length()?;
            self.take()?;
            self.split_stem(stem)?;
            let is_empty = self.next_is(&[Token::BlockEntry, Token::Key, Token::Value, Token::BlockEnd])?;
            items.push(if is_empty { self.nothing() } else { self.node(true, false, depth + 1)? });
        }
        Ok(Kind::Sequence(items))
    }

    fn fields(&mut self, depth: usize) -> Result<Kind, Error> {
        let start = self.take()?.mark;
        let mut fields = Vec::new();
        loop {
            let Placed { token, mark } = self.peek()?;
            match token {
                Token::Key => {}
                Token::BlockEnd => {
                    self.tell(Pending::note_end);
                    self.take()?;
                    return Ok(Kind::Mapping(fields));
                }
                _ => return Err(syntax(Some(start), *mark, "did not find expected key")),
            }
            self.take()?;
            let key = self.block_part(depth)?;
            let mut line = self.peek()?.mark.line;
            let value = match self.next_is(&[Token::Value])? {
                true => {
                    self.take()?;
                    if !self.is_block_part_empty()? {
                        line = self.peek()?.mark.line;
                    }
                    self.block_part(depth)?
                }
                false => self.nothing(),
            };
            self.note_repeated(&fields, &key, line);
            fields.push((key, value));
        }
    }

    fn note_repeated(&mut self, fields: &[(Node, Node)], key: &Node, line: usize) {
        let Some(repeated) = &mut self.repeated else { return };
        let is_same = |other: &Node| other.text() == key.text() && other.tag == key.tag;
        if key.is_scalar() && key.tag != Tag::Merge && fields.iter().any(|(other, _)| is_same(other)) {
            repeated.push((line + 1, key.text().to_owned()));
        }
    }

    fn is_block_part_empty(&mut self) -> Result<bool, Error> {
        self.next_is(&[Token::Key, Token::Value, Token::BlockEnd])
    }

    /// A key or a value of a block mapping.
    fn block_part(&mut self, depth: usize) -> Result<Node, Error> {
        match self.is_block_part_empty()? {
            true => Ok(self.nothing()),
            false => self.node(true, true, depth + 1),
        }
    }

    fn flow_items(&mut self, depth: usize) -> Result<Kind, Error> {
        let start = self.take()?.mark;
        let mut items = Vec::new();
        while !self.next_is(&[Token::FlowSequenceEnd])? {
            if !items.is_empty() {
                self.flow_separator(start, "did not find expected ',' or ']'")?;
            }
            match self.peek()?.token {
                Token::FlowSequenceEnd => break,
                Token::Key => items.push(self.flow_pair(depth)?),
                _ => items.push(self.node(false, false, depth + 1)?),
            }
        }
        self.tell(Pending::note_end);
        self.take()?;
        Ok(Kind::Sequence(items))
    }

    fn flow_separator(&mut self, start: Mark, refusal: &str) -> Result<(), Error> {
        let Placed { token, mark } = self.peek()?;
        if *token != Token::FlowEntry {
            return Err(syntax(Some(start), *mark, refusal));
        }
        self.take()?;
        Ok(())
    }

    /// `[a: b]`: a mapping of one field.
    fn flow_pair(&mut self, depth: usize) -> Result<Node, Error> {
        self.take()?;
        let ends = [Token::FlowEntry, Token::FlowSequenceEnd];
        let key = match self.peek()?.token {
            Token::Value | Token::FlowEntry | Token::FlowSequenceEnd => {
                // The ports take the token that they looked at.
                self.take()?;
                self.nothing()
            }
            _ => self.node(false, false, depth + 1)?,
        };
        let has_value = self.next_is(&[Token::Value])? && {
            self.take()?;
            !self.next_is(&ends)?
        };
        let value = if has_value { self.node(false, false, depth + 1)? } else { self.nothing() };
        self.tell(Pending::join_pair);
        Ok(Node { kind: Kind::Mapping(vec![(key, value)]), tag: Tag::Map, style: Style::Flow })
    }

    fn flow_fields(&mut self, depth: usize) -> Result<Kind, Error> {
        let start = self.take()?.mark;
        let mut fields = Vec::new();
        let ends = [Token::FlowEntry, Token::FlowMappingEnd];
        while !self.next_is(&[Token::FlowMappingEnd])? {
            if !fields.is_empty() {
                self.flow_separator(start, "did not find expected ',' or '}'")?;
            }
            match self.peek()?.token {
                Token::FlowMappingEnd => break,
                Token::Key => {
                    self.take()?;
                }
                _ => {
                    let key = self.node(false, false, depth + 1)?;
                    fields.push((key, self.nothing()));
                    continue;
                }
            }
            let is_empty = matches!(self.peek()?.token, Token::Value | Token::FlowEntry | Token::FlowMappingEnd);
            let key = if is_empty { self.nothing() } else { self.node(false, false, depth + 1)? };
            let mut line = self.peek()?.mark.line;
            let has_value = self.next_is(&[Token::Value])? && {
                self.take()?;
                !self.next_is(&ends)?
            };
            let value = if has_value {
                line = self.peek()?.mark.line;
                self.node(false, false, depth + 1)?
            } else {
                self.nothing()
            };
            self.note_repeated(&fields, &key, line);
            fields.push((key, value));
        }
        self.tell(Pending::note_end);
        self.take()?;
        Ok(Kind::Mapping(fields))
    }

    fn alias(&mut self) -> Result<Node, Error> {
        self.note_leaf();
        let Token::Alias(name) = self.take()?.token else { unreachable!("the caller saw an alias") };
        let message = match self.anchors.get(&name) {
            Some(Some(node)) => {
                self.alias_nodes += count(node);
                if self.alias_nodes > MAX_ALIAS_NODES {
                    return Err(Error::ExcessiveAliasing);
                }
                return Ok(node.clone());
            }
            Some(None) => format!("anchor '{name}' value contains itself"),
            None => format!("unknown anchor '{name}' referenced"),
        };
        Err(Error::Syntax { line: 0, old_line: 0, column: 1, message })
    }
}

fn count(node: &Node) -> usize {
    1 + match &node.kind {
        Kind::Scalar(_) => 0,
        Kind::Sequence(items) => items.iter().map(count).sum(),
        Kind::Mapping(fields) => fields.iter().map(|(key, value)| count(key) + count(value)).sum(),
    }
}

/// An error of the grammar. Go's parsers name the line where the collection starts, counted from 0, and none for the
/// first one.
fn syntax(context: Option<Mark>, mark: Mark, message: &str) -> Error {
    let lines = [context.map_or(0, |context| context.line), mark.line];
    let line = lines.into_iter().find(|line| *line != 0).unwrap_or(0);
    let old_line = lines.into_iter().rev().find(|line| *line != 0).unwrap_or(0);
    Error::Syntax { line, old_line, column: mark.column + 1, message: message.to_owned() }
}

fn empty() -> Node {
    scalar(String::new(), Style::Plain, None)
}

/// The tag that was written. `!` alone says nothing of a collection.
fn explicit(tag: Option<&str>) -> Option<Tag> {
    tag.filter(|tag| !matches!(*tag, "" | "!")).map(Tag::parse)
}

fn scalar(text: String, style: Style, tag: Option<&str>) -> Node {
    let explicit = explicit(tag);
    let is_explicit = explicit.is_some();
    let tag = match explicit {
        Some(tag) => tag,
        None if style.is_quoting() => Tag::Str,
        None => tag_of(&text, Rules::Yaml12),
    };
    // Quotes say the same as an explicit `!!str`, and tell it from a bare word under either set of rules.
    let style = match tag {
        Tag::Str if is_explicit && style == Style::Plain => Style::DoubleQuoted,
        // Any other tag says more than quotes do.
        Tag::Int | Tag::Float | Tag::Bool | Tag::Null | Tag::Timestamp if is_explicit => Style::Plain,
        _ => style,
    };
    Node { kind: Kind::Scalar(text), tag, style }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exclamation_mark_alone_makes_a_string_with_the_older_rules() {
        let value = |text: &str, rules| {
            let node = parse_first_as(text, rules).unwrap().unwrap();
            crate::to_json(&node, rules).unwrap().to_string()
        };
        for (text, old, new) in [
            ("a: ! 5", r#"{"a":"5"}"#, r#"{"a":5}"#),
            ("a: ! ~", r#"{"a":"~"}"#, r#"{"a":null}"#),
            ("a: !\nb: ! {c: 1}", r#"{"a":"","b":{"c":1}}"#, r#"{"a":null,"b":{"c":1}}"#),
        ] {
            assert_eq!((value(text, Rules::Yaml11), value(text, Rules::Yaml12)), (old.into(), new.into()), "{text}");
        }
    }

    #[test]
    fn documents_are_separated_and_empty_ones_left_out() {
        let documents = parse_documents("a: 1\n---\n# nothing\n---\nb: 2\r\n").unwrap();
        assert_eq!(documents.len(), 2);
        assert_eq!(documents[1].get("b").unwrap().text(), "2");
        assert!(parse_documents("").unwrap().is_empty());
        assert_eq!(parse_first("a: 1\n---\n: : {").unwrap().unwrap().get("a").unwrap().text(), "1");
    }

    #[test]
    fn only_the_first_byte_order_mark_is_one() {
        for (text, key) in [("\u{feff}a: 1", "a"), ("\u{feff}# x\n\u{feff}a: 1\n", "\u{feff}a")] {
            assert_eq!(parse_first(text).unwrap().unwrap().fields()[0].0.text(), key, "{text:?}");
        }
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
    fn what_ends_in_the_middle_is_an_error() {
        for text in
            ["\"\\", "a: \"x\\", "- \"\\\\\\\"", "'a", "\"\\u12", "{a", "[", "!<a", "&", "*", "%", "%YAML 1.", "a: |0"]
        {
            assert!(parse_documents(text).is_err(), "{text}");
        }
    }

    fn read(text: &str) -> String {
        parse_first(text)
            .map_or_else(|error| error.to_string(), |node| crate::to_string(&node.unwrap_or_else(Node::null)))
    }

    #[test]
    fn as_the_ports_read_it() {
        for (text, expected) in [
            ("{a: b:, c: d:e}", "{a: 'b:', c: 'd:e'}"),
            ("a: |-\n  é", "a: |-\n  é"),
            ("a: >\n  x\n  y\n\n  z", "a: >-\n  x y\n\n  z"),
            ("{!a, b}", "{!a, b: ''}"),
            ("a: !\n", "a:"),
            ("[a: b, c]", "[{a: b}, c]"),
            ("a:\n- b\n-\n  - c\n", "a:\n- b\n- - c"),
            ("a: 'x\n\n  y'\n", "a: 'x\n\n  y'"),
            ("%TAG !e! tag:example.com,2000:\n---\n!e!x a", "!<tag:example.com,2000:x> a"),
            ("? a\n: b\n? c\n", "a: b\nc:"),
            ("a:\tb\n", "a: b"),
            ("a: \"x\\\n  y\"", "a: \"xy\""),
        ] {
            assert_eq!(read(text).trim_end(), expected, "{text}");
        }
    }

    #[test]
    fn repeated_keys_are_told_by_the_line_of_their_value() {
        let text = "a: 1\na: 2\nb:\n  c: 1\n  c: 2\nb:\n- {x: 1, y: 2, x: 3}\nz:\nz:\n'1': a\n1: b\n<<: {}\n<<: {}\n";
        let found: Vec<String> =
            repeated_keys(text).unwrap().into_iter().map(|(line, key)| format!("{line} {key}")).collect();
        assert_eq!(found, ["2 a", "5 c", "7 x", "7 b", "9 z"]);
        assert!(repeated_keys("a: 1\nb: {a: 2}\n- x\n").is_err());
        assert!(repeated_keys("a: 1\nb: {a: 2}\n").unwrap().is_empty());
    }

    #[test]
    fn each_port_looks_ahead_as_far_as_it_does() {
        let said = |text: &str, rules: Rules| match parse_first_as(text, rules) {
            Ok(node) => crate::to_string(&node.unwrap_or_else(Node::null)),
            Err(error) => error.said_by(rules),
        };
        // The first document ends before the second line; what comes then is not read.
        let text = "  c:\ng\n  c:\n";
        assert_eq!(said(text, Rules::Yaml12), "yaml: line 3: mapping values are not allowed in this context");
        assert_eq!(said(text, Rules::Yaml11).trim_end(), "c:");
        // Of two mistakes that is named which is come upon first.
        let text = "x:\n  a: {b\n  c: 'd\n e: f\n";
        assert_eq!(said(text, Rules::Yaml12), "yaml: line 3: found unexpected end of stream");
        assert_eq!(said(text, Rules::Yaml11), "yaml: line 2: did not find expected ',' or '}'");
        // Brackets with nothing between them are not waited for as a key.
        let text = "x:\n- a: b\n  {}\n";
        assert_eq!(said(text, Rules::Yaml12), "yaml: line 3: could not find expected ':'");
        assert_eq!(said(text, Rules::Yaml11), "yaml: line 2: did not find expected key");
    }

    #[test]
    fn refusals_in_the_words_of_the_ports() {
        for (text, expected) in [
            ("a: b: c", "yaml: mapping values are not allowed in this context"),
            ("x: 1\na: b: c", "yaml: line 2: mapping values are not allowed in this context"),
            ("x: 1\n\ta: b", "yaml: line 2: found a tab character that violates indentation"),
            ("x:\n\t- b", "yaml: line 2: found character that cannot start any token"),
            ("x: 1\na: [b", "yaml: line 1: did not find expected ',' or ']'"),
            ("x: 1\n- a", "yaml: line 1: did not find expected key"),
            ("a: *b", "yaml: unknown anchor 'b' referenced"),
            ("a: \u{1}", "yaml: control characters are not allowed"),
            ("a: !x!y z", "yaml: found undefined tag handle"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}

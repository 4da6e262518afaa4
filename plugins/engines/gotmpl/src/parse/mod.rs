//! From text to templates.

mod control;
mod lex;
mod node;
mod number;
mod pipeline;
mod source;
mod stored;
mod table;
#[cfg(test)]
mod tests;
mod token;

use std::collections::BTreeMap;
use std::rc::Rc;

use lex::Lexer;
use token::{Kind, Span, Token};

pub(crate) use node::{Branch, Command, DOLLAR, Expr, Index, Name, Node, Run, Unit};
pub(crate) use number::Number;

use crate::error::ParseError;
use crate::function::Functions;
use crate::string::Str;

/// One template: its name and what it does.
#[derive(Clone)]
pub(crate) struct Template {
    name: Str,
    pub(crate) unit: Rc<Unit>,
    pub(crate) root: Run,
}

impl Template {
    pub(crate) fn name(&self) -> &Str {
        &self.name
    }

    /// Whether the template holds only space and comments.
    pub(crate) fn is_empty(&self) -> bool {
        self.unit.is_blank(self.root)
    }
}

impl Unit {
    fn is_blank(&self, list: Run) -> bool {
        list.indices().all(|index| match self.node(index) {
            Node::Text(span) => is_blank(self.slice(span)),
            _ => false,
        })
    }
}

/// Whether a text holds only what `unicode.IsSpace` says is space.
fn is_blank(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| text.chars().all(char::is_whitespace))
}

/// The templates of one text: it and those that it defines, in order of their names. Clones share them.
#[derive(Clone)]
pub struct ParsedText(Rc<[Rc<Template>]>);

impl ParsedText {
    /// Parses a text as the template `name`. Whether it is one depends on the functions: a template calls what there is.
    ///
    /// # Errors
    /// A text that is no template, in Go's words.
    pub fn parse(name: &str, text: impl Into<Str>, functions: &Functions) -> Result<Self, ParseError> {
        Ok(Self(parse(name, text.into(), functions)?.into()))
    }

    pub(crate) fn templates(&self) -> &[Rc<Template>] {
        &self.0
    }
}

fn parse(name: &str, text: Str, functions: &Functions) -> Result<Vec<Rc<Template>>, ParseError> {
    if u32::try_from(text.len()).is_err() {
        return Err(ParseError { message: format!("template: {name}: longer than 4 GiB") });
    }
    let source = text.clone();
    let mut lexer = Lexer::new(&source);
    lexer.has_break = functions.get("break").is_none();
    lexer.has_continue = functions.get("continue").is_none();
    let mut parser = Parser {
        lexer,
        text: &source,
        functions,
        function_ids: BTreeMap::new(),
        unit: Unit::new(name.into(), text, functions.clone()),
        tokens: [Token { kind: Kind::Eof, span: Span::default() }; 3],
        peeked: 0,
        last: Token { kind: Kind::Eof, span: Span::default() },
        variables: vec![DOLLAR],
        action: None,
        ranges: 0,
        depth: 0,
        parens: 0,
        names: BTreeMap::new(),
        defined: BTreeMap::new(),
    };
    parser.parse_text()?;
    let unit = Rc::new(parser.unit);
    let template = |(name, root): (Str, Run)| Rc::new(Template { name, unit: Rc::clone(&unit), root });
    Ok(parser.defined.into_iter().map(template).collect())
}

type Parsed<T> = Result<T, ParseError>;

struct Parser<'a> {
    lexer: Lexer<'a>,
    text: &'a [u8],
    functions: &'a Functions,
    function_ids: BTreeMap<&'a [u8], Index>,
    unit: Unit,
    /// Tokens that were read and are to be read again, last first.
    tokens: [Token; 3],
    peeked: usize,
    /// The last token that the lexer gave: errors are at its line.
    last: Token,
    /// Variables that are declared here.
    variables: Vec<Name>,
    /// The delimiter that began the action which is being read.
    action: Option<Span>,
    /// Loops around.
    ranges: usize,
    /// Control structures around.
    depth: usize,
    /// Parentheses around.
    parens: usize,
    /// Names of variables that have an index.
    names: BTreeMap<&'a [u8], Name>,
    defined: BTreeMap<Str, Run>,
}

impl<'a> Parser<'a> {
    /// An error at the last token.
    fn error<T>(&self, message: impl AsRef<str>) -> Parsed<T> {
        let line = self.line(self.last.span);
        let name = self.unit.name.to_str_lossy();
        Err(ParseError { message: format!("template: {name}:{line}: {}", message.as_ref()) })
    }

    fn line(&self, span: Span) -> usize {
        self.unit.place(span.start).0
    }

    fn slice(&self, token: Token) -> &'a [u8] {
        token.span.of(self.text)
    }

    fn next(&mut self) -> Token {
        if self.peeked > 0 {
            self.peeked -= 1;
            return self.tokens[self.peeked];
        }
        self.last = self.lexer.next_token();
        self.last
    }

    fn back(&mut self, token: Token) {
        self.tokens[self.peeked] = token;
        self.peeked += 1;
    }

    fn peek(&mut self) -> Token {
        let token = self.next();
        self.back(token);
        token
    }

    fn next_non_space(&mut self) -> Token {
        loop {
            let token = self.next();
            if token.kind != Kind::Space {
                return token;
            }
        }
    }

    /// The next token that is no space; the spaces before it are skipped.
    fn peek_non_space(&mut self) -> Token {
        let token = self.next_non_space();
        self.back(token);
        token
    }

    fn expect(&mut self, kinds: &[Kind], context: &str) -> Parsed<Token> {
        let token = self.next_non_space();
        if kinds.contains(&token.kind) { Ok(token) } else { self.unexpected(token, context) }
    }

    fn unexpected<T>(&self, token: Token, context: &str) -> Parsed<T> {
        if token.kind != Kind::Error {
            return self.error(format!("unexpected {} in {context}", token.describe(self.text)));
        }
        let message = &self.lexer.error;
        let started = self.action.map(|action| self.line(action)).filter(|line| *line != self.line(token.span));
        match started {
            Some(line) => {
                let in_action = if message.ends_with(" action") { "" } else { " in action" };
                self.error(format!("{message}{in_action} started at {}:{line}", self.unit.name))
            }
            None => self.error(message),
        }
    }

    /// The text to its end: text, actions and definitions.
    fn parse_text(&mut self) -> Parsed<()> {
        let mut nodes = Vec::new();
        loop {
            let token = self.peek();
            if token.kind == Kind::Eof {
                break;
            }
            if token.kind == Kind::LeftDelim {
                let delim = self.next();
                let keyword = self.next_non_space();
                if keyword.kind == Kind::Define {
                    self.definition()?;
                    continue;
                }
                self.back(keyword);
                self.back(delim);
            }
            match self.text_or_action()? {
                Item::Node(node) => nodes.push(node),
                end => return self.error(format!("unexpected {end}")),
            }
        }
        let root = self.add_nodes(&nodes);
        let name = self.unit.name.clone();
        self.define(name, root)
    }

    fn add_nodes(&mut self, nodes: &[Node]) -> Run {
        self.unit.nodes.extend(nodes)
    }

    /// Adds a template. Of two with the same name, one must be empty.
    fn define(&mut self, name: Str, root: Run) -> Parsed<()> {
        match self.defined.get(&name).copied() {
            Some(other) if !self.unit.is_blank(other) => {
                if self.unit.is_blank(root) {
                    return Ok(());
                }
                let name = weir_goquote::quote(&name);
                self.error(format!("template: multiple definition of template {name}"))
            }
            _ => {
                self.defined.insert(name, root);
                Ok(())
            }
        }
    }

    fn add_string(&mut self, span: Span, text: Str) -> Index {
        self.unit.strings.push(span, text)
    }

    /// The value of a string token.
    fn unquote(&self, token: Token) -> Parsed<Str> {
        match weir_goquote::unquote(self.slice(token)) {
            Some(text) => Ok(text.into()),
            None => self.error("invalid syntax"),
        }
    }
}

fn index_of(position: usize) -> Index {
    u32::try_from(position).expect("texts are shorter than 4 GiB")
}

/// What stands between two delimiters, or text.
enum Item {
    Node(Node),
    End,
    /// `else`; with `if` or `with` after it, that is still to be read.
    Else,
}

impl std::fmt::Display for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Else => "{{else}}",
            Self::End | Self::Node(_) => "{{end}}",
        })
    }
}

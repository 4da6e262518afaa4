//! Parsed templates: flat tables, in which a node names others by their index.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::number::Number;
use super::token::Span;
use crate::function::Function;
use crate::string::Str;
use crate::value::Value;

/// A run of entries in one of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(super) first: u32,
    pub(super) count: u32,
}

impl Run {
    pub(super) fn new(first: usize, count: usize) -> Self {
        let number = |number| u32::try_from(number).expect("texts are shorter than 4 GiB");
        Self { first: number(first), count: number(count) }
    }

    fn of<T>(self, table: &[T]) -> &[T] {
        &table[self.range()]
    }

    pub(super) fn range(self) -> Range<usize> {
        self.first as usize..(self.first + self.count) as usize
    }

    pub(super) fn len(self) -> usize {
        self.count as usize
    }

    /// Whether the run is not empty and the last of a table of that length.
    pub(super) fn ends_at(self, length: usize) -> bool {
        self.count > 0 && self.range().end == length
    }
}

/// The index of a pipeline, branch, number, string, function, or expression.
pub(crate) type Index = u32;

/// The index of the name of a variable. `$` is the first.
pub(crate) type Name = u32;

pub(crate) const DOLLAR: Name = 0;

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Node {
    Text(Span),
    Action(Index),
    If(Index),
    With(Index),
    Range(Index),
    Template { position: u32, name: Index, pipe: Option<Index> },
    Break,
    Continue,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Branch {
    pub(crate) pipe: Index,
    pub(crate) list: Run,
    pub(crate) else_list: Option<Run>,
}

/// Commands of which each gives its value to the next, and the variables that get the last one.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Pipe {
    pub(crate) position: u32,
    /// The variables exist already.
    pub(crate) is_assign: bool,
    names: [Name; 2],
    names_count: u8,
    pub(crate) commands: Run,
}

impl Pipe {
    pub(super) fn new(position: u32) -> Self {
        Self { position, is_assign: false, names: [0; 2], names_count: 0, commands: Run::default() }
    }

    /// The variables, at most two.
    pub(crate) fn names(&self) -> &[Name] {
        &self.names[..usize::from(self.names_count)]
    }

    pub(super) fn push_name(&mut self, name: Name) {
        if let Some(place) = self.names.get_mut(usize::from(self.names_count)) {
            *place = name;
            self.names_count += 1;
        }
    }
}

/// A function, method or value, and arguments.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Command {
    pub(crate) position: u32,
    pub(crate) args: Run,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Expr {
    Dot { position: u32 },
    Nil { position: u32 },
    Bool { position: u32, value: bool },
    Number { position: u32, number: Index },
    String { position: u32, string: Index },
    Field { position: u32, idents: Run },
    Variable { position: u32, name: Name, idents: Run },
    Function { position: u32, function: Index },
    Chain { position: u32, node: Index, idents: Run },
    Pipe(Index),
}

/// All templates that one text defines. What is kept of it has neither the text nor the functions, which whoever keeps it
/// has anyway.
#[derive(Serialize, Deserialize)]
pub(crate) struct Unit {
    /// The name of the text, which errors show.
    pub(crate) name: Str,
    #[serde(skip)]
    pub(crate) text: Str,
    pub(super) nodes: Vec<Node>,
    pub(super) branches: Vec<Branch>,
    pub(super) pipes: Vec<Pipe>,
    pub(super) commands: Vec<Command>,
    pub(super) exprs: Vec<Expr>,
    /// Names of fields.
    pub(super) idents: Vec<Span>,
    /// Names of variables.
    pub(super) names: Vec<Span>,
    pub(super) numbers: Vec<(Span, Number)>,
    /// Literals and what they stand for.
    pub(super) strings: Vec<(Span, Value)>,
    #[serde(skip)]
    pub(super) functions: Vec<&'static Function>,
}

impl Unit {
    pub(super) fn new(name: Str, text: Str) -> Self {
        Self {
            name,
            text,
            nodes: Vec::new(),
            branches: Vec::new(),
            pipes: Vec::new(),
            commands: Vec::new(),
            exprs: Vec::new(),
            idents: Vec::new(),
            // `$` is the first name, wherever it stands.
            names: vec![Span::default()],
            numbers: Vec::new(),
            strings: Vec::new(),
            functions: Vec::new(),
        }
    }

    pub(crate) fn nodes(&self, run: Run) -> &[Node] {
        run.of(&self.nodes)
    }

    pub(crate) fn branch(&self, index: Index) -> Branch {
        self.branches[index as usize]
    }

    pub(crate) fn pipe(&self, index: Index) -> &Pipe {
        &self.pipes[index as usize]
    }

    pub(crate) fn commands(&self, run: Run) -> &[Command] {
        run.of(&self.commands)
    }

    pub(crate) fn exprs(&self, run: Run) -> &[Expr] {
        run.of(&self.exprs)
    }

    pub(crate) fn expr(&self, index: Index) -> Expr {
        self.exprs[index as usize]
    }

    pub(crate) fn idents(&self, run: Run) -> &[Span] {
        run.of(&self.idents)
    }

    pub(crate) fn slice(&self, span: Span) -> &[u8] {
        span.of(&self.text)
    }

    pub(crate) fn name_of(&self, name: Name) -> &[u8] {
        if name == DOLLAR { b"$" } else { self.slice(self.names[name as usize]) }
    }

    pub(crate) fn number(&self, index: Index) -> &Number {
        &self.numbers[index as usize].1
    }

    pub(crate) fn string(&self, index: Index) -> &Value {
        &self.strings[index as usize].1
    }

    pub(crate) fn function(&self, index: Index) -> &'static Function {
        self.functions[index as usize]
    }

    /// The line and column of a position: lines count from 1, columns from 0, in bytes.
    pub(crate) fn place(&self, position: u32) -> (usize, usize) {
        let before = &self.text[..position as usize];
        let line = 1 + memchr::memchr_iter(b'\n', before).count();
        let column = memchr::memrchr(b'\n', before).map_or(before.len(), |newline| before.len() - newline - 1);
        (line, column)
    }
}

//! Parsed templates: flat tables, in which a node names others by their index.

use std::ops::Range;

use super::number::Number;
use super::table::{Strings, Table};
use super::token::Span;
use crate::function::{Function, Functions, Id};
use crate::string::Str;

/// A run of entries in one of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Run {
    pub(super) first: u32,
    pub(super) count: u32,
}

impl Run {
    pub(super) fn new(first: usize, count: usize) -> Self {
        let number = |number| u32::try_from(number).expect("texts are shorter than 4 GiB");
        Self { first: number(first), count: number(count) }
    }

    pub(super) fn range(self) -> Range<usize> {
        self.first as usize..self.first.saturating_add(self.count) as usize
    }

    pub(crate) fn len(self) -> usize {
        self.count as usize
    }

    pub(crate) fn is_empty(self) -> bool {
        self.count == 0
    }

    /// The first entry; nothing of an empty run.
    pub(crate) fn first(self) -> Option<Index> {
        (self.count > 0).then_some(self.first)
    }

    /// The last entry, and those before it.
    pub(crate) fn split_last(self) -> Option<(Index, Run)> {
        let count = self.count.checked_sub(1)?;
        Some((self.first.saturating_add(count), Run { count, ..self }))
    }

    /// All entries but the first.
    pub(crate) fn rest(self) -> Run {
        match self.count.checked_sub(1) {
            Some(count) => Run { first: self.first.saturating_add(1), count },
            None => self,
        }
    }

    pub(crate) fn indices(self) -> impl Iterator<Item = Index> {
        self.first..self.first.saturating_add(self.count)
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

#[derive(Debug, Clone, Copy)]
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

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Branch {
    pub(crate) pipe: Index,
    pub(crate) list: Run,
    pub(crate) else_list: Option<Run>,
}

/// Commands of which each gives its value to the next, and the variables that get the last one.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pipe {
    pub(crate) position: u32,
    /// The variables exist already.
    pub(crate) is_assign: bool,
    pub(super) names: [Name; 2],
    pub(super) names_count: u8,
    pub(crate) commands: Run,
}

impl Pipe {
    pub(super) fn new(position: u32) -> Self {
        Self { position, ..Self::default() }
    }

    /// The variables, at most two.
    pub(crate) fn names(&self) -> &[Name] {
        self.names.get(..usize::from(self.names_count)).unwrap_or_default()
    }

    pub(super) fn push_name(&mut self, name: Name) {
        if let Some(place) = self.names.get_mut(usize::from(self.names_count)) {
            *place = name;
            self.names_count += 1;
        }
    }
}

/// A function, method or value, and arguments.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Command {
    pub(crate) position: u32,
    pub(crate) args: Run,
}

#[derive(Debug, Clone, Copy)]
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
pub(crate) struct Unit {
    /// The name of the text, which errors show.
    pub(crate) name: Str,
    pub(crate) text: Str,
    pub(super) functions: Functions,
    pub(super) nodes: Table<Node>,
    pub(super) branches: Table<Branch>,
    pub(super) pipes: Table<Pipe>,
    pub(super) commands: Table<Command>,
    pub(super) exprs: Table<Expr>,
    /// Names of fields.
    pub(super) idents: Table<Span>,
    /// Names of variables.
    pub(super) names: Table<Span>,
    pub(super) numbers: Table<(Span, Number)>,
    /// Literals and what they stand for.
    pub(super) strings: Strings,
    pub(super) calls: Table<Id>,
}

impl Unit {
    pub(super) fn new(name: Str, text: Str, functions: Functions) -> Self {
        Self {
            name,
            text,
            functions,
            nodes: Table::default(),
            branches: Table::default(),
            pipes: Table::default(),
            commands: Table::default(),
            exprs: Table::default(),
            idents: Table::default(),
            // `$` is the first name, wherever it stands.
            names: Table::from(vec![Span::default()]),
            numbers: Table::default(),
            strings: Strings::default(),
            calls: Table::default(),
        }
    }

    pub(crate) fn node(&self, index: Index) -> Node {
        self.nodes.get(index)
    }

    pub(crate) fn branch(&self, index: Index) -> Branch {
        self.branches.get(index)
    }

    pub(crate) fn pipe(&self, index: Index) -> Pipe {
        self.pipes.get(index)
    }

    pub(crate) fn command(&self, index: Index) -> Command {
        let command = self.commands.get(index);
        Command { args: self.exprs.within(command.args), ..command }
    }

    pub(crate) fn expr(&self, index: Index) -> Expr {
        self.exprs.get(index)
    }

    /// What a command begins with.
    pub(crate) fn first(&self, command: Command) -> Expr {
        command.args.first().map(|first| self.expr(first)).unwrap_or_default()
    }

    /// The names in a chain of fields.
    pub(crate) fn idents(&self, run: Run) -> Run {
        self.idents.within(run)
    }

    /// The name of a field.
    pub(crate) fn ident(&self, index: Index) -> &[u8] {
        self.slice(self.idents.get(index))
    }

    pub(crate) fn slice(&self, span: Span) -> &[u8] {
        span.of(&self.text)
    }

    pub(crate) fn name_of(&self, name: Name) -> &[u8] {
        if name == DOLLAR { b"$" } else { self.slice(self.names.get(name)) }
    }

    pub(crate) fn number(&self, index: Index) -> Number {
        self.numbers.get(index).1
    }

    pub(crate) fn string(&self, index: Index) -> Str {
        self.strings.get(index)
    }

    pub(crate) fn function(&self, index: Index) -> &'static Function {
        self.functions.at(self.calls.get(index))
    }

    /// The line and column of a position: lines count from 1, columns from 0, in bytes.
    pub(crate) fn place(&self, position: u32) -> (usize, usize) {
        let before = self.text.get(..position as usize).unwrap_or(&self.text);
        let line = 1 + memchr::memchr_iter(b'\n', before).count();
        let column = memchr::memrchr(b'\n', before).map_or(before.len(), |newline| before.len() - newline - 1);
        (line, column)
    }
}

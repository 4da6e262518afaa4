//! Pipelines, commands and operands.

use super::node::{Command, Expr, Index, Name, Pipe, Run};
use super::number::Number;
use super::token::{Kind, Span, Token};
use super::{Parsed, Parser};
use crate::limits::MAX_NESTING;
use weir_goquote::quote;

/// What may begin an operand.
const OPERANDS: [Kind; 12] = [
    Kind::Bool,
    Kind::CharConstant,
    Kind::Complex,
    Kind::Dot,
    Kind::Field,
    Kind::Identifier,
    Kind::Number,
    Kind::Nil,
    Kind::RawString,
    Kind::String,
    Kind::Variable,
    Kind::LeftParen,
];

impl Parser<'_> {
    /// `declarations? command ('|' command)*`, up to `end`, which is consumed.
    pub(super) fn pipeline(&mut self, context: &str, end: Kind) -> Parsed<Index> {
        let mut pipe = Pipe::new(self.peek_non_space().span.start);
        self.declarations(context, &mut pipe)?;
        let mut commands = Vec::new();
        loop {
            let token = self.next_non_space();
            if token.kind == end {
                break;
            }
            if !OPERANDS.contains(&token.kind) {
                return self.unexpected(token, context);
            }
            self.back(token);
            commands.push(self.command()?);
        }
        self.check(&commands, context)?;
        pipe.commands = self.unit.commands.extend(&commands);
        Ok(self.unit.pipes.push(pipe))
    }

    fn declarations(&mut self, context: &str, pipe: &mut Pipe) -> Parsed<()> {
        loop {
            let variable = self.peek_non_space();
            if variable.kind != Kind::Variable {
                return Ok(());
            }
            self.next();
            // What follows tells whether the variable is declared or the first operand, so it may have to be put back.
            let after = self.peek();
            let next = self.peek_non_space();
            match next.kind {
                Kind::Assign | Kind::Declare => {
                    pipe.is_assign = next.kind == Kind::Assign;
                    self.next_non_space();
                    self.declare(variable, pipe);
                    return Ok(());
                }
                Kind::Char if self.slice(next) == b"," => {
                    self.next_non_space();
                    self.declare(variable, pipe);
                    if context != "range" || pipe.names().len() >= 2 {
                        return self.error(format!("too many declarations in {context}"));
                    }
                    if !matches!(self.peek_non_space().kind, Kind::Variable | Kind::RightDelim | Kind::RightParen) {
                        return self.error("range can only initialize variables");
                    }
                }
                _ => {
                    if after.kind == Kind::Space {
                        self.back(after);
                    }
                    self.back(variable);
                    return Ok(());
                }
            }
        }
    }

    fn declare(&mut self, variable: Token, pipe: &mut Pipe) {
        let name = self.name(variable.span);
        pipe.push_name(name);
        self.variables.push(name);
    }

    /// The index of the name of a variable.
    fn name(&mut self, span: Span) -> Name {
        let text = span.of(self.text);
        if text == b"$" {
            return super::DOLLAR;
        }
        if let Some(name) = self.names.get(text) {
            return *name;
        }
        let name = self.unit.names.push(span);
        self.names.insert(text, name);
        name
    }

    /// There must be commands, and only the first may be a value.
    fn check(&self, commands: &[Command], context: &str) -> Parsed<()> {
        if commands.is_empty() {
            return self.error(format!("missing value for {context}"));
        }
        for (index, command) in commands.iter().enumerate().skip(1) {
            let is_value = matches!(
                self.unit.first(*command),
                Expr::Bool { .. } | Expr::Dot { .. } | Expr::Nil { .. } | Expr::Number { .. } | Expr::String { .. }
            );
            if is_value {
                return self.error(format!("non executable command in pipeline stage {}", index + 1));
            }
        }
        Ok(())
    }

    /// Operands with spaces between them, up to a pipe, which is consumed, or the end of the pipeline.
    fn command(&mut self) -> Parsed<Command> {
        let position = self.peek_non_space().span.start;
        let mut args = Vec::new();
        loop {
            self.peek_non_space();
            args.extend(self.operand()?);
            let token = self.next();
            match token.kind {
                Kind::Space => continue,
                Kind::RightDelim | Kind::RightParen => self.back(token),
                Kind::Pipe => {}
                _ => return self.unexpected(token, "operand"),
            }
            break;
        }
        if args.is_empty() {
            return self.error("empty command");
        }
        Ok(Command { position, args: self.unit.exprs.extend(&args) })
    }

    /// A term and fields of it; nothing when no term is next.
    fn operand(&mut self) -> Parsed<Option<Expr>> {
        let Some(term) = self.term()? else {
            return Ok(None);
        };
        let first = self.peek();
        if first.kind != Kind::Field {
            return Ok(Some(term));
        }
        let mut fields = Vec::new();
        while self.peek().kind == Kind::Field {
            let field = self.next().span;
            fields.push(Span { start: field.start + 1, ..field });
        }
        let position = first.span.start;
        Ok(Some(match term {
            // Fields of a field or variable are more of its fields.
            Expr::Field { idents, .. } => Expr::Field { position, idents: self.longer(idents, &fields) },
            Expr::Variable { name, idents, .. } => {
                Expr::Variable { position, name, idents: self.longer(idents, &fields) }
            }
            Expr::Function { .. } | Expr::Chain { .. } | Expr::Pipe(_) => {
                let node = self.unit.exprs.push(term);
                Expr::Chain { position, node, idents: self.longer(Run::default(), &fields) }
            }
            value => {
                let mut text = Vec::new();
                self.unit.write_expr(&mut text, value);
                return self.error(format!("unexpected . after term {}", quote(&text)));
            }
        }))
    }

    /// Fields with more after them. Those that were read last are at the end of the table, and stay where they are.
    fn longer(&mut self, idents: Run, fields: &[Span]) -> Run {
        let table = self.unit.idents.entries();
        let start = if idents.ends_at(table.len()) {
            table.len() - idents.len()
        } else {
            let start = table.len();
            table.extend_from_within(idents.range());
            start
        };
        table.extend(fields);
        Run::new(start, table.len() - start)
    }

    fn term(&mut self) -> Parsed<Option<Expr>> {
        let token = self.next_non_space();
        let position = token.span.start;
        Ok(Some(match token.kind {
            Kind::Identifier => self.function(token)?,
            Kind::Dot => Expr::Dot { position },
            Kind::Nil => Expr::Nil { position },
            Kind::Variable => self.variable(token)?,
            Kind::Field => {
                let name = Span { start: position + 1, ..token.span };
                Expr::Field { position, idents: self.longer(Run::default(), &[name]) }
            }
            Kind::Bool => Expr::Bool { position, value: self.slice(token) == b"true" },
            Kind::CharConstant | Kind::Complex | Kind::Number => self.number(token)?,
            Kind::LeftParen => self.parenthesized()?,
            Kind::String | Kind::RawString => {
                let text = self.unquote(token)?;
                Expr::String { position, string: self.add_string(token.span, text) }
            }
            _ => {
                self.back(token);
                return Ok(None);
            }
        }))
    }

    fn parenthesized(&mut self) -> Parsed<Expr> {
        if self.parens == MAX_NESTING {
            return self.error("max expression depth exceeded");
        }
        self.parens += 1;
        let pipe = self.pipeline("parenthesized pipeline", Kind::RightParen)?;
        self.parens -= 1;
        Ok(Expr::Pipe(pipe))
    }

    fn function(&mut self, token: Token) -> Parsed<Expr> {
        let name = self.slice(token);
        let position = token.span.start;
        if let Some(function) = self.function_ids.get(name) {
            return Ok(Expr::Function { position, function: *function });
        }
        let Some(found) = std::str::from_utf8(name).ok().and_then(|name| self.functions.find(name)) else {
            return self.error(format!("function {} not defined", quote(name)));
        };
        let function = self.unit.calls.push(found);
        self.function_ids.insert(name, function);
        Ok(Expr::Function { position, function })
    }

    fn variable(&mut self, token: Token) -> Parsed<Expr> {
        let name = self.name(token.span);
        if !self.variables.iter().rev().any(|declared| *declared == name) {
            return self.error(format!("undefined variable {}", quote(self.slice(token))));
        }
        Ok(Expr::Variable { position: token.span.start, name, idents: Run::default() })
    }

    fn number(&mut self, token: Token) -> Parsed<Expr> {
        let text = self.slice(token);
        let number = match token.kind {
            Kind::CharConstant => Number::character(text),
            Kind::Complex => Number::complex(text),
            _ => Number::parse(text),
        };
        match number {
            Ok(number) => {
                let number = self.unit.numbers.push((token.span, number));
                Ok(Expr::Number { position: token.span.start, number })
            }
            Err(message) => self.error(message),
        }
    }
}

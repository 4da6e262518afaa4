//! Nodes as text again, as errors show them.

use super::node::{Command, Expr, Index, Run, Unit};
use weir_goquote::quote;

impl Unit {
    pub(crate) fn write_pipe(&self, out: &mut Vec<u8>, pipe: Index) {
        let pipe = self.pipe(pipe);
        for (index, name) in pipe.names().iter().enumerate() {
            if index > 0 {
                out.extend(b", ");
            }
            out.extend(self.name_of(*name));
        }
        if !pipe.names().is_empty() {
            out.extend(if pipe.is_assign { &b" = "[..] } else { b" := " });
        }
        for (index, command) in pipe.commands.indices().enumerate() {
            if index > 0 {
                out.extend(b" | ");
            }
            self.write_command(out, self.command(command));
        }
    }

    pub(crate) fn write_command(&self, out: &mut Vec<u8>, command: Command) {
        for (index, arg) in command.args.indices().enumerate() {
            if index > 0 {
                out.push(b' ');
            }
            self.write_in_parens(out, self.expr(arg));
        }
    }

    fn write_in_parens(&self, out: &mut Vec<u8>, expr: Expr) {
        if let Expr::Pipe(pipe) = expr {
            out.push(b'(');
            self.write_pipe(out, pipe);
            out.push(b')');
        } else {
            self.write_expr(out, expr);
        }
    }

    pub(crate) fn write_expr(&self, out: &mut Vec<u8>, expr: Expr) {
        match expr {
            Expr::Dot { .. } => out.push(b'.'),
            Expr::Nil { .. } => out.extend(b"nil"),
            Expr::Bool { value, .. } => out.extend(value.to_string().bytes()),
            Expr::Number { number, .. } => out.extend(self.slice(self.numbers.get(number).0)),
            Expr::String { string, .. } => out.extend(self.slice(self.strings.literal(string))),
            Expr::Field { idents, .. } => self.write_idents(out, idents),
            Expr::Variable { name, idents, .. } => {
                out.extend(self.name_of(name));
                self.write_idents(out, idents);
            }
            Expr::Function { function, .. } => out.extend(self.function(function).name.bytes()),
            Expr::Chain { node, idents, .. } => {
                self.write_in_parens(out, self.expr(node));
                self.write_idents(out, idents);
            }
            Expr::Pipe(pipe) => self.write_pipe(out, pipe),
        }
    }

    fn write_idents(&self, out: &mut Vec<u8>, idents: Run) {
        for ident in idents.indices() {
            out.push(b'.');
            out.extend(self.ident(ident));
        }
    }

    /// A `template` action.
    pub(crate) fn write_template(&self, out: &mut Vec<u8>, name: Index, pipe: Option<Index>) {
        out.extend(b"{{template ");
        out.extend(quote(&self.string(name)).bytes());
        if let Some(pipe) = pipe {
            out.push(b' ');
            self.write_pipe(out, pipe);
        }
        out.extend(b"}}");
    }
}

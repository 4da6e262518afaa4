//! Pipelines, commands and values.

use super::{At, Exec, Executed, PIPELINE, Slot};
use crate::parse::{Command, Expr, Index, Number, Run};
use crate::value::Value;

impl<'a> Exec<'a, '_> {
    /// The value of a pipeline, which its variables get.
    pub(super) fn pipeline(&mut self, dot: &Slot, index: Index) -> Executed<Slot> {
        self.enter(PIPELINE)?;
        self.at = At::Pipe(index);
        let unit = &self.template.unit;
        let pipe = unit.pipe(index);
        let mut value = None;
        for command in pipe.commands.indices() {
            let mut result = self.command(dot, unit.command(command), value)?;
            // What lies in an interface is taken out.
            result.is_interface = false;
            value = Some(result);
        }
        let value = value.unwrap_or_default();
        for name in pipe.names() {
            if pipe.is_assign {
                self.set_variable(*name, value.clone())?;
            } else {
                self.push(*name, value.clone());
            }
        }
        self.frames -= PIPELINE;
        Ok(value)
    }

    /// The value of a command; `last` is that of the command before it in the pipeline.
    fn command(&mut self, dot: &Slot, command: Command, last: Option<Slot>) -> Executed<Slot> {
        let args = command.args;
        let first = self.template.unit.first(command);
        match first {
            Expr::Field { .. } => self.field(dot, first, args, last),
            Expr::Chain { .. } => self.chain(dot, first, args, last),
            Expr::Function { function, .. } => {
                self.at = At::Expr(first);
                let function = self.template.unit.function(function);
                self.call(dot, function, None, At::Command(command), args.rest(), last)
            }
            Expr::Pipe(pipe) => {
                self.refuse_arguments(args, &last)?;
                self.pipeline(dot, pipe)
            }
            Expr::Variable { .. } => self.variable_chain(dot, first, args, last),
            value => {
                self.at = At::Expr(value);
                self.refuse_arguments(args, &last)?;
                match value {
                    Expr::Dot { .. } => Ok(dot.clone()),
                    Expr::Nil { .. } => self.fail("nil is not a command"),
                    value => self.literal(value).map(Slot::new),
                }
            }
        }
    }

    /// Only functions and methods take arguments.
    #[inline(never)]
    pub(super) fn refuse_arguments(&self, args: Run, last: &Option<Slot>) -> Executed<()> {
        if args.len() > 1 || last.is_some() {
            let mut text = Vec::new();
            let unit = &self.template.unit;
            unit.write_expr(&mut text, args.first().map(|first| unit.expr(first)).unwrap_or_default());
            return self.fail(format!("can't give argument to non-function {}", String::from_utf8_lossy(&text)));
        }
        Ok(())
    }

    /// A literal whose type nobody asks for.
    #[inline(never)]
    pub(super) fn literal(&mut self, expr: Expr) -> Executed<Value> {
        let unit = &self.template.unit;
        match expr {
            Expr::Bool { value, .. } => Ok(Value::Bool(value)),
            Expr::String { string, .. } => Ok(Value::String(unit.string(string))),
            Expr::Number { number, .. } => {
                self.at = At::Expr(expr);
                self.constant(unit.number(number))
            }
            other => {
                let mut text = Vec::new();
                unit.write_expr(&mut text, other);
                let text = String::from_utf8_lossy(&text);
                self.fail(format!("can't handle assignment of {text} to empty interface argument"))
            }
        }
    }

    /// The value of a number at the current node: its syntax tells the type.
    fn constant(&self, number: Number) -> Executed<Value> {
        if let Some(complex) = number.complex {
            return Ok(complex.into());
        }
        match (number.int, number.float) {
            (_, Some(float)) if number.prefers_float => Ok(Value::float(float)),
            (Some(int), _) => Ok(Value::int(int)),
            _ => {
                let mut text = Vec::new();
                if let At::Expr(expr) = self.at {
                    self.template.unit.write_expr(&mut text, expr);
                }
                self.fail(format!("{} overflows int", String::from_utf8_lossy(&text)))
            }
        }
    }
}

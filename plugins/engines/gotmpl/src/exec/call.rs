//! Calls of functions and methods.

use super::{At, Exec, Executed, Slot};
use crate::builtins::{self, Special};
use crate::function::{Function, Param};
use crate::parse::Expr;
use crate::value::Value;

/// How many arguments are given, and how many are for parameters of their own.
struct Counts {
    given: usize,
    fixed: usize,
}

impl Exec<'_, '_> {
    /// Calls a function or a method. `node` is what an error of the function shows; `last` is the value of the command
    /// before in the pipeline, which is the last argument.
    pub(super) fn call(
        &mut self,
        dot: &Slot,
        function: &'static Function,
        receiver: Option<&Value>,
        node: At,
        args: &[Expr],
        last: Option<Slot>,
    ) -> Executed<Slot> {
        let counts = self.count_arguments(function, args, &last)?;
        match builtins::special(function) {
            Some(Special::And) => return self.and_or(dot, false, args, last),
            Some(Special::Or) => return self.and_or(dot, true, args, last),
            Some(Special::Len) => return self.len(dot, function, node, args, last),
            Some(Special::Call) => return self.call_value(dot, node, args, last),
            None => {}
        }
        let mut values = Vec::with_capacity(counts.given + 1);
        values.extend(receiver.cloned());
        let variadic = *function.params.last().unwrap_or(&Param::Any);
        for (index, arg) in args.iter().enumerate() {
            let param = if index < counts.fixed { function.params[index] } else { variadic };
            values.push(self.argument(dot, param, *arg)?);
        }
        if let Some(last) = last {
            let index = counts.given - 1;
            let param = if index < counts.fixed { function.params[index] } else { variadic };
            values.push(self.checked(last, param)?);
        }
        self.invoke(function, node, &values)
    }

    fn invoke(&mut self, function: &'static Function, node: At, values: &[Value]) -> Executed<Slot> {
        match (function.call)(&mut self.context(), values) {
            Ok(value) => {
                if let Value::String(text) = &value {
                    self.charge(text.len())?;
                }
                Ok(Slot::new(value))
            }
            Err(error) => {
                self.at = node;
                self.fail_call(function.name, error)
            }
        }
    }

    fn count_arguments(&self, function: &Function, args: &[Expr], last: &Option<Slot>) -> Executed<Counts> {
        let given = args.len() + usize::from(last.is_some());
        let declared = function.params.len();
        if function.variadic {
            let fixed = declared - 1;
            if given < fixed {
                let got = args.len();
                return self
                    .fail(format!("wrong number of args for {}: want at least {fixed} got {got}", function.name));
            }
            return Ok(Counts { given, fixed });
        }
        if given != declared {
            return self.fail(format!("wrong number of args for {}: want {declared} got {given}", function.name));
        }
        Ok(Counts { given, fixed: declared })
    }

    /// The first argument whose truth decides, or the last one. Those after it are not evaluated.
    fn and_or(&mut self, dot: &Slot, decides: bool, args: &[Expr], last: Option<Slot>) -> Executed<Slot> {
        let mut value = Value::Nil;
        for arg in args {
            value = self.argument(dot, Param::Reflect, *arg)?;
            if value.truth() == decides {
                return Ok(Slot::new(value));
            }
        }
        Ok(Slot::new(last.map_or(value, |last| last.value)))
    }

    /// `len`, to which no value and nil in an interface are different things.
    fn len(
        &mut self,
        dot: &Slot,
        function: &'static Function,
        node: At,
        args: &[Expr],
        last: Option<Slot>,
    ) -> Executed<Slot> {
        let slot = match (args.first(), last) {
            (Some(Expr::Nil { .. }), _) => {
                self.at = At::Expr(args[0]);
                Slot::default()
            }
            (Some(arg), _) => self.operand(dot, *arg)?,
            (None, last) => last.unwrap_or_default(),
        };
        if slot.is_missing() {
            self.at = node;
            return self.fail("error calling len: reflect: call of reflect.Value.Type on zero Value");
        }
        self.invoke(function, node, &[slot.value])
    }

    /// `call`: there are no values that are functions.
    fn call_value(&mut self, dot: &Slot, node: At, args: &[Expr], last: Option<Slot>) -> Executed<Slot> {
        let mut callee = None;
        for arg in args {
            let value = self.argument(dot, Param::Reflect, *arg)?;
            callee.get_or_insert(value);
        }
        let mut name = Vec::new();
        match (args.first(), &last) {
            (Some(arg), _) => self.template.unit.write_expr(&mut name, *arg),
            (None, Some(Slot { value: Value::String(text), .. })) => name.extend_from_slice(text),
            (None, Some(slot)) if slot.is_missing() => name.extend_from_slice(b"<invalid Value>"),
            (None, slot) => {
                let type_name = slot.as_ref().map(Slot::type_name).unwrap_or_default();
                name.extend(format!("<{type_name} Value>").bytes());
            }
        }
        let callee = callee.or(last.map(|last| last.value)).unwrap_or_default();
        self.at = node;
        if matches!(callee, Value::Nil) {
            return self.fail("error calling call: call of nil");
        }
        let name = String::from_utf8_lossy(&name);
        self.fail(format!("error calling call: non-function {name} of type {}", callee.type_name()))
    }
}

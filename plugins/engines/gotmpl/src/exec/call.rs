//! Calls of functions and methods.

use super::{At, CALL, Exec, Executed, Slot};
use crate::builtins::{self, Special};
use crate::function::{Function, Param};
use crate::parse::{Expr, Run};
use crate::string::Str;
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
        args: Run,
        last: Option<Slot>,
    ) -> Executed<Slot> {
        self.step()?;
        self.enter(CALL)?;
        let counts = self.count_arguments(function, args, &last)?;
        let result = match builtins::special(function) {
            Some(Special::And) => self.and_or(dot, false, args, last)?,
            Some(Special::Or) => self.and_or(dot, true, args, last)?,
            Some(Special::Len) => self.len(dot, function, node, args, last)?,
            Some(Special::Call) => self.call_value(dot, node, args, last)?,
            Some(Special::Slice) => self.slice(dot, function, node, args, last)?,
            None => {
                let values = self.arguments(dot, function, counts, receiver, args, last)?;
                let result = self.invoke(function, node, &values)?;
                self.state.spare.put_arguments(values);
                result
            }
        };
        self.frames -= CALL;
        Ok(result)
    }

    /// The arguments of a call, those of a method after its receiver.
    #[inline(never)]
    fn arguments(
        &mut self,
        dot: &Slot,
        function: &'static Function,
        counts: Counts,
        receiver: Option<&Value>,
        args: Run,
        last: Option<Slot>,
    ) -> Executed<Vec<Value>> {
        let mut values = self.state.spare.arguments();
        values.extend(receiver.cloned());
        let variadic = *function.params.last().unwrap_or(&Param::Any);
        let unit = &self.template.unit;
        for (index, arg) in args.indices().enumerate() {
            let param = if index < counts.fixed { function.params[index] } else { variadic };
            values.push(self.argument(dot, param, unit.expr(arg))?);
        }
        if let Some(last) = last {
            let index = counts.given - 1;
            let param = if index < counts.fixed { function.params[index] } else { variadic };
            values.push(self.checked(last, param)?);
        }
        Ok(values)
    }

    #[inline(never)]
    fn invoke(&mut self, function: &'static Function, node: At, values: &[Value]) -> Executed<Slot> {
        match (function.call)(&mut self.context(), values) {
            Ok(value) => {
                self.charge(value.as_str().map_or(0, Str::len))?;
                Ok(Slot::new(value))
            }
            Err(error) => {
                self.at = node;
                self.fail_call(function.name, error)
            }
        }
    }

    fn count_arguments(&self, function: &Function, args: Run, last: &Option<Slot>) -> Executed<Counts> {
        let given = args.len() + usize::from(last.is_some());
        let declared = function.params.len();
        if function.variadic && given + 1 >= declared {
            return Ok(Counts { given, fixed: declared.saturating_sub(1) });
        }
        if function.variadic || given != declared {
            return self.fail_count(function, given, args.len());
        }
        Ok(Counts { given, fixed: declared })
    }

    #[cold]
    #[inline(never)]
    fn fail_count<T>(&self, function: &Function, given: usize, written: usize) -> Executed<T> {
        let (name, declared) = (function.name, function.params.len());
        if function.variadic {
            return self.fail(format!("wrong number of args for {name}: want at least {} got {written}", declared - 1));
        }
        self.fail(format!("wrong number of args for {name}: want {declared} got {given}"))
    }

    /// The first argument whose truth decides, or the last one. Those after it are not evaluated.
    #[inline(never)]
    fn and_or(&mut self, dot: &Slot, decides: bool, args: Run, last: Option<Slot>) -> Executed<Slot> {
        let mut value = Value::Nil;
        let unit = &self.template.unit;
        for arg in args.indices() {
            value = self.argument(dot, Param::Reflect, unit.expr(arg))?;
            if value.truth() == decides {
                return Ok(Slot::new(value));
            }
        }
        Ok(Slot::new(last.map_or(value, |last| last.value)))
    }

    /// `len`, to which no value and nil in an interface are different things.
    #[inline(never)]
    fn len(
        &mut self,
        dot: &Slot,
        function: &'static Function,
        node: At,
        args: Run,
        last: Option<Slot>,
    ) -> Executed<Slot> {
        let slot = match args.first() {
            Some(arg) => self.slot_argument(dot, self.template.unit.expr(arg))?,
            None => last.unwrap_or_default(),
        };
        if slot.is_missing() {
            self.at = node;
            return self.fail("error calling len: reflect: call of reflect.Value.Type on zero Value");
        }
        self.invoke(function, node, &[slot.value])
    }

    /// An argument as it is: in an interface or not.
    fn slot_argument(&mut self, dot: &Slot, arg: Expr) -> Executed<Slot> {
        if let Expr::Nil { .. } = arg {
            self.at = At::Expr(arg);
            return Ok(Slot::default());
        }
        self.operand(dot, arg)
    }

    /// `slice`, which refuses indices in interfaces.
    #[inline(never)]
    fn slice(
        &mut self,
        dot: &Slot,
        function: &'static Function,
        node: At,
        args: Run,
        last: Option<Slot>,
    ) -> Executed<Slot> {
        let unit = &self.template.unit;
        let slots = args.indices().map(|arg| self.slot_argument(dot, unit.expr(arg)));
        let mut slots = slots.collect::<Executed<Vec<Slot>>>()?;
        slots.extend(last);
        let values: Vec<Value> = slots.iter().map(|slot| slot.value.clone()).collect();
        match builtins::access::sliced(&values, |index| slots[index].is_interface) {
            Ok(value) => {
                self.charge(value.as_str().map_or(0, Str::len))?;
                Ok(Slot::new(value))
            }
            Err(error) => {
                self.at = node;
                self.fail_call(function.name, error)
            }
        }
    }

    /// `call`: there are no values that are functions.
    #[inline(never)]
    fn call_value(&mut self, dot: &Slot, node: At, args: Run, last: Option<Slot>) -> Executed<Slot> {
        let mut callee = None;
        let unit = &self.template.unit;
        for arg in args.indices() {
            let value = self.argument(dot, Param::Reflect, unit.expr(arg))?;
            callee.get_or_insert(value);
        }
        let mut name = Vec::new();
        match (args.first(), &last) {
            (Some(arg), _) => unit.write_expr(&mut name, unit.expr(arg)),
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

//! Fields, methods and chains of them.

use super::{At, Exec, Executed, METHOD, Slot};
use crate::function::Function;
use crate::go_type::GoType;
use crate::parse::{Expr, Run};
use crate::set::MissingKey;
use crate::value::Value;
use weir_goquote::quote;

/// What is wrong with a field.
#[derive(Clone, Copy)]
enum Wrong {
    Arguments,
    FieldArguments,
    NilPointer,
    Missing,
}

impl<'a> Exec<'a, '_> {
    /// `.a.b`, perhaps with arguments: `args` begins with the expression itself.
    pub(super) fn field(&mut self, dot: &Slot, expr: Expr, args: Run, last: Option<Slot>) -> Executed<Slot> {
        self.at = At::Expr(expr);
        let Expr::Field { idents, .. } = expr else {
            return self.fail("not a field");
        };
        self.fields(dot, dot, expr, idents, args, last)
    }

    /// `$x.a.b`
    pub(super) fn variable_chain(&mut self, dot: &Slot, expr: Expr, args: Run, last: Option<Slot>) -> Executed<Slot> {
        self.at = At::Expr(expr);
        let Expr::Variable { name, idents, .. } = expr else {
            return self.fail("not a variable");
        };
        let value = self.variable(name)?.clone();
        if idents.is_empty() {
            self.refuse_arguments(args, &last)?;
            return Ok(value);
        }
        self.fields(dot, &value, expr, idents, args, last)
    }

    /// `(pipeline).a.b`
    pub(super) fn chain(&mut self, dot: &Slot, expr: Expr, args: Run, last: Option<Slot>) -> Executed<Slot> {
        self.at = At::Expr(expr);
        let Expr::Chain { node, idents, .. } = expr else {
            return self.fail("not a chain");
        };
        let node = self.template.unit.expr(node);
        let value = self.operand(dot, node)?;
        self.fields(dot, &value, expr, idents, args, last)
    }

    fn fields(
        &mut self,
        dot: &Slot,
        receiver: &Slot,
        expr: Expr,
        idents: Run,
        args: Run,
        last: Option<Slot>,
    ) -> Executed<Slot> {
        let unit = &self.template.unit;
        let Some((name, before)) = unit.idents(idents).split_last() else {
            return Ok(receiver.clone());
        };
        let mut owned;
        let mut receiver = receiver;
        for name in before.indices() {
            owned = self.member(dot, receiver, expr, unit.ident(name), Run::default(), None)?;
            receiver = &owned;
        }
        self.member(dot, receiver, expr, unit.ident(name), args, last)
    }

    /// A field or key, or what a method returns.
    fn member(
        &mut self,
        dot: &Slot,
        receiver: &Slot,
        expr: Expr,
        name: &'a [u8],
        args: Run,
        last: Option<Slot>,
    ) -> Executed<Slot> {
        let has_args = args.len() > 1 || last.is_some();
        match &receiver.value {
            Value::Nil => return self.member_of_nil(receiver, name),
            Value::Map(map) => {
                if let GoType::Named(named) = map.go_type()
                    && let Some(method) = named.methods.iter().find(|method| method.name.as_bytes() == name)
                {
                    return self.method(dot, method, &receiver.value, expr, args, last);
                }
                if has_args {
                    return self.fail_member(receiver, name, Wrong::Arguments);
                }
                let is_interface = map.elem() == GoType::Interface;
                return match map.get_bytes(name) {
                    Some(value) => Ok(Slot { value, is_interface }),
                    None => self.missing_key(name, map.elem()),
                };
            }
            value => {
                let text = std::str::from_utf8(name).unwrap_or_default();
                let method = match value {
                    Value::Object(object) => object.method(text),
                    Value::List(list) => list.go_type().method(text),
                    _ => None,
                };
                if let Some(method) = method {
                    return self.method(dot, method, value, expr, args, last);
                }
                if let Value::Object(object) = value
                    && let Some(field) = object.field(text)
                {
                    if object.is_nil() {
                        return self.fail_member(receiver, name, Wrong::NilPointer);
                    }
                    if has_args {
                        return self.fail_member(receiver, name, Wrong::FieldArguments);
                    }
                    return Ok(Slot::new(field));
                }
            }
        }
        self.fail_member(receiver, name, Wrong::Missing)
    }

    fn method(
        &mut self,
        dot: &Slot,
        method: &'static Function,
        receiver: &Value,
        expr: Expr,
        args: Run,
        last: Option<Slot>,
    ) -> Executed<Slot> {
        self.frames += METHOD;
        let result = self.call(dot, method, Some(receiver), At::Expr(expr), args.rest(), last)?;
        self.frames -= METHOD;
        Ok(result)
    }

    #[cold]
    #[inline(never)]
    fn fail_member<T>(&self, receiver: &Slot, name: &[u8], wrong: Wrong) -> Executed<T> {
        let (name, type_name) = (String::from_utf8_lossy(name), receiver.type_name());
        self.fail(match wrong {
            Wrong::Arguments => format!("{name} is not a method but has arguments"),
            Wrong::FieldArguments => format!("{name} has arguments but cannot be invoked as function"),
            Wrong::NilPointer => format!("nil pointer evaluating {type_name}.{name}"),
            Wrong::Missing => format!("can't evaluate field {name} in type {type_name}"),
        })
    }

    #[inline(never)]
    fn member_of_nil(&self, receiver: &Slot, name: &[u8]) -> Executed<Slot> {
        if receiver.is_interface {
            return self.fail_member(receiver, name, Wrong::NilPointer);
        }
        match self.scope.set.missing_key {
            MissingKey::Error => self.fail(format!("nil data; no entry for key {}", quote(name))),
            MissingKey::Default | MissingKey::Zero => Ok(Slot::default()),
        }
    }

    #[inline(never)]
    fn missing_key(&self, name: &[u8], elem: GoType) -> Executed<Slot> {
        match self.scope.set.missing_key {
            MissingKey::Default => Ok(Slot::default()),
            MissingKey::Zero => Ok(Slot { value: Value::zero(elem), is_interface: elem == GoType::Interface }),
            MissingKey::Error => self.fail(format!("map has no entry for key {}", quote(name))),
        }
    }
}

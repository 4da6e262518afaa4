//! Comparisons.

use std::cmp::Ordering;
use std::rc::Rc;

use super::Returned;
use crate::context::Context;
use crate::function::FuncError;
use crate::print::sprintf;
use crate::value::{Complex, Value};

const BAD_TYPE: &str = "invalid type for comparison";

/// What can be compared with its like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Basic {
    None,
    Bool,
    Int,
    Float,
    Complex,
    String,
    Uint,
}

fn basic(value: &Value) -> Basic {
    match value {
        Value::Bool(_) => Basic::Bool,
        Value::Int(..) => Basic::Int,
        Value::Uint(..) => Basic::Uint,
        Value::Float(..) => Basic::Float,
        Value::String(_) => Basic::String,
        Value::Object(object) if Complex::of(object.as_ref()).is_some() => Basic::Complex,
        Value::Nil | Value::List(_) | Value::Map(_) | Value::Object(_) => Basic::None,
    }
}

/// Whether the first argument equals any of the others.
pub(super) fn eq(_: &mut Context<'_>, args: &[Value]) -> Returned {
    let Some((first, others)) = args.split_first().filter(|(_, others)| !others.is_empty()) else {
        return Err("missing argument for comparison".into());
    };
    for other in others {
        if equal(first, other)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

#[allow(clippy::float_cmp, reason = "Go compares with ==")]
fn equal(left: &Value, right: &Value) -> Result<bool, FuncError> {
    Ok(match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Int(_, left), Value::Int(_, right)) => left == right,
        (Value::Uint(_, left), Value::Uint(_, right)) => left == right,
        (Value::Float(_, left), Value::Float(_, right)) => left == right,
        (Value::String(left), Value::String(right)) => left == right,
        (Value::Int(_, int), Value::Uint(_, uint)) | (Value::Uint(_, uint), Value::Int(_, int)) => {
            u64::try_from(*int).is_ok_and(|int| int == *uint)
        }
        _ if basic(left) != basic(right) => match (left, right) {
            (Value::Nil, _) | (_, Value::Nil) => false,
            _ => return Err(incompatible(left, right)),
        },
        _ => return equal_composite(left, right),
    })
}

fn incompatible(left: &Value, right: &Value) -> FuncError {
    format!("incompatible types for comparison: {} and {}", left.type_name(), right.type_name()).into()
}

fn equal_composite(left: &Value, right: &Value) -> Result<bool, FuncError> {
    let has_nil = matches!(left, Value::Nil) || matches!(right, Value::Nil);
    if !has_nil && left.kind() != right.kind() {
        let (shown, type_name) = (sprintf(b"%s", std::slice::from_ref(left)), left.type_name());
        let (other, other_type) = (right.display(), right.type_name());
        return Err(format!("non-comparable types {shown}: {type_name}, {other_type}: {other}").into());
    }
    if left.is_nil() || right.is_nil() {
        return Ok(left.is_nil() == right.is_nil());
    }
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            Ok(Rc::ptr_eq(left, right) || (left.go_type() == right.go_type() && left.equal(right.as_ref())))
        }
        _ => {
            let shown = sprintf(b"%s", std::slice::from_ref(right));
            Err(format!("non-comparable type {shown}: {}", right.type_name()).into())
        }
    }
}

pub(super) fn ne(context: &mut Context<'_>, args: &[Value]) -> Returned {
    Ok(Value::Bool(!eq(context, args)?.truth()))
}

/// How two values are ordered; floats that are not numbers are not.
fn order(args: &[Value]) -> Result<Option<Ordering>, FuncError> {
    let [left, right] = args else {
        return Err("missing argument for comparison".into());
    };
    if basic(left) == Basic::None || basic(right) == Basic::None {
        return Err(BAD_TYPE.into());
    }
    Ok(match (left, right) {
        (Value::Int(_, left), Value::Int(_, right)) => Some(left.cmp(right)),
        (Value::Uint(_, left), Value::Uint(_, right)) => Some(left.cmp(right)),
        (Value::Float(_, left), Value::Float(_, right)) => left.partial_cmp(right),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        (Value::Int(_, left), Value::Uint(_, right)) => Some(i128::from(*left).cmp(&i128::from(*right))),
        (Value::Uint(_, left), Value::Int(_, right)) => Some(i128::from(*left).cmp(&i128::from(*right))),
        (Value::Bool(_), Value::Bool(_)) => return Err(BAD_TYPE.into()),
        _ if (basic(left), basic(right)) == (Basic::Complex, Basic::Complex) => return Err(BAD_TYPE.into()),
        _ => return Err(incompatible(left, right)),
    })
}

pub(super) fn lt(_: &mut Context<'_>, args: &[Value]) -> Returned {
    Ok(Value::Bool(order(args)? == Some(Ordering::Less)))
}

pub(super) fn le(_: &mut Context<'_>, args: &[Value]) -> Returned {
    Ok(Value::Bool(matches!(order(args)?, Some(Ordering::Less | Ordering::Equal))))
}

/// Go says that what is not less or equal is greater, also when it is not a number.
pub(super) fn gt(_: &mut Context<'_>, args: &[Value]) -> Returned {
    Ok(Value::Bool(!matches!(order(args)?, Some(Ordering::Less | Ordering::Equal))))
}

pub(super) fn ge(_: &mut Context<'_>, args: &[Value]) -> Returned {
    Ok(Value::Bool(order(args)? != Some(Ordering::Less)))
}

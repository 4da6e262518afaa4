//! `index`, `slice` and `len`.

use super::Returned;
use crate::context::Context;
use crate::function::FuncError;
use crate::go_type::{GoType, Kind, UintType};
use crate::value::Value;

/// The type behind a pointer.
fn pointed(value: &Value) -> String {
    let name = value.type_name();
    match value.kind() {
        Kind::Pointer => name.trim_start_matches('*').to_owned(),
        _ => name,
    }
}

/// An index into something of a length; one that equals it is let through, as in Go.
fn index_arg(index: &Value, length: usize) -> Result<usize, FuncError> {
    let number = match index {
        Value::Int(_, number) => *number,
        #[allow(clippy::cast_possible_wrap, reason = "Go converts so")]
        Value::Uint(_, number) => *number as i64,
        Value::Nil => return Err("cannot index slice/array with nil".into()),
        other => return Err(format!("cannot index slice/array with type {}", other.type_name()).into()),
    };
    match usize::try_from(number) {
        Ok(index) if index <= length => Ok(index),
        _ => Err(format!("index out of range: {number}").into()),
    }
}

pub(super) fn index(_: &mut Context<'_>, args: &[Value]) -> Returned {
    let Some((item, indexes)) = args.split_first() else {
        return Err("index of untyped nil".into());
    };
    if matches!(item, Value::Nil) {
        return Err("index of untyped nil".into());
    }
    let mut item = item.clone();
    for index in indexes {
        item = index_once(&item, index)?;
    }
    Ok(item)
}

fn index_once(item: &Value, index: &Value) -> Returned {
    match item {
        Value::Nil => Err("index of nil pointer".into()),
        Value::Object(object) if object.is_nil() => Err("index of nil pointer".into()),
        Value::List(list) => {
            let position = index_arg(index, list.len())?;
            list.get(position).ok_or_else(|| "reflect: slice index out of range".into())
        }
        Value::String(text) => {
            let position = index_arg(index, text.len())?;
            let byte = text.get(position).ok_or("reflect: string index out of range")?;
            Ok(Value::Uint(UintType::Uint8, u64::from(*byte)))
        }
        Value::Map(map) => match index {
            Value::String(key) => Ok(map.get_bytes(key).unwrap_or_else(|| Value::zero(map.elem()))),
            Value::Nil => Err(format!("value is nil; should be of type {}", GoType::String).into()),
            other => Err(format!("value has type {}; should be {}", other.type_name(), GoType::String).into()),
        },
        other => Err(format!("can't index item of type {}", pointed(other)).into()),
    }
}

pub(super) fn slice(_: &mut Context<'_>, args: &[Value]) -> Returned {
    sliced(args, |_| false)
}

/// A part of the first argument. Go does not look into an index that lies in an interface, as what comes out of a
/// `map[string]interface {}` does: it refuses it, which `is_interface` says of an argument.
pub(crate) fn sliced(args: &[Value], is_interface: impl Fn(usize) -> bool) -> Returned {
    let Some((item, indexes)) = args.split_first() else {
        return Err("slice of untyped nil".into());
    };
    if matches!(item, Value::Nil) {
        return Err("slice of untyped nil".into());
    }
    if item.kind() == Kind::Pointer && item.is_nil() {
        return Err("slice of nil pointer".into());
    }
    if indexes.len() > 3 {
        return Err(format!("too many slice indexes: {}", indexes.len()).into());
    }
    let length = match item {
        Value::String(_) if indexes.len() == 3 => return Err("cannot 3-index slice a string".into()),
        Value::String(text) => text.len(),
        // The capacity is the length.
        Value::List(list) => list.len(),
        other => return Err(format!("can't slice item of type {}", pointed(other)).into()),
    };
    let mut bounds = [0, length, length];
    for (number, (bound, index)) in bounds.iter_mut().zip(indexes).enumerate() {
        if is_interface(number + 1) {
            return Err("cannot index slice/array with type interface {}".into());
        }
        *bound = index_arg(index, length)?;
    }
    let [start, end, capacity] = bounds;
    if start > end {
        return Err(format!("invalid slice index: {start} > {end}").into());
    }
    if end > capacity {
        return Err(format!("invalid slice index: {end} > {capacity}").into());
    }
    let sliced = match item {
        Value::String(text) => text.get(start..end).map(Value::from),
        Value::List(list) => list.slice(start, end).map(Value::from),
        _ => None,
    };
    sliced.ok_or_else(|| "index out of range".into())
}

pub(super) fn len(_: &mut Context<'_>, args: &[Value]) -> Returned {
    let length = match args.first().unwrap_or(&Value::Nil) {
        Value::String(text) => text.len(),
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        Value::Nil => return Err("len of nil pointer".into()),
        Value::Object(object) if object.is_nil() => return Err("len of nil pointer".into()),
        other => return Err(format!("len of type {}", pointed(other)).into()),
    };
    Ok(Value::int(i64::try_from(length).unwrap_or(i64::MAX)))
}

//! Lists. A function and its `must` twin differ in Go by how they fail, which templates do not see.

use weir_gotmpl::{Context, FuncError, GoType, Kind, List, Value};

use crate::args::{NIL_POINTER, Outcome, any, int};
use crate::cast::{is_empty, is_nil, kind_name, to_int, to_texts};

/// `[][]interface {}`
const LISTS: GoType = GoType::Slice(&GoType::ANY_SLICE);

/// The list that a value is; else Go's error, which begins with `what`.
fn list_of<'a>(value: &'a Value, what: &str) -> Result<&'a List, FuncError> {
    match value {
        Value::List(list) => Ok(list),
        Value::Nil => Err(NIL_POINTER.into()),
        other => Err(format!("{what} {}", kind_name(other)).into()),
    }
}

fn nil_list() -> Value {
    List::nil(GoType::ANY_SLICE).into()
}

pub(crate) fn list(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(args.to_vec().into())
}

pub(crate) fn append(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let items = list_of(any(args, 0)?, "Cannot push on type")?.items();
    Ok([items, &[any(args, 1)?.clone()]].concat().into())
}

pub(crate) fn prepend(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let items = list_of(any(args, 0)?, "Cannot prepend on type")?.items();
    Ok([&[any(args, 1)?.clone()], items].concat().into())
}

pub(crate) fn first(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(list_of(any(args, 0)?, "Cannot find first on type")?.get(0).unwrap_or_default())
}

pub(crate) fn last(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let list = list_of(any(args, 0)?, "Cannot find last on type")?;
    Ok(list.len().checked_sub(1).and_then(|at| list.get(at)).unwrap_or_default())
}

pub(crate) fn rest(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let items = list_of(any(args, 0)?, "Cannot find rest on type")?.items();
    Ok(items.split_first().map_or_else(nil_list, |(_, rest)| rest.to_vec().into()))
}

pub(crate) fn initial(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let items = list_of(any(args, 0)?, "Cannot find initial on type")?.items();
    Ok(items.split_last().map_or_else(nil_list, |(_, rest)| rest.to_vec().into()))
}

pub(crate) fn reverse(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let items = list_of(any(args, 0)?, "Cannot find reverse on type")?.items();
    Ok(items.iter().rev().cloned().collect::<Vec<_>>().into())
}

pub(crate) fn compact(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let items = list_of(any(args, 0)?, "Cannot compact on type")?.items();
    Ok(items.iter().filter(|item| !is_empty(item)).cloned().collect::<Vec<_>>().into())
}

pub(crate) fn uniq(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    let items = list_of(any(args, 0)?, "Cannot find uniq on type")?.items();
    let mut kept: Vec<Value> = Vec::new();
    for item in items {
        if !contains(context, &kept, item)? {
            kept.push(item.clone());
        }
    }
    Ok(kept.into())
}

pub(crate) fn without(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    let items = list_of(any(args, 0)?, "Cannot find without on type")?.items();
    let mut kept = Vec::new();
    for item in items {
        if !contains(context, &args[1..], item)? {
            kept.push(item.clone());
        }
    }
    Ok(kept.into())
}

pub(crate) fn has(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    let haystack = any(args, 1)?;
    if is_nil(haystack) {
        return Ok(false.into());
    }
    let items = list_of(haystack, "Cannot find has on type")?.items();
    Ok(contains(context, items, any(args, 0)?)?.into())
}

fn contains(context: &Context<'_>, items: &[Value], wanted: &Value) -> Result<bool, FuncError> {
    for item in items {
        context.step()?;
        if wanted.deep_equal(item) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// From the first index to before the second; without them, from the start and to the end.
pub(crate) fn slice(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let list = list_of(any(args, 0)?, "list should be type of slice or array but")?;
    if list.is_empty() {
        return Ok(Value::Nil);
    }
    let start = args.get(1).map_or(0, to_int);
    let end = args.get(2).map_or(list.len() as i64, to_int);
    let range = usize::try_from(start).ok().zip(usize::try_from(end).ok());
    let sliced = range.filter(|(start, end)| start <= end).and_then(|(start, end)| list.slice(start, end));
    Ok(sliced.ok_or("reflect.Value.Slice: slice index out of bounds")?.into())
}

pub(crate) fn concat(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let mut items = Vec::new();
    for value in args {
        match value {
            Value::List(list) => items.extend_from_slice(list.items()),
            Value::Nil => return Err(NIL_POINTER.into()),
            other => return Err(format!("Cannot concat type {} as list", kind_name(other)).into()),
        }
    }
    Ok(if items.is_empty() { nil_list() } else { items.into() })
}

/// Lists of `size` items each; the sizes that make no sense fail as Go's arithmetic makes them fail.
pub(crate) fn chunk(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let size = int(args, 0)?;
    let list = list_of(any(args, 1)?, "Cannot chunk type")?;
    let len = list.len() as i64;
    // Dividing by zero gives infinity, which as a number is negative.
    let count = if size == 0 { -1 } else { ((len - 1) as f64 / size as f64).floor() as i64 + 1 };
    let impossible = || FuncError::new("runtime error: makeslice: len out of range");
    if count < 0 {
        return Err(impossible());
    }
    let mut chunks = Vec::new();
    for at in 0..count {
        let rest = len % size;
        let wanted = if at == count - 1 && rest != 0 { rest } else { size };
        let wanted = usize::try_from(wanted).map_err(|_| impossible())?;
        let start = usize::try_from(at * size).unwrap_or(0);
        let items = list.items().get(start..start + wanted).unwrap_or_default();
        chunks.push(Value::List(List::any(items.to_vec())));
    }
    Ok(List::of(LISTS, chunks).into())
}

pub(crate) fn sort_alpha(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let value = any(args, 0)?;
    if value.kind() != Kind::Slice {
        return Ok(List::strings([crate::cast::to_text(value)]).into());
    }
    // What is a list of strings already is sorted where it is.
    if let Some(list) = value.as_list().filter(|list| list.go_type() == GoType::STRINGS) {
        list.sort_strings();
        return Ok(value.clone());
    }
    let mut texts: Vec<_> = to_texts(value).items().iter().filter_map(Value::as_str).cloned().collect();
    texts.sort();
    Ok(List::strings(texts).into())
}

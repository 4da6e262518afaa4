//! Maps. They are shared: what `set` changes, everybody sees.

use weir_gotmpl::{Context, FuncError, GoType, List, Map, Str, Value};

use crate::MAX_VALUE_DEPTH;
use crate::args::{Outcome, any, map, text};
use crate::cast::to_text;
use crate::merge;
use crate::versions::{self, VersionObject};

pub(crate) fn dict(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let dict = Map::new();
    for pair in args.chunks(2) {
        dict.insert(to_text(&pair[0]), pair.get(1).cloned().unwrap_or_else(|| "".into()));
    }
    Ok(dict.into())
}

pub(crate) fn get(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(map(args, 0)?.get_bytes(text(args, 1)?).unwrap_or_else(|| "".into()))
}

pub(crate) fn set(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let dict = map(args, 0)?;
    if dict.is_nil() {
        return Err("assignment to entry in nil map".into());
    }
    dict.insert(text(args, 1)?.clone(), any(args, 2)?.clone());
    Ok(dict.clone().into())
}

pub(crate) fn unset(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let dict = map(args, 0)?;
    dict.remove_bytes(text(args, 1)?);
    Ok(dict.clone().into())
}

pub(crate) fn has_key(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(map(args, 0)?.contains_key(text(args, 1)?).into())
}

fn maps(args: &[Value]) -> impl Iterator<Item = &Map> {
    args.iter().filter_map(Value::as_map)
}

pub(crate) fn pluck(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let key = text(args, 0)?;
    Ok(maps(args).filter_map(|dict| dict.get_bytes(key)).collect::<Vec<_>>().into())
}

/// In Go the order changes from call to call; here keys are sorted.
pub(crate) fn keys(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(List::strings(maps(args).flat_map(Map::keys)).into())
}

/// In the order of the keys.
pub(crate) fn values(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(map(args, 0)?.entries().into_iter().map(|(_, value)| value).collect::<Vec<_>>().into())
}

pub(crate) fn pick(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let dict = map(args, 0)?;
    let picked = Map::new();
    for key in args[1..].iter().filter_map(Value::as_str) {
        if let Some(value) = dict.get_bytes(key) {
            picked.insert(key.clone(), value);
        }
    }
    Ok(picked.into())
}

pub(crate) fn omit(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let omitted: Vec<&Str> = args[1..].iter().filter_map(Value::as_str).collect();
    let kept = map(args, 0)?.entries().into_iter().filter(|(key, _)| !omitted.contains(&key));
    Ok(kept.collect::<Map>().into())
}

/// Goes down the keys; the last argument is the map, the one before it what there is if a key is missing.
pub(crate) fn dig(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [keys @ .., default, last] = args else { return Err("dig needs at least three arguments".into()) };
    if keys.is_empty() {
        return Err("dig needs at least three arguments".into());
    }
    let mut dict = as_dict(last)?;
    let keys: Vec<&Str> = keys.iter().map(as_key).collect::<Result<_, _>>()?;
    for (at, key) in keys.iter().enumerate() {
        let Some(value) = dict.get_bytes(key) else { return Ok(default.clone()) };
        if at + 1 == keys.len() {
            return Ok(value);
        }
        dict = as_dict(&value)?;
    }
    Ok(default.clone())
}

fn as_dict(value: &Value) -> Result<Map, FuncError> {
    match value {
        Value::Map(map) if map.go_type() == GoType::ANY_MAP => Ok(map.clone()),
        other => Err(conversion(other, "map[string]interface {}")),
    }
}

fn as_key(value: &Value) -> Result<&Str, FuncError> {
    value.as_str().ok_or_else(|| conversion(value, "string"))
}

/// The text of a failed type assertion.
fn conversion(value: &Value, wanted: &str) -> FuncError {
    let found = match value {
        Value::Nil => "nil".to_owned(),
        other => other.type_name(),
    };
    FuncError::new(format!("interface conversion: interface {{}} is {found}, not {wanted}"))
}

pub(crate) fn merge_(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    merged(args, false).or_else(hidden)
}

pub(crate) fn must_merge(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    merged(args, false)
}

pub(crate) fn merge_overwrite(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    merged(args, true).or_else(hidden)
}

pub(crate) fn must_merge_overwrite(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    merged(args, true)
}

fn merged(args: &[Value], overwrite: bool) -> Outcome {
    let mut target = map(args, 0)?.clone();
    for source in maps(&args[1..]) {
        if target.is_nil() && !source.is_nil() {
            target = Map::new();
        }
        merge::merge(&target, source, overwrite)?;
    }
    Ok(target.into())
}

/// The functions without `must` give an empty text instead of a returned error, but not of a panic.
fn hidden(error: FuncError) -> Outcome {
    match error {
        FuncError::Message(message) if message == merge::DIFFERENT_TYPES => Ok("".into()),
        error => Err(error),
    }
}

pub(crate) fn deep_copy(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    match any(args, 0)? {
        Value::Nil => Err("reflect: call of reflect.Value.Type on zero Value".into()),
        value => copy(value, 0),
    }
}

/// Another value with the same contents all the way down. Objects do not change, so they are not copied.
fn copy(value: &Value, depth: usize) -> Outcome {
    if depth > MAX_VALUE_DEPTH {
        return Err(FuncError::limit(format!("a value is nested deeper than {MAX_VALUE_DEPTH} levels")));
    }
    match value {
        Value::Map(map) if map.is_nil() => Ok(value.clone()),
        Value::Map(map) => {
            let copied = map.entries().into_iter().map(|(key, value)| Ok((key, copy(&value, depth + 1)?)));
            Ok(Map::with_entries(map.go_type(), copied.collect::<Result<_, FuncError>>()?).into())
        }
        // Items of other types cannot change.
        Value::List(list) if !list.is_nil() && has_mutable_items(list) => {
            let copied = list.items().iter().map(|item| copy(item, depth + 1)).collect::<Result<_, _>>()?;
            Ok(List::of(list.go_type(), copied).into())
        }
        // The original copies what a struct shows, and a version shows nothing.
        value if value.downcast::<VersionObject>().is_some() => Ok(versions::zero()),
        value => Ok(value.clone()),
    }
}

fn has_mutable_items(list: &List) -> bool {
    matches!(list.elem(), GoType::Interface | GoType::Map(_) | GoType::Slice(_) | GoType::Named(_))
}

//! Merging maps as `mergo` does.

use weir_gotmpl::{FuncError, GoType, Kind, Map, Value};

use crate::MAX_VALUE_DEPTH;
use crate::cast::is_empty;

/// The one error that the original returns; it panics with the others.
pub(crate) const DIFFERENT_TYPES: &str = "src and dst must be of same type";

/// Puts into `target` what `source` has. Without `overwrite`, only what `target` lacks or has empty.
pub(crate) fn merge(target: &Map, source: &Map, overwrite: bool) -> Result<(), FuncError> {
    level(target, source, overwrite, 0)
}

fn level(target: &Map, source: &Map, overwrite: bool, depth: usize) -> Result<(), FuncError> {
    if depth > MAX_VALUE_DEPTH {
        return Err(FuncError::limit(format!("a value is nested deeper than {MAX_VALUE_DEPTH} levels")));
    }
    for (key, new) in source.entries() {
        let old = target.get_bytes(&key);
        match (&old, &new) {
            (_, Value::Nil) => {
                if overwrite {
                    target.insert(key, Value::Nil);
                }
                continue;
            }
            (Some(Value::Map(old)), Value::Map(new)) => {
                if !old.is_nil() {
                    level(old, new, overwrite, depth + 1)?;
                }
                // What is empty even now makes way.
                if !old.is_empty() {
                    continue;
                }
            }
            (Some(old), Value::Map(_)) if !overwrite && old.kind() == Kind::Pointer => {
                return Err(DIFFERENT_TYPES.into());
            }
            _ => {}
        }
        if overwrite || old.as_ref().is_none_or(is_empty) {
            let (given, wanted) = (source.elem(), target.elem());
            if wanted != GoType::Interface && given != wanted {
                let message = format!("value of type {given} is not assignable to type {wanted}");
                return Err(format!("reflect.Value.SetMapIndex: {message}").into());
            }
            target.insert(key, new);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn merged(target: Json, source: Json, overwrite: bool) -> Json {
        let (target, source) = (Value::from(&target), Value::from(&source));
        merge(target.as_map().unwrap(), source.as_map().unwrap(), overwrite).unwrap();
        target.to_json().unwrap()
    }

    #[test]
    fn what_is_empty_is_filled() {
        let target = json!({"a": "", "b": {"x": 1}, "c": [], "d": false, "e": "keep", "f": null});
        let source =
            json!({"a": "A", "b": {"x": 2, "y": 3}, "c": [1], "d": true, "e": "E", "f": 1, "g": {"h": 1}, "i": null});
        let expected =
            json!({"a": "A", "b": {"x": 1, "y": 3}, "c": [1], "d": true, "e": "keep", "f": 1, "g": {"h": 1}});
        assert_eq!(merged(target, source, false), expected);
    }

    #[test]
    fn what_is_given_overwrites() {
        let target = json!({"a": "A", "b": {"x": 1}, "c": [1, 2], "d": {"x": 1}});
        let source = json!({"a": "", "b": {"x": null}, "c": [], "d": "text"});
        assert_eq!(merged(target, source, true), json!({"a": "", "b": {"x": null}, "c": [], "d": "text"}));
    }

    #[test]
    fn a_map_that_holds_itself_ends_in_a_limit() {
        let (a, b) = (Map::new(), Map::new());
        a.insert("self", a.clone());
        b.insert("self", b.clone());
        assert!(matches!(merge(&a, &b, false), Err(FuncError::Limit(_))));
        a.remove("self");
        b.remove("self");
    }
}

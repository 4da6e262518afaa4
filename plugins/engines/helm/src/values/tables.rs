//! Tables: maps of values, looked into and laid over each other.

use weir_gotmpl::{List, Map, Str, Value};

/// What Helm would have written to its log, with the place in its source that Helm 3 puts in front.
pub(crate) type Warnings = Vec<String>;

/// A copy that shares no map or list with the original.
pub(crate) fn deep_copy(map: &Map) -> Map {
    let mut entries = map.entries();
    for (_, value) in &mut entries {
        if let Some(copy) = copied(value) {
            *value = copy;
        }
    }
    Map::with_entries(map.go_type(), entries)
}

/// A copy of a container; `None` for a value that cannot change.
fn copied(value: &Value) -> Option<Value> {
    match value {
        Value::Map(map) => Some(Value::Map(deep_copy(map))),
        Value::List(list) => {
            let mut items: Option<Vec<Value>> = None;
            for (index, item) in list.items().iter().enumerate() {
                if let Some(item) = copied(item) {
                    items.get_or_insert_with(|| list.items().to_vec())[index] = item;
                }
            }
            items.map(|items| Value::List(List::of(list.go_type(), items)))
        }
        _ => None,
    }
}

/// `a` with `b` over it: tables are merged, everything else of `b` wins.
pub(crate) fn overlay(a: &Map, b: &Map) -> Map {
    let out = a.shallow_copy();
    for (key, value) in b.entries() {
        let merged = match (&value, out.get_bytes(&key)) {
            (Value::Map(over), Some(Value::Map(under))) => Value::Map(overlay(&under, over)),
            _ => value,
        };
        out.insert(key, merged);
    }
    out
}

/// The table at a path of names with dots between them.
///
/// # Errors
/// `"name" is not a table`
pub(crate) fn table(map: &Map, path: &str) -> Result<Map, String> {
    let mut table = map.clone();
    for name in path.split('.') {
        let Some(Value::Map(next)) = table.get(name) else {
            return Err(format!("{} is not a table", weir_gotmpl::quote(name.as_bytes())));
        };
        table = next;
    }
    Ok(table)
}

/// The value at a path of names with dots between them, if it is no table.
pub(crate) fn path_value(map: &Map, path: &str) -> Option<Value> {
    let (table, name) = match path.rsplit_once('.') {
        Some((tables, name)) => (self::table(map, tables).ok()?, name),
        None => (map.clone(), path),
    };
    table.get(name).filter(|value| !matches!(value, Value::Map(_)))
}

pub(crate) fn join(prefix: &str, key: &str) -> String {
    if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") }
}

/// Lays the values of `dst` over those of `src`, in `dst`. A null in `dst` stays.
pub(crate) fn merge_tables(dst: &Map, src: &Map, warnings: &mut Warnings) {
    lay_over(dst, src, "", true, warnings);
}

/// Lays the values of `dst` over those of `src`, in `dst`; `src` gets the nulls of `dst`. Unless merging, a null in `dst`
/// takes away what `src` has, and itself.
pub(super) fn lay_over(dst: &Map, src: &Map, prefix: &str, merge: bool, warnings: &mut Warnings) {
    let (mut nulls, mut taken_away): (Vec<Str>, Vec<Str>) = Default::default();
    dst.each(|key, value| {
        if matches!(value, Value::Nil) {
            nulls.push(key.clone());
        }
    });
    for key in nulls {
        let default = src.insert(key.clone(), Value::Nil);
        if !merge && default.is_some_and(|default| !matches!(default, Value::Nil)) {
            dst.remove(&key.to_str_lossy());
            taken_away.push(key);
        }
    }
    for (key, value) in src.entries() {
        let Some(own) = dst.get_bytes(&key) else {
            if !taken_away.contains(&key) {
                dst.insert(key, value);
            }
            continue;
        };
        let path = || join(prefix, &key.to_str_lossy());
        match (own, &value) {
            (Value::Map(own), Value::Map(default)) => lay_over(&own, default, &path(), merge, warnings),
            (_, Value::Map(_)) => {
                let value = value.display();
                warnings.push(format!(
                    "coalesce.go:316: warning: cannot overwrite table with non table for {} ({value})",
                    path()
                ));
            }
            (Value::Map(_), default) if !matches!(default, Value::Nil) => {
                let (path, value) = (path(), value.display());
                warnings.push(format!(
                    "coalesce.go:319: warning: destination for {path} is a table. Ignoring non-table value ({value})"
                ));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Helm;
    use crate::values::read_values;

    fn laid_over(dst: &str, src: &str, merge: bool) -> (String, Warnings) {
        let read = |text: &str| read_values(text.as_bytes(), Helm::V3).unwrap();
        let (dst, mut warnings) = (read(dst), Warnings::new());
        lay_over(&dst, &read(src), "", merge, &mut warnings);
        (Value::Map(dst).display().to_string(), warnings)
    }

    #[test]
    fn nulls_take_away_or_stay() {
        let (dst, src) = ("{a: null, b: {x: null, w: 1}, c: null}", "{a: 1, b: {x: 1, z: null}, d: {e: null}}");
        assert_eq!(laid_over(dst, src, false).0, "map[b:map[w:1 z:<nil>] c:<nil> d:map[e:<nil>]]");
        assert_eq!(laid_over(dst, src, true).0, "map[a:<nil> b:map[w:1 x:<nil> z:<nil>] c:<nil> d:map[e:<nil>]]");
    }

    #[test]
    fn tables_and_others_do_not_mix() {
        let (values, warnings) = laid_over("{a: 1, b: {c: {}}}", "{a: {x: 1}, b: {c: 1}}", false);
        assert_eq!(values, "map[a:1 b:map[c:map[]]]");
        assert_eq!(
            warnings,
            [
                "coalesce.go:316: warning: cannot overwrite table with non table for a (map[x:1])",
                "coalesce.go:319: warning: destination for b.c is a table. Ignoring non-table value (1)"
            ]
        );
    }

    #[test]
    fn a_deep_copy_shares_nothing() {
        let map = read_values(b"a: {b: [{c: 1}]}", Helm::V3).unwrap();
        let copy = deep_copy(&map);
        let inner = |map: &Map| table(map, "a").unwrap().get("b").unwrap().as_list().unwrap().items()[0].clone();
        inner(&copy).as_map().unwrap().insert("c", Value::Nil);
        assert_eq!(inner(&map).display(), "map[c:1]");
    }

    #[test]
    fn paths_lead_through_tables() {
        let map = read_values(b"a: {b: {c: 1}}", Helm::V3).unwrap();
        assert_eq!(path_value(&map, "a.b.c").unwrap().display(), "1");
        assert!(path_value(&map, "a.b").is_none() && path_value(&map, "x.y").is_none());
        assert_eq!(table(&map, "a.b.c").err().unwrap(), "\"c\" is not a table");
    }
}

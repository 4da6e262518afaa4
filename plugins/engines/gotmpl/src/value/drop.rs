//! Values are dropped without recursion: a template can nest maps a million deep.

use super::entries::Entries;
use crate::value::Value;

/// Drops values; what only they hold is taken out of them first, so that no drop calls another.
pub(super) fn values(values: Vec<Value>) {
    let mut held = Vec::new();
    values.into_iter().for_each(|value| keep_containers(&mut held, value));
    containers(held);
}

/// As [`values`].
pub(super) fn entries(entries: Entries) {
    let mut held = Vec::new();
    entries.into_values(|value| keep_containers(&mut held, value));
    containers(held);
}

fn containers(mut held: Vec<Value>) {
    while let Some(mut value) = held.pop() {
        match &mut value {
            Value::List(list) => {
                list.take_if_unique().into_iter().flatten().for_each(|item| keep_containers(&mut held, item));
            }
            Value::Map(map) => {
                if let Some(entries) = map.take_if_unique() {
                    entries.into_values(|value| keep_containers(&mut held, value));
                }
            }
            _ => {}
        }
    }
}

fn keep_containers(held: &mut Vec<Value>, value: Value) {
    if matches!(value, Value::List(_) | Value::Map(_)) {
        held.push(value);
    }
}

#[cfg(test)]
mod tests {
    use crate::value::{List, Map, Value};

    #[test]
    fn deep_values_are_dropped_on_a_small_stack() {
        let mut value = Value::Nil;
        for _ in 0..300_000 {
            let map: Map = [("a", value)].into_iter().collect();
            value = Value::List(List::any(vec![Value::Map(map)]));
        }
        drop(value);
    }
}

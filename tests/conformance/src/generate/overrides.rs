//! Values for a chart of somebody else: some of its own, changed.

use serde_json::{Map, Value, json};

use crate::generate::dice::Dice;

/// Deeper values are left alone.
const MAX_DEPTH: usize = 6;

/// A values file that changes a few of the defaults. JSON is YAML.
pub fn overrides(seed: u64, defaults: &Value) -> String {
    let mut dice = Dice::new(seed);
    let mut values = Map::new();
    for _ in 0..dice.between(1, 6) {
        change(&mut dice, defaults, &mut values, 0);
    }
    Value::Object(values).to_string()
}

/// Changes one value, at the end of a path that the defaults have.
fn change(dice: &mut Dice, defaults: &Value, values: &mut Map<String, Value>, depth: usize) {
    let Some(fields) = defaults.as_object().filter(|fields| !fields.is_empty()) else { return };
    let keys: Vec<&String> = fields.keys().collect();
    let key = keys[dice.below(keys.len())];
    let default = &fields[key];
    let has_fields = default.as_object().is_some_and(|fields| !fields.is_empty());
    if has_fields && depth < MAX_DEPTH && !dice.rare(12) {
        let inner = values.entry(key.clone()).or_insert_with(|| json!({}));
        if let Some(inner) = inner.as_object_mut() {
            change(dice, default, inner, depth + 1);
        }
        return;
    }
    let value = replacement(dice, default);
    values.insert(key.clone(), value);
}

/// Mostly something of the same type.
fn replacement(dice: &mut Dice, default: &Value) -> Value {
    if dice.rare(25) {
        let others = [json!(null), json!("text"), json!(7), json!(true), json!([]), json!({}), json!({"a": "b"})];
        return others[dice.below(others.len())].clone();
    }
    match default {
        Value::Bool(value) => json!(!value),
        Value::Number(_) => json!([0, 1, 3, 8080, 1_000_000][dice.below(5)]),
        Value::String(_) => json!(dice.pick(&["", "other", "{{ .Release.Name }}-x", "a: b", "1", "true", "é", "10Mi"])),
        Value::Array(items) if items.is_empty() || dice.coin() => {
            let lists = [json!([]), json!(["a", "b"]), json!([{"name": "n", "value": "v"}]), json!([1])];
            lists[dice.below(lists.len())].clone()
        }
        Value::Array(items) => json!(items.iter().take(1).collect::<Vec<_>>()),
        Value::Object(_) => {
            let tables = [json!({}), json!({"key": "value"}), json!({"enabled": true}), json!({"n": 1})];
            tables[dice.below(tables.len())].clone()
        }
        Value::Null => json!(dice.pick(&["", "set", "5"])),
    }
}

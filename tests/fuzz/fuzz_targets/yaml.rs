//! Whatever is read is printed, and what is printed reads as the same data. The short way of the reader reads what the long
//! one does.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use weir_yaml::{Rules, check_short_way, from_str, parse_documents, to_json, to_yaml};

fuzz_target!(|text: &str| {
    check_short_way(text);
    let Ok(documents) = parse_documents(text) else { return };
    for document in &documents {
        let Ok(mut value) = to_json(document, Rules::Yaml11) else { continue };
        if has_merge_key(&value) {
            continue;
        }
        forget_sign_of_zero(&mut value);
        let printed = to_yaml(&value);
        let again: Value = from_str(&printed).expect("what was printed can be read");
        assert_eq!(again, value, "{printed}");
    }
});

/// The sign of a float's zero goes, as with Go, which prints it as an integer.
fn forget_sign_of_zero(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() && number.as_f64() == Some(0.0) => *value = 0.into(),
        Value::Array(items) => items.iter_mut().for_each(forget_sign_of_zero),
        Value::Object(fields) => fields.values_mut().for_each(forget_sign_of_zero),
        _ => {}
    }
}

/// A key `<<` is printed as it is, as with Go, and then read as one that merges.
fn has_merge_key(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_merge_key),
        Value::Object(fields) => fields.iter().any(|(name, field)| name == "<<" || has_merge_key(field)),
        _ => false,
    }
}

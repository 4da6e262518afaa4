//! Whatever is read is printed, and what is printed reads as the same data. The short way of the reader reads what the long
//! one does. Comments are read without a difference to the data. A tree goes through JSON without JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use weir_yaml::{
    Kind, Node, Rules, check_short_way, from_json, from_str, parse_documents, parse_first_as, parse_first_commented,
    through_json, to_json, to_string, to_string_commented, to_yaml,
};

fuzz_target!(|text: &str| {
    check_short_way(text);
    check_comments(text);
    let Ok(documents) = parse_documents(text) else { return };
    for document in &documents {
        assert_eq!(through_json(document.clone()), to_json(document, Rules::Yaml12).map(from_json));
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

/// Whether a block of text keeps all breaks at its end, to which the blank line before a comment is one more.
fn keeps_breaks(node: &Node) -> bool {
    let is_break = |c| matches!(c, '\n' | '\u{85}' | '\u{2028}' | '\u{2029}');
    match &node.kind {
        Kind::Scalar(text) => {
            let mut end = text.chars().rev();
            end.next().is_some_and(is_break) && end.next().is_none_or(is_break)
        }
        Kind::Sequence(items) => items.iter().any(keeps_breaks),
        Kind::Mapping(fields) => fields.iter().any(|(key, value)| keeps_breaks(key) || keeps_breaks(value)),
    }
}

/// Reads with comments what is read without, and prints the same data unless a comment gets in the way, as it may with Go.
fn check_comments(text: &str) {
    let plain = parse_first_as(text, Rules::Yaml12);
    let commented = parse_first_commented(text);
    let node = commented.as_ref().map(|read| read.as_ref().map(|(node, _)| node)).map_err(ToString::to_string);
    assert_eq!(node, plain.as_ref().map(Option::as_ref).map_err(ToString::to_string));
    let Ok(Some((node, comments))) = commented else { return };
    let printed = to_string_commented(&node, &comments);
    let expected = to_string(&node);
    if comments.is_empty() {
        assert_eq!(printed, expected);
        return;
    }
    if comments.has_lines_behind() || keeps_breaks(&node) {
        return;
    }
    if let Ok(again) = parse_first_as(&printed, Rules::Yaml12) {
        assert_eq!(again, parse_first_as(&expected, Rules::Yaml12).expect("what was printed can be read"), "{printed}");
    }
}

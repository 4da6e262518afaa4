//! Values as Go writes them in source, which is how go-yaml v2 names a key that cannot be one.

use weir_goquote::quote;

use crate::json::scalar_of;
use crate::node::{Kind, Node, Tag};
use crate::number::format_float;
use crate::resolve::{Resolved, Rules};

/// A value inside of another one.
pub(crate) fn inner(node: &Node) -> String {
    match &node.kind {
        Kind::Scalar(text) => scalar(node, text).unwrap_or_else(|| "interface {}(nil)".to_owned()),
        Kind::Sequence(items) => {
            let items: Vec<String> = items.iter().map(inner).collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        Kind::Mapping(fields) => {
            let mut fields: Vec<String> =
                fields.iter().map(|(key, value)| format!("{}:{}", inner(key), inner(value))).collect();
            fields.sort();
            format!("map[interface {{}}]interface {{}}{{{}}}", fields.join(", "))
        }
    }
}

/// A value that stands alone.
pub(crate) fn outer(node: &Node) -> String {
    match &node.kind {
        Kind::Scalar(text) => scalar(node, text).unwrap_or_else(|| "<nil>".to_owned()),
        _ => inner(node),
    }
}

/// `None` for null.
fn scalar(node: &Node, text: &str) -> Option<String> {
    if node.tag == Tag::Binary {
        return Some(quote(text.as_bytes()));
    }
    Some(match scalar_of(node, Rules::Yaml11) {
        Ok(Resolved::Null) => return None,
        Ok(Resolved::Bool(value)) => value.to_string(),
        Ok(Resolved::Int(value)) => value.to_string(),
        Ok(Resolved::Uint(value)) => format!("{value:#x}"),
        Ok(Resolved::Float(value)) => format_float(value),
        Ok(Resolved::Str | Resolved::Merge | Resolved::Timestamp(_)) | Err(_) => quote(text.as_bytes()),
    })
}

#[cfg(test)]
mod tests {
    use crate::{Rules, parse_first, to_json};

    #[test]
    fn keys_that_are_none_are_named() {
        for (text, expected) in [
            ("a: {{ x }}", r#"yaml: invalid map key: map[interface {}]interface {}{"x":interface {}(nil)}"#),
            (
                "? [a, 1, 1.5, yes, ~, {c: d, a: \"é\\x07\"}]\n: b",
                r#"yaml: invalid map key: []interface {}{"a", 1, 1.5, true, interface {}(nil), map[interface {}]interface {}{"a":"é\a", "c":"d"}}"#,
            ),
            ("? [\"\u{200b}\\u2000\"]\n: b", r#"yaml: invalid map key: []interface {}{"\u200b\u2000"}"#),
            ("{{{a}}}", r#"yaml: invalid map key: map[interface {}]interface {}{"a":interface {}(nil)}"#),
            ("null: x", r#"unsupported map key of type: %!s(<nil>), key: <nil>, value: "x""#),
            ("~:", "unsupported map key of type: %!s(<nil>), key: <nil>, value: <nil>"),
            (
                "18446744073709551615: [x]",
                r#"unsupported map key of type: uint64, key: 0xffffffffffffffff, value: []interface {}{"x"}"#,
            ),
        ] {
            let error = to_json(&parse_first(text).unwrap().unwrap(), Rules::Yaml11).unwrap_err();
            assert_eq!(error.to_string(), expected, "{text}");
        }
        let json = to_json(&parse_first("1234567.5: a\n16777217.0: b").unwrap().unwrap(), Rules::Yaml11).unwrap();
        assert_eq!(json.to_string(), r#"{"1.2345675e+06":"a","1.6777216e+07":"b"}"#);
    }
}

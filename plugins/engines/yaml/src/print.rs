use serde_json::Value;

use crate::emit::Emitter;
use crate::sort::sort_by_keys;

/// Prints data as `sigs.k8s.io/yaml` does: keys sorted, sequences not indented, lines broken after 80 columns.
pub fn to_yaml(value: &Value) -> String {
    let mut out = String::new();
    write(&mut Emitter::new(&mut out), value);
    out
}

fn write(emitter: &mut Emitter<'_>, value: &Value) {
    match value {
        Value::Null => emitter.plain("null"),
        Value::Bool(value) => emitter.plain(if *value { "true" } else { "false" }),
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(value) => emitter.float(value),
            None => emitter.plain(&number.to_string()),
        },
        Value::String(text) => emitter.string(text),
        Value::Array(items) => {
            emitter.begin_sequence(items.is_empty());
            for item in items {
                emitter.item();
                write(emitter, item);
            }
            emitter.end(items.is_empty());
        }
        Value::Object(map) => {
            let mut fields: Vec<(&String, &Value)> = map.iter().collect();
            sort_by_keys(&mut fields, |(key, _)| key);
            emitter.begin_mapping(fields.is_empty());
            for (name, value) in &fields {
                emitter.key(name);
                write(emitter, value);
            }
            emitter.end(fields.is_empty());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(value: Value, expected: &str) {
        assert_eq!(to_yaml(&value), expected);
    }

    #[test]
    fn a_block_ends_with_any_line_break() {
        let text = "\u{2028}:\n\u{2029}";
        let printed = "a: |2+\n\u{2028}  :\n\u{2029}b:\n  c: |2+\n\u{2028}    :\n\u{2029}  d: 1\n";
        let value = json!({"a": text, "b": {"c": text, "d": 1}});
        check(value.clone(), printed);
        assert_eq!(crate::from_str::<Value>(printed).unwrap(), value);
        check(json!(text), "|2+\n\u{2028}  :\n\u{2029}");
        let node = crate::parse_first(printed).unwrap().unwrap();
        assert_eq!(crate::to_string_indented(&node), printed);
    }

    /// Their order has circles, which the standard library's sort answers with a panic.
    #[test]
    fn keys_that_have_no_order_are_printed() {
        let keys = [
            "55  5~:64#",
            "8:6",
            "8:'@ '+",
            ":2:28",
            ":8",
            ":#55:",
            ":28",
            ":55:64+",
            ":25#5:65#4#",
            "8~:64#",
            "8:'@ '!+::",
            "Na\t::#27:64+",
            ":25#55:",
            "503:+",
            ":_25#5:64#:",
            "B#55:",
            ":28:1o:5:64:#55:",
            ":2N",
            "8:'@ '+::",
            ":25#55:+",
            ":25#5:64#::1o:5:64:#55:",
        ];
        let value: Value = keys.iter().map(|key| ((*key).to_owned(), Value::Null)).collect();
        let printed = to_yaml(&value);
        assert_eq!(printed.lines().count(), keys.len());
        assert_eq!(crate::from_str::<Value>(&printed).unwrap(), value);
    }

    #[test]
    fn collections() {
        check(
            json!({"b": [{"y": 1, "x": [1, [2, 3]]}], "a": {"n": {}, "l": []}, "c": null}),
            "a:\n  l: []\n  \"n\": {}\nb:\n- x:\n  - 1\n  - - 2\n    - 3\n  \"y\": 1\nc: null\n",
        );
        check(json!([]), "[]\n");
    }

    #[test]
    fn strings() {
        for (text, expected) in [
            ("plain text", "plain text"),
            ("yes", "\"yes\""),
            ("1", "\"1\""),
            ("12:30", "\"12:30\""),
            ("", "\"\""),
            ("a: b", "'a: b'"),
            ("it's", "it's"),
            ("# no", "'# no'"),
            (" lead", "' lead'"),
            ("tab\there", "\"tab\\there\""),
            ("- x", "'- x'"),
            ("a #b", "'a #b'"),
            ("{{ x }}", "'{{ x }}'"),
            ("😀", "\"\\U0001F600\""),
            ("é", "é"),
        ] {
            check(json!({"k": text}), &format!("k: {expected}\n"));
        }
    }

    #[test]
    fn blocks() {
        check(json!({"k": "a\nb\n"}), "k: |\n  a\n  b\n");
        check(json!({"k": "a\nb"}), "k: |-\n  a\n  b\n");
        check(json!({"k": "a\n\n"}), "k: |+\n  a\n\n");
        check(json!({"k": " a\nb\n"}), "k: |2\n   a\n  b\n");
        check(json!({"k": "a \nb"}), "k: \"a \\nb\"\n");
    }

    #[test]
    fn long_lines_are_folded() {
        let text = "word ".repeat(20) + "end";
        let expected = format!("k: {}\n  word word word word end\n", "word ".repeat(16).trim_end());
        check(json!({"k": text}), &expected);
    }

    #[test]
    fn long_keys_are_explicit() {
        let key = "k".repeat(129);
        check(json!({key.clone(): {"a": 1}}), &format!("? {key}\n: a: 1\n"));
    }
}

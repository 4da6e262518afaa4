use weir_gotmpl::{GoType, Value};

use super::read;
use crate::MAX_VALUE_DEPTH;

fn shown(text: &str) -> String {
    read(text.as_bytes()).map_or_else(|error| error, |value| value.display().to_string())
}

#[test]
fn tables_are_added_to_as_the_original_allows() {
    for (text, expected) in [
        ("a = {b = 1}\n[a.c]\nx = 1", "map[a:map[b:1 c:map[x:1]]]"),
        ("a = {b = 1}\na.c = 2", "map[a:map[b:1 c:2]]"),
        ("a.b = 1\n[a]\nc = 1", "map[a:map[b:1 c:1]]"),
        ("[a.b]\nc = 1\n[a]\nd = 1\nb.e = 2", "map[a:map[b:map[c:1 e:2] d:1]]"),
        ("a = {\n b = 1, # x\n}", "map[a:map[b:1]]"),
        // The value is lost, for the table was only implicit.
        ("a.b.c = 1\na.b = 2", "map[a:map[b:map[c:1]]]"),
        ("a = {b = {}}\n[a.b]", "toml: line 2 (last key \"a\"): Key 'a.b' has already been defined."),
        ("a = 1\n[a.b]", "toml: line 2: Key 'a' was already created as a hash."),
        ("a = [{b = 1}]\n[[a]]", "toml: line 2: Key 'a' was already created and cannot be used as an array."),
        ("\"a b\" = 1\n\"a b\" = 2", "toml: line 2 (last key \"a b\"): Key '\"a b\"' has already been defined."),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn what_is_wrong_is_said_in_the_words_of_the_original() {
    for (text, expected) in [
        ("a", "line 1: unexpected EOF; expected key separator '='"),
        ("a: 1", "line 1: expected '.' or '=', but got ':' instead"),
        ("x = 1\n\na =\n", "line 3 (last key \"a\"): expected value but found '\\n' instead"),
        ("a = nil", "line 1 (last key \"a\"): expected value but found \"nil\" instead"),
        ("a = 01", "line 1 (last key \"a\"): Invalid integer \"01\": cannot have leading zeroes"),
        ("a = \"\\q\"", "line 1 (last key \"a\"): invalid escape in string '\\q'"),
        (
            "[t]\na = {b = [1 2]}",
            "line 2 (last key \"t.a.b\"): expected a comma (',') or array terminator (']'), but got '2'",
        ),
        ("a = 2023-02-30", "line 1 (last key \"a\"): invalid datetime: \"2023-02-30\""),
        ("[a\n", "line 2: expected '.' or ']' to end table name, but got '\\n' instead"),
        ("a = \"\"\"\n\n", "line 2 (last key \"a\"): unexpected EOF; expected '\"\"\"'"),
    ] {
        assert_eq!(shown(text), format!("toml: {expected}"), "{text}");
    }
    let error = read(b"a = \"\xff\"").unwrap_err();
    assert_eq!(error, "toml: line 1 (last key \"a\"): invalid UTF-8 byte: 0xff");
}

#[test]
fn tables_in_brackets_are_typed_those_in_lists_are_not() {
    let types = |text: &str| match read(text.as_bytes()) {
        Ok(Value::Map(map)) => map.get("a").and_then(|value| value.as_list().map(|list| list.go_type())),
        _ => None,
    };
    assert_eq!(types("[[a]]\n[[a]]"), Some(GoType::Slice(&GoType::ANY_MAP)));
    assert_eq!(types("a = [{}]"), Some(GoType::ANY_SLICE));
}

#[test]
fn nesting_has_a_limit() {
    let deep = MAX_VALUE_DEPTH + 2;
    for text in [
        format!("a = {}", "[".repeat(deep)),
        format!("a = {}", "{a = ".repeat(deep)),
        format!("a = {}", "[{a = ".repeat(deep)),
        format!("{}a = 1", "a.".repeat(deep)),
        format!("[{}a]", "a.".repeat(deep)),
        format!("[[{}a]]", "a.".repeat(deep)),
    ] {
        let error = read(text.as_bytes()).unwrap_err();
        assert!(error.ends_with("nested deeper than 500 levels"), "{error}");
    }
    let fits = MAX_VALUE_DEPTH - 1;
    assert!(read(format!("a = {}{}", "[".repeat(fits), "]".repeat(fits)).as_bytes()).is_ok());
}

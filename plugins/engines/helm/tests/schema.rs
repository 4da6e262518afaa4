//! `values.schema.json`: what is refused, and in which words.

mod common;

use common::{Chart, render, render_with};
use weir_helm::Helm;

/// What is found, without the line that begins every report.
fn findings(schema: &str, values: &str) -> String {
    let chart = Chart::new("c").file("values.schema.json", schema).file("templates/a.yaml", "a: 1");
    match render(&chart, values, Helm::V3) {
        Ok(_) => "ok".to_owned(),
        Err(error) => {
            let first = "values don't meet the specifications of the schema(s) in the following chart(s):\nc:\n";
            error.to_string().strip_prefix(first).expect("a report").to_owned()
        }
    }
}

fn one(keyword: &str, value: &str) -> String {
    let found = findings(&format!("{{\"properties\":{{\"a\":{{{keyword}}}}}}}"), &format!("a: {value}"));
    found.strip_prefix("- at '/a': ").unwrap_or(&found).trim_end().to_owned()
}

#[test]
fn numbers_are_printed_for_english_readers() {
    for (keyword, value, expected) in [
        (r#""maximum":65535"#, "70000", "maximum: got 70,000, want 65,535"),
        (r#""minimum":1"#, "0.5", "minimum: got 0.5, want 1"),
        (r#""maximum":1.5"#, "123456789", "maximum: got 1.23456789×10⁰⁸, want 1.5"),
        (r#""maximum":10"#, "1e21", "maximum: got 1×10²¹, want 10"),
        (r#""minimum":1"#, "-5000.25", "minimum: got -5,000.25, want 1"),
        (r#""minimum":1"#, "1e-7", "minimum: got 1×10⁻⁰⁷, want 1"),
        (r#""multipleOf":2"#, "7", "multipleOf: got 7, want 2"),
        (r#""minLength":2000"#, "x", "minLength: got 1, want 2,000"),
    ] {
        assert_eq!(one(keyword, value), expected, "{keyword} {value}");
    }
}

#[test]
fn reasons() {
    for (keyword, value, expected) in [
        (r#""enum":[1,"x",true,null,1.5]"#, "z", "value must be one of 1, 'x', true, <nil>, 1.5"),
        (r#""enum":["a'b\"c"]"#, "z", r#"value must be 'a\'b"c'"#),
        (r#""const":{"x":1}"#, "5", "'const' failed"),
        (r#""pattern":"^[0-9]+$""#, "z", "'z' does not match pattern '^[0-9]+$'"),
        (r#""pattern":"^\\d+$""#, "z", r"'z' does not match pattern '^\\d+$'"),
        (r#""type":["integer","null"]"#, "z", "got string, want null or integer"),
        (r#""type":"integer""#, "5.0", "ok"),
        (
            r#""oneOf":[{"type":"string"},{"type":"integer"}]"#,
            "[]",
            "'oneOf' failed, none matched\n  - at '/a': got array, want string\n  - at '/a': got array, want integer",
        ),
        (r#""oneOf":[{"type":"string"},{"minLength":1}]"#, "xx", "'oneOf' failed, subschemas 0, 1 matched"),
        (r#""not":{"type":"array"}"#, "[]", "'not' failed"),
        (r#""uniqueItems":true"#, "[1, 1]", "items at 0 and 1 are equal"),
        (
            r#""propertyNames":{"pattern":"^x"}"#,
            "{b: 1}",
            "invalid propertyName 'b'\n  - at '': 'b' does not match pattern '^x'",
        ),
    ] {
        assert_eq!(one(keyword, value), expected, "{keyword} {value}");
    }
}

#[test]
fn all_findings_are_listed_with_their_paths() {
    let schema = r#"{"required":["x","y"],"additionalProperties":false,"properties":{"x":{}}}"#;
    let expected = "- at '': missing properties 'x', 'y'\n- at '': additional properties 'a' not allowed\n";
    assert_eq!(findings(schema, "a: 1"), expected);
    let schema = r#"{"properties":{"a/b":{"properties":{"c~d":{"type":"string"}}}}}"#;
    assert_eq!(findings(schema, "a/b: {c~d: 1}"), "- at '/a~1b/c~0d': got number, want string\n");
    let schema = r##"{"properties":{"a":{"$ref":"#/$defs/p"}},"$defs":{"p":{"minimum":10}}}"##;
    assert_eq!(findings(schema, "a: 1"), "- at '/a': minimum: got 1, want 10\n");
}

#[test]
fn formats_are_checked_up_to_draft_7() {
    let formats = r#""properties":{"a":{"format":"email"}}"#;
    let schema = format!(r#"{{"$schema":"http://json-schema.org/draft-07/schema#",{formats}}}"#);
    assert_eq!(findings(&schema, "a: z"), "- at '/a': 'z' is not valid email: missing @\n");
    assert_eq!(findings(&format!("{{{formats}}}"), "a: z"), "ok");
}

#[test]
fn a_schema_that_is_none_is_said_so() {
    let schema = r#"{"$schema":"http://json-schema.org/draft-07/schema#","type":5}"#;
    let expected = "\"file:///values.schema.json#\" is not valid against metaschema: jsonschema validation failed with 'http://json-schema.org/draft-07/schema#'\n- at '/type': 'anyOf' failed\n  - at '/type': value must be one of 'array', 'boolean', 'integer', 'null', 'number', 'object', 'string'\n  - at '/type': got number, want array";
    assert_eq!(findings(schema, ""), expected);
    assert_eq!(findings("{", ""), "unexpected EOF");
    let missing = r##"{"$ref":"#/definitions/x"}"##;
    let expected = "json-pointer in \"file:///values.schema.json#/definitions/x\" not found";
    assert_eq!(findings(missing, ""), expected);
}

#[test]
fn nothing_outside_is_read() {
    for (url, what) in [("http://example.com/x", "the network"), ("file:///etc/passwd", "files")] {
        let expected = format!("failing loading \"{url}\": a schema may not refer to {what}");
        assert_eq!(findings(&format!(r#"{{"$ref":"{url}"}}"#), ""), expected);
    }
    assert_eq!(findings(r#"{"$ref":"urn:x:y"}"#, "a: 1"), "ok");
}

#[test]
fn sub_charts_have_schemas_too_and_all_can_be_skipped() {
    let chart = Chart::new("app")
        .file("values.schema.json", r#"{"required":["x"]}"#)
        .file("charts/child/Chart.yaml", "apiVersion: v2\nname: child\nversion: 0.1.0\n")
        .file("charts/child/values.schema.json", r#"{"properties":{"num":{"type":"integer"}}}"#);
    let error = render(&chart, "child: {num: x}", Helm::V3).unwrap_err();
    let expected = "values don't meet the specifications of the schema(s) in the following chart(s):\napp:\n- at '': missing property 'x'\nchild:\n- at '/num': got string, want integer\n";
    assert_eq!(error.to_string(), expected);
    assert!(render_with(&chart, "child: {num: x}", |options| options.skip_schema_validation = true).is_ok());
}

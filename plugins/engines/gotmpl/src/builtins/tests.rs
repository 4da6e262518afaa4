use crate::*;

fn run(text: &str) -> String {
    let mut set = Set::new("t", Functions::new(&[BUILTINS]), MissingKey::Default);
    set.parse("t", text).unwrap();
    let list = vec![Value::int(1), Value::Nil, "c".into()];
    let map: Map = [("n", Value::Nil), ("m", Map::new().into())].into_iter().collect();
    let typed = Map::of(GoType::Map(&GoType::Int(IntType::Int)));
    typed.insert("one", Value::int(1));
    let data: Map = [
        ("l", Value::from(list)),
        ("map", map.into()),
        ("typed", typed.into()),
        ("u", Value::Uint(UintType::Uint8, 200)),
        ("neg", Value::Int(IntType::Int8, -1)),
        ("nil", Value::Nil),
        ("nan", Value::float(f64::NAN)),
        ("nils", List::nil(GoType::STRINGS).into()),
    ]
    .into_iter()
    .collect();
    let mut out = Vec::new();
    match set.execute("t", data.into(), &State::default(), &mut out) {
        Ok(()) => String::from_utf8_lossy(&out).into_owned(),
        Err(error) => error.to_string().rsplit(": ").next().unwrap_or_default().to_owned(),
    }
}

#[test]
fn values_are_compared_as_in_go() {
    for (text, expected) in [
        ("{{eq 1 2 1}} {{ne 1 1}} {{eq \"a\" \"a\"}} {{eq true false}}", "true false true false"),
        ("{{eq .u 200}} {{eq 200 .u}} {{eq .neg .u}} {{lt .neg .u}} {{gt .u .neg}}", "true true false true true"),
        ("{{eq .nil nil}} {{eq .missing nil}} {{eq 1 nil}} {{eq .nils nil}}", "true true false true"),
        (
            "{{lt 1 2}} {{le 2 2}} {{gt 1 2}} {{ge 2 2}} {{lt \"a\" \"b\"}} {{lt 1.5 2.5}}",
            "true true false true true true",
        ),
        ("{{lt .nan 1.0}} {{gt .nan 1.0}} {{ge .nan 1.0}} {{eq .nan .nan}}", "false true true false"),
        ("{{eq 1 1.0}}", "incompatible types for comparison: int and float64"),
        ("{{lt 1 \"a\"}}", "incompatible types for comparison: int and string"),
        ("{{lt true false}}", "invalid type for comparison"),
        ("{{lt nil 1}}", "invalid type for comparison"),
        ("{{eq .map .map}}", "non-comparable type map[m:map[] n:%!s(<nil>)]: map[string]interface {}"),
        ("{{eq 1}}", "missing argument for comparison"),
    ] {
        // Everything after the first ": " of the function's own error is compared.
        let got = run(text);
        assert!(expected.ends_with(&got), "{text}: {got}");
    }
}

#[test]
fn items_are_found_as_in_go() {
    for (text, expected) in [
        ("{{index .l 0}} {{index .l 1}} {{index .typed \"one\"}} {{index .typed \"two\"}}", "1 <no value> 1 0"),
        ("{{index \"abc\" 1}} {{index .map \"x\"}} {{index .l}}", "98 <no value> [1 <nil> c]"),
        ("{{slice \"hello\" 1 3}} {{slice .l 2}} {{slice .l 0 1 1}}", "el [c] [1]"),
        ("{{len .l}} {{len .map}} {{len \"\u{e4}\"}} {{len .nils}}", "3 2 2 0"),
        ("{{index .l 3}}", "slice index out of range"),
        ("{{index .l 4}}", "4"),
        ("{{index .l nil}}", "cannot index slice/array with nil"),
        ("{{index .l \"a\"}}", "cannot index slice/array with type string"),
        ("{{index .map 1}}", "value has type int; should be string"),
        ("{{index .map \"n\" \"x\"}}", "index of nil pointer"),
        ("{{index 1 1}}", "can't index item of type int"),
        ("{{index nil}}", "index of untyped nil"),
        ("{{slice \"abc\" .neg}}", "cannot index slice/array with type interface {}"),
        ("{{slice \"abc\" (len .nils) (len \"a\")}}", "a"),
        ("{{slice 1}}", "can't slice item of type int"),
        ("{{slice \"abc\" 2 1}}", "2 > 1"),
        ("{{slice \"abc\" 0 1 2}}", "cannot 3-index slice a string"),
        ("{{len 1}}", "len of type int"),
        ("{{len .nil}}", "len of nil pointer"),
        ("{{len nil}}", "call of reflect.Value.Type on zero Value"),
    ] {
        assert_eq!(run(text), expected, "{text}");
    }
}

#[test]
fn texts_are_escaped_as_in_go() {
    for (text, expected) in [
        ("{{html \"<a href='x'>&\\\"\\x00\"}}", "&lt;a href=&#39;x&#39;&gt;&amp;&#34;\u{fffd}"),
        ("{{js \"<'a'=\\n\\\\>\u{e4}\u{200b}\"}}", "\\u003C\\'a\\'\\u003D\\u000A\\\\\\u003E\u{e4}\\u200B"),
        ("{{urlquery \"a b/c?\u{e4}~\"}}", "a+b%2Fc%3F%C3%A4~"),
        ("{{html 1 2 \"a\" nil}}", "1 2a&lt;no value&gt;"),
    ] {
        assert_eq!(run(text), expected, "{text}");
    }
}

#[test]
fn a_function_may_take_the_name_of_a_builtin() {
    static OWN: &Table = &Table::new(&[Function::fixed("len", &[Param::Any], |_, _| Ok("own".into()))]);
    let mut set = Set::new("t", Functions::new(&[BUILTINS, OWN]), MissingKey::Default);
    set.parse("t", "{{len 1}}").unwrap();
    let mut out = Vec::new();
    set.execute("t", Value::Nil, &State::default(), &mut out).unwrap();
    assert_eq!(out, b"own");
}

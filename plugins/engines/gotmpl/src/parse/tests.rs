use super::*;
use crate::builtins::BUILTINS;
use crate::limits::MAX_NESTING;

fn error(text: &str) -> String {
    let functions = Functions::new(&[BUILTINS]);
    match parse("t", text.into(), &functions) {
        Ok(_) => "none".to_owned(),
        Err(error) => error.message,
    }
}

#[test]
fn what_is_no_template_is_refused_in_gos_words() {
    for (text, expected) in [
        ("{{", "1: unclosed action"),
        ("a\n{{ if .x }}\nb", "3: unexpected EOF"),
        ("{{ .x\n\n", "3: unclosed action started at t:1"),
        ("{{ \"a\n }}", "1: unterminated quoted string"),
        ("{{ .x }}{{ end }}", "1: unexpected {{end}}"),
        ("{{ else }}", "1: unexpected {{else}}"),
        ("{{ if }}x{{ end }}", "1: missing value for if"),
        ("{{ if .x }}{{ else }}{{ else }}{{ end }}", "1: expected end; found {{else}}"),
        ("{{ | .x }}", "1: unexpected \"|\" in command"),
        ("{{ .x | 1 }}", "1: non executable command in pipeline stage 2"),
        ("{{ nope }}", "1: function \"nope\" not defined"),
        ("\n\n{{ $x }}", "3: undefined variable \"$x\""),
        ("{{ $x, $y := 1 }}", "1: too many declarations in command"),
        ("{{ range $x, 1 }}{{ end }}", "1: range can only initialize variables"),
        ("{{ break }}", "1: {{break}} outside {{range}}"),
        ("{{ range 1 }}{{ else }}{{ continue }}{{ end }}", "1: {{continue}} outside {{range}}"),
        ("{{ .x = 1 }}", "1: unexpected \"=\" in operand"),
        ("{{ (1 }}", "1: unclosed left paren"),
        ("{{ 1) }}", "1: unexpected right paren"),
        ("{{ () }}", "1: missing value for parenthesized pipeline"),
        ("{{ template }}", "1: unexpected \"}}\" in template clause"),
        ("{{ define \"a\" }}{{ define \"b\" }}{{ end }}{{ end }}", "1: unexpected <define> in command"),
        ("{{define \"a\"}}1{{end}}{{define \"a\"}}2{{end}}", "1: template: multiple definition of template \"a\""),
        ("{{ nil.x }}", "1: unexpected . after term \"nil\""),
        ("{{ .x! }}", "1: bad character U+0021 '!'"),
        ("{{ \u{1} }}", "1: unrecognized character in action: U+0001"),
        ("{{ 1x }}", "1: bad number syntax: \"1x\""),
        ("{{/* a }}", "1: unclosed comment"),
        ("{{/* a */ b }}", "1: comment ends before closing delimiter"),
        ("{{ \"a very long string\" . }}x{{ \"\\q\" }}", "1: invalid syntax"),
        ("{{ if .x }} {{ \"0123456789abc\" \"x\" }} {{ with }}", "1: missing value for with"),
    ] {
        let got = error(text);
        let expected = if expected == "none" { expected.to_owned() } else { format!("template: t:{expected}") };
        assert_eq!(got, expected, "{text:?}");
    }
}

#[test]
fn nesting_is_limited() {
    let nested = |count: usize, open: &str, inner: &str, close: &str| {
        error(&format!("{}{inner}{}", open.repeat(count), close.repeat(count)))
    };
    for count in [MAX_NESTING, 10_000] {
        let expected = if count == MAX_NESTING { "none" } else { "template: t:1: max nesting depth exceeded" };
        assert_eq!(nested(count, "{{if 1}}", "", "{{end}}"), expected);
    }
    let parens = |count: usize| error(&format!("{{{{ {}1{} }}}}", "(".repeat(count), ")".repeat(count)));
    assert_eq!(parens(MAX_NESTING), "none");
    assert_eq!(parens(MAX_NESTING + 1), "template: t:1: max expression depth exceeded");
    let chain = format!("{{{{if 1}}}}{}{{{{end}}}}", "{{else if 2}}".repeat(10_000));
    assert_eq!(error(&chain), "template: t:1: max nesting depth exceeded");
}

#[test]
fn nodes_print_as_they_were_written() {
    let text = r#"{{ $x,$y:=index . "a"|printf `%s` 0x1F 'c' .a.b.c  $.d (len (.e)).f nil true}}"#;
    let text = text.replace("$x,$y:=", "$x := ");
    let templates = parse("t", text.as_str().into(), &Functions::new(&[BUILTINS])).unwrap();
    let unit = &templates[0].unit;
    let pipe = match unit.node(templates[0].root.first().unwrap()) {
        Node::Action(pipe) => pipe,
        nodes => panic!("{nodes:?}"),
    };
    let mut out = Vec::new();
    unit.write_pipe(&mut out, pipe);
    let expected = r#"$x := index . "a" | printf `%s` 0x1F 'c' .a.b.c $.d (len (.e)).f nil true"#;
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

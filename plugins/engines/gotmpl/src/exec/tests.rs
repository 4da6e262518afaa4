use std::any::Any;
use std::rc::Rc;

use crate::*;

static TABLE: &Table = &Table::new(&[
    Function::fixed("include", &[Param::String, Param::Any], include),
    Function::fixed("tpl", &[Param::String, Param::Any], tpl),
    Function::fixed("upper", &[Param::String], upper),
    Function::fixed("add", &[Param::Int, Param::Int64, Param::Float64], add),
    Function::variadic("list", &[Param::Any], |_, args| Ok(args.to_vec().into())),
    Function::fixed("keys", &[Param::Map], keys),
    Function::fixed("fail", &[Param::String], |_, args| Err(args[0].display().to_string().into())),
    Function::fixed("stop", &[], |_, _| Err(FuncError::limit("too much"))),
]);

fn include(context: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    Ok(context.execute(&args[0].display(), args[1].clone())?.into())
}

fn tpl(context: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    let Value::String(text) = &args[0] else { return Err("no text".into()) };
    Ok(context.execute_text("gotpl", text, args[1].clone())?.into())
}

fn upper(_: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    Ok(args[0].display().to_string().to_uppercase().into())
}

fn add(_: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    Ok(sprintf(b"%T %T %T", args).into())
}

fn keys(_: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    Ok(List::strings(args[0].as_map().unwrap().keys()).into())
}

struct Chart {
    name: &'static str,
}

static CHART: Named = Named::pointer("*chart.Metadata");
static HELLO: Function = Function::fixed("Hello", &[Param::String], |_, args| {
    let chart: &Chart = args[0].downcast().unwrap();
    Ok(format!("{} greets {}", chart.name, args[1].display()).into())
});

impl Object for Chart {
    fn go_type(&self) -> &'static Named {
        &CHART
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn field(&self, name: &str) -> Option<Value> {
        (name == "Name").then(|| self.name.into())
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![("Name", self.name.into()), ("Version", "1".into())]
    }

    fn method(&self, name: &str) -> Option<&'static Function> {
        (name == "Hello").then_some(&HELLO)
    }
}

static FILES: Named = Named::of("engine.files", &GoType::Map(&GoType::BYTES), &[GET]);
const GET: Function = Function::fixed("Get", &[Param::String], |_, args| {
    let file = args[0].as_map().unwrap().get(&args[1].display().to_string());
    Ok(file.and_then(|file| file.as_list().and_then(List::as_bytes)).unwrap_or_default().into())
});

fn data() -> Value {
    let files = Map::of(GoType::Named(&FILES));
    files.insert("a.txt", List::bytes("hello"));
    let values: Map = [
        ("name", Value::from("web")),
        ("count", Value::float(3.0)),
        ("nothing", Value::Nil),
        ("list", vec![Value::from("a"), "b".into()].into()),
        ("map", [("y", Value::int(2)), ("x", Value::int(1))].into_iter().collect::<Map>().into()),
    ]
    .into_iter()
    .collect();
    let chart: Rc<dyn Object> = Rc::new(Chart { name: "demo" });
    let data: Map =
        [("Values", Value::from(values)), ("Chart", chart.into()), ("Files", files.into())].into_iter().collect();
    data.into()
}

fn set(missing_key: MissingKey, templates: &[(&str, &str)]) -> Set {
    let mut set = Set::new("gotpl", Functions::new(&[BUILTINS, TABLE]), missing_key);
    for (name, text) in templates {
        set.parse(name, *text).unwrap();
    }
    set
}

fn run_in(set: &Set, limits: Limits) -> String {
    let mut out = Vec::new();
    match set.execute("t", data(), &State::new(limits), &mut out) {
        Ok(()) => String::from_utf8_lossy(&out).into_owned(),
        Err(error) => error.to_string(),
    }
}

fn run(text: &str) -> String {
    let mut set = set(MissingKey::Default, &[]);
    match set.parse("t", text) {
        Ok(()) => run_in(&set, Limits::default()),
        Err(error) => error.to_string(),
    }
}

#[test]
fn actions_do_what_go_does() {
    for (text, expected) in [
        ("a {{- 1 -}}  b", "a1b"),
        ("{{/* c */}}x{{- /* d */ -}} y", "xy"),
        ("{{.Values.name}} {{$.Values.count}} {{.Values.map}}", "web 3 map[x:1 y:2]"),
        ("{{.Values.missing}} {{.Values.nothing}} {{.Values.missing.deeper}}", "<no value> <no value> <no value>"),
        ("{{if .Values.name}}yes{{else}}no{{end}}", "yes"),
        ("{{if eq 1 2}}a{{else if eq 2 2}}b{{else}}c{{end}}", "b"),
        ("{{with .Values.none}}a{{else with .Values.name}}{{.}}{{end}}", "web"),
        ("{{range $i, $e := .Values.list}}{{$i}}={{$e}},{{end}}", "0=a,1=b,"),
        ("{{range $k, $v := .Values.map}}{{$k}}{{$v}}{{end}}", "x1y2"),
        ("{{range .Values.none}}a{{else}}empty{{end}}", "empty"),
        ("{{range 4}}{{if eq . 1}}{{continue}}{{end}}{{if eq . 3}}{{break}}{{end}}{{.}}{{end}}", "02"),
        ("{{1i}} {{print 1.5+2i -0i}} {{printf \"%.1f %T\" 1i 2i}}", "(0+1i) (1.5+2i) (0-0i) (0.0+1.0i) complex128"),
        (
            "{{printf \"%d\" 1i}} {{if 0i}}a{{else}}b{{end}} {{eq 1i 1i}} {{eq 1i 2i}}",
            "%!d(complex128=(0+1i)) b true false",
        ),
        ("{{$x := 1}}{{if true}}{{$x = 2}}{{$y := 3}}{{end}}{{$x}}", "2"),
        ("{{define \"d\"}}<{{.}}>{{end}}{{template \"d\" 5}}{{template \"d\"}}", "<5><<no value>>"),
        ("{{block \"b\" .Values.name}}[{{.}}]{{end}}", "[web]"),
        ("{{\"a\" | printf \"%s-%s\" \"b\"}}", "b-a"),
        ("{{(.Values.map).x}} {{(index .Values.list 1)}}", "1 b"),
        ("{{and 1 0 (fail \"x\")}} {{or 0 \"a\" (fail \"x\")}} {{not 1}}", "0 a false"),
        (
            "{{len .Values.list}} {{slice \"hello\" 1 3}} {{html \"<a>\"}} {{urlquery \"a b&\"}}",
            "2 el &lt;a&gt; a+b%26",
        ),
        ("{{'a'}} {{0x10}} {{1e3}} {{1.0}} {{`r\"w`}} {{1_000}}", "97 16 1000 1 r\"w 1000"),
        ("{{.Chart.Name}} {{.Chart.Hello \"you\"}} {{.Chart}}", "demo demo greets you {demo 1}"),
        ("{{.Files.Get \"a.txt\"}} {{index .Files \"a.txt\"}}", "hello [104 101 108 108 111]"),
        ("{{add 1 2 3}}", "int int64 float64"),
        ("{{keys nil}} {{keys .Values.map}} {{keys .Values.missing}}", "[] [x y] []"),
        ("{{range $i := 2}}{{range $j, $_ := $.Values.list}}{{$i}}{{$j}} {{end}}{{end}}", "00 01 10 11 "),
    ] {
        assert_eq!(run(text), expected, "{text}");
    }
}

#[test]
fn errors_say_what_go_says() {
    for (text, expected) in [
        ("{{.Values.name.x}}", "1:9: executing \"t\" at <.Values.name.x>: can't evaluate field x in type interface {}"),
        (
            "\n a {{.Values.nothing.x}}",
            "2:12: executing \"t\" at <.Values.nothing.x>: nil pointer evaluating interface {}.x",
        ),
        ("{{range 2}}{{.x}}{{end}}", "1:13: executing \"t\" at <.x>: can't evaluate field x in type int"),
        ("{{.Chart.Nope}}", "1:8: executing \"t\" at <.Chart.Nope>: can't evaluate field Nope in type interface {}"),
        ("{{.Values.map.x 1}}", "1:9: executing \"t\" at <.Values.map.x>: x is not a method but has arguments"),
        ("{{upper 1}}", "1:8: executing \"t\" at <1>: expected string; found 1"),
        (
            "{{upper .Values.count}}",
            "1:15: executing \"t\" at <.Values.count>: wrong type for value; expected string; got float64",
        ),
        (
            "{{upper .Values.nothing}}",
            "1:15: executing \"t\" at <.Values.nothing>: wrong type for value; expected string; got interface {}",
        ),
        ("{{upper .Values.missing}}", "1:15: executing \"t\" at <.Values.missing>: invalid value; expected string"),
        ("{{upper}}", "1:2: executing \"t\" at <upper>: wrong number of args for upper: want 1 got 0"),
        ("{{1 | fail}}", "1:6: executing \"t\" at <fail>: wrong type for value; expected string; got int"),
        ("{{fail \"no\" | upper}}", "1:2: executing \"t\" at <fail \"no\">: error calling fail: no"),
        (
            "{{eq 1 \"a\"}}",
            "1:2: executing \"t\" at <eq 1 \"a\">: error calling eq: incompatible types for comparison: int and string",
        ),
        ("{{template \"x\" .}}", "1:11: executing \"t\" at <{{template \"x\" .}}>: template \"x\" not defined"),
        ("{{range \"ab\"}}{{end}}", "1:8: executing \"t\" at <\"ab\">: range can't iterate over ab"),
        (
            "{{index .Values.list 5}}",
            "1:2: executing \"t\" at <index .Values.list 5>: error calling index: index out of range: 5",
        ),
        ("{{nil}}", "1:2: executing \"t\" at <nil>: nil is not a command"),
        (
            "{{call .Values.name}}",
            "1:2: executing \"t\" at <call .Values.name>: error calling call: non-function .Values.name of type string",
        ),
        (
            "{{define \"d\"}}\n{{ .x.y.z }}{{end}}{{include \"d\" .Values.map}}",
            "2:21: executing \"t\" at <include \"d\" .Values.map>: error calling include: \
             template: t:2:5: executing \"d\" at <.x.y.z>: can't evaluate field y in type interface {}",
        ),
        (
            "{{tpl \"{{ upper 1 }}\" .}}",
            "1:2: executing \"t\" at <tpl \"{{ upper 1 }}\" .>: error calling tpl: \
             template: gotpl:1:9: executing \"gotpl\" at <1>: expected string; found 1",
        ),
    ] {
        assert_eq!(run(text), format!("template: t:{expected}"), "{text}");
    }
}

#[test]
fn missing_keys_are_what_the_set_says() {
    let text = "{{.Values.missing}}";
    let of = |missing_key| run_in(&set(missing_key, &[("t", text)]), Limits::default());
    assert_eq!(of(MissingKey::Zero), "<no value>");
    assert_eq!(
        of(MissingKey::Error),
        "template: t:1:9: executing \"t\" at <.Values.missing>: map has no entry for key \"missing\""
    );
}

#[test]
fn a_text_sees_templates_and_keeps_its_own_to_itself() {
    let set = set(
        MissingKey::Default,
        &[
            ("helpers", "{{define \"a\"}}A{{end}}{{define \"b\"}}B{{end}}"),
            (
                "t",
                r#"{{tpl "{{define \"a\"}}own{{end}}{{define \"b\"}} {{end}}{{include \"a\" .}}{{template \"b\"}}" .}}{{include "a" .}}"#,
            ),
        ],
    );
    assert_eq!(run_in(&set, Limits::default()), "ownBA");
}

#[test]
fn a_text_is_parsed_once_and_the_cache_is_bounded() {
    let set = set(MissingKey::Default, &[("t", r#"{{range 100}}{{tpl "x" .}}{{end}}"#)]);
    run_in(&set, Limits::default());
    let once = set.texts.bytes();
    run_in(&set, Limits::default());
    assert_eq!((set.texts.bytes(), once < 1000), (once, true));
    let mut set = set;
    set.parse("t", r#"{{range 20000}}{{tpl (printf "%1000d" .) .}}{{end}}"#).unwrap();
    run_in(&set, Limits::default());
    assert!(set.texts.bytes() <= MAX_CACHED_BYTES);
}

#[test]
fn an_empty_template_replaces_nothing() {
    let set = set(MissingKey::Default, &[("t", "full"), ("t", " {{/* empty */}} ")]);
    assert_eq!(run_in(&set, Limits::default()), "full");
}

#[test]
fn limits_end_the_execution() {
    let limited = |text: &str, limits: Limits| run_in(&set(MissingKey::Default, &[("t", text)]), limits);
    let few = Limits { depth: 10, frames: 1000, steps: 1000, bytes: 10_000 };
    let recursion = "{{define \"r\"}}{{template \"r\" .}}{{end}}{{template \"r\" .}}";
    let expected = "template: t:1:25: executing \"r\" at <{{template \"r\" .}}>: exceeded maximum template depth (10)";
    assert_eq!(limited(recursion, few), expected);
    let included = limited("{{define \"r\"}}{{include \"r\" .}}{{end}}{{include \"r\" .}}", few);
    let expected = "template: t:1:16: executing \"r\" at <include \"r\" .>: error calling include: \
         exceeded maximum template depth (10)";
    assert_eq!(included, expected);
    let steps = limited("{{range 100000}}{{end}}", few);
    assert_eq!(steps, "template: t:1:8: executing \"t\" at <100000>: more than 1000 steps");
    let doubled = limited("{{$x := \"ab\"}}{{range 60}}{{$x = print $x $x}}{{end}}", few);
    assert!(doubled.ends_with("more than 10000 bytes produced"), "{doubled}");
    let written = limited("{{range 900}}a long text that is written{{end}}", few);
    assert!(written.ends_with("more than 10000 bytes produced"), "{written}");
    let nested = limited("{{if (print (print (print 1)))}}{{end}}", Limits { frames: 8, ..few });
    let expected = "templates, control structures and calls inside each other take more than 8 frames";
    assert!(nested.ends_with(expected), "{nested}");
    let stopped = limited("{{stop}}", few);
    assert_eq!(stopped, "template: t:1:2: executing \"t\" at <stop>: error calling stop: too much");
}

#[test]
fn deep_recursion_fits_the_stack() {
    let nested =
        format!("{{{{define \"r\"}}}}{}{{{{include \"r\" .}}}}", "{{if (and . (or . (and 1 1)))}}".repeat(400));
    let nested = format!("{nested}{}{{{{template \"r\" .}}}}", "{{end}}".repeat(401));
    let texts = [
        nested.as_str(),
        "{{define \"r\"}}{{template \"r\" .}}{{end}}{{template \"r\" .}}",
        "{{define \"r\"}}{{with .}}{{if .}}{{(include \"r\" (. | list)) | printf \"%s\"}}{{end}}{{end}}{{end}}{{template \"r\" .}}",
        "{{define \"r\"}}{{tpl \"{{include \\\"r\\\" .}}\" .}}{{end}}{{template \"r\" .}}",
    ];
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(8 << 20);
        let results = thread.spawn_scoped(scope, || texts.map(run)).unwrap().join().unwrap();
        for (text, result) in texts.iter().zip(results) {
            let is_limited = result.ends_with("exceeded maximum template depth (1000)")
                || result.ends_with("calls inside each other take more than 4000 frames");
            assert!(is_limited, "{text}: {result}");
        }
    });
}

#[test]
fn what_contains_itself_is_not_printed() {
    let map = Map::new();
    map.insert("self", map.clone());
    let set = set(MissingKey::Default, &[("t", "{{.}}"), ("p", "{{print .}}")]);
    for name in ["t", "p"] {
        let error = set.execute(name, map.clone().into(), &State::default(), &mut Vec::new()).unwrap_err();
        assert!(matches!(&error, ExecError::Limit(message) if message.contains("nested too deep")), "{error}");
    }
    map.remove("self");
}

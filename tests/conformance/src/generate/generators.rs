//! Entries of `configMapGenerator` and `secretGenerator`.

use super::layout::Layout;
use super::resources::{self, NAMESPACES, Object};
use super::scalars;
use super::yaml::{Style, Yaml, list, map, print, raw};

const LITERALS: &[&str] = &[
    "alpha=1",
    "beta=two words",
    "gamma='quoted'",
    "delta=\"quoted\"",
    "\"eps=a: b\"",
    "zeta=",
    "eta=a=b",
    "\"theta=multi\\nline\"",
    "iota=yes",
    "UPPER=été",
    "\"lead= x\"",
    "kappa=2001-01-01",
    "bad",
    "=x",
];
const ENVS: &[&str] = &[
    "A=1\nB=two\n",
    "# comment\nA=1\n\n  B = spaced\n",
    "A=1\r\nB=2\r\n",
    "A='q'\nB=\"q\"\n",
    "FROM_ENV\nA=1\n",
    "\u{feff}A=1\n",
    "A=a=b\nexport B=1\n",
    "1A=x\n",
    "A=été #x\n",
];
const FILES: &[&[u8]] = &[b"text\n", b"no end", b"", b"a: b\nc: d\n", b"line 1\n  line 2\n\n\n", b"\xff\xfe\x00binary", b"crlf\r\nhere\r\n", b"\ttab\n", b" lead\n", b"trail \nx\n", b"\n\nx\n", "\u{e9}\u{1f600}\n".as_bytes(), b"a\x00b", b"a very long line of text that goes on and on beyond what any printer would like to have in one line, and then some more of it\n"];

/// An entry for a generator, of a kind.
pub(super) fn arguments(layout: &mut Layout, dir: &str, kind: &str) -> Yaml {
    let known: Vec<Object> = layout.objects.iter().filter(|object| object.kind == kind).cloned().collect();
    let mut entry = map([]);
    let mut object = Object {
        api_version: "v1".to_owned(),
        kind: kind.to_owned(),
        name: resources::name(&mut layout.dice),
        namespace: String::new(),
        yaml: map([]),
    };
    if !known.is_empty() && layout.dice.coin() {
        let old = &known[layout.dice.below(known.len())];
        (object.name, object.namespace) = (old.name.clone(), old.namespace.clone());
        entry.push("behavior", raw(layout.dice.pick(&["merge", "merge", "replace", "create"])));
    } else if layout.dice.rare(8) {
        entry.push("behavior", raw(layout.dice.pick(&["create", "merge", "replace", "unspecified", "bogus"])));
    }
    if !layout.dice.rare(40) {
        entry.push("name", raw(&object.name));
    }
    if object.namespace.is_empty() && layout.dice.rare(5) {
        object.namespace = layout.dice.word(NAMESPACES);
    }
    if !object.namespace.is_empty() {
        entry.push("namespace", raw(&object.namespace));
    }
    sources(layout, dir, &mut entry);
    if kind == "Secret" && layout.dice.rare(3) {
        entry.push("type", raw(layout.dice.pick(&["Opaque", "kubernetes.io/tls", "my-type"])));
    }
    if layout.dice.rare(3) {
        entry.push("options", options(layout));
    }
    if layout.dice.rare(20) {
        let reversed = match entry {
            Yaml::Map(mut fields) => {
                fields.reverse();
                Yaml::Map(fields)
            }
            other => other,
        };
        entry = reversed;
    }
    object.yaml = map([
        ("apiVersion", raw("v1")),
        ("kind", raw(kind)),
        ("metadata", map([("name", raw(&object.name))])),
        ("data", map([("alpha", raw("1"))])),
    ]);
    layout.objects.push(object);
    entry
}

fn sources(layout: &mut Layout, dir: &str, entry: &mut Yaml) {
    if !layout.dice.rare(4) {
        let count = layout.dice.between(1, 3);
        let usual = if layout.dice.rare(15) { LITERALS.len() } else { LITERALS.len() - 2 };
        let literals = (0..count).map(|_| raw(layout.dice.pick(&LITERALS[..usual]))).collect();
        entry.push("literals", Yaml::List(literals));
    }
    if layout.dice.rare(4) {
        let content = layout.dice.pick(ENVS);
        let name = layout.file(dir, "env", "env", content);
        match layout.dice.rare(5) {
            true => entry.push("env", raw(name)),
            false => entry.push("envs", list([raw(name)])),
        }
    }
    if layout.dice.rare(3) {
        let mut files = Vec::new();
        for index in 0..layout.dice.between(1, 2) {
            let content = FILES[layout.dice.below(FILES.len())];
            let name = layout.file(dir, "file", "txt", content);
            files.push(match layout.dice.rare(3) {
                true => raw(format!("named{index}={name}")),
                false => raw(name),
            });
        }
        entry.push("files", Yaml::List(files));
    }
    if layout.dice.rare(30) {
        let text = scalars::block(&mut layout.dice);
        let text = print(&map([("x", text)]), &Style::plain(), &mut layout.dice);
        let name = layout.file(dir, "file", "yaml", text);
        entry.set("files", list([raw(name)]));
    }
}

/// `options` and `generatorOptions`.
pub(super) fn options(layout: &mut Layout) -> Yaml {
    let mut options = map([]);
    let dice = &mut layout.dice;
    if dice.coin() {
        options.push("disableNameSuffixHash", raw(dice.pick(&["true", "false"])));
    }
    if dice.rare(3) {
        options.push("immutable", raw(dice.pick(&["true", "false"])));
    }
    if dice.rare(3) {
        let labels = resources::labels(dice);
        options.push("labels", labels);
    }
    if dice.rare(3) {
        options.push("annotations", map([("note", scalars::string(dice))]));
    }
    options
}

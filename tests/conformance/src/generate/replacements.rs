//! `replacements` and `vars`.

use super::dice::Dice;
use super::layout::Layout;
use super::patches::{self, selector};
use super::resources::Object;
use super::yaml::{Yaml, list, map, raw};

/// A field path of replacements into an object.
fn field_path(dice: &mut Dice, object: &Object) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut node = &object.yaml;
    for part in patches::path(dice, &object.yaml) {
        let shown = match node {
            Yaml::List(items) => match items.get(part.parse::<usize>().unwrap_or_default()) {
                Some(item) if item.get("name").is_some() && dice.coin() => {
                    format!("[name={}]", item.get("name").map_or("", Yaml::text))
                }
                _ if dice.rare(4) => "*".to_owned(),
                _ if dice.rare(20) => "-".to_owned(),
                _ => part.clone(),
            },
            _ if part.contains('.') && dice.coin() => format!("[{part}]"),
            _ => part.replace('.', "\\."),
        };
        node = match node {
            Yaml::Anchored(_, inner) => inner,
            other => other,
        };
        node = match node {
            Yaml::Map(fields) => match fields.iter().find(|(key, _)| key.trim_matches(['"', '\'']) == part) {
                Some((_, value)) => value,
                None => node,
            },
            Yaml::List(items) => part.parse::<usize>().ok().and_then(|index| items.get(index)).unwrap_or(node),
            other => other,
        };
        parts.push(shown);
    }
    if dice.rare(12) {
        parts.push(dice.word(&["new", "0", "[name=main]", "*", "missing.deep", "[app.kubernetes.io/name]"]));
    }
    // A generated object with another kind gets a hash of what the original has in memory.
    if parts == ["kind"] {
        return "metadata.name".to_owned();
    }
    parts.join(".")
}

fn options(dice: &mut Dice, is_target: bool) -> Yaml {
    let mut options = map([]);
    if dice.coin() {
        options.push("delimiter", raw(dice.pick(&["\":\"", "\"/\"", "\"-\"", "\".\"", "\" \""])));
    }
    if dice.coin() {
        options.push("index", raw(dice.pick(&["0", "1", "-1", "2", "5"])));
    }
    if is_target && dice.coin() {
        options.push("create", raw("true"));
    }
    if dice.rare(10) {
        options.push("encoding", raw("base64"));
    }
    options
}

fn source(dice: &mut Dice, object: &Object) -> Yaml {
    let (group, version) = object.api_version.split_once('/').unwrap_or(("", &object.api_version));
    let mut source = map([("kind", raw(&object.kind))]);
    if !dice.rare(10) {
        source.push("name", raw(&object.name));
    }
    if dice.rare(8) && !object.namespace.is_empty() {
        source.push("namespace", raw(&object.namespace));
    }
    if dice.rare(8) {
        source.push("version", raw(version));
    }
    if dice.rare(8) && !group.is_empty() {
        source.push("group", raw(group));
    }
    if dice.coin() {
        let path = field_path(dice, object);
        source.push("fieldPath", raw(format!("{path:?}")));
    }
    if dice.rare(5) {
        source.push("options", options(dice, false));
    }
    source
}

fn target(layout: &mut Layout) -> Yaml {
    let object = layout.any_object();
    let dice = &mut layout.dice;
    let mut target = map([]);
    if !dice.rare(40) {
        target.push("select", selector(dice, &object));
    }
    if dice.rare(8) {
        let rejected = selector(dice, &object);
        target.push("reject", list([rejected]));
    }
    if !dice.rare(8) {
        let count = dice.between(1, 2);
        let paths = (0..count).map(|_| raw(format!("{:?}", field_path(dice, &object)))).collect();
        target.push("fieldPaths", Yaml::List(paths));
    }
    if dice.rare(3) {
        target.push("options", options(dice, true));
    }
    target
}

/// An entry of `replacements`.
pub(super) fn entry(layout: &mut Layout, dir: &str) -> Yaml {
    let object = layout.any_object();
    let mut entry = map([]);
    if layout.dice.rare(6) {
        entry.push("sourceValue", raw(layout.dice.mostly(&["static", "\"5\"", "a:b:c"], 15, &["5", "true"])));
    } else {
        entry.push("source", source(&mut layout.dice, &object));
    }
    let count = layout.dice.between(1, 2);
    let targets = (0..count).map(|_| target(layout)).collect();
    entry.push("targets", Yaml::List(targets));
    if layout.dice.rare(6) {
        let content = if layout.dice.coin() { list([entry]) } else { entry };
        let name = layout.yaml_file(dir, "replacement", &content);
        return map([("path", raw(name))]);
    }
    entry
}

/// `vars`, with the name that the texts refer to.
pub(super) fn vars(layout: &mut Layout) -> Yaml {
    let mut vars = Vec::new();
    for name in ["NAME", "VAR"] {
        let object = layout.any_object();
        let dice = &mut layout.dice;
        if dice.rare(3) {
            continue;
        }
        let mut reference =
            map([("apiVersion", raw(&object.api_version)), ("kind", raw(&object.kind)), ("name", raw(&object.name))]);
        if !object.namespace.is_empty() && dice.coin() {
            reference.push("namespace", raw(&object.namespace));
        }
        let mut var = map([("name", raw(name)), ("objref", reference)]);
        if dice.coin() {
            let path = field_path(dice, &object);
            var.push("fieldref", map([("fieldpath", raw(format!("{path:?}")))]));
        }
        vars.push(var);
    }
    Yaml::List(vars)
}

//! Patches of all forms, and selectors.

use super::dice::Dice;
use super::layout::Layout;
use super::resources::{self, NAMES, NAMESPACES, Object};
use super::scalars;
use super::yaml::{Yaml, flow, list, map, raw};

/// A selector that mostly selects the object.
pub(super) fn selector(dice: &mut Dice, object: &Object) -> Yaml {
    let (group, version) = object.api_version.split_once('/').unwrap_or(("", &object.api_version));
    let mut result = map([]);
    if !dice.rare(4) {
        result.push("kind", raw(if dice.rare(8) { regex(dice, &object.kind) } else { object.kind.clone() }));
    }
    if dice.coin() {
        result.push("name", raw(if dice.rare(4) { regex(dice, &object.name) } else { object.name.clone() }));
    }
    if dice.rare(6) {
        let namespace = if object.namespace.is_empty() { "default" } else { &object.namespace };
        result.push("namespace", raw(if dice.rare(3) { regex(dice, namespace) } else { namespace.to_owned() }));
    }
    if dice.rare(5) && !group.is_empty() {
        result.push("group", raw(group));
    }
    if dice.rare(5) {
        result.push("version", raw(version));
    }
    if dice.rare(10) {
        result.push(
            "labelSelector",
            raw(dice.pick(&[
                "app=web",
                "app",
                "\"!app\"",
                "app in (web, db)",
                "app!=web",
                "tier notin (x),app",
                "app==app",
                "env=,app",
                "a b",
                "\"app = web, tier\"",
            ])),
        );
    }
    if dice.rare(14) {
        result.push(
            "annotationSelector",
            raw(dice.pick(&["note", "note=alpha", "\"!note\"", "example.com/owner in (alpha)"])),
        );
    }
    result
}

fn regex(dice: &mut Dice, text: &str) -> String {
    match dice.below(8) {
        0 => ".*".to_owned(),
        1 => format!("{}.*", &text[..1]),
        2 => format!("{text}|other"),
        3 => format!("^{text}$"),
        4 => format!("({text})"),
        5 => text[..text.len() - 1].to_owned(),
        6 => format!("\"{text}[a-z]*\""),
        _ => format!("\"(?i){}\"", text.to_uppercase()),
    }
}

fn head(object: &Object) -> Yaml {
    let mut metadata = map([("name", raw(&object.name))]);
    if !object.namespace.is_empty() {
        metadata.push("namespace", raw(&object.namespace));
    }
    map([("apiVersion", raw(&object.api_version)), ("kind", raw(&object.kind)), ("metadata", metadata)])
}

/// A strategic merge patch for an object: parts of it changed, and directives.
pub(super) fn strategic(dice: &mut Dice, object: &Object) -> Yaml {
    let mut patch = head(object);
    if dice.rare(15) {
        patch.push("$patch", raw(dice.pick(&["delete", "replace", "merge"])));
        return patch;
    }
    if dice.rare(4) {
        let labels = if dice.rare(4) { map([("app", raw("null"))]) } else { resources::labels(dice) };
        patch.get_mut("metadata").expect("the head has it").push("labels", labels);
    }
    if dice.rare(30) {
        let annotations = if dice.coin() { raw("null") } else { map([("$patch", raw("replace")), ("note", raw("x"))]) };
        patch.get_mut("metadata").expect("the head has it").push("annotations", annotations);
    } else if dice.rare(6) {
        patch.get_mut("metadata").expect("the head has it").push("annotations", map([("note", scalars::value(dice))]));
    }
    let Yaml::Map(fields) = &object.yaml else { return patch };
    for (key, value) in fields {
        if !matches!(key.as_str(), "apiVersion" | "kind" | "metadata") && !dice.rare(5) {
            patch.push(key, changed(dice, value, 0));
        }
    }
    patch
}

/// A part of a tree, changed somewhat.
fn changed(dice: &mut Dice, yaml: &Yaml, depth: usize) -> Yaml {
    match yaml {
        Yaml::Map(fields) => changed_map(dice, fields, depth),
        Yaml::List(items) => changed_list(dice, items, depth),
        Yaml::Anchored(_, inner) => changed(dice, inner, depth),
        other => match dice.below(4) {
            0 if depth > 1 && dice.rare(3) => raw("null"),
            0 | 1 => scalars::value(dice),
            _ => other.clone(),
        },
    }
}

fn changed_map(dice: &mut Dice, fields: &[(String, Yaml)], depth: usize) -> Yaml {
    let mut result = map([]);
    if dice.rare(25) {
        result.push("$patch", raw(dice.pick(&["delete", "replace", "merge", "bogus"])));
    }
    if dice.rare(40) {
        let keys = fields.iter().map(|(key, _)| raw(key)).take(1).collect();
        result.push("$retainKeys", Yaml::List(keys));
    }
    for (key, value) in fields {
        if key == "<<" || value.text().starts_with('*') {
            continue;
        }
        let is_key = matches!(
            key.as_str(),
            "name" | "containerPort" | "port" | "mountPath" | "protocol" | "kind" | "key" | "ip" | "topologyKey"
        );
        if is_key && !dice.rare(20) {
            result.push(key, value.clone());
        } else if dice.rare(2) || depth < 2 {
            result.push(key, changed(dice, value, depth + 1));
        }
    }
    if dice.rare(6) {
        let (key, value) = (scalars::key(dice), resources::tree(dice, 1));
        result.set(&key, value);
    }
    result
}

fn changed_list(dice: &mut Dice, items: &[Yaml], depth: usize) -> Yaml {
    let mut result: Vec<Yaml> = Vec::new();
    for item in items {
        if dice.rare(3) {
            continue;
        }
        let mut item = changed(dice, item, depth + 1);
        if dice.rare(15) {
            item.push("$patch", raw("delete"));
        }
        result.push(item);
    }
    if dice.rare(4) {
        result.insert(
            0,
            if items.iter().all(|item| matches!(item, Yaml::Map(_))) { named(dice) } else { scalars::value(dice) },
        );
    }
    if dice.rare(30) {
        result.push(map([("$patch", raw("replace"))]));
    }
    if dice.rare(3) {
        result.reverse();
    }
    Yaml::List(result)
}

fn named(dice: &mut Dice) -> Yaml {
    let key = dice.word(&["name", "name", "containerPort", "port", "mountPath", "key"]);
    let value = if key.ends_with("ort") { "81" } else { dice.pick(&["extra", "main", "data", "config"]) };
    let mut result = map([(&key, raw(value))]);
    if dice.coin() {
        result.push("value", scalars::value(dice));
    }
    result
}

/// A random path into a tree, as its parts; the node that it leads to.
pub(super) fn path(dice: &mut Dice, yaml: &Yaml) -> Vec<String> {
    let mut parts = Vec::new();
    let mut node = yaml;
    loop {
        if !parts.is_empty() && dice.rare(5) {
            return parts;
        }
        match node {
            Yaml::Anchored(_, inner) => node = inner,
            Yaml::Map(fields) if !fields.is_empty() => {
                let (key, value) = &fields[dice.below(fields.len())];
                parts.push(key.trim_matches(['"', '\'']).to_owned());
                node = value;
            }
            Yaml::List(items) if !items.is_empty() => {
                let index = dice.below(items.len());
                parts.push(index.to_string());
                node = &items[index];
            }
            _ => return parts,
        }
    }
}

fn pointer(parts: &[String]) -> String {
    parts.iter().map(|part| format!("/{}", part.replace('~', "~0").replace('/', "~1"))).collect()
}

/// A JSON 6902 patch.
pub(super) fn operations(dice: &mut Dice, object: &Object) -> Yaml {
    let count = dice.between(1, 3);
    Yaml::List((0..count).map(|_| operation(dice, object)).collect())
}

fn operation(dice: &mut Dice, object: &Object) -> Yaml {
    let mut parts = path(dice, &object.yaml);
    if parts == ["kind"] {
        // As for replacements.
        parts = vec!["metadata".to_owned(), "name".to_owned()];
    }
    let existing = raw(format!("{:?}", pointer(&parts)));
    match dice.below(10) {
        0 | 1 => map([("op", raw("remove")), ("path", existing)]),
        2..=4 => map([("op", raw("replace")), ("path", existing), ("value", new_value(dice))]),
        5 if dice.coin() => {
            let other = pointer(&path(dice, &object.yaml));
            let operation = dice.word(&["move", "copy"]);
            map([("op", raw(operation)), ("from", existing), ("path", raw(format!("{other:?}")))])
        }
        5 => map([("op", raw("test")), ("path", existing), ("value", new_value(dice))]),
        _ => {
            match dice.below(4) {
                0 => {
                    parts.pop();
                    parts.push("-".to_owned());
                }
                1 => {
                    parts.pop();
                    parts.push(dice.word(&["new", "0", "1", "app.kubernetes.io/x", "9", "-1", "a~b"]));
                }
                _ => {}
            }
            map([("op", raw("add")), ("path", raw(format!("{:?}", pointer(&parts)))), ("value", new_value(dice))])
        }
    }
}

fn new_value(dice: &mut Dice) -> Yaml {
    match dice.below(4) {
        0 => resources::tree(dice, 2),
        1 => list([scalars::value(dice)]),
        _ => scalars::value(dice),
    }
}

/// An entry of `patches`.
pub(super) fn entry(layout: &mut Layout, dir: &str) -> Yaml {
    let object = layout.any_object();
    let is_json = layout.dice.coin();
    let mut entry = map([]);
    let mut patch = if is_json { operations(&mut layout.dice, &object) } else { strategic(&mut layout.dice, &object) };
    let dice = &mut layout.dice;
    let mut needs_target = is_json && !dice.rare(40);
    if !is_json && dice.rare(8) {
        rename(dice, &mut patch);
        needs_target = true;
        if !dice.rare(4) {
            entry.push("options", map([(dice.pick(&["allowNameChange", "allowKindChange"]), raw("true"))]));
        }
    }
    if needs_target || dice.rare(3) {
        entry.push("target", selector(dice, &object));
    }
    if is_json && dice.rare(3) {
        let text = json(&patch);
        match text {
            Some(text) if dice.coin() => entry.push("patch", super::yaml::text_block(&text)),
            Some(text) => entry.push("path", raw(layout.file(dir, "patch", "json", text))),
            None => entry.push("patch", layout.print_inline(&patch)),
        }
    } else if dice.coin() {
        entry.push("patch", layout.print_inline(&patch));
    } else {
        let mut text = layout.print(&patch);
        if !is_json && layout.dice.rare(8) {
            let other = layout.any_object();
            let second = strategic(&mut layout.dice, &other);
            text = format!("{text}---\n{}", layout.print(&second));
        }
        entry.push("path", raw(layout.file(dir, "patch", "yaml", text)));
    }
    entry
}

/// The patch as JSON, when its flow form is JSON.
fn json(patch: &Yaml) -> Option<String> {
    let Yaml::List(items) = patch else { return None };
    let mut lines = Vec::new();
    for item in items {
        let Yaml::Map(fields) = item else { return None };
        let fields: Vec<String> = fields.iter().map(|(key, value)| format!("{key:?}: {}", flow(value))).collect();
        lines.push(format!("{{{}}}", fields.join(", ")));
    }
    let text = format!("[{}]\n", lines.join(",\n"));
    let quoted = text
        .replace("\"op\": ", "\"op\": \"")
        .replace(", \"path\"", "\", \"path\"")
        .replace(", \"from\"", "\", \"from\"");
    serde_json::from_str::<serde_json::Value>(&quoted).is_ok().then_some(quoted)
}

fn rename(dice: &mut Dice, patch: &mut Yaml) {
    if dice.coin() {
        let name = dice.word(NAMES);
        let metadata = patch.get_mut("metadata").expect("the head has it");
        metadata.set("name", raw(format!("{name}-renamed")));
        if dice.rare(4) {
            metadata.set("namespace", raw(dice.pick(NAMESPACES)));
        }
    } else {
        patch.set("kind", raw(dice.pick(&["StatefulSet", "Widget", "ConfigMap"])));
    }
}

/// `patchesStrategicMerge` and `patchesJson6902`.
pub(super) fn old_entries(layout: &mut Layout, dir: &str, file: &mut Yaml) {
    let object = layout.any_object();
    if layout.dice.coin() {
        let patch = strategic(&mut layout.dice, &object);
        let entry = match layout.dice.coin() {
            true => layout.print_inline(&patch),
            false => raw(layout.yaml_file(dir, "patch", &patch)),
        };
        file.set("patchesStrategicMerge", list([entry]));
        return;
    }
    let patch = operations(&mut layout.dice, &object);
    let (group, version) = object.api_version.split_once('/').unwrap_or(("", &object.api_version));
    let mut target = map([("version", raw(version)), ("kind", raw(&object.kind)), ("name", raw(&object.name))]);
    if !group.is_empty() {
        target.push("group", raw(group));
    }
    if !object.namespace.is_empty() {
        target.push("namespace", raw(&object.namespace));
    }
    let mut entry = map([("target", target)]);
    match layout.dice.coin() {
        true => entry.push("patch", layout.print_inline(&patch)),
        false => entry.push("path", raw(layout.yaml_file(dir, "patch", &patch))),
    }
    file.set("patchesJson6902", list([entry]));
}

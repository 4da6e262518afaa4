//! Fields of a kustomization file as few people write them.

use super::fields::{append, append_config};
use super::layout::Layout;
use super::resources::{self, NAMESPACES};
use super::yaml::{Yaml, list, map, raw};
use super::{plugins, scalars};

/// Paths of field specifications, some of which lead nowhere.
const PATHS: &[&str] = &[
    "metadata/name",
    "metadata/labels",
    "metadata/annotations",
    "metadata/annotations/note",
    "metadata/labels/app\\.kubernetes\\.io~1name",
    "spec/template/metadata/labels",
    "spec/template/metadata/annotations",
    "spec/template/spec/containers/image",
    "spec/template/spec/containers[]/image",
    "spec/template/spec/containers[]/env[]/value",
    "spec/selector/matchLabels",
    "spec/replicas",
    "spec/items[]/new",
    "spec/items/value",
    "spec/ports/0/port",
    "spec/ref",
    "data",
    "data/alpha",
    "/metadata/name",
    "metadata//labels",
    "subjects/name",
    "spec/*/name",
    "spec",
];
const KINDS: &[&str] =
    &["Deployment", "StatefulSet", "CronJob", "ConfigMap", "Secret", "Service", "Widget", "Namespace", "Role"];

/// Adds a field, or an entry to one that is there.
pub(super) fn add(layout: &mut Layout, dir: &str, file: &mut Yaml) {
    match layout.dice.below(12) {
        0..=2 => {
            let plugin = transformer(layout);
            append_config(layout, dir, file, "transformers", &plugin);
        }
        3 => {
            let text = raw(layout.dice.pick(&["$(VAR)", "a-$(VAR)-$(NAME)", "$$(VAR)", "\"$(NAME)$(VAR)\""]));
            file.set("commonAnnotations", map([("note", text), ("other", scalars::string(&mut layout.dice))]));
            if file.get("vars").is_none() {
                file.set("vars", vars(layout));
            }
        }
        4 => append(file, "labels", label(layout)),
        5 => file.set("sortOptions", sort_options(layout)),
        6 => {
            let content =
                map([("images", specs(layout)), ("commonLabels", specs(layout)), ("replicas", specs(layout))]);
            append_configuration(layout, dir, file, &content);
        }
        7 => {
            let content = map([("varReference", specs(layout)), ("namePrefix", specs(layout))]);
            append_configuration(layout, dir, file, &content);
        }
        8 => {
            let kind = layout.dice.word(KINDS);
            let reference = map([("kind", raw(kind)), ("fieldSpecs", specs(layout))]);
            append_configuration(layout, dir, file, &map([("nameReference", list([reference]))]));
        }
        9 => {
            for option in ["originAnnotations", "transformerAnnotations", "managedByLabel"] {
                if layout.dice.coin() {
                    append(file, "buildMetadata", raw(option));
                }
            }
        }
        10 => append(file, "patches", removal(layout)),
        _ => append(file, "replacements", whole_copy(layout)),
    }
}

fn append_configuration(layout: &mut Layout, dir: &str, file: &mut Yaml, content: &Yaml) {
    let name = layout.yaml_file(dir, "config", content);
    append(file, "configurations", raw(name));
}

fn specs(layout: &mut Layout) -> Yaml {
    let count = layout.dice.between(1, 3);
    let specs = (0..count).map(|_| {
        let dice = &mut layout.dice;
        let mut spec = map([("path", raw(format!("{:?}", dice.pick(PATHS))))]);
        if dice.coin() {
            spec.push("create", raw(dice.pick(&["true", "false"])));
        }
        if dice.coin() {
            spec.push("kind", raw(dice.pick(KINDS)));
        }
        if dice.rare(6) {
            spec.push("group", raw(dice.pick(&["apps", "example.com", "batch"])));
        }
        if dice.rare(6) {
            spec.push("version", raw(dice.pick(&["v1", "v1beta1"])));
        }
        spec
    });
    Yaml::List(specs.collect())
}

/// A transformer with fields of its own.
fn transformer(layout: &mut Layout) -> Yaml {
    let name = layout.any_object().name;
    let (kind, field, value) = match layout.dice.below(8) {
        0 => ("AnnotationsTransformer", "annotations", map([("note", scalars::string(&mut layout.dice))])),
        1 => ("LabelTransformer", "labels", resources::labels(&mut layout.dice)),
        2 => ("ImageTagTransformer", "imageTag", plugins::image(layout)),
        3 => ("PrefixTransformer", "prefix", raw("pp-")),
        4 => ("SuffixTransformer", "suffix", raw("-ss")),
        5 => ("ReplicaCountTransformer", "replica", map([("name", raw(name)), ("count", raw("2"))])),
        6 => ("NamespaceTransformer", "unsetOnly", raw(layout.dice.pick(&["true", "false"]))),
        _ => ("ValueAddTransformer", "value", raw(layout.dice.pick(&["added", "a/b", "\"5\""]))),
    };
    let mut plugin = plugins::head(kind);
    plugin.push(field, value);
    match kind {
        "NamespaceTransformer" => {
            plugin.get_mut("metadata").expect("the head has it").push("namespace", raw(layout.dice.pick(NAMESPACES)));
        }
        "ValueAddTransformer" => {
            let path = format!("{:?}", layout.dice.pick(PATHS));
            plugin.push("targets", list([map([("fieldPath", raw(path))])]));
            return plugin;
        }
        _ => {}
    }
    plugin.push("fieldSpecs", specs(layout));
    plugin
}

fn vars(layout: &mut Layout) -> Yaml {
    let object = layout.any_object();
    let reference =
        map([("apiVersion", raw(&object.api_version)), ("kind", raw(&object.kind)), ("name", raw(&object.name))]);
    let mut var = map([("name", raw("VAR")), ("objref", reference)]);
    let path =
        layout.dice.word(&["metadata.name", "metadata.namespace", "spec.replicas", "spec.ports[0].port", "data"]);
    if layout.dice.coin() {
        var.push("fieldref", map([("fieldpath", raw(path))]));
    }
    list([var])
}

fn label(layout: &mut Layout) -> Yaml {
    let mut label = map([("pairs", resources::labels(&mut layout.dice))]);
    for flag in ["includeSelectors", "includeTemplates", "includeVolumeClaimTemplates"] {
        if layout.dice.rare(3) {
            label.push(flag, raw(layout.dice.pick(&["true", "false"])));
        }
    }
    if layout.dice.coin() {
        label.push("fields", specs(layout));
    }
    label
}

fn sort_options(layout: &mut Layout) -> Yaml {
    let kinds = |layout: &mut Layout| {
        let count = layout.dice.below(4);
        Yaml::List((0..count).map(|_| raw(layout.dice.pick(KINDS))).collect())
    };
    let mut order = map([]);
    if !layout.dice.rare(4) {
        order.push("orderFirst", kinds(layout));
    }
    if !layout.dice.rare(4) {
        order.push("orderLast", kinds(layout));
    }
    map([("order", raw("legacy")), ("legacySortOptions", order)])
}

/// A patch that leaves nothing of something.
fn removal(layout: &mut Layout) -> Yaml {
    let object = layout.any_object();
    let mut patch = map([
        ("apiVersion", raw(&object.api_version)),
        ("kind", raw(&object.kind)),
        ("metadata", map([("name", raw(&object.name))])),
    ]);
    if !object.namespace.is_empty() {
        patch.get_mut("metadata").expect("made above").push("namespace", raw(&object.namespace));
    }
    if let Yaml::Map(fields) = &object.yaml {
        for (key, _) in fields.iter().filter(|(key, _)| !matches!(key.as_str(), "apiVersion" | "kind" | "metadata")) {
            let nothing = ["{$patch: replace}", "{$patch: delete}", "{}", "null", "[]", "{$retainKeys: [a]}"];
            patch.push(key, raw(layout.dice.pick(&nothing)));
        }
    }
    map([("patch", layout.print_inline(&patch))])
}

/// A replacement of collections.
fn whole_copy(layout: &mut Layout) -> Yaml {
    let (from, to) = (layout.any_object(), layout.any_object());
    let path =
        |layout: &mut Layout| raw(layout.dice.pick(&["metadata.labels", "metadata.annotations", "spec", "data"]));
    let source = map([("kind", raw(&from.kind)), ("name", raw(&from.name)), ("fieldPath", path(layout))]);
    let mut target = map([
        ("select", map([("kind", raw(&to.kind)), ("name", raw(&to.name))])),
        ("fieldPaths", list([path(layout)])),
    ]);
    if layout.dice.coin() {
        target.push("options", map([("create", raw("true"))]));
    }
    map([("source", source), ("targets", list([target]))])
}

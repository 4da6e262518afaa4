//! Builtin plugins that are configured by files of their own, and configurations.

use super::generators;
use super::layout::Layout;
use super::patches;
use super::replacements;
use super::resources::{self, NAMESPACES};
use super::yaml::{Yaml, list, map, quoted, raw};

pub(super) fn head(kind: &str) -> Yaml {
    map([("apiVersion", raw("builtin")), ("kind", raw(kind)), ("metadata", map([("name", raw("plugin"))]))])
}

fn specs(layout: &mut Layout, usual: &str) -> Yaml {
    let mut first = map([("path", raw(usual))]);
    if layout.dice.coin() {
        first.push("create", raw("true"));
    }
    let mut all = vec![first];
    if layout.dice.rare(3) {
        all.push(map([
            (
                "path",
                raw(layout.dice.pick(&[
                    "spec/template/metadata/labels",
                    "spec/ref/name",
                    "metadata/annotations",
                    "spec/items/value",
                    "data/new",
                    "spec/items[]/new",
                ])),
            ),
            ("kind", raw(layout.dice.pick(&["Deployment", "Widget", "ConfigMap"]))),
        ]));
    }
    Yaml::List(all)
}

/// A transformer's configuration.
pub(super) fn transformer(layout: &mut Layout, dir: &str) -> Yaml {
    let layout_is_odd = layout.dice.rare(4);
    let kind = layout.dice.word(&[
        "AnnotationsTransformer",
        "LabelTransformer",
        "ImageTagTransformer",
        "NamespaceTransformer",
        "NamespaceTransformer",
        "PatchTransformer",
        "PatchJson6902Transformer",
        "PatchStrategicMergeTransformer",
        "PrefixTransformer",
        "SuffixTransformer",
        "PrefixSuffixTransformer",
        "ReplacementTransformer",
        "ReplicaCountTransformer",
        "ValueAddTransformer",
        "HashTransformer",
        if layout_is_odd { "BogusTransformer" } else { "HashTransformer" },
        if layout_is_odd { "ConfigMapGenerator" } else { "PatchTransformer" },
    ]);
    let mut plugin = head(&kind);
    let object = layout.any_object();
    match kind.as_str() {
        "AnnotationsTransformer" => {
            plugin.push("annotations", map([("note", raw("plugin"))]));
            plugin.push("fieldSpecs", specs(layout, "metadata/annotations"));
        }
        "LabelTransformer" => {
            plugin.push("labels", resources::labels(&mut layout.dice));
            plugin.push("fieldSpecs", specs(layout, "metadata/labels"));
        }
        "ImageTagTransformer" => {
            plugin.push("imageTag", image(layout));
            if layout.dice.coin() {
                plugin.push("fieldSpecs", specs(layout, "spec/image"));
            }
        }
        "NamespaceTransformer" => {
            plugin.get_mut("metadata").expect("the head has it").push("namespace", raw(layout.dice.pick(NAMESPACES)));
            if layout.dice.coin() {
                plugin.push("unsetOnly", raw("true"));
            }
            if layout.dice.coin() {
                plugin.push(
                    "setRoleBindingSubjects",
                    raw(layout.dice.pick(&[
                        "none",
                        "defaultOnly",
                        "allServiceAccounts",
                        "allServiceAccounts",
                        "bogus",
                    ])),
                );
            }
            if layout.dice.coin() {
                plugin.push("fieldSpecs", list([map([("path", raw("metadata/namespace")), ("create", raw("true"))])]));
            }
        }
        "PatchTransformer" => {
            let Yaml::Map(fields) = patches::entry(layout, dir) else { return plugin };
            fields.into_iter().for_each(|(key, value)| plugin.push(&key, value));
        }
        "PatchJson6902Transformer" => {
            let operations = patches::operations(&mut layout.dice, &object);
            plugin.push("target", map([("kind", raw(&object.kind)), ("name", raw(&object.name))]));
            plugin.push("jsonOp", layout.print_inline(&operations));
        }
        "PatchStrategicMergeTransformer" => {
            let patch = patches::strategic(&mut layout.dice, &object);
            match layout.dice.coin() {
                true => plugin.push("patches", layout.print_inline(&patch)),
                false => plugin.push("paths", list([raw(layout.yaml_file(dir, "patch", &patch))])),
            }
        }
        "ReplacementTransformer" => plugin.push("replacements", list([replacements::entry(layout, dir)])),
        "ReplicaCountTransformer" => {
            plugin.push("replica", map([("name", raw(&object.name)), ("count", raw("7"))]));
            plugin.push(
                "fieldSpecs",
                list([map([("path", raw("spec/replicas")), ("create", raw("true")), ("kind", raw("Deployment"))])]),
            );
        }
        "ValueAddTransformer" => {
            plugin.push("value", raw(layout.dice.pick(&["added", "a/b", ""])));
            let mut target = map([(
                "fieldPath",
                raw(layout.dice.pick(&["metadata/name", "spec/ref/name", "data/alpha", "metadata/labels/new"])),
            )]);
            if layout.dice.coin() {
                target.push("selector", patches::selector(&mut layout.dice, &object));
            }
            if layout.dice.coin() {
                target.push("filePathPosition", raw(layout.dice.pick(&["1", "2", "0", "-1"])));
            }
            plugin.push("targets", list([target]));
        }
        _ => {
            plugin.push("prefix", raw("pp-"));
            plugin.push("suffix", raw("-ss"));
            plugin.push("fieldSpecs", specs(layout, "metadata/name"));
        }
    }
    plugin
}

pub(super) fn image(layout: &mut Layout) -> Yaml {
    let dice = &mut layout.dice;
    let name = dice.word(&[
        "nginx",
        "nginx",
        "registry.local:5000/team/web",
        "redis",
        "my.app/my-image",
        "docker.io/library/nginx",
        "ngin.",
        "\"nginx:1.25\"",
        "web",
    ]);
    let mut image = map([("name", raw(name))]);
    if dice.coin() {
        image.push("newName", raw(dice.pick(&["other", "registry:5000/new/nginx", "nginx"])));
    }
    if dice.coin() {
        image.push("newTag", raw(dice.mostly(&["v2", "\"1.0\"", "latest"], 12, &["1.0", "\"\""])));
    }
    if dice.rare(4) {
        image.push("digest", raw("sha256:0123456789abcdef"));
    }
    if dice.rare(12) {
        image.push("tagSuffix", raw("-alpine"));
    }
    image
}

/// A generator's configuration.
pub(super) fn generator(layout: &mut Layout, dir: &str) -> Yaml {
    let (kind, made) = *layout.dice.pick(&[&("ConfigMapGenerator", "ConfigMap"), &("SecretGenerator", "Secret")]);
    let mut plugin = head(kind);
    let Yaml::Map(fields) = generators::arguments(layout, dir, made) else { return plugin };
    fields.into_iter().filter(|(key, _)| key != "name").for_each(|(key, value)| plugin.push(&key, value));
    if layout.dice.coin() {
        plugin.set("name", raw(resources::name(&mut layout.dice)));
    }
    plugin
}

/// A file of `configurations`.
pub(super) fn configuration(layout: &mut Layout) -> Yaml {
    let mut result = map([]);
    for _ in 0..layout.dice.between(1, 2) {
        match layout.dice.below(9) {
            0 => result.set("namePrefix", list([map([("path", raw("spec/ref/name")), ("kind", raw("Widget"))])])),
            1 => result.set(
                "commonLabels",
                list([map([("path", raw("spec/labels")), ("create", raw("true")), ("kind", raw("Widget"))])]),
            ),
            2 => result
                .set("commonAnnotations", list([map([("path", raw("spec/annotations")), ("create", raw("true"))])])),
            3 => result.set(
                "nameReference",
                list([map([
                    ("kind", raw("ConfigMap")),
                    ("version", raw("v1")),
                    ("fieldSpecs", list([map([("path", raw("spec/ref/name")), ("kind", raw("Widget"))])])),
                ])]),
            ),
            4 => result.set(
                "nameReference",
                list([map([
                    ("kind", raw("Widget")),
                    (
                        "fieldSpecs",
                        list([map([
                            ("path", raw("spec/scaleTargetRef/name")),
                            ("kind", raw("HorizontalPodAutoscaler")),
                        ])]),
                    ),
                ])]),
            ),
            5 => result.set("images", list([map([("path", raw("spec/image")), ("kind", raw("Widget"))])])),
            6 => result.set(
                "varReference",
                list([map([("path", raw("spec/tree")), ("kind", raw("Widget"))]), map([("path", raw("data"))])]),
            ),
            7 => result.set(
                "replicas",
                list([map([("path", raw("spec/size")), ("kind", raw("Widget")), ("create", raw("true"))])]),
            ),
            _ => result.set(
                "namespace",
                list([map([("path", raw("spec/namespace")), ("create", raw("true")), ("kind", raw("Widget"))])]),
            ),
        }
    }
    result
}

/// Definitions for `crds`.
pub(super) fn definitions(layout: &mut Layout) -> Yaml {
    let reference = map([
        ("type", raw("object")),
        ("x-kubernetes-object-ref-api-version", raw("v1")),
        ("x-kubernetes-object-ref-kind", raw(layout.dice.pick(&["ConfigMap", "Secret"]))),
        ("x-kubernetes-object-ref-name-key", raw("name")),
        ("properties", map([("name", map([("type", raw("string"))]))])),
    ]);
    let mut items = map([("type", raw("array"))]);
    if layout.dice.coin() {
        items.push("x-kubernetes-label-selector", quoted(""));
    }
    let spec = map([("properties", map([("ref", reference), ("items", items)]))]);
    let mut widget = map([(
        "properties",
        map([
            ("spec", map([("$ref", quoted("example.com/v1.WidgetSpec"))])),
            ("apiVersion", map([("type", raw("string"))])),
            ("kind", map([("type", raw("string"))])),
            ("metadata", map([])),
        ]),
    )]);
    if layout.dice.rare(5) {
        widget = map([("Schema", widget)]);
    }
    let schema = |inner: Yaml| map([("Schema", inner)]);
    map([
        ("example.com/v1.Widget", if widget.get("Schema").is_some() { widget } else { schema(widget) }),
        ("example.com/v1.WidgetSpec", schema(spec)),
    ])
}

/// A document for `openapi.path`.
pub(super) fn openapi(layout: &mut Layout) -> Yaml {
    let mut items = map([("type", raw("array")), ("items", map([("$ref", quoted("#/definitions/Item"))]))]);
    if layout.dice.coin() {
        items.push("x-kubernetes-patch-merge-key", raw("name"));
        items.push("x-kubernetes-patch-strategy", raw("merge"));
    } else {
        items.push("x-kubernetes-list-map-keys", list([raw("name")]));
        items.push("x-kubernetes-list-type", raw("map"));
    }
    let gvk = map([("group", raw("example.com")), ("kind", raw("Widget")), ("version", raw("v1"))]);
    let spec = map([("type", raw("object")), ("properties", map([("items", items)]))]);
    let widget = map([
        ("type", raw("object")),
        ("properties", map([("spec", spec)])),
        ("x-kubernetes-group-version-kind", list([gvk])),
    ]);
    let item = map([
        ("type", raw("object")),
        ("properties", map([("name", map([("type", raw("string"))])), ("value", map([("type", raw("string"))]))])),
    ]);
    map([("definitions", map([("v1.Widget", widget), ("Item", item)]))])
}

//! The fields of a kustomization file.

use super::layout::Layout;
use super::resources::{self, NAMESPACES};
use super::scalars;
use super::yaml::{Yaml, list, map, raw};
use super::{generators, patches, plugins, replacements};

/// Adds a field, or an entry to one that is there.
pub(super) fn add(layout: &mut Layout, dir: &str, file: &mut Yaml) {
    match layout.dice.below(40) {
        0 | 1 => file.set("namespace", raw(layout.dice.pick(NAMESPACES))),
        2 | 3 => file.set("namePrefix", raw(layout.dice.pick(&["pre-", "my-", "a"]))),
        4 => file.set("nameSuffix", raw(layout.dice.pick(&["-suf", "-v2", "\"1\""]))),
        5 => file.set("commonLabels", resources::labels(&mut layout.dice)),
        6 | 7 => append(file, "labels", label(layout)),
        8 => file.set("commonAnnotations", map([("note", scalars::string(&mut layout.dice)), ("owner", raw("team"))])),
        9 | 10 => append(file, "images", plugins::image(layout)),
        11 => {
            let count = if layout.dice.rare(40) { "\"3\"" } else { layout.dice.pick(&["0", "3", "5"]) };
            let name = layout.any_object().name;
            append(file, "replicas", map([("name", raw(name)), ("count", raw(count))]));
        }
        12..=18 => append(file, "patches", patches::entry(layout, dir)),
        19 => patches::old_entries(layout, dir, file),
        20..=23 => append(file, "replacements", replacements::entry(layout, dir)),
        24 => file.set("vars", replacements::vars(layout)),
        25..=27 => append(file, "configMapGenerator", generators::arguments(layout, dir, "ConfigMap")),
        28 => append(file, "secretGenerator", generators::arguments(layout, dir, "Secret")),
        29 => file.set("generatorOptions", generators::options(layout)),
        30 => {
            let option = layout.dice.word(&["originAnnotations", "transformerAnnotations", "managedByLabel"]);
            append(file, "buildMetadata", raw(option));
        }
        31 => file.set("sortOptions", sort_options(layout)),
        32 | 33 => {
            let plugin = plugins::transformer(layout, dir);
            let field = if layout.dice.rare(12) { "validators" } else { "transformers" };
            append_config(layout, dir, file, field, &plugin);
        }
        34 => {
            let plugin = plugins::generator(layout, dir);
            append_config(layout, dir, file, "generators", &plugin);
        }
        35 | 36 => {
            let configuration = plugins::configuration(layout);
            let name = layout.yaml_file(dir, "config", &configuration);
            append(file, "configurations", raw(name));
        }
        37 => {
            let definitions = plugins::definitions(layout);
            let name = layout.yaml_file(dir, "crd", &definitions);
            append(file, "crds", raw(name));
        }
        38 => {
            let document = plugins::openapi(layout);
            let name = layout.yaml_file(dir, "openapi", &document);
            file.set("openapi", map([("path", raw(name))]));
        }
        _ => unusual(layout, file),
    }
}

pub(super) fn append(file: &mut Yaml, field: &str, entry: Yaml) {
    match file.get_mut(field) {
        Some(Yaml::List(entries)) => entries.push(entry),
        _ => file.set(field, list([entry])),
    }
}

pub(super) fn append_config(layout: &mut Layout, dir: &str, file: &mut Yaml, field: &str, plugin: &Yaml) {
    let entry = match layout.dice.coin() {
        true => layout.print_inline(plugin),
        false => raw(layout.yaml_file(dir, "plugin", plugin)),
    };
    append(file, field, entry);
}

fn label(layout: &mut Layout) -> Yaml {
    let mut label = map([("pairs", resources::labels(&mut layout.dice))]);
    match layout.dice.below(5) {
        0 => label.push("includeSelectors", raw("true")),
        1 => label.push("includeTemplates", raw("true")),
        2 => label.push("includeVolumeClaimTemplates", raw("true")),
        _ => {}
    }
    if layout.dice.rare(5) {
        let mut field = map([
            ("path", raw(layout.dice.pick(&["spec/labels", "spec/template/metadata/labels", "metadata/labels"]))),
            ("create", raw(layout.dice.pick(&["true", "false"]))),
        ]);
        if layout.dice.coin() {
            field.push("kind", raw(layout.dice.pick(&["Widget", "Deployment"])));
        }
        label.push("fields", list([field]));
    }
    label
}

fn sort_options(layout: &mut Layout) -> Yaml {
    let mut options = map([("order", raw(layout.dice.mostly(&["legacy", "legacy", "fifo"], 20, &["bogus"])))]);
    if layout.dice.rare(3) {
        options.push(
            "legacySortOptions",
            map([
                ("orderFirst", list([raw("Deployment"), raw("Service")])),
                ("orderLast", list([raw("ConfigMap"), raw("Namespace")])),
            ]),
        );
    }
    options
}

/// Fields that are wrong or old or nothing.
fn unusual(layout: &mut Layout, file: &mut Yaml) {
    match layout.dice.below(9) {
        0 => file.set("metadata", map([("name", raw("it"))])),
        1 => file.set("imageTags", list([plugins::image(layout)])),
        2 => file.set("unknownField", raw("x")),
        3 => file.set("resources", list([raw("missing.yaml")])),
        4 => file.set("namespace", raw(layout.dice.pick(&["", "5", "true", "[a]"]))),
        5 => file.set("openapi", map([("version", raw(layout.dice.pick(&["v1.21.2", "v1.20.4"])))])),
        6 => file.set("patches", raw(layout.dice.pick(&["", "[]", "x"]))),
        _ => file.set("kind", raw(layout.dice.pick(&["Component", "Other", "Kustomization"]))),
    }
}

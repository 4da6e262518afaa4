//! Charts, values and flags.

use weir_helm::Helm;

use crate::Case;
use crate::generate::dice::Dice;
use crate::generate::expressions::{HELPERS, expression};
use crate::generate::values;

const FLAGS: &[&str] = &[
    "is-upgrade",
    "no-hooks",
    "skip-tests",
    "include-crds",
    "api-versions a/v1",
    "kube-version 1.32.1",
    "kube-version v1.20.0-gke.5",
];
const KINDS: &[&str] = &[
    "ConfigMap",
    "Deployment",
    "Namespace",
    "Service",
    "Job",
    "Widget",
    "CustomResourceDefinition",
    "Secret",
    "Ingress",
    "List",
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "APIService",
    "PriorityClass",
];
/// Lines of a `Chart.yaml` that may be there.
const METADATA: &[&str] = &[
    "appVersion: 1.10\n",
    "appVersion: \"2\"\n",
    "deprecated: true\n",
    "kubeVersion: '>=1.20-0'\n",
    "kubeVersion: '>=1.25 <1.40 || ^2'\n",
    "keywords: [a, 1]\n",
    "annotations: {a: b, n: \"1\"}\n",
    "annotations: {n: 1}\n",
    "maintainers: [{name: m, email: e}]\n",
    "sources: [x]\n",
    "type: application\n",
    "unknown: {a: 1}\n",
    "home: \"a\\tb\"\n",
    "Icon: i\n",
];
/// Lines of a `Chart.yaml` that mostly make it one that Helm refuses.
const BAD_METADATA: &[&str] = &[
    "type: library\n",
    "type: other\n",
    "kubeVersion: '>=1.99'\n",
    "kubeVersion: x\n",
    "keywords: a\n",
    "annotations: [a]\n",
    "maintainers: [null]\n",
    "maintainers: {name: x}\n",
    "maintainers: [x]\n",
    "deprecated: 1\n",
    "appVersion: [1]\n",
    "sources: [[x]]\n",
    "dependencies: {name: x}\n",
    "dependencies: [null]\n",
    "dependencies: [x]\n",
    "dependencies: [{name: x, tags: y}]\n",
    "dependencies: [{name: missing, version: '1'}]\n",
    "dependencies: [{name: x, alias: 'a b'}]\n",
    "name: other\n",
    "version: x\n",
    "version: ''\n",
    "name: ''\n",
    "name: ../x\n",
    "a: b: c\n",
    "- x\n",
];
const API_VERSIONS: &[&str] = &["v1", "v3", "''", "v4", "2", "[v2]", "V2", "null"];
/// Conditions of sub-charts.
const CONDITIONS: &[&str] = &[
    "child.enabled",
    "a.enabled,enabled",
    "other.enabled",
    "c",
    "child.a, other.enabled",
    "global.enabled",
    "a.b.c",
    ",",
];
const IMPORTS: &[&str] = &[
    "[a]",
    "[{child: deep, parent: imported}]",
    "[{child: deep.a, parent: .}]",
    "[a, {child: deep, parent: own}]",
    "[{child: global, parent: global}]",
    "[{child: missing, parent: x}, b]",
    "[{child: deep}, 5]",
    "[{child: deep, parent: own.more}, {child: exports.a, parent: own}]",
];
const SCHEMAS: &[&str] = &[
    r#"{"type": "object"}"#,
    r#"{"properties": {"a": {"type": ["string", "integer", "null"]}}}"#,
    r#"{"properties": {"global": {"type": "object"}, "c": {"minimum": 2}}}"#,
    r#"{"required": ["a"]}"#,
    r#"{"properties": {"a": {"additionalProperties": {"type": "object"}}, "b": {"enum": [1, "x", null]}}}"#,
    r##"{"$schema": "http://json-schema.org/draft-07/schema#", "if": {"required": ["b"]}, "then": {"required": ["c"]}}"##,
    r#"{"type": "array"}"#,
    r#"{"#,
];

/// The case of a seed: usually a chart with values, sometimes values alone.
pub fn chart(helm: Helm, seed: u64) -> Case {
    let mut dice = Dice::new(seed);
    let mut case = Case::new("");
    let charts = !dice.rare(4);
    for index in 0..dice.below(3) {
        let mut text = values::file(&mut dice, &["child", "other", "tags", "own"]);
        if dice.rare(10) {
            // Helm 3 reads the first document only.
            text += &format!("---\n{}", values::file(&mut dice, &["child"]));
        }
        case.insert(format!("values/{index}.yaml"), text);
    }
    let mut flags = String::new();
    for _ in 0..dice.below(if charts { 3 } else { 5 }) {
        flags += &values::flag(&mut dice, helm);
    }
    if charts {
        root(&mut dice, &mut case);
        for _ in 0..dice.below(3) {
            flags += &format!("{}\n", dice.pick(FLAGS));
        }
        if dice.rare(8) {
            let shown = ["templates/*.yaml", "charts/*/templates/*", "templates/t0.yaml", "templates/t[01].yaml", "*"];
            flags += &format!("show-only {}\n", dice.pick(&shown));
        }
    }
    case.insert("flags", flags);
    case
}

fn root(dice: &mut Dice, case: &mut Case) {
    let version = dice.mostly(&["v2"], 60, API_VERSIONS);
    let mut meta = format!("apiVersion: {version}\nname: app\nversion: 1.2.3\n");
    for _ in 0..dice.below(4) {
        let line = dice.pick(METADATA);
        if !meta.contains(line.split(':').next().unwrap_or_default()) {
            meta += line;
        }
    }
    if dice.rare(25) {
        meta += dice.pick(BAD_METADATA);
    }
    let mut entries = String::new();
    if dice.coin() {
        sub_chart(dice, case, "chart/charts/child", &mut entries);
    }
    if dice.rare(3) {
        sub_chart(dice, case, "chart/charts/other", &mut entries);
    }
    let old = version == "v1" || dice.rare(10);
    if !entries.is_empty() && old {
        case.insert("chart/requirements.yaml", format!("dependencies:\n{entries}"));
    } else if !entries.is_empty() {
        meta += &format!("dependencies:\n{entries}");
    }
    case.insert("chart/Chart.yaml", meta);
    case.insert("chart/values.yaml", values::file(dice, &["child", "other", "own"]));
    case.insert("chart/f.txt", "one\ntwo\n");
    case.insert("chart/g.bin", dice.word(&["\u{0}\u{1}", "a\r\nb", "", "# yaml: true\n"]));
    if dice.rare(4) {
        case.insert("chart/crds/c.yaml", "kind: CustomResourceDefinition\n");
    }
    if dice.rare(10) {
        case.insert("chart/values.schema.json", dice.pick(SCHEMAS));
    }
    templates(dice, case, "chart");
}

/// A chart in a folder of `charts/`, and maybe its entry in the parent's `dependencies`.
fn sub_chart(dice: &mut Dice, case: &mut Case, folder: &str, entries: &mut String) {
    let name = folder.rsplit('/').next().unwrap_or_default();
    let kind = if dice.rare(8) { "type: library\n" } else { "" };
    let version = dice.mostly(&["v2"], 60, API_VERSIONS);
    let mut meta = format!("apiVersion: {version}\nname: {name}\nversion: 0.1.0\n{kind}");
    if dice.rare(60) {
        meta += dice.pick(BAD_METADATA);
    }
    let mut own = String::new();
    if !folder.ends_with("grand") && dice.rare(4) {
        sub_chart(dice, case, &format!("{folder}/charts/grand"), &mut own);
    }
    if !own.is_empty() {
        meta += &format!("dependencies:\n{own}");
    }
    case.insert(format!("{folder}/Chart.yaml"), meta);
    case.insert(format!("{folder}/values.yaml"), values::file(dice, &["exports", "deep", "grand"]));
    if dice.rare(15) {
        case.insert(format!("{folder}/values.schema.json"), dice.pick(SCHEMAS));
    }
    templates(dice, case, folder);
    let copies = if dice.rare(4) { 2 } else { 1 };
    for copy in 0..copies {
        if !dice.rare(4) {
            entries.push_str(&entry(dice, name, copy));
        }
    }
}

fn entry(dice: &mut Dice, name: &str, copy: usize) -> String {
    let versions = dice.mostly(&["0.1.0", "0.x", "*", "~0.1", ">=0.1 <1", "0.0.1 - 0.2"], 20, &["9.9.9", "x y", ""]);
    let mut entry = format!("- name: {name}\n  version: '{versions}'\n");
    if copy > 0 || dice.rare(5) {
        entry += &format!("  alias: {name}{copy}\n");
    }
    if dice.rare(3) {
        entry += &format!("  condition: '{}'\n", dice.pick(CONDITIONS));
    }
    if dice.rare(4) {
        entry += dice.pick(&["  tags: [front, back]\n", "  tags: [front]\n", "  tags: [none]\n"]);
    }
    if dice.rare(3) {
        entry += &format!("  import-values: {}\n", dice.pick(IMPORTS));
    }
    entry
}

fn templates(dice: &mut Dice, case: &mut Case, folder: &str) {
    case.insert(format!("{folder}/templates/_h.tpl"), HELPERS);
    for index in 0..dice.between(1, 3) {
        let mut text = String::new();
        for part in 0..dice.between(1, 2) {
            if part > 0 {
                text += dice.pick(&["---\n", "\n--- \n", "---\n---\n", "--- # next\n", "\n\n---\n\n"]);
            }
            text += &manifest(dice);
        }
        case.insert(format!("{folder}/templates/t{index}.yaml"), text);
    }
    if dice.rare(4) {
        case.insert(format!("{folder}/templates/NOTES.txt"), format!("hi {}\n", expression(dice)));
    }
    if dice.rare(10) {
        case.insert(format!("{folder}/templates/deep/er.yaml"), manifest(dice));
    }
}

fn manifest(dice: &mut Dice) -> String {
    if dice.rare(50) {
        return dice.word(&[
            "",
            "# nothing\n",
            "a: b: c\n",
            "- a\n",
            "{{ if false }}x: 1{{ end }}\n",
            "text\n",
            "kind: [x]\n",
            "metadata: {annotations: {helm.sh/hook: 5}}\n",
            "kind: X\nkind: Y\n",
        ]);
    }
    let version = dice.mostly(&["", "apiVersion: v1\n"], 200, &["apiVersion: 1\n", "apiVersion: [v1]\n"]);
    let name = dice.below(3);
    let mut text = format!("{version}kind: {}\nmetadata:\n  name: n{name}\n", dice.pick(KINDS));
    if dice.rare(3) {
        let events = ["pre-install", "test", "post-upgrade, PRE-install", "test-success", "pre-delete,post-rollback"];
        let events = dice.mostly(&events, 6, &["never", "", "crd-install", "pre-install,never", ","]);
        let weight = dice.mostly(&["0", "1", "2", "-3", "10"], 10, &["x", "", "1.5", "+2", " 1"]);
        text += &format!("  annotations:\n    helm.sh/hook: {events:?}\n    helm.sh/hook-weight: \"{weight}\"\n");
        if dice.rare(4) {
            text += "    helm.sh/hook-delete-policy: before-hook-creation, hook-failed\n";
        }
    } else if dice.rare(100) {
        text += dice.pick(&["  annotations: {a: 1}\n", "  annotations: null\n", "  annotations: [x]\n"]);
    }
    text + &format!("data: {}\n", expression(dice))
}

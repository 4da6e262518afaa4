//! Charts, values and flags.

use crate::Case;
use crate::generate::dice::Dice;

const KEYS: [&str; 6] = ["a", "b", "c", "image", "enabled", "global"];
const SCALARS: [&str; 18] = [
    "1",
    "0",
    "1000000",
    "1.5",
    "12345678901",
    "true",
    "no",
    "null",
    "~",
    "x",
    "'1'",
    "\"q\"",
    "2001-01-01",
    "0x10",
    "-5",
    "[]",
    "{}",
    "",
];
const KINDS: [&str; 8] =
    ["ConfigMap", "Deployment", "Namespace", "Service", "Job", "Widget", "CustomResourceDefinition", "Secret"];
const EXPRESSIONS: [&str; 23] = [
    "{{ .Values | toYaml | nindent 2 }}",
    "{{ toJson .Values }}",
    "{{ .Values.global | toJson }}",
    "{{ .Values.child | toJson }}",
    "{{ toJson .Chart | quote }}",
    "[{{ .Chart.Name }}, {{ .Chart.IsRoot }}, {{ .Chart.AppVersion | quote }}]",
    "{{ .Release | toJson }}",
    "{{ .Template.Name }} {{ .Template.BasePath }}",
    "{{ .Capabilities.KubeVersion }} {{ .Capabilities.APIVersions.Has \"v1\" }}",
    "{{ .Capabilities.KubeVersion.Minor | int }}",
    "[{{ .Files.Get \"f.txt\" | quote }}, {{ (.Files.Glob \"*\").AsConfig | quote }}]",
    "[{{ .Files.Lines \"f.txt\" | toJson }}, {{ (.Files.Glob \"**.txt\").AsSecrets | quote }}]",
    "{{ include \"helper\" . }}",
    "{{ default \"d\" .Values.c | quote }}",
    "{{ typeOf .Values }} {{ kindOf .Values.a }} {{ typeOf .Values.b }}",
    "{{ if .Values.enabled }}on{{ else }}off{{ end }}",
    "{{ keys .Subcharts | sortAlpha | toJson }}",
    "{{ $_ := set .Values \"a\" 5 }}{{ .Values.a }}",
    "{{ .Values.a | quote }}",
    "{{ range $k, $v := .Values }}{{ printf \"%s=%v \" $k $v | quote }}{{ break }}{{ end }}",
    "{{ tpl \"{{ .Values.b }}-{{ .Release.Name }}\" . | quote }}",
    "{{ dig \"a\" \"b\" \"none\" (dict \"a\" .Values.global) | toJson }}",
    "{{ lookup \"v1\" \"Pod\" \"ns\" \"p\" | toJson }}",
];
/// What often fails, so that it is taken seldom.
const REFUSING: [&str; 7] = [
    "{{ .Values.a }}",
    "{{ .Values.a.b }}",
    "{{ required \"a is needed\" .Values.a }}",
    "{{ .Values.missing.deep }}",
    "{{ fail (printf \"bad %v\" .Values.b) }}",
    "{{ range $k, $v := .Values }}{{ $k }}={{ $v }} {{ end }}",
    "{{ tpl \"{{ .Values.b }}-{{ .Release.Name }}\" . }}",
];
const FLAGS: [&str; 5] = ["is-upgrade", "no-hooks", "skip-tests", "include-crds", "api-versions a/v1"];

/// The case of a seed: usually a chart with values, sometimes values alone.
pub fn chart(seed: u64) -> Case {
    let mut dice = Dice::new(seed);
    let mut case = Case::new("");
    let charts = !dice.rare(4);
    for index in 0..dice.below(3) {
        case.insert(format!("values/{index}.yaml"), values(&mut dice, &["child", "other", "tags"]));
    }
    let mut flags = String::new();
    for _ in 0..dice.below(if charts { 3 } else { 5 }) {
        flags += &set(&mut dice);
    }
    if charts {
        root(&mut dice, &mut case);
        if dice.rare(3) {
            flags += &format!("{}\n", dice.pick(&FLAGS));
        }
        if dice.rare(8) {
            flags += &format!(
                "show-only {}\n",
                dice.pick(&["templates/*.yaml", "charts/*/templates/*", "templates/t0.yaml"])
            );
        }
    }
    case.insert("flags", flags);
    case
}

fn root(dice: &mut Dice, case: &mut Case) {
    let mut meta = String::from("apiVersion: v2\nname: app\nversion: 1.2.3\n");
    for line in ["appVersion: 1.10\n", "deprecated: true\n", "kubeVersion: '>=1.20-0'\n", "keywords: [a, 1]\n"] {
        if dice.rare(4) {
            meta += line;
        }
    }
    let mut entries = String::new();
    if dice.coin() {
        sub_chart(dice, case, "child", &mut entries);
    }
    if dice.rare(3) {
        sub_chart(dice, case, "other", &mut entries);
    }
    if !entries.is_empty() {
        meta += &format!("dependencies:\n{entries}");
    }
    case.insert("chart/Chart.yaml", meta);
    case.insert("chart/values.yaml", values(dice, &["child", "other"]));
    case.insert("chart/f.txt", "one\ntwo\n");
    if dice.rare(4) {
        case.insert("chart/crds/c.yaml", "kind: CustomResourceDefinition\n");
    }
    if dice.rare(4) {
        case.insert("chart/templates/NOTES.txt", format!("hi {}\n", expression(dice)));
    }
    templates(dice, case, "chart");
}

/// A chart in `charts/`, and maybe its entry in the parent's `dependencies`.
fn sub_chart(dice: &mut Dice, case: &mut Case, name: &str, entries: &mut String) {
    let folder = format!("chart/charts/{name}");
    let kind = if dice.rare(8) { "type: library\n" } else { "" };
    case.insert(format!("{folder}/Chart.yaml"), format!("apiVersion: v2\nname: {name}\nversion: 0.1.0\n{kind}"));
    case.insert(format!("{folder}/values.yaml"), values(dice, &["exports", "deep"]));
    templates(dice, case, &folder);
    let copies = if dice.rare(4) { 2 } else { 1 };
    for copy in 0..copies {
        if dice.rare(4) {
            continue;
        }
        *entries += &format!("- name: {name}\n  version: '{}'\n", dice.mostly(&["0.1.0", "0.x", "*"], 20, &["9.9.9"]));
        if copy > 0 || dice.rare(5) {
            *entries += &format!("  alias: {name}{copy}\n");
        }
        if dice.rare(3) {
            *entries +=
                &format!("  condition: {}\n", dice.pick(&["child.enabled", "a.enabled,enabled", "other.enabled", "c"]));
        }
        if dice.rare(4) {
            *entries += "  tags: [front, back]\n";
        }
        if dice.rare(4) {
            *entries += &format!(
                "  import-values: {}\n",
                dice.pick(&["[a]", "[{child: deep, parent: imported}]", "[{child: deep.a, parent: .}]"])
            );
        }
    }
}

fn templates(dice: &mut Dice, case: &mut Case, folder: &str) {
    case.insert(format!("{folder}/templates/_h.tpl"), "{{ define \"helper\" }}h-{{ .Chart.Name }}{{ end }}");
    for index in 0..dice.between(1, 3) {
        let mut text = String::new();
        for part in 0..dice.between(1, 2) {
            if part > 0 {
                text += dice.pick(&["---\n", "\n--- \n", "---\n---\n"]);
            }
            text += &manifest(dice);
        }
        case.insert(format!("{folder}/templates/t{index}.yaml"), text);
    }
}

fn manifest(dice: &mut Dice) -> String {
    if dice.rare(25) {
        return dice.word(&["", "# nothing\n", "a: b: c\n", "- a\n", "{{ if false }}x: 1{{ end }}\n"]);
    }
    let mut text = format!("kind: {}\nmetadata:\n  name: n{}\n", dice.pick(&KINDS), dice.below(3));
    if dice.rare(3) {
        let events = dice.mostly(&["pre-install", "test", "post-upgrade, PRE-install"], 6, &["never", ""]);
        text +=
            &format!("  annotations:\n    helm.sh/hook: {events:?}\n    helm.sh/hook-weight: \"{}\"\n", dice.below(4));
    }
    text + &format!("data: {}\n", expression(dice))
}

fn expression(dice: &mut Dice) -> &'static str {
    if dice.rare(30) {
        return REFUSING[dice.below(REFUSING.len())];
    }
    EXPRESSIONS[dice.below(EXPRESSIONS.len())]
}

/// A values file.
fn values(dice: &mut Dice, more: &[&str]) -> String {
    let mut text = String::new();
    let mut keys: Vec<&str> = KEYS.iter().chain(more).copied().collect();
    for _ in 0..dice.below(6) {
        let key = keys.remove(dice.below(keys.len()));
        let table = ["child", "other", "tags", "global", "exports", "deep"].contains(&key) && !dice.rare(40);
        text += &match key {
            "tags" => format!("tags: {{front: {}, back: {}}}\n", dice.pick(&["true", "false", "1"]), dice.coin()),
            key => format!("{key}:{}\n", value(dice, 1, table)),
        };
    }
    text
}

fn value(dice: &mut Dice, depth: usize, table: bool) -> String {
    if depth < 4 && (table || dice.rare(3)) {
        let indent = "  ".repeat(depth);
        let mut keys: Vec<&str> = KEYS.to_vec();
        let fields = (0..dice.between(1, 3)).map(|_| {
            let key = keys.remove(dice.below(keys.len()));
            format!("\n{indent}{key}:{}", value(dice, depth + 1, key == "global"))
        });
        return fields.collect();
    }
    if dice.rare(6) {
        return format!(" [{}, {}]", dice.pick(&SCALARS[..12]), dice.pick(&["x", "{a: 1}", "[2]"]));
    }
    format!(" {}", dice.pick(&SCALARS))
}

/// A flag that sets values.
fn set(dice: &mut Dice) -> String {
    let flag = dice.mostly(&["set"], 3, &["set-string", "set-json", "set-literal"]);
    let mut text = String::new();
    for index in 0..dice.between(1, 3) {
        if index > 0 {
            text += ",";
        }
        for part in 0..dice.between(1, 3) {
            if part > 0 {
                text += dice.mostly(&["."], 40, &["..", "\\."]);
            }
            text += dice.mostly(&["a", "s", "t", "u", "v", "w"], 40, &["", "x y", "é"]);
            if dice.rare(5) {
                text += dice.mostly(&["[0]", "[1]", "[0][1]"], 30, &["[", "[x]", "[-1]", "[70000]", "[0]z"]);
            }
        }
        text += dice.mostly(&["="], 40, &["", "=="]);
        text += match flag {
            "set-json" => {
                dice.mostly(&["1", "\"s\"", "{\"a\":[1,null]}", "[true]", "", " 2 "], 30, &["{", "tru", "1x=2", "01"])
            }
            _ => dice.mostly(
                &["1", "true", "null", "x", "{1,x}", "007", "-3", "1.5", ""],
                8,
                &["{", "a\\,b", "{}", "{a}b", "\\", "}", "99999999999999999999"],
            ),
        };
    }
    format!("{flag} {text}\n")
}

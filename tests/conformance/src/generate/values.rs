//! Values of charts: files, and flags that set them.

use weir_helm::Helm;

use crate::generate::dice::Dice;

const KEYS: [&str; 6] = ["a", "b", "c", "image", "enabled", "global"];
/// Keys whose values are mostly tables.
const TABLES: [&str; 8] = ["child", "other", "grand", "tags", "global", "exports", "deep", "own"];
const SCALARS: &[&str] = &[
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
/// Scalars that YAML's readers take for different things.
const ODD_SCALARS: &[&str] = &[
    "0o17",
    "017",
    "0b11",
    "-0",
    "-0.0",
    "1e3",
    "1E+2",
    "1e21",
    "1e-7",
    "123456789.5",
    ".5",
    "5.",
    "+1",
    "1_000",
    "0x1F_",
    "12:30:45",
    "190:20:30.15",
    ".inf",
    "-.INF",
    ".nan",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "-9223372036854775809",
    "y",
    "On",
    "OFF",
    "Yes",
    "TRUE",
    "NULL",
    "Null",
    "2001-12-14t21:59:43.10-05:00",
    "2001-12-14 21:59:43",
    "2001-1-1",
    "!!str 5",
    "!!int '5'",
    "!!float 5",
    "!!binary aGVsbG8=",
    "!custom x",
    "! 5",
    "'it''s'",
    "\"tab\\t\\u00e9\\x41\"",
    "é",
    "a: b",
    "- 1",
    "x # comment",
    "'#'",
    "'@x'",
    "\"{{ .Values.a }}\"",
    "<<",
    "=",
    "-",
    "? x",
    "&anchor v",
    "*missing",
    "{a: 1, b}",
    "[1, [2, {c: d}]]",
];
/// Values of `--set-json`.
const JSON: &[&str] = &[
    "1",
    "\"s\"",
    "{\"a\":[1,null]}",
    "[true]",
    "",
    " 2 ",
    "1e2",
    "1.0",
    "12345678901234567890",
    "null",
    "{}",
    "\"a,b\"",
    "[1, {\"b\": 2}]",
];
/// What Helm 4's `--set-json` takes without a path.
const WHOLE_OBJECTS: &[&str] = &[
    "{}",
    "{\"a\": {\"b\": 1}}",
    " {\"global\": {\"a\": null}, \"s\": [1]} ",
    "{\"a\": 1, \"a\": 2}",
    "{\"child\": {\"a\": 1e3}}",
    "{\"a\": }",
    "{\"a\": 1} x",
    "{a: 1}",
];
/// Texts over several lines, for a value whose key is indented this far.
const BLOCKS: [&str; 8] = [
    "|\n{}one\n{}two",
    "|-\n{}one\n\n{}two",
    "|+\n{}one\n\n",
    ">\n{}one\n{}two\n\n{}three",
    ">-\n{}one\n{}  more\n{}two",
    "|2\n{}  indented",
    "\"one\n{}two\"",
    "'one\n\n{}two'",
];

/// A values file.
pub(super) fn file(dice: &mut Dice, more: &[&str]) -> String {
    let mut text = String::new();
    let mut keys: Vec<&str> = KEYS.iter().chain(more).copied().collect();
    for _ in 0..dice.below(6) {
        let key = keys.remove(dice.below(keys.len()));
        let table = TABLES.contains(&key) && !dice.rare(40);
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
    if depth < 4 && dice.rare(25) {
        return format!(" {}", dice.pick(&BLOCKS).replace("{}", &"  ".repeat(depth)));
    }
    format!(" {}", if dice.rare(50) { dice.pick(ODD_SCALARS) } else { dice.pick(SCALARS) })
}

/// A flag that sets values.
pub(super) fn flag(dice: &mut Dice, helm: Helm) -> String {
    let flag = dice.mostly(&["set"], 3, &["set-string", "set-json", "set-literal"]);
    if helm == Helm::V4 && flag == "set-json" && dice.rare(4) {
        return format!("set-json {}\n", dice.pick(WHOLE_OBJECTS));
    }
    let mut text = String::new();
    for index in 0..dice.between(1, 3) {
        if index > 0 {
            text += ",";
        }
        path(dice, &mut text);
        text += dice.mostly(&["="], 40, &["", "=="]);
        text += match flag {
            "set-json" => dice.mostly(JSON, 30, &["{", "tru", "1x=2", "01", "'x'", "nan", "1,2"]),
            _ => dice.mostly(
                &["1", "true", "null", "x", "{1,x}", "007", "-3", "1.5", ""],
                8,
                &[
                    "{",
                    "a\\,b",
                    "{}",
                    "{a}b",
                    "\\",
                    "}",
                    "99999999999999999999",
                    "{a,{b}}",
                    "{a\\,b,c}",
                    "0x10",
                    "+1",
                    "1e3",
                    "TRUE",
                    "~",
                    "a=b",
                    "[1]",
                ],
            ),
        };
    }
    format!("{flag} {text}\n")
}

fn path(dice: &mut Dice, text: &mut String) {
    for part in 0..dice.between(1, 3) {
        if part > 0 {
            *text += dice.mostly(&["."], 40, &["..", "\\."]);
        }
        *text +=
            dice.mostly(&["a", "s", "t", "u", "v", "w", "child", "global"], 40, &["", "x y", "é", "a\\=b", "\"q\""]);
        if dice.rare(5) {
            *text += dice.mostly(
                &["[0]", "[1]", "[0][1]", "[2]"],
                30,
                &["[", "[x]", "[-1]", "[70000]", "[0]z", "[]", "[ 1]"],
            );
        }
    }
}

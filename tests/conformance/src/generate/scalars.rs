//! Scalars that programs read differently, and texts that are hard to print.

use super::dice::Dice;
use super::yaml::{Yaml, raw};

/// Raw scalars, as they stand in a file.
const STRANGE: &[&str] = &[
    "0x1F",
    "1_000",
    "1e3",
    "1E3",
    "0o17",
    "017",
    "0b101",
    "08",
    "1.50",
    "-0.0",
    ".5",
    "1.",
    "+12",
    "12e03",
    "0.1e-7",
    "123456789012345678901234567890",
    "9223372036854775808",
    "3.0",
    "1.0e10",
    "100000000000000000000000.0",
    "yes",
    "No",
    "on",
    "OFF",
    "y",
    "n",
    "Y",
    "N",
    "true",
    "True",
    "TRUE",
    "null",
    "Null",
    "~",
    "",
    "\"\"",
    "''",
    "\"yes\"",
    "'on'",
    "\"123\"",
    "'1e3'",
    "\"0x10\"",
    "2001-12-14",
    "2001-12-14T21:59:43.10-05:00",
    "2001-12-14 21:59:43",
    "'2001-12-14'",
    "2020-1-1",
    "12:30:45",
    "190:20:30",
    "1:2",
    "\"a: b\"",
    "'it''s'",
    "\"tab\\there\"",
    "\"line\\nbreak\"",
    "\"trailing \"",
    "' leading'",
    "\"\\u00e9t\\u00e9\"",
    "été",
    "日本語",
    "\"\\U0001F600\"",
    "😀",
    "\"nul\\0\"",
    "\"\\x85\"",
    "\"\\u2028\"",
    "\"\\ufeff\"",
    "\"#no comment\"",
    "a#b",
    "a #comment",
    "\"a #b\"",
    "\"- dash\"",
    "-",
    "--",
    "\"---\"",
    "?x",
    "\"?\"",
    ":x",
    "\"x:\"",
    "\"[x]\"",
    "\"{x}\"",
    "\"*x\"",
    "\"&x\"",
    "!!str 5",
    "!!str yes",
    "!!float 5",
    "! 5",
    "\"%x\"",
    "\"@x\"",
    "\"`x`\"",
    "'\"'",
    "\"'\"",
    "\"\\\\\"",
    "back\\slash",
    "\"$(VAR)\"",
    "$(VAR)",
    "<<",
    "\"<<\"",
    "=",
    "\"=\"",
    ".",
    "..",
    "0",
    "-1",
    "007",
    "0x",
    "1__0",
    "_1",
    "1_",
    "0.",
    "1e",
    "e3",
    "+",
    "0xZZ",
    "1,000",
    "1 000",
    "<html>&amp;</html>",
    "\"<a>&\"",
    "http://example.com:80/x?y=z#f",
    "a,b",
    "a, b",
    "\"a\\tb\"",
    "\"\\ta\"",
    "\"a\\r\\nb\"",
    "\"a\\n\"",
    "\"\\na\"",
    "\"a\\n\\n\"",
    "\"  a\\nb\"",
    "\"a \\nb\"",
    "\"a\\n b\"",
    "\"a long text that goes on and on, well beyond the eighty columns at which printers like to break lines\"",
    "'a long quoted text: that goes on and on, well beyond the eighty columns at which printers like to break lines'",
    "a long plain text that goes on and on well beyond the eighty columns at which some printers like to break lines",
    "\"a-long-word-without-any-space-that-goes-on-and-on-well-beyond-the-eighty-columns-at-which-printers-break: x\"",
    "\"{{ .Values.x }}\"",
    "\"with \\\"quotes\\\" inside\"",
    "with \"quotes\" inside",
    "'with ''single'' inside'",
    "\"\\a\\b\\e\\f\\v\"",
    "\"\\x41\"",
    "x\u{a0}y",
    "\"\\N\\_\\L\\P\"",
];

/// Raw scalars that are refused in most places, or mean something else there.
const BROKEN: &[&str] = &[
    "a: b",
    "- dash",
    "x:",
    "[x",
    "[y",
    "!!int \"5\"",
    "!!bool yes",
    ".nan",
    "-.inf",
    "1e400",
    "!x",
    "---x",
    "!!binary aGVsbG8=",
    "\"a\\\n    b\"",
];

const BLOCK_HEADS: &[&str] = &["|", "|-", "|+", ">", ">-", ">+"];

const BLOCK_LINES: &[&str] = &[
    "plain",
    "key: value",
    "- item",
    "# no comment",
    "",
    "",
    "  indented",
    "\ttabbed",
    "trailing  ",
    "a\tb",
    "\"quoted\"",
    "'single'",
    "été 日本",
    "{{ if x }}",
    "---x",
    "$(VAR) and more",
    "a=b",
    "a long line that goes on and on, well beyond the eighty columns at which some printers like to break the lines",
    "    deep",
    "end",
    "x: |",
    "\\n",
    "<b>&</b>",
];

/// Any scalar.
pub(super) fn strange(dice: &mut Dice) -> Yaml {
    if dice.rare(5) { block(dice) } else { raw(dice.mostly(STRANGE, 60, BROKEN)) }
}

/// A text of several lines.
pub(super) fn block(dice: &mut Dice) -> Yaml {
    let head = BLOCK_HEADS[dice.below(BLOCK_HEADS.len())];
    let count = dice.between(1, 6);
    let mut lines: Vec<String> = (0..count).map(|_| dice.word(BLOCK_LINES)).collect();
    // The first line decides the indentation.
    if lines[0].starts_with([' ', '\t']) || lines[0].is_empty() {
        lines[0] = "first".to_owned();
    }
    Yaml::Block(head, lines)
}

/// A scalar that is a string for everybody.
pub(super) fn string(dice: &mut Dice) -> Yaml {
    match dice.below(12) {
        0 => block(dice),
        1 => raw("\"123\""),
        2 => raw("\"true\""),
        3 => raw("'yes'"),
        4 => raw("\"a: b\""),
        5 => raw("\"\""),
        _ => raw(dice.pick(&[
            "alpha",
            "beta",
            "some text",
            "a/b/c",
            "x-y_z",
            "http://example.com/x",
            "$(VAR)",
            "v1.2.3",
        ])),
    }
}

/// Mostly a string, at times anything.
pub(super) fn value(dice: &mut Dice) -> Yaml {
    if dice.rare(4) { strange(dice) } else { string(dice) }
}

/// A key of a mapping, as it stands in the file.
pub(super) fn key(dice: &mut Dice) -> String {
    if dice.rare(60) {
        return dice.word(&[
            "1",
            "true",
            "\"true\"",
            "yes",
            "'a b'",
            "\"\"",
            "null",
            "1.5",
            "a b",
            "2001-01-01",
            "on",
            "0x10",
            "<<",
            "~",
            "\"a:b\"",
        ]);
    }
    dice.word(&[
        "alpha",
        "beta",
        "gamma",
        "a.b/c",
        "a-b",
        "A",
        "key1",
        "key2",
        "key10",
        "file.txt",
        "config.yaml",
        "UPPER_CASE",
        "_x",
        "\"quoted\"",
        "'single'",
        "é",
        "zeta",
        "app.properties",
    ])
}

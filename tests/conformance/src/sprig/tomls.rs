//! Documents of TOML, right and wrong.

use super::generate::Dice;

/// Whole documents.
pub(super) const TOMLS: [&str; 61] = [
    "",
    "a = 1",
    "a = 1\nb = \"x\"\n[c]\nd = true",
    "a = [1, 2.5, \"x\"]",
    "a = [[1], [\"x\"]]",
    "a = {b = 1, c.d = 2}",
    "[[a]]\nb = 1\n[[a]]\nb = 2",
    "[[a]]\n[a.b]\nc = 1\n[[a.d]]",
    "a.b.c = 1\na.b.d = 2",
    "\"a b\" = 1\n'c.d' = 2",
    "a = 1979-05-27T07:32:00Z",
    "a = 1979-05-27T00:32:00.999999-07:00",
    "a = 1979-05-27 07:32:00",
    "a = 1979-05-27",
    "a = 07:32:00",
    "a = 07:32",
    "a = 1979-05-27T07:32",
    "a = 0xDEAD_beef\nb = 0o755\nc = 0b1101",
    "a = 1_000\nb = +5\nc = -0",
    "a = 1e3\nb = -2.5E-2\nc = 6.626e-34\nd = 1_0.0_1",
    "a = inf\nb = -inf\nc = nan",
    "a = \"\"\"\none\n  two \\\n  three\"\"\"",
    "a = '''\nraw \\n'''",
    "a = \"\\u00e4\\t\\\"\\U0001F600\\e\\x41\"",
    "# comment\na = 1 # more\n",
    "a = 9223372036854775807",
    "a = 9223372036854775808",
    "a = 1\na = 2",
    "[a]\n[a]",
    "a = 1\n[a]",
    "[a.b]\n[a]\nc = 1",
    "a = {b = 1,}",
    "a = {b = 1,\n c = 2}",
    "a = [1,\n 2, # two\n]",
    "a = []",
    "a = {}",
    "[]",
    "[a",
    "a",
    "a =",
    "= 1",
    "a = x",
    "a = 01",
    "a = 1__0",
    "a = _1",
    "a = 1.",
    "a = .5",
    "a = \"x",
    "a = 'x",
    "a = \"\\q\"",
    "a = True",
    "a = [1, ",
    "a = 1 b = 2",
    "a = 2023-02-30",
    "a = 25:00:00",
    "a = 1979-05-27T07:32:60Z",
    "\"\" = 1",
    "a = \"\"\"\"x\"\"\"\"",
    "é = 1",
    "a\r\nb = 1\r\n",
    "a = 1\r\nb = 2\r\n[c]\r\n",
];

const NAMES: [&str; 12] = ["a", "b", "c", "a.b", "b.c", "a.b.c", "\"a b\"", "'x'", "a . b", "\"\"", "1", "é"];
const SCALARS: [&str; 44] = [
    "1",
    "-1",
    "+0",
    "007",
    "1_0",
    "1_",
    "0x1f",
    "0xg",
    "0b12",
    "0o8",
    "+0x1",
    "99999999999999999999",
    "1.5",
    "1.",
    "1.e5",
    "1e5",
    "1e",
    "1e999",
    "00.5",
    "1__0.5",
    "inf",
    "-inf",
    "+nan",
    "-in",
    "inan",
    "in",
    "no",
    "true",
    "false",
    "truely",
    "null",
    "\"x\"",
    "\"\\u00e4\\x41\\e\"",
    "\"\\uD800\"",
    "\"\\ \"",
    "'raw'",
    "\"\"\"\none\\\n   two\"\" three\\\"\"\"\"\"",
    "\"\"\"a\\ \n\\\\ b\"\"\"",
    "'''\nx'''''",
    "1979-05-27",
    "1979-05-27T07:32:00.5+01:00",
    "1979-05-27 7:32:00",
    "07:32",
    "?",
];
const ODD: [&str; 16] = ["\"", "'", "[", "]", "{", "}", ",", ".", "=", "\n", "\r\n", "\\", "#", " ", "\u{1}", "_"];

fn value(dice: &mut Dice, depth: usize) -> String {
    let start = dice.pick(&["", " ", "\n", " # x\n"]);
    match dice.below(if depth > 2 { 1 } else { 4 }) {
        2 => {
            let items: Vec<String> = (0..dice.below(4)).map(|_| value(dice, depth + 1)).collect();
            format!("[{start}{}{}]", items.join(", "), dice.pick(&["", "", ",", "\n"]))
        }
        3 => {
            let members: Vec<String> = (0..dice.below(3)).map(|_| pair(dice, depth + 1)).collect();
            format!("{{{start}{}{}}}", members.join(","), dice.pick(&["", "", " ", ",", "\n"]))
        }
        _ => dice.pick(&SCALARS).to_owned(),
    }
}

fn pair(dice: &mut Dice, depth: usize) -> String {
    format!("{} = {}", dice.pick(&NAMES), value(dice, depth))
}

/// Names that meet, values of all kinds, and now and then a character where it should not be.
pub(super) fn document(dice: &mut Dice) -> String {
    let mut text = String::new();
    for _ in 0..1 + dice.below(5) {
        match dice.below(6) {
            0 => text += &format!("[{}]", dice.pick(&NAMES)),
            1 => text += &format!("[[{}]]", dice.pick(&NAMES)),
            _ => text += &pair(dice, 0),
        }
        text += dice.pick(&["\n", "\n", "\n", " # x\n", "\r\n", ""]);
    }
    if dice.rare(3) {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let at = dice.pick(&places);
        match dice.below(3) {
            0 => text.truncate(at),
            1 => text.insert_str(at, dice.pick(&ODD)),
            _ => drop(text.remove(at)),
        }
    }
    text
}

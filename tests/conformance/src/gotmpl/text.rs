//! Templates from chance: most are right, some are not.

use super::generate::{Dice, KEYS};

/// What is being written, and what can be used in it.
struct Writer<'a> {
    dice: &'a mut Dice,
    out: String,
    variables: Vec<String>,
    /// Templates that are defined so far.
    templates: usize,
    blocks: usize,
    loops: usize,
    /// Inside parentheses: how many.
    depth: usize,
    /// Outside of control structures, where templates can be defined.
    is_top: bool,
}

pub(super) fn template(dice: &mut Dice) -> String {
    let mut writer = Writer {
        dice,
        out: String::new(),
        variables: Vec::new(),
        templates: 0,
        blocks: 0,
        loops: 0,
        depth: 0,
        is_top: true,
    };
    let count = 1 + writer.dice.below(4);
    for _ in 0..count {
        writer.item(2);
    }
    let Writer { dice, mut out, .. } = writer;
    if dice.rare(10) {
        for _ in 0..=dice.below(3) {
            out = damaged(dice, &out);
        }
    }
    out
}

/// The text with one character more, less or another.
fn damaged(dice: &mut Dice, text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let place = dice.below(chars.len() + 1);
    let other = dice.pick(&[
        '{', '}', '(', ')', '$', '.', '|', ':', '=', ',', '"', '`', '\'', '-', ' ', '\n', '/', '*', '\\', '!', 'i',
        'x', '\u{e4}', '\u{1}', '_', '#',
    ]);
    match dice.below(3) {
        0 if place < chars.len() => {
            chars.remove(place);
        }
        1 if place < chars.len() => chars[place] = other,
        _ => chars.insert(place, other),
    }
    chars.into_iter().collect()
}

/// Functions with how many arguments they usually take.
const FUNCTIONS: [(&str, usize, usize); 19] = [
    ("print", 0, 3),
    ("println", 0, 3),
    ("html", 1, 2),
    ("js", 1, 1),
    ("urlquery", 1, 1),
    ("len", 1, 1),
    ("index", 1, 3),
    ("slice", 1, 3),
    ("not", 1, 1),
    ("and", 1, 3),
    ("or", 1, 3),
    ("eq", 2, 3),
    ("ne", 2, 2),
    ("lt", 2, 2),
    ("le", 2, 2),
    ("gt", 2, 2),
    ("ge", 2, 2),
    ("call", 1, 2),
    ("printf", 1, 1),
];

const NUMBERS: [&str; 30] = [
    "0",
    "1",
    "2",
    "3",
    "-1",
    "+2",
    "1.5",
    "-0.25",
    "1e3",
    "1e6",
    "1e-7",
    ".5",
    "2.",
    "0x1F",
    "0X_ff",
    "0b101",
    "0o17",
    "017",
    "1_000",
    "0x1p4",
    "1i",
    "-0.5i",
    "1+2i",
    "2-0i",
    "0x1.8p-1",
    "'a'",
    "'\\n'",
    "'\\u00e4'",
    "1e21",
    "-0",
];
const ODD_NUMBERS: [&str; 14] = [
    "089",
    "1__0",
    "1e400",
    "99999999999999999999",
    "0x",
    "1e",
    "'ab'",
    "''",
    "1x",
    "0b12",
    "'\\q'",
    "1.2.3",
    "--1",
    "0_1",
];
/// Only as arguments of what prints or compares: nothing may count up to them.
const LARGE: [&str; 6] =
    ["9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551615", "1e19", "1e300"];
const STRINGS: [&str; 14] = [
    "\"\"",
    "\"a\"",
    "\"hello\"",
    "\"b\"",
    "`raw\\n`",
    "`two\nlines`",
    "\"\\t\\\"q\\\"\"",
    "\"\\x41\\u00e4\\U0001F600\\101\"",
    "\"\u{e4}\"",
    "\"<a&b>'\"",
    "\"list\"",
    "\"map\"",
    "\"\\xff\"",
    "\"0\"",
];
const ODD_STRINGS: [&str; 5] = ["\"\\q\"", "\"\\400\"", "\"\\ud800\"", "\"open", "`open"];

/// Actions that are wrong, or right where one would not think so.
const ODD_ACTIONS: [&str; 66] = [
    "{{else}}",
    "{{end}}",
    "{{break}}",
    "{{continue}}",
    "{{define \"x\"}}x{{end}}",
    "{{define \"x\"}}",
    "{{define x}}{{end}}",
    "{{define}}{{end}}",
    "{{template .a}}",
    "{{template}}",
    "{{template \"t9\" . .}}",
    "{{template `t9` $}}",
    "{{block \"b\"}}{{end}}",
    "{{block \"b\" .}}{{define \"c\"}}{{end}}{{end}}",
    "{{if}}{{end}}",
    "{{if .a}}{{else}}{{else}}{{end}}",
    "{{if .a}}{{else if .b}}{{else with .c}}{{end}}",
    "{{with .a}}{{else if .b}}{{end}}",
    "{{with .a}}{{else with $v := .b}}{{$v}}{{end}}",
    "{{if $v := .a}}{{$v}}{{else if $w := .b}}{{$v}}{{$w}}{{else}}{{$v}}{{end}}",
    "{{range}}{{end}}",
    "{{range .list}}{{else range .map}}{{end}}",
    "{{range $a, $b, $c := .}}{{end}}",
    "{{range $x = .list}}{{end}}",
    "{{range $i, $i := .list}}{{$i}}{{end}}",
    "{{range $i := 3}}{{if eq $i 1}}{{continue}}{{end}}{{$i}}{{end}}",
    "{{range $i, $v := 2}}{{$i}}{{$v}}{{end}}",
    "{{range .list}}{{with .}}{{break}}{{end}}{{end}}",
    "{{range .list}}{{define \"q\"}}{{break}}{{end}}{{end}}",
    "{{range \"abc\"}}{{.}}{{end}}",
    "{{range len .list}}{{.}}{{end}}",
    "{{$x, $y := .}}",
    "{{$u = 1}}",
    "{{$x := 1}}{{if true}}{{$x = 2}}{{$x := 3}}{{end}}{{$x}}",
    "{{1 | 2}}",
    "{{. | 1}}",
    "{{nil}}",
    "{{.a | nil}}",
    "{{|}}",
    "{{.a |}}",
    "{{(.a}}",
    "{{.a)}}",
    "{{()}}",
    "{{(1).a}}",
    "{{\"x\".a}}",
    "{{1.a}}",
    "{{true.x}}",
    "{{$.a.}}",
    "{{..}}",
    "{{. .}}",
    "{{.a.b .c}}",
    "{{.a 1}}",
    "{{$ 1}}",
    "{{print.a}}",
    "{{(print .).a.b}}",
    "{{else if .}}",
    "{{end x}}",
    "{{break x}}",
    "{{\n.a\n}}",
    "{{- -}}",
    "{{-1}}",
    "{{- 1}}",
    "{{1-}}",
    "{{1 -1}}",
    "{{and}}{{or}}",
    "{{and 0 (index .list 99)}}{{or 1 (index .list 99)}}{{not}}",
];

impl Writer<'_> {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn delim(&mut self, left: bool) {
        let trims = self.dice.rare(4);
        self.push(match (left, trims) {
            (true, false) => "{{",
            (true, true) => "{{- ",
            (false, false) => "}}",
            (false, true) => " -}}",
        });
    }

    fn action(&mut self, write: impl FnOnce(&mut Self)) {
        self.delim(true);
        if self.dice.rare(5) {
            self.push(" ");
        }
        write(self);
        if self.dice.rare(5) {
            self.push(" ");
        }
        self.delim(false);
    }

    fn item(&mut self, depth: usize) {
        if self.dice.rare(80) {
            let odd = self.dice.pick(&ODD_ACTIONS);
            return self.push(odd);
        }
        match self.dice.below(if depth == 0 { 8 } else { 15 }) {
            0 | 1 => {
                let text = self.dice.pick(&["text", " ", "\n", "a: b\n  ", "\t x ", "}} ", "{ {", "\u{e4}\n\n", "-"]);
                self.push(text);
            }
            2 => {
                let odd = self.dice.rare(12);
                let comments: &[&str] = if odd {
                    &["{{ /* c */}}", "{{/* a */ x}}", "{{/*"]
                } else {
                    &["{{/* c */}}", "{{- /* c\n */ -}}", "{{/**/}}"]
                };
                let comment = self.dice.pick(comments);
                self.push(comment);
            }
            3..=6 => self.action(Self::pipeline),
            7 => self.declaration(),
            8 | 9 => self.control("if", depth),
            10 => self.control("with", depth),
            11 | 12 => self.range(depth),
            13 => self.definition(depth),
            _ if self.loops > 0 => {
                let word = self.dice.pick(&["break", "continue"]);
                self.action(|writer| writer.push(word));
            }
            _ => self.block(depth),
        }
    }

    fn items(&mut self, depth: usize) {
        let is_top = std::mem::take(&mut self.is_top);
        for _ in 0..=self.dice.below(2) {
            self.item(depth - 1);
        }
        self.is_top = is_top;
    }

    fn declaration(&mut self) {
        if !self.variables.is_empty() && self.dice.rare(3) {
            let index = self.dice.below(self.variables.len());
            let name = self.variables[index].clone();
            self.action(|writer| {
                writer.push(&format!("{name} = "));
                writer.pipeline();
            });
            return;
        }
        let name = format!("${}", self.dice.pick(&["x", "y", "z", "long_name", "\u{e4}"]));
        self.action(|writer| {
            writer.push(&format!("{name} := "));
            writer.pipeline();
        });
        self.variables.push(name);
    }

    fn control(&mut self, word: &str, depth: usize) {
        let mark = self.variables.len();
        self.action(|writer| {
            writer.push(word);
            writer.push(" ");
            if writer.dice.rare(4) {
                writer.push("$v := ");
            }
            writer.pipeline();
        });
        self.items(depth);
        if self.dice.rare(3) {
            self.action(|writer| {
                writer.push("else ");
                writer.push(word);
                writer.push(" ");
                writer.pipeline();
            });
            self.items(depth);
        }
        if self.dice.rare(2) {
            self.action(|writer| writer.push("else"));
            self.items(depth);
        }
        self.action(|writer| writer.push("end"));
        self.variables.truncate(mark);
    }

    fn range(&mut self, depth: usize) {
        let mark = self.variables.len();
        let names: &[&str] = self.dice.pick(&[&[][..], &["$v"], &["$i", "$v"]]);
        let assigns = self.dice.rare(8);
        self.action(|writer| {
            writer.push("range ");
            if !names.is_empty() {
                writer.push(&names.join(", "));
                writer.push(if assigns { " = " } else { " := " });
            }
            match writer.dice.below(6) {
                0 => {
                    let number = writer.dice.pick(&["0", "1", "3", "-1", "2.5", "\"ab\"", "true", "nil"]);
                    writer.push(number);
                }
                1 => writer.push("."),
                _ => writer.field(),
            }
        });
        self.variables.extend(names.iter().map(|name| (*name).to_owned()));
        self.loops += 1;
        self.items(depth);
        self.loops -= 1;
        if self.dice.rare(3) {
            self.action(|writer| writer.push("else"));
            self.items(depth);
        }
        self.action(|writer| writer.push("end"));
        self.variables.truncate(mark);
    }

    /// Templates execute only those that were defined before them: no recursion.
    fn definition(&mut self, depth: usize) {
        let name = self.templates;
        if self.is_top && (self.templates == 0 || self.dice.rare(4)) {
            let variables = std::mem::take(&mut self.variables);
            let loops = std::mem::take(&mut self.loops);
            self.push(&format!("{{{{define \"t{name}\"}}}}"));
            self.items(depth);
            self.push("{{end}}");
            (self.variables, self.loops) = (variables, loops);
            self.templates += 1;
        }
        let defined = self.templates + usize::from(self.dice.rare(20));
        if defined == 0 {
            return;
        }
        let name = self.dice.below(defined);
        self.action(|writer| {
            writer.push(&format!("template \"t{name}\""));
            if !writer.dice.rare(4) {
                writer.push(" ");
                writer.pipeline();
            }
        });
    }

    fn block(&mut self, depth: usize) {
        self.blocks += 1;
        let name = self.blocks + 100;
        self.action(|writer| {
            writer.push(&format!("block \"t{name}\" "));
            writer.pipeline();
        });
        let variables = std::mem::take(&mut self.variables);
        let loops = std::mem::take(&mut self.loops);
        self.items(depth);
        (self.variables, self.loops) = (variables, loops);
        self.push("{{end}}");
    }

    fn pipeline(&mut self) {
        match self.dice.below(10) {
            0..=4 => self.operand(),
            5..=7 => self.call(),
            _ => {
                self.operand();
                for _ in 0..=self.dice.below(2) {
                    let pipe = if self.dice.rare(4) { "|" } else { " | " };
                    self.push(pipe);
                    self.call();
                }
            }
        }
    }

    fn call(&mut self) {
        match self.dice.below(8) {
            0 | 1 => return self.printf(),
            2 => return self.comparison(),
            3 => return self.access(),
            _ => {}
        }
        let (name, least, most) = self.dice.pick(&FUNCTIONS);
        self.push(name);
        let mut count = least + self.dice.below(most - least + 1);
        if self.dice.rare(30) {
            count = self.dice.below(4);
        }
        let takes_large = !matches!(name, "and" | "or" | "index" | "slice");
        for _ in 0..count {
            self.push(" ");
            self.argument(takes_large);
        }
    }

    /// A comparison of two of a kind.
    fn comparison(&mut self) {
        let name = self.dice.pick(&["eq", "ne", "lt", "le", "gt", "ge"]);
        let values = self.dice.pick(&[
            &["1", "2", "0x10", "'a'", "-1", "(len .list)"][..],
            &["\"a\"", "\"b\"", "`a`", "(print .)", "(print .a)"],
            &["1.5", "-0.25", "1e3", "1.0"],
        ]);
        self.push(name);
        for _ in 0..2 {
            let value = self.dice.pick(values);
            self.push(&format!(" {value}"));
        }
    }

    /// An item or a part of what is likely there.
    fn access(&mut self) {
        let call = self.dice.pick(&[
            "index .map \"a\"",
            "index . \"a\"",
            "index .list 0",
            "index .list 1",
            "index \"abc\" 1",
            "index . \"map\" \"b\"",
            "slice .list 1",
            "slice .list 0 1",
            "slice \"hello\" 1 3",
            "slice .a 1",
            "len .",
            "len .map",
            "len .list",
            "len \"abc\"",
        ]);
        self.push(call);
    }

    fn printf(&mut self) {
        self.push("printf \"");
        let count = 1 + self.dice.below(2);
        for _ in 0..count {
            self.directive();
        }
        self.push("\"");
        for _ in 0..(count + self.dice.below(3)).saturating_sub(1) {
            self.push(" ");
            self.argument(true);
        }
    }

    fn directive(&mut self) {
        let before = self.dice.pick(&["", "", "a", " ", "%%", "\u{e4}"]);
        self.push(before);
        self.push("%");
        while self.dice.rare(3) {
            let flag = self.dice.pick(&["+", "-", "#", " ", "0"]);
            self.push(flag);
        }
        if self.dice.rare(10) {
            let index = self.dice.pick(&["[1]", "[2]", "[3]", "[x]", "[", "[0]", "[]"]);
            self.push(index);
        }
        if self.dice.rare(4) {
            let width = self.dice.pick(&["1", "5", "12", "*", "9999999"]);
            self.push(width);
        }
        if self.dice.rare(4) {
            let precision = self.dice.pick(&[".", ".0", ".1", ".3", ".20", ".*", ".[1]*"]);
            self.push(precision);
        }
        let verb = self.dice.pick(&[
            "v", "v", "v", "d", "d", "s", "s", "q", "q", "x", "X", "o", "O", "b", "e", "E", "f", "F", "g", "G", "t",
            "c", "U", "T", "w", "z", "", "!", "\u{e4}",
        ]);
        self.push(verb);
    }

    fn argument(&mut self, takes_large: bool) {
        if takes_large && self.dice.rare(12) {
            let number = self.dice.pick(&LARGE);
            return self.push(number);
        }
        self.operand();
    }

    fn operand(&mut self) {
        match self.dice.below(24) {
            0..=2 => {
                let number = if self.dice.rare(60) { self.dice.pick(&ODD_NUMBERS) } else { self.dice.pick(&NUMBERS) };
                self.push(number);
            }
            3..=5 => {
                let string = if self.dice.rare(80) { self.dice.pick(&ODD_STRINGS) } else { self.dice.pick(&STRINGS) };
                self.push(string);
            }
            6 => {
                let word = self.dice.pick(&[
                    "true", "false", "true", "false", "print", "print", "true", "false", "nil", "nope", "true.a",
                    "nil.a", "len",
                ]);
                self.push(word);
            }
            7..=9 => self.push("."),
            10 => self.push("$"),
            11..=13 => self.variable(),
            14..=16 if self.depth < 3 => {
                self.depth += 1;
                self.push("(");
                self.pipeline();
                self.push(")");
                self.depth -= 1;
                if self.dice.rare(3) {
                    self.field();
                }
            }
            _ => self.field(),
        }
    }

    fn variable(&mut self) {
        if self.variables.is_empty() {
            return self.push("$");
        }
        let index = self.dice.below(self.variables.len());
        let name = self.variables[index].clone();
        self.push(&name);
        if self.dice.rare(4) {
            self.field();
        }
    }

    fn field(&mut self) {
        for _ in 0..=self.dice.below(3) / 2 + usize::from(self.dice.rare(6)) {
            let key = self.dice.pick(&KEYS);
            self.push(&format!(".{key}"));
        }
    }
}

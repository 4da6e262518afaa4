//! Calls from seeds: functions by their declared parameters, arguments that fit and some that do not.

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use weir_gotmpl::{Function, MissingKey, Param};
use weir_sprig::FUNCTIONS;

use super::texts::texts_for;
use super::tomls;
use crate::gotmpl::{Case, Typed};

/// Functions whose results are never the same, or that take too long for many calls.
const LEFT_OUT: [&str; 26] = [
    "ago",
    "now",
    "shuffle",
    "randAlphaNum",
    "randAlpha",
    "randAscii",
    "randNumeric",
    "randBytes",
    "randInt",
    "uuidv4",
    "bcrypt",
    "htpasswd",
    "derivePassword",
    "encryptAES",
    "genPrivateKey",
    "genCA",
    "genCAWithKey",
    "buildCustomCert",
    "genSelfSignedCert",
    "genSelfSignedCertWithKey",
    "genSignedCert",
    "genSignedCertWithKey",
    "getHostByName",
    "repeat",
    "date",
    "htmlDate",
];

/// The names of the functions that are called.
pub fn functions() -> Vec<&'static str> {
    usable().map(|function| function.name).collect()
}

fn usable() -> impl Iterator<Item = &'static Function> {
    FUNCTIONS.functions().iter().filter(|function| !LEFT_OUT.contains(&function.name))
}

/// The keys of maps, also those that are not there.
const KEYS: [&str; 7] = ["a", "b", "c", "list", "map", "Name", "10"];
const INTS: [&str; 15] = ["0", "1", "2", "3", "5", "7", "10", "-1", "-2", "-7", "100", "4", "6", "8", "12"];
const BIG_INTS: [&str; 5] = ["9223372036854775807", "-9223372036854775808", "4294967296", "1000000", "-100000"];
const FLOATS: [&str; 15] = [
    "0",
    "1",
    "-1",
    "0.1",
    "2.5",
    "-2.5",
    "3.14159",
    "1e6",
    "1e21",
    "1e-7",
    "123456789.125",
    "100",
    "-0.5",
    "1e300",
    "9007199254740993",
];

pub(super) struct Dice(StdRng);

impl Dice {
    /// One in `n`.
    pub(super) fn rare(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        self.0.random_range(0..n)
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

struct Builder {
    dice: Dice,
    data: BTreeMap<String, Typed>,
}

pub(super) fn case(seed: u64, function: Option<&str>) -> Case {
    let mut builder = Builder { dice: Dice(StdRng::seed_from_u64(seed)), data: BTreeMap::new() };
    let all: Vec<&Function> = usable().collect();
    let chosen = function.and_then(|name| FUNCTIONS.functions().iter().find(|function| function.name == name));
    let function = chosen.unwrap_or_else(|| builder.dice.pick(&all));
    let call = builder.call(function, 1);
    let shown = builder.data.keys().map(|key| format!(" {{{{ .{key} | toJson }}}}")).collect::<String>();
    let template = format!("{{{{ $r := {call} }}}}{{{{ printf \"%T %v\" $r $r }}}} {{{{ $r | toJson }}}}{shown}");
    Case { template, data: Typed::Map("any", Some(builder.data)), missing_key: MissingKey::Default }
}

impl Builder {
    fn call(&mut self, function: &Function, depth: usize) -> String {
        let mut out = function.name.to_owned();
        let fixed = function.params.len() - usize::from(function.variadic);
        let more = if function.variadic { self.dice.below(4) } else { 0 };
        let mut count = fixed + more;
        if self.dice.rare(40) {
            count = count.saturating_sub(1);
        }
        if function.name == "dig" {
            return self.dig();
        }
        for at in 0..count {
            let param = function.params[at.min(function.params.len() - 1)];
            out.push(' ');
            out.push_str(&self.argument(function.name, at, param, depth));
        }
        out
    }

    fn dig(&mut self) -> String {
        let count = 1 + self.dice.below(3);
        let keys: Vec<String> = (0..count).map(|_| format!("{:?}", self.dice.pick(&["a", "b", "map"]))).collect();
        let default = self.argument("dig", 0, Param::Any, 0);
        let map = self.argument("dig", 1, Param::Map, 0);
        format!("dig {} {default} {map}", keys.join(" "))
    }

    fn argument(&mut self, name: &str, at: usize, param: Param, depth: usize) -> String {
        let value = match param {
            Param::Object("time.Time") => return self.time(),
            Param::Any if is_date(name) && at == usize::from(name != "duration" && !name.starts_with("html")) => {
                return if self.dice.rare(3) { self.time() } else { self.seconds() };
            }
            _ if depth > 0 && self.dice.rare(8) => return self.nested(depth),
            _ if self.dice.rare(14) => self.any(2),
            Param::String => Typed::String(self.text(name, at)),
            Param::Int | Param::Int64 => self.int(name, param),
            Param::Float64 => Typed::Scalar("float64", self.dice.pick(&FLOATS).to_owned()),
            Param::Bool => Typed::Scalar("bool", self.dice.pick(&["true", "false"]).to_owned()),
            Param::Map => self.map("any", 3),
            Param::List => self.list("any", 2),
            Param::Strings => self.list("string", 1),
            _ => self.any_for(name),
        };
        self.literal(&value).unwrap_or_else(|| self.stored(value))
    }

    /// Some values stand in the template itself, where they have no type of their own.
    fn literal(&mut self, value: &Typed) -> Option<String> {
        match value {
            Typed::Scalar("int" | "bool", text) if self.dice.rare(3) => Some(text.clone()),
            Typed::Scalar("float64", text) if self.dice.rare(3) && text.contains('.') => Some(text.clone()),
            Typed::Nil if self.dice.rare(4) => Some("nil".to_owned()),
            _ => None,
        }
    }

    fn stored(&mut self, value: Typed) -> String {
        let key = format!("x{}", self.data.len());
        let expression = format!(".{key}");
        self.data.insert(key, value);
        expression
    }

    fn nested(&mut self, depth: usize) -> String {
        let inner = [
            "list",
            "dict",
            "toString",
            "splitList",
            "keys",
            "toYaml",
            "int",
            "float64",
            "first",
            "b64enc",
            "split",
            "semver",
            "until",
            "concat",
            "rest",
            "fromYaml",
            "quote",
            "tuple",
            "regexFindAll",
            "toStrings",
            "chunk",
            "deepCopy",
            "merge",
        ];
        let name = self.dice.pick(&inner);
        match FUNCTIONS.functions().iter().find(|function| function.name == name) {
            Some(function) => format!("({})", self.call(function, depth - 1)),
            None => "nil".to_owned(),
        }
    }

    fn time(&mut self) -> String {
        let seconds = self.dice.pick(&[
            "2023-11-14 22:13:20",
            "1970-01-01 00:00:00",
            "2024-02-29 12:30:59",
            "0001-01-01 00:00:00",
            "1999-12-31 23:59:59",
        ]);
        format!("(toDate \"2006-01-02 15:04:05\" {seconds:?})")
    }

    fn seconds(&mut self) -> String {
        let kind = self.dice.pick(&["int", "int64", "int32"]);
        let seconds = self.dice.pick(&["0", "1700000000", "951782400", "-86400", "1711846800", "2000000000"]);
        self.stored(Typed::Scalar(kind, seconds.to_owned()))
    }

    fn int(&mut self, name: &str, param: Param) -> Typed {
        let sized = ["until", "untilStep", "seq", "indent", "nindent"].contains(&name);
        let text = if !sized && self.dice.rare(12) { self.dice.pick(&BIG_INTS) } else { self.dice.pick(&INTS) };
        Typed::Scalar(if param == Param::Int64 { "int64" } else { "int" }, text.to_owned())
    }

    fn text(&mut self, name: &str, at: usize) -> Vec<u8> {
        if name == "fromToml" && !self.dice.rare(4) {
            return tomls::document(&mut self.dice).into_bytes();
        }
        let pool = texts_for(name, at);
        let text = pool[self.dice.below(pool.len())];
        if self.dice.rare(12) {
            let other = texts_for("", 0);
            return [text.as_bytes(), other[self.dice.below(other.len())].as_bytes()].concat();
        }
        // What is no UTF-8 has another error as YAML, and is found by expressions as U+FFFD.
        let is_utf8 = ["fromYaml", "semver"].iter().any(|start| name.starts_with(start))
            || (at == 1 && name.to_lowercase().contains("regex"));
        if self.dice.rare(60) && !is_utf8 {
            return [text.as_bytes(), b"\xff\xc3"].concat();
        }
        text.as_bytes().to_vec()
    }

    /// Lists for the functions of lists, numbers for those of numbers.
    fn any_for(&mut self, name: &str) -> Typed {
        let lists = [
            "append",
            "push",
            "prepend",
            "first",
            "rest",
            "last",
            "initial",
            "reverse",
            "compact",
            "uniq",
            "without",
            "has",
            "slice",
            "concat",
            "chunk",
            "sortAlpha",
            "join",
            "toStrings",
        ];
        let plain = name.strip_prefix("must").map_or_else(|| name.to_owned(), str::to_lowercase);
        if lists.iter().any(|list| list.eq_ignore_ascii_case(&plain)) && !self.dice.rare(3) {
            let elem = self.dice.pick(&["any", "any", "string", "int", "float64", "uint8"]);
            return self.list(elem, 2);
        }
        let numbers =
            ["add", "sub", "div", "mod", "mul", "max", "min", "floor", "ceil", "round", "int", "float64", "toDecimal"];
        if numbers.iter().any(|number| name.starts_with(number)) && !self.dice.rare(4) {
            return self.number();
        }
        if name == "toToml" && !self.dice.rare(5) {
            return self.map("any", 3);
        }
        self.any(3)
    }

    fn number(&mut self) -> Typed {
        match self.dice.below(4) {
            0 => self.scalar("float64"),
            1 => {
                let text = self.dice.pick(&[
                    "1", "12", "1.5", "0x1f", "010", "1e3", "-7", "", "abc", "1_000", "3.00", "+5", "0777", ".5",
                    "Inf", "0b101",
                ]);
                Typed::String(text.into())
            }
            _ => {
                let kind = self.dice.pick(&["int", "int64", "int", "int32", "uint8", "uint64"]);
                self.scalar(kind)
            }
        }
    }

    fn any(&mut self, depth: usize) -> Typed {
        match self.dice.below(if depth == 0 { 10 } else { 15 }) {
            0 => Typed::Nil,
            1 => self.scalar("bool"),
            2 | 3 => self.scalar("int"),
            4 => {
                let kind = self.dice.pick(&["int64", "int32", "uint8", "uint64", "uint16", "float32", "int8"]);
                self.scalar(kind)
            }
            5 => self.scalar("float64"),
            6..=9 => Typed::String(self.text("", 0)),
            10..=12 => {
                let elem = self.dice.pick(&["any", "any", "any", "string", "int", "uint8", "float64"]);
                self.list(elem, depth)
            }
            _ => {
                let elem = self.dice.pick(&["any", "any", "any", "any", "string", "int"]);
                self.map(elem, depth)
            }
        }
    }

    fn scalar(&mut self, kind: &'static str) -> Typed {
        let text = match kind {
            "bool" => self.dice.pick(&["true", "false"]),
            "float64" => self.dice.pick(&FLOATS),
            "float32" => self.dice.pick(&["0", "0.1", "1.5", "-3", "16777216"]),
            "uint8" | "uint16" | "uint64" => self.dice.pick(&["0", "1", "7", "200", "97"]),
            "int8" => self.dice.pick(&["0", "1", "-7", "100"]),
            "int32" => self.dice.pick(&INTS),
            _ if self.dice.rare(8) => self.dice.pick(&BIG_INTS),
            _ => self.dice.pick(&INTS),
        };
        Typed::Scalar(kind, text.to_owned())
    }

    fn elem(&mut self, elem: &'static str, depth: usize) -> Typed {
        match elem {
            "any" => self.any(depth.saturating_sub(1)),
            "string" => Typed::String(self.text("", 0)),
            kind => self.scalar(kind),
        }
    }

    fn list(&mut self, elem: &'static str, depth: usize) -> Typed {
        if self.dice.rare(20) {
            return Typed::List(elem, None);
        }
        let count = self.dice.below(5);
        Typed::List(elem, Some((0..count).map(|_| self.elem(elem, depth)).collect()))
    }

    fn map(&mut self, elem: &'static str, depth: usize) -> Typed {
        if self.dice.rare(25) {
            return Typed::Map(elem, None);
        }
        let count = self.dice.below(5);
        let fields = (0..count).map(|_| (self.dice.pick(&KEYS).to_owned(), self.elem(elem, depth))).collect();
        Typed::Map(elem, Some(fields))
    }
}

fn is_date(name: &str) -> bool {
    ["date_in_zone", "dateInZone", "htmlDateInZone"].contains(&name)
}

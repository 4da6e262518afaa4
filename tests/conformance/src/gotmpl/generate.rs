//! Cases from seeds.

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use weir_gotmpl::MissingKey;

use super::{Case, Typed, text};

/// The choices of one case.
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

/// The keys of maps, also those that are not there.
pub(super) const KEYS: [&str; 8] = ["a", "b", "c", "d", "list", "map", "Name", "x1"];

/// Words and worse.
pub(super) const TEXTS: [&[u8]; 14] = [
    b"",
    b"a",
    b"hello",
    b"Hello World",
    "\u{e4}\u{f6}\u{fc} \u{20ac}".as_bytes(),
    b"<a href=\"x\">&'",
    b"0",
    b"12",
    b"true",
    b"line\nline",
    "\u{1f600}\u{200b}\u{feff}".as_bytes(),
    b"\xff\xfe",
    b"a\x00b\x7f\t\\",
    b"%d%s",
];

const INTS: [&str; 6] = ["int", "int8", "int16", "int32", "int64", "int"];
const UINTS: [&str; 5] = ["uint", "uint8", "uint16", "uint32", "uint64"];

pub(super) fn case(seed: u64) -> Case {
    let mut dice = Dice(StdRng::seed_from_u64(seed));
    let data = if dice.rare(15) { value(&mut dice, 2) } else { map(&mut dice, "any", 3) };
    let missing_key = match dice.below(10) {
        0 => MissingKey::Error,
        1 | 2 => MissingKey::Zero,
        _ => MissingKey::Default,
    };
    let template = text::template(&mut dice);
    Case { template, data, missing_key }
}

fn value(dice: &mut Dice, depth: usize) -> Typed {
    match dice.below(if depth == 0 { 9 } else { 14 }) {
        0 => Typed::Nil,
        1 => scalar(dice, "bool"),
        2 => {
            let name = dice.pick(&INTS);
            scalar(dice, name)
        }
        3 => {
            let name = dice.pick(&UINTS);
            scalar(dice, name)
        }
        4 => {
            let name = dice.pick(&["float64", "float64", "float32"]);
            scalar(dice, name)
        }
        5..=8 => Typed::String(dice.pick(&TEXTS).to_vec()),
        9..=10 => {
            let elem = dice.pick(&["any", "any", "any", "string", "int", "uint8", "float64", "bool", "int64"]);
            list(dice, elem, depth)
        }
        _ => {
            let elem = dice.pick(&["any", "any", "any", "string", "int", "bool"]);
            map(dice, elem, depth)
        }
    }
}

fn item(dice: &mut Dice, elem: &'static str, depth: usize) -> Typed {
    match elem {
        "any" => value(dice, depth.saturating_sub(1)),
        "string" => Typed::String(dice.pick(&TEXTS).to_vec()),
        scalar_type => scalar(dice, scalar_type),
    }
}

fn list(dice: &mut Dice, elem: &'static str, depth: usize) -> Typed {
    let items = (0..dice.below(4)).map(|_| item(dice, elem, depth)).collect();
    Typed::List(elem, (!dice.rare(12)).then_some(items))
}

fn map(dice: &mut Dice, elem: &'static str, depth: usize) -> Typed {
    let mut items = BTreeMap::new();
    for _ in 0..dice.below(if depth == 3 { 8 } else { 4 }) {
        let key = dice.pick(&KEYS).to_owned();
        items.insert(key, item(dice, elem, depth));
    }
    Typed::Map(elem, (!dice.rare(12)).then_some(items))
}

/// Numbers stay small: templates count up to them.
fn scalar(dice: &mut Dice, name: &'static str) -> Typed {
    let text = match name {
        "bool" => dice.pick(&["true", "false"]),
        "float32" | "float64" => {
            dice.pick(&["0", "-0", "1", "0.1", "-2.5", "1e6", "1e21", "3.4e38", "1e-5", "0.5", "100"])
        }
        name if name.starts_with('u') => dice.pick(&["0", "1", "2", "3", "65", "127", "255"]),
        _ => dice.pick(&["0", "1", "2", "3", "-1", "-128", "65", "100", "127"]),
    };
    Typed::Scalar(name, text.to_owned())
}

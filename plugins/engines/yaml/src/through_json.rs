//! What JSON makes of a tree, without making JSON of it.

use serde_json::Value;

use crate::Error;
use crate::json::{Place, from_json, key_text, printed_meaning, string_style, to_json};
use crate::node::{Kind, Node, Style, Tag};
use crate::resolve::Rules;
use crate::sort::sort_by_keys;

/// Mappings of so many fields are searched for repeated keys by comparing each with each.
const MAX_COMPARED: usize = 32;

/// The tree that [`from_json`] makes of what [`to_json`] makes of this one, with [`Rules::Yaml12`]: most of its texts stay
/// where they are.
///
/// # Errors
/// As [`to_json`].
pub fn through_json(mut node: Node) -> Result<Node, Error> {
    let mut changes = Vec::new();
    if plan(&node, Place::Block, &mut changes).is_none() {
        return to_json(&node, Rules::Yaml12).map(from_json);
    }
    carry_out(&mut node, &mut changes.into_iter());
    Ok(node)
}

/// What becomes of each scalar, in order: nothing for a text that stays. `None` where something is not as in most trees.
fn plan(node: &Node, place: Place, changes: &mut Vec<Option<Value>>) -> Option<()> {
    let place = place.of(node);
    match &node.kind {
        Kind::Scalar(text) => changes.push(printed_meaning(node, text, place).ok()?),
        Kind::Sequence(items) => items.iter().try_for_each(|item| plan(item, place, changes))?,
        Kind::Mapping(fields) => {
            if !has_distinct_keys(fields) {
                return None;
            }
            for (key, value) in fields {
                key_text(key, value, Rules::Yaml12).ok()?;
                plan(value, place, changes)?;
            }
        }
    }
    Some(())
}

/// Whether the keys are few texts, none is there twice, and none merges another mapping.
fn has_distinct_keys(fields: &[(Node, Node)]) -> bool {
    let is_new = |at: usize| {
        let key = &fields[at].0;
        key.is_scalar() && key.tag != Tag::Merge && fields[..at].iter().all(|(other, _)| other.text() != key.text())
    };
    fields.len() <= MAX_COMPARED && (0..fields.len()).all(is_new)
}

fn carry_out(node: &mut Node, changes: &mut impl Iterator<Item = Option<Value>>) {
    match &mut node.kind {
        Kind::Scalar(_) => match changes.next().flatten() {
            Some(value) => *node = from_json(value),
            None => make_text(node),
        },
        Kind::Sequence(items) => {
            items.iter_mut().for_each(|item| carry_out(item, changes));
            (node.tag, node.style) = (Tag::Seq, Style::Plain);
        }
        Kind::Mapping(fields) => {
            for (key, value) in fields.iter_mut() {
                make_text(key);
                carry_out(value, changes);
            }
            sort_fields(fields);
            (node.tag, node.style) = (Tag::Map, Style::Plain);
        }
    }
}

fn make_text(node: &mut Node) {
    node.style = string_style(node.text());
    node.tag = Tag::Str;
}

/// Sorts fields as [`from_json`] does, which finds them sorted by bytes.
pub fn sort_fields(fields: &mut Vec<(Node, Node)>) {
    if !fields.is_sorted_by(|(a, _), (b, _)| a.text() < b.text()) {
        fields.sort_by(|(a, _), (b, _)| a.text().cmp(b.text()));
    }
    sort_by_keys(fields, |(key, _)| key.text());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_first;

    fn check(text: &str) {
        let node = parse_first(text).unwrap().unwrap();
        assert_eq!(through_json(node.clone()), to_json(&node, Rules::Yaml12).map(from_json), "{text}");
    }

    #[test]
    fn trees_become_what_json_makes_of_them() {
        for text in [
            "b: x\na: [1, 0x10, 1.50, ~, yes, true, 'yes', \"1\", 2001-01-02, 2001-01-02T01:02:03Z, e: ]\n",
            "a10: 1\na9: 2\nA: 3\n_: 4\n'': 5\n\"on\": 6\n-1a: 7\n",
            "a: |\n  x\n  y\nb: >\n  x\n\n    y\nc: \"x\\ty\"\nd: !!binary aGk=\ne: !mine x\n",
            "a: {b: [c, {d: }], e: {}}\nf: []\ng: {x: 'a: b'}\n",
            "<<: {a: 1, b: 2}\na: 3\n",
            "a: &x {b: 1}\nc: {<<: *x}\n",
        ] {
            check(text);
        }
        let many: String = (0..MAX_COMPARED + 1).rev().map(|number| format!("key{number}: {number}\n")).collect();
        check(&many);
    }

    #[test]
    fn what_has_no_json_form_is_refused_in_the_same_words() {
        for text in
            ["a: 1\na: 2\n", "a: {1: x}\n", "a: .inf\n", "a: !!int x\n", "? [a]\n: b\n", "b: {1: x}\nc: {d: , d: }\n"]
        {
            check(text);
            let node = parse_first(text).unwrap().unwrap();
            assert!(through_json(node).is_err(), "{text}");
        }
    }
}

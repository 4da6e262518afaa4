//! Trees that are plain data, printed as they stand.

use std::borrow::Cow;

use serde_json::{Number, Value};

use crate::emit::Emitter;
use crate::json::{finite, key_text, scalar_of};
use crate::node::{Kind, Node, Style, Tag};
use crate::resolve::{Resolved, Rules};
use crate::sort::sort_by_keys;

/// As [`to_json`](crate::to_json) (by go-yaml v3's rules) and [`to_yaml`](crate::to_yaml) on its result, without building
/// it. `None` for a tree that is more than plain data: with merge keys, repeated keys, values that contradict their tag,
/// or texts that may change on their way through JSON. Those have to go that way.
pub fn node_to_yaml(node: &Node) -> Option<String> {
    let mut out = String::new();
    write(&mut Emitter::new(&mut out), node, false)?;
    Some(out)
}

/// `in_flow` is inside of `[a]` or `{a: b}`.
fn write(emitter: &mut Emitter<'_>, node: &Node, in_flow: bool) -> Option<()> {
    let in_flow = in_flow || node.style == Style::Flow;
    match &node.kind {
        Kind::Scalar(text) if in_flow && is_nothing(node, text) => emitter.string(""),
        Kind::Scalar(text) => scalar(emitter, node, text)?,
        Kind::Sequence(items) => {
            emitter.begin_sequence(items.is_empty());
            for item in items {
                emitter.item();
                write(emitter, item, in_flow)?;
            }
            emitter.end(items.is_empty());
        }
        Kind::Mapping(fields) => {
            let fields = sorted(fields)?;
            emitter.begin_mapping(fields.is_empty());
            for (name, value) in &fields {
                emitter.key(name);
                write(emitter, value, in_flow)?;
            }
            emitter.end(fields.is_empty());
        }
    }
    Some(())
}

/// A null of which nothing is written, or a scalar that was made so. go-yaml v3 prints it as `''` in flow style, which is
/// a text.
pub(crate) fn is_nothing(node: &Node, text: &str) -> bool {
    matches!(node.tag, Tag::Null | Tag::None) && text.is_empty()
}

/// Every key is a string and none comes twice.
fn sorted(fields: &[(Node, Node)]) -> Option<Vec<(&str, &Node)>> {
    let mut fields: Vec<(&str, &Node)> = fields.iter().map(field).collect::<Option<_>>()?;
    // The order that they have as JSON comes first: some sets of keys come out differently from another one.
    fields.sort_unstable_by_key(|(name, _)| *name);
    if fields.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return None;
    }
    sort_by_keys(&mut fields, |(name, _)| name);
    Some(fields)
}

fn field((key, value): &(Node, Node)) -> Option<(&str, &Node)> {
    match key_text(key, value, Rules::Yaml12) {
        Ok(Cow::Borrowed(text)) if key.tag != Tag::Merge && text.is_ascii() => Some((text, value)),
        _ => None,
    }
}

fn scalar(emitter: &mut Emitter<'_>, node: &Node, text: &str) -> Option<()> {
    let is_odd = !text.is_ascii() || text.contains('\u{7f}') || text.starts_with('\t') || node.tag == Tag::Binary;
    if is_odd || (node.style == Style::Folded && text.contains('\n')) {
        return None;
    }
    match scalar_of(node, Rules::Yaml12).ok()? {
        Resolved::Null => emitter.plain("null"),
        Resolved::Bool(value) => emitter.plain(if value { "true" } else { "false" }),
        Resolved::Int(value) => emitter.plain(&value.to_string()),
        Resolved::Uint(value) => emitter.plain(&value.to_string()),
        Resolved::Float(value) => float(emitter, value)?,
        Resolved::Str => emitter.string(text),
        Resolved::Timestamp(_) | Resolved::Merge => return None,
    }
    Some(())
}

/// Whole numbers lose their point on the way.
fn float(emitter: &mut Emitter<'_>, value: f64) -> Option<()> {
    let Ok(Value::Number(number)) = finite(value) else { return None };
    match number.as_f64().filter(|_| Number::is_f64(&number)) {
        Some(value) => emitter.float(value),
        None => emitter.plain(&number.to_string()),
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{parse_first, to_json, to_yaml};

    #[test]
    fn trees_print_as_their_json_does() {
        let all = "b: [1, {y: x, a: 0x1F}]\na: {z: 1.0, s: \"yes\", k: off, \"n\": ~}\nt: |\n  x\n  y\ne: {}\nl: []\n";
        for (text, is_plain) in [
            (all, true),
            ("- [[a, b: c], 1e3, 1.5, '', \"#\", 18446744073709551615]\n- x\n", true),
            ("plain", true),
            ("{}", true),
            ("{a: , b: [x: , ~], c: {}, d}", true),
            ("a:\nb:\n- \n- c\n", true),
            ("a: {<<: {b: 1}, c: 2}", false),
            ("a: 1\na: 2", false),
            ("a: 2001-01-02", false),
            ("a: >\n  x\n  y\n", false),
            ("a: !!int x", false),
            ("a: é", false),
            ("1: a", false),
        ] {
            let node = parse_first(text).unwrap().unwrap();
            let printed = node_to_yaml(&node);
            assert_eq!(printed.is_some(), is_plain, "{text}");
            if let Some(printed) = printed {
                assert_eq!(printed, to_yaml(&to_json(&node, Rules::Yaml12).unwrap()), "{text}");
            }
        }
    }
}

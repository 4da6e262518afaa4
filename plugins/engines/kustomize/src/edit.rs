//! Changing nodes by kyaml's rules, which decide what a changed value reads as afterwards.

use weir_yaml::{Kind, Node, Resolved, Rules, Style, Tag, parse_first_as, resolve};

use crate::error::{Error, Result};

/// What kyaml calls a kind of node.
pub(crate) fn kind_name(node: &Node) -> &'static str {
    match node.kind {
        Kind::Scalar(_) => "ScalarNode",
        Kind::Sequence(_) => "SequenceNode",
        Kind::Mapping(_) => "MappingNode",
    }
}

pub(crate) fn wrong_kind(expected: &'static str, node: &Node) -> Error {
    Error::WrongKind { expected, found: kind_name(node), node: weir_yaml::to_string(node) }
}

fn is_string(node: &Node) -> bool {
    node.is_scalar() && matches!(node.tag, Tag::None | Tag::Str)
}

/// Whether a string without quotes reads as something else in YAML 1.1.
pub(crate) fn is_ambiguous(value: &Node) -> bool {
    let text = value.text();
    let is_plain = is_string(value) && value.style == Style::Plain && !text.is_empty();
    is_plain && !text.contains('\n') && (!matches!(resolve(text, Rules::Yaml11), Resolved::Str) || is_structure(text))
}

/// Whether a text on one line is a mapping, a list or nothing at all.
fn is_structure(text: &str) -> bool {
    let starts = text.starts_with(['[', '{', '#', '&', '!', '"', '\'']) || text == "---";
    let may_be =
        starts || text.starts_with("- ") || text.starts_with("? ") || text.contains(": ") || text.ends_with(':');
    may_be && parse_first_as(text, Rules::Yaml11).is_ok_and(|read| !read.is_some_and(|node| is_string(&node)))
}

/// Such strings get quotes, unless the replaced value's style decides.
pub(crate) fn quote_if_ambiguous(value: &mut Node) {
    if is_ambiguous(value) {
        value.style = Style::DoubleQuoted;
    }
}

/// Sets or (with nothing or null) removes a field. A new value takes the style of the one that it replaces.
pub(crate) fn set_field(node: &mut Node, key: &str, value: Option<Node>) -> Result<()> {
    if node.is_null() {
        return Ok(());
    }
    if !node.is_mapping() {
        return Err(wrong_kind("MappingNode", node));
    }
    let Some(mut value) = value.filter(|value| !value.is_null()) else {
        node.remove(key);
        return Ok(());
    };
    quote_if_ambiguous(&mut value);
    match node.get_mut(key) {
        Some(existing) => {
            value.style = existing.style;
            *existing = value;
        }
        None => node.push(key, value),
    }
    Ok(())
}

/// Replaces a scalar in place; the style stays, so quoted text stays text.
pub(crate) fn set_scalar(node: &mut Node, mut value: Node) -> Result<()> {
    if !node.is_scalar() {
        return Err(wrong_kind("ScalarNode", node));
    }
    value.style = node.style;
    *node = value;
    Ok(())
}

/// Splits at a delimiter that a backslash can escape.
pub(crate) fn split_path(path: &str, delimiter: char) -> Vec<String> {
    let path = path.strip_prefix(delimiter).filter(|rest| !rest.is_empty()).unwrap_or(path);
    let mut parts: Vec<String> = Vec::new();
    for part in path.split(delimiter) {
        match parts.last_mut() {
            Some(last) if last.ends_with('\\') => {
                last.pop();
                last.push(delimiter);
                last.push_str(part);
            }
            _ => parts.push(part.to_owned()),
        }
    }
    parts
}

/// As [`split_path`], where brackets keep a delimiter: `a.[b.c=d].e`.
pub(crate) fn split_bracketed_path(path: &str, delimiter: char) -> Vec<String> {
    let mut result: Vec<String> = Vec::new();
    let mut parts = split_path(path, delimiter).into_iter();
    while let Some(part) = parts.next() {
        if !part.starts_with('[') || part.ends_with(']') {
            result.push(part);
            continue;
        }
        let mut whole = part;
        for next in parts.by_ref() {
            whole.push(delimiter);
            whole.push_str(&next);
            if next.ends_with(']') {
                break;
            }
        }
        result.push(if whole.contains('=') { whole } else { whole.trim_matches(['[', ']']).to_owned() });
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_split() {
        assert_eq!(split_path("a/b\\/c/d", '/'), ["a", "b/c", "d"]);
        assert_eq!(split_path("/a", '/'), ["a"]);
        assert_eq!(split_bracketed_path("a.[n=x.y].b", '.'), ["a", "[n=x.y]", "b"]);
        assert_eq!(split_bracketed_path("a.[b.c].d", '.'), ["a", "b.c", "d"]);
    }

    #[test]
    fn a_replaced_value_keeps_its_style() {
        let mut node = weir_yaml::parse_first("a: '1'\nb: x\n").unwrap().unwrap();
        set_field(&mut node, "a", Some(Node::scalar("2"))).unwrap();
        set_field(&mut node, "b", Some(Node::scalar("true"))).unwrap();
        set_field(&mut node, "c", Some(Node::scalar("true"))).unwrap();
        assert_eq!(weir_yaml::to_string(&node), "a: '2'\nb: true\nc: \"true\"\n");
        set_field(&mut node, "a", None).unwrap();
        assert!(node.get("a").is_none());
    }
}

use crate::node::{Kind, Node, Style, Tag};
use crate::resolve::{Rules, tag_of};
use crate::scalar::{Version, Writer, analyze, is_at_line_start};

const INDENT: usize = 2;
const MAX_SIMPLE_KEY: usize = 128;

/// Prints a tree as kustomize prints its resources internally (go-yaml v3, two spaces, sequences not indented): order
/// and styles are kept, lines are never broken.
pub fn to_string(node: &Node) -> String {
    print(node, Sequences::Compact)
}

/// Prints a tree as go-yaml v3 does with an indentation of two spaces, sequences indented as well.
pub fn to_string_indented(node: &Node) -> String {
    print(node, Sequences::Indented)
}

/// Where a sequence in a mapping begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sequences {
    /// At the column of its key.
    Compact,
    Indented,
}

fn print(node: &Node, sequences: Sequences) -> String {
    let mut out = String::new();
    block(node, 0, sequences, &mut out);
    end_line(&mut out);
    out
}

fn is_inline(node: &Node) -> bool {
    node.style == Style::Flow || node.is_scalar() || (node.items().is_empty() && node.fields().is_empty())
}

fn block(node: &Node, indent: usize, sequences: Sequences, out: &mut String) {
    match &node.kind {
        _ if is_inline(node) => {
            flow(node, indent + INDENT, false, out);
            end_line(out);
        }
        Kind::Mapping(fields) => mapping(fields, indent, sequences, out),
        Kind::Sequence(items) => sequence(items, indent, sequences, out),
        Kind::Scalar(_) => {}
    }
}

fn end_line(out: &mut String) {
    if !is_at_line_start(out) {
        out.push('\n');
    }
}

fn start_line(indent: usize, out: &mut String) {
    if out.is_empty() || is_at_line_start(out) {
        out.extend(std::iter::repeat_n(' ', indent));
    }
}

fn mapping(fields: &[(Node, Node)], indent: usize, sequences: Sequences, out: &mut String) {
    for (key, value) in fields {
        start_line(indent, out);
        if !is_simple_key(key) {
            out.push_str("? ");
            block(key, indent + INDENT, sequences, out);
            start_line(indent, out);
            out.push_str(": ");
            block(value, indent + INDENT, sequences, out);
            continue;
        }
        flow(key, indent, true, out);
        out.push(':');
        if is_inline(value) {
            spaced(value, indent + INDENT, out);
            end_line(out);
        } else {
            out.push('\n');
            let compact = value.is_sequence() && sequences == Sequences::Compact;
            block(value, if compact { indent } else { indent + INDENT }, sequences, out);
        }
    }
}

fn sequence(items: &[Node], indent: usize, sequences: Sequences, out: &mut String) {
    for item in items {
        start_line(indent, out);
        out.push('-');
        if is_inline(item) {
            spaced(item, indent + INDENT, out);
            end_line(out);
        } else {
            out.push(' ');
            block(item, indent + INDENT, sequences, out);
        }
    }
}

/// Writes a node behind a space, when there is anything to write.
fn spaced(node: &Node, indent: usize, out: &mut String) {
    out.push(' ');
    let start = out.len();
    flow(node, indent, false, out);
    if out.len() == start {
        out.pop();
    }
}

/// Whether a key stands on the line of its value.
pub(crate) fn is_simple_key(key: &Node) -> bool {
    is_inline(key) && key.text().len() <= MAX_SIMPLE_KEY && !key.text().contains('\n')
}

/// A scalar as it is written where it stands.
pub(crate) fn scalar_text(node: &Node, indent: usize, simple_key: bool, in_flow: bool) -> String {
    let mut out = String::new();
    scalar(node, node.text(), indent, Place { simple_key, in_flow }, &mut out);
    out
}

/// Writes a node on one line (block scalars apart).
fn flow(node: &Node, indent: usize, simple_key: bool, out: &mut String) {
    match &node.kind {
        Kind::Scalar(text) => scalar(node, text, indent, Place { simple_key, in_flow: false }, out),
        _ => flow_collection(node, indent, out),
    }
}

/// What is in brackets is further in than these.
fn flow_collection(node: &Node, indent: usize, out: &mut String) {
    let place = |simple_key| Place { simple_key, in_flow: true };
    let inside = indent + INDENT;
    match &node.kind {
        Kind::Scalar(text) => scalar(node, text, indent, place(false), out),
        Kind::Sequence(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                flow_collection(item, inside, out);
            }
            out.push(']');
        }
        Kind::Mapping(fields) => {
            out.push('{');
            for (index, (key, value)) in fields.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                scalar(key, key.text(), inside, place(true), out);
                out.push_str(": ");
                flow_collection(value, inside, out);
            }
            out.push('}');
        }
    }
}

struct Place {
    simple_key: bool,
    in_flow: bool,
}

/// A tag as it is written: whole in brackets, where it is not a local or a standard one.
fn shown_tag(tag: &Tag) -> String {
    match tag.to_string() {
        short if short.starts_with('!') => short,
        whole => format!("!<{whole}>"),
    }
}

/// The tag to print and whether quotes stand in for `!!str`.
fn presentation(node: &Node, text: &str) -> (Option<String>, bool) {
    match &node.tag {
        Tag::None => (None, false),
        Tag::Str if node.style.is_quoting() => (None, false),
        tag => match tag_of(text, Rules::Yaml12) {
            implied if implied == *tag => (None, false),
            _ if *tag == Tag::Str => (None, true),
            _ => (Some(shown_tag(tag)), false),
        },
    }
}

fn scalar(node: &Node, text: &str, indent: usize, place: Place, out: &mut String) {
    let (tag, force_quotes) = presentation(node, text);
    if let Some(tag) = &tag {
        out.push_str(tag);
        out.push(' ');
    }
    let style = match node.style {
        Style::Plain | Style::Flow if text.contains('\n') => Style::Literal,
        Style::Plain | Style::Flow if force_quotes => Style::DoubleQuoted,
        Style::Flow => Style::Plain,
        style => style,
    };
    write(text, permitted(text, style, &place), indent, out);
}

fn permitted(text: &str, style: Style, place: &Place) -> Style {
    let allowed = analyze(text, Version::V3);
    let mut style = style;
    if place.simple_key && allowed.multiline {
        style = Style::DoubleQuoted;
    }
    let plain = if place.in_flow { allowed.flow_plain } else { allowed.block_plain };
    if style == Style::Plain && (!plain || text.is_empty() && (place.in_flow || place.simple_key)) {
        style = Style::SingleQuoted;
    }
    if style == Style::SingleQuoted && !allowed.single_quoted {
        style = Style::DoubleQuoted;
    }
    let block = allowed.block && !place.in_flow && !place.simple_key;
    if matches!(style, Style::Literal | Style::Folded) && !block {
        style = Style::DoubleQuoted;
    }
    style
}

fn write(text: &str, style: Style, indent: usize, out: &mut String) {
    let mut writer = Writer::new(out, indent, None);
    match style {
        Style::Plain | Style::Flow => writer.plain(text),
        Style::SingleQuoted => writer.single_quoted(text),
        Style::DoubleQuoted => writer.double_quoted(text),
        Style::Literal => writer.literal(text),
        Style::Folded => writer.folded(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_first;

    #[test]
    fn order_and_styles_are_kept() {
        for text in [
            "b: 'x'\na: \"y\"\nc:\n- 1\n- k: v\n  l: |\n    text\n",
            "- - a\n  - b\n- c\n",
            "a: {}\nb: []\nc: !Ref x\nd: ''\n",
        ] {
            assert_eq!(to_string(&parse_first(text).unwrap().unwrap()), text);
        }
    }

    #[test]
    fn breaks_in_brackets_are_further_in() {
        let text = "['a\u{2028}    b', {c: 'a\u{2028}      b'}]\n";
        assert_eq!(to_string(&parse_first(text).unwrap().unwrap()), text);
    }

    #[test]
    fn folded_text_ends_with_a_line_more() {
        let node = parse_first("a: >\n  folded\n\n  twice\n").unwrap().unwrap();
        assert_eq!(to_string(&node), "a: >\n  folded\n\n  twice\n\n");
    }

    #[test]
    fn strings_are_quoted_where_needed() {
        let mut node = Node::mapping();
        node.push("a", Node::string("1"));
        node.push("b", Node::string("a: b"));
        assert_eq!(to_string(&node), "a: \"1\"\nb: 'a: b'\n");
    }
}

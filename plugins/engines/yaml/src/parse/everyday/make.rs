//! What the short way makes of a text.

use std::borrow::Cow;

use super::super::{empty, scalar};
use crate::node::{Kind, Node, Style, Tag};
use crate::resolve::{Resolved, Rules, resolve};

/// What is made of what is read.
pub(super) trait Make {
    type Node;
    fn scalar(text: Cow<'_, str>, style: Style) -> Option<Self::Node>;
    fn key(text: Cow<'_, str>, style: Style) -> Option<Self::Node>;
    fn nothing() -> Self::Node;
    fn sequence(items: Vec<Self::Node>, style: Style) -> Self::Node;
    fn mapping(fields: Vec<(Self::Node, Self::Node)>, style: Style) -> Self::Node;
}

/// Trees.
pub(super) struct Nodes;

impl Make for Nodes {
    type Node = Node;

    fn scalar(text: Cow<'_, str>, style: Style) -> Option<Node> {
        Some(scalar(text.into_owned(), style, None))
    }

    fn key(text: Cow<'_, str>, style: Style) -> Option<Node> {
        Nodes::scalar(text, style)
    }

    fn nothing() -> Node {
        empty()
    }

    fn sequence(items: Vec<Node>, style: Style) -> Node {
        Node { kind: Kind::Sequence(items), tag: Tag::Seq, style }
    }

    fn mapping(fields: Vec<(Node, Node)>, style: Style) -> Node {
        Node { kind: Kind::Mapping(fields), tag: Tag::Map, style }
    }
}

/// Nothing: what has a form in JSON is passed over.
pub(super) struct Skim;

impl Make for Skim {
    type Node = ();

    fn scalar(text: Cow<'_, str>, style: Style) -> Option<()> {
        // Numbers that are not finite start so.
        let is_odd = style == Style::Plain && text.starts_with(['.', '+', '-']);
        let is_finite = || !matches!(resolve(&text, Rules::Yaml11), Resolved::Float(value) if !value.is_finite());
        (!is_odd || is_finite()).then_some(())
    }

    fn key(text: Cow<'_, str>, style: Style) -> Option<()> {
        (style.is_quoting() || resolve(&text, Rules::Yaml11) == Resolved::Str).then_some(())
    }

    fn nothing() {}

    fn sequence(_: Vec<()>, _: Style) {}

    fn mapping(_: Vec<((), ())>, _: Style) {}
}

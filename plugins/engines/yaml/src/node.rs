use std::fmt;

/// The kind of a value beyond its shape, in YAML's short form.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Tag {
    /// Decided by the value when it is printed or converted.
    #[default]
    None,
    Str,
    Int,
    Float,
    Bool,
    Null,
    Timestamp,
    Binary,
    /// The key `<<`.
    Merge,
    Map,
    Seq,
    /// An application's tag (`!Ref`).
    Custom(Box<str>),
}

impl Tag {
    pub(crate) fn parse(text: &str) -> Tag {
        match text.strip_prefix("tag:yaml.org,2002:").or_else(|| text.strip_prefix("!!")) {
            Some("str") => Tag::Str,
            Some("int") => Tag::Int,
            Some("float") => Tag::Float,
            Some("bool") => Tag::Bool,
            Some("null") => Tag::Null,
            Some("timestamp") => Tag::Timestamp,
            Some("binary") => Tag::Binary,
            Some("merge") => Tag::Merge,
            Some("map") => Tag::Map,
            Some("seq") => Tag::Seq,
            Some(other) => Tag::Custom(format!("!!{other}").into()),
            None => Tag::Custom(text.into()),
        }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Tag::None => "",
            Tag::Str => "!!str",
            Tag::Int => "!!int",
            Tag::Float => "!!float",
            Tag::Bool => "!!bool",
            Tag::Null => "!!null",
            Tag::Timestamp => "!!timestamp",
            Tag::Binary => "!!binary",
            Tag::Merge => "!!merge",
            Tag::Map => "!!map",
            Tag::Seq => "!!seq",
            Tag::Custom(tag) => tag,
        })
    }
}

/// How a node was, or will be, written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Style {
    #[default]
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
    Folded,
    /// `[a]` and `{a: b}`.
    Flow,
}

impl Style {
    /// Whether a scalar in this style is a string, whatever it looks like.
    pub fn is_quoting(self) -> bool {
        matches!(self, Style::SingleQuoted | Style::DoubleQuoted | Style::Literal | Style::Folded)
    }
}

/// The shape of a node. Aliases are expanded when a document is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Scalar(String),
    Sequence(Vec<Node>),
    Mapping(Vec<(Node, Node)>),
}

/// A value with everything that decides how Go programs understand and print it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub kind: Kind,
    pub tag: Tag,
    pub style: Style,
}

impl Node {
    /// A scalar that means what it looks like.
    pub fn scalar(value: impl Into<String>) -> Node {
        Node { kind: Kind::Scalar(value.into()), tag: Tag::None, style: Style::Plain }
    }

    /// A scalar that is a string, whatever it looks like.
    pub fn string(value: impl Into<String>) -> Node {
        Node { tag: Tag::Str, ..Node::scalar(value) }
    }

    pub fn null() -> Node {
        Node { tag: Tag::Null, ..Node::scalar("null") }
    }

    pub fn mapping() -> Node {
        Node { kind: Kind::Mapping(Vec::new()), tag: Tag::None, style: Style::Plain }
    }

    pub fn sequence() -> Node {
        Node { kind: Kind::Sequence(Vec::new()), tag: Tag::None, style: Style::Plain }
    }

    pub fn is_scalar(&self) -> bool {
        matches!(self.kind, Kind::Scalar(_))
    }

    pub fn is_mapping(&self) -> bool {
        matches!(self.kind, Kind::Mapping(_))
    }

    pub fn is_sequence(&self) -> bool {
        matches!(self.kind, Kind::Sequence(_))
    }

    pub fn is_null(&self) -> bool {
        self.tag == Tag::Null
    }

    /// Null, `{}` or `[]`.
    pub fn is_empty(&self) -> bool {
        self.is_null()
            || match &self.kind {
                Kind::Scalar(_) => false,
                Kind::Sequence(items) => items.is_empty(),
                Kind::Mapping(fields) => fields.is_empty(),
            }
    }

    /// The text of a scalar, as written (`""` for collections).
    pub fn text(&self) -> &str {
        match &self.kind {
            Kind::Scalar(text) => text,
            _ => "",
        }
    }

    /// Replaces the text of a scalar and leaves tag and style alone.
    pub fn set_text(&mut self, text: impl Into<String>) {
        self.kind = Kind::Scalar(text.into());
    }

    pub fn fields(&self) -> &[(Node, Node)] {
        match &self.kind {
            Kind::Mapping(fields) => fields,
            _ => &[],
        }
    }

    pub fn fields_mut(&mut self) -> Option<&mut Vec<(Node, Node)>> {
        match &mut self.kind {
            Kind::Mapping(fields) => Some(fields),
            _ => None,
        }
    }

    pub fn items(&self) -> &[Node] {
        match &self.kind {
            Kind::Sequence(items) => items,
            _ => &[],
        }
    }

    pub fn items_mut(&mut self) -> Option<&mut Vec<Node>> {
        match &mut self.kind {
            Kind::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The first field with this key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.fields().iter().find(|(k, _)| is_called(k, key)).map(|(_, value)| value)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.fields_mut()?.iter_mut().find(|(k, _)| is_called(k, key)).map(|(_, value)| value)
    }

    /// Follows a path of field names.
    pub fn lookup(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// Removes the first field with this key.
    pub fn remove(&mut self, key: &str) -> Option<Node> {
        let fields = self.fields_mut()?;
        let index = fields.iter().position(|(k, _)| is_called(k, key))?;
        Some(fields.remove(index).1)
    }

    /// Appends a field without looking for an existing one.
    pub fn push(&mut self, key: impl Into<String>, value: Node) {
        if let Some(fields) = self.fields_mut() {
            fields.push((Node::scalar(key), value));
        }
    }

    /// The mapping in this field, created at the end (or in place of a null) when there is none. `None` when this node
    /// or the field is something else.
    pub fn mapping_at(&mut self, key: &str) -> Option<&mut Node> {
        let fields = self.fields_mut()?;
        let index = match fields.iter().position(|(k, _)| is_called(k, key)) {
            Some(index) => index,
            None => {
                fields.push((Node::scalar(key), Node::mapping()));
                fields.len() - 1
            }
        };
        let value = &mut fields[index].1;
        if value.is_null() {
            *value = Node::mapping();
        }
        value.is_mapping().then_some(value)
    }
}

/// Whether a key has this text. Names of one length are told apart by their first byte nearly always, so that comparing
/// the rest, which is a call, is rare.
fn is_called(key: &Node, name: &str) -> bool {
    let (key, name) = (key.text().as_bytes(), name.as_bytes());
    key.len() == name.len() && key.first() == name.first() && key == name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_set_and_removed() {
        let mut node = Node::mapping();
        node.push("a", Node::scalar("1"));
        node.mapping_at("b").unwrap().push("c", Node::string("x"));
        assert_eq!(node.lookup(&["b", "c"]).unwrap().text(), "x");
        assert!(node.mapping_at("a").is_none());
        assert_eq!(node.remove("a").unwrap().text(), "1");
        assert!(node.get("a").is_none());
    }
}

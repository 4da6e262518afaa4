use crate::node::{Kind, Node, Tag};

/// A key that a mapping in this tree holds twice, as strict readers look for it: by its text.
pub fn repeated_key(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::Scalar(_) => None,
        Kind::Sequence(items) => items.iter().find_map(repeated_key),
        Kind::Mapping(fields) => {
            let own = |at: usize, key: &Node| {
                key.is_scalar()
                    && key.tag != Tag::Merge
                    && fields[..at].iter().any(|(other, _)| other.text() == key.text())
            };
            fields.iter().enumerate().find_map(
                |(at, (key, value))| {
                    if own(at, key) { Some(key.text()) } else { repeated_key(value) }
                },
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_first;

    #[test]
    fn keys_are_compared_within_a_mapping() {
        for (text, expected) in
            [("a: 1\nb: {a: 2}\n", None), ("a: 1\na: 2\n", Some("a")), ("- x\n- b: {c: 1, d: 2, c: 3}\n", Some("c"))]
        {
            assert_eq!(repeated_key(&parse_first(text).unwrap().unwrap()), expected, "{text}");
        }
    }
}

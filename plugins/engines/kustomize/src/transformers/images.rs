use std::cell::OnceCell;

use regex_lite::Regex;
use weir_yaml::{Kind, Node};

use super::Transformer;
use crate::config::FieldSpecs;
use crate::edit::{set_scalar, wrong_kind};
use crate::error::Result;
use crate::field::{Create, Fields, visit};
use crate::kustomization::Image;
use crate::resmap::ResMap;
use crate::schema::Schema;
use crate::selector::expression;

/// Lists of containers are looked for at any depth.
const CONTAINER_FIELDS: [&str; 2] = ["containers", "initContainers"];

/// Changes name, tag or digest of an image.
pub(crate) struct Images {
    image: Image,
    fields: FieldSpecs,
    /// What every match starts with.
    start: String,
    /// `None` when the name is not a valid expression, which then matches nothing.
    pattern: OnceCell<Option<Regex>>,
}

impl Images {
    pub(crate) fn new(image: Image, fields: FieldSpecs) -> Images {
        let start = literal_start(&image.name).to_owned();
        Images { image, fields, start, pattern: OnceCell::new() }
    }

    fn matches(&self, reference: &str) -> bool {
        if self.image.name.chars().all(is_plain_or_any) {
            return after_name(&self.image.name, reference).is_some_and(is_tag_and_digest);
        }
        let pattern = || {
            let tag = "(:[a-zA-Z0-9_.{}-]*)?(@[a-zA-Z0-9]+([.+_-][a-zA-Z0-9]+)*:[a-zA-Z0-9_.{}-]*)?$";
            expression(&format!("^{}{tag}", self.image.name)).ok()
        };
        reference.starts_with(&self.start)
            && self.pattern.get_or_init(pattern).as_ref().is_some_and(|pattern| pattern.is_match(reference))
    }

    /// Sets an image that matches, and says whether it did.
    fn update(&self, node: &mut Node) -> Result<bool> {
        if node.is_null() {
            return Ok(false);
        }
        if !node.is_scalar() {
            return Err(wrong_kind("ScalarNode", node));
        }
        if !self.matches(node.text()) {
            return Ok(false);
        }
        let changed = self.changed(node.text());
        set_scalar(node, Node::scalar(changed))?;
        Ok(true)
    }

    fn changed(&self, reference: &str) -> String {
        let (name, tag, digest) = split(reference);
        let image = &self.image;
        let name = if image.new_name.is_empty() { name } else { &image.new_name };
        let (tag, digest) = match (image.new_tag.as_str(), image.digest.as_str()) {
            ("", "") if image.tag_suffix.is_empty() => (tag.to_owned(), digest),
            ("", "") => (format!("{tag}{}", image.tag_suffix), ""),
            (tag, digest) => (tag.to_owned(), digest),
        };
        let tag = if tag.is_empty() { tag } else { format!(":{tag}") };
        let digest = if digest.is_empty() { String::new() } else { format!("@{digest}") };
        format!("{name}{tag}{digest}")
    }

    fn containers(&self, node: &mut Node) -> Result<bool> {
        let mut has_set = false;
        match &mut node.kind {
            Kind::Scalar(_) => {}
            Kind::Sequence(items) => {
                for item in items {
                    has_set |= self.containers(item)?;
                }
            }
            Kind::Mapping(fields) => {
                for (key, value) in fields {
                    has_set |= self.containers(value)?;
                    if CONTAINER_FIELDS.contains(&key.text()) {
                        has_set |= self.container_list(value)?;
                    }
                }
            }
        }
        Ok(has_set)
    }

    fn container_list(&self, list: &mut Node) -> Result<bool> {
        let mut has_set = false;
        for item in list.items_mut().into_iter().flatten() {
            if item.is_null() {
                continue;
            }
            if !item.is_mapping() {
                return Err(wrong_kind("MappingNode", item));
            }
            if let Some(image) = item.get_mut("image") {
                has_set |= self.update(image)?;
            }
        }
        Ok(has_set)
    }
}

/// What stands for itself in an expression, and a `.`.
fn is_plain_or_any(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | ':' | '.')
}

/// What follows a name, whose `.` stand for any character.
fn after_name<'a>(name: &str, reference: &'a str) -> Option<&'a str> {
    let mut rest = reference.chars();
    let is_next = |wanted: char| rest.next().is_some_and(|c| c == wanted || wanted == '.' && c != '\n');
    name.chars().all(is_next).then_some(rest.as_str())
}

/// Whether a text is a tag and a digest, both of which may be missing: the end of the expression for images without the
/// machine that it takes.
fn is_tag_and_digest(text: &str) -> bool {
    let is_value = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.{}-".contains(&b));
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let (tag, digest) = text.split_once('@').map_or((text, None), |(tag, digest)| (tag, Some(digest)));
    let is_digest = |digest: &str| {
        let parts = digest.split_once(':');
        parts.is_some_and(|(algorithm, value)| algorithm.split(['.', '+', '_', '-']).all(is_part) && is_value(value))
    };
    (tag.is_empty() || tag.strip_prefix(':').is_some_and(is_value)) && digest.is_none_or(is_digest)
}

/// The text that everything starts with that an expression matches from its start on; empty where that is not plain.
fn literal_start(expression: &str) -> &str {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-');
    let end = expression.find(|c| !is_plain(c)).unwrap_or(expression.len());
    match expression[end..].chars().next() {
        _ if expression.contains('|') => "",
        // What follows may say how often the last character comes.
        Some('?' | '*' | '+' | '{') => &expression[..end.saturating_sub(1)],
        _ => &expression[..end],
    }
}

/// Name, tag and digest of an image reference.
fn split(reference: &str) -> (&str, &str, &str) {
    let host_end = reference.find('/').filter(|at| *at > 0).unwrap_or(0);
    let path = &reference[host_end..];
    let digest = path.find('@').map(|at| at + host_end);
    let tag = path.find(':').map(|at| at + host_end);
    match (tag, digest) {
        (None, None) => (reference, "", ""),
        (tag, Some(digest)) if tag.is_none_or(|tag| digest < tag) => {
            (&reference[..digest], "", &reference[digest + 1..])
        }
        (Some(tag), Some(digest)) => (&reference[..tag], &reference[tag + 1..digest], &reference[digest + 1..]),
        (Some(tag), None) => (&reference[..tag], &reference[tag + 1..], ""),
        (None, Some(_)) => unreachable!("the second arm takes every digest without a tag"),
    }
}

impl Transformer for Images {
    fn transform(&self, map: &mut ResMap, _: &Schema) -> Result<()> {
        let mut fields = Fields::new(&self.fields);
        for resource in map.contents_mut() {
            if resource.kind() == "CustomResourceDefinition" {
                continue;
            }
            let mut has_set = self.containers(&mut resource.node)?;
            for spec in fields.of(resource.gvk()).iter() {
                visit(resource, spec, Create::Nothing, &mut |node| {
                    has_set |= self.update(node)?;
                    Ok(())
                })?;
            }
            resource.is_patched |= has_set;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(image: &[(&str, &str)], reference: &str, expected: &str) {
        let value: serde_json::Map<_, _> = image.iter().map(|(k, v)| (k.to_string(), (*v).into())).collect();
        let image = serde_json::from_value(value.into()).unwrap();
        let mut node = Node::string(reference);
        Images::new(image, FieldSpecs::default()).update(&mut node).unwrap();
        assert_eq!(node.text(), expected);
    }

    #[test]
    fn plain_names_match_what_their_expression_matches() {
        let names = ["a", "a.b/c", "h:5000/a", "a-b_c", "", "é"];
        let tags = ["", ":1", ":", ":a.b_{c}-D", ":é", "x", ":1:2", "/b"];
        let digests = ["", "@sha256:ab", "@s+t.u:", "@s:a:b", "@", "@:a", "@a..b:c", "@a", "@a:b@c:d", "\n"];
        for name in names {
            let image =
                |name: &str| Images::new(Image { name: name.to_owned(), ..Image::default() }, FieldSpecs::default());
            let (short, long) = (image(name), image(&format!("(?:{name})")));
            for written in [name.to_owned(), name.replace('.', "é"), name.replace('.', "\n"), format!("x{name}")] {
                for end in tags.iter().flat_map(|tag| digests.map(|digest| format!("{tag}{digest}"))) {
                    let reference = format!("{written}{end}");
                    assert_eq!(short.matches(&reference), long.matches(&reference), "{name} {reference:?}");
                }
            }
        }
    }

    #[test]
    fn references() {
        let tag = [("name", "nginx"), ("newTag", "2")];
        check(&tag, "nginx", "nginx:2");
        check(&tag, "nginx:1@sha256:abc", "nginx:2");
        check(&tag, "nginx2:1", "nginx2:1");
        check(&[("name", "nginx"), ("digest", "sha256:d")], "nginx:1", "nginx@sha256:d");
        check(&[("name", "host:5000/a"), ("newName", "b")], "host:5000/a:1", "b:1");
        check(&[("name", "nginx"), ("tagSuffix", "-x")], "nginx:1@sha256:a", "nginx:1-x");
        check(&[("name", "nginx"), ("newTag", "2"), ("digest", "sha256:d")], "nginx:1", "nginx:2@sha256:d");
        check(&[("name", "(nginx"), ("newTag", "2")], "nginx:1", "nginx:1");
        check(&[("name", "ngi?nx?"), ("newTag", "2")], "ngn:1", "ngn:2");
        check(&[("name", "a|b"), ("newTag", "2")], "b:1", "b:2");
        check(&[("name", "e.com/a{2}"), ("newTag", "2")], "eXcom/aa:1", "eXcom/aa:2");
    }
}

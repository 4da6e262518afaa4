//! Strategic merge as kyaml does it, which differs from the API server's in places that repositories rely on.

mod directive;
mod lists;

use weir_yaml::{Kind, Node, Tag};

use crate::edit::{is_ambiguous, quote_if_ambiguous, set_field, wrong_kind};
use crate::error::Result;
use crate::schema::{Position, Schema};
use directive::{Choice, Directive, choose, directive};
use lists::{Patch, is_distinct, key_text};

pub(crate) const DIRECTIVE: &str = "$patch";

/// Merges a patch into a resource. `None` when the patch deletes it. A patch that replaces as a whole changes nothing: the
/// original drops what comes out of it.
///
/// # Errors
/// Nodes of different kinds in one place, and unknown directives.
pub(crate) fn merge(schema: &Schema, resource: Node, patch: Node) -> Result<Option<Node>> {
    let merger = Merger { schema };
    let replaces = patch.get(DIRECTIVE).is_some_and(|directive| directive.text() == "replace");
    if replaces && resource.is_mapping() {
        merger.walk(Some(resource.clone()), Some(patch), None)?;
        return Ok(Some(resource));
    }
    merger.walk(Some(resource), Some(patch), None)
}

struct Merger<'a> {
    schema: &'a Schema,
}

impl<'a> Merger<'a> {
    fn walk(&self, old: Option<Node>, patch: Option<Node>, position: Option<Position<'a>>) -> Result<Option<Node>> {
        let position = position.or_else(|| self.resource_at(old.as_ref(), patch.as_ref()));
        let leading = [&old, &patch].into_iter().flatten().find(|node| !node.is_null());
        let (is_list, is_scalar) = match leading.map(|node| &node.kind) {
            None | Some(Kind::Mapping(_)) => (false, false),
            Some(Kind::Sequence(_)) => (true, false),
            Some(Kind::Scalar(_)) => (false, true),
        };
        for node in [&old, &patch].into_iter().flatten().filter(|node| !node.is_null()) {
            match () {
                () if is_list && !node.is_sequence() => return Err(wrong_kind("SequenceNode", node)),
                () if is_scalar && !node.is_scalar() => return Err(wrong_kind("ScalarNode", node)),
                () if !is_list && !is_scalar && !node.is_mapping() => return Err(wrong_kind("MappingNode", node)),
                () => {}
            }
        }
        if is_scalar {
            return Ok(patch.or(old));
        }
        if is_list {
            return match position.and_then(|position| position.merge_keys()) {
                Some(keys) => self.list(old, patch, keys, position),
                None => Ok(patch.or(old)),
            };
        }
        self.map(old, patch, position)
    }

    /// Objects inside of objects whose type is not known may name their own.
    fn resource_at(&self, old: Option<&Node>, patch: Option<&Node>) -> Option<Position<'a>> {
        [old, patch].into_iter().flatten().find_map(|node| {
            let (api_version, kind) = (node.get("apiVersion")?, node.get("kind")?);
            self.schema.resource(api_version.text(), kind.text())
        })
    }

    fn map(&self, old: Option<Node>, patch: Option<Node>, position: Option<Position<'a>>) -> Result<Option<Node>> {
        match choose(old, patch)? {
            Choice::Nothing => Ok(None),
            Choice::Patch(node) => self.settle_parts(node, position).map(Some),
            Choice::Merge(old, patch) => self.fields(old, patch, position).map(Some),
        }
    }

    fn fields(&self, mut dest: Node, mut patch: Option<Node>, position: Option<Position<'a>>) -> Result<Node> {
        for name in unsettled_fields(&dest, patch.as_ref(), position) {
            if name.is_empty() {
                return Err(wrong_kind("ScalarNode", &dest));
            }
            let new = patch.as_mut().and_then(|patch| patch.get_mut(&name)).map(take);
            let below = position.and_then(|position| position.field(&name));
            let is_kept = new.is_none();
            let mut old = dest.get_mut(&name).map(take);
            take_style(old.as_mut(), new.as_ref());
            let style = old.as_ref().map(|old| old.style);
            let is_quoted = old.is_none() && patch.as_ref().is_some_and(|patch| is_quoted_key(patch, &name));
            let merged = match (old, new) {
                // A null that the resource spells out stays where the patch says nothing.
                (Some(old), None) if old.is_null() && !old.text().is_empty() => {
                    put(&mut dest, &name, old);
                    continue;
                }
                (old, new) => self.walk(old, new, below)?,
            };
            match (merged.filter(|value| !value.is_null()), style) {
                // What has no type yet is a text from here on.
                (Some(mut value), Some(_)) if is_kept => {
                    quote_if_ambiguous(&mut value);
                    put(&mut dest, &name, value);
                }
                (Some(value), Some(style)) => put(&mut dest, &name, Node { style, ..value }),
                (value, _) => set_field(&mut dest, &name, value)?,
            }
            if is_quoted && let Kind::Mapping(fields) = &mut dest.kind {
                fields.iter_mut().filter(|(key, _)| key.text() == name).for_each(|(key, _)| key.tag = Tag::Str);
            }
        }
        Ok(dest)
    }

    /// Works off the directives and nulls of a part of a patch that has nothing to merge with.
    fn settle(&self, mut node: Node, position: Option<Position<'a>>) -> Result<Option<Node>> {
        let position = position.or_else(|| self.resource_at(Some(&node), None));
        if node.is_null() {
            return Ok(None);
        }
        let is_whole = node.is_sequence() && position.and_then(|position| position.merge_keys()).is_none();
        if node.is_scalar() || is_whole {
            return Ok(Some(node));
        }
        if directive(&mut node)? == Directive::Delete {
            return Ok(None);
        }
        self.settle_parts(node, position).map(Some)
    }

    fn settle_parts(&self, mut node: Node, position: Option<Position<'a>>) -> Result<Node> {
        let position = position.or_else(|| self.resource_at(Some(&node), None));
        match &mut node.kind {
            Kind::Scalar(_) => {}
            Kind::Sequence(items) => {
                if let Some(keys) = position.and_then(|position| position.merge_keys()) {
                    *items = self.items(std::mem::take(items), Patch::Same, keys, position)?;
                }
            }
            Kind::Mapping(fields) if fields.iter().any(|(key, _)| key.is_scalar() && key.text().is_empty()) => {
                return Err(wrong_kind("ScalarNode", &node));
            }
            Kind::Mapping(fields) => {
                for (key, value) in std::mem::take(fields) {
                    let position = position.and_then(|position| position.field(key.text()));
                    if let Some(value) = self.settle(value, position)? {
                        fields.push((key, value));
                    }
                }
            }
        }
        Ok(node)
    }
}

/// Whether a value stays as it is for certain where a patch says nothing of it: most of a resource, and to go through the
/// motions takes several times what it takes to see that they lead nowhere.
fn is_settled(node: &Node, position: Option<Position<'_>>) -> bool {
    match &node.kind {
        Kind::Scalar(_) => !node.is_null() && (node.tag != Tag::None || !is_ambiguous(node)),
        Kind::Sequence(items) => match position.and_then(|position| position.merge_keys()) {
            None => true,
            Some([key]) => {
                let element = position.and_then(|position| position.element());
                is_distinct(items, |item| key_text(item, key)) && items.iter().all(|item| is_settled(item, element))
            }
            Some([]) => items.iter().all(|item| !item.is_null()) && is_distinct(items, Node::text),
            Some(_) => false,
        },
        // What names its own type is looked up.
        Kind::Mapping(_) if position.is_none() && node.get("apiVersion").is_some() && node.get("kind").is_some() => {
            false
        }
        Kind::Mapping(fields) => fields.iter().all(|(key, value)| {
            !key.text().is_empty() && is_settled(value, position.and_then(|position| position.field(key.text())))
        }),
    }
}

/// Whether a key is a string because of its quotes.
fn is_quoted_key(node: &Node, name: &str) -> bool {
    node.fields().iter().any(|(key, _)| key.text() == name && key.style.is_quoting())
}

/// Takes a value and leaves a placeholder, which costs nothing.
fn take(node: &mut Node) -> Node {
    std::mem::replace(node, Node { tag: Tag::Null, ..Node::scalar(String::new()) })
}

/// The names of the fields that merging may change, sorted: those of the patch, and what does not stay as it is for certain.
fn unsettled_fields(dest: &Node, patch: Option<&Node>, position: Option<Position<'_>>) -> Vec<String> {
    let below = |name: &str| position.and_then(|position| position.field(name));
    let may_change = |(key, value): &&(Node, Node)| {
        let name = key.text();
        name.is_empty() || !is_settled(value, below(name))
    };
    let old = dest.fields().iter().filter(may_change);
    let new = patch.map_or(&[][..], Node::fields);
    let mut names: Vec<String> = old.chain(new).map(|(key, _)| key.text().to_owned()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What was empty is written as what is put into it: an empty collection is mostly written in brackets.
fn take_style(old: Option<&mut Node>, new: Option<&Node>) {
    if let (Some(old), Some(new)) = (old, new)
        && !old.is_scalar()
        && old.is_empty()
    {
        old.style = new.style;
    }
}

/// Puts a value in place of the placeholder that taking it left.
fn put(dest: &mut Node, name: &str, value: Node) {
    match dest.get_mut(name) {
        Some(existing) => *existing = value,
        None => dest.push(name, value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(old: &str, patch: &str, expected: &str) {
        let head = "apiVersion: apps/v1\nkind: Deployment\n";
        let parse = |text: &str| weir_yaml::parse_first(&format!("{head}{text}")).unwrap().unwrap();
        let merged = match merge(&Schema::kubernetes(), parse(old), parse(patch)) {
            Ok(Some(node)) => weir_yaml::to_string(&node).replacen(head, "", 1),
            Ok(None) => "deleted".to_owned(),
            Err(error) => error.chain(),
        };
        assert_eq!(merged, expected);
    }

    /// A pod template's spec around these lines.
    fn pod(lines: &str) -> String {
        let lines: String = lines.lines().map(|line| format!("      {line}\n")).collect();
        format!("spec:\n  template:\n    spec:\n{lines}")
    }

    #[test]
    fn maps_are_merged_and_nulls_delete() {
        check("a: {x: 1, y: 2}\n", "a: {y: null, z: 3}\n", "a: {x: 1, z: 3}\n");
        check("a:\n  x: ~\n  y:\nb: 1\n", "b: 2\n", "a:\n  x: ~\nb: 2\n");
        check("a: 1\n", "$patch: delete\n", "deleted");
        check("a: {x: 1}\n", "a: {$patch: replace, y: 2}\n", "a: {y: 2}\n");
        check("l: [1, 2]\n", "l: [3]\n", "l: [3]\n");
        check(
            "a: [1]\n",
            "a: {b: 1}\n",
            "wrong node kind: expected SequenceNode but got MappingNode: node contents:\n{b: 1}\n",
        );
    }

    #[test]
    fn lists_are_merged_by_key() {
        check(
            &pod("containers:\n- name: a\n  image: old\n- name: b\n  image: b\n"),
            &pod("containers:\n- name: c\n  image: c\n- name: a\n  image: new\n"),
            &pod("containers:\n- name: c\n  image: c\n- name: a\n  image: new\n- name: b\n  image: b\n"),
        );
        check(
            &pod("volumes:\n- name: v\n- name: w\n"),
            &pod("volumes:\n- name: v\n  $patch: delete\n"),
            &pod("volumes:\n- name: w\n"),
        );
        check(
            &pod("containers:\n- name: a\n"),
            &pod("containers:\n- $patch: replace\n- name: b\n"),
            &pod("containers:\n- name: b\n"),
        );
    }

    #[test]
    fn lists_of_values_are_joined() {
        check(
            "metadata:\n  finalizers: [a, b]\n",
            "metadata:\n  finalizers: [c, a]\n",
            "metadata:\n  finalizers: [c, a, b]\n",
        );
    }
}

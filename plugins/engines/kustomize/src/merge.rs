//! Strategic merge as kyaml does it, which differs from the API server's in places that repositories rely on.

use weir_yaml::{Kind, Node};

use crate::edit::{set_field, wrong_kind};
use crate::error::{Error, Result};
use crate::schema::{Position, Schema};

const DIRECTIVE: &str = "$patch";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Directive {
    Merge,
    Replace,
    Delete,
}

/// Merges a patch into a resource. `None` when the patch deletes it.
///
/// # Errors
/// Nodes of different kinds in one place, and unknown directives.
pub(crate) fn merge(schema: &Schema, resource: Node, patch: Node) -> Result<Option<Node>> {
    Merger { schema }.walk(Some(resource), Some(patch), None)
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
            Choice::Patch(node) => self.settle(node, position),
            Choice::Merge(old, patch) => self.fields(old, patch, position).map(Some),
        }
    }

    fn fields(&self, mut dest: Node, mut patch: Option<Node>, position: Option<Position<'a>>) -> Result<Node> {
        for name in field_names(&dest, patch.as_ref()) {
            let old = dest.get_mut(&name).map(take);
            let new = patch.as_mut().and_then(|patch| patch.get_mut(&name)).map(take);
            let style = old.as_ref().map(|old| old.style);
            let merged = match (old, new) {
                // A null that the resource spells out stays where the patch says nothing.
                (Some(old), None) if old.is_null() && !old.text().is_empty() => {
                    put(&mut dest, &name, old);
                    continue;
                }
                (old, new) => self.walk(old, new, position.and_then(|position| position.field(&name)))?,
            };
            match (merged.filter(|value| !value.is_null()), style) {
                (Some(value), Some(style)) => put(&mut dest, &name, Node { style, ..value }),
                (value, _) => set_field(&mut dest, &name, value)?,
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
        let keys = position.and_then(|position| position.merge_keys());
        if node.is_scalar() || (node.is_sequence() && keys.is_none()) {
            return Ok(Some(node));
        }
        if directive(&mut node)? == Directive::Delete {
            return Ok(None);
        }
        let element = position.and_then(|position| position.element());
        match &mut node.kind {
            Kind::Scalar(_) => {}
            Kind::Sequence(items) => {
                let settled: Vec<Option<Node>> =
                    std::mem::take(items).into_iter().map(|item| self.settle(item, element)).collect::<Result<_>>()?;
                items.extend(settled.into_iter().flatten().filter(|item| !is_void(item)));
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
        Ok(Some(node))
    }
}

fn take(node: &mut Node) -> Node {
    std::mem::replace(node, Node::null())
}

fn field_names(dest: &Node, patch: Option<&Node>) -> Vec<String> {
    let mut names: Vec<String> = [Some(dest), patch]
        .into_iter()
        .flatten()
        .flat_map(|node| node.fields().iter().map(|(key, _)| key.text().to_owned()))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Puts a value in place of the placeholder that taking it left.
fn put(dest: &mut Node, name: &str, value: Node) {
    match dest.get_mut(name) {
        Some(existing) => *existing = value,
        None => dest.push(name, value),
    }
}

enum Choice {
    Nothing,
    /// The patch takes the place of the old value.
    Patch(Node),
    Merge(Node, Option<Node>),
}

/// Decides by nulls and directives whether there is anything to merge.
fn choose(old: Option<Node>, patch: Option<Node>) -> Result<Choice> {
    let Some(old) = old.filter(|old| !old.is_null()) else {
        return Ok(patch.map_or(Choice::Nothing, Choice::Patch));
    };
    let Some(mut patch) = patch else { return Ok(Choice::Merge(old, None)) };
    if patch.is_null() {
        return Ok(Choice::Nothing);
    }
    Ok(match directive(&mut patch)? {
        Directive::Delete => Choice::Nothing,
        Directive::Replace => Choice::Patch(patch),
        Directive::Merge => Choice::Merge(old, Some(patch)),
    })
}

/// Takes the `$patch` directive out of a patch.
fn directive(patch: &mut Node) -> Result<Directive> {
    let found = match &patch.kind {
        Kind::Mapping(_) => patch.get(DIRECTIVE).map(|value| value.text().to_owned()),
        Kind::Sequence(items) => {
            let item = items.iter().find(|item| item.get(DIRECTIVE).is_some());
            item.filter(|item| item.fields().len() == 1)
                .and_then(|item| item.get(DIRECTIVE))
                .map(|value| value.text().to_owned())
        }
        Kind::Scalar(text) => {
            return Err(Error::refused(format!(
                "no implemented strategic merge patch strategy for '{}' ('{text}')",
                patch.tag
            )));
        }
    };
    let Some(found) = found else { return Ok(Directive::Merge) };
    let directive = match found.as_str() {
        "merge" => Directive::Merge,
        "replace" => Directive::Replace,
        "delete" => Directive::Delete,
        other => return Err(Error::refused(format!("unknown patch strategy '{other}'"))),
    };
    match &mut patch.kind {
        Kind::Sequence(items) => items.retain(|item| item.get(DIRECTIVE).is_none_or(|value| value.text() != found)),
        _ => {
            patch.remove(DIRECTIVE);
        }
    }
    Ok(directive)
}

impl<'a> Merger<'a> {
    fn list(
        &self,
        old: Option<Node>,
        patch: Option<Node>,
        keys: &[String],
        position: Option<Position<'a>>,
    ) -> Result<Option<Node>> {
        let (dest, patch) = match choose(old, patch)? {
            Choice::Nothing => return Ok(None),
            Choice::Patch(node) => return self.settle(node, position),
            Choice::Merge(old, patch) => (old, patch),
        };
        let Node { kind: Kind::Sequence(items), tag, style } = dest else { return Ok(Some(dest)) };
        let patch = patch.as_ref().map_or(&[][..], Node::items);
        let items =
            if keys.is_empty() { merge_values(items, patch) } else { self.elements(items, patch, keys, position)? };
        Ok(Some(Node { kind: Kind::Sequence(items), tag, style }))
    }

    /// Merges the items that agree in their keys. Items of the patch come first, then the others in their old order.
    fn elements(
        &self,
        mut dest: Vec<Node>,
        patch: &[Node],
        keys: &[String],
        position: Option<Position<'a>>,
    ) -> Result<Vec<Node>> {
        let mut values = key_values(patch, &dest, keys);
        if values.is_empty() {
            return Ok(dest);
        }
        if keys.len() > 1 {
            complete(&mut values);
        }
        let used: Vec<bool> = (0..keys.len()).map(|key| values.iter().any(|values| !values[key].is_empty())).collect();
        let used = if used.contains(&true) { used } else { vec![true; keys.len()] };
        let element = position.and_then(|position| position.element());
        let mut merged: Vec<Node> = Vec::with_capacity(values.len());
        for values in &values {
            let pairs = pairs(keys, values, &used);
            let at = find(&dest, &pairs);
            let old = at.map(|at| dest[at].clone());
            let new = find(patch, &pairs).map(|at| patch[at].clone());
            let is_merged = new.as_ref().and_then(|new| new.get(DIRECTIVE)).is_none_or(|d| d.text() != "replace");
            match self.walk(old, new, element)?.filter(|node| !node.is_null() && !node.is_empty()) {
                None => remove(&mut dest, &pairs),
                Some(mut node) => {
                    for (key, value) in &pairs {
                        if node.get(key).is_none() && !value.is_empty() {
                            set_field(&mut node, key, Some(Node::scalar(*value)))?;
                        }
                    }
                    if let Some(at) = at.filter(|_| is_merged) {
                        dest[at] = node.clone();
                    }
                    replace_or_push(&mut merged, &pairs, node);
                }
            }
        }
        let keys: Vec<&str> = keys.iter().zip(&used).filter(|(_, used)| **used).map(|(key, _)| key.as_str()).collect();
        Ok(append_rest(merged, dest, &keys))
    }
}

/// Lists of plain values: those of the patch, then the others.
fn merge_values(dest: Vec<Node>, patch: &[Node]) -> Vec<Node> {
    let mut merged: Vec<Node> = Vec::with_capacity(dest.len() + patch.len());
    for item in patch.iter().chain(&dest) {
        if !item.is_null() && !merged.iter().any(|existing| existing.text() == item.text()) {
            merged.push(item.clone());
        }
    }
    merged
}

/// The values of the keys of every item, without repetition.
fn key_values(patch: &[Node], dest: &[Node], keys: &[String]) -> Vec<Vec<String>> {
    let mut all: Vec<Vec<String>> = Vec::with_capacity(patch.len() + dest.len());
    for item in patch.iter().chain(dest) {
        let value = |key: &String| item.get(key).filter(|v| !v.is_empty()).map_or("", Node::text).to_owned();
        let values: Vec<String> = keys.iter().map(value).collect();
        if !all.contains(&values) {
            all.push(values);
        }
    }
    all
}

/// Items that agree in one key and leave the others open are the same item.
fn complete(all: &mut [Vec<String>]) {
    for i in 0..all.len() {
        for j in 0..all.len() {
            if let Some(values) = combined(&all[i], &all[j]) {
                all[i].clone_from(&values);
                all[j] = values;
            }
        }
    }
}

fn combined(a: &[String], b: &[String]) -> Option<Vec<String>> {
    let mut common = false;
    let mut result = Vec::with_capacity(a.len());
    for (x, y) in a.iter().zip(b) {
        if x == y {
            common = true;
        } else if !x.is_empty() && !y.is_empty() {
            return None;
        }
        result.push(if x.is_empty() { y.clone() } else { x.clone() });
    }
    common.then_some(result)
}

/// The keys that are in use, with the values of one item.
fn pairs<'k>(keys: &'k [String], values: &'k [String], used: &[bool]) -> Vec<(&'k str, &'k str)> {
    let all = keys.iter().zip(values).zip(used);
    all.filter(|(_, used)| **used).map(|((key, value), _)| (key.as_str(), value.as_str())).collect()
}

fn find(items: &[Node], pairs: &[(&str, &str)]) -> Option<usize> {
    let given: Vec<_> = pairs.iter().filter(|(_, value)| !value.is_empty()).collect();
    let matches = |item: &Node| {
        if given.is_empty() {
            return pairs.iter().all(|(key, _)| item.get(key).is_some_and(|value| value.text().is_empty()));
        }
        given.iter().all(|(key, value)| item.get(key).is_some_and(|found| found.text() == *value))
    };
    items.iter().position(|item| item.is_mapping() && matches(item))
}

/// Whether an item has these keys; an empty value stands for any.
fn has_keys(item: &Node, pairs: &[(&str, &str)]) -> bool {
    pairs.iter().all(|(key, value)| item.get(key).is_some_and(|found| value.is_empty() || found.text() == *value))
}

fn is_void(item: &Node) -> bool {
    item.is_null() || (item.is_mapping() && item.fields().is_empty())
}

fn remove(items: &mut Vec<Node>, pairs: &[(&str, &str)]) {
    items.retain(|item| !is_void(item) && !has_keys(item, pairs));
}

fn replace_or_push(items: &mut Vec<Node>, pairs: &[(&str, &str)], node: Node) {
    let mut found = false;
    for item in items.iter_mut() {
        if has_keys(item, pairs) {
            *item = node.clone();
            found = true;
        }
    }
    if !found {
        items.push(node);
    }
}

/// Adds the items that the patch did not mention; the others keep their place (one key) or move to the end (several).
fn append_rest(mut merged: Vec<Node>, dest: Vec<Node>, keys: &[&str]) -> Vec<Node> {
    for item in dest {
        let values: Vec<(&str, String)> =
            keys.iter().filter_map(|key| item.get(key).map(|value| (*key, value.text().to_owned()))).collect();
        let pairs: Vec<(&str, &str)> = values.iter().map(|(key, value)| (*key, value.as_str())).collect();
        if pairs.is_empty() {
            merged.push(item);
            continue;
        }
        if keys.len() > 1 {
            remove(&mut merged, &pairs);
        }
        replace_or_push(&mut merged, &pairs, item);
    }
    merged
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

//! Strategic merge as kyaml does it, which differs from the API server's in places that repositories rely on.

use weir_yaml::{Kind, Node, Tag};

use crate::edit::{is_ambiguous, quote_if_ambiguous, set_field, wrong_kind};
use crate::error::{Error, Result};
use crate::schema::{MergeKey, Position, Schema};

pub(crate) const DIRECTIVE: &str = "$patch";
/// Of so many items each is compared with each.
const MAX_COMPARED: usize = 32;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Directive {
    Merge,
    Replace,
    Delete,
}

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

/// Whether the items of a list can be told apart by a key, and none has a directive.
fn is_simple(items: &[Node], key: &str) -> bool {
    items.iter().all(|item| item.get(DIRECTIVE).is_none()) && is_distinct(items, |item| key_text(item, key))
}

/// The value of a key that is a scalar; `""` where there is none.
fn key_text<'n>(item: &'n Node, key: &str) -> &'n str {
    item.get(key).filter(|value| !value.is_null()).map_or("", Node::text)
}

/// Whether few items have a text each, and no two the same.
fn is_distinct(items: &[Node], text: impl Fn(&Node) -> &str) -> bool {
    let is_new = |at: usize| {
        let own = text(&items[at]);
        !own.is_empty() && items[..at].iter().all(|other| text(other) != own)
    };
    items.len() <= MAX_COMPARED && (0..items.len()).all(is_new)
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

enum Choice {
    Nothing,
    /// The patch takes the place of the old value.
    Patch(Node),
    Merge(Node, Option<Node>),
}

/// Decides by nulls and directives whether there is anything to merge.
fn choose(old: Option<Node>, patch: Option<Node>) -> Result<Choice> {
    let Some(old) = old.filter(|old| !old.is_null()) else {
        let Some(mut patch) = patch.filter(|patch| !patch.is_null()) else { return Ok(Choice::Nothing) };
        // Here the original does not look at what it does not know, nor at the directives of lists.
        let deletes = patch.is_mapping() && matches!(directive(&mut patch), Ok(Directive::Delete));
        return Ok(if deletes { Choice::Nothing } else { Choice::Patch(patch) });
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
        keys: &[MergeKey],
        position: Option<Position<'a>>,
    ) -> Result<Option<Node>> {
        let (dest, patch) = match choose(old, patch)? {
            Choice::Nothing => return Ok(None),
            Choice::Patch(node) => return self.settle_parts(node, position).map(Some),
            Choice::Merge(old, patch) => (old, patch),
        };
        let Node { kind: Kind::Sequence(items), tag, style } = dest else { return Ok(Some(dest)) };
        let patch = Patch::Other(patch.as_ref().map_or(&[][..], Node::items));
        let items = self.items(items, patch, keys, position)?;
        Ok(Some(Node { kind: Kind::Sequence(items), tag, style }))
    }

    fn items(
        &self,
        dest: Vec<Node>,
        patch: Patch<'_>,
        keys: &[MergeKey],
        position: Option<Position<'a>>,
    ) -> Result<Vec<Node>> {
        match (keys, patch) {
            ([], Patch::Other(patch)) => Ok(merge_values(dest, patch)),
            ([], Patch::Same) => Ok(merge_values(dest, &[])),
            ([key], Patch::Other(patch)) if is_simple(&dest, key) && is_simple(patch, key) => {
                self.simple_elements(dest, patch, key, position.and_then(|position| position.element()))
            }
            _ => self.elements(dest, patch, keys, position),
        }
    }

    /// As [`elements`](Self::elements), of the lists that people write: nothing in them is said twice, and nothing is copied.
    fn simple_elements(
        &self,
        dest: Vec<Node>,
        patch: &[Node],
        key: &str,
        element: Option<Position<'a>>,
    ) -> Result<Vec<Node>> {
        let mut rest: Vec<Option<Node>> = dest.into_iter().map(Some).collect();
        let mut merged = Vec::with_capacity(rest.len() + patch.len());
        for new in patch {
            let is_same = |old: &Node| key_text(old, key) == key_text(new, key);
            let old = rest.iter_mut().find(|old| old.as_ref().is_some_and(is_same)).and_then(Option::take);
            let value = key_text(new, key);
            merged.extend(self.simple_element(old, Some(new.clone()), (key, value), element)?);
        }
        for old in rest.into_iter().flatten() {
            if is_settled(&old, element) {
                merged.push(old);
                continue;
            }
            let value = key_text(&old, key).to_owned();
            merged.extend(self.simple_element(Some(old), None, (key, &value), element)?);
        }
        Ok(merged)
    }

    fn simple_element(
        &self,
        old: Option<Node>,
        new: Option<Node>,
        (key, value): (&str, &str),
        element: Option<Position<'a>>,
    ) -> Result<Option<Node>> {
        let Some(mut node) = self.walk(old, new, element)?.filter(|node| !is_void(node)) else { return Ok(None) };
        if node.get(key).is_none() {
            set_field(&mut node, key, Some(Node::scalar(value)))?;
        }
        Ok(Some(node))
    }

    /// Merges the items that agree in their keys. Items of the patch come first, then the others in their old order.
    fn elements(
        &self,
        mut dest: Vec<Node>,
        patch: Patch<'_>,
        keys: &[MergeKey],
        position: Option<Position<'a>>,
    ) -> Result<Vec<Node>> {
        let mut values = key_values(patch.items(), &dest, keys);
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
        let used_keys: Vec<&str> = keys.iter().zip(&used).filter(|(_, used)| **used).map(|(key, _)| &**key).collect();
        for values in &values {
            let values: Vec<&str> =
                values.iter().zip(&used).filter(|(_, used)| **used).map(|(v, _)| v.as_str()).collect();
            let at = find(&dest, &used_keys, &values);
            let (node, stays) = self.element(&dest, at, patch, &used_keys, &values, element)?;
            let Some(mut node) = node.filter(|node| !is_void(node)) else {
                set_element(&mut dest, None, &used_keys, &values)?;
                continue;
            };
            for (key, value) in used_keys.iter().zip(&values).filter(|(_, value)| !value.is_empty()) {
                if node.get(key).is_none() {
                    set_field(&mut node, key, Some(Node::scalar(*value)))?;
                }
            }
            if let Some(at) = at.filter(|_| stays) {
                dest[at] = node.clone();
            }
            set_element(&mut merged, Some(node), &used_keys, &values)?;
        }
        append_rest(merged, dest, &used_keys)
    }

    /// One item after merging, and whether it is still the old one, changed.
    fn element(
        &self,
        dest: &[Node],
        at: Option<usize>,
        patch: Patch<'_>,
        keys: &[&str],
        values: &[&str],
        element: Option<Position<'a>>,
    ) -> Result<(Option<Node>, bool)> {
        let old = at.map(|at| dest[at].clone());
        let patch = match patch {
            Patch::Same => {
                let Some(old) = old else { return Ok((None, false)) };
                return Ok((self.settle(old, element)?, true));
            }
            Patch::Other(patch) => patch,
        };
        let new = find(patch, keys, values).map(|at| patch[at].clone());
        let stays =
            new.as_ref().and_then(|new| new.get(DIRECTIVE)).is_none_or(|directive| directive.text() != "replace");
        Ok((self.walk(old, new, element)?, stays))
    }
}

/// What a list is merged with.
#[derive(Clone, Copy)]
enum Patch<'p> {
    Other(&'p [Node]),
    /// With itself: a part of a patch that has nothing to merge with goes through the same motions.
    Same,
}

impl<'p> Patch<'p> {
    fn items(self) -> &'p [Node] {
        match self {
            Patch::Other(items) => items,
            Patch::Same => &[],
        }
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
fn key_values(patch: &[Node], dest: &[Node], keys: &[MergeKey]) -> Vec<Vec<String>> {
    let mut all: Vec<Vec<String>> = Vec::with_capacity(patch.len() + dest.len());
    for item in patch.iter().chain(dest) {
        let value = |key: &MergeKey| item.get(key).filter(|v| !v.is_empty()).map_or("", Node::text).to_owned();
        let values: Vec<String> = keys.iter().map(value).collect();
        if !all.contains(&values) {
            all.push(values);
        }
    }
    all
}

/// Items that agree in one key and leave the others open are the same item. Each is compared with all others as it was
/// before it became like one of them.
fn complete(all: &mut [Vec<String>]) {
    for i in 0..all.len() {
        let first = all[i].clone();
        for j in 0..all.len() {
            if let Some(values) = combined(&first, &all[j]) {
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

/// The item with these values; of keys without a value none is asked for, unless none has one.
fn find(items: &[Node], keys: &[&str], values: &[&str]) -> Option<usize> {
    let is_given = values.iter().any(|value| !value.is_empty());
    let asked: Vec<_> = keys.iter().zip(values).filter(|(_, value)| !is_given || !value.is_empty()).collect();
    let matches =
        |item: &Node| asked.iter().all(|(key, value)| item.get(key).is_some_and(|found| found.text() == **value));
    items.iter().position(|item| item.is_mapping() && matches(item))
}

fn is_void(item: &Node) -> bool {
    item.is_null() || (item.is_mapping() && item.fields().is_empty())
}

/// Whether an item has these keys. An empty value stands for any; a key without a value is like the one before it.
fn has_keys(item: &Node, keys: &[&str], values: &[&str]) -> Result<bool> {
    let mut found = false;
    for (index, key) in keys.iter().enumerate() {
        if let Some(value) = values.get(index) {
            if !item.is_mapping() {
                return Err(wrong_kind("MappingNode", item));
            }
            found = item.get(key).is_some_and(|found| value.is_empty() || found.text() == *value);
        }
        if !found {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Puts an item in place of those with these keys, or at the end; nothing removes them. Without any values all others
/// go.
fn set_element(items: &mut Vec<Node>, element: Option<Node>, keys: &[&str], values: &[&str]) -> Result<()> {
    let of_mappings = keys.first().is_some_and(|key| !key.is_empty()) && values.first().is_some_and(|v| !v.is_empty());
    let mut found = false;
    for item in std::mem::take(items) {
        if is_void(&item) {
            continue;
        }
        if !item.is_mapping() && of_mappings {
            items.push(item);
        } else if has_keys(&item, keys, values)? {
            found = true;
            items.extend(element.clone());
        } else if !values.is_empty() {
            items.push(item);
        }
    }
    if !found {
        items.extend(element);
    }
    Ok(())
}

/// Adds the items that the patch did not mention; the others keep their place (one key) or move to the end (several).
fn append_rest(mut merged: Vec<Node>, dest: Vec<Node>, keys: &[&str]) -> Result<Vec<Node>> {
    for item in dest {
        let mut values: Vec<String> = Vec::with_capacity(keys.len());
        for key in keys {
            match item.get(key) {
                Some(value) => values.push(value.text().to_owned()),
                None => merged.push(item.clone()),
            }
        }
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        if keys.len() > 1 {
            set_element(&mut merged, None, keys, &values)?;
        }
        set_element(&mut merged, Some(item), keys, &values)?;
    }
    Ok(merged)
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
    fn open_keys_are_completed_by_what_was_there_first() {
        let complete = |all: &[[&str; 2]]| {
            let mut all: Vec<Vec<String>> = all.iter().map(|values| values.map(str::to_owned).to_vec()).collect();
            super::complete(&mut all);
            all
        };
        assert_eq!(complete(&[["", ""], ["80", ""], ["443", ""]]), [["443", ""], ["80", ""], ["443", ""]]);
        assert_eq!(
            complete(&[["80", ""], ["80", "TCP"], ["80", "UDP"]]),
            [["80", "UDP"], ["80", "TCP"], ["80", "UDP"]]
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

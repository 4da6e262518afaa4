//! Lists whose items are merged: those of plain values, and those of mappings that are told apart by keys.

use weir_yaml::{Kind, Node};

use super::directive::{Choice, choose};
use super::{DIRECTIVE, Merger, is_settled};
use crate::edit::{set_field, wrong_kind};
use crate::error::Result;
use crate::schema::{MergeKey, Position};

/// Of so many items each is compared with each.
const MAX_COMPARED: usize = 32;

impl<'a> Merger<'a> {
    pub(super) fn list(
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

    pub(super) fn items(
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
pub(super) enum Patch<'p> {
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

/// Whether the items of a list can be told apart by a key, and none has a directive.
fn is_simple(items: &[Node], key: &str) -> bool {
    items.iter().all(|item| item.get(DIRECTIVE).is_none()) && is_distinct(items, |item| key_text(item, key))
}

/// The value of a key that is a scalar; `""` where there is none.
pub(super) fn key_text<'n>(item: &'n Node, key: &str) -> &'n str {
    item.get(key).filter(|value| !value.is_null()).map_or("", Node::text)
}

/// Whether few items have a text each, and no two the same.
pub(super) fn is_distinct(items: &[Node], text: impl Fn(&Node) -> &str) -> bool {
    let is_new = |at: usize| {
        let own = text(&items[at]);
        !own.is_empty() && items[..at].iter().all(|other| text(other) != own)
    };
    items.len() <= MAX_COMPARED && (0..items.len()).all(is_new)
}

#[cfg(test)]
mod tests {
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
}

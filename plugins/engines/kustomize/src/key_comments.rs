//! Comments behind keys. The original prints a resource with its comments and reads what it printed: a comment behind a key
//! whose block has become empty comes before the brackets then, and that it cannot read.

use std::rc::Rc;

use weir_yaml::{Node, Style, parse_first_commented};

use crate::error::{Error, Result};
use crate::id::ResId;
use crate::read;
use crate::resource::Resource;

/// The text, where a comment stands behind a key. Nothing else is made of comments, so that other texts need not be kept.
pub(crate) fn source(text: &str) -> Option<Rc<str>> {
    let is_behind_key = |(at, _): (usize, &str)| {
        let before = text[..at].trim_end_matches([' ', '\t']);
        before.len() < at && before.ends_with(':')
    };
    text.match_indices('#').any(is_behind_key).then(|| text.into())
}

/// Refuses what the original could not read again.
pub(crate) fn check(resource: &Resource) -> Result<()> {
    let Some(source) = resource.source.as_deref().filter(|_| resource.is_patched) else { return Ok(()) };
    let mut emptied = Vec::new();
    collect_emptied(&resource.node, &mut Vec::new(), &mut emptied);
    if emptied.is_empty() {
        return Ok(());
    }
    let original = resource.original_id();
    for chunk in read::split(source)? {
        let Ok(Some((document, comments))) = parse_first_commented(chunk) else { continue };
        let resources = match document.get("items") {
            Some(items) => items.items().iter().zip(comments.commented_keys_of_items(&document, "items")).collect(),
            None => vec![(&document, comments.commented_keys(&document))],
        };
        let own = resources.iter().filter(|(node, _)| is_same(node, &original));
        let is_commented = |path: &&Vec<&str>| own.clone().any(|(_, commented)| commented.contains(*path));
        if let Some(path) = emptied.iter().find(is_commented) {
            let path = path.join(".");
            let what = format!("the comment behind '{path}' of {original}, with nothing left after it: yaml");
            return Err(Error::refused("could not find expected ':'").during(what));
        }
    }
    Ok(())
}

fn is_same(node: &Node, id: &ResId) -> bool {
    let text = |path: &[&str]| node.lookup(path).map_or("", Node::text);
    text(&["metadata", "name"]) == id.name && text(&["kind"]) == id.gvk.kind
}

/// The paths of collections without content that are not written as such.
fn collect_emptied<'n>(node: &'n Node, path: &mut Vec<&'n str>, emptied: &mut Vec<Vec<&'n str>>) {
    if node.style == Style::Flow {
        return;
    }
    node.items().iter().for_each(|item| collect_emptied(item, path, emptied));
    for (key, value) in node.fields() {
        path.push(key.text());
        if !value.is_scalar() && value.is_empty() && value.style != Style::Flow {
            emptied.push(path.clone());
        }
        collect_emptied(value, path, emptied);
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_kept_for_comments_behind_keys() {
        for (text, expected) in
            [("a: # x\n", true), ("a:\t#\n", true), ("a:# x\n", false), ("a: b # x\n", false), ("# x\na: b\n", false)]
        {
            assert_eq!(source(text).is_some(), expected, "{text}");
        }
    }
}

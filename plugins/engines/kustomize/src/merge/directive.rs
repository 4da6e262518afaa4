//! What a part of a patch says about itself: `$patch`, and nulls.

use weir_yaml::{Kind, Node};

use super::DIRECTIVE;
use crate::error::{Error, Result};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Directive {
    Merge,
    Replace,
    Delete,
}

pub(super) enum Choice {
    Nothing,
    /// The patch takes the place of the old value.
    Patch(Node),
    Merge(Node, Option<Node>),
}

/// Decides by nulls and directives whether there is anything to merge.
pub(super) fn choose(old: Option<Node>, patch: Option<Node>) -> Result<Choice> {
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
pub(super) fn directive(patch: &mut Node) -> Result<Directive> {
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

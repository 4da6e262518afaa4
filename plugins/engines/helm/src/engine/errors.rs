//! How Helm words the failure of a template.

use crate::Helm;
use crate::engine::functions::{WARN_END, WARN_START};
use crate::error::Error;

/// A text that is no template.
pub(super) fn parse_error(name: &str, message: &str) -> Error {
    let tokens: Vec<&str> = message.split(": ").collect();
    Error::template(match tokens.as_slice() {
        [_, location, .., last] => format!("parse error at ({location}): {last}"),
        [_, location] => format!("parse error at ({location}): {location}"),
        _ => format!("parse error in ({name}): {message}"),
    })
}

/// A template that failed. What `fail` and `required` say is shown alone.
pub(super) fn exec_error(name: &str, message: &str, helm: Helm) -> Error {
    let mut tokens = message.splitn(3, ": ");
    let (_, Some(location), Some(rest)) = (tokens.next(), tokens.next(), tokens.next()) else {
        return Error::template(format!("execution error in ({name}): {message}"));
    };
    if let Some(warning) = warning(rest) {
        return Error::template(format!("execution error at ({location}): {warning}"));
    }
    Error::template(match helm {
        Helm::V3 => message.to_owned(),
        Helm::V4 => trace(message).unwrap_or_else(|| message.to_owned()),
    })
}

/// The text between the first mark and the last.
fn warning(text: &str) -> Option<&str> {
    let start = text.find(WARN_START)? + WARN_START.len();
    let end = text.rfind(WARN_END)?;
    text.get(start..end)
}

/// Helm 4's way to show a chain of templates: a block for each. `None` where the chain ends in an error that is not a
/// template's, which Helm 4 then shows as Helm 3 does.
fn trace(message: &str) -> Option<String> {
    let mut blocks: Vec<String> = Vec::new();
    let mut current = Some(message);
    while let Some(text) = current {
        let rest = text.strip_prefix("template: ")?;
        let block = block(text, rest)?;
        if blocks.last() != Some(&block) {
            blocks.push(block);
        }
        current = inner(rest);
    }
    Some(blocks.concat().trim().to_owned())
}

/// The error of the function that was called, which is what the error wraps.
fn inner(rest: &str) -> Option<&str> {
    let (_, after) = rest.split_once(": executing ")?;
    let (_, message) = after.split_once(">: ")?;
    let called = message.strip_prefix("error calling ")?;
    called.split_once(": ").map(|(_, inner)| inner)
}

fn block(whole: &str, rest: &str) -> Option<String> {
    if rest.starts_with("no template ") {
        return Some(format!("{whole}\n"));
    }
    if let Some((location, after)) = rest.split_once(": executing ") {
        let (function, after) = after.strip_prefix('"')?.split_once('"')?;
        let (place, message) = after.strip_prefix(" at <")?.split_once(">: ")?;
        let message = without_next(message);
        return Some(format!("{location}\n  executing \"{function}\" at <{place}>:\n    {message}\n"));
    }
    let (location, message) = rest.rsplit_once(": ")?;
    Some(format!("{location}\n  {}\n", without_next(message)))
}

fn without_next(message: &str) -> &str {
    message.split(" template:").next().unwrap_or(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_errors_name_the_place_and_the_reason() {
        let error = parse_error("c/t.yaml", "template: c/t.yaml:1: function \"x\" not defined");
        assert_eq!(error.to_string(), "parse error at (c/t.yaml:1): function \"x\" not defined");
    }

    #[test]
    fn warnings_are_shown_alone() {
        let message = "template: c/t.yaml:1:3: executing \"c/t.yaml\" at <fail \"a: b\">: error calling fail: HELM_ERR_STARTa: b\nHELM_ERR_END";
        let error = exec_error("c/t.yaml", message, Helm::V3);
        assert_eq!(error.to_string(), "execution error at (c/t.yaml:1:3): a: b\n");
        let message = "template: no template \"x\" associated with template \"gotpl\"";
        assert_eq!(exec_error("n", message, Helm::V3).to_string(), format!("execution error in (n): {message}"));
    }

    #[test]
    fn helm_4_shows_the_chain() {
        let message = "template: c/t.yaml:1:3: executing \"c/t.yaml\" at <include \"x\" .>: error calling include: template: c/_h.tpl:2:4: executing \"x\" at <.Values.a.b>: nil pointer evaluating interface {}.b";
        let expected = "c/t.yaml:1:3\n  executing \"c/t.yaml\" at <include \"x\" .>:\n    error calling include:\nc/_h.tpl:2:4\n  executing \"x\" at <.Values.a.b>:\n    nil pointer evaluating interface {}.b";
        assert_eq!(exec_error("c/t.yaml", message, Helm::V4).to_string(), expected);
        assert_eq!(exec_error("c/t.yaml", message, Helm::V3).to_string(), message);
        let plain = "template: c/t.yaml:1:3: executing \"c/t.yaml\" at <atoi>: error calling f: no number";
        assert_eq!(exec_error("c/t.yaml", plain, Helm::V4).to_string(), plain);
    }
}

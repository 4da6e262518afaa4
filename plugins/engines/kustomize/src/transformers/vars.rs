use std::collections::BTreeMap;

use weir_yaml::{Kind, Node, Style, Tag, format_float};

use super::path_match::lookup;
use crate::accumulator::{Accumulator, describe};
use crate::edit::split_bracketed_path;
use crate::error::{Error, Result};
use crate::field::{Create, Fields, visit};
use crate::kustomization::Var;
use crate::resource::Resource;

/// The value of a var, with the type that it has where it comes from.
#[derive(Clone, Debug, PartialEq)]
enum VarValue {
    Text(String),
    Int(i64),
    Float(f64),
    Bool(bool),
    /// A mapping or list, which cannot be put into a text.
    Collection,
}

/// Replaces `$(NAME)` in the fields that may hold it.
pub(crate) fn resolve_vars(accumulator: &mut Accumulator) -> Result<()> {
    let mut values = BTreeMap::new();
    for var in accumulator.vars.values() {
        values.insert(var.name.clone(), value_of(accumulator.map.resources(), var)?);
    }
    let Some(config) = accumulator.config.as_ref().filter(|_| !values.is_empty()) else { return Ok(()) };
    let mut fields = Fields::new(&config.get().var_reference);
    for resource in accumulator.map.resources_mut() {
        for spec in fields.of(resource.gvk()).iter() {
            visit(resource, spec, Create::Nothing, &mut |node| expand_node(node, &values))?;
        }
    }
    Ok(())
}

fn value_of(resources: &[Resource], var: &Var) -> Result<VarValue> {
    let Some(resource) = resources.iter().find(|resource| resource.vars.contains(&var.name)) else {
        return Err(Error::refused(format!(
            "var '{}' cannot be mapped to a field in the set of known resources",
            describe(var)
        )));
    };
    let path = split_indices(split_bracketed_path(&var.fieldref.fieldpath, '.'));
    let found = lookup(&resource.node, &path).ok().flatten();
    found.and_then(read).ok_or_else(|| {
        Error::refused(format!("field specified in var '{}' not found in corresponding resource", describe(var)))
    })
}

/// `containers[0]` is a field and an index.
fn split_indices(parts: Vec<String>) -> Vec<String> {
    let mut result = Vec::with_capacity(parts.len());
    for part in parts {
        let index = part.strip_suffix(']').and_then(|rest| rest.rsplit_once('['));
        match index.filter(|(_, index)| !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit())) {
            Some(("", index)) => result.push(index.to_owned()),
            Some((name, index)) => result.extend([name.to_owned(), index.to_owned()]),
            None => result.push(part),
        }
    }
    result
}

fn read(node: &Node) -> Option<VarValue> {
    let text = node.text();
    Some(match (&node.kind, &node.tag) {
        (Kind::Scalar(_), Tag::Int) => VarValue::Int(text.parse().ok()?),
        (Kind::Scalar(_), Tag::Float) => VarValue::Float(text.parse().ok()?),
        (Kind::Scalar(_), Tag::Bool) => VarValue::Bool(text.eq_ignore_ascii_case("true")),
        (Kind::Scalar(_), _) => VarValue::Text(text.to_owned()),
        _ => VarValue::Collection,
    })
}

fn expand_node(node: &mut Node, values: &BTreeMap<String, VarValue>) -> Result<()> {
    if node.is_null() {
        return Ok(());
    }
    match &mut node.kind {
        Kind::Scalar(_) => {
            if is_string(node) {
                expand_scalar(node, values);
            }
        }
        Kind::Mapping(fields) => {
            for (key, value) in fields {
                if !is_string(key) {
                    return Err(Error::refused(format!("invalid map key: value='{}', tag='{}'", key.text(), key.tag)));
                }
                if is_string(value) {
                    expand_scalar(value, values);
                }
            }
        }
        Kind::Sequence(items) => {
            for item in items {
                if !is_string(item) {
                    return Err(Error::refused("invalid value type expect a string"));
                }
                expand_scalar(item, values);
            }
        }
    }
    Ok(())
}

fn is_string(node: &Node) -> bool {
    node.is_scalar() && matches!(node.tag, Tag::None | Tag::Str)
}

fn expand_scalar(node: &mut Node, values: &BTreeMap<String, VarValue>) {
    let (text, tag) = match expand(node.text(), values) {
        VarValue::Text(text) => (text, Tag::Str),
        VarValue::Int(value) => (value.to_string(), Tag::Int),
        VarValue::Float(value) => (value.to_string(), Tag::Float),
        VarValue::Bool(value) => (value.to_string(), Tag::Bool),
        VarValue::Collection => return,
    };
    let style = if tag == Tag::Str && text.contains('\n') { Style::Literal } else { Style::Plain };
    *node = Node { kind: Kind::Scalar(text), tag, style };
}

/// Replaces every reference. A text that is nothing but a reference takes the type of the value.
fn expand(text: &str, values: &BTreeMap<String, VarValue>) -> VarValue {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$').filter(|at| at + 1 < rest.len()) {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if let Some(reference) = after.strip_prefix('$') {
            out.push('$');
            rest = reference;
        } else if let Some((name, tail)) = after.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
            match values.get(name).filter(|value| **value != VarValue::Collection) {
                Some(value) if text.len() == name.len() + 3 => return value.clone(),
                Some(value) => out.push_str(&plain(value)),
                None => out.push_str(&format!("$({name})")),
            }
            rest = tail;
        } else {
            let length = 1 + after.chars().next().map_or(0, char::len_utf8);
            out.push_str(&rest[at..at + length]);
            rest = &rest[at + length..];
        }
    }
    out.push_str(rest);
    VarValue::Text(out)
}

fn plain(value: &VarValue) -> String {
    match value {
        VarValue::Text(text) => text.clone(),
        VarValue::Int(value) => value.to_string(),
        VarValue::Float(value) => format_float(*value),
        VarValue::Bool(value) => value.to_string(),
        VarValue::Collection => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        let values: BTreeMap<String, VarValue> =
            [("A".to_owned(), VarValue::Text("x".to_owned())), ("N".to_owned(), VarValue::Int(5))].into();
        let text = |text: &str| VarValue::Text(text.to_owned());
        for (input, expected) in [
            ("$(A)-$(N)", text("x-5")),
            ("$(N)", VarValue::Int(5)),
            ("$$(A) $(B) $", text("$(A) $(B) $")),
            ("$(A", text("$(A")),
            ("$x", text("$x")),
        ] {
            assert_eq!(expand(input, &values), expected, "{input}");
        }
    }

    #[test]
    fn indices() {
        let parts = ["spec", "containers[0]", "image"].map(str::to_owned).to_vec();
        assert_eq!(split_indices(parts), ["spec", "containers", "0", "image"]);
    }
}

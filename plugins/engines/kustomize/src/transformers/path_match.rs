//! Paths with selectors: `spec.containers.[name=web].image`, `spec.ports.0`, `spec.rules.*.host`.

use weir_yaml::{Kind, Node};

use crate::edit::{set_field, wrong_kind};
use crate::error::{Error, Result};
use crate::selector::expression;

/// What a missing field becomes: the kind of the value that will be put there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Scalar,
    Mapping,
    Sequence,
}

impl Shape {
    pub(super) fn of(node: &Node) -> Shape {
        match node.kind {
            Kind::Scalar(_) => Shape::Scalar,
            Kind::Mapping(_) => Shape::Mapping,
            Kind::Sequence(_) => Shape::Sequence,
        }
    }

    fn node(self) -> Node {
        match self {
            Shape::Scalar => Node::scalar(""),
            Shape::Mapping => Node::mapping(),
            Shape::Sequence => Node::sequence(),
        }
    }

    /// The shape of a field that is followed by this part of a path.
    fn before(self, next: Option<&str>) -> Shape {
        match next {
            None => self,
            Some(next) if is_selector(next) || index(next).is_some() => Shape::Sequence,
            Some(_) => Shape::Mapping,
        }
    }
}

fn is_selector(part: &str) -> bool {
    part.starts_with('[') && part.ends_with(']')
}

fn index(part: &str) -> Option<usize> {
    part.parse().ok()
}

/// Name and value of `[name=value]`.
fn selector(part: &str) -> Result<(&str, &str)> {
    part[1..part.len() - 1]
        .split_once('=')
        .ok_or_else(|| Error::refused("list path element must contain fieldName=fieldValue for element to match"))
}

type Visitor<'a> = dyn FnMut(&mut Node) -> Result<()> + 'a;

/// Calls `act` on every node that a path matches, creating what is missing when a shape is given. Gives the number of
/// matches.
pub(super) fn visit(node: &mut Node, path: &[String], create: Option<Shape>, act: &mut Visitor<'_>) -> Result<usize> {
    let Some((part, rest)) = path.split_first() else { return act(node).map(|()| 1) };
    if node.is_null() && (index(part).is_some() || is_selector(part) || part == "*") {
        // A list without items, to which additions are lost.
        return visit(&mut Node::sequence(), path, create, act);
    }
    if let Some(index) = index(part) {
        return at_index(node, index, rest, create, act);
    }
    if is_selector(part) {
        return selected(node, part, rest, create, act);
    }
    if part == "*" {
        let mut count = 0;
        for item in items(node)? {
            count += visit(item, rest, create, act)?;
        }
        return Ok(count);
    }
    field(node, part, rest, create, act)
}

fn items(node: &mut Node) -> Result<&mut Vec<Node>> {
    if !node.is_sequence() {
        return Err(wrong_kind("SequenceNode", node));
    }
    Ok(node.items_mut().expect("checked above"))
}

fn field(node: &mut Node, name: &str, rest: &[String], create: Option<Shape>, act: &mut Visitor<'_>) -> Result<usize> {
    if node.is_null() {
        // What the original adds to a null, nobody sees.
        return create.map_or(Ok(0), |shape| {
            visit(&mut shape.before(rest.first().map(String::as_str)).node(), rest, create, act)
        });
    }
    if !node.is_mapping() {
        return Err(wrong_kind("MappingNode", node));
    }
    if node.get(name).is_none() {
        let Some(shape) = create else { return Ok(0) };
        set_field(node, name, Some(shape.before(rest.first().map(String::as_str)).node()))?;
    }
    match node.get_mut(name) {
        Some(field) if field.is_scalar() && !rest.is_empty() => in_text(field.text(), rest, create, act),
        Some(field) => visit(field, rest, create, act),
        None => Ok(0),
    }
}

/// Follows a path into the data that a text holds. What `act` changes there is lost: writing into texts is done
/// elsewhere, and where that fails the original leaves them as they are.
fn in_text(text: &str, path: &[String], create: Option<Shape>, act: &mut Visitor<'_>) -> Result<usize> {
    match weir_yaml::parse_first(text)? {
        Some(mut data) => visit(&mut data, path, create, act),
        None => {
            let is_item = index(&path[0]).is_some() || is_selector(&path[0]) || path[0] == "*";
            let expected = if is_item { "SequenceNode" } else { "MappingNode" };
            Err(Error::refused(format!("wrong node kind: expected {expected} but got : node contents:\nnull\n")))
        }
    }
}

fn at_index(
    node: &mut Node,
    index: usize,
    rest: &[String],
    create: Option<Shape>,
    act: &mut Visitor<'_>,
) -> Result<usize> {
    let items = items(node)?;
    if let Some(shape) = create.filter(|_| items.len() == index) {
        items.push(shape.before(rest.first().map(String::as_str)).node());
    }
    let length = items.len();
    match items.get_mut(index) {
        Some(item) => visit(item, rest, create, act),
        None => Err(Error::refused(format!("index {index} specified but only {length} elements found"))),
    }
}

fn selected(
    node: &mut Node,
    part: &str,
    rest: &[String],
    create: Option<Shape>,
    act: &mut Visitor<'_>,
) -> Result<usize> {
    let (name, value) = selector(part)?;
    // The value is an expression that may match anywhere in the text.
    let pattern = expression(value)?;
    let items = items(node)?;
    let mut count = 0;
    for item in items.iter_mut() {
        let text = if name.is_empty() { Some(&*item) } else { item.get(name) }.map(weir_yaml::to_string);
        if text.is_some_and(|text| pattern.is_match(text.trim())) {
            count += if name.is_empty() { act(item).map(|()| 1)? } else { visit(item, rest, create, act)? };
        }
    }
    if count > 0 || create.is_none() {
        return Ok(count);
    }
    let mut item = if name.is_empty() { Node::scalar(value) } else { Node::mapping() };
    item.push(name, Node::scalar(value));
    items.push(item);
    let last = items.last_mut().expect("pushed above");
    if name.is_empty() { act(last).map(|()| 1) } else { visit(last, rest, create, act) }
}

/// One step of a path to one node.
enum Step<'p> {
    Index(usize),
    Last,
    /// The first item with this value of a field, or of its own where the name is empty.
    Item(&'p str, &'p str),
    Field(&'p str),
}

impl Step<'_> {
    fn parse(part: &str) -> Result<Step<'_>> {
        if let Ok(index) = part.parse::<i64>() {
            return usize::try_from(index)
                .map(Step::Index)
                .map_err(|_| Error::refused(format!("array index {index} cannot be negative")));
        }
        match part {
            "-" => Ok(Step::Last),
            "*" => Err(Error::refused("wildcard is not supported in PathGetter")),
            _ if is_selector(part) => selector(part).map(|(name, value)| Step::Item(name, value)),
            _ => Ok(Step::Field(part)),
        }
    }

    /// The place of the item that it leads to.
    fn item(&self, items: &[Node]) -> Option<usize> {
        match self {
            Step::Index(index) => Some(*index).filter(|index| *index < items.len()),
            Step::Last => items.len().checked_sub(1),
            Step::Item("", value) => items.iter().position(|item| item.text() == *value),
            Step::Item(name, value) => {
                items.iter().position(|item| item.get(name).is_some_and(|found| found.text() == *value))
            }
            Step::Field(_) => None,
        }
    }
}

fn steps(path: &[String]) -> impl Iterator<Item = &str> {
    path.iter().map(|part| part.trim()).filter(|part| !part.is_empty())
}

/// Follows a path to one node: indices, `-` for the last item, `[name=value]` for the first item with that value.
pub(crate) fn lookup<'a>(node: &'a Node, path: &[String]) -> Result<Option<&'a Node>> {
    let mut node = node;
    for part in steps(path) {
        let next = match Step::parse(part)? {
            Step::Field(name) if node.is_null() || node.is_mapping() => node.get(name),
            Step::Field(_) => return Err(wrong_kind("MappingNode", node)),
            step => {
                let items = sequence(node)?;
                step.item(items).map(|at| &items[at])
            }
        };
        let Some(next) = next else { return Ok(None) };
        node = next;
    }
    Ok(Some(node))
}

fn sequence(node: &Node) -> Result<&[Node]> {
    if node.is_null() || node.is_sequence() { Ok(node.items()) } else { Err(wrong_kind("SequenceNode", node)) }
}

/// As [`lookup`], and creates what is missing on the way to a scalar. Items that are named by their place are not created.
pub(super) fn lookup_or_create<'a>(node: &'a mut Node, path: &[String]) -> Result<Option<&'a mut Node>> {
    let mut node = node;
    let mut parts = steps(path).peekable();
    while let Some(part) = parts.next() {
        if node.is_null() {
            return Ok(None);
        }
        let next = match Step::parse(part)? {
            Step::Field(name) if node.is_mapping() => {
                if node.get(name).is_none() {
                    node.push(name, Shape::Scalar.before(parts.peek().copied()).node());
                }
                node.get_mut(name)
            }
            Step::Field(_) => return Err(wrong_kind("MappingNode", node)),
            step => {
                sequence(node)?;
                let items = node.items_mut().expect("checked above");
                let at = step.item(items).or_else(|| append(items, &step));
                at.map(|at| &mut items[at])
            }
        };
        let Some(next) = next else { return Ok(None) };
        node = next;
    }
    Ok(Some(node))
}

/// Adds the item that a step by value leads to; gives its place.
fn append(items: &mut Vec<Node>, step: &Step<'_>) -> Option<usize> {
    let Step::Item(name, value) = step else { return None };
    items.push(match *name {
        "" => Node::scalar(*value),
        name => {
            let mut item = Node::mapping();
            item.push(name, Node::scalar(*value));
            item
        }
    });
    Some(items.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::split_bracketed_path;

    fn check(path: &str, create: Option<Shape>, text: &str, expected: &str) {
        let mut node = weir_yaml::parse_first(text).unwrap().unwrap();
        let path = split_bracketed_path(path, '.');
        let outcome = visit(&mut node, &path, create, &mut |node| {
            node.set_text("NEW");
            Ok(())
        });
        let actual = match outcome {
            Ok(_) => weir_yaml::to_string(&node),
            Err(error) => error.chain(),
        };
        assert_eq!(actual, expected, "{path:?}");
    }

    #[test]
    fn matches_are_changed() {
        check("l.[n=a].v", None, "l:\n- n: ab\n  v: x\n- n: c\n  v: y\n", "l:\n- n: ab\n  v: NEW\n- n: c\n  v: y\n");
        check("l.*.v", None, "l:\n- v: x\n- v: y\n", "l:\n- v: NEW\n- v: NEW\n");
        check("l.1", None, "l:\n- x\n- y\n", "l:\n- x\n- NEW\n");
        check("l.3", None, "l:\n- x\n", "index 3 specified but only 1 elements found");
        check("a.b", None, "c: x\n", "c: x\n");
    }

    #[test]
    fn missing_fields_are_created() {
        check("a.b", Some(Shape::Scalar), "c: x\n", "c: x\na:\n  b: NEW\n");
        check("l.[n=a].v", Some(Shape::Scalar), "l: []\n", "l: [{n: a, v: NEW}]\n");
    }
}

//! JSON patches (RFC 6902) with the leniencies of the Go library that kustomize uses: `replace` may create a field,
//! negative indices count from the end.
//!
//! They work on trees as JSON leaves them ([`weir_yaml::through_json`]), whose keys are sorted texts.

use serde_json::Value;
use weir_yaml::{Kind, Node, from_json, sort_fields};

use crate::error::{During, Error, Result, quoted};

/// One operation. Only what the operation needs has to be there.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    op: String,
    path: Option<String>,
    from: Option<String>,
    value: Option<Node>,
}

/// Reads the operations of a patch.
pub(crate) fn parse(value: &Value) -> Option<Vec<Operation>> {
    value.as_array()?.iter().map(operation).collect()
}

fn operation(value: &Value) -> Option<Operation> {
    let fields = value.as_object()?;
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Operation {
        op: text("op").unwrap_or_else(|| "unknown".to_owned()),
        path: text("path"),
        from: text("from"),
        value: fields.get("value").cloned().map(from_json),
    })
}

/// Applies operations in order.
///
/// # Errors
/// The first operation that does not apply.
pub(crate) fn apply(document: &mut Node, operations: &[Operation]) -> Result<()> {
    operations.iter().try_for_each(|operation| operation.apply(document))
}

fn missing(what: impl std::fmt::Display) -> Error {
    Error::refused("missing value").during(what.to_string())
}

fn invalid_index(index: i64) -> Error {
    Error::refused("invalid index referenced").during(format!("Unable to access invalid index: {index}"))
}

impl Operation {
    fn apply(&self, document: &mut Node) -> Result<()> {
        match self.op.as_str() {
            "add" => self.add(document),
            "remove" => self.remove(document),
            "replace" => self.replace(document),
            "move" => self.transfer(document, true),
            "copy" => self.transfer(document, false),
            "test" => self.test(document),
            other => Err(Error::refused(format!("Unexpected kind: {other}"))),
        }
    }

    fn path(&self) -> Result<&str> {
        self.path.as_deref().ok_or_else(|| missing(format!("{} operation failed to decode path", self.op)))
    }

    fn value(&self) -> Node {
        self.value.clone().unwrap_or_else(Node::null)
    }

    fn add(&self, document: &mut Node) -> Result<()> {
        let path = self.path()?;
        let Some((parent, key)) = parent(document, path) else {
            return Err(missing(format!("add operation does not apply: doc is missing path: {}", quoted(path))));
        };
        insert(parent, &key, self.value()).during(|| format!("error in add for path: '{path}'"))
    }

    fn remove(&self, document: &mut Node) -> Result<()> {
        let path = self.path()?;
        let Some((parent, key)) = parent(document, path) else {
            return Err(missing(format!("remove operation does not apply: doc is missing path: {}", quoted(path))));
        };
        take(parent, &key).during(|| format!("error in remove for path: '{path}'")).map(drop)
    }

    fn replace(&self, document: &mut Node) -> Result<()> {
        let path = self.path()?;
        if path.is_empty() {
            *document = self.value();
            return Ok(());
        }
        let Some((parent, key)) = parent(document, path) else {
            return Err(missing(format!("replace operation does not apply: doc is missing path: {path}")));
        };
        match &mut parent.kind {
            Kind::Sequence(items) => {
                let Ok(index) = position(&key, items.len(), items.len()) else {
                    return Err(missing(format!("replace operation does not apply: doc is missing key: {path}")));
                };
                items[index] = self.value();
            }
            _ => set(parent, &key, self.value()),
        }
        Ok(())
    }

    fn transfer(&self, document: &mut Node, is_move: bool) -> Result<()> {
        let op = &self.op;
        let from = self.from.as_deref().ok_or_else(|| missing(format!("{op} operation failed to decode from")))?;
        let Some((source, key)) = parent(document, from) else {
            return Err(missing(format!("{op} operation does not apply: doc is missing from path: {from}")));
        };
        let value = if is_move {
            take(source, &key).during(|| format!("error in move for path: '{key}'"))?
        } else {
            get(source, &key)
                .during(|| format!("error in copy for from: '{from}'"))?
                .cloned()
                .unwrap_or_else(Node::null)
        };
        let path = self.path()?;
        let Some((target, key)) = parent(document, path) else {
            return Err(missing(format!("{op} operation does not apply: doc is missing destination path: {path}")));
        };
        insert(target, &key, value).during(|| format!("error in {op} for path: '{path}'"))
    }

    fn test(&self, document: &mut Node) -> Result<()> {
        let path = self.path()?;
        let failed = || Error::refused("test failed").during(format!("testing value {path} failed"));
        if path.is_empty() {
            return if *document == self.value() { Ok(()) } else { Err(failed()) };
        }
        let Some((parent, key)) = parent(document, path) else {
            return Err(missing(format!("test operation does not apply: is missing path: {path}")));
        };
        let found = get(parent, &key).during(|| format!("error in test for path: '{path}'"))?;
        if found.cloned().unwrap_or_else(Node::null) == self.value() { Ok(()) } else { Err(failed()) }
    }
}

fn unescape(key: &str) -> String {
    key.replace("~1", "/").replace("~0", "~")
}

/// The collection that the last step of a path is in.
fn parent<'a>(document: &'a mut Node, path: &str) -> Option<(&'a mut Node, String)> {
    let mut steps = path.split('/').skip(1).peekable();
    let mut node = document;
    loop {
        let step = unescape(steps.next()?);
        if steps.peek().is_none() {
            return (!node.is_scalar()).then_some((node, step));
        }
        if node.is_mapping() {
            node = node.get_mut(&step)?;
        } else {
            let items = node.items_mut()?;
            let index = position(&step, items.len(), items.len()).ok()?;
            node = items.get_mut(index)?;
        }
    }
}

/// An index into a list: below `limit`, or negative from `length`.
fn position(key: &str, length: usize, limit: usize) -> Result<usize> {
    let index: i64 = key
        .parse()
        .map_err(|_| Error::refused("invalid syntax").during(format!("strconv.Atoi: parsing {}", quoted(key))))?;
    let resolved = if index < 0 { index + length as i64 } else { index };
    usize::try_from(resolved).ok().filter(|resolved| *resolved < limit).ok_or_else(|| invalid_index(index))
}

fn get<'a>(node: &'a Node, key: &str) -> Result<Option<&'a Node>> {
    match &node.kind {
        Kind::Sequence(items) => position(key, items.len(), items.len()).map(|index| items.get(index)),
        _ => Ok(node.get(key)),
    }
}

fn insert(node: &mut Node, key: &str, value: Node) -> Result<()> {
    match &mut node.kind {
        Kind::Sequence(items) if key == "-" => items.push(value),
        Kind::Sequence(items) => {
            let index = position(key, items.len() + 1, items.len() + 1)?;
            items.insert(index, value);
        }
        _ => set(node, key, value),
    }
    Ok(())
}

/// Sets a field in its place among the others.
pub(crate) fn set(node: &mut Node, key: &str, value: Node) {
    if let Some(existing) = node.get_mut(key) {
        *existing = value;
    } else if let Some(fields) = node.fields_mut() {
        fields.push((from_json(Value::String(key.to_owned())), value));
        sort_fields(fields);
    }
}

fn take(node: &mut Node, key: &str) -> Result<Node> {
    match &mut node.kind {
        Kind::Sequence(items) => position(key, items.len(), items.len()).map(|index| items.remove(index)),
        _ => node.remove(key).ok_or_else(|| missing(format!("Unable to remove nonexistent key: {key}"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(document: Value, operations: Value, expected: std::result::Result<Value, &str>) {
        let mut document = from_json(document);
        let outcome = apply(&mut document, &parse(&operations).unwrap());
        match expected {
            Ok(expected) => assert_eq!((outcome, document), (Ok(()), from_json(expected)), "{operations}"),
            Err(message) => assert_eq!(outcome.unwrap_err().chain(), message, "{operations}"),
        }
    }

    #[test]
    fn operations() {
        let document = json!({"a": {"b~/c": 1}, "l": [1, 2]});
        for (operation, expected) in [
            (json!({"op": "add", "path": "/l/-", "value": 3}), json!({"a": {"b~/c": 1}, "l": [1, 2, 3]})),
            (json!({"op": "add", "path": "/l/-1", "value": 3}), json!({"a": {"b~/c": 1}, "l": [1, 2, 3]})),
            (json!({"op": "replace", "path": "/a/b~0~1c", "value": 2}), json!({"a": {"b~/c": 2}, "l": [1, 2]})),
            (json!({"op": "replace", "path": "/new", "value": 2}), json!({"a": {"b~/c": 1}, "l": [1, 2], "new": 2})),
            (json!({"op": "move", "from": "/l/0", "path": "/x"}), json!({"a": {"b~/c": 1}, "l": [2], "x": 1})),
            (json!({"op": "copy", "from": "/l", "path": "/x"}), json!({"a": {"b~/c": 1}, "l": [1, 2], "x": [1, 2]})),
            (json!({"op": "test", "path": "/l/1", "value": 2}), document.clone()),
        ] {
            check(document.clone(), json!([operation]), Ok(expected));
        }
    }

    #[test]
    fn refusals() {
        for (operation, message) in [
            (json!({"op": "frob", "path": "/a"}), "Unexpected kind: frob"),
            (
                json!({"op": "remove", "path": "/a/z"}),
                "error in remove for path: '/a/z': Unable to remove nonexistent key: z: missing value",
            ),
            (json!({"op": "test", "path": "/a", "value": 1}), "testing value /a failed: test failed"),
            (
                json!({"op": "add", "path": "/x/y", "value": 1}),
                "add operation does not apply: doc is missing path: \"/x/y\": missing value",
            ),
            (
                json!({"op": "replace", "path": "/l/9", "value": 1}),
                "replace operation does not apply: doc is missing key: /l/9: missing value",
            ),
        ] {
            check(json!({"a": {}, "l": []}), json!([operation]), Err(message));
        }
    }
}

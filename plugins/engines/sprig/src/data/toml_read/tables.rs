//! The tables of a document while it is read, with the original's rules of what may be defined again.

use std::collections::{BTreeMap, HashSet};

use weir_gotmpl::{GoType, List, Map, Value};

use crate::data::toml_write::quoted;

/// `[]map[string]interface {}`, the type of an array of tables.
const TABLES: GoType = GoType::Slice(&GoType::ANY_MAP);

pub(super) type Table = BTreeMap<String, Node>;

#[derive(Clone)]
pub(super) enum Node {
    Table(Table),
    /// What `[[…]]` makes.
    Tables(Vec<Table>),
    Array(Vec<Node>),
    Scalar(Value),
}

/// All tables, and what is known of their names.
#[derive(Default)]
pub(super) struct Tables {
    root: Table,
    /// Tables that nobody has defined, but only named on the way to another or in another place.
    implicit: HashSet<Vec<String>>,
    /// Names of arrays.
    arrays: HashSet<Vec<String>>,
}

impl Tables {
    pub(super) fn into_value(self) -> Value {
        table_value(self.root)
    }

    pub(super) fn add_implicit(&mut self, name: &[String]) {
        self.implicit.insert(name.to_vec());
    }

    /// Notes whether the value of a name is an array. (A name that is empty counts as that of the table around it.)
    pub(super) fn note_kind(&mut self, context: &[String], name: &str, is_array: bool) {
        let mut full = context.to_vec();
        if !name.is_empty() || full.is_empty() {
            full.push(name.to_owned());
        }
        if is_array {
            self.arrays.insert(full);
        } else {
            self.arrays.remove(&full);
        }
    }

    /// Goes to a table, making those on the way, and makes it. `context` becomes its name, as far as it comes.
    pub(super) fn enter(&mut self, context: &mut Vec<String>, name: &[String], in_array: bool) -> Result<(), String> {
        let (last, parents) = name.split_last().expect("a name has parts");
        let mut table = &mut self.root;
        for (at, part) in parents.iter().enumerate() {
            if !table.contains_key(part) {
                self.implicit.insert(name[..=at].to_vec());
            }
            let next = table.entry(part.clone()).or_insert_with(|| Node::Table(Table::new()));
            let hash = || format!("Key '{}' was already created as a hash.", joined(&name[..=at]));
            table = inner(next).ok_or_else(hash)?;
        }
        parents.clone_into(context);
        if in_array {
            match table.entry(last.clone()).or_insert_with(|| Node::Tables(Vec::new())) {
                Node::Tables(tables) => tables.push(Table::new()),
                _ => {
                    let name = joined(name);
                    return Err(format!("Key '{name}' was already created and cannot be used as an array."));
                }
            }
        } else {
            self.set(context, last, || Node::Table(Table::new()))?;
        }
        context.push(last.clone());
        Ok(())
    }

    /// Gives a name in a table its value. A table that is only implicit stays, and counts as defined from now on.
    pub(super) fn set(&mut self, context: &[String], name: &str, value: impl FnOnce() -> Node) -> Result<(), String> {
        let defined = |name: &[String]| format!("Key '{}' has already been defined.", joined(name));
        let mut table = &mut self.root;
        for (at, part) in context.iter().enumerate() {
            let here = &context[..=at];
            let next = table.get_mut(part);
            let next = next.ok_or_else(|| format!("Context for key '{}' has not been established.", joined(here)))?;
            table = inner(next).ok_or_else(|| defined(here))?;
        }
        let full = [context, &[name.to_owned()]].concat();
        if !table.contains_key(name) {
            table.insert(name.to_owned(), value());
            return Ok(());
        }
        if !self.implicit.remove(&full) {
            return Err(defined(&full));
        }
        if self.arrays.contains(&full) {
            table.insert(name.to_owned(), value());
        }
        Ok(())
    }
}

/// The table that a name stands for: of an array of tables the last one.
fn inner(node: &mut Node) -> Option<&mut Table> {
    match node {
        Node::Table(table) => Some(table),
        Node::Tables(tables) => tables.last_mut(),
        Node::Array(_) | Node::Scalar(_) => None,
    }
}

/// A name as messages show it.
pub(super) fn joined(name: &[String]) -> String {
    let is_bare = |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    let shown = |part: &String| match part.as_str() {
        part if !part.is_empty() && is_bare(part) => part.to_owned(),
        part => String::from_utf8_lossy(&quoted(part.as_bytes())).into_owned(),
    };
    name.iter().map(shown).collect::<Vec<_>>().join(".")
}

fn table_value(table: Table) -> Value {
    table.into_iter().map(|(name, node)| (name, node_value(node))).collect::<Map>().into()
}

fn node_value(node: Node) -> Value {
    match node {
        Node::Table(table) => table_value(table),
        Node::Tables(tables) => List::of(TABLES, tables.into_iter().map(table_value).collect()).into(),
        Node::Array(items) => items.into_iter().map(node_value).collect::<Vec<_>>().into(),
        Node::Scalar(value) => value,
    }
}

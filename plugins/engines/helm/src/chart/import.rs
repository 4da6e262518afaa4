//! `import-values`: what a chart takes over from the values of its children.

use weir_gotmpl::{GoType, Map, Value};

use crate::Helm;
use crate::chart::tree::{Id, Tree};
use crate::error::Result;
use crate::values::{Warnings, deep_copy, merge_tables, merge_values, table};

const STRING_MAP: GoType = GoType::Map(&GoType::String);

/// Sets the values of every chart that has dependencies, the innermost first.
///
/// # Errors
/// A value for a sub-chart that is no table.
pub(crate) fn import(tree: &mut Tree, chart: Id, helm: Helm, warnings: &mut Warnings) -> Result<()> {
    for child in tree.children(chart).to_vec() {
        import(tree, child, helm, warnings)?;
    }
    let Some(requirements) = tree.requirements(chart) else { return Ok(()) };
    let values = merge_values(tree, chart, helm, warnings)?;
    let imported = Map::new();
    for requirement in requirements {
        let dependency = tree.requirement(requirement);
        let mut done = Vec::new();
        for import in &dependency.import_values {
            let Some(import) = Import::read(import) else { continue };
            done.push(import.value());
            match table(&values, &format!("{}.{}", dependency.name, import.child)) {
                Ok(table) => merge_tables(&imported, &import.placed(table), warnings),
                Err(error) => warnings.push(import.missing(&dependency.name, &error)),
            }
        }
        tree.requirement_mut(requirement).import_values = done;
    }
    // The parent's own values win over what it imports.
    let values = deep_copy(&values);
    merge_tables(&values, &imported, warnings);
    tree.set_values(chart, values);
    Ok(())
}

struct Import {
    /// A path in the child's values.
    child: String,
    /// A path in the parent's values, `.` for the top.
    parent: String,
    /// Whether it was written as a name in the child's `exports`.
    is_name: bool,
}

impl Import {
    fn read(value: &Value) -> Option<Import> {
        match value {
            // What Helm notes it does not read again: a second alias of the chart, which shares the entry in Helm 3, imports
            // nothing.
            Value::Map(map) if map.go_type() == STRING_MAP => None,
            Value::Map(map) => {
                let text = |key: &str| map.get(key).unwrap_or_default().display().to_string();
                Some(Import { child: text("child"), parent: text("parent"), is_name: false })
            }
            Value::String(name) => {
                Some(Import { child: format!("exports.{name}"), parent: ".".to_owned(), is_name: true })
            }
            _ => None,
        }
    }

    /// As Helm notes it in the chart's dependencies.
    fn value(&self) -> Value {
        let map = Map::of(STRING_MAP);
        map.insert("child", self.child.as_str());
        map.insert("parent", self.parent.as_str());
        Value::Map(map)
    }

    /// The child's table at its place in the parent's values.
    fn placed(&self, table: Map) -> Map {
        if self.parent == "." {
            return table;
        }
        self.parent.rsplit('.').fold(table, |inner, name| [(name, Value::Map(inner))].into_iter().collect())
    }

    fn missing(&self, chart: &str, error: &str) -> String {
        match self.is_name {
            true => format!("dependencies.go:287: Warning: ImportValues missing table: {error}"),
            false => format!("dependencies.go:270: Warning: ImportValues missing table from chart {chart}: {error}"),
        }
    }
}

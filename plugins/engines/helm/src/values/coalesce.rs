//! Lays given values over the defaults of a chart and its sub-charts.

use weir_gotmpl::{Map, Value};

use crate::Helm;
use crate::chart::tree::{Id, Tree};
use crate::error::{Error, Result};
use crate::values::tables::{Warnings, deep_copy, join, lay_over};

/// The key that sub-charts share with their parent.
const GLOBAL: &str = "global";

/// What is the same during one pass over the charts.
struct Pass<'a> {
    tree: &'a Tree,
    helm: Helm,
    /// Merging keeps nulls, coalescing lets them take away.
    merge: bool,
    warnings: &'a mut Warnings,
}

/// The values over the defaults of all charts; a null takes a default away. The values given are not changed.
///
/// # Errors
/// A value for a sub-chart that is no table.
pub(crate) fn coalesce_values(
    tree: &Tree,
    chart: Id,
    values: &Map,
    helm: Helm,
    warnings: &mut Warnings,
) -> Result<Map> {
    let values = deep_copy(values);
    Pass { tree, helm, merge: false, warnings }.chart(chart, &values, "")?;
    Ok(values)
}

/// The defaults of all charts, with their nulls.
///
/// # Errors
/// As [`coalesce_values`].
pub(crate) fn merge_values(tree: &Tree, chart: Id, helm: Helm, warnings: &mut Warnings) -> Result<Map> {
    let values = Map::new();
    Pass { tree, helm, merge: true, warnings }.chart(chart, &values, "")?;
    Ok(values)
}

impl Pass<'_> {
    fn chart(&mut self, chart: Id, dest: &Map, prefix: &str) -> Result<()> {
        self.own_values(chart, dest, prefix);
        for child in self.tree.children(chart).to_vec() {
            let name = self.tree.name(child);
            let values = match dest.get(name) {
                Some(Value::Map(values)) => values,
                Some(other) => {
                    return Err(Error::values(format!("type mismatch on {name}: {}", percent_t(&other))));
                }
                None => {
                    let values = Map::new();
                    dest.insert(name, Value::Map(values.clone()));
                    values
                }
            };
            let prefix = join(prefix, self.tree.name(chart));
            self.globals(&values, dest, &prefix);
            self.chart(child, &values, &prefix)?;
        }
        Ok(())
    }

    /// Copies the parent's globals into a child's values, over those that the child has.
    fn globals(&mut self, dest: &Map, src: &Map, prefix: &str) {
        let dest_globals = match dest.get(GLOBAL) {
            None => Map::new(),
            Some(Value::Map(globals)) => globals,
            Some(_) => {
                return self
                    .warn("coalesce.go:138: warning: skipping globals because destination global is not a table.");
            }
        };
        let src_globals = match src.get(GLOBAL) {
            None => Map::new(),
            Some(Value::Map(globals)) => globals,
            Some(_) => {
                return self.warn("coalesce.go:145: warning: skipping globals because source global is not a table.");
            }
        };
        for (key, value) in src_globals.entries() {
            match (value, dest_globals.get_bytes(&key)) {
                (Value::Map(value), None) => {
                    dest_globals.insert(key, value.shallow_copy());
                }
                (Value::Map(value), Some(Value::Map(own))) => {
                    let copy = value.shallow_copy();
                    lay_over(&copy, &own, &join(prefix, &key.to_str_lossy()), true, self.warnings);
                    dest_globals.insert(key, copy);
                }
                (Value::Map(_), Some(_)) => {
                    let key = weir_gotmpl::quote(&key);
                    self.warn(&format!(
                        "coalesce.go:161: Conflict: cannot merge map onto non-map for {key}. Skipping."
                    ));
                }
                (_, Some(Value::Map(_))) => self.warn(&format!("coalesce.go:175: key {key} is table. Skipping")),
                (value, _) => {
                    dest_globals.insert(key, value);
                }
            }
        }
        dest.insert(GLOBAL, dest_globals);
    }

    fn own_values(&mut self, chart: Id, values: &Map, prefix: &str) {
        let prefix = join(prefix, self.tree.name(chart));
        for (key, default) in self.tree.copied_values(chart).entries() {
            match values.get_bytes(&key) {
                Some(Value::Nil) if !self.merge => {
                    values.remove(&key.to_str_lossy());
                }
                Some(Value::Map(own)) => self.table(chart, &key.to_str_lossy(), &own, &default, &prefix),
                Some(_) => {}
                None => self.default(values, key, default),
            }
        }
    }

    fn table(&mut self, chart: Id, key: &str, own: &Map, default: &Value, prefix: &str) {
        match default {
            Value::Map(default) => {
                let is_child = self.tree.children(chart).iter().any(|child| self.tree.name(*child) == key);
                // What is meant for a sub-chart is coalesced there, where a null takes the sub-chart's default away.
                let merge = self.merge || is_child;
                if self.helm == Helm::V4 && !merge {
                    drop_nulls(default);
                }
                lay_over(own, default, &join(prefix, key), merge, self.warnings);
            }
            Value::Nil => {}
            _ => self.warn(&format!("coalesce.go:237: warning: skipped value for {prefix}.{key}: Not a table.")),
        }
    }

    fn default(&self, values: &Map, key: weir_gotmpl::Str, default: Value) {
        if self.helm == Helm::V4 && !self.merge {
            match &default {
                Value::Nil => return,
                Value::Map(table) => drop_nulls(table),
                _ => {}
            }
        }
        values.insert(key, default);
    }

    fn warn(&mut self, text: &str) {
        self.warnings.push(text.to_owned());
    }
}

/// Takes all nulls out of a table and of those in it.
fn drop_nulls(table: &Map) {
    let mut nulls = Vec::new();
    table.each(|key, value| match value {
        Value::Nil => nulls.push(key.clone()),
        Value::Map(inner) => drop_nulls(inner),
        _ => {}
    });
    for key in nulls {
        table.remove_bytes(&key);
    }
}

/// What Go prints for a value with the verb for booleans, which Helm takes for the one for types.
fn percent_t(value: &Value) -> String {
    weir_gotmpl::sprintf(b"%t", std::slice::from_ref(value)).to_string()
}

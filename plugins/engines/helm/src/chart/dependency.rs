//! An entry of `dependencies`.

use weir_gotmpl::{Value, kept};
use weir_yaml::Node;

use crate::chart::metadata::{NULL, invalid, sanitize};
use crate::decode::{self, Place};
use crate::error::Result;
use crate::values;

/// What a chart says of one that it contains.
#[derive(Debug, Clone, Default)]
pub struct Dependency {
    pub name: String,
    /// A version or a constraint.
    pub version: String,
    pub repository: String,
    /// Paths of values, separated by commas; the first that is a boolean decides.
    pub condition: String,
    pub tags: Vec<String>,
    pub enabled: bool,
    /// Names in the child's `exports`, or maps of `child` and `parent`.
    pub import_values: Vec<Value>,
    pub alias: String,
}

kept!(Dependency { name, version, repository, condition, tags, enabled, import_values, alias });

impl PartialEq for Dependency {
    fn eq(&self, other: &Dependency) -> bool {
        let texts = |dependency: &Dependency| {
            [&dependency.name, &dependency.version, &dependency.repository, &dependency.condition, &dependency.alias]
                .map(Clone::clone)
        };
        texts(self) == texts(other)
            && self.tags == other.tags
            && self.enabled == other.enabled
            && self.import_values.len() == other.import_values.len()
            && self.import_values.iter().zip(&other.import_values).all(|(a, b)| a.deep_equal(b))
    }
}

const FIELDS: &[&str] = &["name", "version", "repository", "condition", "tags", "enabled", "import-values", "alias"];

impl Dependency {
    /// Reads an entry over the one that was read at its place before, as Go decodes into what is there.
    pub(super) fn read(
        place: Place<'_>,
        node: &Node,
        known: Option<Dependency>,
    ) -> std::result::Result<Dependency, String> {
        let mut dependency = known.unwrap_or_default();
        let Some(entries) = place.within("Metadata", &["dependencies"]).entries(node, "chart.Dependency")? else {
            return Ok(Dependency { name: NULL.to_owned(), ..Dependency::default() });
        };
        for (name, value) in entries {
            let Some(field) = decode::field(&name, FIELDS) else { continue };
            let path = ["dependencies", field];
            dependency.read_field(place.within("Dependency", &path), field, value)?;
        }
        Ok(dependency)
    }

    fn read_field(&mut self, place: Place<'_>, field: &str, node: &Node) -> std::result::Result<(), String> {
        match field {
            "name" => place.set_text(&mut self.name, node)?,
            "version" => place.set_text(&mut self.version, node)?,
            "repository" => place.set_text(&mut self.repository, node)?,
            "condition" => place.set_text(&mut self.condition, node)?,
            "alias" => place.set_text(&mut self.alias, node)?,
            "tags" => self.tags = place.texts(node)?,
            "enabled" => self.enabled = place.flag(node)?.unwrap_or(self.enabled),
            _ => {
                let items = place.items(node, "[]interface {}")?.unwrap_or_default();
                let value = |item: &Node| values::from_node(item.clone()).map_err(|error| error.to_string());
                self.import_values = items.iter().map(value).collect::<std::result::Result<_, _>>()?;
            }
        }
        Ok(())
    }

    pub(super) fn validate(&mut self) -> Result<()> {
        if self.name == NULL {
            return invalid("dependencies must not contain empty or null nodes");
        }
        [&mut self.name, &mut self.version, &mut self.repository, &mut self.condition]
            .into_iter()
            .chain(&mut self.tags)
            .for_each(sanitize);
        let is_known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if !self.alias.bytes().all(is_known) {
            let name = weir_gotmpl::quote(self.name.as_bytes());
            return invalid(format!("dependency {name} has disallowed characters in the alias"));
        }
        Ok(())
    }

    /// The name of the chart among its parent's values.
    pub(crate) fn name_in_parent(&self) -> &str {
        if self.alias.is_empty() { &self.name } else { &self.alias }
    }
}

//! Reads typed fields from YAML as `sigs.k8s.io/yaml` does: names in any case, numbers and booleans taken as strings where
//! a string is wanted, and the errors of `encoding/json`.

use std::borrow::Cow;

use weir_yaml::{Kind, Node, Resolved, Rules, Tag};

/// Reads the first document of a text. An empty text is `None`.
///
/// # Errors
/// Text that is not YAML or has no JSON form, in the words of `sigs.k8s.io/yaml`.
pub(crate) fn parse(text: &[u8]) -> Result<Option<Node>, String> {
    let converting = |error: String| format!("error converting YAML to JSON: {error}");
    let text = std::str::from_utf8(text).map_err(|error| converting(not_utf8(text, &error)))?;
    weir_yaml::parse_first_as(text, Rules::Yaml11).map_err(|error| converting(error.said_by(Rules::Yaml11)))
}

/// go-yaml's words for a byte that is no UTF-8.
fn not_utf8(text: &[u8], error: &std::str::Utf8Error) -> String {
    let leading = text.get(error.valid_up_to()).is_none_or(|byte| !(0xc2..0xf5).contains(byte));
    let problem = match (leading, error.error_len()) {
        (true, _) => "invalid leading UTF-8 octet",
        (false, None) => "incomplete UTF-8 octet sequence",
        (false, Some(_)) => "invalid trailing UTF-8 octet",
    };
    format!("yaml: {problem}")
}

/// Checks that a whole document has a JSON form.
///
/// # Errors
/// As [`parse`].
pub(crate) fn check(node: &Node) -> Result<(), String> {
    has_json(node).map_err(|error| format!("error converting YAML to JSON: {error}"))
}

fn has_json(node: &Node) -> Result<(), weir_yaml::Error> {
    match &node.kind {
        Kind::Scalar(_) => weir_yaml::scalar_of(node, Rules::Yaml11).map(drop),
        Kind::Sequence(items) => items.iter().try_for_each(has_json),
        Kind::Mapping(fields) => fields.iter().try_for_each(|(key, value)| {
            if key.tag == Tag::Merge {
                merged(value)?;
            } else {
                weir_yaml::key_text(key, value, Rules::Yaml11)?;
            }
            has_json(value)
        }),
    }
}

/// The mappings that a merge key brings in, in the order in which they are laid over each other.
pub(crate) fn merged(node: &Node) -> Result<Vec<&Node>, weir_yaml::Error> {
    match &node.kind {
        Kind::Mapping(_) => Ok(vec![node]),
        Kind::Sequence(items) if items.iter().all(Node::is_mapping) => Ok(items.iter().rev().collect()),
        _ => Err(weir_yaml::Error::Merge),
    }
}

/// Where in a Go struct a value is read, for errors.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The Go type of the whole: `chart.Metadata`.
    root: &'static str,
    /// The struct that the field belongs to, without its package.
    owner: &'static str,
    path: &'a [&'static str],
}

impl<'a> Place<'a> {
    /// The whole document, read as this Go type.
    pub(crate) fn root(root: &'static str) -> Place<'static> {
        Place { root, owner: "", path: &[] }
    }

    /// The fields of the struct `owner` at this path.
    pub(crate) fn within(self, owner: &'static str, path: &'a [&'static str]) -> Place<'a> {
        Place { root: self.root, owner, path }
    }

    fn refuse(&self, node: &Node, go_type: &str) -> String {
        let found = match &node.kind {
            Kind::Mapping(_) => "object",
            Kind::Sequence(_) => "array",
            Kind::Scalar(_) => match weir_yaml::scalar_of(node, Rules::Yaml11) {
                Ok(Resolved::Bool(_)) => "bool",
                Ok(Resolved::Int(_) | Resolved::Uint(_) | Resolved::Float(_)) => "number",
                _ => "string",
            },
        };
        // The types of charts are given as Helm 3 has them; the package has another name in Helm 4.
        let (package, _) = self.root.split_once('.').unwrap_or_default();
        let go_type = go_type.replace("chart.", &format!("{package}."));
        let target = match self.path {
            [] => format!("value of type {}", self.root),
            path => format!("struct field {}.{} of type {go_type}", self.owner, path.join(".")),
        };
        format!("error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {found} into Go {target}")
    }

    /// The entries of an object in the order in which JSON has them; `None` for null.
    pub(crate) fn entries<'n>(&self, node: &'n Node, go_type: &str) -> Result<Option<Entries<'n>>, String> {
        if is_null(node) {
            return Ok(None);
        }
        if !node.is_mapping() {
            return Err(self.refuse(node, go_type));
        }
        let mut entries = Vec::new();
        collect(node, &mut entries);
        // The last of several equal keys counts.
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        entries.reverse();
        entries.dedup_by(|(a, _), (b, _)| a == b);
        entries.reverse();
        Ok(Some(entries))
    }

    /// The items of a list; `None` for null.
    pub(crate) fn items<'n>(&self, node: &'n Node, go_type: &str) -> Result<Option<&'n [Node]>, String> {
        match &node.kind {
            Kind::Sequence(items) => Ok(Some(items)),
            _ if is_null(node) => Ok(None),
            _ => Err(self.refuse(node, go_type)),
        }
    }

    /// A string; empty for null.
    pub(crate) fn text(&self, node: &Node) -> Result<String, String> {
        if !node.is_scalar() {
            return Err(self.refuse(node, "string"));
        }
        Ok(match weir_yaml::scalar_of(node, Rules::Yaml11) {
            Ok(Resolved::Null) => String::new(),
            Ok(Resolved::Bool(value)) => value.to_string(),
            Ok(Resolved::Int(value)) => value.to_string(),
            Ok(Resolved::Uint(value)) => value.to_string(),
            Ok(Resolved::Float(value)) => weir_yaml::format_float(value),
            _ => node.text().to_owned(),
        })
    }

    /// Sets a string; null leaves what is there.
    pub(crate) fn set_text(&self, text: &mut String, node: &Node) -> Result<(), String> {
        if !is_null(node) {
            *text = self.text(node)?;
        }
        Ok(())
    }

    /// A boolean; `None` for null.
    pub(crate) fn flag(&self, node: &Node) -> Result<Option<bool>, String> {
        match node.is_scalar().then(|| weir_yaml::scalar_of(node, Rules::Yaml11)) {
            Some(Ok(Resolved::Null)) => Ok(None),
            Some(Ok(Resolved::Bool(value))) => Ok(Some(value)),
            _ => Err(self.refuse(node, "bool")),
        }
    }

    /// A list of strings.
    pub(crate) fn texts(&self, node: &Node) -> Result<Vec<String>, String> {
        let items = self.items(node, "[]string")?.unwrap_or_default();
        items.iter().map(|item| self.text(item)).collect()
    }

    /// A map of strings.
    pub(crate) fn text_map(&self, node: &Node) -> Result<Vec<(String, String)>, String> {
        let entries = self.entries(node, "map[string]string")?.unwrap_or_default();
        entries.into_iter().map(|(key, value)| Ok((key.into_owned(), self.text(value)?))).collect()
    }
}

/// Keys and values of an object.
pub(crate) type Entries<'n> = Vec<(Cow<'n, str>, &'n Node)>;

fn collect<'n>(node: &'n Node, entries: &mut Entries<'n>) {
    let Kind::Mapping(fields) = &node.kind else { return };
    for (key, value) in fields {
        if key.tag == Tag::Merge {
            merged(value).into_iter().flatten().for_each(|node| collect(node, entries));
        } else if let Ok(key) = weir_yaml::key_text(key, value, Rules::Yaml11) {
            entries.push((key, value));
        }
    }
}

/// Whether the value is `null`, however it is written.
pub(crate) fn is_null(node: &Node) -> bool {
    node.is_scalar() && matches!(weir_yaml::scalar_of(node, Rules::Yaml11), Ok(Resolved::Null))
}

/// The field of a struct that a JSON name means: the name itself, or one that differs in case only.
pub(crate) fn field(name: &str, fields: &'static [&'static str]) -> Option<&'static str> {
    let exact = fields.iter().find(|field| **field == name);
    exact.or_else(|| fields.iter().find(|field| field.eq_ignore_ascii_case(name))).copied()
}

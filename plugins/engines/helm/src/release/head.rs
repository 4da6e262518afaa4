//! The few fields of a manifest that decide what becomes of it.

use weir_yaml::Node;

use crate::Helm;
use crate::decode::{self, Place};

/// Kind, version, name and annotations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) annotations: Vec<(String, String)>,
}

const METADATA: &str =
    "struct { Name string \"json:\\\"name\\\"\"; Annotations map[string]string \"json:\\\"annotations\\\"\" }";

/// The fields of a manifest that a head has.
const FIELDS: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// Whether a field may be one of a head: in any case, where letters that are not ASCII may count as others that are.
fn is_wanted(name: &str) -> bool {
    !name.is_ascii() || FIELDS.iter().any(|field| field.eq_ignore_ascii_case(name))
}

impl Head {
    /// Reads the head of a manifest, and checks that all of it is YAML.
    ///
    /// # Errors
    /// In the words of `sigs.k8s.io/yaml`.
    pub(crate) fn read(text: &str, helm: Helm) -> Result<Head, String> {
        let node = match weir_yaml::parse_fields(text, is_wanted) {
            Some(node) => node,
            None => match decode::parse(text.as_bytes())? {
                Some(node) => node,
                None => return Ok(Head::default()),
            },
        };
        decode::check(&node)?;
        let place = Place::root(match helm {
            Helm::V3 => "releaseutil.SimpleHead",
            Helm::V4 => "util.SimpleHead",
        });
        let mut head = Head::default();
        for (name, value) in place.entries(&node, "")?.unwrap_or_default() {
            match decode::field(&name, &FIELDS) {
                Some("apiVersion") => head.api_version = place.within("SimpleHead", &["apiVersion"]).text(value)?,
                Some("kind") => head.kind = place.within("SimpleHead", &["kind"]).text(value)?,
                Some(_) => head.metadata(place, value)?,
                None => {}
            }
        }
        Ok(head)
    }

    fn metadata(&mut self, place: Place<'_>, node: &Node) -> Result<(), String> {
        let entries = place.within("SimpleHead", &["metadata"]).entries(node, METADATA)?;
        for (name, value) in entries.unwrap_or_default() {
            match decode::field(&name, &["name", "annotations"]) {
                Some("name") => self.name = place.within("", &["metadata", "name"]).text(value)?,
                Some(_) => {
                    self.annotations = place.within("", &["metadata", "annotations"]).text_map(value)?;
                }
                None => {}
            }
        }
        Ok(())
    }

    pub(crate) fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_become_strings() {
        let head =
            Head::read("Kind: 12\nmetadata: {name: 1.50, annotations: {a: true, b: 5, c: null}}\n", Helm::V3).unwrap();
        assert_eq!((head.kind.as_str(), head.name.as_str()), ("12", "1.5"));
        let expected = [("a", "true"), ("b", "5"), ("c", "")];
        let annotations: Vec<_> = head.annotations.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(annotations, expected);
        assert_eq!(Head::read("", Helm::V3).unwrap(), Head::default());
        assert_eq!(Head::read("null", Helm::V3).unwrap(), Head::default());
    }

    #[test]
    fn the_last_of_repeated_keys_counts() {
        assert_eq!(Head::read("kind: A\nkind: B\n", Helm::V3).unwrap().kind, "B");
        assert_eq!(Head::read("x: &a {kind: A}\n<<: *a\nkind: B\n", Helm::V3).unwrap().kind, "B");
    }

    #[test]
    fn errors_are_those_of_go() {
        for (text, expected) in [
            ("kind: [1]", "array into Go struct field SimpleHead.kind of type string"),
            ("metadata: {name: {}}", "object into Go struct field .metadata.name of type string"),
            ("metadata: {annotations: {a: {}}}", "object into Go struct field .metadata.annotations of type string"),
            (
                "metadata: {annotations: [1]}",
                "array into Go struct field .metadata.annotations of type map[string]string",
            ),
            ("- a", "array into Go value of type releaseutil.SimpleHead"),
            ("abc", "string into Go value of type releaseutil.SimpleHead"),
        ] {
            let error = Head::read(text, Helm::V3).unwrap_err();
            assert_eq!(
                error,
                format!("error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {expected}")
            );
        }
        let error = Head::read("- a", Helm::V4).unwrap_err();
        assert!(error.ends_with("array into Go value of type util.SimpleHead"), "{error}");
        let error = Head::read("metadata: 5", Helm::V3).unwrap_err();
        assert!(error.ends_with(r#"of type struct { Name string "json:\"name\""; Annotations map[string]string "json:\"annotations\"" }"#), "{error}");
        let error = Head::read("a: b: c", Helm::V3).unwrap_err();
        assert_eq!(error, "error converting YAML to JSON: yaml: mapping values are not allowed in this context");
    }
}

//! YAML as Go programs read and print it.
//!
//! Kubernetes tools read YAML with two libraries of different rules: go-yaml v3 (kustomize's resources) and
//! go-yaml v2 behind `sigs.k8s.io/yaml` (kustomization files, Helm, kubectl), where a bare `yes` or `n` is a boolean.
//! [`Rules`] names them. [`parse_documents`] gives trees of [`Node`] in source order with tags and styles kept;
//! [`to_json`] applies one set of rules; [`to_yaml`] prints as `sigs.k8s.io/yaml` does.
//!
//! ```
//! let nodes = weir_yaml::parse_documents("a: yes\nb: [1]\n").unwrap();
//! let value = weir_yaml::to_json(&nodes[0], weir_yaml::Rules::Yaml11).unwrap();
//! assert_eq!(weir_yaml::to_yaml(&value), "a: true\nb:\n- 1\n");
//! ```

mod comments;
mod emit;
mod error;
mod go_syntax;
mod json;
mod limits;
mod node;
mod number;
mod parse;
mod plain;
mod print;
mod print_commented;
mod print_node;
mod resolve;
mod scalar;
mod sort;
mod through_json;
mod timestamp;

pub use comments::{Comments, DocumentComments};
pub use emit::Emitter;
pub use error::Error;
pub use json::{decode, from_json, from_str, go_json, key_text, reread_strings, scalar_of, to_json};
pub use limits::{MAX_ALIAS_NODES, MAX_DEPTH, MAX_DOCUMENTS};
pub use node::{Kind, Node, Style, Tag};
pub use number::format_float;
pub use parse::{parse_documents, parse_fields, parse_first, parse_first_as, parse_first_commented, repeated_keys};
pub use plain::node_to_yaml;
pub use print::to_yaml;
pub use print_commented::to_string_commented;
pub use print_node::{to_string, to_string_indented};
pub use resolve::{Resolved, Rules, resolve};
pub use sort::{compare_keys, sort_by_keys};
pub use through_json::{sort_fields, through_json};

/// For the fuzz target: panics where the short way of the reader reads something else than the long one.
#[cfg(fuzzing)]
pub fn check_short_way(text: &str) {
    parse::check_short_way(text);
}

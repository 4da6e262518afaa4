use weir_yaml::Node;

use super::data::{base64_lines, pairs, text_node};
use super::{base_node, finish};
use crate::edit::set_field;
use crate::error::Result;
use crate::kustomization::GeneratorArgs;
use crate::loader::Loader;
use crate::resource::Resource;

/// Makes a ConfigMap. Values that are not UTF-8 go to `binaryData`.
pub(crate) fn config_map(loader: &Loader<'_>, args: &GeneratorArgs) -> Result<Resource> {
    let mut node = base_node("ConfigMap", args)?;
    for (key, value) in pairs(loader, args)? {
        let (field, value) = match String::from_utf8(value) {
            Ok(text) => ("data", text),
            Err(error) => ("binaryData", base64_lines(error.as_bytes())),
        };
        let map = node.mapping_at(field).expect("only this function makes the field");
        set_field(map, &key, Some(text_node(value)))?;
    }
    finish(node, args)
}

/// The text of every entry of a field.
pub(super) fn entries(node: &Node, field: &str) -> Vec<(String, String)> {
    let fields = node.get(field).map_or(&[][..], Node::fields);
    let text = |value: &Node| if value.is_null() { String::new() } else { value.text().to_owned() };
    fields.iter().map(|(key, value)| (key.text().to_owned(), text(value))).collect()
}

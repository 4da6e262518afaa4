use weir_yaml::Node;

use super::data::{base64_lines, pairs, text_node};
use super::{base_node, finish};
use crate::edit::set_field;
use crate::error::Result;
use crate::kustomization::GeneratorArgs;
use crate::loader::Loader;
use crate::resource::Resource;

const DEFAULT_TYPE: &str = "Opaque";

/// Makes a Secret.
pub(crate) fn secret(loader: &Loader<'_>, args: &GeneratorArgs) -> Result<Resource> {
    let mut node = base_node("Secret", args)?;
    let secret_type = if args.secret_type.is_empty() { DEFAULT_TYPE } else { &args.secret_type };
    node.push("type", Node::string(secret_type));
    node.push("data", Node::mapping());
    for (key, value) in pairs(loader, args)? {
        let map = node.mapping_at("data").expect("made above");
        set_field(map, &key, Some(text_node(base64_lines(&value))))?;
    }
    finish(node, args)
}

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use weir_yaml::{Node, Rules, go_json, to_json};

use crate::error::Result;
use crate::resmap::ResMap;
use crate::resource::Resource;

/// Digits of the hash that become part of a name.
const LENGTH: usize = 10;

/// Adds the hash of its content to the name of every generated resource that asks for it.
pub(crate) fn add_hashes(map: &mut ResMap) -> Result<()> {
    if !map.resources().iter().any(|resource| resource.needs_hash) {
        return Ok(());
    }
    for resource in map.resources_mut().iter_mut().filter(|resource| resource.needs_hash) {
        let hash = hash(resource)?;
        resource.remember_id();
        let name = format!("{}-{hash}", resource.name());
        resource.set_name(&name)?;
    }
    Ok(())
}

fn hash(resource: &Resource) -> Result<String> {
    let fields: &[&str] = match resource.kind() {
        "ConfigMap" => &["data", "binaryData"],
        "Secret" => &["type", "data", "stringData"],
        _ => return Ok(encode(&go_json(&resource.to_json()?))),
    };
    let mut content = Map::new();
    content.insert("kind".to_owned(), json!(resource.kind()));
    // The original looks the name up under a path that does not exist.
    content.insert("name".to_owned(), json!(""));
    for field in fields {
        let value = resource.node.get(field).map(field_value).transpose()?;
        match value {
            Some(value) => content.insert((*field).to_owned(), value),
            None if *field == "binaryData" || *field == "stringData" => None,
            None => content.insert((*field).to_owned(), json!("")),
        };
    }
    Ok(encode(&go_json(&Value::Object(content))))
}

fn field_value(node: &Node) -> Result<Value> {
    if node.is_scalar() {
        return Ok(json!(node.text()));
    }
    Ok(to_json(node, Rules::Yaml12)?)
}

/// The first digits of the SHA-256, with letters that form no words.
fn encode(text: &str) -> String {
    let digest = hex::encode(Sha256::digest(text.as_bytes()));
    let replace = |c| match c {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        c => c,
    };
    digest.chars().take(LENGTH).map(replace).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::resources;

    #[test]
    fn hashes_of_known_content() {
        for (text, expected) in [
            ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", "6ct58987ht"),
            ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {one: \"\"}\n", "9g67k2htb6"),
            ("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ntype: my-type\n", "5gmgkf8578"),
            ("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ntype: my-type\ndata: {one: \"\"}\n", "74bd68bm66"),
        ] {
            let resource = &resources(text).unwrap()[0];
            assert_eq!(hash(resource).unwrap(), expected, "{text}");
        }
    }
}

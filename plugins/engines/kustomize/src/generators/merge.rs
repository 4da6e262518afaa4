//! What a generated resource takes over from the one that it replaces or merges with.

use std::collections::BTreeMap;

use super::config_map::entries;
use super::data::text_node;
use crate::edit::set_field;
use crate::error::Result;
use crate::resource::{ORIGIN, Resource};

/// Takes over name, namespace, history, labels and annotations; of the last two the new ones win.
pub(crate) fn inherit_metadata(new: &mut Resource, old: &Resource) -> Result<()> {
    for field in ["labels", "annotations"] {
        let of = |resource: &Resource| -> BTreeMap<String, String> {
            let all: Vec<(&str, &str)> =
                if field == "labels" { resource.labels().collect() } else { resource.annotations().collect() };
            all.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
        };
        let mut merged = of(old);
        merged.extend(of(new));
        new.set_map(field, merged.iter().map(|(key, value)| (key.as_str(), value.as_str())))?;
    }
    new.set_name(old.name())?;
    new.set_namespace(old.namespace())?;
    new.previous.clone_from(&old.previous);
    new.prefixes.clone_from(&old.prefixes);
    new.suffixes.clone_from(&old.suffixes);
    new.vars.clone_from(&old.vars);
    new.behavior = old.behavior;
    new.needs_hash &= old.needs_hash;
    Ok(())
}

/// Takes over metadata and the keys of `data` and `binaryData` that the new resource does not have.
pub(crate) fn merge_data(new: &mut Resource, old: &Resource) -> Result<()> {
    let origin = old.annotation(ORIGIN).map(str::to_owned);
    let mut data: BTreeMap<String, String> = entries(&old.node, "data").into_iter().collect();
    if new.api_version() == "v1" && new.kind() == "Secret" {
        data.extend(encoded_string_data(old));
    }
    inherit_metadata(new, old)?;
    data.extend(entries(&new.node, "data"));
    set_entries(new, "data", data)?;
    let mut binary: BTreeMap<String, String> = entries(&old.node, "binaryData").into_iter().collect();
    binary.extend(entries(&new.node, "binaryData"));
    set_entries(new, "binaryData", binary)?;
    match origin {
        Some(origin) => new.set_annotation(ORIGIN, &origin),
        None => Ok(()),
    }
}

/// `stringData` as the API server would store it.
fn encoded_string_data(secret: &Resource) -> Vec<(String, String)> {
    let encode = |text: String| super::data::base64_lines(text.as_bytes());
    entries(&secret.node, "stringData").into_iter().map(|(key, value)| (key, encode(value))).collect()
}

fn set_entries(resource: &mut Resource, field: &str, entries: BTreeMap<String, String>) -> Result<()> {
    resource.node.remove(field);
    for (key, value) in entries {
        if let Some(map) = resource.node.mapping_at(field) {
            set_field(map, &key, Some(text_node(value)))?;
        }
    }
    Ok(())
}

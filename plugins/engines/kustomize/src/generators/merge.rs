//! What a generated resource takes over from the one that it replaces or merges with.

use std::collections::BTreeMap;

use weir_yaml::Node;

use super::config_map::entries;
use super::data::text_node;
use crate::edit::{set_field, wrong_kind};
use crate::error::{During, Error, Result, quoted};
use crate::origin::Origin;
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
    Origin::check(old)?;
    let origin = old.annotation(ORIGIN).map(str::to_owned);
    let mut data: BTreeMap<String, String> = entries(&old.node, "data").into_iter().collect();
    if new.api_version() == "v1" && new.kind() == "Secret" {
        let encoded = encoded_string_data(&old.node);
        data.extend(encoded.during(|| format!("failed to normalize stringData for {}", old.id()))?);
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
fn encoded_string_data(secret: &Node) -> Result<Vec<(String, String)>> {
    let Some(texts) = secret.get("stringData").filter(|texts| !texts.is_null()) else { return Ok(Vec::new()) };
    if !texts.is_mapping() {
        return Err(wrong_kind("MappingNode", texts).during("read stringData"));
    }
    if let Some((key, _)) = texts.fields().iter().find(|(_, value)| !value.is_scalar()) {
        let message = format!("stringData value for key {} must be a scalar", quoted(key.text()));
        return Err(Error::refused(message).during("read stringData"));
    }
    let all = entries(secret, "stringData");
    if let Some(data) = secret.get("data").filter(|data| !data.is_null())
        && all.iter().any(|(key, _)| key.is_empty())
    {
        return Err(wrong_kind("ScalarNode", data).during("encode stringData"));
    }
    Ok(all.into_iter().map(|(key, value)| (key, super::data::base64_lines(value.as_bytes()))).collect())
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

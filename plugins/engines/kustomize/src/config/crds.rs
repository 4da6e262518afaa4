//! Fields that the OpenAPI definitions named by `crds` mark with `x-kubernetes-*` extensions.

use serde_json::{Map, Value};

use super::{FieldSpec, NameReference, TransformerConfig, merge_references};
use crate::error::Result;
use crate::id::Gvk;

/// How deep references between definitions are followed.
const MAX_DEPTH: usize = 64;

/// Collects the fields of every definition that looks like a Kubernetes type.
pub(crate) fn from_crds(definitions: &Value) -> Result<TransformerConfig> {
    let mut config = TransformerConfig::default();
    let empty = Map::new();
    let definitions = definitions.as_object().unwrap_or(&empty);
    for (name, definition) in definitions {
        let properties = properties(definition);
        if ["kind", "apiVersion", "metadata"].iter().all(|field| properties.is_some_and(|p| p.contains_key(*field))) {
            let kind = name.rsplit('.').next().unwrap_or(name);
            let gvk = Gvk::of("", "", kind.to_owned());
            Walk { definitions, config: &mut config, gvk }.definition(name, &mut Vec::new())?;
        }
    }
    Ok(config)
}

fn properties(definition: &Value) -> Option<&Map<String, Value>> {
    let schema = definition.get("Schema").or_else(|| definition.get("schema"))?;
    schema.get("properties")?.as_object()
}

struct Walk<'a> {
    definitions: &'a Map<String, Value>,
    config: &'a mut TransformerConfig,
    gvk: Gvk,
}

impl Walk<'_> {
    fn definition(&mut self, name: &str, path: &mut Vec<String>) -> Result<()> {
        let definitions = self.definitions;
        let Some(properties) = definitions.get(name).and_then(properties) else { return Ok(()) };
        for (field, property) in properties {
            path.push(field.clone());
            self.property(property, path)?;
            path.pop();
        }
        Ok(())
    }

    fn property(&mut self, property: &Value, path: &mut Vec<String>) -> Result<()> {
        let text = |name: &str| property.get(name).and_then(Value::as_str);
        let field = FieldSpec::new(self.gvk.clone(), path.join("/"), false);
        if text("x-kubernetes-annotation").is_some() {
            self.config.common_annotations.add(&field)?;
        }
        if text("x-kubernetes-label-selector").is_some() {
            self.config.common_labels.add(&field)?;
        }
        if text("x-kubernetes-identity").is_some() {
            self.config.name_prefix.add(&field)?;
        }
        let reference = (text("x-kubernetes-object-ref-api-version"), text("x-kubernetes-object-ref-kind"));
        if let (Some(version), Some(kind)) = reference {
            let key = text("x-kubernetes-object-ref-name-key").unwrap_or("name");
            let name = FieldSpec::new(self.gvk.clone(), format!("{}/{key}", path.join("/")), false);
            let target = Gvk::of("", version.to_owned(), kind.to_owned());
            let reference = NameReference { target, fields: vec![name].into() };
            merge_references(&mut self.config.name_reference, &[reference])?;
        }
        match text("$ref") {
            Some(other) if path.len() < MAX_DEPTH => self.definition(other, path),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn extensions_name_fields() {
        let definitions = json!({
            "com.example.v1.Bee": {"Schema": {"properties": {
                "kind": {}, "apiVersion": {}, "metadata": {}, "spec": {"$ref": "com.example.v1.BeeSpec"}}}},
            "com.example.v1.BeeSpec": {"Schema": {"properties": {
                "hiveRef": {"x-kubernetes-object-ref-api-version": "v1", "x-kubernetes-object-ref-kind": "Hive"},
                "labels": {"x-kubernetes-label-selector": ""}}}},
        });
        let config = from_crds(&definitions).unwrap();
        assert_eq!(&*config.name_reference[0].fields[0].path, "spec/hiveRef/name");
        assert_eq!(&*config.common_labels[0].path, "spec/labels");
        assert_eq!(config.common_labels[0].gvk.kind, "Bee");
    }
}

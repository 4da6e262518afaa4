//! A schema of the user's own, in OpenAPI's form.

use std::borrow::Cow;

use hashbrown::HashMap;
use serde_json::{Map, Value};

use super::{Field, Fields, MergeKey, NamedField, Resources, Schema};

impl Schema {
    /// Reads the `definitions` of an OpenAPI document.
    pub(crate) fn from_openapi(document: &Value) -> Schema {
        let empty = Map::new();
        let definitions = document.get("definitions").and_then(Value::as_object).unwrap_or(&empty);
        let ids: HashMap<&str, usize> = definitions.keys().enumerate().map(|(id, name)| (name.as_str(), id)).collect();
        let mut schema = Schema::default();
        let named = definitions.values().enumerate();
        let named = named.flat_map(|(id, definition)| resource_types(definition).map(move |name| (name, id)));
        schema.resources = Resources::Named(named.collect());
        let mut reader = Reader { ids: &ids, extra: Vec::new(), first_extra: definitions.len() };
        let mut types: Vec<Fields> = definitions.values().map(|definition| reader.fields(definition)).collect();
        types.append(&mut reader.extra);
        schema.types = Cow::Owned(types);
        schema
    }

    /// Both: where they name the same type, the other one's is meant.
    pub(crate) fn with(&self, other: &Schema) -> Schema {
        let offset = self.types.len();
        let others = other.resources.named().map(|(name, id)| (name.to_owned(), id + offset));
        let named = self.resources.named().map(|(name, id)| (name.to_owned(), id)).chain(others);
        let moved = |fields: &Fields| fields.iter().map(|named| named.moved(offset)).collect();
        let types = self.types.iter().cloned().chain(other.types.iter().map(moved)).collect();
        Schema { types: Cow::Owned(types), resources: Resources::Named(named.collect()), ..Schema::default() }
    }
}

impl NamedField {
    fn moved(&self, offset: usize) -> NamedField {
        NamedField { name: self.name.clone(), field: self.field.moved(offset) }
    }
}

impl Field {
    /// The field when its types are numbered from another number on.
    fn moved(&self, offset: usize) -> Field {
        match self {
            Field::Object(id) => Field::Object(id + offset),
            Field::Map(id) => Field::Map(id + offset),
            Field::List { keys, element } => Field::List { keys: keys.clone(), element: element.map(|id| id + offset) },
        }
    }
}

fn resource_types(definition: &Value) -> impl Iterator<Item = String> {
    let list = definition.get("x-kubernetes-group-version-kind").and_then(Value::as_array);
    list.into_iter().flatten().map(|gvk| {
        let part = |name: &str| gvk.get(name).and_then(Value::as_str).unwrap_or_default();
        match part("group") {
            "" => format!("{}/{}", part("version"), part("kind")),
            group => format!("{group}/{}/{}", part("version"), part("kind")),
        }
    })
}

struct Reader<'a> {
    ids: &'a HashMap<&'a str, usize>,
    /// Types that are written where they are used, numbered after the named ones.
    extra: Vec<Fields>,
    first_extra: usize,
}

impl Reader<'_> {
    fn fields(&mut self, definition: &Value) -> Fields {
        let properties = definition.get("properties").and_then(Value::as_object);
        let mut fields = Vec::new();
        for (name, property) in properties.into_iter().flatten() {
            if let Some(field) = self.field(property) {
                fields.push(NamedField { name: Cow::Owned(name.clone()), field });
            }
        }
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        Cow::Owned(fields)
    }

    fn field(&mut self, property: &Value) -> Option<Field> {
        if property.get("type").and_then(Value::as_str) == Some("array") {
            return self.list(property);
        }
        if let Some(value) = property.get("additionalProperties").filter(|value| value.is_object()) {
            return self.type_id(value).map(Field::Map);
        }
        self.type_id(property).map(Field::Object)
    }

    fn list(&mut self, property: &Value) -> Option<Field> {
        let strategy = property.get("x-kubernetes-patch-strategy").and_then(Value::as_str)?;
        if !strategy.split(',').any(|part| part == "merge") {
            return None;
        }
        let listed = property.get("x-kubernetes-list-map-keys").and_then(Value::as_array);
        let single = property.get("x-kubernetes-patch-merge-key");
        let keys = listed.into_iter().flatten().filter_map(Value::as_str);
        let mut keys: Vec<&str> = keys.collect();
        if keys.is_empty() {
            keys.extend(single.and_then(Value::as_str));
        }
        let keys = keys.into_iter().map(|key| MergeKey::Owned(key.to_owned())).collect();
        let element = property.get("items").and_then(|items| self.type_id(items));
        Some(Field::List { keys, element })
    }

    fn type_id(&mut self, schema: &Value) -> Option<usize> {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            return self.ids.get(reference.rsplit('/').next()?).copied();
        }
        schema.get("properties")?;
        let fields = self.fields(schema);
        self.extra.push(fields);
        Some(self.first_extra + self.extra.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn definitions_become_types() {
        let document = json!({"definitions": {
            "v1.Foo": {
                "x-kubernetes-group-version-kind": [{"group": "ex.io", "version": "v1", "kind": "Foo"}],
                "properties": {"spec": {"properties": {"things": {
                    "type": "array", "items": {"$ref": "#/definitions/v1.Thing"},
                    "x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "id"}}}}},
            "v1.Thing": {"properties": {"id": {"type": "string"}}},
        }});
        let schema = Schema::from_openapi(&document);
        let list = schema.resource("ex.io/v1", "Foo").unwrap().field("spec").unwrap().field("things").unwrap();
        assert_eq!(list.merge_keys(), Some(&[MergeKey::Borrowed("id")][..]));
        assert!(list.element().is_some());
        let names = Schema::from_openapi(&json!({"definitions": {
            "v1.Foo": {"x-kubernetes-group-version-kind": [{"group": "ex.io", "version": "v1", "kind": "Foo"}]},
        }}));
        let keys = |schema: &Schema| {
            let things = schema.resource("ex.io/v1", "Foo")?.field("spec")?.field("things")?;
            things.element().and(things.merge_keys()).map(<[MergeKey]>::to_vec)
        };
        let things = Schema::from_openapi(&document);
        assert_eq!(keys(&names.with(&things)), Some(vec![MergeKey::Borrowed("id")]));
        assert_eq!(keys(&things.with(&names)), None);
    }
}

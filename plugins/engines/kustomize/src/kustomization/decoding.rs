//! Data in the shape that Go's JSON decoder would leave it in, or that decoder's error: names in any case, nulls as
//! nothing, and for files other than kustomizations, numbers as texts.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::go_types::{Field, Struct, Type};
use crate::error::quoted;

/// How much is let pass.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Unknown fields are errors (kustomization files).
    Strict,
    /// Unknown fields are errors, numbers may be texts (`configurations`).
    StrictTexts,
    /// Unknown fields are dropped, numbers may be texts (everything else).
    Lenient,
}

/// Decodes data into a structure.
///
/// # Errors
/// The message of Go's decoder, which starts with `json: `.
pub(crate) fn decode<T: DeserializeOwned>(mut value: Value, shape: &'static Struct, mode: Mode) -> Result<T, String> {
    if value.is_null() {
        value = Value::Object(Map::new());
    }
    if !value.is_object() {
        return Err(format!("json: cannot unmarshal {} into Go value of type types.{}", kind_name(&value), shape.name));
    }
    let mut walk = Walk { mode, takes_numbers: mode != Mode::Strict, path: Vec::new() };
    walk.fields(&mut value, shape).map_err(|message| format!("json: {message}"))?;
    serde_json::from_value(value).map_err(|error| format!("json: {error}"))
}

struct Walk {
    mode: Mode,
    /// Whether a number or a flag may be a text here. Not in embedded structures: the original does not find out there
    /// what is wanted.
    takes_numbers: bool,
    path: Vec<&'static str>,
}

impl Walk {
    fn fields(&mut self, value: &mut Value, shape: &'static Struct) -> Result<(), String> {
        let Value::Object(fields) = value else { return Ok(()) };
        if fields.iter().all(|(name, value)| fits(value, name, shape)) {
            return Ok(());
        }
        let mut given: Vec<(String, Value)> = std::mem::take(fields).into_iter().collect();
        given.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (name, mut value) in given {
            let Some(Field(known, embedded, ty)) = find(shape, &name) else {
                if self.mode == Mode::Lenient {
                    continue;
                }
                return Err(format!("unknown field {}", quoted(&name)));
            };
            let depth = self.path.len();
            self.path.extend([*embedded, *known].into_iter().filter(|part| !part.is_empty()));
            if !value.is_null() {
                let outside = self.takes_numbers;
                self.takes_numbers &= embedded.is_empty();
                self.value(&mut value, ty, shape.name)?;
                self.takes_numbers = outside;
                fields.insert((*known).to_owned(), value);
            }
            self.path.truncate(depth);
        }
        Ok(())
    }

    fn value(&mut self, value: &mut Value, ty: &Type, owner: &str) -> Result<(), String> {
        match (ty, &mut *value) {
            (Type::Text(name), _) => self.text(value, name, owner),
            (Type::Bool, Value::Bool(_)) | (Type::Tree, Value::Object(_)) => Ok(()),
            (Type::Int(name), Value::Number(number)) if number.as_i64().is_none() => {
                let shown = format!("number {number}");
                Err(self.mismatch(&shown, name, owner))
            }
            (Type::Int(_), Value::Number(_)) => Ok(()),
            (Type::Texts, Value::Object(entries)) => {
                entries.values_mut().try_for_each(|entry| self.text(entry, "string", owner))
            }
            (Type::List(item, _), Value::Array(items)) => {
                items.iter_mut().try_for_each(|entry| self.item(entry, item, owner))
            }
            (Type::Struct(shape), Value::Object(_)) => self.fields(value, shape),
            (Type::Bool, _) => Err(self.mismatch(kind_name(value), "bool", owner)),
            (Type::Int(name) | Type::List(_, name), _) => Err(self.mismatch(kind_name(value), name, owner)),
            (Type::Texts, _) => Err(self.mismatch(kind_name(value), "map[string]string", owner)),
            (Type::Tree, _) => Err(self.mismatch(kind_name(value), "map[string]interface {}", owner)),
            (Type::Struct(shape), _) => Err(self.mismatch(kind_name(value), &format!("types.{}", shape.name), owner)),
        }
    }

    fn item(&mut self, value: &mut Value, ty: &Type, owner: &str) -> Result<(), String> {
        if value.is_null() && matches!(ty, Type::Struct(_)) {
            *value = Value::Object(Map::new());
        }
        self.value(value, ty, owner)
    }

    fn text(&self, value: &mut Value, name: &str, owner: &str) -> Result<(), String> {
        let text = match &*value {
            Value::String(_) => return Ok(()),
            Value::Null => String::new(),
            Value::Bool(flag) if self.takes_numbers => flag.to_string(),
            Value::Number(number) if self.takes_numbers => match number.as_f64().filter(|_| number.is_f64()) {
                Some(float) => weir_yaml::format_float(float),
                None => number.to_string(),
            },
            other => return Err(self.mismatch(kind_name(other), name, owner)),
        };
        *value = Value::String(text);
        Ok(())
    }

    fn mismatch(&self, found: &str, wanted: &str, owner: &str) -> String {
        format!("cannot unmarshal {found} into Go struct field {owner}.{} of type {wanted}", self.path.join("."))
    }
}

/// Whether a field is there and its value is what it should be: of most files everything is.
fn fits(value: &Value, name: &str, shape: &'static Struct) -> bool {
    let field = shape.fields.iter().find(|field| field.0 == name);
    field.is_some_and(|Field(_, _, ty)| has_type(value, ty))
}

fn has_type(value: &Value, ty: &Type) -> bool {
    match (ty, value) {
        (Type::Text(_), Value::String(_)) | (Type::Bool, Value::Bool(_)) | (Type::Tree, Value::Object(_)) => true,
        (Type::Int(_), Value::Number(number)) => number.as_i64().is_some(),
        (Type::Texts, Value::Object(entries)) => entries.values().all(Value::is_string),
        (Type::List(item, _), Value::Array(items)) => items.iter().all(|value| has_type(value, item)),
        (Type::Struct(shape), Value::Object(fields)) => fields.iter().all(|(name, value)| fits(value, name, shape)),
        _ => false,
    }
}

/// A field by its name, or by its name in other letters.
fn find(shape: &'static Struct, name: &str) -> Option<&'static Field> {
    let exact = shape.fields.iter().find(|field| field.0 == name);
    exact.or_else(|| shape.fields.iter().find(|field| field.0.eq_ignore_ascii_case(name)))
}

/// What Go's decoder calls a value.
pub(crate) fn kind_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kustomization::go_types::{KUSTOMIZATION, TRANSFORMER_CONFIG};

    fn refusal(text: &str, shape: &'static Struct, mode: Mode) -> String {
        let node = weir_yaml::parse_first(text).unwrap().unwrap();
        let value = weir_yaml::to_json(&node, weir_yaml::Rules::Yaml11).unwrap();
        decode::<Value>(value, shape, mode).map_or_else(|error| error, |value| value.to_string())
    }

    #[test]
    fn refusals() {
        for (text, expected) in [
            ("- a", "json: cannot unmarshal array into Go value of type types.Kustomization"),
            (
                "kind: [a]",
                "json: cannot unmarshal array into Go struct field Kustomization.TypeMeta.kind of type string",
            ),
            (
                "labels: [{pairs: {a: 5}}]",
                "json: cannot unmarshal number into Go struct field Label.labels.pairs of type string",
            ),
            (
                "patches: [{target: {kind: 5}}]",
                "json: cannot unmarshal number into Go struct field Selector.patches.target.ResId.Gvk.kind of type string",
            ),
            (
                "replacements: [{targets: [{fieldPaths: [5]}]}]",
                "json: cannot unmarshal number into Go struct field TargetSelector.replacements.Replacement.targets.fieldPaths of type string",
            ),
            (
                "configMapGenerator: [{literals: x}]",
                "json: cannot unmarshal string into Go struct field ConfigMapArgs.configMapGenerator.GeneratorArgs.KvPairSources.literals of type []string",
            ),
            (
                "replicas: [{count: 1.5}]",
                "json: cannot unmarshal number 1.5 into Go struct field Replica.replicas.count of type int64",
            ),
            ("foo: x", "json: unknown field \"foo\""),
        ] {
            assert_eq!(refusal(text, &KUSTOMIZATION, Mode::Strict), expected, "{text}");
        }
    }

    #[test]
    fn what_go_lets_pass() {
        assert_eq!(refusal("Resources: [a]\nnamePrefix:\n", &KUSTOMIZATION, Mode::Strict), r#"{"resources":["a"]}"#);
        assert_eq!(refusal("commonLabels: {a: }", &KUSTOMIZATION, Mode::Strict), r#"{"commonLabels":{"a":""}}"#);
        let text = "images: [{path: 5, kind: x, more: x}]";
        assert_eq!(refusal(text, &TRANSFORMER_CONFIG, Mode::Lenient), r#"{"images":[{"kind":"x","path":"5"}]}"#);
        assert_eq!(
            refusal("images: [{kind: yes}]", &TRANSFORMER_CONFIG, Mode::StrictTexts),
            "json: cannot unmarshal bool into Go struct field FieldSpec.images.Gvk.kind of type string",
        );
    }
}

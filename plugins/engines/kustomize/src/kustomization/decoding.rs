//! Decoding errors in the words of Go's JSON decoder, which name the field.

/// Fields whose entries are keyed by the user; the keys are not part of a path.
const MAPS: [&str; 6] = ["pairs", "labels", "annotations", "commonLabels", "commonAnnotations", "openapi"];

/// What was wrong with the value at a path such as `labels[0].pairs.app`.
pub(super) fn message(path: &str, error: &serde_json::Error) -> String {
    let text = error.to_string();
    if let Some(field) = text.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next()) {
        return format!("json: unknown field {field:?}");
    }
    let Some((found, expected)) = text.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "))
    else {
        return format!("json: cannot unmarshal {path}: {text}");
    };
    let fields = field_names(path);
    let wanted = match expected {
        "a string" => "string".to_owned(),
        "a boolean" => "bool".to_owned(),
        "a sequence" => format!("[]{}", element_type(fields.last().copied().unwrap_or_default())),
        "a map" => "map[string]string".to_owned(),
        "i64" => "int64".to_owned(),
        other => other.trim_start_matches("struct ").to_owned(),
    };
    let found = match found.split([' ', '`']).next().unwrap_or_default() {
        "boolean" => "bool",
        "integer" | "floating" => "number",
        "sequence" => "array",
        "map" => "object",
        other => other,
    };
    let (owner, shown) = owner(&fields);
    format!("json: cannot unmarshal {found} into Go struct field {owner}.{shown} of type {wanted}")
}

/// The names of fields on a path, without indices and keys of maps.
fn field_names(path: &str) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for part in path.split('.') {
        let is_key = names.len() > 1 && names.last().is_some_and(|last| MAPS.contains(last))
            || names.last().is_some_and(|last| last.starts_with("common") || *last == "openapi");
        if is_key {
            break;
        }
        names.push(part.split('[').next().unwrap_or(part));
    }
    names
}

/// The structure that holds the last field, and the path to it as Go shows it, with embedded structures.
fn owner(fields: &[&str]) -> (&'static str, String) {
    let is_generator = matches!(fields.first(), Some(&("configMapGenerator" | "secretGenerator")));
    let owner = match fields {
        [_] | [] => "Kustomization",
        ["labels", ..] => "Label",
        ["patches" | "patchesJson6902", _] => "Patch",
        ["images", ..] => "Image",
        ["replicas", ..] => "Replica",
        ["generatorOptions", ..] => "GeneratorOptions",
        [_, "options", _] if is_generator => "GeneratorOptions",
        _ if is_generator => "GeneratorArgs",
        [_, "target", _] => "Selector",
        _ => "Kustomization",
    };
    let mut shown = fields.to_vec();
    if is_generator && fields.len() > 1 {
        shown.insert(1, "GeneratorArgs");
    }
    (owner, shown.join("."))
}

fn element_type(field: &str) -> &'static str {
    match field {
        "images" => "types.Image",
        "patches" | "patchesJson6902" => "types.Patch",
        "labels" => "types.Label",
        "replicas" => "types.Replica",
        "configMapGenerator" => "types.ConfigMapArgs",
        "secretGenerator" => "types.SecretArgs",
        "vars" => "types.Var",
        "replacements" => "types.ReplacementField",
        _ => "string",
    }
}

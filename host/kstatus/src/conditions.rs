//! What holds for every kind: deletion, generation, and the standard conditions.

use serde_json::Value;

use crate::Health;

/// A condition of the object, by type.
pub(crate) fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    let all = object.pointer("/status/conditions")?.as_array()?;
    all.iter().find(|c| c.get("type").and_then(Value::as_str) == Some(kind))
}

/// Whether the condition has this status.
pub(crate) fn is(object: &Value, kind: &str, status: &str) -> bool {
    condition(object, kind).is_some_and(|c| text(c, "/status") == status)
}

/// The text at a pointer, or nothing.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The number at a pointer.
pub(crate) fn number(value: &Value, pointer: &str) -> Option<i64> {
    value.pointer(pointer)?.as_i64()
}

/// Whether the controller has not yet seen the current spec.
pub(crate) fn is_behind(object: &Value) -> bool {
    let generation = number(object, "/metadata/generation");
    number(object, "/status/observedGeneration").is_some_and(|seen| Some(seen) != generation)
}

/// What the object says of itself whatever its kind: `None` when it says nothing that settles it.
///
/// kstatus: deletion first, then the generation, then `Reconciling`, `Stalled` and a `Ready` that is not true.
pub(crate) fn generic(object: &Value) -> Option<Health> {
    if object.pointer("/metadata/deletionTimestamp").is_some_and(|t| !t.is_null()) {
        return Some(Health::new(crate::Status::Terminating, "Resource scheduled for deletion"));
    }
    if is_behind(object) {
        let generation = number(object, "/metadata/generation").unwrap_or_default();
        let observed = number(object, "/status/observedGeneration").unwrap_or_default();
        return Some(Health::in_progress(format!(
            "{} generation is {generation}, but latest observed generation is {observed}",
            text(object, "/kind"),
        )));
    }
    if is(object, "Reconciling", "True") {
        return condition(object, "Reconciling").map(|c| Health::in_progress(text(c, "/message")));
    }
    if is(object, "Stalled", "True") {
        return condition(object, "Stalled").map(|c| Health::failed(text(c, "/message")));
    }
    let ready = condition(object, "Ready")?;
    match text(ready, "/status") {
        "True" => None,
        _ => Some(Health::in_progress(text(ready, "/message"))),
    }
}

//! Keeps the values of Secrets out of errors.

use serde_json::Value;

use crate::error::RequestError;

/// What takes the place of a value.
const MASK: &str = "*****";
/// Shorter values are no secrets, and would be found in any text.
const MIN_LENGTH: usize = 4;

fn is_secret(object: &Value) -> bool {
    let text = |key: &str| object.get(key).and_then(Value::as_str);
    (text("apiVersion"), text("kind")) == (Some("v1"), Some("Secret"))
}

/// Whether a Secret has values that are no text. The server would print them in its refusal.
pub(crate) fn is_malformed(object: &Value) -> bool {
    let values = object.get("data").and_then(Value::as_object).into_iter().flatten();
    is_secret(object) && values.into_iter().any(|(_, value)| !value.is_string())
}

/// The error without the values of the Secret that was sent.
pub(crate) fn masked(error: RequestError, object: &Value) -> RequestError {
    let RequestError::Api(mut status) = error else { return error };
    if is_secret(object) {
        let mask = |text: &mut String| *text = without_values(text, object);
        mask(&mut status.message);
        status.details.iter_mut().flat_map(|d| &mut d.causes).for_each(|c| mask(&mut c.message));
    }
    RequestError::Api(status)
}

fn without_values(text: &str, secret: &Value) -> String {
    let data = secret.get("data").and_then(Value::as_object).into_iter().flatten();
    let mut values: Vec<&str> = data.filter_map(|(_, v)| v.as_str()).filter(|v| v.len() >= MIN_LENGTH).collect();
    // Longest first: a value may be part of another.
    values.sort_unstable_by_key(|v| std::cmp::Reverse(v.len()));
    values.iter().fold(text.to_owned(), |text, value| text.replace(value, MASK))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kube::core::Status;
    use serde_json::json;

    #[test]
    fn values_of_secrets_are_masked() {
        let secret =
            json!({"apiVersion": "v1", "kind": "Secret", "data": {"a": "c2VjcmV0", "b": "c2VjcmV0LTI=", "c": "x"}});
        let error = || RequestError::Api(Status::failure("got c2VjcmV0LTI= and c2VjcmV0 in x", "Invalid").boxed());
        assert_eq!(masked(error(), &secret).to_string(), "got ***** and ***** in x");
        let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "c2VjcmV0"}});
        assert!(masked(error(), &map).to_string().contains("c2VjcmV0"));
    }

    #[test]
    fn values_that_are_no_text_are_found() {
        for (data, expected) in [(json!({"a": "x"}), false), (json!({"a": {"b": "x"}}), true), (json!({"a": 1}), true)]
        {
            assert_eq!(is_malformed(&json!({"apiVersion": "v1", "kind": "Secret", "data": data})), expected);
        }
    }
}

//! Digests of JSON: equal values have equal digests, whatever the order of their keys.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Half of a SHA-256: no collisions by chance or by design, at 16 bytes for every object in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Digest([u8; 16]);

/// Takes values and texts, and gives their digest.
#[derive(Default)]
pub(crate) struct Sink(Sha256);

impl Sink {
    /// A text; its length keeps neighbours apart.
    pub(crate) fn text(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text.as_bytes());
    }

    /// A marker that no text can imitate.
    pub(crate) fn mark(&mut self, mark: u8) {
        self.0.update([mark]);
    }

    /// A value, with its keys in order.
    pub(crate) fn value(&mut self, value: &Value) {
        match value {
            Value::Object(map) => {
                self.mark(b'{');
                let mut entries: Vec<_> = map.iter().collect();
                entries.sort_unstable_by_key(|(key, _)| *key);
                for (key, value) in entries {
                    self.text(key);
                    self.value(value);
                }
                self.mark(b'}');
            }
            Value::Array(items) => {
                self.mark(b'[');
                items.iter().for_each(|item| self.value(item));
                self.mark(b']');
            }
            Value::String(text) => {
                self.mark(b'"');
                self.text(text);
            }
            other => {
                self.mark(b'0');
                self.text(&other.to_string());
            }
        }
    }

    pub(crate) fn finish(self) -> Digest {
        let full: [u8; 32] = self.0.finalize().into();
        let mut half = [0; 16];
        half.copy_from_slice(&full[..16]);
        Digest(half)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn digest(value: Value) -> Digest {
        let mut sink = Sink::default();
        sink.value(&value);
        sink.finish()
    }

    #[test]
    fn only_the_order_of_keys_does_not_matter() {
        let text = |t: &str| digest(serde_json::from_str(t).unwrap());
        assert_eq!(text(r#"{"a":1,"b":[1,2]}"#), text(r#"{"b":[1,2],"a":1}"#));
        for (a, b) in [
            (json!([1, 2]), json!([2, 1])),
            (json!(["ab", "c"]), json!(["a", "bc"])),
            (json!("1"), json!(1)),
            (json!({"a": {}}), json!({"a": []})),
            (json!({"a": null}), json!({})),
        ] {
            assert_ne!(digest(a.clone()), digest(b.clone()), "{a} {b}");
        }
    }
}

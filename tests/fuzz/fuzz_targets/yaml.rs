//! Whatever is read is printed, and what is printed reads as the same data.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weir_yaml::{Rules, from_str, parse_documents, to_json, to_yaml};

fuzz_target!(|text: &str| {
    let Ok(documents) = parse_documents(text) else { return };
    for document in &documents {
        let Ok(value) = to_json(document, Rules::Yaml11) else { continue };
        let printed = to_yaml(&value);
        let again: serde_json::Value = from_str(&printed).expect("what was printed can be read");
        assert_eq!(again, value, "{printed}");
    }
});

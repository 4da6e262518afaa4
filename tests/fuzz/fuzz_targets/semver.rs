//! Constraints and versions of any text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weir_semver::{Constraint, Version};

fuzz_target!(|texts: (String, String)| {
    let (constraint, version) = texts;
    if let (Ok(constraint), Ok(version)) = (Constraint::parse(&constraint), Version::parse(&version)) {
        let _decided = constraint.matches(&version);
    }
});

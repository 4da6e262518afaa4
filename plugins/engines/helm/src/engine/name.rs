//! Names of releases from templates (`--name-template`).

use weir_gotmpl::{BUILTINS, ExecError, Functions, MissingKey, Set, State, Value};

use crate::error::{Error, Result};
use crate::options::Host;

const NAME: &str = "name-template";

/// The name that a template makes. It sees no values, and the functions that every template has but those of Helm.
///
/// # Errors
/// The text is no template, or it fails.
pub fn release_name(template: &str, host: &Host) -> Result<String> {
    let mut set = Set::new(NAME, Functions::new(&[BUILTINS, weir_sprig::FUNCTIONS]), MissingKey::Default);
    set.parse(NAME, template).map_err(|error| Error::options(error.message))?;
    let state = State::new(host.limits).with(&host.effects);
    let mut out = Vec::new();
    set.execute(NAME, Value::Nil, &state, &mut out).map_err(|error| match error {
        ExecError::Limit(message) => Error::limit(format!("template {NAME}: {message}")),
        error => Error::options(error.to_string()),
    })?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nothing;

    impl crate::World for Nothing {
        fn now(&self) -> (i64, u32) {
            (0, 0)
        }

        fn random(&self, _: &mut [u8]) {}
    }

    fn name(template: &str) -> std::result::Result<String, String> {
        release_name(template, &Host::new(Nothing)).map_err(|error| error.to_string())
    }

    #[test]
    fn names_are_made_and_refused() {
        assert_eq!(name("web-{{ printf \"%02d\" 7 }}"), Ok("web-07".to_owned()));
        assert_eq!(name(""), Ok(String::new()));
        assert!(name("{{").unwrap_err().starts_with("template: name-template:1: "));
        assert!(name("{{ index 1 2 }}").unwrap_err().contains("executing \"name-template\""));
    }
}

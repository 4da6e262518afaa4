//! A plugin's description, embedded in it as canonical JSON.

use serde_json::Value;
use wasm_encoder::{ComponentSection, CustomSection};

use crate::failure::LoadError;
use crate::version::custom_section;

/// The custom section with the description, written by the build.
pub const INFO_SECTION: &str = "weir:plugin-info";
/// Bytes of a description.
const MAX_INFO_BYTES: usize = 1 << 20;

/// The description that a component carries, read without running anything.
pub fn embedded(component: &[u8]) -> Result<Option<String>, LoadError> {
    let Some(section) = custom_section(component, INFO_SECTION)? else {
        return Ok(None);
    };
    if section.len() > MAX_INFO_BYTES {
        return Err(LoadError::Info(format!("longer than {MAX_INFO_BYTES} bytes")));
    }
    let text = std::str::from_utf8(section).map_err(|error| LoadError::Info(error.to_string()))?;
    Ok(Some(text.to_owned()))
}

/// Adds a description to a component that has none. Sections only ever append, so the code stays as it is.
pub fn embed(component: &[u8], info: &str) -> Result<Vec<u8>, LoadError> {
    if embedded(component)?.is_some() {
        return Err(LoadError::Info("the component has one already".to_owned()));
    }
    parse(info)?;
    let section = CustomSection { name: INFO_SECTION.into(), data: info.as_bytes().into() };
    let mut all = component.to_vec();
    section.append_to_component(&mut all);
    Ok(all)
}

/// Checks that a description has what the host needs.
pub(crate) fn parse(info: &str) -> Result<Value, LoadError> {
    let value: Value = serde_json::from_str(info).map_err(|error| LoadError::Info(error.to_string()))?;
    for field in ["name", "version"] {
        if value[field].as_str().is_none_or(str::is_empty) {
            return Err(LoadError::Info(format!("without `{field}`")));
        }
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_found_again() {
        let empty = wasm_encoder::Component::new().finish();
        let info = r#"{"name":"p","version":"1.0.0"}"#;
        let with = embed(&empty, info).unwrap();
        assert_eq!(embedded(&with).unwrap().as_deref(), Some(info));
        assert!(embed(&with, info).is_err());
        assert!(embed(&empty, r#"{"name":"p"}"#).is_err());
    }
}

//! What a component says about itself, read without running it.

use std::ops::Range;

use serde::Serialize;
use thiserror::Error;
use wasm_encoder::{ComponentSection, CustomSection};
use wasmparser::{ComponentExternName, Parser, Payload};

use crate::MAX_COMPONENT_BYTES;

/// Custom section with the description, as JSON; the build writes it.
pub const INFO_SECTION: &str = "weir:plugin-info";
/// Custom section with the version of the contract; the SDKs write it.
pub const API_VERSION_SECTION: &str = "weir:api-version";
/// Bytes of a description.
pub const MAX_INFO_BYTES: usize = 1 << 20;

/// Interfaces that a host serves; a component that imports others cannot be loaded anywhere.
const SERVED: [&str; 11] = [
    "weir:plugin/",
    "wasi:cli/",
    "wasi:clocks/",
    "wasi:filesystem/",
    "wasi:http/outgoing-handler",
    "wasi:http/types",
    "wasi:io/",
    "wasi:random/",
    // Names, and nothing that could be done with their addresses.
    "wasi:sockets/instance-network",
    "wasi:sockets/ip-name-lookup",
    "wasi:sockets/network",
];

/// Why bytes are no usable component.
#[derive(Debug, Error)]
pub enum ComponentError {
    /// A core module, or something else altogether.
    #[error(
        "not a component: it is a core module or no WebAssembly at all\nhint: build it with `weir plugin build`, or for the target `wasm32-wasip2`"
    )]
    NotAComponent,
    /// Malformed at some offset.
    #[error("malformed component")]
    Malformed(#[source] wasmparser::BinaryReaderError),
    /// Over [`MAX_COMPONENT_BYTES`].
    #[error("component of {0} bytes is larger than {MAX_COMPONENT_BYTES}")]
    TooLarge(u64),
    /// The description is unusable.
    #[error("unusable plugin description: {0}")]
    Info(String),
}

/// What a component says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Version of the contract that it was built for.
    pub api_version: Option<String>,
    /// Its description, as JSON.
    pub info: Option<String>,
    /// Names of its imports.
    pub imports: Vec<String>,
    /// Names of its exports.
    pub exports: Vec<String>,
    /// Where its bytes go.
    pub sizes: Sizes,
}

/// Bytes by what they hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sizes {
    /// All of it.
    pub total: u64,
    /// Code of the modules inside.
    pub code: u64,
    /// Data of the modules inside.
    pub data: u64,
    /// Names, descriptions and other custom sections.
    pub custom: u64,
}

impl Facts {
    /// Reads a component.
    ///
    /// # Errors
    /// When the bytes are too many, no component, or malformed.
    pub fn read(bytes: &[u8]) -> Result<Self, ComponentError> {
        let total = bytes.len() as u64;
        if total > MAX_COMPONENT_BYTES {
            return Err(ComponentError::TooLarge(total));
        }
        if !Parser::is_component(bytes) {
            return Err(ComponentError::NotAComponent);
        }
        let mut facts = Self { sizes: Sizes { total, ..Sizes::default() }, ..Self::default() };
        let mut depth = 0usize;
        for payload in Parser::new(0).parse_all(bytes) {
            facts.add(payload.map_err(ComponentError::Malformed)?, &mut depth)?;
        }
        Ok(facts)
    }

    fn add(&mut self, payload: Payload<'_>, depth: &mut usize) -> Result<(), ComponentError> {
        match payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => *depth += 1,
            // The end of the outermost component is met at depth 0.
            Payload::End(_) => *depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if *depth == 0 => {
                for import in section {
                    self.imports.push(name(import.map_err(ComponentError::Malformed)?.name));
                }
            }
            Payload::ComponentExportSection(section) if *depth == 0 => {
                for export in section {
                    self.exports.push(name(export.map_err(ComponentError::Malformed)?.name));
                }
            }
            Payload::CodeSectionStart { range, .. } => self.sizes.code += length(&range),
            Payload::DataSection(section) => self.sizes.data += length(&section.range()),
            Payload::CustomSection(section) => {
                self.sizes.custom += length(&section.range());
                self.custom(section.name(), section.data())?;
            }
            _ => {}
        }
        Ok(())
    }

    /// The first section of a name counts, wherever it is: compilers leave those of an SDK in the module inside.
    fn custom(&mut self, name: &str, data: &[u8]) -> Result<(), ComponentError> {
        match name {
            API_VERSION_SECTION if self.api_version.is_none() => {
                self.api_version = Some(String::from_utf8_lossy(data).into_owned());
            }
            INFO_SECTION if self.info.is_none() => self.info = Some(check_info(data)?.into()),
            _ => {}
        }
        Ok(())
    }

    /// Imports that no host serves.
    pub fn unserved(&self) -> Vec<&str> {
        let is_served = |import: &str| SERVED.iter().any(|served| matches_interface(import, served));
        self.imports.iter().map(String::as_str).filter(|import| !is_served(import)).collect()
    }
}

/// `served` is a package with its `/`, or an interface, which a version may follow.
fn matches_interface(import: &str, served: &str) -> bool {
    match import.strip_prefix(served) {
        Some(rest) => served.ends_with('/') || rest.is_empty() || rest.starts_with('@'),
        None => false,
    }
}

fn name(name: ComponentExternName<'_>) -> String {
    name.name.into()
}

fn length(range: &Range<usize>) -> u64 {
    (range.end - range.start) as u64
}

/// Checks that a description has what hosts need, and returns it as text.
///
/// # Errors
/// When it is too long, no JSON, or without name or version.
pub fn check_info(data: &[u8]) -> Result<&str, ComponentError> {
    let unusable = |why: String| ComponentError::Info(why);
    if data.len() > MAX_INFO_BYTES {
        return Err(unusable(format!("longer than {MAX_INFO_BYTES} bytes")));
    }
    let text = std::str::from_utf8(data).map_err(|error| unusable(error.to_string()))?;
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| unusable(error.to_string()))?;
    for field in ["name", "version"] {
        if value[field].as_str().is_none_or(str::is_empty) {
            return Err(unusable(format!("it has no `{field}`")));
        }
    }
    Ok(text)
}

/// Adds a description to a component without one. The section is appended, so the code stays as it is.
///
/// # Errors
/// When the component has a description already, or the new one is unusable.
pub fn embed_info(component: &[u8], info: &str) -> Result<Vec<u8>, ComponentError> {
    if Facts::read(component)?.info.is_some() {
        return Err(ComponentError::Info("the component has one already".into()));
    }
    check_info(info.as_bytes())?;
    let section = CustomSection { name: INFO_SECTION.into(), data: info.as_bytes().into() };
    let mut all = component.to_vec();
    section.append_to_component(&mut all);
    Ok(all)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use wasm_encoder::{Component, ComponentImportSection, ComponentTypeRef, ComponentTypeSection, InstanceType};

    /// A component with some imports, which are empty instances.
    pub(crate) fn with_imports(imports: &[&str]) -> Vec<u8> {
        let mut component = Component::new();
        let mut types = ComponentTypeSection::new();
        types.instance(&InstanceType::new());
        component.section(&types);
        let mut section = ComponentImportSection::new();
        for import in imports {
            section.import(*import, ComponentTypeRef::Instance(0));
        }
        component.section(&section);
        component.finish()
    }

    /// A component with a description.
    pub(crate) fn plugin(name: &str) -> Vec<u8> {
        let info = format!(r#"{{"name":"{name}","version":"1.0.0","description":"d","license":"MIT","kinds":[]}}"#);
        embed_info(&with_imports(&["weir:plugin/log@0.1.0"]), &info).unwrap()
    }

    #[test]
    fn facts_are_read() {
        let facts = Facts::read(&plugin("p")).unwrap();
        assert_eq!(facts.imports, ["weir:plugin/log@0.1.0"]);
        assert!(facts.info.unwrap().contains(r#""name":"p""#));
        assert_eq!(facts.api_version, None);
        assert!(facts.sizes.custom > 0 && facts.sizes.total > facts.sizes.custom);
    }

    #[test]
    fn imports_that_no_host_serves_are_found() {
        let component = with_imports(&[
            "wasi:io/streams@0.2.12",
            "wasi:sockets/ip-name-lookup@0.2.12",
            "wasi:sockets/tcp@0.2.12",
            "wasi:http/types@0.2.12",
            "wasi:http/incoming-handler@0.2.12",
            "weir:plugin/tree@0.1.0",
            "other:thing/x",
        ]);
        let facts = Facts::read(&component).unwrap();
        assert_eq!(facts.unserved(), ["wasi:sockets/tcp@0.2.12", "wasi:http/incoming-handler@0.2.12", "other:thing/x"]);
    }

    #[test]
    fn what_is_no_component_is_refused() {
        for bytes in [&b""[..], b"hello", b"\0asm\x01\0\0\0"] {
            assert!(matches!(Facts::read(bytes), Err(ComponentError::NotAComponent)));
        }
        let whole = plugin("p");
        assert!(matches!(Facts::read(&whole[..whole.len() - 1]), Err(ComponentError::Malformed(_))));
        let too_large = vec![0; usize::try_from(MAX_COMPONENT_BYTES).unwrap() + 1];
        assert!(matches!(Facts::read(&too_large), Err(ComponentError::TooLarge(_))));
    }

    #[test]
    fn descriptions_are_checked() {
        let bare = with_imports(&[]);
        for info in ["", "[]", r#"{"name":"p"}"#, r#"{"name":"","version":"1"}"#] {
            assert!(embed_info(&bare, info).is_err(), "{info}");
        }
        let long = format!(r#"{{"name":"p","version":"1","description":"{}"}}"#, "x".repeat(MAX_INFO_BYTES));
        assert!(embed_info(&bare, &long).is_err());
        assert!(embed_info(&plugin("p"), r#"{"name":"p","version":"1"}"#).is_err());
    }
}

//! For which version of the contract a component was built; read before anything is linked.

use wasmparser::{Parser, Payload};

use crate::failure::LoadError;

/// The custom section with the version, written by the SDKs.
pub const API_VERSION_SECTION: &str = "weir:api-version";
/// What this host serves.
pub const SUPPORTED: &str = "0.1.x";

/// A version of the contract that this host serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ApiVersion {
    Since0_1_0,
}

/// Also refuses what is not a component.
pub(crate) fn read(component: &[u8]) -> Result<ApiVersion, LoadError> {
    if !Parser::is_component(component) {
        return Err(LoadError::NotAComponent("it is a core module or no WebAssembly at all".into()));
    }
    let version = custom_section(component, API_VERSION_SECTION)?.ok_or(LoadError::NoApiVersion)?;
    let version = String::from_utf8_lossy(version);
    match version.split('.').collect::<Vec<_>>()[..] {
        ["0", "1", _] => Ok(ApiVersion::Since0_1_0),
        _ => Err(LoadError::UnsupportedApiVersion { version: version.into_owned(), supported: SUPPORTED }),
    }
}

/// The first custom section of that name, in the component or in a module inside it.
pub(crate) fn custom_section<'a>(component: &'a [u8], name: &str) -> Result<Option<&'a [u8]>, LoadError> {
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(|error| LoadError::NotAComponent(error.into()))? {
            Payload::CustomSection(section) if section.name() == name => {
                return Ok(Some(section.data()));
            }
            _ => {}
        }
    }
    Ok(None)
}

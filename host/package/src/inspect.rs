//! What there is to know about a plugin without running it.

use serde::Serialize;
use serde_json::Value;

use crate::{
    component::{ComponentError, Facts, Sizes},
    digest::Digest,
    resolve::Fetched,
};

/// What a plugin is and wants.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Inspection {
    /// Digest that a reference pins; that of the component when it is in no image.
    pub digest: Digest,
    /// Digest of the component.
    pub component_digest: Digest,
    /// Version of the contract that it was built for.
    pub api_version: Option<String>,
    /// Its description: name, version, kinds, capabilities.
    pub info: Option<Value>,
    /// Interfaces that it imports.
    pub imports: Vec<String>,
    /// Imports that no host serves; with any, it cannot be loaded.
    pub unserved: Vec<String>,
    /// Interfaces that it exports.
    pub exports: Vec<String>,
    /// Where its bytes go.
    pub sizes: Sizes,
}

/// Inspects a component.
///
/// # Errors
/// When the bytes are no usable component.
pub fn inspect(component: &[u8]) -> Result<Inspection, ComponentError> {
    let digest = Digest::of(component);
    inspection(component, digest.clone(), digest)
}

impl Fetched {
    /// Inspects a plugin that was fetched.
    ///
    /// # Errors
    /// When it is no usable component.
    pub fn inspect(&self) -> Result<Inspection, ComponentError> {
        inspection(&self.bytes, self.digest.clone(), self.component.clone())
    }
}

fn inspection(component: &[u8], digest: Digest, component_digest: Digest) -> Result<Inspection, ComponentError> {
    let facts = Facts::read(component)?;
    Ok(Inspection {
        digest,
        component_digest,
        unserved: facts.unserved().into_iter().map(Into::into).collect(),
        info: facts.info.and_then(|info| serde_json::from_str(&info).ok()),
        api_version: facts.api_version,
        imports: facts.imports,
        exports: facts.exports,
        sizes: facts.sizes,
    })
}

impl Inspection {
    /// Names of the capabilities that it asks for.
    pub fn capabilities(&self) -> Vec<&str> {
        let asked = self.info.as_ref().and_then(|info| info["capabilities"].as_array());
        asked.into_iter().flatten().filter_map(|capability| capability["name"].as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::{embed_info, tests::with_imports};

    #[test]
    fn a_plugin_is_inspected() {
        let info = r#"{"name":"p","version":"2.0.0","capabilities":[{"name":"http"},{"name":"cache"}]}"#;
        let component = embed_info(&with_imports(&["wasi:sockets/tcp@0.2.12"]), info).unwrap();
        let inspection = inspect(&component).unwrap();
        assert_eq!(inspection.digest, Digest::of(&component));
        assert_eq!(inspection.capabilities(), ["http", "cache"]);
        assert_eq!(inspection.unserved, ["wasi:sockets/tcp@0.2.12"]);
        assert_eq!(inspection.info.unwrap()["version"], "2.0.0");
    }
}

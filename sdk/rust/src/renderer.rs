//! A renderer turns a tree into Kubernetes objects.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Info, ObjectRef, RenderContext, Result};

/// Implemented by a renderer plugin; registered with `register!(renderer: Type)`.
pub trait Renderer {
    /// The parameters; their JSON Schema is embedded in the plugin.
    type Config: DeserializeOwned + JsonSchema;

    /// What the plugin says about itself.
    fn info() -> Info;

    /// Reads the input tree and emits documents. Depends on its input only.
    fn render(cx: &RenderContext, request: &RenderRequest<Self::Config>) -> Result<Summary>;
}

/// How documents are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// As the original program prints it.
    Yaml,
    /// Compact JSON.
    Json,
}

/// What the host asks for.
#[derive(Clone, Debug)]
pub struct RenderRequest<C> {
    /// On whose behalf.
    pub object: ObjectRef,
    /// The parameters.
    pub config: C,
    /// Directory in the input tree, empty for the root.
    pub path: String,
    /// How documents are printed.
    pub format: Format,
    /// Name and content of values documents, later ones win.
    pub values: Vec<(String, String)>,
    /// What the cluster offers (`kubeVersion`, `apiVersions`); null if unknown.
    pub capabilities: Value,
}

/// What `render` did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many documents were emitted.
    pub documents: u32,
    /// Shown by the host, e.g. warnings and versions.
    pub metadata: Vec<(String, String)>,
}

impl Summary {
    /// Without metadata.
    pub fn new(documents: u32) -> Self {
        Self { documents, metadata: Vec::new() }
    }
}

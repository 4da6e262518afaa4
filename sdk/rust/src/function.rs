//! KRM functions: a list of Kubernetes objects in, a list out.
//!
//! A kustomization names one in `transformers`, `generators` or `validators` by the annotation
//! `config.kubernetes.io/function` with `plugin: {image: oci://…@sha256:…}` in it. On the wire a function is a renderer: its
//! parameters are the function's configuration, its tree is one file with the ResourceList, the documents that it emits
//! are the items, and its diagnostics are the results. [`Rendering`] makes the one of the other.

use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Diagnostic, Error, Info, RenderContext, RenderRequest, Renderer, Result, Severity, Summary};

/// The file of the tree that holds the ResourceList, as JSON.
pub const LIST_FILE: &str = "resource-list.json";
/// The reason of a failure to read the list.
const INVALID_LIST: &str = "InvalidResourceList";

/// Implemented by a function; registered with `register!(function: Type)`.
pub trait Function {
    /// The function's configuration: the object in the kustomization that names the function, with `apiVersion`, `kind`,
    /// `metadata` and whatever else it has.
    type Config: DeserializeOwned + JsonSchema;

    /// What the plugin says about itself.
    fn info() -> Info;

    /// Changes the items: as a transformer what the build has so far, as a generator none, as a validator none may change.
    /// Remarks go into the results; one of severity error fails the build.
    ///
    /// # Errors
    /// Fails the build with this message.
    fn run(config: &Self::Config, list: &mut ResourceList) -> Result<()>;
}

/// What a function works on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResourceList {
    /// The objects, in the order of the build. An object without a name or a kind is refused on the way back.
    pub items: Vec<Value>,
    /// Remarks on them.
    pub results: Vec<Diagnostic>,
}

impl ResourceList {
    /// Adds a remark; one of severity error fails the build.
    pub fn remark(&mut self, severity: Severity, message: impl Into<String>) {
        self.results.push(Diagnostic::new(severity, "Result", message));
    }
}

/// A function as the renderer that it is on the wire.
pub struct Rendering<F>(PhantomData<F>);

#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    items: Vec<Value>,
}

impl<F: Function> Renderer for Rendering<F> {
    type Config = F::Config;

    fn info() -> Info {
        F::info()
    }

    fn render(cx: &RenderContext, request: &RenderRequest<Self::Config>) -> Result<Summary> {
        let text = cx.tree().read(LIST_FILE)?;
        let wire: Wire = serde_json::from_slice(&text)
            .map_err(|error| Error::terminal(INVALID_LIST, format!("cannot read {LIST_FILE}: {error}")))?;
        let mut list = ResourceList { items: wire.items, results: Vec::new() };
        F::run(&request.config, &mut list)?;
        list.results.into_iter().for_each(|result| cx.documents().diagnose(result));
        let batch = cx.documents().batch();
        for item in &list.items {
            batch.emit(item.to_string(), None, 0)?;
        }
        Ok(Summary::new(batch.finish()?))
    }
}

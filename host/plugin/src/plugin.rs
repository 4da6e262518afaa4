//! A loaded plugin and the calls that it takes.

use std::path::Path;
use std::sync::Arc;

use futures::FutureExt;
use serde_json::Value;
use wasmtime::component::InstancePre;

use crate::call::{self, Directories, Made};
use crate::capability::documents::Sink;
use crate::failure::{FailureKind, PluginFailure};
use crate::host::Shared;
use crate::limits::{MAX_REVISION_BYTES, MAX_STATE_BYTES};
use crate::state::State;
use crate::{CallContext, FetchReport, RenderRequest, Rendered, Resolution, SourceRequest, bind};

/// A component, compiled and linked. Clones share it.
#[derive(Clone)]
pub struct Plugin(pub(crate) Arc<Loaded>);

pub(crate) struct Loaded {
    pub(crate) digest: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) info_json: String,
    pub(crate) info: Value,
    pub(crate) pre: InstancePre<State>,
    pub(crate) host: Arc<Shared>,
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Plugin({} {} {})", self.0.name, self.0.version, self.0.digest)
    }
}

impl Plugin {
    /// `sha256:<hex>` of the component.
    pub fn digest(&self) -> &str {
        &self.0.digest
    }

    /// As its description says.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// As its description says.
    pub fn version(&self) -> &str {
        &self.0.version
    }

    /// Its description, as JSON.
    pub fn info(&self) -> &str {
        &self.0.info_json
    }

    /// Finds out what there is to fetch.
    pub async fn resolve(&self, cx: &CallContext, request: SourceRequest) -> Result<Resolution, PluginFailure> {
        let directories = Directories::scratch(cx);
        let (found, _) =
            call::run(self, cx, directories, |store, pre| bind::resolve(store, pre, request).boxed()).await?;
        self.bounded("bytes of state", found.state.len(), MAX_STATE_BYTES)?;
        self.bounded("bytes of revision", found.revision.len(), MAX_REVISION_BYTES)?;
        Ok(found)
    }

    /// Writes the tree of `what` below `out`, an empty directory. What is there after a failure is to be thrown away.
    pub async fn fetch(
        &self,
        cx: &CallContext,
        request: SourceRequest,
        what: Resolution,
        out: &Path,
    ) -> Result<FetchReport, PluginFailure> {
        let directories = Directories::scratch(cx).with_output(out);
        Ok(call::run(self, cx, directories, |store, pre| bind::fetch(store, pre, request, what).boxed()).await?.0)
    }

    /// Renders the tree below `input`. [`FailureKind::Waiting`] asks for answers and another call with them.
    pub async fn render(
        &self,
        cx: &CallContext,
        request: RenderRequest,
        input: &Path,
    ) -> Result<Rendered, PluginFailure> {
        let directories = Directories::none().with_input(input, request.identity.clone());
        let (metadata, made) =
            call::run(self, cx, directories, |store, pre| bind::render(store, pre, request).boxed()).await?;
        let Made { sink, inputs, hermetic } = made;
        let Sink { documents, origins, diagnostics, .. } = sink;
        Ok(Rendered { documents, origins, diagnostics, metadata, inputs, hermetic })
    }

    fn bounded(&self, what: &'static str, length: usize, limit: usize) -> Result<(), PluginFailure> {
        if length <= limit {
            return Ok(());
        }
        Err(PluginFailure { plugin: self.0.name.clone(), kind: FailureKind::OutputLimit { what, limit: limit as u64 } })
    }
}

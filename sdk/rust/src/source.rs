//! A source brings a tree from outside into the cluster.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::{Info, ObjectRef, Result, SourceContext};

/// Implemented by a source plugin; registered with `register!(source: Type)`.
pub trait Source {
    /// The parameters; their JSON Schema is embedded in the plugin.
    type Config: DeserializeOwned + JsonSchema;

    /// What the plugin says about itself.
    fn info() -> Info;

    /// Finds out what is there, as cheaply as possible.
    fn resolve(cx: &SourceContext, request: &SourceRequest<Self::Config>) -> Result<Resolution>;

    /// Writes the tree of `what` below [`SourceContext::output`].
    fn fetch(cx: &SourceContext, request: &SourceRequest<Self::Config>, what: &Resolution) -> Result<Report>;
}

/// What the host asks for.
#[derive(Clone, Debug)]
pub struct SourceRequest<C> {
    /// On whose behalf.
    pub object: ObjectRef,
    /// The parameters.
    pub config: C,
    /// What the last successful call found.
    pub previous: Option<Previous>,
}

/// What the last successful call found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Previous {
    /// Its revision.
    pub revision: String,
    /// Its state.
    pub state: Vec<u8>,
}

/// What there is to fetch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolution {
    /// e.g. `main@sha1:<hex>`.
    pub revision: String,
    /// Opaque, at most 64 KiB, handed back next time.
    pub state: Vec<u8>,
    /// Nothing to fetch.
    pub unchanged: bool,
}

impl Resolution {
    /// Something to fetch, without state.
    pub fn new(revision: impl Into<String>) -> Self {
        Self { revision: revision.into(), ..Self::default() }
    }

    /// What the host hands back next time.
    pub fn with_state(mut self, state: impl Into<Vec<u8>>) -> Self {
        self.state = state.into();
        self
    }

    /// Nothing to fetch: the previous artifact still is the right one.
    pub fn unchanged(previous: &Previous) -> Self {
        Self { revision: previous.revision.clone(), state: previous.state.clone(), unchanged: true }
    }
}

/// What `fetch` did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Goes into the artifact's metadata.
    pub metadata: Vec<(String, String)>,
    /// What was verified, if anything.
    pub verified: Option<String>,
    /// Bytes read from the network.
    pub bytes_in: u64,
}

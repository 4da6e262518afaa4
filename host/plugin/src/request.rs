//! What goes into a call and what comes out, in every version of the contract.

use serde_json::Value;

use crate::inputs::{Answers, Input};

/// The object on whose behalf a plugin is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectRef {
    /// e.g. `source.toolkit.fluxcd.io/v1`.
    pub api_version: String,
    /// e.g. `GitRepository`.
    pub kind: String,
    /// Also the tenant.
    pub namespace: String,
    /// The object's name.
    pub name: String,
    /// Empty outside a cluster.
    pub uid: String,
    /// `metadata.generation`.
    pub generation: u64,
}

/// What a source is asked for.
#[derive(Clone, Debug, Default)]
pub struct SourceRequest {
    /// On whose behalf.
    pub object: ObjectRef,
    /// The plugin's parameters.
    pub config: Value,
    /// What the last successful call found.
    pub previous: Option<Previous>,
}

/// What the last successful `resolve` found.
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
    /// Opaque, at most [`MAX_STATE_BYTES`](crate::MAX_STATE_BYTES); kept for the next call.
    pub state: Vec<u8>,
    /// The previous artifact still is the right one: nothing to fetch.
    pub unchanged: bool,
}

/// What `fetch` did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FetchReport {
    /// For the artifact's metadata.
    pub metadata: Vec<(String, String)>,
    /// What was verified, if anything.
    pub verified: Option<String>,
    /// Bytes read from the network, as the plugin counts them.
    pub bytes_in: u64,
}

/// How a renderer prints documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// As the original program prints it.
    #[default]
    Yaml,
    /// Compact JSON.
    Json,
}

/// What a renderer is asked for.
#[derive(Clone, Debug, Default)]
pub struct RenderRequest {
    /// On whose behalf.
    pub object: ObjectRef,
    /// The plugin's parameters.
    pub config: Value,
    /// Directory inside the input, empty for its root.
    pub path: String,
    /// How documents are printed.
    pub format: Format,
    /// Name and content of values documents, later ones win.
    pub values: Vec<(String, String)>,
    /// What the cluster offers; null if unknown.
    pub capabilities: Value,
    /// What it may find when it asks for what is outside of its tree.
    pub answers: Answers,
    /// What the input is, such as the digest of its artifact, if that is known: the plugin then finds what it kept in earlier
    /// renders of it.
    pub identity: Option<String>,
}

/// What a renderer made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// In the order in which they were emitted.
    pub documents: Vec<String>,
    /// Of each document, where it comes from.
    pub origins: Vec<DocumentOrigin>,
    /// In the order in which they were made.
    pub diagnostics: Vec<Diagnostic>,
    /// What the plugin says about this render.
    pub metadata: Vec<(String, String)>,
    /// What it took from outside of its tree, in the order in which it asked first.
    pub inputs: Vec<Input>,
    /// The result depends on the input only: the plugin took neither real time nor real randomness.
    pub hermetic: bool,
}

/// Where a document comes from, as the plugin says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentOrigin {
    /// The file.
    pub path: Option<String>,
    /// Its position in that file.
    pub index: u32,
}

/// How serious a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Probably not what the user wants.
    Warning,
    /// Wrong.
    Error,
}

/// A remark on the input, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How serious it is.
    pub severity: Severity,
    /// Stable, for machines.
    pub code: String,
    /// For people.
    pub message: String,
    /// Path in the input.
    pub path: Option<String>,
    /// From 1.
    pub line: Option<u32>,
    /// From 1.
    pub column: Option<u32>,
}

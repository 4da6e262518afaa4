//! The parameters.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// What a chart is rendered with, besides the values documents and the capabilities of the request.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// The release that the chart is rendered for.
    pub release: Release,
    /// What is set on top of the values documents, in this order.
    #[serde(default)]
    pub set: Vec<Setting>,
    /// The content of the files that settings of the kind `file` name.
    #[serde(default)]
    pub files: BTreeMap<String, FileContent>,
    /// API versions that the chart sees besides those of the cluster, or besides Helm's own list without a cluster.
    #[serde(default)]
    pub extra_api_versions: Vec<String>,
    /// With the files of the chart's `crds` folders.
    #[serde(default)]
    pub include_crds: bool,
    /// Without hooks that are tests.
    #[serde(default)]
    pub skip_tests: bool,
    /// Without hooks.
    #[serde(default)]
    pub disable_hooks: bool,
    /// Values are not checked against the chart's schema.
    #[serde(default)]
    pub skip_schema_validation: bool,
    /// The chart may look up the addresses of names, if the host grants it.
    #[serde(default)]
    pub enable_dns: bool,
    /// The notes are those of sub-charts as well.
    #[serde(default)]
    pub subchart_notes: bool,
    /// Only documents from the files of the chart that match one of these patterns, CRDs and hooks among them; each
    /// document starts with the comment that names its file. Without a file that matches, the render fails.
    #[serde(default)]
    pub show_only: Vec<String>,
    /// What is not valid YAML is emitted all the same, and the failure is in the metadata of the summary.
    #[serde(default)]
    pub keep_invalid: bool,
    /// Which version of Helm the chart is rendered as.
    #[serde(default)]
    pub helm_version: HelmVersion,
    /// A template that names a value which is not there fails.
    #[serde(default)]
    pub strict: bool,
    /// What becomes of the manifests afterwards, in this order.
    #[serde(default)]
    pub post_renderers: Vec<PostRenderer>,
    /// Whether hooks go through the post-renderers; as the version of Helm has it if nothing is said.
    #[serde(default)]
    pub post_render_strategy: Option<PostRenderStrategy>,
}

/// The release that a chart is rendered for.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Release {
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// A template that its name is made of.
    #[serde(default)]
    pub name_template: Option<String>,
    /// Its namespace.
    #[serde(default = "default_namespace")]
    pub namespace: String,
    /// Counted from 1.
    #[serde(default = "first_revision")]
    pub revision: i64,
    /// It is there already.
    #[serde(default)]
    pub is_upgrade: bool,
}

fn default_namespace() -> String {
    "default".to_owned()
}

fn first_revision() -> i64 {
    1
}

/// An expression of `--set` or one of its relatives.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// How it is read.
    pub kind: SettingKind,
    /// As on Helm's command line.
    pub expression: String,
}

/// How an expression is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SettingKind {
    /// `--set`: numbers, booleans and null are told from text.
    Value,
    /// `--set-string`: everything is text.
    String,
    /// `--set-file`: the value is the content of a file.
    File,
    /// `--set-json`: the value is JSON.
    Json,
    /// `--set-literal`: the value is taken as it is.
    Literal,
}

/// The content of a file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum FileContent {
    /// Text.
    Text(String),
    /// Bytes that are not text.
    Bytes(Vec<u8>),
}

impl FileContent {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            FileContent::Text(text) => text.as_bytes(),
            FileContent::Bytes(bytes) => bytes,
        }
    }
}

/// A version of Helm that differs from the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum HelmVersion {
    /// Helm 3, as its command line.
    #[serde(rename = "3")]
    V3,
    /// Helm 4, which is what Flux renders with.
    #[default]
    #[serde(rename = "4")]
    V4,
}

impl HelmVersion {
    pub(crate) fn engine(self) -> weir_helm::Helm {
        match self {
            HelmVersion::V3 => weir_helm::Helm::V3,
            HelmVersion::V4 => weir_helm::Helm::V4,
        }
    }
}

/// Whether hooks go through the post-renderers, as a HelmRelease's `spec.postRenderStrategy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PostRenderStrategy {
    /// Together with the manifests.
    Combined,
    /// By themselves.
    Separate,
    /// Not at all.
    NoHooks,
}

impl PostRenderStrategy {
    pub(crate) fn engine(self) -> weir_helm::PostRenderStrategy {
        match self {
            PostRenderStrategy::Combined => weir_helm::PostRenderStrategy::Combined,
            PostRenderStrategy::Separate => weir_helm::PostRenderStrategy::Separate,
            PostRenderStrategy::NoHooks => weir_helm::PostRenderStrategy::NoHooks,
        }
    }
}

/// One entry of a HelmRelease's `spec.postRenderers`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PostRenderer {
    /// Patches and images, as a kustomization has them.
    #[serde(default)]
    pub kustomize: Option<Kustomize>,
}

/// What kustomize does to the manifests. The fields are those of a kustomization, and are read by the engine.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Kustomize {
    /// Strategic merge and JSON 6902 patches with their targets.
    #[serde(default)]
    pub patches: Vec<Value>,
    /// Strategic merge patches, of older versions of the API.
    #[serde(default)]
    pub patches_strategic_merge: Vec<Value>,
    /// JSON 6902 patches, of older versions of the API.
    #[serde(default, rename = "patchesJson6902")]
    pub patches_json6902: Vec<Value>,
    /// Names and tags of images.
    #[serde(default)]
    pub images: Vec<Value>,
}

impl Kustomize {
    pub(crate) fn engine(&self) -> weir_helm::PostRenderer {
        weir_helm::PostRenderer {
            patches: self.patches.clone(),
            images: self.images.clone(),
            patches_strategic_merge: self.patches_strategic_merge.clone(),
            patches_json6902: self.patches_json6902.clone(),
        }
    }
}

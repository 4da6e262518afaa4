//! `ArtifactGenerator`: new artifacts from parts of others.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::meta::{self, CommonMetadata, Condition};

/// What to make, and from what.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "source.extensions.fluxcd.io",
    version = "v1beta1",
    kind = "ArtifactGenerator",
    plural = "artifactgenerators",
    shortname = "ag",
    namespaced,
    status = "ArtifactGeneratorStatus",
    schema = "disabled",
    derive = "Default",
    derive = "PartialEq",
    category = "all",
    category = "fluxcd",
    category = "fluxcd-sources",
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Ready", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].status"#),
    printcolumn(name = "Status", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].message"#)
)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "has(self.pathPattern) && size(self.pathPattern) > 0 || self.artifacts.all(a, a.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'))", "message": "artifact names must be valid Kubernetes object names when pathPattern is not set"},
]))]
pub struct ArtifactGeneratorSpec {
    /// What to make.
    #[schemars(extend("minItems" = 1, "maxItems" = 1000))]
    pub artifacts: Vec<OutputArtifact>,
    /// What to read.
    #[schemars(extend("minItems" = 1, "maxItems" = 1000))]
    pub sources: Vec<SourceReference>,
    /// Labels and annotations of all objects.
    pub common_metadata: Option<CommonMetadata>,
    /// Makes one artifact per directory that matches.
    #[schemars(extend("maxLength" = 1024, "pattern" = "^@([a-z0-9]([a-z0-9_-]*[a-z0-9])?)/(.*)$"))]
    pub path_pattern: Option<String>,
}

/// An artifact to make.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutputArtifact {
    /// Files to copy.
    #[schemars(extend("minItems" = 1))]
    pub copy: Vec<CopyOperation>,
    /// Name.
    #[schemars(extend("minLength" = 1, "maxLength" = 253))]
    pub name: String,
    /// Source whose origin revision is taken.
    #[schemars(extend("maxLength" = 64, "pattern" = "^@([a-z0-9]([a-z0-9_-]*[a-z0-9])?)$"))]
    pub origin_revision: Option<String>,
    /// Source whose revision is taken.
    #[schemars(extend("maxLength" = 64, "pattern" = "^@([a-z0-9]([a-z0-9_-]*[a-z0-9])?)$"))]
    pub revision: Option<String>,
}

/// Files to copy.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CopyOperation {
    /// Where to copy from.
    #[schemars(extend("minLength" = 1, "maxLength" = 1024, "pattern" = "^@([a-z0-9]([a-z0-9_-]*[a-z0-9])?)/(.*)$"))]
    pub from: String,
    /// Where to copy to.
    #[schemars(extend("minLength" = 1, "maxLength" = 1024, "pattern" = "^@(artifact)/(.*)$"))]
    pub to: String,
    /// What to leave out.
    #[schemars(extend("maxItems" = 100))]
    pub exclude: Option<Vec<String>>,
    /// What to do after a failure.
    #[schemars(extend("enum" = ["Overwrite", "Merge", "Extract"]))]
    pub strategy: Option<String>,
}

/// A source to read.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SourceReference {
    /// Name by which paths refer to it.
    #[schemars(extend("maxLength" = 63, "pattern" = "^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$"))]
    pub alias: String,
    /// Kind.
    #[schemars(extend("enum" = ["Bucket", "GitRepository", "OCIRepository", "HelmChart", "ExternalArtifact"]))]
    pub kind: String,
    /// Name.
    #[schemars(extend("maxLength" = 253, "pattern" = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"))]
    pub name: String,
    /// Namespace; that of the referrer when absent.
    #[schemars(extend("minLength" = 1, "maxLength" = 63, "pattern" = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"))]
    pub namespace: Option<String>,
}

/// What was made.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArtifactGeneratorStatus {
    /// State of the object.
    #[schemars(schema_with = "meta::conditions")]
    #[serde(default)]
    pub conditions: Option<Vec<Condition>>,
    /// The applied objects.
    pub inventory: Option<Vec<GeneratedArtifact>>,
    /// Last request annotation that was answered.
    pub last_handled_reconcile_at: Option<String>,
    /// Digest of the sources of the last run.
    pub observed_sources_digest: Option<String>,
}

/// An artifact that was made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GeneratedArtifact {
    /// Digest.
    pub digest: String,
    /// File name.
    pub filename: String,
    /// Name.
    pub name: String,
    /// Namespace; that of the referrer when absent.
    pub namespace: String,
}

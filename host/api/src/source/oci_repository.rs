//! `OCIRepository`: an artifact of an OCI registry.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::meta::{self, Artifact, Condition, GoDuration, LocalRef, OidcIdentity};

/// What to fetch, and how often.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "source.toolkit.fluxcd.io",
    version = "v1",
    kind = "OCIRepository",
    plural = "ocirepositories",
    shortname = "ocirepo",
    namespaced,
    status = "OCIRepositoryStatus",
    schema = "disabled",
    derive = "Default",
    derive = "PartialEq",
    category = "all",
    category = "fluxcd",
    category = "fluxcd-sources",
    printcolumn(name = "URL", type_ = "string", json_path = ".spec.url"),
    printcolumn(name = "Ready", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].status"#),
    printcolumn(name = "Status", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].message"#),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase")]
pub struct OCIRepositorySpec {
    /// Address.
    #[schemars(extend("pattern" = "^oci://.*$"))]
    pub url: String,
    /// How often to reconcile.
    #[schemars(extend("pattern" = meta::DURATION))]
    pub interval: GoDuration,
    /// Longest time that one operation may take.
    #[schemars(extend("x-default" = "60s", "pattern" = meta::SHORT_DURATION))]
    pub timeout: Option<GoDuration>,
    /// Secret with TLS certificates.
    pub cert_secret_ref: Option<LocalRef>,
    /// What to leave out of the artifact, in the syntax of `.gitignore`.
    pub ignore: Option<String>,
    /// Allows plain HTTP.
    pub insecure: Option<bool>,
    /// Which layer of the image to take.
    pub layer_selector: Option<LayerSelector>,
    /// Who issues the credentials.
    #[schemars(extend("x-default" = "generic", "enum" = ["generic", "aws", "azure", "gcp"]))]
    pub provider: Option<String>,
    /// Secret that names a proxy.
    pub proxy_secret_ref: Option<LocalRef>,
    /// Which version to take.
    #[serde(rename = "ref")]
    pub reference: Option<OCIRepositoryRef>,
    /// Secret with the credentials.
    pub secret_ref: Option<LocalRef>,
    /// ServiceAccount whose identity is used.
    pub service_account_name: Option<String>,
    /// Stops reconciliation.
    pub suspend: Option<bool>,
    /// Signatures that a version must carry.
    pub verify: Option<OCIRepositoryVerification>,
}

/// Which layer to take, and what to do with it.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LayerSelector {
    /// Media type of the layer; the first layer when absent.
    pub media_type: Option<String>,
    /// What to do with the layer; `extract` when absent.
    #[schemars(extend("enum" = ["extract", "copy"]))]
    pub operation: Option<String>,
}

/// Which version to take: digest before range before tag; the tag `latest` when none is set.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OCIRepositoryRef {
    /// Digest.
    pub digest: Option<String>,
    /// Range of versions.
    pub semver: Option<String>,
    /// Regular expression that tags must match before the range is applied.
    pub semver_filter: Option<String>,
    /// Tag.
    pub tag: Option<String>,
}

/// Signatures that an artifact must carry.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OCIRepositoryVerification {
    /// Who issues the credentials.
    #[schemars(extend("x-default" = "cosign", "enum" = ["cosign", "notation"]))]
    pub provider: String,
    /// Who may have signed, for signatures without keys.
    #[serde(rename = "matchOIDCIdentity")]
    pub match_oidc_identity: Option<Vec<OidcIdentity>>,
    /// Secret with the credentials.
    pub secret_ref: Option<LocalRef>,
    /// Secret with the trusted root of a private Sigstore.
    pub trusted_root_secret_ref: Option<LocalRef>,
}

/// What was fetched.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OCIRepositoryStatus {
    /// Where the newest artifact is served.
    pub url: Option<String>,
    /// The stored artifact.
    #[schemars(schema_with = "meta::artifact")]
    #[serde(default)]
    pub artifact: Option<Artifact>,
    /// State of the object.
    #[schemars(schema_with = "meta::conditions")]
    #[serde(default)]
    pub conditions: Option<Vec<Condition>>,
    /// Last request annotation that was answered.
    pub last_handled_reconcile_at: Option<String>,
    /// Last generation that was reconciled.
    pub observed_generation: Option<i64>,
    /// `spec.ignore` of the artifact.
    pub observed_ignore: Option<String>,
    /// `spec.layerSelector` of the artifact.
    pub observed_layer_selector: Option<LayerSelector>,
}

//! `HelmRepository`: a repository of charts.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::meta::{self, AccessFrom, Artifact, Condition, GoDuration, LocalRef};

/// Where the charts are.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "source.toolkit.fluxcd.io",
    version = "v1",
    kind = "HelmRepository",
    plural = "helmrepositories",
    shortname = "helmrepo",
    namespaced,
    status = "HelmRepositoryStatus",
    schema = "disabled",
    derive = "Default",
    derive = "PartialEq",
    category = "all",
    category = "fluxcd",
    category = "fluxcd-sources",
    printcolumn(name = "URL", type_ = "string", json_path = ".spec.url"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Ready", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].status"#),
    printcolumn(name = "Status", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].message"#)
)]
#[serde(rename_all = "camelCase")]
pub struct HelmRepositorySpec {
    /// Address.
    #[schemars(extend("pattern" = "^(http|https|oci)://.*$"))]
    pub url: String,
    /// How often to reconcile.
    #[schemars(extend("pattern" = meta::DURATION))]
    pub interval: Option<GoDuration>,
    /// Longest time that one operation may take.
    #[schemars(extend("pattern" = meta::SHORT_DURATION))]
    pub timeout: Option<GoDuration>,
    /// Who may refer to this object; accepted and not enforced, as in Flux.
    pub access_from: Option<AccessFrom>,
    /// Secret with TLS certificates.
    pub cert_secret_ref: Option<LocalRef>,
    /// Allows plain HTTP.
    pub insecure: Option<bool>,
    /// Sends the credentials to other hosts that the index names, too.
    pub pass_credentials: Option<bool>,
    /// Who issues the credentials.
    #[schemars(extend("x-default" = "generic", "enum" = ["generic", "aws", "azure", "gcp"]))]
    pub provider: Option<String>,
    /// Secret with the credentials.
    pub secret_ref: Option<LocalRef>,
    /// Stops reconciliation.
    pub suspend: Option<bool>,
    /// `default` for an index over HTTP, `oci` for a registry.
    #[schemars(extend("enum" = ["default", "oci"]))]
    pub type_: Option<String>,
}

/// What was fetched.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HelmRepositoryStatus {
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
}

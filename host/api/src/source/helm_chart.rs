//! `HelmChart`: one chart, packaged.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::meta::{self, AccessFrom, Artifact, Condition, GoDuration, LocalRef, OidcIdentity};

/// Which chart to package.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "source.toolkit.fluxcd.io",
    version = "v1",
    kind = "HelmChart",
    plural = "helmcharts",
    shortname = "hc",
    namespaced,
    status = "HelmChartStatus",
    schema = "disabled",
    derive = "Default",
    derive = "PartialEq",
    category = "all",
    category = "fluxcd",
    category = "fluxcd-sources",
    printcolumn(name = "Chart", type_ = "string", json_path = ".spec.chart"),
    printcolumn(name = "Version", type_ = "string", json_path = ".spec.version"),
    printcolumn(name = "Source Kind", type_ = "string", json_path = ".spec.sourceRef.kind"),
    printcolumn(name = "Source Name", type_ = "string", json_path = ".spec.sourceRef.name"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Ready", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].status"#),
    printcolumn(name = "Status", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].message"#)
)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "!has(self.verify) || self.sourceRef.kind == 'HelmRepository'", "message": "spec.verify is only supported when spec.sourceRef.kind is 'HelmRepository'"},
]))]
pub struct HelmChartSpec {
    /// How often to reconcile.
    #[schemars(extend("pattern" = meta::DURATION))]
    pub interval: GoDuration,
    /// Name of the chart, or its path in the artifact.
    pub chart: String,
    /// Where it comes from.
    pub source_ref: HelmChartSourceRef,
    /// Who may refer to this object; accepted and not enforced, as in Flux.
    pub access_from: Option<AccessFrom>,
    /// Goes on without values files that do not exist.
    pub ignore_missing_values_files: Option<bool>,
    /// What makes a new artifact: a new chart version, or every source revision.
    #[schemars(extend("x-default" = "ChartVersion", "enum" = ["ChartVersion", "Revision"]))]
    pub reconcile_strategy: Option<String>,
    /// Stops reconciliation.
    pub suspend: Option<bool>,
    /// A values file, before `valuesFiles`. Of the removed versions.
    pub values_file: Option<String>,
    /// Values files that are merged in order and become the values of the chart.
    pub values_files: Option<Vec<String>>,
    /// Signatures that a version must carry.
    pub verify: Option<HelmChartVerification>,
    /// Version or range of versions.
    #[schemars(extend("x-default" = "*"))]
    pub version: Option<String>,
}

/// Names the source, in the same namespace.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HelmChartSourceRef {
    /// Kind.
    #[schemars(extend("enum" = ["HelmRepository", "GitRepository", "Bucket"]))]
    pub kind: String,
    /// Name.
    pub name: String,
    /// API version.
    pub api_version: Option<String>,
}

/// Signatures that a chart must carry.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HelmChartVerification {
    /// Who issues the credentials.
    #[schemars(extend("x-default" = "cosign", "enum" = ["cosign", "notation"]))]
    pub provider: String,
    /// Who may have signed, for signatures without keys.
    #[serde(rename = "matchOIDCIdentity")]
    pub match_oidc_identity: Option<Vec<OidcIdentity>>,
    /// Secret with the credentials.
    pub secret_ref: Option<LocalRef>,
}

/// What was packaged.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HelmChartStatus {
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
    /// Name of the chart of the artifact.
    pub observed_chart_name: Option<String>,
    /// Last generation that was reconciled.
    pub observed_generation: Option<i64>,
    /// Revision of the source that the artifact was built from.
    pub observed_source_artifact_revision: Option<String>,
    /// Values files of the artifact.
    pub observed_values_files: Option<Vec<String>>,
}

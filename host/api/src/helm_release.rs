//! `HelmRelease`: a release of a chart.

use std::collections::BTreeMap;

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;

use crate::meta::{
    self, CommonMetadata, Condition, DependencyRef, GoDuration, HealthCheckExpr, IgnoreRule, Image, Inventory,
    Json6902Patch, KubeConfig, LocalRef, Patch,
};

/// Which chart to release, and how.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "helm.toolkit.fluxcd.io",
    version = "v2",
    kind = "HelmRelease",
    plural = "helmreleases",
    shortname = "hr",
    namespaced,
    status = "HelmReleaseStatus",
    schema = "disabled",
    derive = "Default",
    derive = "PartialEq",
    category = "all",
    category = "fluxcd",
    category = "fluxcd-appliers",
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Ready", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].status"#),
    printcolumn(name = "Status", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].message"#)
)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "(has(self.chart) && !has(self.chartRef)) || (!has(self.chart) && has(self.chartRef))", "message": "either chart or chartRef must be set"},
]))]
pub struct HelmReleaseSpec {
    /// How often to reconcile.
    #[schemars(extend("pattern" = meta::DURATION))]
    pub interval: GoDuration,
    /// Longest time that one operation may take.
    #[schemars(extend("pattern" = meta::DURATION))]
    pub timeout: Option<GoDuration>,
    /// The chart to fetch: a HelmChart is made from it.
    pub chart: Option<ChartTemplate>,
    /// A chart that another object fetches.
    pub chart_ref: Option<ChartRef>,
    /// Labels and annotations of all objects.
    pub common_metadata: Option<CommonMetadata>,
    /// Objects of the same kind that must be ready first.
    pub depends_on: Option<Vec<DependencyRef>>,
    /// Whether objects that others changed are reported or corrected.
    pub drift_detection: Option<DriftDetection>,
    /// How objects of given kinds say that they are healthy.
    pub health_check_exprs: Option<Vec<HealthCheckExpr>>,
    /// How to install.
    pub install: Option<Install>,
    /// Cluster to apply to; this one when absent.
    pub kube_config: Option<KubeConfig>,
    /// Release versions that Helm keeps; 0 keeps all.
    pub max_history: Option<i32>,
    /// Uses one client for the whole reconcile; false when a chart changes the API.
    pub persistent_client: Option<bool>,
    /// Whether hooks go through the post renderers.
    #[schemars(extend("enum" = ["nohooks", "combined", "separate"]))]
    pub post_render_strategy: Option<String>,
    /// Changes to the rendered objects, in order.
    pub post_renderers: Option<Vec<PostRenderer>>,
    /// Name of the release.
    #[schemars(extend("minLength" = 1, "maxLength" = 53))]
    pub release_name: Option<String>,
    /// How to roll back.
    pub rollback: Option<Rollback>,
    /// ServiceAccount whose identity is used.
    #[schemars(extend("minLength" = 1, "maxLength" = 253))]
    pub service_account_name: Option<String>,
    /// Namespace of the release Secrets.
    #[schemars(extend("minLength" = 1, "maxLength" = 63))]
    pub storage_namespace: Option<String>,
    /// Stops reconciliation.
    pub suspend: Option<bool>,
    /// Namespace of the release.
    #[schemars(extend("minLength" = 1, "maxLength" = 63))]
    pub target_namespace: Option<String>,
    /// Tests of the release.
    pub test: Option<Test>,
    /// How to uninstall.
    pub uninstall: Option<Uninstall>,
    /// How to upgrade.
    pub upgrade: Option<Upgrade>,
    /// Values, over those of `valuesFrom`.
    #[schemars(schema_with = "meta::any")]
    #[serde(default)]
    pub values: Option<Value>,
    /// ConfigMaps and Secrets with values, in order.
    pub values_from: Option<Vec<ValuesReference>>,
    /// How to wait for the objects.
    pub wait_strategy: Option<WaitStrategy>,
}

/// What the generated HelmChart looks like.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChartTemplate {
    /// Spec of the HelmChart.
    pub spec: ChartTemplateSpec,
    /// Labels and annotations.
    pub metadata: Option<CommonMetadata>,
}

/// Spec of the generated HelmChart.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChartTemplateSpec {
    /// How often to reconcile.
    #[schemars(extend("pattern" = meta::DURATION))]
    pub interval: Option<GoDuration>,
    /// The chart to fetch: a HelmChart is made from it.
    #[schemars(extend("minLength" = 1, "maxLength" = 2048))]
    pub chart: String,
    /// Where it comes from.
    pub source_ref: ChartSourceRef,
    /// Goes on without values files that do not exist.
    pub ignore_missing_values_files: Option<bool>,
    /// What makes a new artifact: a new chart version, or every source revision.
    #[schemars(extend("x-default" = "ChartVersion", "enum" = ["ChartVersion", "Revision"]))]
    pub reconcile_strategy: Option<String>,
    /// A values file, before `valuesFiles`. Of the removed versions.
    pub values_file: Option<String>,
    /// Values files that are merged in order and become the values of the chart.
    pub values_files: Option<Vec<String>>,
    /// Signatures that a version must carry.
    pub verify: Option<ChartVerification>,
    /// Version or range of versions.
    #[schemars(extend("x-default" = "*"))]
    pub version: Option<String>,
}

/// Names the source of the chart.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChartSourceRef {
    /// Kind.
    #[schemars(extend("enum" = ["HelmRepository", "GitRepository", "Bucket"]))]
    pub kind: String,
    /// Name.
    #[schemars(extend("minLength" = 1, "maxLength" = 253))]
    pub name: String,
    /// API version.
    pub api_version: Option<String>,
    /// Namespace; that of the referrer when absent.
    #[schemars(extend("minLength" = 1, "maxLength" = 63))]
    pub namespace: Option<String>,
}

/// Signatures that the chart must carry.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChartVerification {
    /// Who issues the credentials.
    #[schemars(extend("x-default" = "cosign", "enum" = ["cosign", "notation"]))]
    pub provider: String,
    /// Secret with the credentials.
    pub secret_ref: Option<LocalRef>,
}

/// Names an object that fetches the chart.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChartRef {
    /// Kind.
    #[schemars(extend("enum" = ["OCIRepository", "HelmChart", "ExternalArtifact"]))]
    pub kind: String,
    /// Name.
    #[schemars(extend("minLength" = 1, "maxLength" = 253))]
    pub name: String,
    /// API version.
    pub api_version: Option<String>,
    /// Namespace; that of the referrer when absent.
    #[schemars(extend("minLength" = 1, "maxLength" = 63))]
    pub namespace: Option<String>,
}

/// What to do about objects that others changed.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DriftDetection {
    /// What to leave out of the artifact, in the syntax of `.gitignore`.
    pub ignore: Option<Vec<IgnoreRule>>,
    /// Mode.
    #[schemars(extend("enum" = ["enabled", "warn", "disabled"]))]
    pub mode: Option<String>,
}

/// How to install.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Install {
    /// Longest time that one operation may take.
    #[schemars(extend("pattern" = meta::DURATION))]
    pub timeout: Option<GoDuration>,
    /// What happens to the CRDs of the chart.
    #[schemars(extend("enum" = ["Skip", "Create", "CreateReplace"]))]
    pub crds: Option<String>,
    /// Creates the target namespace.
    pub create_namespace: Option<bool>,
    /// Runs no hooks.
    pub disable_hooks: Option<bool>,
    /// Does not validate the objects against the API.
    #[serde(rename = "disableOpenAPIValidation")]
    pub disable_open_api_validation: Option<bool>,
    /// Does not validate the values against the schema of the chart.
    pub disable_schema_validation: Option<bool>,
    /// Refuses objects of other owners.
    pub disable_take_ownership: Option<bool>,
    /// Does not wait for the objects.
    pub disable_wait: Option<bool>,
    /// Does not wait for Jobs.
    pub disable_wait_for_jobs: Option<bool>,
    /// What to do after a failure.
    pub remediation: Option<InstallRemediation>,
    /// Uses the name of a deleted release again.
    pub replace: Option<bool>,
    /// Whether the server merges the objects.
    pub server_side_apply: Option<bool>,
    /// Installs no CRDs. `crds` replaces it.
    #[serde(rename = "skipCRDs")]
    pub skip_crds: Option<bool>,
    /// What to do after a failure.
    pub strategy: Option<InstallStrategy>,
}

/// What to do after a failed install.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstallRemediation {
    /// A failed test is no failure.
    pub ignore_test_failures: Option<bool>,
    /// Remediates after the last attempt, too.
    pub remediate_last_failure: Option<bool>,
    /// Attempts after the first; negative for no limit.
    pub retries: Option<i32>,
}

/// Whether a failed install is remediated or tried again.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "!has(self.retryInterval) || self.name != 'RemediateOnFailure'", "message": ".retryInterval cannot be set when .name is 'RemediateOnFailure'"},
]))]
pub struct InstallStrategy {
    /// Name.
    #[schemars(extend("enum" = ["RemediateOnFailure", "RetryOnFailure"]))]
    pub name: String,
    /// When to try again after a failure.
    #[schemars(extend("pattern" = meta::DURATION))]
    pub retry_interval: Option<GoDuration>,
}

/// One change to the rendered objects.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PostRenderer {
    /// Kustomize fields.
    pub kustomize: Option<KustomizeRenderer>,
}

/// Kustomize fields that change the rendered objects.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KustomizeRenderer {
    /// Image replacements.
    pub images: Option<Vec<Image>>,
    /// Patches.
    pub patches: Option<Vec<Patch>>,
    /// JSON 6902 patches. Of the removed versions; `patches` replaces it.
    pub patches_json6902: Option<Vec<Json6902Patch>>,
    /// Strategic merge patches. Of the removed versions; `patches` replaces it.
    #[schemars(schema_with = "meta::objects")]
    #[serde(default)]
    pub patches_strategic_merge: Option<Vec<Value>>,
}

/// How to roll back.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rollback {
    /// Longest time that one operation may take.
    #[schemars(extend("pattern" = meta::DURATION))]
    pub timeout: Option<GoDuration>,
    /// Deletes new objects after a failure.
    pub cleanup_on_fail: Option<bool>,
    /// Runs no hooks.
    pub disable_hooks: Option<bool>,
    /// Does not wait for the objects.
    pub disable_wait: Option<bool>,
    /// Does not wait for Jobs.
    pub disable_wait_for_jobs: Option<bool>,
    /// Replaces objects in place of patching them.
    pub force: Option<bool>,
    /// Has no effect.
    pub recreate: Option<bool>,
    /// Whether the server merges the objects.
    #[schemars(extend("enum" = ["enabled", "disabled", "auto"]))]
    pub server_side_apply: Option<String>,
}

/// How to test a release.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Test {
    /// Longest time that one operation may take.
    #[schemars(extend("pattern" = meta::DURATION))]
    pub timeout: Option<GoDuration>,
    /// Runs the tests.
    pub enable: Option<bool>,
    /// Which tests to run.
    pub filters: Option<Vec<TestFilter>>,
    /// A failed test is no failure.
    pub ignore_failures: Option<bool>,
}

/// Names a test to run or to leave out.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TestFilter {
    /// Name.
    #[schemars(extend("minLength" = 1, "maxLength" = 253))]
    pub name: String,
    /// What to leave out.
    pub exclude: Option<bool>,
}

/// How to uninstall.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Uninstall {
    /// Longest time that one operation may take.
    #[schemars(extend("pattern" = meta::DURATION))]
    pub timeout: Option<GoDuration>,
    /// How dependants of the objects are deleted.
    #[schemars(extend("x-default" = "background", "enum" = ["background", "foreground", "orphan"]))]
    pub deletion_propagation: Option<String>,
    /// Runs no hooks.
    pub disable_hooks: Option<bool>,
    /// Does not wait for the objects.
    pub disable_wait: Option<bool>,
    /// Keeps the release Secrets.
    pub keep_history: Option<bool>,
}

/// How to upgrade.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Upgrade {
    /// Longest time that one operation may take.
    #[schemars(extend("pattern" = meta::DURATION))]
    pub timeout: Option<GoDuration>,
    /// What a new chart name does to the release.
    #[schemars(extend("enum" = ["InPlaceUpdate", "Reinstall"]))]
    pub chart_name_change_strategy: Option<String>,
    /// Deletes new objects after a failure.
    pub cleanup_on_fail: Option<bool>,
    /// What happens to the CRDs of the chart.
    #[schemars(extend("enum" = ["Skip", "Create", "CreateReplace"]))]
    pub crds: Option<String>,
    /// Runs no hooks.
    pub disable_hooks: Option<bool>,
    /// Does not validate the objects against the API.
    #[serde(rename = "disableOpenAPIValidation")]
    pub disable_open_api_validation: Option<bool>,
    /// Does not validate the values against the schema of the chart.
    pub disable_schema_validation: Option<bool>,
    /// Refuses objects of other owners.
    pub disable_take_ownership: Option<bool>,
    /// Does not wait for the objects.
    pub disable_wait: Option<bool>,
    /// Does not wait for Jobs.
    pub disable_wait_for_jobs: Option<bool>,
    /// Replaces objects in place of patching them.
    pub force: Option<bool>,
    /// Starts from the values of the last release.
    pub preserve_values: Option<bool>,
    /// What to do after a failure.
    pub remediation: Option<UpgradeRemediation>,
    /// Whether the server merges the objects.
    #[schemars(extend("enum" = ["enabled", "disabled", "auto"]))]
    pub server_side_apply: Option<String>,
    /// What to do after a failure.
    pub strategy: Option<UpgradeStrategy>,
}

/// What to do after a failed upgrade.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpgradeRemediation {
    /// A failed test is no failure.
    pub ignore_test_failures: Option<bool>,
    /// Remediates after the last attempt, too.
    pub remediate_last_failure: Option<bool>,
    /// Attempts after the first; negative for no limit.
    pub retries: Option<i32>,
    /// What to do after a failure.
    #[schemars(extend("enum" = ["rollback", "uninstall"]))]
    pub strategy: Option<String>,
}

/// Whether a failed upgrade is remediated or tried again.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "!has(self.retryInterval) || self.name == 'RetryOnFailure'", "message": ".retryInterval can only be set when .name is 'RetryOnFailure'"},
]))]
pub struct UpgradeStrategy {
    /// Name.
    #[schemars(extend("enum" = ["RemediateOnFailure", "RetryOnFailure"]))]
    pub name: String,
    /// When to try again after a failure.
    #[schemars(extend("pattern" = meta::DURATION))]
    pub retry_interval: Option<GoDuration>,
}

/// A ConfigMap or Secret with values.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ValuesReference {
    /// Kind.
    #[schemars(extend("enum" = ["Secret", "ConfigMap"]))]
    pub kind: String,
    /// Name.
    #[schemars(extend("minLength" = 1, "maxLength" = 253))]
    pub name: String,
    /// Takes the value as a text, without parsing it.
    pub literal: Option<bool>,
    /// Goes on without it when it does not exist.
    pub optional: Option<bool>,
    /// Path in the values that the value is put at.
    #[schemars(extend("maxLength" = 250, "pattern" = r"^([a-zA-Z0-9_\-.\\\/]|\[[0-9]{1,5}\])+$"))]
    pub target_path: Option<String>,
    /// Key in the data; `values.yaml` when absent.
    #[schemars(extend("maxLength" = 253, "pattern" = r"^[\-._a-zA-Z0-9]+$"))]
    pub values_key: Option<String>,
}

/// How to wait for the objects.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WaitStrategy {
    /// Name.
    #[schemars(extend("enum" = ["poller", "legacy"]))]
    pub name: String,
}

/// What was released.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HelmReleaseStatus {
    /// State of the object.
    #[schemars(schema_with = "meta::conditions")]
    #[serde(default)]
    pub conditions: Option<Vec<Condition>>,
    /// Failures of the present state.
    pub failures: Option<i64>,
    /// Namespace and name of the HelmChart.
    pub helm_chart: Option<String>,
    /// Recent releases, newest first.
    pub history: Option<Vec<ReleaseSnapshot>>,
    /// Failed installs of the present state.
    pub install_failures: Option<i64>,
    /// The applied objects.
    #[schemars(schema_with = "meta::inventory")]
    #[serde(default)]
    pub inventory: Option<Inventory>,
    /// Chart version that was applied last. Of the removed versions.
    pub last_applied_revision: Option<String>,
    /// Digest of the values of the last attempt.
    pub last_attempted_config_digest: Option<String>,
    /// Generation of the last attempt.
    pub last_attempted_generation: Option<i64>,
    /// Action of the last attempt.
    #[schemars(extend("enum" = ["install", "upgrade"]))]
    pub last_attempted_release_action: Option<String>,
    /// How long the last attempt took.
    pub last_attempted_release_action_duration: Option<String>,
    /// Chart version of the last attempt.
    pub last_attempted_revision: Option<String>,
    /// Digest of the chart of the last attempt.
    pub last_attempted_revision_digest: Option<String>,
    /// Checksum of the values of the last attempt. Deprecated.
    pub last_attempted_values_checksum: Option<String>,
    /// Last force annotation that was answered.
    pub last_handled_force_at: Option<String>,
    /// Last request annotation that was answered.
    pub last_handled_reconcile_at: Option<String>,
    /// Last reset annotation that was answered.
    pub last_handled_reset_at: Option<String>,
    /// Last release version. Deprecated.
    pub last_release_revision: Option<i32>,
    /// Digest of the common metadata of the release.
    pub observed_common_metadata_digest: Option<String>,
    /// Last generation that was reconciled.
    pub observed_generation: Option<i64>,
    /// Digest of the post renderers of the release.
    pub observed_post_renderers_digest: Option<String>,
    /// Namespace of the release Secrets.
    #[schemars(extend("minLength" = 1, "maxLength" = 63))]
    pub storage_namespace: Option<String>,
    /// Failed upgrades of the present state.
    pub upgrade_failures: Option<i64>,
}

/// One release.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseSnapshot {
    /// Name of the chart.
    pub chart_name: String,
    /// Version of the chart.
    pub chart_version: String,
    /// Digest of the values.
    pub config_digest: String,
    /// Digest of the release.
    pub digest: String,
    /// When it was installed.
    #[schemars(schema_with = "meta::time")]
    pub first_deployed: String,
    /// When it was deployed last.
    #[schemars(schema_with = "meta::time")]
    pub last_deployed: String,
    /// Name.
    pub name: String,
    /// Namespace; that of the referrer when absent.
    pub namespace: String,
    /// Status.
    pub status: String,
    /// Version of the release.
    pub version: i32,
    /// What made the release.
    pub action: Option<String>,
    /// Version of this shape.
    pub api_version: Option<String>,
    /// Version of the application.
    pub app_version: Option<String>,
    /// When it was uninstalled.
    #[schemars(schema_with = "meta::time")]
    #[serde(default)]
    pub deleted: Option<String>,
    /// Digest of the OCI artifact of the chart.
    pub oci_digest: Option<String>,
    /// Results of the tests, by name.
    pub test_hooks: Option<BTreeMap<String, TestHookStatus>>,
}

/// Result of one test.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestHookStatus {
    /// When it ended.
    #[schemars(schema_with = "meta::time")]
    #[serde(default)]
    pub last_completed: Option<String>,
    /// When it started.
    #[schemars(schema_with = "meta::time")]
    #[serde(default)]
    pub last_started: Option<String>,
    /// Result.
    pub phase: Option<String>,
}

//! `Kustomization`: applies the manifests of a source's artifact.

use std::{collections::BTreeMap, time::Duration};

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;

use crate::meta::{
    self, CommonMetadata, Condition, DependencyRef, GoDuration, HealthCheckExpr, IgnoreRule, Image, Inventory,
    Json6902Patch, KubeConfig, LocalRef, Patch, text_enum,
};

/// Shortest timeout; Flux raises shorter ones to it.
pub const MIN_TIMEOUT: Duration = Duration::from_secs(30);
/// What the default timeout leaves of the interval.
const TIMEOUT_MARGIN: Duration = Duration::from_secs(30);
/// API version of a health check that names none, as Flux reads manifests of its first beta.
pub const DEFAULT_HEALTH_CHECK_API_VERSION: &str = "apps/v1";
/// Entries kept in `status.history`.
pub const MAX_HISTORY: usize = 5;

/// Which manifests to build, and how to apply them.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "kustomize.toolkit.fluxcd.io",
    version = "v1",
    kind = "Kustomization",
    plural = "kustomizations",
    shortname = "ks",
    namespaced,
    status = "KustomizationStatus",
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
pub struct KustomizationSpec {
    /// Where the manifests come from.
    pub source_ref: SourceRef,
    /// Directory in the artifact; its root when absent.
    pub path: Option<String>,
    /// Deletes objects that are no longer in the build.
    pub prune: bool,
    /// What happens to the objects when this one is deleted; `MirrorPrune` when absent.
    pub deletion_policy: Option<DeletionPolicy>,
    /// How often to reconcile.
    #[schemars(extend("pattern" = meta::DURATION))]
    pub interval: GoDuration,
    /// When to try again after a failure; the interval when absent.
    #[schemars(extend("pattern" = meta::DURATION))]
    pub retry_interval: Option<GoDuration>,
    /// Longest time for health checks and for waiting on deletion.
    #[schemars(extend("pattern" = meta::DURATION))]
    pub timeout: Option<GoDuration>,
    /// Kustomizations that must be ready first.
    pub depends_on: Option<Vec<DependencyRef>>,
    /// Namespace of all namespaced objects.
    #[schemars(length(min = 1, max = 63))]
    pub target_namespace: Option<String>,
    /// Prefix of all names.
    #[schemars(length(min = 1, max = 200))]
    pub name_prefix: Option<String>,
    /// Suffix of all names.
    #[schemars(length(min = 1, max = 200))]
    pub name_suffix: Option<String>,
    /// Patches, behind those of the `kustomization.yaml`.
    pub patches: Option<Vec<Patch>>,
    /// Image replacements, merged by name into those of the `kustomization.yaml`.
    pub images: Option<Vec<Image>>,
    /// Kustomize components, relative to the path.
    pub components: Option<Vec<String>>,
    /// Leaves out components that do not exist.
    pub ignore_missing_components: Option<bool>,
    /// Annotations about its origin that kustomize adds to an object.
    #[schemars(schema_with = "build_metadata")]
    #[serde(default)]
    pub build_metadata: Option<Vec<String>>,
    /// Labels and annotations of all objects.
    pub common_metadata: Option<CommonMetadata>,
    /// Substitution of variables in the built objects.
    pub post_build: Option<PostBuild>,
    /// How to decrypt Secrets.
    pub decryption: Option<Decryption>,
    /// Recreates objects whose immutable fields changed.
    #[schemars(extend("x-default" = false))]
    pub force: Option<bool>,
    /// Waits until every applied object is healthy; `healthChecks` is ignored then.
    pub wait: Option<bool>,
    /// Objects that must become healthy.
    pub health_checks: Option<Vec<HealthCheck>>,
    /// How objects of given kinds say that they are healthy.
    pub health_check_exprs: Option<Vec<HealthCheckExpr>>,
    /// Fields that others may change.
    pub ignore: Option<Vec<IgnoreRule>>,
    /// ServiceAccount that applies the objects.
    pub service_account_name: Option<String>,
    /// Cluster to apply to; this one when absent.
    pub kube_config: Option<KubeConfig>,
    /// Stops reconciliation.
    pub suspend: Option<bool>,
    /// Plugin that renders the manifests in place of kustomize. Of weir alone; Flux has no such field.
    pub renderer: Option<Renderer>,
    /// Strategic merge patches. Of the removed versions; `patches` replaces it.
    #[schemars(schema_with = "meta::objects")]
    #[serde(default)]
    pub patches_strategic_merge: Option<Vec<Value>>,
    /// JSON 6902 patches. Of the removed versions; `patches` replaces it.
    pub patches_json6902: Option<Vec<Json6902Patch>>,
    /// Validation before apply. Of the removed versions; has no effect, because every apply is validated by the server.
    #[schemars(extend("enum" = ["none", "client", "server"]))]
    pub validation: Option<String>,
}

impl KustomizationSpec {
    /// Time that one reconcile has: Flux's default is the interval less 30 seconds, and 30 seconds at least.
    pub fn timeout(&self) -> Duration {
        let given = self.timeout.map(Duration::from);
        given.unwrap_or_else(|| self.interval.0.saturating_sub(TIMEOUT_MARGIN)).max(MIN_TIMEOUT)
    }

    /// When to try again after a failure.
    pub fn retry_interval(&self) -> Duration {
        self.retry_interval.map_or(self.interval.0, Duration::from)
    }

    /// What happens to the objects on deletion.
    pub fn deletion_policy(&self) -> DeletionPolicy {
        self.deletion_policy.clone().unwrap_or(DeletionPolicy::MirrorPrune)
    }

    /// Whether reconciliation is stopped.
    pub fn is_suspended(&self) -> bool {
        self.suspend.unwrap_or_default()
    }
}

/// A plugin that renders, and its parameters.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Renderer {
    /// Name of a Plugin or ClusterPlugin, or a reference to one: `oci://host/repository:tag`.
    #[schemars(length(min = 1))]
    pub plugin: String,
    /// Parameters, as the plugin's schema describes them.
    #[schemars(schema_with = "params")]
    #[serde(default)]
    pub params: Option<Value>,
}

/// Names a source.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceRef {
    /// API version of the source.
    pub api_version: Option<String>,
    /// Kind of the source.
    #[schemars(extend("enum" = ["OCIRepository", "GitRepository", "Bucket", "ExternalArtifact"]))]
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its namespace; the Kustomization's when absent.
    pub namespace: Option<String>,
}

text_enum! {
    /// What happens to the objects when their Kustomization is deleted.
    DeletionPolicy {
        /// Deletes them if `prune` is set.
        MirrorPrune = "MirrorPrune",
        /// Deletes them.
        Delete = "Delete",
        /// Deletes them and waits until they are gone.
        WaitForTermination = "WaitForTermination",
        /// Keeps them.
        Orphan = "Orphan",
    }
}

text_enum! {
    /// When variables are substituted.
    SubstituteStrategy {
        /// Only when there is at least one variable.
        WithVariables = "WithVariables",
        /// Always, so that defaults are expanded without variables.
        Always = "Always",
    }
}

/// Substitution of `${var}` in the built objects.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PostBuild {
    /// Variables; they win over those of `substituteFrom`.
    pub substitute: Option<BTreeMap<String, String>>,
    /// ConfigMaps and Secrets with variables; later ones win.
    pub substitute_from: Option<Vec<SubstituteReference>>,
    /// When to substitute; `WithVariables` when absent.
    pub substitute_strategy: Option<SubstituteStrategy>,
}

/// A ConfigMap or Secret whose keys are variables.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SubstituteReference {
    /// `ConfigMap` or `Secret`.
    #[schemars(extend("enum" = ["Secret", "ConfigMap"]))]
    pub kind: String,
    /// Its name.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// Goes on without it when it does not exist.
    #[schemars(extend("x-default" = false))]
    pub optional: Option<bool>,
}

/// How to decrypt.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Decryption {
    /// What encrypted the Secrets: `sops`.
    #[schemars(extend("enum" = ["sops"]))]
    pub provider: String,
    /// Secret with the keys.
    pub secret_ref: Option<LocalRef>,
    /// ServiceAccount whose identity reads keys from a key service.
    pub service_account_name: Option<String>,
}

/// An object that must become healthy.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HealthCheck {
    /// API version; `apps/v1` when absent or empty.
    pub api_version: Option<String>,
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Namespace.
    pub namespace: Option<String>,
}

impl HealthCheck {
    /// The API version to look at.
    pub fn api_version(&self) -> &str {
        self.api_version.as_deref().filter(|v| !v.is_empty()).unwrap_or(DEFAULT_HEALTH_CHECK_API_VERSION)
    }
}

/// What was applied.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KustomizationStatus {
    /// Last generation that was reconciled.
    pub observed_generation: Option<i64>,
    /// State of the object.
    #[schemars(schema_with = "meta::conditions")]
    #[serde(default)]
    pub conditions: Option<Vec<Condition>>,
    /// Last revision whose objects were applied and healthy.
    pub last_applied_revision: Option<String>,
    /// Its revision in the system it was built from.
    pub last_applied_origin_revision: Option<String>,
    /// Last revision that was tried.
    pub last_attempted_revision: Option<String>,
    /// Last request annotation that was answered.
    pub last_handled_reconcile_at: Option<String>,
    /// The applied objects.
    #[schemars(schema_with = "meta::inventory")]
    #[serde(default)]
    pub inventory: Option<Inventory>,
    /// Recent results, newest first.
    pub history: Option<Vec<Snapshot>>,
    /// Applied objects as the first beta recorded them.
    #[schemars(schema_with = "meta::any")]
    #[serde(default)]
    pub snapshot: Option<Value>,
}

/// Results of one build with one outcome.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// Digest of the built manifests.
    pub digest: String,
    /// First time of this outcome.
    #[schemars(schema_with = "meta::time")]
    pub first_reconciled: String,
    /// Last time of this outcome.
    #[schemars(schema_with = "meta::time")]
    pub last_reconciled: String,
    /// How long the last one took.
    pub last_reconciled_duration: GoDuration,
    /// The outcome, as a condition reason.
    pub last_reconciled_status: String,
    /// How often it happened.
    pub total_reconciliations: i64,
    /// Revision and the like.
    pub metadata: Option<BTreeMap<String, String>>,
}

fn build_metadata(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({
        "type": "array",
        "items": {"type": "string", "enum": ["originAnnotations", "transformerAnnotations"]},
    })
}

fn params(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({"type": "object", "x-kubernetes-preserve-unknown-fields": true})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(interval: &str, timeout: Option<&str>) -> KustomizationSpec {
        KustomizationSpec {
            interval: interval.parse().unwrap(),
            timeout: timeout.map(|t| t.parse().unwrap()),
            ..KustomizationSpec::default()
        }
    }

    #[test]
    fn timeouts_follow_the_interval_and_have_a_floor() {
        for (interval, timeout, seconds) in
            [("10m", None, 570), ("40s", None, 30), ("10s", None, 30), ("10m", Some("1m"), 60), ("10m", Some("5s"), 30)]
        {
            assert_eq!(spec(interval, timeout).timeout(), Duration::from_secs(seconds), "{interval} {timeout:?}");
        }
    }

    #[test]
    fn a_health_check_without_version_means_apps() {
        let check = |version: Option<&str>| HealthCheck { api_version: version.map(Into::into), ..Default::default() };
        assert_eq!(check(None).api_version(), "apps/v1");
        assert_eq!(check(Some("")).api_version(), "apps/v1");
        assert_eq!(check(Some("batch/v1")).api_version(), "batch/v1");
    }
}

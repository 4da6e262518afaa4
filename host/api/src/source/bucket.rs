//! `Bucket`: the objects of an object store.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::meta::{self, AccessFrom, Artifact, Condition, GoDuration, LocalRef};

/// What to fetch, and how often.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "source.toolkit.fluxcd.io",
    version = "v1",
    kind = "Bucket",
    plural = "buckets",
    namespaced,
    status = "BucketStatus",
    schema = "disabled",
    derive = "Default",
    derive = "PartialEq",
    category = "all",
    category = "fluxcd",
    category = "fluxcd-sources",
    printcolumn(name = "Endpoint", type_ = "string", json_path = ".spec.endpoint"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Ready", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].status"#),
    printcolumn(name = "Status", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].message"#)
)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "self.provider == 'aws' || self.provider == 'generic' || !has(self.sts)", "message": "STS configuration is only supported for the 'aws' and 'generic' Bucket providers"},
    {"rule": "self.provider != 'aws' || !has(self.sts) || self.sts.provider == 'aws'", "message": "'aws' is the only supported STS provider for the 'aws' Bucket provider"},
    {"rule": "self.provider != 'generic' || !has(self.sts) || self.sts.provider == 'ldap'", "message": "'ldap' is the only supported STS provider for the 'generic' Bucket provider"},
    {"rule": "!has(self.sts) || self.sts.provider != 'aws' || !has(self.sts.secretRef)", "message": "spec.sts.secretRef is not required for the 'aws' STS provider"},
    {"rule": "!has(self.sts) || self.sts.provider != 'aws' || !has(self.sts.certSecretRef)", "message": "spec.sts.certSecretRef is not required for the 'aws' STS provider"},
    {"rule": "self.provider != 'generic' || !has(self.serviceAccountName)", "message": "ServiceAccountName is not supported for the 'generic' Bucket provider"},
    {"rule": "!has(self.secretRef) || !has(self.serviceAccountName)", "message": "cannot set both .spec.secretRef and .spec.serviceAccountName"},
]))]
pub struct BucketSpec {
    /// How often to reconcile.
    #[schemars(extend("pattern" = meta::DURATION))]
    pub interval: GoDuration,
    /// Longest time that one operation may take.
    #[schemars(extend("x-default" = "60s", "pattern" = meta::SHORT_DURATION))]
    pub timeout: Option<GoDuration>,
    /// Name of the bucket.
    pub bucket_name: String,
    /// Address of the service.
    pub endpoint: String,
    /// Who may refer to this object; accepted and not enforced, as in Flux.
    pub access_from: Option<AccessFrom>,
    /// Secret with TLS certificates.
    pub cert_secret_ref: Option<LocalRef>,
    /// What to leave out of the artifact, in the syntax of `.gitignore`.
    pub ignore: Option<String>,
    /// Allows plain HTTP.
    pub insecure: Option<bool>,
    /// Limits the artifact to keys with this prefix.
    pub prefix: Option<String>,
    /// Who issues the credentials.
    #[schemars(extend("x-default" = "generic", "enum" = ["generic", "aws", "gcp", "azure"]))]
    pub provider: Option<String>,
    /// Secret that names a proxy.
    pub proxy_secret_ref: Option<LocalRef>,
    /// Region of the bucket.
    pub region: Option<String>,
    /// Secret with the credentials.
    pub secret_ref: Option<LocalRef>,
    /// ServiceAccount whose identity is used.
    pub service_account_name: Option<String>,
    /// Where to get temporary credentials.
    pub sts: Option<BucketSts>,
    /// Stops reconciliation.
    pub suspend: Option<bool>,
}

/// Where to get temporary credentials.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BucketSts {
    /// Address of the service.
    #[schemars(extend("pattern" = "^(http|https)://.*$"))]
    pub endpoint: String,
    /// Who issues the credentials.
    #[schemars(extend("enum" = ["aws", "ldap"]))]
    pub provider: String,
    /// Secret with TLS certificates.
    pub cert_secret_ref: Option<LocalRef>,
    /// Secret with the credentials.
    pub secret_ref: Option<LocalRef>,
}

/// What was fetched.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BucketStatus {
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
}

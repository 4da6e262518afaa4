//! `ImageRepository`: the tags of an image.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::meta::{self, AccessFrom, Condition, GoDuration, LocalRef};

/// Which image to scan, and how often.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "image.toolkit.fluxcd.io",
    version = "v1",
    kind = "ImageRepository",
    plural = "imagerepositories",
    shortname = "imgrepo",
    shortname = "imagerepo",
    namespaced,
    status = "ImageRepositoryStatus",
    schema = "disabled",
    derive = "Default",
    derive = "PartialEq",
    category = "all",
    category = "fluxcd",
    category = "fluxcd-images",
    printcolumn(name = "Image", type_ = "string", json_path = ".spec.image"),
    printcolumn(name = "Tags", type_ = "string", json_path = ".status.lastScanResult.tagCount"),
    printcolumn(name = "Ready", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].status"#),
    printcolumn(name = "Status", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].message"#),
    printcolumn(name = "Last scan", type_ = "string", json_path = ".status.lastScanResult.scanTime", priority = 1),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase")]
pub struct ImageRepositorySpec {
    /// How often to reconcile.
    #[schemars(extend("pattern" = meta::DURATION))]
    pub interval: GoDuration,
    /// Longest time that one operation may take.
    #[schemars(extend("pattern" = meta::SHORT_DURATION))]
    pub timeout: Option<GoDuration>,
    /// The image, without a tag.
    pub image: String,
    /// Who may refer to this object; accepted and not enforced, as in Flux.
    pub access_from: Option<AccessFrom>,
    /// Secret with TLS certificates.
    pub cert_secret_ref: Option<LocalRef>,
    /// Regular expressions for what to leave out.
    #[schemars(extend("x-default" = ["^.*\\.sig$"], "maxItems" = 25))]
    pub exclusion_list: Option<Vec<String>>,
    /// Allows plain HTTP.
    pub insecure: Option<bool>,
    /// Who issues the credentials.
    #[schemars(extend("x-default" = "generic", "enum" = ["generic", "aws", "azure", "gcp"]))]
    pub provider: Option<String>,
    /// Secret that names a proxy.
    pub proxy_secret_ref: Option<LocalRef>,
    /// Secret with the credentials.
    pub secret_ref: Option<LocalRef>,
    /// ServiceAccount whose identity is used.
    #[schemars(extend("maxLength" = 253))]
    pub service_account_name: Option<String>,
    /// Stops reconciliation.
    pub suspend: Option<bool>,
}

/// What was found.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImageRepositoryStatus {
    /// The image with its registry.
    pub canonical_image_name: Option<String>,
    /// State of the object.
    #[schemars(schema_with = "meta::conditions")]
    #[serde(default)]
    pub conditions: Option<Vec<Condition>>,
    /// Last request annotation that was answered.
    pub last_handled_reconcile_at: Option<String>,
    /// Result of the last scan.
    pub last_scan_result: Option<ScanResult>,
    /// `spec.exclusionList` of the last scan.
    pub observed_exclusion_list: Option<Vec<String>>,
    /// Last generation that was reconciled.
    pub observed_generation: Option<i64>,
}

/// Result of a scan.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScanResult {
    /// How many tags there are.
    pub tag_count: i32,
    /// Some tags.
    pub latest_tags: Option<Vec<String>>,
    /// Revision.
    pub revision: Option<String>,
    /// When it was scanned.
    #[schemars(schema_with = "meta::time")]
    #[serde(default)]
    pub scan_time: Option<String>,
}

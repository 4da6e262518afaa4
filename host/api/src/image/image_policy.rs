//! `ImagePolicy`: a choice among the tags of an image.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::meta::{self, Condition, GoDuration};

/// Which tags to choose from, and how.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "image.toolkit.fluxcd.io",
    version = "v1",
    kind = "ImagePolicy",
    plural = "imagepolicies",
    shortname = "imgpol",
    shortname = "imagepol",
    namespaced,
    status = "ImagePolicyStatus",
    schema = "disabled",
    derive = "Default",
    derive = "PartialEq",
    category = "all",
    category = "fluxcd",
    category = "fluxcd-images",
    printcolumn(name = "Image", type_ = "string", json_path = ".status.latestRef.name"),
    printcolumn(name = "Tag", type_ = "string", json_path = ".status.latestRef.tag"),
    printcolumn(name = "Ready", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].status"#),
    printcolumn(name = "Status", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].message"#),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "!has(self.interval) || (has(self.digestReflectionPolicy) && self.digestReflectionPolicy == 'Always')", "message": "spec.interval is only accepted when spec.digestReflectionPolicy is set to 'Always'"},
    {"rule": "has(self.interval) || !has(self.digestReflectionPolicy) || self.digestReflectionPolicy != 'Always'", "message": "spec.interval must be set when spec.digestReflectionPolicy is set to 'Always'"},
]))]
pub struct ImagePolicySpec {
    /// How often to reconcile.
    #[schemars(extend("pattern" = meta::DURATION))]
    pub interval: Option<GoDuration>,
    /// Where the tags come from.
    pub image_repository_ref: ImageRepositoryRef,
    /// How to choose a tag.
    pub policy: ImagePolicyChoice,
    /// When the digest of the image is looked up.
    #[schemars(extend("x-default" = "Never", "enum" = ["Always", "IfNotPresent", "Never"]))]
    pub digest_reflection_policy: Option<String>,
    /// Which tags are candidates.
    pub filter_tags: Option<TagFilter>,
    /// Stops reconciliation.
    pub suspend: Option<bool>,
}

/// Names an ImageRepository.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ImageRepositoryRef {
    /// Name.
    pub name: String,
    /// Namespace; that of the referrer when absent.
    pub namespace: Option<String>,
}

/// How to choose: exactly one of these.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ImagePolicyChoice {
    /// Orders by letters.
    pub alphabetical: Option<AlphabeticalPolicy>,
    /// Orders by number.
    pub numerical: Option<NumericalPolicy>,
    /// Range of versions.
    pub semver: Option<SemverPolicy>,
}

/// Orders by letters.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlphabeticalPolicy {
    /// `asc` takes the last one, `desc` the first.
    #[schemars(extend("x-default" = "asc", "enum" = ["asc", "desc"]))]
    pub order: Option<String>,
}

/// Orders by number.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NumericalPolicy {
    /// `asc` takes the last one, `desc` the first.
    #[schemars(extend("x-default" = "asc", "enum" = ["asc", "desc"]))]
    pub order: Option<String>,
}

/// Takes the highest version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SemverPolicy {
    /// Range of versions.
    pub range: String,
}

/// Which tags are candidates.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TagFilter {
    /// Part of the tag that is ordered, as a replacement template.
    pub extract: Option<String>,
    /// Regular expression that tags must match.
    pub pattern: Option<String>,
}

/// What was chosen.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImagePolicyStatus {
    /// State of the object.
    #[schemars(schema_with = "meta::conditions")]
    #[serde(default)]
    pub conditions: Option<Vec<Condition>>,
    /// Last request annotation that was answered.
    pub last_handled_reconcile_at: Option<String>,
    /// The chosen image. Of the removed versions.
    pub latest_image: Option<String>,
    /// The chosen image.
    pub latest_ref: Option<ImageRef>,
    /// Last generation that was reconciled.
    pub observed_generation: Option<i64>,
    /// The image that was chosen before. Of the removed versions.
    pub observed_previous_image: Option<String>,
    /// The image that was chosen before.
    pub observed_previous_ref: Option<ImageRef>,
}

/// A chosen image.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ImageRef {
    /// Name.
    pub name: String,
    /// Tag.
    pub tag: String,
    /// Digest.
    pub digest: Option<String>,
}

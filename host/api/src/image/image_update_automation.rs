//! `ImageUpdateAutomation`: writes chosen images to a Git repository.

use std::collections::BTreeMap;

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::meta::{self, Condition, GoDuration, LocalRef};

/// Where to write, and how.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "image.toolkit.fluxcd.io",
    version = "v1",
    kind = "ImageUpdateAutomation",
    plural = "imageupdateautomations",
    shortname = "iua",
    shortname = "imgupd",
    shortname = "imgauto",
    namespaced,
    status = "ImageUpdateAutomationStatus",
    schema = "disabled",
    derive = "Default",
    derive = "PartialEq",
    category = "all",
    category = "fluxcd",
    category = "fluxcd-images",
    printcolumn(name = "Ready", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].status"#),
    printcolumn(name = "Status", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].message"#),
    printcolumn(name = "Last run", type_ = "string", json_path = ".status.lastAutomationRunTime", priority = 1),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase")]
pub struct ImageUpdateAutomationSpec {
    /// How often to reconcile.
    #[schemars(extend("pattern" = meta::DURATION))]
    pub interval: GoDuration,
    /// Where it comes from.
    pub source_ref: AutomationSourceRef,
    /// How to check out, commit and push.
    pub git: Option<GitSpec>,
    /// Which policies are used; all of the namespace when absent.
    #[schemars(extend("x-kubernetes-map-type" = "atomic"))]
    pub policy_selector: Option<PolicySelector>,
    /// Stops reconciliation.
    pub suspend: Option<bool>,
    /// How to change the files.
    #[schemars(extend("x-default" = {"strategy": "Setters"}))]
    pub update: Option<UpdateStrategy>,
}

/// Names the Git repository.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AutomationSourceRef {
    /// Kind.
    #[schemars(extend("x-default" = "GitRepository", "enum" = ["GitRepository"]))]
    pub kind: String,
    /// Name.
    pub name: String,
    /// API version.
    pub api_version: Option<String>,
    /// Namespace; that of the referrer when absent.
    pub namespace: Option<String>,
}

/// How to check out, commit and push.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GitSpec {
    /// Commit.
    pub commit: CommitSpec,
    /// What to check out; the reference of the source when absent.
    pub checkout: Option<GitCheckout>,
    /// Where to push; the checked out branch when absent.
    pub push: Option<PushSpec>,
}

/// How to commit.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CommitSpec {
    /// Author of the commits.
    pub author: CommitAuthor,
    /// Template of the commit message.
    pub message_template: Option<String>,
    /// Values for the template.
    pub message_template_values: Option<BTreeMap<String, String>>,
    /// Key that signs the commits.
    pub signing_key: Option<SigningKey>,
}

/// Author of the commits.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CommitAuthor {
    /// Mail address.
    pub email: String,
    /// Name.
    pub name: Option<String>,
}

/// Key that signs the commits.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SigningKey {
    /// Secret with the credentials.
    pub secret_ref: LocalRef,
    /// Kind of what it talks to.
    #[schemars(extend("enum" = ["gpg", "ssh"]))]
    pub type_: Option<String>,
}

/// What to check out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GitCheckout {
    /// Which version to take.
    #[serde(rename = "ref")]
    pub reference: GitCheckoutRef,
}

/// A Git reference.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GitCheckoutRef {
    /// Branch.
    pub branch: Option<String>,
    /// Commit.
    pub commit: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Range of versions.
    pub semver: Option<String>,
    /// Tag.
    pub tag: Option<String>,
}

/// Where to push.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PushSpec {
    /// Branch.
    pub branch: Option<String>,
    /// Push options.
    pub options: Option<BTreeMap<String, String>>,
    /// Reference specification that is pushed, too.
    pub refspec: Option<String>,
}

/// Selects policies by their labels.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicySelector {
    /// Requirements that must all hold.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub match_expressions: Option<Vec<PolicySelectorRequirement>>,
    /// Labels that must all match.
    pub match_labels: Option<BTreeMap<String, String>>,
}

/// A requirement on a label.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PolicySelectorRequirement {
    /// Label.
    pub key: String,
    /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
    pub operator: String,
    /// Values to compare with.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub values: Option<Vec<String>>,
}

/// How to change the files.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UpdateStrategy {
    /// Directory to change.
    pub path: Option<String>,
    /// What to do after a failure.
    #[schemars(extend("x-default" = "Setters", "enum" = ["Setters"]))]
    pub strategy: Option<String>,
}

/// What was written.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImageUpdateAutomationStatus {
    /// State of the object.
    #[schemars(schema_with = "meta::conditions")]
    #[serde(default)]
    pub conditions: Option<Vec<Condition>>,
    /// When it ran last.
    #[schemars(schema_with = "meta::time")]
    #[serde(default)]
    pub last_automation_run_time: Option<String>,
    /// Last request annotation that was answered.
    pub last_handled_reconcile_at: Option<String>,
    /// Commit that was pushed last.
    pub last_push_commit: Option<String>,
    /// When it was pushed.
    #[schemars(schema_with = "meta::time")]
    #[serde(default)]
    pub last_push_time: Option<String>,
    /// Last generation that was reconciled.
    pub observed_generation: Option<i64>,
    /// Chosen images of the last run, by policy.
    pub observed_policies: Option<BTreeMap<String, ObservedImage>>,
    /// Revision of the source of the last run.
    pub observed_source_revision: Option<String>,
}

/// A chosen image.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ObservedImage {
    /// Name.
    pub name: String,
    /// Tag.
    pub tag: String,
    /// Digest.
    pub digest: Option<String>,
}

//! `GitRepository`: a tree of a Git repository.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::meta::{self, AccessFrom, Artifact, Condition, GoDuration, LocalRef, text_enum};

/// Branch that is cloned when `ref` names nothing.
pub const DEFAULT_BRANCH: &str = "master";

/// What to fetch, and how often.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "source.toolkit.fluxcd.io",
    version = "v1",
    kind = "GitRepository",
    plural = "gitrepositories",
    shortname = "gitrepo",
    namespaced,
    status = "GitRepositoryStatus",
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
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "!has(self.serviceAccountName) || (has(self.provider) && (self.provider == 'azure' || self.provider == 'aws'))",
    "message": "serviceAccountName can only be set when provider is 'azure' or 'aws'",
}]))]
pub struct GitRepositorySpec {
    /// Address of the repository, over HTTP or SSH.
    #[schemars(regex(pattern = "^(http|https|ssh)://.*$"))]
    pub url: String,
    /// Secret with the credentials.
    pub secret_ref: Option<LocalRef>,
    /// Who issues the credentials; `generic` when absent.
    #[schemars(extend("enum" = ["generic", "aws", "azure", "github"]))]
    pub provider: Option<String>,
    /// ServiceAccount whose identity logs in to the provider.
    pub service_account_name: Option<String>,
    /// How often to look for a new revision.
    #[schemars(extend("pattern" = meta::DURATION))]
    pub interval: GoDuration,
    /// Longest time that one Git operation may take.
    #[schemars(extend("pattern" = meta::SHORT_DURATION, "x-default" = "60s"))]
    pub timeout: Option<GoDuration>,
    /// What to check out; the branch `master` when absent.
    #[serde(rename = "ref")]
    pub reference: Option<GitRepositoryRef>,
    /// Signatures that a revision must carry.
    pub verify: Option<GitRepositoryVerification>,
    /// Secret that names a proxy.
    pub proxy_secret_ref: Option<LocalRef>,
    /// What to leave out of the artifact, in the syntax of `.gitignore`. An empty text differs from an absent one.
    pub ignore: Option<String>,
    /// Stops reconciliation; the last artifact stays.
    pub suspend: Option<bool>,
    /// Fetches submodules too, with the same credentials.
    pub recurse_submodules: Option<bool>,
    /// Other GitRepositories whose artifacts are copied into this one.
    pub include: Option<Vec<GitRepositoryInclude>>,
    /// Directories that the artifact is limited to.
    pub sparse_checkout: Option<Vec<String>>,
    /// Git library to use. Of the removed versions; has no effect.
    pub git_implementation: Option<String>,
    /// Who may refer to this object. Of the removed versions; has no effect.
    pub access_from: Option<AccessFrom>,
}

/// What to check out. When several are set, the order is commit, name, tag, semver, branch.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GitRepositoryRef {
    /// Branch.
    pub branch: Option<String>,
    /// Tag.
    pub tag: Option<String>,
    /// Range of versions; the highest tag in it is taken.
    pub semver: Option<String>,
    /// Full name of a reference, for example `refs/pull/420/head`.
    pub name: Option<String>,
    /// Hash of a commit; with a branch, it must be on that branch.
    pub commit: Option<String>,
}

/// Signatures that a revision must carry.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GitRepositoryVerification {
    /// Which object must be signed; `HEAD` when absent.
    #[schemars(extend("x-default" = "HEAD"))]
    pub mode: Option<VerifyMode>,
    /// Secret with the public keys. Only the first beta let it be absent.
    #[schemars(required)]
    pub secret_ref: Option<LocalRef>,
}

text_enum! {
    /// Which Git object must be signed.
    VerifyMode {
        /// The commit, as the removed versions wrote it.
        LegacyHead = "head",
        /// The commit.
        Head = "HEAD",
        /// The annotated tag.
        Tag = "Tag",
        /// Both.
        TagAndHead = "TagAndHEAD",
    }
}

/// Another repository whose artifact is copied in.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GitRepositoryInclude {
    /// The other GitRepository, in the same namespace.
    pub repository: LocalRef,
    /// What to copy of it; everything when absent.
    pub from_path: Option<String>,
    /// Where to put it; the name of the repository when absent.
    pub to_path: Option<String>,
}

impl GitRepositoryInclude {
    /// Where the copy goes.
    pub fn to_path(&self) -> &str {
        self.to_path.as_deref().filter(|p| !p.is_empty()).unwrap_or(&self.repository.name)
    }
}

/// What was fetched.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GitRepositoryStatus {
    /// Last generation that was reconciled.
    pub observed_generation: Option<i64>,
    /// State of the object.
    #[schemars(schema_with = "meta::conditions")]
    #[serde(default)]
    pub conditions: Option<Vec<Condition>>,
    /// The stored tree.
    #[schemars(schema_with = "meta::artifact")]
    #[serde(default)]
    pub artifact: Option<Artifact>,
    /// Artifacts that were copied in.
    #[schemars(schema_with = "meta::artifacts")]
    #[serde(default)]
    pub included_artifacts: Option<Vec<Artifact>>,
    /// `spec.ignore` of the artifact.
    pub observed_ignore: Option<String>,
    /// `spec.recurseSubmodules` of the artifact.
    pub observed_recurse_submodules: Option<bool>,
    /// `spec.include` of the artifact.
    pub observed_include: Option<Vec<GitRepositoryInclude>>,
    /// `spec.sparseCheckout` of the artifact.
    pub observed_sparse_checkout: Option<Vec<String>>,
    /// `spec.verify.mode` of the last verification.
    pub source_verification_mode: Option<String>,
    /// Last request annotation that was answered.
    pub last_handled_reconcile_at: Option<String>,
}

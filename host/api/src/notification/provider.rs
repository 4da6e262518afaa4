//! `Provider`: a place that events are sent to.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::meta::{self, GoDuration, LocalRef};

/// Where to send events.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "notification.toolkit.fluxcd.io",
    version = "v1beta3",
    kind = "Provider",
    plural = "providers",
    namespaced,
    schema = "disabled",
    derive = "Default",
    derive = "PartialEq",
    category = "all",
    category = "fluxcd",
    category = "fluxcd-notifications",
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "self.type == 'github' || self.type == 'gitlab' || self.type == 'gitea' || self.type == 'bitbucketserver' || self.type == 'bitbucket' || self.type == 'azuredevops' || !has(self.commitStatusExpr)", "message": "spec.commitStatusExpr is only supported for the 'github', 'gitlab', 'gitea', 'bitbucketserver', 'bitbucket', 'azuredevops' provider types"},
]))]
pub struct ProviderSpec {
    /// How often to reconcile.
    #[schemars(extend("pattern" = meta::DURATION))]
    pub interval: Option<GoDuration>,
    /// Longest time that one operation may take.
    #[schemars(extend("pattern" = meta::SHORT_DURATION))]
    pub timeout: Option<GoDuration>,
    /// Kind of what it talks to.
    #[schemars(extend("enum" = ["slack", "discord", "msteams", "rocket", "generic", "generic-hmac", "github", "gitlab", "gitea", "giteapullrequestcomment", "bitbucketserver", "bitbucket", "azuredevops", "googlechat", "googlepubsub", "webex", "sentry", "azureeventhub", "telegram", "lark", "matrix", "opsgenie", "alertmanager", "grafana", "githubdispatch", "githubpullrequestcomment", "gitlabmergerequestcomment", "pagerduty", "datadog", "nats", "zulip", "otel", "zoom", "incident.io"]))]
    pub type_: String,
    /// Address.
    #[schemars(extend("maxLength" = 2048))]
    pub address: Option<String>,
    /// Secret with TLS certificates.
    pub cert_secret_ref: Option<LocalRef>,
    /// Channel.
    #[schemars(extend("maxLength" = 2048))]
    pub channel: Option<String>,
    /// CEL expression for the id of commit statuses.
    pub commit_status_expr: Option<String>,
    /// Address of a proxy. Deprecated.
    #[schemars(extend("maxLength" = 2048, "pattern" = "^(http|https)://.*$"))]
    pub proxy: Option<String>,
    /// Secret that names a proxy.
    pub proxy_secret_ref: Option<LocalRef>,
    /// Secret with the credentials.
    pub secret_ref: Option<LocalRef>,
    /// ServiceAccount whose identity is used.
    pub service_account_name: Option<String>,
    /// Stops reconciliation.
    pub suspend: Option<bool>,
    /// Name to show.
    #[schemars(extend("maxLength" = 2048))]
    pub username: Option<String>,
}

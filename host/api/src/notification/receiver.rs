//! `Receiver`: a webhook that makes objects reconcile.

use std::collections::BTreeMap;

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::meta::{self, Condition, GoDuration, LocalRef};

/// Which webhook to serve, and what it reconciles.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "notification.toolkit.fluxcd.io",
    version = "v1",
    kind = "Receiver",
    plural = "receivers",
    namespaced,
    status = "ReceiverStatus",
    schema = "disabled",
    derive = "Default",
    derive = "PartialEq",
    category = "all",
    category = "fluxcd",
    category = "fluxcd-notifications",
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Ready", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].status"#),
    printcolumn(name = "Status", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].message"#)
)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "self.type != 'generic-oidc' || (has(self.oidcProviders) && size(self.oidcProviders) > 0)", "message": "generic-oidc receivers must define at least one oidcProvider"},
    {"rule": "self.type == 'generic-oidc' || !has(self.oidcProviders) || size(self.oidcProviders) == 0", "message": "oidcProviders can only be set when type is generic-oidc"},
    {"rule": "self.type != 'generic-oidc' || !has(self.secretRef)", "message": "secretRef cannot be set when type is generic-oidc"},
    {"rule": "self.type == 'generic-oidc' || has(self.secretRef)", "message": "secretRef is required when type is not generic-oidc"},
]))]
pub struct ReceiverSpec {
    /// How often to reconcile.
    #[schemars(extend("x-default" = "10m", "pattern" = meta::DURATION))]
    pub interval: Option<GoDuration>,
    /// Objects to reconcile.
    pub resources: Vec<ReceiverResource>,
    /// Kind of what it talks to.
    #[schemars(extend("enum" = ["generic", "generic-hmac", "generic-oidc", "github", "gitlab", "bitbucket", "harbor", "dockerhub", "quay", "gcr", "nexus", "acr", "cdevents"]))]
    pub type_: String,
    /// Events to react to.
    pub events: Option<Vec<String>>,
    /// Token issuers that are trusted.
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["issuerURL"]))]
    pub oidc_providers: Option<Vec<OidcProvider>>,
    /// CEL expression that chooses among the resources.
    pub resource_filter: Option<String>,
    /// Secret with the credentials.
    pub secret_ref: Option<LocalRef>,
    /// Stops reconciliation.
    pub suspend: Option<bool>,
}

/// Objects to reconcile.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReceiverResource {
    /// Kind. Flux lists the kinds it knows, and other controllers patch theirs into its CRD; here any kind is accepted.
    /// Only the first beta let it be absent.
    #[schemars(required)]
    pub kind: Option<String>,
    /// Name.
    #[schemars(extend("minLength" = 1, "maxLength" = 253))]
    pub name: String,
    /// API version.
    pub api_version: Option<String>,
    /// CEL expression that chooses among the matched objects.
    pub filter: Option<String>,
    /// Labels that must all match.
    pub match_labels: Option<BTreeMap<String, String>>,
    /// Namespace; that of the referrer when absent.
    #[schemars(extend("minLength" = 1, "maxLength" = 253))]
    pub namespace: Option<String>,
}

/// A token issuer that is trusted.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OidcProvider {
    /// Address of the issuer.
    #[schemars(extend("pattern" = "^https?://"))]
    #[serde(rename = "issuerURL")]
    pub issuer_url: String,
    /// What must hold for a token.
    #[schemars(extend("minItems" = 1))]
    pub validations: Vec<OidcValidation>,
    /// Audience that a token must have.
    pub audience: Option<String>,
    /// Named expressions.
    pub variables: Option<Vec<OidcVariable>>,
}

/// What must hold for a token.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OidcValidation {
    /// CEL expression.
    pub expression: String,
    /// What to say when it does not hold.
    pub message: String,
}

/// A named expression.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OidcVariable {
    /// CEL expression.
    pub expression: String,
    /// Name.
    pub name: String,
}

/// Where it is served.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReceiverStatus {
    /// State of the object.
    #[schemars(schema_with = "meta::conditions")]
    #[serde(default)]
    pub conditions: Option<Vec<Condition>>,
    /// Last request annotation that was answered.
    pub last_handled_reconcile_at: Option<String>,
    /// Last generation that was reconciled.
    pub observed_generation: Option<i64>,
    /// Path that the webhook is served at.
    pub webhook_path: Option<String>,
}

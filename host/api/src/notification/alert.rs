//! `Alert`: which events are sent where.

use std::collections::BTreeMap;

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::meta::LocalRef;

/// Which events to send, and where.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "notification.toolkit.fluxcd.io",
    version = "v1beta3",
    kind = "Alert",
    plural = "alerts",
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
pub struct AlertSpec {
    /// Objects whose events are sent.
    pub event_sources: Vec<EventSource>,
    /// Where to send to.
    pub provider_ref: LocalRef,
    /// What to add to the metadata of events.
    pub event_metadata: Option<BTreeMap<String, String>>,
    /// Lowest severity to send.
    #[schemars(extend("x-default" = "info", "enum" = ["info", "error"]))]
    pub event_severity: Option<String>,
    /// Regular expressions for what to leave out.
    pub exclusion_list: Option<Vec<String>>,
    /// Regular expressions; one of them must match the message.
    pub inclusion_list: Option<Vec<String>>,
    /// Short text for every event. Deprecated.
    #[schemars(extend("maxLength" = 255))]
    pub summary: Option<String>,
    /// Stops reconciliation.
    pub suspend: Option<bool>,
}

/// Objects whose events are sent.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventSource {
    /// Kind. Flux lists the kinds it knows, and other controllers patch theirs into its CRD; here any kind is accepted.
    /// Only the first beta let it be absent.
    #[schemars(required)]
    pub kind: Option<String>,
    /// Name.
    #[schemars(extend("minLength" = 1, "maxLength" = 253))]
    pub name: String,
    /// API version.
    pub api_version: Option<String>,
    /// Labels that must all match.
    pub match_labels: Option<BTreeMap<String, String>>,
    /// Namespace; that of the referrer when absent.
    #[schemars(extend("minLength" = 1, "maxLength" = 253))]
    pub namespace: Option<String>,
}

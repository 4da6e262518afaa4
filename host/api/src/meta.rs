//! What several kinds share: references, selectors, durations, conditions, and the patterns their schemas use.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

pub use crate::duration::{GoDuration, InvalidDuration};
pub use weir_core::{Artifact, Condition, Inventory};

/// Pattern of most durations.
pub(crate) const DURATION: &str = r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$";
/// Pattern of timeouts of sources and providers: no hours.
pub(crate) const SHORT_DURATION: &str = r"^([0-9]+(\.[0-9]+)?(ms|s|m))+$";

/// Names an object in the same namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LocalRef {
    /// Its name.
    pub name: String,
}

/// Names a key of a Secret in the same namespace.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecretKeyRef {
    /// Name of the Secret.
    pub name: String,
    /// Key in its data.
    pub key: Option<String>,
}

/// Labels and annotations set on every object.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommonMetadata {
    /// Labels; they override those of the object.
    pub labels: Option<BTreeMap<String, String>>,
    /// Annotations; they override those of the object.
    pub annotations: Option<BTreeMap<String, String>>,
}

/// An object of the same kind that must be ready first.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DependencyRef {
    /// Its name.
    pub name: String,
    /// Its namespace; the referrer's when absent.
    pub namespace: Option<String>,
    /// CEL expression over `self` and `dep` that replaces the built-in readiness check.
    pub ready_expr: Option<String>,
}

/// How to reach another cluster: exactly one of the two references.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "has(self.configMapRef) || has(self.secretRef)", "message": EXACTLY_ONE_KUBECONFIG},
    {"rule": "!has(self.configMapRef) || !has(self.secretRef)", "message": EXACTLY_ONE_KUBECONFIG},
]))]
pub struct KubeConfig {
    /// ConfigMap that says how to log in with a workload identity.
    pub config_map_ref: Option<LocalRef>,
    /// Secret that holds a kubeconfig, at the given key, else `value`, else `value.yaml`.
    pub secret_ref: Option<SecretKeyRef>,
}

const EXACTLY_ONE_KUBECONFIG: &str =
    "exactly one of spec.kubeConfig.configMapRef or spec.kubeConfig.secretRef must be specified";

/// Selects objects by id, labels and annotations; an absent field matches everything.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Selector {
    /// API group.
    pub group: Option<String>,
    /// API version.
    pub version: Option<String>,
    /// Kind.
    pub kind: Option<String>,
    /// Namespace.
    pub namespace: Option<String>,
    /// Name, as an anchored regular expression.
    pub name: Option<String>,
    /// Label selector expression.
    pub label_selector: Option<String>,
    /// Label selector expression over the annotations.
    pub annotation_selector: Option<String>,
}

/// A kustomize patch: strategic merge or JSON 6902, inline.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Patch {
    /// The patch as YAML or JSON text.
    pub patch: String,
    /// Which objects it changes.
    pub target: Option<Selector>,
}

/// A JSON 6902 patch of the removed versions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Json6902Patch {
    /// Operations.
    pub patch: Vec<Json6902Operation>,
    /// Which objects it changes.
    pub target: Selector,
}

/// One operation of a JSON 6902 patch.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Json6902Operation {
    /// What to do.
    #[schemars(extend("enum" = ["test", "remove", "add", "replace", "move", "copy"]))]
    pub op: String,
    /// JSON pointer.
    pub path: String,
    /// JSON pointer that `move` and `copy` read.
    pub from: Option<String>,
    /// Any JSON value.
    #[schemars(schema_with = "any")]
    #[serde(default)]
    pub value: Option<serde_json::Value>,
}

/// Replaces name, tag or digest of an image.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    /// The image without its tag, as the objects name it.
    pub name: String,
    /// What replaces the name.
    pub new_name: Option<String>,
    /// What replaces the tag.
    pub new_tag: Option<String>,
    /// What replaces the tag, with `digest` winning over `newTag`.
    pub digest: Option<String>,
}

/// CEL expressions that say how an object of a kind is doing.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HealthCheckExpr {
    /// API version of the kind; its group is what matters.
    pub api_version: String,
    /// The kind; every kind of the group when absent.
    pub kind: Option<String>,
    /// True while the object is working towards its desired state.
    pub in_progress: Option<String>,
    /// True when the object has failed.
    pub failed: Option<String>,
    /// True when the object has reached its desired state.
    pub current: String,
}

/// Fields to leave alone, on the objects that the target selects.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IgnoreRule {
    /// JSON pointers.
    pub paths: Vec<String>,
    /// Which objects; all when absent.
    pub target: Option<Selector>,
}

/// Which namespaces may refer to an object; accepted and not enforced, as in Flux.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessFrom {
    /// Any of these.
    pub namespace_selectors: Vec<NamespaceSelector>,
}

/// Selects namespaces by their labels.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NamespaceSelector {
    /// Labels that must all match; none match every namespace.
    pub match_labels: Option<BTreeMap<String, String>>,
}

/// An identity that may have signed, for signatures without keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OidcIdentity {
    /// Regular expression for the issuer of the token.
    pub issuer: String,
    /// Regular expression for the identity.
    pub subject: String,
}

/// An enum whose wire form is a text; texts of later versions are kept in `Other`, so that reading never fails.
macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(from = "String", into = "String")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A value that the schema does not list.
            Other(String),
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                match text.as_str() {
                    $($text => Self::$variant,)+
                    _ => Self::Other(text),
                }
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                match value {
                    $($name::$variant => $text.into(),)+
                    $name::Other(text) => text,
                }
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": "string", "enum": [$($text),+]})
            }
        }
    };
}
pub(crate) use text_enum;

/// Any JSON value; nothing in it is pruned.
pub(crate) fn any(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"x-kubernetes-preserve-unknown-fields": true})
}

/// Objects with any fields.
pub(crate) fn objects(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "array", "items": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}})
}

/// `status.conditions`, with the rules of `metav1.Condition`.
pub(crate) fn conditions(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "items": {
            "type": "object",
            "required": ["lastTransitionTime", "message", "reason", "status", "type"],
            "properties": {
                "type": {"type": "string", "maxLength": 316, "pattern": CONDITION_TYPE},
                "status": {"type": "string", "enum": ["True", "False", "Unknown"]},
                "reason": {"type": "string", "minLength": 1, "maxLength": 1024, "pattern": "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$"},
                "message": {"type": "string", "maxLength": 32768},
                "lastTransitionTime": {"type": "string", "format": "date-time"},
                "observedGeneration": {"type": "integer", "format": "int64", "minimum": 0},
            },
        },
    })
}

const CONDITION_TYPE: &str =
    r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$";

/// `status.artifact`.
pub(crate) fn artifact(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "required": ["digest", "lastUpdateTime", "path", "revision", "url"],
        "properties": {
            "digest": {"type": "string", "pattern": "^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$"},
            "lastUpdateTime": {"type": "string", "format": "date-time"},
            "metadata": {"type": "object", "additionalProperties": {"type": "string"}},
            "path": {"type": "string"},
            "revision": {"type": "string"},
            "size": {"type": "integer", "format": "int64"},
            "url": {"type": "string"},
        },
    })
}

/// A list of artifacts.
pub(crate) fn artifacts(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "array", "items": artifact(generator)})
}

/// `status.inventory`.
pub(crate) fn inventory(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "required": ["entries"],
        "properties": {"entries": {"type": "array", "items": {
            "type": "object",
            "required": ["id", "v"],
            "properties": {"id": {"type": "string"}, "v": {"type": "string"}},
        }}},
    })
}

/// An RFC 3339 time, kept as text.
pub(crate) fn time(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "format": "date-time"})
}

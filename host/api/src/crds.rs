//! The CRDs: one per kind, with every version that Flux ever served.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceConversion, CustomResourceDefinition, CustomResourceDefinitionVersion, JSONSchemaProps,
};
use kube::CustomResourceExt;
use schemars::JsonSchema;
use serde_json::{Value, json};

use crate::{
    Alert, ArtifactGenerator, Bucket, ExternalArtifact, GitRepository, HelmChart, HelmRelease, HelmRepository,
    ImagePolicy, ImageRepository, ImageUpdateAutomation, Kustomization, OCIRepository, Provider, Receiver,
    helm_release,
    image::{image_policy, image_repository, image_update_automation},
    kustomization,
    notification::{alert, provider, receiver},
    schema,
    source::{
        artifact_generator, bucket, external_artifact, git_repository, helm_chart, helm_repository, oci_repository,
    },
};

/// Keeps variable substitution of a Kustomization away from a CRD that it applies.
pub const SUBSTITUTE_ANNOTATION: &str = "kustomize.toolkit.fluxcd.io/substitute";

/// Marks our CRDs, to tell them from those of Flux.
pub const MANAGED_BY_LABEL: (&str, &str) = ("app.kubernetes.io/managed-by", "weir");

/// A version that Flux has removed and weir still serves.
struct Old {
    name: &'static str,
    /// A first beta checked less than the versions after it.
    loose: bool,
}

const fn loose(name: &'static str) -> Old {
    Old { name, loose: true }
}

const fn same(name: &'static str) -> Old {
    Old { name, loose: false }
}

/// What `status` is before the first reconcile.
enum Status {
    /// `observedGeneration: -1`, so that clients see that nothing was observed.
    Unobserved(Value),
    /// Absent.
    Absent(Value),
    /// The kind has no status at all.
    None,
}

/// All CRDs, by group and kind.
pub fn crds() -> Vec<CustomResourceDefinition> {
    let mut all = sources();
    all.extend(appliers());
    all.extend(images());
    all.extend(notifications());
    all
}

fn sources() -> Vec<CustomResourceDefinition> {
    vec![
        crd::<GitRepository, git_repository::GitRepositorySpec>(
            unobserved::<git_repository::GitRepositoryStatus>(),
            &[loose("v1beta1"), same("v1beta2")],
        ),
        crd::<OCIRepository, oci_repository::OCIRepositorySpec>(
            unobserved::<oci_repository::OCIRepositoryStatus>(),
            &[same("v1beta2")],
        ),
        crd::<HelmRepository, helm_repository::HelmRepositorySpec>(
            unobserved::<helm_repository::HelmRepositoryStatus>(),
            &[loose("v1beta1"), same("v1beta2")],
        ),
        crd::<HelmChart, helm_chart::HelmChartSpec>(
            unobserved::<helm_chart::HelmChartStatus>(),
            &[loose("v1beta1"), same("v1beta2")],
        ),
        crd::<Bucket, bucket::BucketSpec>(unobserved::<bucket::BucketStatus>(), &[loose("v1beta1"), same("v1beta2")]),
        crd::<ExternalArtifact, external_artifact::ExternalArtifactSpec>(
            Status::Absent(schema::of::<external_artifact::ExternalArtifactStatus>()),
            &[],
        ),
        crd::<ArtifactGenerator, artifact_generator::ArtifactGeneratorSpec>(
            Status::Absent(schema::of::<artifact_generator::ArtifactGeneratorStatus>()),
            &[],
        ),
    ]
}

fn appliers() -> Vec<CustomResourceDefinition> {
    vec![
        crd::<Kustomization, kustomization::KustomizationSpec>(
            unobserved::<kustomization::KustomizationStatus>(),
            &[loose("v1beta1"), same("v1beta2")],
        ),
        crd::<HelmRelease, helm_release::HelmReleaseSpec>(
            unobserved::<helm_release::HelmReleaseStatus>(),
            &[loose("v2beta1"), same("v2beta2")],
        ),
    ]
}

fn images() -> Vec<CustomResourceDefinition> {
    vec![
        crd::<ImageRepository, image_repository::ImageRepositorySpec>(
            unobserved::<image_repository::ImageRepositoryStatus>(),
            &[same("v1beta1"), same("v1beta2")],
        ),
        crd::<ImagePolicy, image_policy::ImagePolicySpec>(
            unobserved::<image_policy::ImagePolicyStatus>(),
            &[loose("v1beta1"), same("v1beta2")],
        ),
        crd::<ImageUpdateAutomation, image_update_automation::ImageUpdateAutomationSpec>(
            unobserved::<image_update_automation::ImageUpdateAutomationStatus>(),
            &[same("v1beta1"), same("v1beta2")],
        ),
    ]
}

fn notifications() -> Vec<CustomResourceDefinition> {
    vec![
        crd::<Alert, alert::AlertSpec>(Status::None, &[loose("v1beta1"), same("v1beta2")]),
        crd::<Provider, provider::ProviderSpec>(Status::None, &[loose("v1beta1"), same("v1beta2")]),
        crd::<Receiver, receiver::ReceiverSpec>(
            unobserved::<receiver::ReceiverStatus>(),
            &[loose("v1beta1"), same("v1beta2")],
        ),
    ]
}

fn unobserved<S: JsonSchema>() -> Status {
    Status::Unobserved(schema::of::<S>())
}

fn crd<K: CustomResourceExt, S: JsonSchema>(status: Status, old: &[Old]) -> CustomResourceDefinition {
    let mut crd = K::crd();
    let status = match status {
        Status::Unobserved(mut schema) => {
            schema["default"] = json!({"observedGeneration": -1});
            Some(schema)
        }
        Status::Absent(schema) => Some(schema),
        Status::None => None,
    };
    let kind = crd.spec.names.kind.clone();
    crd.spec.names.list_kind = Some(format!("{kind}List"));
    crd.spec.conversion = Some(CustomResourceConversion { strategy: "None".into(), webhook: None });
    let annotations = crd.metadata.annotations.get_or_insert_default();
    annotations.insert(SUBSTITUTE_ANNOTATION.into(), "disabled".into());
    let (label, value) = MANAGED_BY_LABEL;
    crd.metadata.labels.get_or_insert_default().insert(label.into(), value.into());
    let current = crd.spec.versions.remove(0);
    let schema = schema::object(&kind, schema::of::<S>(), status);
    let removed = old.iter().map(|old| removed_version(&crd, &current, old, &schema));
    crd.spec.versions = removed.chain([with_schema(current.clone(), schema.clone())]).collect();
    crd
}

fn removed_version(
    crd: &CustomResourceDefinition,
    current: &CustomResourceDefinitionVersion,
    old: &Old,
    schema: &Value,
) -> CustomResourceDefinitionVersion {
    let (group, kind) = (&crd.spec.group, &crd.spec.names.kind);
    let mut schema = schema.clone();
    if old.loose {
        schema::loosen(&mut schema["properties"]["spec"]);
        require_less(kind, &mut schema["properties"]["spec"]);
    }
    let version = CustomResourceDefinitionVersion {
        name: old.name.into(),
        storage: false,
        deprecated: Some(true),
        deprecation_warning: Some(format!(
            "{group}/{} {kind} is deprecated, upgrade to {group}/{}",
            old.name, current.name
        )),
        ..current.clone()
    };
    with_schema(version, schema)
}

/// Fields that first betas did not require.
fn require_less(kind: &str, spec: &mut Value) {
    let relaxed = match kind {
        "GitRepository" => Some(("/properties/verify", "secretRef")),
        "Alert" => Some(("/properties/eventSources/items", "kind")),
        "Receiver" => Some(("/properties/resources/items", "kind")),
        _ => None,
    };
    let required = relaxed.and_then(|(at, field)| Some((spec.pointer_mut(at)?.get_mut("required")?, field)));
    if let Some((Value::Array(required), field)) = required {
        required.retain(|r| r != field);
    }
    // Structural schemas know no empty list of required fields.
    if let Some((at, _)) = relaxed
        && let Some(Value::Object(parent)) = spec.pointer_mut(at)
        && parent.get("required").is_some_and(|r| r == &json!([]))
    {
        parent.remove("required");
    }
}

fn with_schema(mut version: CustomResourceDefinitionVersion, schema: Value) -> CustomResourceDefinitionVersion {
    let schema: JSONSchemaProps = serde_json::from_value(schema).expect("our schemas use keywords of CRDs only");
    version.schema.get_or_insert_default().open_api_v3_schema = Some(schema);
    version
}

/// File name of a CRD: `<group>_<plural>.yaml`.
pub fn file_name(crd: &CustomResourceDefinition) -> String {
    format!("{}_{}.yaml", crd.spec.group, crd.spec.names.plural)
}

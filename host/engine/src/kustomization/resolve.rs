//! Step 1: from a spec to the artifact to build, once everything it depends on is ready.

use weir_api::{
    Kustomization,
    kustomization::{KustomizationSpec, SourceRef},
    meta::DependencyRef,
};
use weir_core::{Artifact, Condition, Failure, ObjectKey, condition, condition::reasons, condition::types};

use weir_kstatus::ReadyExpr;

use super::deploy::invalid_expression;
use crate::{access::AccessRules, context::Indexes};

/// Refuses what this version does not do, rather than leaving it out in silence.
pub(crate) fn check_spec(spec: &KustomizationSpec) -> Result<(), Failure> {
    let renderer = spec.renderer.as_ref().is_some_and(|r| r.plugin != "kustomize");
    let unserved =
        [(spec.decryption.is_some(), "decryption"), (spec.kube_config.is_some(), "kubeConfig"), (renderer, "renderer")];
    match unserved.into_iter().find(|(used, _)| *used) {
        Some((_, field)) => Err(Failure::stalled(
            reasons::FEATURE_GATE_DISABLED,
            format!("`spec.{field}` is not served by this version of weir: nothing was applied"),
        )),
        None => Ok(()),
    }
}

/// The key of the source that a Kustomization names.
pub(crate) fn source_key(source: &SourceRef, namespace: &str) -> ObjectKey {
    let namespace = source.namespace.as_deref().filter(|n| !n.is_empty()).unwrap_or(namespace);
    ObjectKey::new(&source.kind, namespace, &source.name)
}

/// The key of a dependency.
pub(crate) fn dependency_key(dependency: &DependencyRef, namespace: &str) -> ObjectKey {
    let namespace = dependency.namespace.as_deref().filter(|n| !n.is_empty()).unwrap_or(namespace);
    ObjectKey::new("Kustomization", namespace, &dependency.name)
}

/// The artifact of the source.
pub(crate) fn artifact(
    spec: &KustomizationSpec,
    namespace: &str,
    rules: &AccessRules,
    indexes: &Indexes,
) -> Result<Artifact, Failure> {
    let key = source_key(&spec.source_ref, namespace);
    rules.check_source(namespace, &key)?;
    if key.kind != "GitRepository" {
        return Err(Failure::retry(
            reasons::ARTIFACT_FAILED,
            format!("sources of kind `{}` are not served by this version of weir: {key}", key.kind),
        ));
    }
    let source = indexes.git_repositories.get(&key).ok_or_else(|| {
        let text = format!("gitrepositories.source.toolkit.fluxcd.io \"{}\" not found", key.name);
        Failure::retry(reasons::ARTIFACT_FAILED, text)
    })?;
    source
        .status
        .as_ref()
        .and_then(|s| s.artifact.clone())
        .ok_or_else(|| Failure::wait(reasons::ARTIFACT_FAILED, "Source artifact not found, retrying in 30s"))
}

/// Whether every dependency is ready, and at the same revision where it has the same source (Flux's rule).
pub(crate) fn dependencies(
    object: &Kustomization,
    namespace: &str,
    artifact: &Artifact,
    indexes: &Indexes,
) -> Result<(), Failure> {
    let wait = |message: String| Err(Failure::wait(reasons::DEPENDENCY_NOT_READY, message));
    let source = source_key(&object.spec.source_ref, namespace);
    for dependency in object.spec.depends_on.iter().flatten() {
        let key = dependency_key(dependency, namespace);
        let name = format!("'{}/{}'", key.namespace, key.name);
        let Some(found) = indexes.kustomizations.get(&key) else {
            let text = format!("kustomizations.kustomize.toolkit.fluxcd.io \"{}\" not found", key.name);
            return wait(format!("dependency {name} not found: {text}"));
        };
        if let Some(expression) = dependency.ready_expr.as_deref().filter(|e| !e.is_empty()) {
            if !holds(expression, object, &found)? {
                return wait(format!("dependency {name} is not ready according to readyExpr eval"));
            }
        } else if !is_ready(&found) {
            return wait(format!("dependency {name} is not ready"));
        }
        let applied = found.status.as_ref().and_then(|s| s.last_applied_revision.as_deref());
        if source_key(&found.spec.source_ref, &key.namespace) == source && applied != Some(&artifact.revision) {
            return wait(format!("dependency {name} revision is not up to date"));
        }
    }
    Ok(())
}

/// Flux's rule: an expression that cannot be read stalls; one that fails on these objects counts as not ready.
fn holds(expression: &str, object: &Kustomization, dependency: &Kustomization) -> Result<bool, Failure> {
    let compiled = ReadyExpr::compile(expression).map_err(|e| invalid_expression(&e))?;
    let (Ok(this), Ok(dependency)) = (serde_json::to_value(object), serde_json::to_value(dependency)) else {
        return Ok(false);
    };
    Ok(compiled.holds(&this, &dependency).unwrap_or_else(|error| {
        tracing::debug!(error = %error, "readyExpr failed");
        false
    }))
}

/// Ready at its newest generation.
pub(crate) fn is_ready(object: &Kustomization) -> bool {
    let status = object.status.as_ref();
    let conditions: &[Condition] = status.and_then(|s| s.conditions.as_deref()).unwrap_or_default();
    condition::is_true(conditions, types::READY)
        && status.and_then(|s| s.observed_generation) == object.metadata.generation
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use weir_api::GitRepository;

    fn kustomization(name: &str, status: Value) -> Kustomization {
        serde_json::from_value(json!({
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
            "metadata": {"name": name, "namespace": "ns", "generation": 1},
            "spec": {
                "interval": "1m", "prune": true, "sourceRef": {"kind": "GitRepository", "name": "repo"},
                "dependsOn": [{"name": "infra"}],
            },
            "status": status,
        }))
        .unwrap()
    }

    fn check(infra: Option<Value>) -> Result<(), String> {
        let indexes = Indexes::default();
        if let Some(status) = infra {
            indexes.kustomizations.put(kustomization("infra", status));
        }
        let artifact = Artifact { revision: "main@sha1:bb".into(), ..Artifact::default() };
        dependencies(&kustomization("apps", json!({})), "ns", &artifact, &indexes).map_err(|f| f.message)
    }

    #[test]
    fn dependencies_must_be_ready_at_the_same_revision() {
        let ready = |generation: i64, revision: &str| {
            Some(json!({
                "observedGeneration": generation, "lastAppliedRevision": revision,
                "conditions": [{"type": "Ready", "status": "True"}],
            }))
        };
        assert!(check(None).unwrap_err().starts_with("dependency 'ns/infra' not found"));
        assert_eq!(check(Some(json!({}))), Err("dependency 'ns/infra' is not ready".into()));
        assert_eq!(check(ready(0, "main@sha1:bb")), Err("dependency 'ns/infra' is not ready".into()));
        assert_eq!(check(ready(1, "main@sha1:aa")), Err("dependency 'ns/infra' revision is not up to date".into()));
        assert_eq!(check(ready(1, "main@sha1:bb")), Ok(()));
    }

    #[test]
    fn a_source_without_artifact_is_waited_for() {
        let indexes = Indexes::default();
        let spec = kustomization("apps", json!({})).spec;
        let artifact =
            |indexes: &Indexes| artifact(&spec, "ns", &AccessRules::default(), indexes).map_err(|f| f.message);
        assert!(artifact(&indexes).unwrap_err().contains("\"repo\" not found"));
        let repo = json!({
            "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository",
            "metadata": {"name": "repo", "namespace": "ns"}, "spec": {"url": "https://x", "interval": "1m"},
        });
        indexes.git_repositories.put(serde_json::from_value::<GitRepository>(repo).unwrap());
        assert_eq!(artifact(&indexes), Err("Source artifact not found, retrying in 30s".into()));
    }

    #[test]
    fn what_is_not_served_is_refused_by_name() {
        let mut spec = kustomization("apps", json!({})).spec;
        assert_eq!(check_spec(&spec), Ok(()));
        spec.decryption = Some(Default::default());
        assert!(check_spec(&spec).unwrap_err().message.contains("`spec.decryption`"));
    }
}

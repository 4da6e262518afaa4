//! A live object, reduced to what decisions need: what the ledger keeps of it.

use serde_json::Value;
use weir_kstatus::{Status, health};

use crate::{
    digest::{Digest, Sink},
    fields, folding,
    options::{Config, Owner},
    policy::Policy,
};

/// What is kept of a live object.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) uid: Box<str>,
    /// Comparable between states of one object: Kubernetes promises it since 1.35, and etcd always made it so.
    pub(crate) revision: u64,
    /// Whom its labels name.
    pub(crate) owner: Option<Owner>,
    /// Paths and values of our fields, and everything else that decides whether an apply would change something.
    pub(crate) owned: Digest,
    /// Everything that Flux's drift test compares.
    pub(crate) content: Digest,
    pub(crate) policy: Policy,
    /// Other managers' fields are to be taken over.
    pub(crate) foldable: bool,
    /// A finished Job that the cluster removes by itself: its end is no drift.
    pub(crate) expires: bool,
    pub(crate) status: Status,
}

impl Seen {
    pub(crate) fn new(live: &Value, config: &Config) -> Self {
        let policy = Policy::of(live, &config.group);
        let foldable = folding::is_needed(live, config);
        Self {
            uid: text(live, "/metadata/uid").into(),
            revision: text(live, "/metadata/resourceVersion").parse().unwrap_or_default(),
            owner: owner(live, &config.group),
            owned: owned(live, policy, foldable, config),
            content: content(live),
            policy,
            foldable,
            expires: expires(live),
            status: health(live).status,
        }
    }
}

fn owned(live: &Value, policy: Policy, foldable: bool, config: &Config) -> Digest {
    let mut sink = Sink::default();
    fields::owned(live, &config.manager, &mut sink);
    sink.mark(u8::from(policy.skips()));
    sink.mark(u8::from(foldable));
    sink.finish()
}

/// A controller writes it soon after a Deployment is there: maybe between our look at the object and its dry-run.
const DEPLOYMENT_REVISION: &str = "deployment.kubernetes.io/revision";

/// Labels, annotations and everything outside of metadata and status.
pub(crate) fn content(object: &Value) -> Digest {
    let mut sink = Sink::default();
    for map in ["labels", "annotations"] {
        let given = object.get("metadata").and_then(|m| m.get(map)).and_then(Value::as_object);
        let mut given = given.cloned().unwrap_or_default();
        given.remove(DEPLOYMENT_REVISION);
        // Absent and empty are the same to the server.
        if !given.is_empty() {
            sink.text(map);
            sink.value(&Value::Object(given));
        }
    }
    let mut rest: Vec<_> = object.as_object().into_iter().flatten().collect();
    rest.retain(|(key, _)| !matches!(key.as_str(), "metadata" | "status"));
    rest.sort_unstable_by_key(|(key, _)| *key);
    for (key, value) in rest {
        sink.text(key);
        sink.value(value);
    }
    sink.finish()
}

fn owner(live: &Value, group: &str) -> Option<Owner> {
    let label = |key: &str| live.get("metadata")?.get("labels")?.get(format!("{group}/{key}"))?.as_str();
    Some(Owner { namespace: label("namespace")?.into(), name: label("name")?.into() })
}

fn expires(live: &Value) -> bool {
    text(live, "/kind") == "Job" && live.pointer("/spec/ttlSecondsAfterFinished").is_some_and(Value::is_number)
}

pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn content_is_what_flux_compares() {
        let base = json!({
            "apiVersion": "v1", "kind": "A", "metadata": {"name": "x", "labels": {"a": "1"}, "resourceVersion": "1"},
            "spec": {"x": 1}, "status": {"y": 1}
        });
        for (pointer, value, same) in [
            ("/metadata/resourceVersion", json!("2"), true),
            ("/status/y", json!(2), true),
            ("/spec/x", json!(2), false),
            ("/metadata/labels/a", json!("2"), false),
        ] {
            let mut changed = base.clone();
            *changed.pointer_mut(pointer).unwrap() = value;
            assert_eq!(content(&changed) == content(&base), same, "{pointer}");
        }
    }

    #[test]
    fn what_the_deployment_controller_adds_is_no_difference() {
        let before = json!({"kind": "Deployment", "metadata": {"name": "x"}, "spec": {}});
        let mut after = before.clone();
        after["metadata"]["annotations"] = json!({DEPLOYMENT_REVISION: "1"});
        assert_eq!(content(&after), content(&before));
        after["metadata"]["annotations"]["own"] = json!("1");
        assert_ne!(content(&after), content(&before));
    }

    #[test]
    fn owners_and_policies_are_read() {
        let config = Config::default();
        let group = &config.group;
        let live = json!({
            "apiVersion": "batch/v1", "kind": "Job",
            "metadata": {
                "name": "x", "namespace": "ns", "uid": "u", "resourceVersion": "12",
                "labels": {format!("{group}/name"): "apps", format!("{group}/namespace"): "flux-system"}
            },
            "spec": {"ttlSecondsAfterFinished": 10}
        });
        let seen = Seen::new(&live, &config);
        assert_eq!(seen.owner, Some(Owner { namespace: "flux-system".into(), name: "apps".into() }));
        assert_eq!((seen.revision, seen.expires, seen.foldable), (12, true, false));
    }
}

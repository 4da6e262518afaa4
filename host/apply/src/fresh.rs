//! Creating what does not exist yet, without a dry-run: a create is its own check.
//!
//! The promise stays Flux's: when one object of a stage is refused, nothing of the stage is left. So only objects that do
//! nothing by themselves are created this way, and they are deleted again when a later one is refused. Whoever was refused
//! once is dry-run first until an apply succeeds, so that a manifest that stays wrong does not make objects come and go.

use futures::{StreamExt, stream};
use serde_json::Value;
use weir_core::Object;

use crate::{
    apply::{Item, Run, Verdict},
    changeset::Action,
    error::ObjectError,
    seen::{Seen, text},
};

/// An apply with the resource version of an object that can never have it: it creates, and conflicts with what exists.
const NO_VERSION: &str = "1";

/// An object that this apply made.
#[derive(Debug)]
pub(crate) struct Made {
    /// Index of its item.
    index: usize,
    uid: Box<str>,
}

/// What became of an attempt to create.
enum Attempt {
    Made(Box<str>),
    /// It exists, or was refused: the dry-run tells.
    Other(Result<Verdict, ObjectError>),
}

impl Run<'_> {
    /// Whether an object is known not to exist, at least not as one that was ever applied.
    pub(crate) fn is_fresh(&self, item: &Item) -> bool {
        item.record.is_none() && self.applier.shared.ledger.is_absent(&item.at.key)
    }

    /// Creates objects; those that exist are compared. After a refusal nothing is left of them.
    pub(crate) async fn make(&self, items: &[Item], indexes: &[usize]) -> Result<Vec<(usize, Verdict)>, ObjectError> {
        let attempts = indexes.iter().map(|index| async move { (*index, self.attempt(&items[*index]).await) });
        // A closure that is held across an await would keep the future from being `Send` for every lifetime.
        let attempts: Vec<_> = attempts.collect();
        let attempts: Vec<_> = stream::iter(attempts).buffered(self.config().concurrency).collect().await;
        let (mut verdicts, mut made, mut refusal) = (vec![], vec![], None);
        for (index, attempt) in attempts {
            match attempt {
                Attempt::Made(uid) => {
                    made.push(Made { index, uid });
                    verdicts.push((index, Verdict::Done(Action::Created)));
                }
                Attempt::Other(Ok(verdict)) => verdicts.push((index, verdict)),
                Attempt::Other(Err(error)) => refusal = refusal.or(Some(error)),
            }
        }
        self.made.lock().extend(made);
        match refusal {
            Some(error) => Err(error),
            None => Ok(verdicts),
        }
    }

    /// Creates the one active object of a stage; one that exists is compared.
    pub(crate) async fn make_first(&self, item: &Item) -> Result<Verdict, ObjectError> {
        match self.attempt(item).await {
            Attempt::Made(_) => Ok(Verdict::Done(Action::Created)),
            Attempt::Other(verdict) => verdict,
        }
    }

    async fn attempt(&self, item: &Item) -> Attempt {
        let applying = self.applier.shared.ledger.begin(&item.at.key);
        let mut body = item.object.value().clone();
        body["metadata"]["resourceVersion"] = NO_VERSION.into();
        match self.send(item, Some(&body), false).await {
            Ok(applied) if applied.created => {
                let seen = Seen::new(&applied.object, self.config());
                let uid = seen.uid.clone();
                let baseline = self.baseline(item, seen.owned);
                applying.done(seen, baseline);
                Attempt::Made(uid)
            }
            _ => {
                drop(applying);
                Attempt::Other(self.check(item).await)
            }
        }
    }

    /// Deletes what this stage made before one of its objects was refused. What cannot be deleted is in the inventory.
    pub(crate) async fn unmake(&self, items: &[Item]) {
        let made = std::mem::take(&mut *self.made.lock());
        for Made { index, uid } in made.into_iter().rev() {
            let item = &items[index];
            self.applier.shared.ledger.release(&item.at.key);
            if let Err(error) = self.applier.cluster.delete(&item.at.place, Some(&uid)).await {
                tracing::warn!(object = %item.id, %error, "created with a stage that was refused, and not deleted");
            }
        }
    }
}

/// Whether nothing happens when an object comes and goes: nothing runs, is provisioned, or is admitted because of it.
pub(crate) fn is_inert(object: &Object) -> bool {
    let kind = match (object.group(), object.kind()) {
        ("", "ConfigMap" | "Secret" | "ServiceAccount") => true,
        ("", "Service") => text(object.value(), "/spec/type") != "LoadBalancer",
        ("rbac.authorization.k8s.io", "Role" | "RoleBinding" | "ClusterRole" | "ClusterRoleBinding") => true,
        _ => false,
    };
    kind && !has_finalizers(object.value())
}

/// Such an object does not go at once.
fn has_finalizers(object: &Value) -> bool {
    object.pointer("/metadata/finalizers").and_then(Value::as_array).is_some_and(|all| !all.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_acts_is_not_inert() {
        let config_map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}});
        let service = |kind: &str| json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {"type": kind}});
        let mut held = config_map.clone();
        held["metadata"]["finalizers"] = json!(["example.com/x"]);
        for (object, expected) in [
            (config_map, true),
            (held, false),
            (service("ClusterIP"), true),
            (service("LoadBalancer"), false),
            (json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "a"}}), false),
            (json!({"apiVersion": "example.com/v1", "kind": "ConfigMap", "metadata": {"name": "a"}}), false),
        ] {
            assert_eq!(is_inert(&Object::new(object.clone()).unwrap()), expected, "{object}");
        }
    }
}

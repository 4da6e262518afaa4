//! Which kinds the cluster serves: asked for once per group and version, and again when a kind is missing.

use std::{collections::HashMap, sync::Arc, time::Duration};

use kube::core::{ApiResource, GroupVersionKind};
use parking_lot::RwLock;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::{cluster::Cluster, error::RequestError, seen::text};

/// How long a new kind may take to be served.
pub(crate) const SERVED_TIMEOUT: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// A served kind.
#[derive(Clone, Debug)]
pub(crate) struct Served {
    pub(crate) resource: ApiResource,
    pub(crate) namespaced: bool,
}

/// What is known so far; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Discovery(Arc<RwLock<HashMap<GroupVersionKind, Served>>>);

impl Discovery {
    /// The kind, from memory or from the server.
    pub(crate) async fn find(&self, cluster: &Cluster, gvk: &GroupVersionKind) -> Result<Served, RequestError> {
        if let Some(served) = self.0.read().get(gvk) {
            return Ok(served.clone());
        }
        self.load(cluster, gvk).await?;
        let missing = || RequestError::NoMatch { kind: gvk.kind.clone(), api_version: gvk.api_version() };
        self.0.read().get(gvk).cloned().ok_or_else(missing)
    }

    /// The kind, once it is served.
    pub(crate) async fn await_served(&self, cluster: &Cluster, gvk: &GroupVersionKind) -> Result<Served, RequestError> {
        let deadline = Instant::now() + SERVED_TIMEOUT;
        let mut pause = FIRST_PAUSE;
        loop {
            match self.find(cluster, gvk).await {
                Err(RequestError::NoMatch { .. }) if Instant::now() < deadline => sleep(pause).await,
                result => return result,
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Forgets a kind that the server no longer knows.
    pub(crate) fn forget(&self, gvk: &GroupVersionKind) {
        self.0.write().remove(gvk);
    }

    async fn load(&self, cluster: &Cluster, gvk: &GroupVersionKind) -> Result<(), RequestError> {
        let path = match gvk.group.as_str() {
            "" => format!("/api/{}", gvk.version),
            group => format!("/apis/{group}/{}", gvk.version),
        };
        match cluster.read(&path).await {
            Ok(list) => self.0.write().extend(served(&gvk.group, &gvk.version, &list)),
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// The kinds of an APIResourceList, without subresources.
fn served(group: &str, version: &str, list: &Value) -> Vec<(GroupVersionKind, Served)> {
    let resources = list.get("resources").and_then(Value::as_array).into_iter().flatten();
    let main = resources.filter(|r| !text(r, "/name").contains('/'));
    main.map(|resource| {
        let gvk = GroupVersionKind::gvk(group, version, text(resource, "/kind"));
        let namespaced = resource.get("namespaced").and_then(Value::as_bool).unwrap_or_default();
        let resource = ApiResource::from_gvk_with_plural(&gvk, text(resource, "/name"));
        (gvk, Served { resource, namespaced })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn subresources_are_no_kinds() {
        let list = json!({"groupVersion": "apps/v1", "resources": [
            {"name": "deployments", "kind": "Deployment", "namespaced": true},
            {"name": "deployments/scale", "kind": "Scale", "group": "autoscaling", "version": "v1", "namespaced": true},
        ]});
        let found = served("apps", "v1", &list);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].1.resource.plural.as_str(), found[0].1.namespaced), ("deployments", true));
    }
}

//! The applier: one per cluster and identity.

use std::{collections::HashSet, fmt, sync::Arc};

use http::HeaderValue;
use kube::{Client, core::GroupVersionKind};
use parking_lot::Mutex;
use tokio_util::task::AbortOnDropHandle;
use weir_core::{ObjectId, inventory::Entry};

use crate::{
    cluster::{Cluster, Place},
    discovery::{Discovery, Served},
    error::{ImpersonateError, RequestError},
    ledger::{Key, Ledger},
    options::{Config, Owner},
    watch,
};

/// Applies objects to one cluster as one user.
///
/// Clones and [`Applier::impersonate`]d appliers share the ledger and what is known of the cluster's API. The watches end
/// with the last of them. Every method may be dropped at any time; what was under way is then compared with the server at
/// the next apply.
#[derive(Clone)]
pub struct Applier {
    pub(crate) cluster: Cluster,
    pub(crate) shared: Arc<Shared>,
}

/// What all identities of one cluster share.
pub(crate) struct Shared {
    pub(crate) config: Arc<Config>,
    pub(crate) discovery: Discovery,
    pub(crate) ledger: Arc<Ledger>,
    /// Whose last apply was refused.
    pub(crate) refused: Mutex<HashSet<Owner>>,
    /// The identity that watches.
    own: Cluster,
    watches: Mutex<Vec<AbortOnDropHandle<()>>>,
}

impl fmt::Debug for Applier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Applier").field("cluster", &self.cluster).finish_non_exhaustive()
    }
}

/// An object that was found in the API.
#[derive(Clone, Debug)]
pub(crate) struct Located {
    pub(crate) key: Key,
    pub(crate) place: Place,
    pub(crate) namespaced: bool,
}

impl Applier {
    /// An applier with the client's own identity, which also watches what every identity applied.
    pub fn new(client: Client, config: Config) -> Self {
        let config = Arc::new(config);
        let cluster = Cluster::new(client);
        let shared = Shared {
            ledger: Arc::new(Ledger::new(config.clone())),
            config,
            discovery: Discovery::default(),
            refused: Mutex::default(),
            own: cluster.clone(),
            watches: Mutex::default(),
        };
        Self { cluster, shared: Arc::new(shared) }
    }

    /// The same cluster as another user, for example `system:serviceaccount:<namespace>:<name>`. Costs no connection.
    ///
    /// # Errors
    /// When the name cannot be a header's value.
    pub fn impersonate(&self, user: &str) -> Result<Self, ImpersonateError> {
        let header = HeaderValue::from_str(user).map_err(|_| ImpersonateError { user: user.into() })?;
        Ok(Self { cluster: self.cluster.impersonate(header), shared: self.shared.clone() })
    }

    /// Starts to watch the kinds of an inventory, so that the first reconcile after a start finds what is there.
    ///
    /// Must be called within a tokio runtime.
    pub fn track(&self, entries: &[Entry]) {
        for entry in entries {
            let Some(id) = entry.object() else { continue };
            let gvk = GroupVersionKind::gvk(&id.group, &entry.v, &id.kind);
            let applier = self.clone();
            if !self.shared.ledger.has_kind(&gvk) {
                // Not kept: it ends after one request, or with the runtime.
                tokio::spawn(async move { applier.shared.prepare(&gvk).await });
            }
        }
    }

    /// Whether all these objects are, as far as the watches tell, as they were when they were last applied. Costs no request.
    pub fn in_sync(&self, entries: &[Entry]) -> bool {
        entries.iter().all(|entry| entry.object().is_some_and(|id| self.shared.ledger.in_sync(&key(&id, &entry.v))))
    }

    /// Finds the kind of an object, and has it watched from now on.
    pub(crate) async fn locate(&self, id: &ObjectId, version: &str) -> Result<Located, RequestError> {
        let gvk = GroupVersionKind::gvk(&id.group, version, &id.kind);
        let served = self.shared.discovery.find(&self.cluster, &gvk).await?;
        let namespaced = served.namespaced;
        let namespace = if namespaced { id.namespace.as_str() } else { "" };
        let key = Key { gvk: Arc::new(gvk), namespace: namespace.into(), name: id.name.as_str().into() };
        let place = Place {
            resource: served.resource.clone(),
            namespace: namespaced.then(|| id.namespace.clone()),
            name: id.name.clone(),
        };
        self.shared.watch(&key.gvk, &served);
        Ok(Located { key, place, namespaced })
    }
}

/// The key of an object whose namespace is as the cluster has it.
pub(crate) fn key(id: &ObjectId, version: &str) -> Key {
    let gvk = Arc::new(GroupVersionKind::gvk(&id.group, version, &id.kind));
    Key { gvk, namespace: id.namespace.as_str().into(), name: id.name.as_str().into() }
}

impl Shared {
    async fn prepare(&self, gvk: &GroupVersionKind) {
        // A kind that is not served now is watched when it is applied.
        if let Ok(served) = self.discovery.find(&self.own, gvk).await {
            self.watch(&Arc::new(gvk.clone()), &served);
        }
    }

    fn watch(&self, gvk: &Arc<GroupVersionKind>, served: &Served) {
        if !self.ledger.add_kind(gvk) {
            return;
        }
        let (client, resource) = (self.own.client().clone(), served.resource.clone());
        let task = watch::feed(client, resource, self.ledger.clone(), self.config.clone());
        self.watches.lock().push(AbortOnDropHandle::new(tokio::spawn(task)));
    }
}

//! What: one folder per API group; each reconcile reads as its table of contents.
//!
//! [`Engine`] implements [`Reconciler`] for the scheduler. Objects come from [`Indexes`], which the watches fill; everything
//! else is reached through the context: the store, the plugins and the applier.

mod access;
mod context;
mod events;
mod held;
mod index;
mod kustomization;
pub mod outside;
mod plugins;
pub mod preview;
mod secrets;
mod source;
mod status;

use std::sync::Arc;

use async_trait::async_trait;
use kube::Client;
use tracing::Instrument as _;
use uuid::Uuid;
use weir_api::Kustomization;
use weir_apply::Applier;
use weir_core::{Cause, ObjectKey, Outcome, Reconciler, Slot};
use weir_store::Store;

pub use access::AccessRules;
use context::Context;
pub use context::{Indexes, Plugins, Settings};
pub use index::{Index, Indexed};

/// Reconciles every kind that is served.
pub struct Engine(Context);

impl Engine {
    /// An engine over its parts.
    pub fn new(
        client: Client,
        applier: Applier,
        store: Store,
        plugins: Plugins,
        indexes: Arc<Indexes>,
        settings: Settings,
    ) -> Self {
        Self(Context::new(client, applier, store, plugins, indexes, settings))
    }
}

#[async_trait]
impl Reconciler for Engine {
    async fn reconcile(&self, key: &ObjectKey, cause: Cause, slot: &dyn Slot) -> Outcome {
        // The key of controller-runtime, in every line of this run.
        let span = tracing::info_span!("reconcile", reconcileID = %Uuid::new_v4());
        self.run(key, cause, slot).instrument(span).await
    }
}

impl Engine {
    async fn run(&self, key: &ObjectKey, cause: Cause, slot: &dyn Slot) -> Outcome {
        match key.kind.as_str() {
            "GitRepository" => source::git_repository::reconcile(&self.0, key, slot).await,
            "Kustomization" => kustomization::reconcile(&self.0, key, cause, slot).await,
            other => {
                tracing::error!(kind = other, "no reconciler for this kind");
                Outcome::default()
            }
        }
    }
}

/// What a Kustomization waits for: its source, and the Kustomizations it depends on.
pub fn edges(object: &Kustomization) -> (ObjectKey, Vec<ObjectKey>) {
    let namespace = object.metadata.namespace.as_deref().unwrap_or_default();
    let source = kustomization::resolve::source_key(&object.spec.source_ref, namespace);
    let depends_on = object.spec.depends_on.iter().flatten();
    (source, depends_on.map(|d| kustomization::resolve::dependency_key(d, namespace)).collect())
}

/// Whether a Kustomization reads its variables from this ConfigMap or Secret.
pub fn reads(object: &Kustomization, config: &ObjectKey) -> bool {
    let references = object.spec.post_build.iter().flat_map(|p| p.substitute_from.iter().flatten());
    object.metadata.namespace.as_deref() == Some(config.namespace.as_str())
        && references.into_iter().any(|r| r.kind == config.kind && r.name == config.name)
}

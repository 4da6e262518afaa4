//! The API server as tests use it: any kind, by name, with waits that follow watch events.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use futures::StreamExt;
use kube::{
    Api, Client, ResourceExt,
    api::{ApiResource, DeleteParams, DynamicObject, ListParams, Patch, PatchParams},
    core::GroupVersionKind,
    discovery::{self, Scope},
    runtime::watcher,
};
use serde_json::{Value, json};

use crate::View;

/// How long anything may take to happen.
const DEADLINE: Duration = Duration::from_secs(120);
/// Between two looks at what cannot be watched.
const POLL: Duration = Duration::from_millis(50);
/// Who writes when a test does.
const TEST_MANAGER: &str = "weir-e2e";

/// A client for any kind, within one namespace where the kind has one.
#[derive(Clone)]
pub struct Cluster {
    /// For what is not covered here.
    pub client: Client,
    namespace: String,
}

impl Cluster {
    /// Works in `namespace`.
    #[must_use]
    pub fn new(client: Client, namespace: &str) -> Self {
        Self { client, namespace: namespace.to_owned() }
    }

    /// The same cluster, in another namespace.
    #[must_use]
    pub fn in_namespace(&self, namespace: &str) -> Self {
        Self::new(self.client.clone(), namespace)
    }

    /// Where it works.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The API of a kind, as `Kustomization`, `Deployment` or `HelmRelease.helm.toolkit.fluxcd.io/v2beta1`.
    pub async fn api(&self, kind: &str) -> Api<DynamicObject> {
        let gvk = gvk(kind);
        let found = discovery::pinned_kind(&self.client, &gvk).await;
        let (resource, capabilities) = found.unwrap_or_else(|e| panic!("{kind} is not served: {e}"));
        self.api_for(&resource, &capabilities.scope, &self.namespace)
    }

    fn api_for(&self, resource: &ApiResource, scope: &Scope, namespace: &str) -> Api<DynamicObject> {
        match scope {
            Scope::Cluster => Api::all_with(self.client.clone(), resource),
            Scope::Namespaced => Api::namespaced_with(self.client.clone(), namespace, resource),
        }
    }

    /// Applies every document of a YAML text with the manager `weir-e2e`.
    pub async fn apply_yaml(&self, text: &str) {
        for document in weir_yaml::parse_documents(text).expect("the test's YAML is valid") {
            let value = weir_yaml::to_json(&document, weir_yaml::Rules::Yaml11).expect("the test's YAML is JSON too");
            self.apply(value).await;
        }
    }

    /// Applies one object with the manager `weir-e2e`.
    pub async fn apply(&self, object: Value) -> View {
        self.apply_as(TEST_MANAGER, object).await
    }

    /// Applies one object, by server-side apply with force, as `manager`.
    pub async fn apply_as(&self, manager: &str, object: Value) -> View {
        let object = View(object);
        let (api_version, kind, name) =
            (object.text("/apiVersion"), object.text("/kind"), object.text("/metadata/name"));
        let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
        let gvk = GroupVersionKind::gvk(group, version, kind);
        let found = discovery::pinned_kind(&self.client, &gvk).await;
        let (resource, capabilities) = found.unwrap_or_else(|e| panic!("{api_version} {kind} is not served: {e}"));
        let namespace = object.at("/metadata/namespace").as_str().unwrap_or(&self.namespace);
        let api = self.api_for(&resource, &capabilities.scope, namespace);
        let params = PatchParams::apply(manager).force();
        let applied = api.patch(name, &params, &Patch::Apply(&object.0)).await;
        view(applied.unwrap_or_else(|e| panic!("cannot apply {kind} {name}: {e}")))
    }

    /// The object, when it is there.
    pub async fn find(&self, kind: &str, name: &str) -> Option<View> {
        let found = self.api(kind).await.get_opt(name).await;
        found.unwrap_or_else(|e| panic!("cannot get {kind} {name}: {e}")).map(view)
    }

    /// The object, which is there.
    pub async fn get(&self, kind: &str, name: &str) -> View {
        self.find(kind, name).await.unwrap_or_else(|| panic!("{kind} {}/{name} does not exist", self.namespace))
    }

    /// All objects of a kind that a label selector matches.
    pub async fn list(&self, kind: &str, labels: &str) -> Vec<View> {
        let listed = self.api(kind).await.list(&ListParams::default().labels(labels)).await;
        listed.unwrap_or_else(|e| panic!("cannot list {kind}: {e}")).into_iter().map(view).collect()
    }

    /// Merges `patch` into the object as an `Update` by `manager`, the way `kubectl edit` does.
    pub async fn edit(&self, kind: &str, name: &str, manager: &str, patch: Value) -> View {
        let params = PatchParams { field_manager: Some(manager.to_owned()), ..PatchParams::default() };
        let patched = self.api(kind).await.patch(name, &params, &Patch::Merge(&patch)).await;
        view(patched.unwrap_or_else(|e| panic!("cannot patch {kind} {name}: {e}")))
    }

    /// Replaces the status of an object, as its controller would.
    pub async fn set_status(&self, kind: &str, name: &str, status: Value) {
        let params = PatchParams { field_manager: Some(TEST_MANAGER.to_owned()), ..PatchParams::default() };
        let patched =
            self.api(kind).await.patch_status(name, &params, &Patch::Merge(&json!({ "status": status }))).await;
        patched.unwrap_or_else(|e| panic!("cannot set the status of {kind} {name}: {e}"));
    }

    /// Asks for deletion; does not wait for it.
    pub async fn delete(&self, kind: &str, name: &str) {
        let deleted = self.api(kind).await.delete(name, &DeleteParams::default()).await;
        deleted.unwrap_or_else(|e| panic!("cannot delete {kind} {name}: {e}"));
    }

    /// Waits until the object is gone.
    pub async fn gone(&self, kind: &str, name: &str) {
        self.follow(kind, name, "gone", |object| object.is_none()).await;
    }

    /// Waits until the object is ready at its newest generation.
    pub async fn ready(&self, kind: &str, name: &str) -> View {
        self.wait(kind, name, "ready", View::is_ready).await
    }

    /// Waits until the object is not ready for `reason`.
    pub async fn failed(&self, kind: &str, name: &str, reason: &str) -> View {
        self.wait(kind, name, reason, |object| object.failed_with(reason)).await
    }

    /// Waits until the object exists and `test` holds; `what` names it when it never does.
    pub async fn wait(&self, kind: &str, name: &str, what: &str, test: impl Fn(&View) -> bool) -> View {
        let found = self.follow(kind, name, what, |object| object.is_some_and(&test)).await;
        found.expect("the test held for an object")
    }

    async fn follow(&self, kind: &str, name: &str, what: &str, test: impl Fn(Option<&View>) -> bool) -> Option<View> {
        let mut states = Box::pin(watcher::watch_object(self.api(kind).await, name));
        let mut last = None;
        let waited = tokio::time::timeout(DEADLINE, async {
            loop {
                if let Some(Ok(state)) = states.next().await {
                    last = state.map(view);
                    if test(last.as_ref()) {
                        return;
                    }
                }
            }
        });
        if waited.await.is_err() {
            let state = last.as_ref().map_or_else(|| "it does not exist".to_owned(), View::summary);
            let namespace = &self.namespace;
            panic!(
                "{kind} {namespace}/{name}: not {what} after {DEADLINE:?}\n{state}\n{}",
                self.shown_events(name).await
            );
        }
        last
    }

    async fn shown_events(&self, name: &str) -> String {
        self.events(name).await.join("\n")
    }

    /// The events about the object called `name`, as `type reason: message`, oldest first.
    pub async fn events(&self, name: &str) -> Vec<String> {
        self.event_objects(name)
            .await
            .iter()
            .map(|e| format!("{} {}: {}", e.text("/type"), e.text("/reason"), e.text("/message")))
            .collect()
    }

    /// The events about the object called `name`, oldest first.
    pub async fn event_objects(&self, name: &str) -> Vec<View> {
        let fields = format!("involvedObject.name={name}");
        let listed = self.api("Event").await.list(&ListParams::default().fields(&fields)).await;
        let mut events: Vec<_> = listed.unwrap_or_else(|e| panic!("cannot list events: {e}")).items;
        events.sort_by_key(|event| event.creation_timestamp().map(|time| (time.0, event.name_any())));
        events.into_iter().map(view).collect()
    }

    /// Waits until an event about `name` satisfies `test`.
    pub async fn event(&self, name: &str, what: &str, test: impl Fn(&str) -> bool) -> String {
        let found = eventually(|| async { self.events(name).await.into_iter().find(|event| test(event)) }).await;
        let Some(found) = found else {
            panic!("no event {what} about {name}:\n{}", self.shown_events(name).await);
        };
        found
    }
}

/// Looks again and again until there is something, for what cannot be watched; `None` when there never is.
pub async fn eventually<T, F: Future<Output = Option<T>>>(look: impl Fn() -> F) -> Option<T> {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let found = look().await;
        if found.is_some() || Instant::now() > deadline {
            return found;
        }
        tokio::time::sleep(POLL).await;
    }
}

fn view(object: DynamicObject) -> View {
    View(serde_json::to_value(object).expect("an object is JSON"))
}

/// Kinds that tests name often; everything else is `Kind.group/version`.
fn gvk(kind: &str) -> GroupVersionKind {
    let (group, version) = match kind {
        "GitRepository" | "OCIRepository" | "HelmRepository" => ("source.toolkit.fluxcd.io", "v1"),
        "Kustomization" => ("kustomize.toolkit.fluxcd.io", "v1"),
        "HelmRelease" => ("helm.toolkit.fluxcd.io", "v2"),
        "Deployment" => ("apps", "v1"),
        "Job" => ("batch", "v1"),
        "Ingress" => ("networking.k8s.io", "v1"),
        "ClusterRole" | "ClusterRoleBinding" | "Role" | "RoleBinding" => ("rbac.authorization.k8s.io", "v1"),
        "CustomResourceDefinition" => ("apiextensions.k8s.io", "v1"),
        "HorizontalPodAutoscaler" => ("autoscaling", "v2"),
        _ => match kind.split_once('.') {
            Some((_, rest)) => rest.rsplit_once('/').expect("a kind is `Kind.group/version`"),
            None => ("", "v1"),
        },
    };
    GroupVersionKind::gvk(group, version, kind.split('.').next().unwrap_or(kind))
}

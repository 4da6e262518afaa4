//! What one test works with: a namespace, a repository, and the two objects that connect them.

use std::{
    ops::Deref,
    sync::atomic::{AtomicU64, Ordering},
};

use serde_json::{Value, json};
use weir_devenv::GitRepo;

use crate::{Cluster, Plane, View};

/// A namespace of its own with a Git repository of the same name.
pub struct Scope {
    cluster: Cluster,
    /// The repository that [`Scope::source`] points to.
    pub repo: GitRepo,
}

impl Deref for Scope {
    type Target = Cluster;

    fn deref(&self) -> &Cluster {
        &self.cluster
    }
}

impl Scope {
    /// Makes the namespace `name` and an empty repository.
    pub async fn new(plane: &Plane, name: &str) -> Self {
        let cluster = Cluster::new(plane.client(), name);
        cluster.apply(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})).await;
        Self { cluster, repo: plane.git.repo(name, None).expect("a repository is made") }
    }

    /// Writes files into the repository and commits them; returns the revision of `main`.
    pub fn commit<'a>(&self, files: impl IntoIterator<Item = (&'a str, String)>) -> String {
        for (path, text) in files {
            self.repo.write(path, text).expect("a file is written");
        }
        self.revision(self.repo.commit("change").expect("a commit is made"))
    }

    fn revision(&self, commit: String) -> String {
        format!("main@sha1:{commit}")
    }

    /// Removes files and commits; returns the revision of `main`.
    pub fn commit_without(&self, paths: &[&str]) -> String {
        for path in paths {
            self.repo.remove(path).expect("a file is removed");
        }
        self.revision(self.repo.commit("remove").expect("a commit is made"))
    }

    /// Applies the GitRepository `repo` for branch `main`; it polls hourly, so a test asks for each fetch.
    pub async fn source(&self) -> View {
        self.source_with("repo", json!({"ref": {"branch": "main"}})).await
    }

    /// Applies a GitRepository with more in its spec.
    pub async fn source_with(&self, name: &str, spec: Value) -> View {
        let base = json!({"interval": "1h", "url": self.repo.url()});
        self.apply(flux_object("source.toolkit.fluxcd.io/v1", "GitRepository", name, merged(base, spec))).await
    }

    /// Applies a Kustomization over `repo`, hourly, pruning, with more in its spec.
    pub async fn kustomization(&self, name: &str, spec: Value) -> View {
        self.apply(self.kustomization_object(name, spec)).await
    }

    /// What [`Scope::kustomization`] applies.
    #[must_use]
    pub fn kustomization_object(&self, name: &str, spec: Value) -> Value {
        let source = json!({"kind": "GitRepository", "name": "repo"});
        let base = json!({"interval": "1h", "retryInterval": "1h", "prune": true, "sourceRef": source});
        flux_object("kustomize.toolkit.fluxcd.io/v1", "Kustomization", name, merged(base, spec))
    }

    /// Asks for a reconcile of a Flux object, as `flux reconcile` does; returns the token.
    pub async fn request(&self, kind: &str, name: &str) -> String {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let token = format!("request-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let annotations = json!({"reconcile.fluxcd.io/requestedAt": token});
        self.edit(kind, name, "flux", json!({"metadata": {"annotations": annotations}})).await;
        token
    }

    /// Asks for a reconcile and waits until it has ended, well or not.
    pub async fn reconcile(&self, kind: &str, name: &str) -> View {
        let token = self.request(kind, name).await;
        self.wait(kind, name, "answering the request", |o| o.text("/status/lastHandledReconcileAt") == token).await
    }

    /// Waits until the Kustomization has applied `revision`.
    pub async fn applied(&self, name: &str, revision: &str) -> View {
        let has = |o: &View| o.is_ready() && o.text("/status/lastAppliedRevision") == revision;
        self.wait("Kustomization", name, revision, has).await
    }

    /// Commits files, lets the source fetch them, and waits until the Kustomization has applied them.
    pub async fn push<'a>(&self, name: &str, files: impl IntoIterator<Item = (&'a str, String)>) -> View {
        let revision = self.commit(files);
        self.request("GitRepository", "repo").await;
        self.applied(name, &revision).await
    }

    /// As [`Scope::push`], but the Kustomization fails with `reason` on the new revision.
    pub async fn push_failing<'a>(
        &self,
        name: &str,
        reason: &str,
        files: impl IntoIterator<Item = (&'a str, String)>,
    ) -> View {
        let revision = self.commit(files);
        self.request("GitRepository", "repo").await;
        let failed = |o: &View| o.failed_with(reason) && o.text("/status/lastAttemptedRevision") == revision;
        self.wait("Kustomization", name, reason, failed).await
    }
}

fn flux_object(api_version: &str, kind: &str, name: &str, spec: Value) -> Value {
    json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, "spec": spec})
}

fn merged(mut base: Value, more: Value) -> Value {
    if let (Some(base), Value::Object(more)) = (base.as_object_mut(), more) {
        base.extend(more);
    }
    base
}

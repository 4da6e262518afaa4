//! Fleets of any size, for tests and benchmarks: one repository, one Kustomization for each of its folders.

use serde_json::{Value, json};
use weir_devenv::GitRepo;

/// The name of the application number `index`, and of its folder below `apps`.
#[must_use]
pub fn app_name(index: usize) -> String {
    format!("app-{index:03}")
}

/// Writes an application of four objects, as a team would: account, settings, workload and service.
///
/// # Panics
/// When a file cannot be written.
pub fn write_app(repo: &GitRepo, index: usize, setting: &str) {
    let name = app_name(index);
    let write = |file: &str, text: String| repo.write(&format!("apps/{name}/{file}"), text).expect("a file is written");
    write("account.yaml", format!("apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: {name}\n"));
    write("settings.yaml", config_map(&name, setting));
    write("service.yaml", service(&name));
    write("deployment.yaml", deployment(&name));
}

/// A ConfigMap with one key.
#[must_use]
pub fn config_map(name: &str, value: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  value: {value:?}\n")
}

fn service(name: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\nspec:\n  selector:\n    app: {name}\n  ports:\n    - name: http\n      port: 80\n      targetPort: http\n"
    )
}

/// A Deployment of one pod.
#[must_use]
pub fn deployment(name: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n  replicas: 1\n  selector:\n    matchLabels:\n      app: {name}\n  template:\n    metadata:\n      labels:\n        app: {name}\n    spec:\n      containers:\n        - name: app\n          image: example.com/app:1.0.0\n          ports:\n            - name: http\n              containerPort: 8080\n"
    )
}

/// The GitRepository `fleet` over `repo`, on branch `main`.
#[must_use]
pub fn source(repo: &GitRepo, interval: &str) -> Value {
    json!({
        "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "fleet"},
        "spec": {"interval": interval, "url": repo.url(), "ref": {"branch": "main"}},
    })
}

/// The Kustomization of application `index` over the source `fleet`.
#[must_use]
pub fn kustomization(index: usize, interval: &str) -> Value {
    let name = app_name(index);
    json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": name},
        "spec": {
            "interval": interval, "retryInterval": "2s", "prune": true, "path": format!("./apps/{name}"),
            "sourceRef": {"kind": "GitRepository", "name": "fleet"},
        },
    })
}

//! One control plane for all tests of a binary.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Patch, PatchParams, PostParams};
use kube::runtime::wait::conditions::is_crd_established;
use kube::{Api, Client, Config};
use serde_json::json;
use tokio::sync::OnceCell;
use weir_devenv::{ControlPlane, Options};

use crate::wait_for;

/// A cluster with weir's CRDs. Each test works in namespaces of its own.
#[derive(Clone)]
pub struct TestCluster {
    config: Config,
    kubeconfig: PathBuf,
    client: Client,
}

impl TestCluster {
    /// The cluster that all tests of this binary share, started by the first; it ends with the process.
    pub async fn shared() -> Self {
        static SHARED: OnceCell<ControlPlane> = OnceCell::const_new();
        let start = || async {
            let plane = ControlPlane::start(Options::default()).await.expect("the control plane starts");
            install_crds(&plane.client().unwrap()).await;
            plane
        };
        Self::of(SHARED.get_or_init(start).await)
    }

    fn of(plane: &ControlPlane) -> Self {
        // A client belongs to a runtime, and each test has its own.
        let client = plane.client().expect("a client for the control plane");
        Self { config: plane.config(), kubeconfig: plane.kubeconfig().to_owned(), client }
    }

    /// A client with the administrator's rights.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The administrator's configuration.
    #[must_use]
    pub fn config(&self) -> Config {
        self.config.clone()
    }

    /// The administrator's kubeconfig, for programs.
    #[must_use]
    pub fn kubeconfig(&self) -> PathBuf {
        self.kubeconfig.clone()
    }

    /// Makes a namespace whose name starts with `prefix` and that nobody else uses; returns its name.
    pub async fn namespace(&self, prefix: &str) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let name = format!("{prefix}-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let namespace = serde_json::from_value(json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name},
        }));
        let api = Api::<Namespace>::all(self.client());
        let created = api.create(&PostParams::default(), &namespace.unwrap()).await;
        created.unwrap_or_else(|error| panic!("namespace `{name}`: {error}"));
        name
    }
}

/// Applies weir's CRDs and waits until they are served.
pub async fn install_crds(client: &Client) {
    let api = Api::<CustomResourceDefinition>::all(client.clone());
    let params = PatchParams::apply("flux").force();
    let crds = weir_api::crds();
    for crd in &crds {
        let name = crd.metadata.name.as_deref().unwrap();
        let applied = api.patch(name, &params, &Patch::Apply(crd)).await;
        applied.unwrap_or_else(|error| panic!("CRD `{name}`: {error}"));
    }
    for crd in &crds {
        let name = crd.metadata.name.as_deref().unwrap();
        wait_for(&api, name, is_crd_established()).await;
    }
}

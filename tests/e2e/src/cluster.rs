//! Control planes that many tests share.

use std::{future::Future, sync::LazyLock};

use kube::Client;
use tokio::{runtime::Runtime, sync::OnceCell, task::JoinHandle};
use weir_devenv::{ControlPlane, GitServer, Options};

use crate::{Engine, config};

/// What is shared lives here: the runtime of a test ends with the test.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("threads can be started"));

/// A control plane that knows Flux's kinds, and a Git server.
pub struct Plane {
    /// The control plane.
    pub control: ControlPlane,
    /// The Git server.
    pub git: GitServer,
}

impl Plane {
    /// Starts a control plane of its own; with `pods`, workloads become ready.
    ///
    /// It lives as long as the value, and its Git server on the runtime of all that is shared.
    pub async fn start(pods: bool) -> Self {
        on_shared(async move {
            let control =
                ControlPlane::start(Options { pods, ..Options::default() }).await.expect("a control plane starts");
            weir_testkit::install_crds(&control.client().expect("a client is made")).await;
            Self { control, git: GitServer::start(None).await.expect("a Git server starts") }
        })
        .await
    }

    /// A client for the current runtime.
    ///
    /// # Panics
    /// When the configuration makes no client.
    #[must_use]
    pub fn client(&self) -> Client {
        self.control.client().expect("a client is made")
    }

    /// Starts an engine over this control plane, with everything as in [`config`].
    pub async fn engine(&self) -> Engine {
        Engine::start(config(self.control.kubeconfig())).await
    }
}

/// Runs a future on the runtime that outlives every test.
pub(crate) async fn on_shared<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    spawn_shared(future).await.expect("the shared set-up does not panic")
}

pub(crate) fn spawn_shared<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    RUNTIME.spawn(future)
}

/// The control plane of all tests, with pods, and the engine that serves all its namespaces.
pub async fn shared() -> (&'static Plane, &'static Engine) {
    static SHARED: OnceCell<(Plane, Engine)> = OnceCell::const_new();
    let (plane, engine) = SHARED
        .get_or_init(|| async {
            let plane = Plane::start(true).await;
            let engine = plane.engine().await;
            (plane, engine)
        })
        .await;
    (plane, engine)
}

/// A control plane without pods and without an engine: tests start their own, each for its namespace.
pub async fn quiet() -> &'static Plane {
    static QUIET: OnceCell<Plane> = OnceCell::const_new();
    QUIET.get_or_init(|| Plane::start(false)).await
}

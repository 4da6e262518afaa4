//! What an operator may set; `weir run` fills it from flags.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use weir_apply::CONCURRENCY;
use weir_core::{
    interval::{JITTER_PERCENT, MAX_RETRY_DELAY, MIN_RETRY_DELAY, REQUEUE_DEPENDENCY},
    mirror::Mirrors,
};
use weir_store::{RETENTION_RECORDS, RETENTION_TTL};

/// Flux's default of `--watch-configs-label-selector`.
pub const WATCH_CONFIGS: &str = "reconcile.fluxcd.io/watch=Enabled";

/// Settings of the engine, with Flux's names and defaults where Flux has them.
#[derive(Clone, Debug)]
pub struct Config {
    /// How to reach the API server; in-cluster or `$KUBECONFIG` when absent.
    pub kubeconfig: Option<PathBuf>,
    /// Watches one namespace only (Flux's `--watch-all-namespaces=false`).
    pub namespace: Option<String>,
    /// Flux's `--watch-label-selector`: only objects with these labels are handled.
    pub watch_label_selector: Option<String>,
    /// Flux's `--watch-configs-label-selector`: ConfigMaps and Secrets whose change wakes who reads them.
    pub watch_configs_label_selector: String,
    /// Artifacts, and plugin scratch space beside them.
    pub storage_path: PathBuf,
    /// Where artifacts are served.
    pub storage_addr: SocketAddr,
    /// Host (and port) that artifact URLs name; that of `storage_addr` when absent.
    pub storage_adv_addr: Option<String>,
    /// `/metrics`.
    pub metrics_addr: Option<SocketAddr>,
    /// `/healthz` and `/readyz`.
    pub health_addr: Option<SocketAddr>,
    /// Reconciles that run at the same time; a health wait does not count.
    pub concurrent: usize,
    /// Compiled plugin code.
    pub cache_dir: PathBuf,
    /// OCI layout directory with the plugins that travel with weir.
    pub plugins_dir: PathBuf,
    /// References that override a plugin of the layout: name and `oci://…` reference.
    pub plugin_overrides: Vec<(String, String)>,
    /// Where sources and plugins are really fetched from.
    pub mirrors: Mirrors,
    /// Flux's `--no-remote-bases`.
    pub no_remote_bases: bool,
    /// References of functions that builds may call; none unless set.
    pub allowed_functions: Vec<String>,
    /// kustomize's `--enable-helm`: charts in kustomizations are rendered, and pulled unless `no_remote_bases` is set.
    pub enable_helm: bool,
    /// Flux's `--no-cross-namespace-refs`.
    pub no_cross_namespace_refs: bool,
    /// Flux's `--default-service-account`.
    pub default_service_account: Option<String>,
    /// Applies a fleet's own Flux like everything else.
    pub apply_flux_components: bool,
    /// Flux's `--override-manager`: field managers beside kubectl whose fields are taken over.
    pub override_managers: Vec<String>,
    /// Flux's `--custom-apply-stage-kinds`: kinds, as `group/Kind`, that are applied before the rest.
    pub custom_apply_stage_kinds: Vec<String>,
    /// Flux's `--concurrent-ssa`.
    pub concurrent_ssa: usize,
    /// Flux's `--artifact-retention-records`.
    pub artifact_retention_records: usize,
    /// Flux's `--artifact-retention-ttl`.
    pub artifact_retention_ttl: Duration,
    /// Flux's `--requeue-dependency`.
    pub requeue_dependency: Duration,
    /// Flux's `--min-retry-delay`.
    pub min_retry_delay: Duration,
    /// Flux's `--max-retry-delay`.
    pub max_retry_delay: Duration,
    /// Flux's `--interval-jitter-percentage`.
    pub interval_jitter_percentage: u8,
    /// Time for running reconciles to end after a stop was asked for.
    pub graceful_shutdown_timeout: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            kubeconfig: None,
            namespace: None,
            watch_label_selector: None,
            watch_configs_label_selector: WATCH_CONFIGS.into(),
            storage_path: "/data".into(),
            storage_addr: SocketAddr::from(([0, 0, 0, 0], 9090)),
            storage_adv_addr: None,
            metrics_addr: Some(SocketAddr::from(([0, 0, 0, 0], 8080))),
            health_addr: Some(SocketAddr::from(([0, 0, 0, 0], 9440))),
            concurrent: 8,
            cache_dir: "/data/cache".into(),
            plugins_dir: "/plugins".into(),
            plugin_overrides: vec![],
            mirrors: Mirrors::default(),
            no_remote_bases: false,
            allowed_functions: vec![],
            enable_helm: false,
            no_cross_namespace_refs: false,
            default_service_account: None,
            apply_flux_components: false,
            override_managers: vec![],
            custom_apply_stage_kinds: vec![],
            concurrent_ssa: CONCURRENCY,
            artifact_retention_records: RETENTION_RECORDS,
            artifact_retention_ttl: RETENTION_TTL,
            requeue_dependency: REQUEUE_DEPENDENCY,
            min_retry_delay: MIN_RETRY_DELAY,
            max_retry_delay: MAX_RETRY_DELAY,
            interval_jitter_percentage: JITTER_PERCENT,
            graceful_shutdown_timeout: Duration::from_secs(30),
        }
    }
}

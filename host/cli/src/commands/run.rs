//! `weir run`: the engine, until it is told to stop.

use std::time::Duration;

use anyhow::Result;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use weir_core::Mirrors;
use weir_daemon::Config;
use weir_daemon::telemetry::{self, Encoding};

use crate::args::{Global, LogEncoding, Run};
use crate::plugins;

pub(crate) async fn run(global: &Global, run: Run) -> Result<()> {
    let encoding = match run.log_encoding {
        LogEncoding::Json => Encoding::Json,
        LogEncoding::Console => Encoding::Console,
    };
    telemetry::init(&run.log_level, encoding);
    let stop = stop_on_signal()?;
    weir_daemon::run(config(global, run)?, stop).await
}

fn config(global: &Global, run: Run) -> Result<Config> {
    Ok(Config {
        kubeconfig: global.kubeconfig.clone(),
        namespace: run.watch_namespace,
        storage_path: run.storage_path,
        storage_addr: run.storage_addr,
        storage_adv_addr: run.storage_adv_addr,
        metrics_addr: Some(run.metrics_addr),
        health_addr: Some(run.health_addr),
        concurrent: run.concurrent,
        cache_dir: run.cache_dir,
        plugins_dir: plugins::layout_dir(run.plugins_dir.as_deref())?,
        plugin_overrides: run.plugin_overrides,
        mirrors: Mirrors::new(run.mirrors),
        no_remote_bases: run.no_remote_bases,
        allowed_functions: run.allowed_functions,
        enable_helm: run.enable_helm,
        no_cross_namespace_refs: run.no_cross_namespace_refs,
        default_service_account: run.default_service_account,
        apply_flux_components: run.apply_flux_components,
        override_managers: run.override_managers,
        custom_apply_stage_kinds: run.custom_apply_stage_kinds,
        concurrent_ssa: run.concurrent_ssa,
        artifact_retention_records: run.artifact_retention_records,
        artifact_retention_ttl: run.artifact_retention_ttl.0,
        min_retry_delay: run.min_retry_delay.0,
        max_retry_delay: run.max_retry_delay.0,
        interval_jitter_percentage: run.interval_jitter_percentage,
        requeue_dependency: Duration::from(run.requeue_dependency),
        ..Config::default()
    })
}

/// Cancelled by SIGTERM, which Kubernetes sends, and by ctrl-c.
pub(crate) fn stop_on_signal() -> Result<CancellationToken> {
    let stop = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let told = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        told.cancel();
    });
    Ok(stop)
}

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
        watch_label_selector: run.watch_label_selector,
        watch_configs_label_selector: run.watch_configs_label_selector,
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::Parser as _;

    use super::*;
    use crate::args::{Args, Command};

    fn parse(line: &str, layout: &Path) -> Result<Config, String> {
        let words = ["weir", "run", "--plugins-dir"].into_iter().map(str::to_owned);
        let words = words.chain([layout.display().to_string()]).chain(line.split_whitespace().map(str::to_owned));
        let args = Args::try_parse_from(words).map_err(|error| error.to_string())?;
        let Command::Run(run) = args.command else { panic!("`run` is parsed as another verb") };
        config(&args.global, *run).map_err(|error| error.to_string())
    }

    fn layout() -> tempfile::TempDir {
        let layout = tempfile::tempdir().unwrap();
        std::fs::write(layout.path().join("index.json"), "{}").unwrap();
        layout
    }

    #[test]
    fn defaults_are_those_of_the_engine() {
        let layout = layout();
        let parsed = parse("", layout.path()).unwrap();
        let kubeconfig = parsed.kubeconfig.clone();
        let expected = Config { plugins_dir: layout.path().to_owned(), kubeconfig, ..Config::default() };
        assert_eq!(format!("{parsed:?}"), format!("{expected:?}"));
    }

    #[test]
    fn every_flag_reaches_the_engine() {
        let layout = layout();
        let line = "--kubeconfig /k --watch-namespace ns --watch-label-selector a=b --watch-configs-label-selector c=d \
                    --storage-path /s --storage-addr 127.0.0.1:1 --storage-adv-addr host --metrics-addr 127.0.0.1:2 \
                    --health-addr 127.0.0.1:3 --concurrent 5 --cache-dir /c --plugin git=oci://r.example.com/git:1 \
                    --mirror https://a.example.com/=https://b.example.com/ --no-remote-bases --allow-function oci://f/* \
                    --enable-helm --no-cross-namespace-refs --default-service-account sa --apply-flux-components \
                    --override-manager m --override-manager n --custom-apply-stage-kinds x/A,y/B --concurrent-ssa 6 \
                    --artifact-retention-records 7 --artifact-retention-ttl 8s --min-retry-delay 9s \
                    --max-retry-delay 10s --interval-jitter-percentage 11 --requeue-dependency 12s";
        let parsed = parse(line, layout.path()).unwrap();
        let expected = Config {
            kubeconfig: Some("/k".into()),
            namespace: Some("ns".into()),
            watch_label_selector: Some("a=b".into()),
            watch_configs_label_selector: "c=d".into(),
            storage_path: "/s".into(),
            storage_addr: "127.0.0.1:1".parse().unwrap(),
            storage_adv_addr: Some("host".into()),
            metrics_addr: Some("127.0.0.1:2".parse().unwrap()),
            health_addr: Some("127.0.0.1:3".parse().unwrap()),
            concurrent: 5,
            cache_dir: "/c".into(),
            plugins_dir: layout.path().to_owned(),
            plugin_overrides: vec![("git".into(), "oci://r.example.com/git:1".into())],
            mirrors: Mirrors::new(vec!["https://a.example.com/=https://b.example.com/".parse().unwrap()]),
            no_remote_bases: true,
            allowed_functions: vec!["oci://f/*".into()],
            enable_helm: true,
            no_cross_namespace_refs: true,
            default_service_account: Some("sa".into()),
            apply_flux_components: true,
            override_managers: vec!["m".into(), "n".into()],
            custom_apply_stage_kinds: vec!["x/A".into(), "y/B".into()],
            concurrent_ssa: 6,
            artifact_retention_records: 7,
            artifact_retention_ttl: Duration::from_secs(8),
            min_retry_delay: Duration::from_secs(9),
            max_retry_delay: Duration::from_secs(10),
            interval_jitter_percentage: 11,
            requeue_dependency: Duration::from_secs(12),
            graceful_shutdown_timeout: Config::default().graceful_shutdown_timeout,
        };
        assert_eq!(format!("{parsed:?}"), format!("{expected:?}"));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let layout = layout();
        for (line, part) in [
            ("--concurrent many", "--concurrent"),
            ("--min-retry-delay 5", "--min-retry-delay"),
            ("--mirror https://a.example.com/", "--mirror"),
            ("--storage-addr nowhere", "--storage-addr"),
            ("--plugin git", "--plugin"),
        ] {
            let error = parse(line, layout.path()).unwrap_err();
            assert!(error.contains(part), "{line}: {error}");
        }
    }
}

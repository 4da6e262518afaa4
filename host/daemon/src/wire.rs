//! Builds every part and connects them: watches fill indexes and triggers, the scheduler calls the engine, drift comes back.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, anyhow};
use futures::{FutureExt, future::BoxFuture};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::{
    Api, Client, Resource, ResourceExt,
    api::DynamicObject,
    core::{ApiResource, NamespaceResourceScope},
    runtime::watcher,
};
use serde::de::DeserializeOwned;
use tokio::{net::TcpListener, sync::mpsc};
use tokio_util::sync::CancellationToken;
use weir_api::{GitRepository, Kustomization};
use weir_apply::Applier;
use weir_core::{Cause, ObjectKey};
use weir_engine::{AccessRules, Engine, Index, Indexed, Indexes, Settings, edges};
use weir_schedule::{Change, Handle, Scheduler, watch};
use weir_store::{Retention, Store, StoreConfig};

use crate::{
    Config, client, configs,
    http::{self, Readiness},
    metrics::Metrics,
    plugins,
    shard::{Members, Part, Shard},
};

/// From a drift to its correction; several drifts of one Kustomization meet in it.
const DRIFT_DELAY: Duration = Duration::from_millis(200);
/// Kinds whose first list makes the process ready.
const WATCHED_KINDS: usize = 2;

/// Runs until `stop` is cancelled, then lets running reconciles end.
///
/// # Errors
/// When something that is needed to start is missing: the API server, a plugin, an address, the storage.
pub async fn run(config: Config, stop: CancellationToken) -> Result<()> {
    let shard = Shard::new(config.watch_label_selector.as_deref())?;
    let configs = config.watch_configs_label_selector.clone();
    weir_apply::parse_labels(&configs)
        .map_err(|error| anyhow!("cannot read `--watch-configs-label-selector`: {error}"))?;
    let metrics = Arc::new(Metrics::new());
    let client = client::connect(config.kubeconfig.as_deref(), metrics.requests()).await?;
    let listener = TcpListener::bind(config.storage_addr)
        .await
        .with_context(|| format!("cannot listen on: {}", config.storage_addr))?;
    let store = open_store(&config, listener.local_addr()?).await?;
    let ready = Readiness::default();
    serve(&config, &store, listener, &metrics, &ready, &stop).await?;

    let plugins = plugins::load(&config).await?;
    let (drift, drifts) = mpsc::unbounded_channel();
    let applier = Applier::new(client.clone(), apply_config(&config, drift));
    let indexes = Arc::new(Indexes::default());
    let engine = Engine::new(client.clone(), applier.clone(), store, plugins, indexes.clone(), settings(&config));
    let (handle, scheduler) = Scheduler::new(Arc::new(engine), schedule_config(&config, metrics));

    let scheduler = tokio::spawn(scheduler);
    let drifts = tokio::spawn(forward_drift(drifts, handle.clone(), indexes.clone(), shard.clone()));
    let watched = Watched { namespace: config.namespace.clone(), shard, configs };
    let watches = tokio::spawn(watch_all(client, watched, indexes, handle.clone(), ready, applier));
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "weir is running");
    stop.cancelled().await;
    tracing::info!("stopping: running reconciles may end");
    watches.abort();
    drifts.abort();
    handle.shutdown();
    scheduler.await.map_err(|e| anyhow!("the scheduler ended abnormally: {e}"))
}

async fn open_store(config: &Config, bound: SocketAddr) -> Result<Store> {
    let host = config.storage_adv_addr.clone().unwrap_or_else(|| bound.to_string());
    let retention = Retention { records: config.artifact_retention_records, ttl: config.artifact_retention_ttl };
    let settings = StoreConfig { retention, ..StoreConfig::new(config.storage_path.clone(), host) };
    let path = config.storage_path.display().to_string();
    let opened = tokio::task::spawn_blocking(move || Store::open(settings)).await?;
    opened.with_context(|| format!("cannot open the artifact storage: {path}"))
}

async fn serve(
    config: &Config,
    store: &Store,
    listener: TcpListener,
    metrics: &Arc<Metrics>,
    ready: &Readiness,
    stop: &CancellationToken,
) -> Result<()> {
    tokio::spawn(weir_store::serve(store.clone(), listener, stop.clone().cancelled_owned()));
    if let Some(addr) = config.metrics_addr {
        http::serve_metrics(addr, metrics.clone(), stop.clone()).await?;
    }
    if let Some(addr) = config.health_addr {
        http::serve_health(addr, ready.clone(), stop.clone()).await?;
    }
    Ok(())
}

fn settings(config: &Config) -> Settings {
    Settings {
        access: AccessRules {
            no_cross_namespace_refs: config.no_cross_namespace_refs,
            default_service_account: config.default_service_account.clone(),
        },
        mirrors: config.mirrors.clone(),
        apply_flux_components: config.apply_flux_components,
        requeue_dependency: config.requeue_dependency,
    }
}

fn apply_config(config: &Config, drift: mpsc::UnboundedSender<weir_apply::Drift>) -> weir_apply::Config {
    weir_apply::Config {
        overridden: config.override_managers.clone(),
        stage_kinds: config.custom_apply_stage_kinds.clone(),
        concurrency: config.concurrent_ssa.max(1),
        drift: Some(drift),
        ..weir_apply::Config::default()
    }
}

fn schedule_config(config: &Config, metrics: Arc<Metrics>) -> weir_schedule::Config {
    weir_schedule::Config {
        concurrent: config.concurrent,
        jitter_percent: config.interval_jitter_percentage,
        min_retry: config.min_retry_delay,
        max_retry: config.max_retry_delay,
        stop_limit: config.graceful_shutdown_timeout,
        observer: metrics,
        ..weir_schedule::Config::default()
    }
}

/// What is watched, and what of it is handled here.
struct Watched {
    namespace: Option<String>,
    shard: Shard,
    /// Labels of the ConfigMaps and Secrets that wake their readers.
    configs: String,
}

/// Watches every kind that is served. Sources come first: a Kustomization that is seen before its source waits for nothing.
async fn watch_all(
    client: Client,
    Watched { namespace, shard, configs: labels }: Watched,
    indexes: Arc<Indexes>,
    handle: Handle,
    ready: Readiness,
    applier: Applier,
) {
    let (synced, mut synced_kinds) = mpsc::channel(WATCHED_KINDS);
    let sources = {
        let (indexes, handle, synced) = (indexes.clone(), handle.clone(), synced.clone());
        let mut share = Share { shard: shard.clone(), members: Members::default() };
        watch_kind::<GitRepository>(&client, namespace.as_deref(), move |change| {
            // Those of others too: ours use their artifacts.
            on_change(
                change,
                &indexes.git_repositories,
                &handle,
                &synced,
                &mut share,
                |_: &GitRepository, key, handle, _| {
                    // The newest state, not a late echo of an older one.
                    let Some(object) = indexes.git_repositories.get(key) else { return };
                    match object.status.as_ref().and_then(|s| s.artifact.as_ref()) {
                        Some(artifact) => handle.artifact(key, artifact),
                        None => handle.no_artifact(key),
                    }
                },
            );
        })
    };
    let config_maps = configs::watch::<ConfigMap>(
        client.clone(),
        namespace.clone(),
        labels.clone(),
        shard.clone(),
        indexes.clone(),
        handle.clone(),
    );
    let secrets = configs::watch::<Secret>(
        client.clone(),
        namespace.clone(),
        labels,
        shard.clone(),
        indexes.clone(),
        handle.clone(),
    );
    let mut share = Share { shard, members: Members::default() };
    let kustomizations = watch_kind::<Kustomization>(&client, namespace.as_deref(), move |change| {
        on_change(
            change,
            &indexes.kustomizations,
            &handle,
            &synced,
            &mut share,
            |object: &Kustomization, key, handle, is_ours| {
                if !is_ours {
                    return;
                }
                let (source, depends_on) = edges(object);
                handle.set_edges(key, [source], depends_on);
                // After a start, the ledger is full before the first comparison.
                if let Some(inventory) = object.status.as_ref().and_then(|s| s.inventory.as_ref()) {
                    applier.track(&inventory.entries);
                }
            },
        );
    });
    let readiness = async move {
        for _ in 0..WATCHED_KINDS {
            synced_kinds.recv().await;
        }
        ready.set();
        std::future::pending::<()>().await;
    };
    futures::join!(sources, kustomizations, config_maps, secrets, readiness);
}

fn watch_kind<K>(
    client: &Client,
    namespace: Option<&str>,
    on_change: impl FnMut(Change<K>) + Send + 'static,
) -> BoxFuture<'static, ()>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + DeserializeOwned + Send + Sync + 'static,
{
    let resource = ApiResource::erase::<K>(&());
    let api: Api<DynamicObject> = match namespace {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, &resource),
        None => Api::all_with(client.clone(), &resource),
    };
    let kind = resource.kind.clone();
    let parse = |object: DynamicObject| object.try_parse::<K>();
    async move { watch::watch(&kind, api, watcher::Config::default(), parse, on_change).await }.boxed()
}

/// The objects of one kind that are handled here.
struct Share {
    shard: Shard,
    members: Members,
}

/// Index first, then what depends on the object, then the queue: whoever runs sees what woke it. `connect` is told whether
/// the object is handled here.
fn on_change<T: Indexed + ResourceExt>(
    change: Change<T>,
    index: &Index<T>,
    handle: &Handle,
    synced: &mpsc::Sender<()>,
    share: &mut Share,
    connect: impl FnOnce(&T, &ObjectKey, &Handle, bool),
) {
    match change {
        Change::Seen { key, cause, object, .. } => {
            let part = share.members.seen(&key, share.shard.has(object.labels()), cause);
            index.put(object.clone());
            if part == Part::Left {
                handle.forget(key.clone());
            }
            connect(&object, &key, handle, matches!(part, Part::Ours(_)));
            if let Part::Ours(Some(cause)) = part {
                handle.enqueue(key, cause);
            }
        }
        Change::Gone { key } => {
            index.remove(&key);
            share.members.gone(&key);
            handle.forget(key);
        }
        // A full channel means that readiness has long been reached.
        Change::Synced => drop(synced.try_send(())),
    }
}

async fn forward_drift(
    mut drifts: mpsc::UnboundedReceiver<weir_apply::Drift>,
    handle: Handle,
    indexes: Arc<Indexes>,
    shard: Shard,
) {
    while let Some(drift) = drifts.recv().await {
        let key = ObjectKey::new("Kustomization", drift.owner.namespace, drift.owner.name);
        // What was applied here may meanwhile be another process's to correct.
        if !indexes.kustomizations.get(&key).is_some_and(|owner| shard.has(owner.labels())) {
            continue;
        }
        tracing::info!(object = %key, drifted = %drift.object, "drift detected");
        // Another controller that fights back must not keep a worker busy.
        handle.enqueue_after(key, Cause::Drift, DRIFT_DELAY);
    }
}

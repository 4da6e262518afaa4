//! kill -9 at random moments while everything changes: nothing is lost, orphaned or deleted by mistake.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures::{StreamExt, TryStreamExt};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{Api, ResourceExt, api::WatchParams, core::WatchEvent};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use weir_e2e::{
    Plane, Scope, WeirProcess,
    fleet::{app_name, config_map, kustomization, source},
};

/// Kustomizations that change.
const APPS: usize = 100;
/// How often the process is killed; `WEIR_CRASH_KILLS` overrides it for a quick run.
const KILLS: usize = 50;
/// Longest life of a process, in milliseconds: from before it watches to after everything is applied.
const LONGEST_LIFE: u64 = 4000;
/// Applications that change between two kills.
const CHANGES: usize = 20;

/// What Git has: for each application, the value of its settings and whether its second object exists.
struct Wanted {
    random: StdRng,
    apps: Vec<(u64, bool)>,
}

impl Wanted {
    fn write(&self, t: &Scope, index: usize) {
        let (value, extra) = self.apps[index];
        let name = app_name(index);
        t.repo.write(&format!("apps/{name}/settings.yaml"), config_map(&name, &value.to_string())).unwrap();
        let path = format!("apps/{name}/extra.yaml");
        match extra {
            true => t.repo.write(&path, config_map(&format!("{name}-extra"), &value.to_string())).unwrap(),
            // It may not have been there.
            false => drop(t.repo.remove(&path)),
        }
    }

    fn change(&mut self, t: &Scope) {
        for _ in 0..CHANGES {
            let index = self.random.random_range(0..APPS);
            self.apps[index] = (self.random.random(), self.random.random());
            self.write(t, index);
        }
    }

    /// Every ConfigMap that the cluster shall have, and its value.
    fn objects(&self) -> BTreeMap<String, String> {
        let maps = self.apps.iter().enumerate().flat_map(|(index, (value, extra))| {
            let extra = extra.then(|| (format!("{}-extra", app_name(index)), value.to_string()));
            [(app_name(index), value.to_string())].into_iter().chain(extra)
        });
        maps.collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_lose_nothing() {
    let kills = std::env::var("WEIR_CRASH_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS);
    let seed = std::env::var("WEIR_CRASH_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| rand::rng().random());
    println!("{kills} kills, `WEIR_CRASH_SEED={seed}`");
    let plane = Plane::start(false).await;
    let t = Scope::new(&plane, "crash").await;
    let mut wanted = Wanted { random: StdRng::seed_from_u64(seed), apps: vec![(0, true); APPS] };
    (0..APPS).for_each(|index| wanted.write(&t, index));
    t.commit([]);
    t.apply(source(&t.repo, "1s")).await;
    for index in 0..APPS {
        let mut object = kustomization(index, "10s");
        object["spec"]["targetNamespace"] = json!("crash");
        t.apply(object).await;
    }
    let stop = CancellationToken::new();
    let deleted = tokio::spawn(deletions(Api::namespaced(plane.client(), "crash"), stop.clone()));

    let folder = tempfile::tempdir().unwrap();
    let start = || WeirProcess::spawn(plane.control.kubeconfig(), folder.path(), &[]);
    let mut process = start();
    for _ in 0..kills {
        wanted.change(&t);
        t.commit([]);
        let life = wanted.random.random_range(0..LONGEST_LIFE);
        tokio::time::sleep(Duration::from_millis(life)).await;
        process.kill();
        process = start();
    }
    wanted.change(&t);
    let revision = t.commit([]);
    for index in 0..APPS {
        t.applied(&app_name(index), &revision).await;
    }
    assert_equal_to_git(&t, &wanted).await;

    stop.cancel();
    let always: BTreeSet<String> = (0..APPS).map(app_name).collect();
    let lost: Vec<String> = deleted.await.unwrap().into_iter().filter(|name| always.contains(name)).collect();
    assert_eq!(lost, Vec::<String>::new(), "deleted although Git always had them");
    drop(process);
}

async fn assert_equal_to_git(t: &Scope, wanted: &Wanted) {
    let maps = t.list("ConfigMap", "kustomize.toolkit.fluxcd.io/namespace=crash").await;
    let found: BTreeMap<String, String> =
        maps.iter().map(|map| (map.text("/metadata/name").to_owned(), map.text("/data/value").to_owned())).collect();
    assert_eq!(found, wanted.objects());
    let mut owned: Vec<String> = vec![];
    for object in t.list("Kustomization", "").await {
        owned.extend(object.inventory().iter().map(|id| (*id).to_owned()));
    }
    owned.sort();
    let mut expected: Vec<String> = wanted.objects().keys().map(|name| format!("crash_{name}__ConfigMap")).collect();
    expected.sort();
    assert_eq!(owned, expected, "every object is in exactly one inventory");
}

/// The names of all ConfigMaps that were deleted, until stopped.
async fn deletions(api: Api<ConfigMap>, stop: CancellationToken) -> Vec<String> {
    let deleted = parking_lot::Mutex::new(vec![]);
    let mut version = api.list(&Default::default()).await.unwrap().metadata.resource_version.unwrap_or_default();
    let follow = async {
        loop {
            let events = api.watch(&WatchParams::default().timeout(290), &version).await.unwrap();
            let mut events = events.boxed();
            while let Some(event) = events.try_next().await.unwrap() {
                let (WatchEvent::Added(map) | WatchEvent::Modified(map) | WatchEvent::Deleted(map)) = &event else {
                    continue;
                };
                version = map.resource_version().unwrap_or_default();
                if matches!(event, WatchEvent::Deleted(_)) {
                    deleted.lock().push(map.name_any());
                }
            }
        }
    };
    tokio::select! {
        () = follow => unreachable!("a watch is opened again when it ends"),
        () = stop.cancelled() => {}
    }
    deleted.lock().clone()
}

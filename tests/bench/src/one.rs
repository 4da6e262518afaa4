//! What one Kustomization costs: from nothing to Ready, and with nothing to do.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;
use weir_e2e::{Cluster, Plane, Request, RequestLog, Scope, WeirProcess, fleet};

use crate::report::{Report, say, time};

/// Kustomizations over which CPU time is averaged: the kernel counts it in hundredths of a second.
const SAMPLE: usize = 50;
/// How long nothing is to be done.
const QUIET: Duration = Duration::from_secs(20);

pub(crate) async fn measure(report: &mut Report) -> Result<()> {
    let plane = Plane::start(false).await;
    requests(report, &plane).await?;
    cpu(report, &plane).await
}

/// Through a proxy that writes down every request.
async fn requests(report: &mut Report, plane: &Plane) -> Result<()> {
    let log = RequestLog::start(&plane.control).await;
    let folder = tempfile::tempdir()?;
    let weir = WeirProcess::start(&log.kubeconfig(), folder.path(), &[]).await;
    let scope = fleet_in(plane, "bench-requests", 2).await;
    // The first of its kind opens the watches that all others share.
    create(&scope, 0, "1h").await;
    // Events are written after the status that says Ready.
    scope.event(&fleet::app_name(0), "at the end", |event| event.contains("Reconciliation finished")).await;
    let _warm_up = log.take();
    create(&scope, 1, "1s").await;
    weir.reconciled_again("Kustomization", "bench-requests", &fleet::app_name(1), 1).await;
    let requests = log.take_calls();
    explain("new Kustomization", &requests);
    report.add(
        "requests, new Kustomization of 4 objects",
        requests.len().to_string(),
        "23",
        "counting proxy; from create to one interval after Ready",
    );

    weir.reconciled_again("Kustomization", "bench-requests", &fleet::app_name(1), 1).await;
    let _until_now = log.take();
    weir.reconciled_again("Kustomization", "bench-requests", &fleet::app_name(1), 5).await;
    let requests = log.take_calls();
    explain("nothing to do", &requests);
    report.add(
        "requests, nothing to do",
        format!("{:.1}", requests.len() as f64 / 5.0),
        "17",
        "counting proxy, 5 intervals",
    );
    for name in [0, 1] {
        scope.delete("Kustomization", &fleet::app_name(name)).await;
        scope.gone("Kustomization", &fleet::app_name(name)).await;
    }
    Ok(())
}

/// Without a proxy, as it runs in a cluster.
async fn cpu(report: &mut Report, plane: &Plane) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let weir = WeirProcess::start(plane.control.kubeconfig(), folder.path(), &[]).await;
    let scope = fleet_in(plane, "bench-cpu", SAMPLE + 1).await;
    create(&scope, SAMPLE, "1h").await;
    let before = weir.usage().cpu;
    for index in 0..SAMPLE {
        create(&scope, index, "1s").await;
    }
    let each = (weir.usage().cpu - before) / u32::try_from(SAMPLE)?;
    report.add(
        "CPU, new Kustomization of 4 objects",
        time(each),
        "190 ms",
        &format!("{SAMPLE} one after the other, mean, whole process"),
    );

    let count = async || {
        let mut all = 0;
        for index in 0..SAMPLE {
            all += weir.reconciles("Kustomization", "bench-cpu", &fleet::app_name(index)).await;
        }
        all
    };
    let reconciles = count().await;
    let (before, started) = (weir.usage().cpu, Instant::now());
    tokio::time::sleep(QUIET).await;
    let (used, took) = (weir.usage().cpu - before, started.elapsed());
    let done = u32::try_from(count().await - reconciles)?.max(1);
    let how = format!("mean of {done} in {}, whole process", time(took));
    report.add("CPU, nothing to do", format!("{:.2} ms", (used / done).as_secs_f64() * 1000.0), "178 ms", &how);
    Ok(())
}

/// A namespace, a fetched repository with `count` applications, and no Kustomization.
pub(crate) async fn fleet_in(plane: &Plane, namespace: &str, count: usize) -> Scope {
    let scope = Scope::new(plane, namespace).await;
    (0..count).for_each(|index| fleet::write_app(&scope.repo, index, "1"));
    scope.commit([]);
    scope.apply(fleet::source(&scope.repo, "1h")).await;
    scope.ready("GitRepository", "fleet").await;
    scope
}

/// Applies one Kustomization and waits until it is ready.
async fn create(cluster: &Cluster, index: usize, interval: &str) {
    let mut object = fleet::kustomization(index, interval);
    object["spec"]["targetNamespace"] = json!(cluster.namespace());
    cluster.apply(object).await;
    cluster.ready("Kustomization", &fleet::app_name(index)).await;
}

fn explain(what: &str, requests: &[Request]) {
    for request in requests {
        say(&format!("  {what}: {} {}", request.method, request.path));
    }
}

//! Fleets: 100 Kustomizations from nothing to Ready, and what a large fleet costs while nothing happens.

use std::time::{Duration, Instant};

use anyhow::Result;
use futures::{StreamExt, stream};
use serde_json::json;
use weir_e2e::{Cluster, Plane, WeirProcess, fleet};

use crate::{
    one::fleet_in,
    report::{Report, memory, time},
};

/// The fleet that is timed.
const FIRST: usize = 100;
/// How long the process may settle before its memory is read.
const SETTLE: Duration = Duration::from_secs(15);
/// Objects that are created at a time.
const CREATE: usize = 8;

pub(crate) async fn measure(report: &mut Report, largest: usize) -> Result<()> {
    let plane = Plane::start(false).await;
    let folder = tempfile::tempdir()?;
    let weir = WeirProcess::start(plane.control.kubeconfig(), folder.path(), &[]).await;
    tokio::time::sleep(SETTLE).await;
    report.add(
        "resident, no Kustomization",
        memory(weir.usage().resident),
        "292 MiB (4 controllers)",
        "VmRSS after 15 s",
    );

    let scope = fleet_in(&plane, "bench-many", largest.max(FIRST)).await;
    let (before, started) = (weir.usage().cpu, Instant::now());
    create(&scope, 0..FIRST).await;
    let (took, usage) = (started.elapsed(), weir.usage());
    report.add(
        "100 Kustomizations of 4 objects from nothing to Ready",
        time(took),
        "",
        "first create to last Ready; API server on the same machine",
    );
    report.add("  CPU time of it", time(usage.cpu - before), "19 s (100 x 190 ms)", "whole process");
    report.add("  peak memory of it", memory(usage.peak), "167 MiB", "VmHWM since start");

    create(&scope, FIRST..largest).await;
    tokio::time::sleep(SETTLE).await;
    let usage = weir.usage();
    let what = format!("resident, {largest} Kustomizations");
    report.add(&what, memory(usage.resident), "", "VmRSS 15 s after the last is Ready; aim 80 MiB at 500");
    report.add("  peak memory of it", memory(usage.peak), "187 MiB", "VmHWM since start");
    Ok(())
}

async fn create(cluster: &Cluster, indexes: std::ops::Range<usize>) {
    let apply = async |index: usize| {
        let mut object = fleet::kustomization(index, "1h");
        object["spec"]["targetNamespace"] = json!(cluster.namespace());
        cluster.apply(object).await;
    };
    stream::iter(indexes.clone()).for_each_concurrent(CREATE, apply).await;
    for index in indexes {
        cluster.ready("Kustomization", &fleet::app_name(index)).await;
    }
}

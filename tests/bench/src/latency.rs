//! From a push to the object in the cluster.

use std::time::Instant;

use anyhow::Result;
use serde_json::json;
use weir_e2e::{Plane, WeirProcess, fleet};

use crate::{
    one::fleet_in,
    report::{Report, median, time},
};

const PUSHES: usize = 20;

pub(crate) async fn measure(report: &mut Report) -> Result<()> {
    let plane = Plane::start(false).await;
    let folder = tempfile::tempdir()?;
    let weir = WeirProcess::start(plane.control.kubeconfig(), folder.path(), &[]).await;
    let scope = fleet_in(&plane, "bench-latency", 1).await;
    let mut object = fleet::kustomization(0, "1h");
    object["spec"]["targetNamespace"] = json!("bench-latency");
    scope.apply(object).await;
    let name = fleet::app_name(0);
    scope.ready("Kustomization", &name).await;
    let (mut applied, mut told) = (vec![], vec![]);
    for push in 0..PUSHES {
        let value = format!("push-{push}");
        fleet::write_app(&scope.repo, 0, &value);
        let revision = scope.commit([]);
        let pushed = Instant::now();
        scope.request("GitRepository", "fleet").await;
        scope.wait("ConfigMap", &name, "changed", |map| map.text("/data/value") == value).await;
        applied.push(pushed.elapsed());
        scope.applied(&name, &revision).await;
        told.push(pushed.elapsed());
    }
    let how = format!("median of {PUSHES}: from the request for the source (a webhook's work) until a watch shows it");
    report.add("push to applied", time(median(applied)), "", &how);
    report.add("push to Ready", time(median(told)), "", &how);
    drop(weir);
    Ok(())
}

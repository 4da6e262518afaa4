//! What stands in for a kubelet: one node, and kwok, which reports its pods as running.

use std::path::Path;

use k8s_openapi::api::core::v1::Node;
use kube::Api;
use kube::api::PostParams;
use serde_json::json;

use crate::process::Process;
use crate::{Error, Result};

const STAGES: &str = include_str!("../controlplane/kwok.yaml");
const NODE: &str = "weir-node";
/// Seconds; Kubernetes' own default for kubelets.
const LEASE_DURATION: u32 = 40;

pub(crate) fn start_kwok(program: &Path, dir: &Path, kubeconfig: &Path) -> Result<Process> {
    let stages = dir.join("kwok.yaml");
    std::fs::write(&stages, STAGES).map_err(Error::file("write", &stages))?;
    let args = [
        format!("--config={}", stages.display()),
        format!("--kubeconfig={}", kubeconfig.display()),
        "--manage-all-nodes=true".to_owned(),
        format!("--node-lease-duration-seconds={LEASE_DURATION}"),
        "--node-ip=10.0.0.1".to_owned(),
    ];
    Process::start("kwok", program, &args, dir)
}

pub(crate) async fn create_node(client: &kube::Client) -> Result<()> {
    let labels = json!({
        "kubernetes.io/hostname": NODE,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "node-role.kubernetes.io/worker": "",
        "topology.kubernetes.io/zone": "local",
    });
    let node: Node = serde_json::from_value(json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": NODE, "labels": labels},
    }))
    .expect("the node is constant");
    let created = Api::<Node>::all(client.clone()).create(&PostParams::default(), &node).await;
    created.map_err(|source| Error::Api { operation: "create the node", source: Box::new(source) })?;
    Ok(())
}

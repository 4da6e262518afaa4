//! What the engine counts about itself.

use std::net::SocketAddr;

use crate::eventually;

/// How often an object was reconciled.
pub(crate) async fn reconciles(addr: SocketAddr, kind: &str, namespace: &str, name: &str) -> u64 {
    let answer = reqwest::get(format!("http://{addr}/metrics")).await.expect("metrics are served");
    let text = answer.text().await.expect("metrics are text");
    let series =
        format!(r#"gotk_reconcile_duration_seconds_count{{kind="{kind}",name="{name}",namespace="{namespace}"}} "#);
    let count = |line: &str| line.strip_prefix(&series)?.parse().ok();
    text.lines().find_map(count).unwrap_or_default()
}

/// Waits until an object was reconciled `times` more.
pub(crate) async fn reconciled_again(addr: SocketAddr, kind: &str, namespace: &str, name: &str, times: u64) {
    let goal = reconciles(addr, kind, namespace, name).await + times;
    let reached = eventually(|| async { (reconciles(addr, kind, namespace, name).await >= goal).then_some(()) });
    assert!(reached.await.is_some(), "{kind} {namespace}/{name} was not reconciled {times} times more");
}

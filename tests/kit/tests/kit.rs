//! The kit against a real control plane.

#![allow(clippy::unwrap_used)]

use k8s_openapi::api::core::v1::ServiceAccount;
use kube::Api;
use weir_api::GitRepository;
use weir_testkit::{TestCluster, corpus, eventually};

#[tokio::test]
async fn tests_share_a_cluster_but_no_namespace() {
    let cluster = TestCluster::shared().await;
    let (one, two) = tokio::join!(cluster.namespace("kit"), cluster.namespace("kit"));
    assert_ne!(one, two);
    let accounts = Api::<ServiceAccount>::namespaced(cluster.client(), &one);
    eventually("the default service account", || async { accounts.get_opt("default").await.unwrap() }).await;
}

#[tokio::test]
async fn flux_kinds_are_served() {
    let cluster = TestCluster::shared().await;
    let found = Api::<GitRepository>::all(cluster.client()).list(&Default::default()).await.unwrap();
    assert!(found.items.is_empty());
}

#[test]
fn a_corpus_unpacks_once_or_is_absent() {
    assert_eq!(corpus("demo", "no-such-archive"), None);
    let (first, second) = (corpus("kustomize", "kustomize"), corpus("kustomize", "kustomize"));
    assert_eq!(first, second);
    assert!(first.is_none_or(|folder| folder.join("index.jsonl").is_file()));
}

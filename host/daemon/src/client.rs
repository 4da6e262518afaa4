//! The connection to the API server.

use std::path::Path;

use anyhow::{Context as _, Result};
use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};

/// Connects with a kubeconfig, or with what the environment offers (`$KUBECONFIG`, in-cluster).
pub(crate) async fn connect(kubeconfig: Option<&Path>) -> Result<Client> {
    let config = match kubeconfig {
        Some(path) => {
            let file = Kubeconfig::read_from(path).with_context(|| format!("cannot read: {}", path.display()))?;
            Config::from_custom_kubeconfig(file, &KubeConfigOptions::default()).await?
        }
        None => Config::infer().await.context("no cluster is configured\nhint: set `--kubeconfig` or `$KUBECONFIG`")?,
    };
    let client = Client::try_from(config.clone())?;
    client
        .apiserver_version()
        .await
        .with_context(|| format!("the API server does not answer: {}", config.cluster_url))?;
    Ok(client)
}

//! The connection to the API server.

use std::path::Path;

use anyhow::{Context as _, Result};
use kube::{
    Client, Config,
    client::ClientBuilder,
    config::{KubeConfigOptions, Kubeconfig},
};

use crate::requests::{CountRequests, Requests};

/// Connects with a kubeconfig, or with what the environment offers (`$KUBECONFIG`, in-cluster); counts the requests.
pub(crate) async fn connect(kubeconfig: Option<&Path>, requests: Requests) -> Result<Client> {
    let config = match kubeconfig {
        Some(path) => {
            let file = Kubeconfig::read_from(path).with_context(|| format!("cannot read: {}", path.display()))?;
            Config::from_custom_kubeconfig(file, &KubeConfigOptions::default()).await?
        }
        None => Config::infer().await.context("no cluster is configured\nhint: set `--kubeconfig` or `$KUBECONFIG`")?,
    };
    let host = config.cluster_url.authority().map(ToString::to_string).unwrap_or_default();
    let layer = CountRequests { requests, host };
    let client = ClientBuilder::try_from(config.clone())?.with_layer(&layer).build();
    client
        .apiserver_version()
        .await
        .with_context(|| format!("the API server does not answer: {}", config.cluster_url))?;
    Ok(client)
}

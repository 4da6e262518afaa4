//! Kubeconfig files and clients.

use std::path::Path;

use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::json;

use crate::certs::{Authority, Identity};
use crate::{Error, Result};

/// A kubeconfig with everything inside, so that it can be copied anywhere. JSON is YAML too.
pub(crate) fn render(server: &str, authority: &Authority, user: &Identity) -> String {
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "weir",
        "clusters": [{"name": "weir", "cluster": {
            "server": server,
            "certificate-authority-data": base64(&authority.cert),
        }}],
        "users": [{"name": "weir", "user": {
            "client-certificate-data": base64(&user.cert),
            "client-key-data": base64(&user.key),
        }}],
        "contexts": [{"name": "weir", "context": {"cluster": "weir", "user": "weir"}}],
    });
    format!("{config:#}\n")
}

/// The client configuration for the kubeconfig at `path`.
pub(crate) async fn load(path: &Path) -> Result<kube::Config> {
    // More than one provider may be linked into the program; without a choice the first connection panics.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = Kubeconfig::read_from(path).map_err(Box::new)?;
    let options = KubeConfigOptions::default();
    Ok(kube::Config::from_custom_kubeconfig(config, &options).await.map_err(Box::new)?)
}

/// A client for `config`. It belongs to the runtime that it is made on.
pub(crate) fn client(config: kube::Config) -> Result<kube::Client> {
    kube::Client::try_from(config).map_err(|source| Error::Api { operation: "make a client", source: Box::new(source) })
}

fn base64(text: &str) -> String {
    let bytes = k8s_openapi::ByteString(text.as_bytes().to_vec());
    // A byte string serializes as its base64 form.
    serde_json::to_value(bytes).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn base64_is_padded() {
        assert_eq!(super::base64("weir"), "d2Vpcg==");
    }
}

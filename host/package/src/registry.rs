//! Registries: push and pull, with credentials, limits and verification.

use std::{net::IpAddr, time::Duration};

use futures::TryStreamExt;
use oci_client::{
    Client,
    client::{ClientConfig, ClientProtocol},
    errors::{OciDistributionError, OciErrorCode},
    manifest::{OCI_IMAGE_MEDIA_TYPE, OciDescriptor},
    secrets::RegistryAuth,
};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::{
    credentials::Credentials,
    digest::Digest,
    image::{Image, ImageError, Part, parts},
    reference::DEFAULT_TAG,
};

/// Longest time for one push or pull.
pub const OPERATION_TIMEOUT: Duration = Duration::from_secs(120);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// A repository, and what is wanted of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Host, with a port if any.
    pub host: String,
    /// Repository.
    pub repository: String,
    /// Tag; `latest` when neither tag nor digest is set.
    pub tag: Option<String>,
    /// Digest of the manifest; it wins over the tag.
    pub digest: Option<Digest>,
    /// Talks plain HTTP. Loopback hosts are always talked to in that way.
    pub plain_http: bool,
}

/// A client for all registries.
#[derive(Clone)]
pub struct Registry {
    https: Client,
    http: Client,
    credentials: Credentials,
    insecure: bool,
}

/// Why a push or pull failed.
#[derive(Debug, Error)]
pub enum RegistryError {
    /// The registry has no such plugin.
    #[error("no plugin at `{0}`")]
    NotFound(String),
    /// The registry refused the credentials, or wants some.
    #[error("access to `{0}` was denied\nhint: log in with `docker login`, or give credentials for the registry")]
    Denied(String),
    /// The registry cannot be reached, or answered with an error.
    #[error("{operation} `{name}`")]
    Transport {
        /// What was tried.
        operation: &'static str,
        /// Where.
        name: String,
        /// Why.
        source: Box<OciDistributionError>,
    },
    /// Reading a blob failed.
    #[error("read the {what} of `{name}`")]
    Read {
        /// Which blob.
        what: &'static str,
        /// Where.
        name: String,
        /// Why.
        source: std::io::Error,
    },
    /// It took longer than [`OPERATION_TIMEOUT`].
    #[error("{operation} `{name}` took longer than {} seconds", OPERATION_TIMEOUT.as_secs())]
    Timeout {
        /// What was tried.
        operation: &'static str,
        /// Where.
        name: String,
    },
    /// The registry sent something else than what the reference pins.
    #[error("`{name}` is pinned to {expected}, but the registry sent {found}")]
    PinMismatch {
        /// Where.
        name: String,
        /// The pinned digest.
        expected: Digest,
        /// Digest of what came.
        found: Digest,
    },
    /// The image is no plugin.
    #[error("image `{name}`")]
    Image {
        /// Where.
        name: String,
        /// Why.
        source: ImageError,
    },
}

impl Registry {
    /// A client; `insecure` allows plain HTTP to every host.
    pub fn new(credentials: Credentials, insecure: bool) -> Self {
        let client = |protocol| {
            Client::new(ClientConfig {
                protocol,
                connect_timeout: Some(CONNECT_TIMEOUT),
                read_timeout: Some(READ_TIMEOUT),
                user_agent: concat!("weir/", env!("CARGO_PKG_VERSION")),
                // A plugin is no image for a platform: an index of several is refused.
                platform_resolver: None,
                ..ClientConfig::default()
            })
        };
        Self { https: client(ClientProtocol::Https), http: client(ClientProtocol::Http), credentials, insecure }
    }

    /// What a tag means now.
    ///
    /// # Errors
    /// When the registry does not say.
    pub async fn digest(&self, target: &Target) -> Result<Digest, RegistryError> {
        let (reference, auth) = (target.reference(), self.auth(target));
        let fetch = self.client(target).fetch_manifest_digest(&reference, &auth);
        let digest = within("resolve", target, async { fetch.await.map_err(target.failed("resolve")) }).await?;
        digest.parse().map_err(|error: crate::InvalidDigest| target.not_a_plugin(error.into()))
    }

    /// Fetches a plugin; every part is verified while it is read.
    ///
    /// # Errors
    /// When it is not there, not allowed, too large, no plugin, or not what is pinned.
    pub async fn pull(&self, target: &Target) -> Result<Image, RegistryError> {
        within("pull", target, self.pull_now(target)).await
    }

    async fn pull_now(&self, target: &Target) -> Result<Image, RegistryError> {
        let reference = target.reference();
        let client = self.client(target);
        let manifest = client.pull_manifest_raw(&reference, &self.auth(target), &[OCI_IMAGE_MEDIA_TYPE]).await;
        let manifest = match (manifest, &target.digest) {
            (Ok((manifest, _)), _) => manifest.to_vec(),
            (Err(OciDistributionError::DigestError(error)), Some(expected)) => {
                return Err(target.pin_mismatch(expected, &error));
            }
            (Err(error), _) => return Err(target.failed("pull")(error)),
        };
        let found = Digest::of(&manifest);
        if let Some(expected) = target.digest.clone().filter(|expected| *expected != found) {
            return Err(RegistryError::PinMismatch { name: target.name(), expected, found });
        }
        let parts = parts(&manifest).map_err(|source| target.not_a_plugin(source))?;
        let config = self.blob(target, &parts.config).await?;
        let component = self.blob(target, &parts.component).await?;
        Image::assemble(manifest, config, component).map_err(|source| target.not_a_plugin(source))
    }

    async fn blob(&self, target: &Target, part: &Part) -> Result<Vec<u8>, RegistryError> {
        let descriptor = OciDescriptor {
            digest: part.digest.to_string(),
            // Limits on parts are far below.
            size: i64::try_from(part.size).unwrap_or(i64::MAX),
            ..OciDescriptor::default()
        };
        let stream = self.client(target).pull_blob_stream(&target.reference(), &descriptor).await;
        let mut stream = stream.map_err(target.failed("pull"))?.stream;
        let failed = |source| RegistryError::Read { what: part.what, name: target.name(), source };
        let mut hash = Sha256::new();
        let mut bytes = Vec::new();
        while let Some(chunk) = stream.try_next().await.map_err(failed)? {
            bytes.extend_from_slice(&chunk);
            hash.update(&chunk);
            // A server that sends more than it announced is cut off at once.
            if bytes.len() as u64 > part.size {
                break;
            }
        }
        let checked = part.check_hash(bytes.len() as u64, &Digest::from_hash(hash));
        checked.map(|()| bytes).map_err(|source| target.not_a_plugin(source))
    }

    /// Stores a plugin under the tag of the target; returns the digest of its manifest.
    ///
    /// # Errors
    /// When the registry refuses it.
    pub async fn push(&self, target: &Target, image: &Image) -> Result<Digest, RegistryError> {
        let by_tag = Target { digest: None, ..target.clone() };
        within("push", target, self.push_now(&by_tag, image)).await
    }

    async fn push_now(&self, target: &Target, image: &Image) -> Result<Digest, RegistryError> {
        let reference = target.reference();
        let client = self.client(target);
        let auth = self.auth(target);
        client.store_auth_if_needed(reference.resolve_registry(), &auth).await;
        client.auth(&reference, &auth, oci_client::RegistryOperation::Push).await.map_err(target.failed("push"))?;
        for blob in [image.component(), image.config()] {
            let digest = Digest::of(blob);
            if !client.blob_exists(&reference, digest.as_str()).await.map_err(target.failed("push"))? {
                let push = client.push_blob(&reference, blob.to_vec(), digest.as_str());
                push.await.map_err(target.failed("push"))?;
            }
        }
        let media_type = OCI_IMAGE_MEDIA_TYPE.parse().expect("the constant is a header value");
        let push = client.push_manifest_raw(&reference, image.manifest().to_vec(), media_type);
        push.await.map_err(target.failed("push"))?;
        Ok(image.digest())
    }

    fn client(&self, target: &Target) -> &Client {
        match self.insecure || target.plain_http || is_loopback(&target.host) {
            true => &self.http,
            false => &self.https,
        }
    }

    fn auth(&self, target: &Target) -> RegistryAuth {
        self.credentials.auth(&target.host, &target.repository)
    }
}

impl Target {
    fn reference(&self) -> oci_client::Reference {
        let (host, repository) = (self.host.clone(), self.repository.clone());
        match &self.digest {
            Some(digest) => oci_client::Reference::with_digest(host, repository, digest.to_string()),
            None => oci_client::Reference::with_tag(host, repository, self.tag().into()),
        }
    }

    fn tag(&self) -> &str {
        self.tag.as_deref().unwrap_or(DEFAULT_TAG)
    }

    fn name(&self) -> String {
        match &self.digest {
            Some(digest) => format!("{}/{}@{digest}", self.host, self.repository),
            None => format!("{}/{}:{}", self.host, self.repository, self.tag()),
        }
    }

    fn not_a_plugin(&self, source: ImageError) -> RegistryError {
        RegistryError::Image { name: self.name(), source }
    }

    fn pin_mismatch(&self, expected: &Digest, error: &oci_client::errors::DigestError) -> RegistryError {
        let name = self.name();
        let found = match error {
            oci_client::errors::DigestError::VerificationError { actual, .. } => actual.parse().ok(),
            _ => None,
        };
        match found {
            Some(found) => RegistryError::PinMismatch { name, expected: expected.clone(), found },
            None => self.not_a_plugin(ImageError::Manifest(error.to_string())),
        }
    }

    /// Sorts an error into what a caller can act on.
    fn failed(&self, operation: &'static str) -> impl FnOnce(OciDistributionError) -> RegistryError {
        let name = self.name();
        move |error| match kind(&error) {
            Kind::NotFound => RegistryError::NotFound(name),
            Kind::Denied => RegistryError::Denied(name),
            Kind::Other => RegistryError::Transport { operation, name, source: Box::new(error) },
        }
    }
}

enum Kind {
    NotFound,
    Denied,
    Other,
}

fn kind(error: &OciDistributionError) -> Kind {
    match error {
        OciDistributionError::ImageManifestNotFoundError(_) => Kind::NotFound,
        OciDistributionError::AuthenticationFailure(_) | OciDistributionError::UnauthorizedError { .. } => Kind::Denied,
        OciDistributionError::ServerError { code, .. } => by_status(Some(*code)),
        OciDistributionError::RequestError(error) => by_status(error.status().map(|status| status.as_u16())),
        OciDistributionError::RegistryError { envelope, .. } => {
            let has = |codes: &[OciErrorCode]| envelope.errors.iter().any(|error| codes.contains(&error.code));
            if has(&[OciErrorCode::ManifestUnknown, OciErrorCode::NameUnknown, OciErrorCode::NotFound]) {
                Kind::NotFound
            } else if has(&[OciErrorCode::Unauthorized, OciErrorCode::Denied]) {
                Kind::Denied
            } else {
                Kind::Other
            }
        }
        _ => Kind::Other,
    }
}

fn by_status(status: Option<u16>) -> Kind {
    match status {
        Some(404) => Kind::NotFound,
        Some(401 | 403) => Kind::Denied,
        _ => Kind::Other,
    }
}

async fn within<T>(
    operation: &'static str,
    target: &Target,
    work: impl Future<Output = Result<T, RegistryError>>,
) -> Result<T, RegistryError> {
    let late = |_| RegistryError::Timeout { operation, name: target.name() };
    tokio::time::timeout(OPERATION_TIMEOUT, work).await.map_err(late)?
}

/// Whether a host, with a port or without, is the machine itself: nobody listens in between then, as Docker holds too.
pub fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_machine_itself_is_loopback() {
        for host in ["localhost", "localhost:5000", "127.0.0.1", "127.1.2.3:80", "[::1]:5000"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["localhost.example.com", "10.0.0.1", "127.0.0.1.example.com", "[::2]", "ghcr.io:443"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}

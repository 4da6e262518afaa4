//! Trust and identity for outgoing TLS.

use std::sync::{Arc, OnceLock};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use crate::context::Tls;

/// The usual roots and those of this machine, and what the call brings.
pub(crate) fn config(tls: &Tls) -> Result<Arc<ClientConfig>, String> {
    let mut roots = usual_roots().clone();
    for certificate in tls.ca_pem.as_deref().map(certificates).transpose()?.unwrap_or_default() {
        roots.add(certificate).map_err(|error| format!("cannot use certificate authority: {error}"))?;
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots);
    let Some((chain, key)) = &tls.identity_pem else {
        return Ok(Arc::new(builder.with_no_client_auth()));
    };
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| "cannot read client key".to_owned())?;
    let config = builder.with_client_auth_cert(certificates(chain)?, key);
    config.map(Arc::new).map_err(|error| format!("cannot use client certificate: {error}"))
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match all {
        Ok(all) if all.is_empty() => Err("cannot read certificates: no PEM block".to_owned()),
        Ok(all) => Ok(all),
        Err(error) => Err(format!("cannot read certificates: {error}")),
    }
}

/// Reading them from the disk takes long enough to be done once.
fn usual_roots() -> &'static RootCertStore {
    static ROOTS: OnceLock<RootCertStore> = OnceLock::new();
    ROOTS.get_or_init(|| {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_material_is_refused() {
        let ca = |pem: &[u8]| config(&Tls { ca_pem: Some(pem.to_vec()), identity_pem: None }).map(drop);
        assert!(config(&Tls::default()).is_ok());
        assert!(ca(b"nonsense").is_err());
        assert!(ca(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").is_err());
    }
}

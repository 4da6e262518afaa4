//! `.Capabilities`: what the cluster is said to be and to serve.

use crate::Helm;
use crate::error::{Error, Result};

/// The API versions that Helm knows without asking a cluster: those built into its Kubernetes client.
pub const DEFAULT_API_VERSIONS: &[&str] = &[
    "v1",
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "internal.apiserver.k8s.io/v1alpha1",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "batch/v1beta1",
    "certificates.k8s.io/v1",
    "certificates.k8s.io/v1beta1",
    "certificates.k8s.io/v1alpha1",
    "coordination.k8s.io/v1alpha2",
    "coordination.k8s.io/v1beta1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "lifecycle.k8s.io/v1alpha1",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1",
    "node.k8s.io/v1alpha1",
    "node.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1beta1",
    "rbac.authorization.k8s.io/v1alpha1",
    "resource.k8s.io/v1",
    "resource.k8s.io/v1beta2",
    "resource.k8s.io/v1beta1",
    "resource.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1beta1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "storagemigration.k8s.io/v1",
    "storagemigration.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1",
];

/// A version of Kubernetes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubeVersion {
    /// `v1.31.0`, or with a vendor's suffix.
    pub version: String,
    pub major: String,
    pub minor: String,
    /// The version without a suffix, which constraints are checked against.
    pub normalized: String,
}

impl KubeVersion {
    /// The version that a Helm takes without a cluster: that of its Kubernetes client.
    pub fn default_of(helm: Helm) -> KubeVersion {
        let (version, minor) = match helm {
            Helm::V3 => ("v1.37.0", "37"),
            Helm::V4 => ("v1.36.0", "36"),
        };
        let [version, normalized] = [version.to_owned(), version.to_owned()];
        KubeVersion { version, major: "1".to_owned(), minor: minor.to_owned(), normalized }
    }

    /// Reads a version: two or more numbers, an optional `v`, and anything behind.
    ///
    /// # Errors
    /// `invalid kube version 'TEXT': ...`
    pub fn parse(text: &str, helm: Helm) -> Result<KubeVersion> {
        let numbers =
            numbers(text).map_err(|error| Error::options(format!("invalid kube version '{text}': {error}")))?;
        let normalized = ["v", &numbers.join(".")].concat();
        Ok(KubeVersion {
            version: match helm {
                Helm::V3 => normalized.clone(),
                Helm::V4 if text.starts_with('v') => text.to_owned(),
                Helm::V4 => format!("v{text}"),
            },
            major: numbers[0].to_owned(),
            minor: numbers[1].to_owned(),
            normalized,
        })
    }
}

/// The numbers at the start of a version, as Kubernetes reads one.
fn numbers<'a>(text: &'a str) -> std::result::Result<Vec<&'a str>, String> {
    let whole = || weir_gotmpl::quote(text.as_bytes());
    let body = text.trim_start_matches([' ', '\t', '\n', '\r', '\x0c']);
    let body = body.strip_prefix('v').unwrap_or(body);
    let mut parts = Vec::new();
    let mut rest = body;
    loop {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits == 0 {
            // A dot that no digit follows belongs to what comes behind.
            break;
        }
        parts.push(&rest[..digits]);
        let Some(next) = rest[digits..].strip_prefix('.') else { break };
        rest = next;
    }
    match parts.as_slice() {
        [] => return Err(format!("could not parse {} as version", whole())),
        [_] => return Err(format!("illegal version string {}", whole())),
        [major, ..] if major.len() > 1 && major.starts_with('0') => {
            return Err(format!("illegal zero-prefixed version component \"{major}\" in {}", whole()));
        }
        _ => {}
    }
    // They are numbers of 64 bits, without zeros in front.
    let number = |part: &'a str| match part.parse::<u64>() {
        Ok(0) => Ok("0"),
        Ok(_) => Ok(part.trim_start_matches('0')),
        Err(_) => {
            let out_of_range = format!("strconv.ParseUint: parsing \"{part}\": value out of range");
            Err(format!("illegal non-numeric version component \"{part}\" in {}: {out_of_range}", whole()))
        }
    };
    parts.into_iter().map(number).collect()
}

/// What the cluster is said to be and to serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    pub kube_version: KubeVersion,
    /// API versions (`apps/v1`) and kinds in them (`apps/v1/Deployment`) beyond [`DEFAULT_API_VERSIONS`].
    pub api_versions: Vec<String>,
    /// Whether the built-in API versions count too. Not when a cluster was asked.
    pub with_defaults: bool,
}

impl Capabilities {
    /// What a Helm takes without a cluster.
    pub fn default_of(helm: Helm) -> Capabilities {
        let kube_version = KubeVersion::default_of(helm);
        Capabilities { kube_version, api_versions: Vec::new(), with_defaults: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kube_versions_are_read_loosely() {
        for (text, expected) in [
            ("1.31", Ok(("v1.31", "1", "31"))),
            ("v1.31.0-gke.5", Ok(("v1.31.0", "1", "31"))),
            ("1.31.4.5", Ok(("v1.31.4.5", "1", "31"))),
            ("1.02", Ok(("v1.2", "1", "2"))),
            (" 1.31.x", Ok(("v1.31", "1", "31"))),
            ("1", Err("illegal version string \"1\"")),
            ("x", Err("could not parse \"x\" as version")),
            ("01.2", Err("illegal zero-prefixed version component \"01\" in \"01.2\"")),
        ] {
            let found = KubeVersion::parse(text, Helm::V3);
            match expected {
                Ok((version, major, minor)) => {
                    let found = found.unwrap();
                    assert_eq!((found.version.as_str(), &*found.major, &*found.minor), (version, major, minor));
                }
                Err(error) => {
                    let expected = format!("invalid kube version '{text}': {error}");
                    assert_eq!(found.unwrap_err().to_string(), expected);
                }
            }
        }
    }

    #[test]
    fn helm_4_keeps_a_vendors_suffix() {
        let version = KubeVersion::parse("1.31.0-gke.5", Helm::V4).unwrap();
        assert_eq!((version.version.as_str(), version.normalized.as_str()), ("v1.31.0-gke.5", "v1.31.0"));
    }
}

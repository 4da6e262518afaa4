//! Registry credentials, as Docker's configuration holds them.

use std::{collections::BTreeMap, env, fmt, fs, io, path::PathBuf};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use thiserror::Error;

/// Docker's own registry has another name in the configuration.
const DOCKER_HUB_KEY: &str = "index.docker.io";
const DOCKER_HUB_HOSTS: [&str; 3] = ["docker.io", "index.docker.io", "registry-1.docker.io"];

/// Users and passwords by registry, or by repository below it. Debug output shows the names of registries only.
#[derive(Clone, Default)]
pub struct Credentials(BTreeMap<String, Login>);

#[derive(Clone)]
struct Login {
    user: String,
    password: String,
}

/// Why credentials are unusable. No error shows any part of them.
#[derive(Debug, Error)]
pub enum CredentialsError {
    /// The file cannot be read.
    #[error("read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// No JSON, or of another shape.
    #[error("malformed docker configuration at line {line}, column {column}")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// An entry that is not `user:password` in base64.
    #[error("malformed login for registry: {0}")]
    Login(String),
}

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    auths: BTreeMap<String, Entry>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
}

impl Credentials {
    /// What `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`, holds; nothing when there is no such file.
    ///
    /// # Errors
    /// When the file cannot be read or is malformed.
    pub fn from_environment() -> Result<Self, CredentialsError> {
        let directory = env::var_os("DOCKER_CONFIG").map(PathBuf::from);
        let directory = directory.or_else(|| Some(env::home_dir()?.join(".docker")));
        let Some(path) = directory.map(|d| d.join("config.json")) else {
            return Ok(Self::default());
        };
        match fs::read(&path) {
            Ok(bytes) => Self::from_docker_config(&bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(CredentialsError::Read { path, source }),
        }
    }

    /// Docker's `config.json`, which is also what a Secret of type `kubernetes.io/dockerconfigjson` holds.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn from_docker_config(json: &[u8]) -> Result<Self, CredentialsError> {
        let config: Config = serde_json::from_slice(json)
            .map_err(|error| CredentialsError::Json { line: error.line(), column: error.column() })?;
        let mut logins = BTreeMap::new();
        for (registry, entry) in config.auths {
            if let Some(login) = entry.login().ok_or_else(|| CredentialsError::Login(registry.clone()))? {
                logins.insert(normalise(&registry), login);
            }
        }
        Ok(Self(logins))
    }

    /// Credentials of one registry.
    pub fn of(registry: &str, user: impl Into<String>, password: impl Into<String>) -> Self {
        Self(BTreeMap::from([(normalise(registry), Login { user: user.into(), password: password.into() })]))
    }

    /// What to log in with: of all entries for the host or a path above the repository, the longest.
    pub(crate) fn auth(&self, host: &str, repository: &str) -> oci_client::secrets::RegistryAuth {
        let host = if DOCKER_HUB_HOSTS.contains(&host) { DOCKER_HUB_KEY } else { host };
        let name = format!("{host}/{repository}");
        let covers = |key: &str| name.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        match self.0.iter().filter(|(key, _)| covers(key)).max_by_key(|(key, _)| key.len()) {
            Some((_, login)) => oci_client::secrets::RegistryAuth::Basic(login.user.clone(), login.password.clone()),
            None => oci_client::secrets::RegistryAuth::Anonymous,
        }
    }
}

impl Entry {
    /// `None` when it is malformed, `Some(None)` when it holds nothing: helpers leave empty entries behind.
    fn login(self) -> Option<Option<Login>> {
        match (self.auth.filter(|a| !a.is_empty()), self.username, self.password) {
            (Some(auth), _, _) => {
                let text = String::from_utf8(STANDARD.decode(auth).ok()?).ok()?;
                let (user, password) = text.split_once(':')?;
                Some(Some(Login { user: user.into(), password: password.trim_end_matches('\0').into() }))
            }
            (None, Some(user), Some(password)) => Some(Some(Login { user, password })),
            _ => Some(None),
        }
    }
}

/// Keys may have a scheme, and the path of an API version.
fn normalise(key: &str) -> String {
    let rest = key.split_once("://").map_or(key, |(_, rest)| rest).trim_end_matches('/');
    let rest = rest.strip_suffix("/v1").or_else(|| rest.strip_suffix("/v2")).unwrap_or(rest);
    match rest {
        "docker.io" | "registry-1.docker.io" => DOCKER_HUB_KEY.into(),
        _ => rest.into(),
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oci_client::secrets::RegistryAuth;
    use serde_json::json;

    fn credentials() -> Credentials {
        let config = json!({"auths": {
            "https://index.docker.io/v1/": {"auth": STANDARD.encode("hub:a")},
            "ghcr.io": {"auth": STANDARD.encode("gh:b:c")},
            "ghcr.io/org": {"username": "org", "password": "d"},
            "http://127.0.0.1:5000": {"auth": STANDARD.encode("local:e")},
            "helper.io": {},
        }, "credsStore": "x"});
        Credentials::from_docker_config(config.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn the_longest_match_logs_in() {
        for (host, repository, expected) in [
            ("docker.io", "library/x", Some(("hub", "a"))),
            ("ghcr.io", "other/x", Some(("gh", "b:c"))),
            ("ghcr.io", "org/x", Some(("org", "d"))),
            ("ghcr.io", "organic/x", Some(("gh", "b:c"))),
            ("127.0.0.1:5000", "x", Some(("local", "e"))),
            ("127.0.0.1:5001", "x", None),
            ("helper.io", "x", None),
        ] {
            let expected = match expected {
                Some((user, password)) => RegistryAuth::Basic(user.into(), password.into()),
                None => RegistryAuth::Anonymous,
            };
            assert!(credentials().auth(host, repository) == expected, "{host}/{repository}");
        }
    }

    #[test]
    fn secrets_stay_out_of_debug_output_and_errors() {
        let shown = format!("{:?}", credentials());
        assert!(shown.contains("ghcr.io") && !shown.contains("hub") && !shown.contains("b:c"), "{shown}");
        for bad in [
            r#"{"auths": {"h": {"auth": "c2VjcmV0"}}}"#,
            r#"{"auths": {"h": {"auth": "!secret"}}}"#,
            r#"{"auths": "secret"}"#,
        ] {
            let error = Credentials::from_docker_config(bad.as_bytes()).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("ecret"), "{error:?}");
        }
    }
}

//! What the host passes: a GitRepository's spec and the address to use.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use weir_sdk::{Error, Result};

use crate::failure::{INVALID_PROVIDER, unsupported};
use crate::reference::Reference;

/// The parameters of the plugin.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Config {
    /// The address to fetch from, after mirrors.
    pub url: String,
    /// The object's `.spec`.
    pub spec: Spec,
}

/// `GitRepository.spec`, as far as it matters here.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Spec {
    /// The declared address: what messages name.
    pub url: String,
    /// Credentials.
    pub secret_ref: Option<SecretRef>,
    /// `generic` when empty.
    pub provider: Option<String>,
    /// What to check out.
    #[serde(rename = "ref")]
    pub reference: Option<RefSpec>,
    /// Signatures that are asked for.
    pub verify: Option<serde_json::Value>,
    /// A proxy that is asked for.
    pub proxy_secret_ref: Option<SecretRef>,
    /// Patterns of what stays out of the artifact.
    pub ignore: Option<String>,
    /// Whether submodules are asked for.
    pub recurse_submodules: Option<bool>,
    /// Other artifacts to copy in: the host does that.
    pub include: Option<Vec<serde_json::Value>>,
    /// The only directories that are wanted.
    pub sparse_checkout: Option<Vec<String>>,
}

/// The name of a secret in the object's namespace.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct SecretRef {
    /// Its name.
    pub name: String,
}

/// `GitRepository.spec.ref`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RefSpec {
    /// A branch.
    pub branch: Option<String>,
    /// A tag.
    pub tag: Option<String>,
    /// A constraint on tags.
    pub semver: Option<String>,
    /// A full reference name.
    pub name: Option<String>,
    /// A commit.
    pub commit: Option<String>,
}

impl Spec {
    /// What to check out.
    pub fn reference(&self) -> Result<Reference> {
        Reference::of(&self.reference.clone().unwrap_or_default())
    }

    /// The declared address as messages may name it: without credentials.
    pub fn shown_url(&self) -> String {
        match url::Url::parse(&self.url) {
            Ok(mut url) if !url.username().is_empty() || url.password().is_some() => {
                // Both only fail for URLs that have no host, and those have no credentials.
                let _ = url.set_username("");
                let _ = url.set_password(None);
                url.to_string()
            }
            _ => self.url.clone(),
        }
    }

    /// Refuses what this plugin would otherwise silently leave undone.
    pub fn check(&self) -> Result<()> {
        self.check_provider()?;
        if self.verify.is_some() {
            return Err(unsupported(
                "signature verification of Git repositories is not supported: remove `spec.verify`",
            ));
        }
        if self.recurse_submodules == Some(true) {
            return Err(unsupported("submodules are not supported: remove `spec.recurseSubmodules`"));
        }
        if self.proxy_secret_ref.is_some() {
            return Err(unsupported("a proxy per object is not supported: remove `spec.proxySecretRef`"));
        }
        Ok(())
    }

    fn check_provider(&self) -> Result<()> {
        match self.provider.as_deref().unwrap_or_default() {
            "" | "generic" => Ok(()),
            "github" if self.secret_ref.is_none() => Err(Error::terminal(
                INVALID_PROVIDER,
                "secretRef with github app data must be specified when provider is set to github",
            )),
            other => Err(unsupported(format!("the Git provider is not supported: `{other}`"))),
        }
    }

    /// Directories of the sparse checkout without a leading `./`; empty means everything.
    pub fn sparse_directories(&self) -> Vec<&str> {
        self.sparse_checkout.iter().flatten().map(|dir| dir.strip_prefix("./").unwrap_or(dir)).collect()
    }

    /// A digest of everything but the commit that decides what the artifact holds. A change rebuilds the artifact at the
    /// same revision.
    pub fn content_state(&self) -> Vec<u8> {
        #[derive(Serialize)]
        struct Content<'a> {
            ignore: &'a Option<String>,
            recurse_submodules: bool,
            include: &'a [serde_json::Value],
            sparse_checkout: &'a [String],
        }
        let content = Content {
            ignore: &self.ignore,
            recurse_submodules: self.recurse_submodules.unwrap_or_default(),
            include: self.include.as_deref().unwrap_or_default(),
            sparse_checkout: self.sparse_checkout.as_deref().unwrap_or_default(),
        };
        let text = serde_json::to_vec(&content).expect("strings and JSON values always serialise");
        Sha256::digest(text).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use weir_sdk::Class;

    use super::*;

    fn spec(json: serde_json::Value) -> Spec {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn what_is_not_served_is_refused() {
        let check = |json: serde_json::Value, class: Class, part: &str| {
            let error = spec(json).check().unwrap_err();
            assert_eq!(error.class(), class, "{error}");
            assert!(error.message().contains(part), "{error}");
        };
        check(serde_json::json!({"verify": {"mode": "HEAD"}}), Class::Unsupported, "spec.verify");
        check(serde_json::json!({"recurseSubmodules": true}), Class::Unsupported, "submodules");
        check(serde_json::json!({"proxySecretRef": {"name": "p"}}), Class::Unsupported, "proxy");
        check(serde_json::json!({"provider": "azure"}), Class::Unsupported, "azure");
        check(serde_json::json!({"provider": "github"}), Class::Terminal, "github app data");
        check(serde_json::json!({"provider": "github", "secretRef": {"name": "s"}}), Class::Unsupported, "github");
        spec(serde_json::json!({"provider": "generic", "interval": "1m"})).check().unwrap();
    }

    #[test]
    fn messages_show_no_credentials() {
        let check = |url: &str, shown: &str| {
            assert_eq!(spec(serde_json::json!({"url": url})).shown_url(), shown);
        };
        check("https://user:pass@example.com/a", "https://example.com/a");
        check("https://token@example.com/a", "https://example.com/a");
        check("https://example.com", "https://example.com");
    }

    #[test]
    fn the_state_follows_the_content_only() {
        let state = |json: serde_json::Value| spec(json).content_state();
        let plain = state(serde_json::json!({"url": "a"}));
        assert_eq!(plain, state(serde_json::json!({"url": "b", "ref": {"branch": "x"}})));
        assert_eq!(
            plain,
            state(serde_json::json!({"recurseSubmodules": false, "include": null, "sparseCheckout": null}))
        );
        assert_ne!(plain, state(serde_json::json!({"ignore": ""})), "an empty text is not an absent one");
        assert_ne!(plain, state(serde_json::json!({"ignore": "a"})));
        assert_ne!(plain, state(serde_json::json!({"sparseCheckout": ["a"]})));
        assert_ne!(plain, state(serde_json::json!({"include": [{"repository": {"name": "a"}}]})));
    }
}

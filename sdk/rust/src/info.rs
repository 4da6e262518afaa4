//! What a plugin says about itself.

use schemars::JsonSchema;
use serde_json::{Value, json};

/// A capability that a plugin asks for; the operator grants it.
#[derive(Clone, Debug, PartialEq)]
pub struct Capability {
    /// `http`, `secret-use`, `secret-reveal`, `cache`, `ssh` or `dns`.
    pub name: String,
    /// Narrows the request; an empty object for none.
    pub scope: Value,
    /// Shown to the operator.
    pub why: String,
    /// The plugin works without it.
    pub optional: bool,
}

/// Built with [`info!`](crate::info!); the kind and the schema of its parameters are added by [`register!`](crate::register!).
#[derive(Clone, Debug, PartialEq)]
pub struct Info {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) description: String,
    pub(crate) license: String,
    pub(crate) homepage: Option<String>,
    pub(crate) capabilities: Vec<Capability>,
    pub(crate) limits: Value,
}

/// [`Info`] filled from the plugin's own `Cargo.toml`.
#[macro_export]
macro_rules! info {
    () => {
        $crate::Info::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
            .description(env!("CARGO_PKG_DESCRIPTION"))
            .license(env!("CARGO_PKG_LICENSE"))
            .homepage(env!("CARGO_PKG_HOMEPAGE"))
    };
}

impl Info {
    /// `name` is a DNS label, `version` a semantic version.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            description: String::new(),
            license: String::new(),
            homepage: None,
            capabilities: Vec::new(),
            limits: json!({}),
        }
    }

    /// The plugin's name where it is not that of its package; a DNS label.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// One sentence.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = text.into();
        self
    }

    /// SPDX expression.
    pub fn license(mut self, spdx: impl Into<String>) -> Self {
        self.license = spdx.into();
        self
    }

    /// An empty string means none.
    pub fn homepage(mut self, url: impl Into<String>) -> Self {
        self.homepage = Some(url.into()).filter(|url| !url.is_empty());
        self
    }

    /// Asks for a capability that the plugin cannot work without.
    pub fn needs(self, name: impl Into<String>, scope: Value, why: impl Into<String>) -> Self {
        self.capability(name, scope, why, false)
    }

    /// Asks for a capability that the plugin works without as well.
    pub fn can_use(self, name: impl Into<String>, scope: Value, why: impl Into<String>) -> Self {
        self.capability(name, scope, why, true)
    }

    fn capability(mut self, name: impl Into<String>, scope: Value, why: impl Into<String>, optional: bool) -> Self {
        self.capabilities.push(Capability { name: name.into(), scope, why: why.into(), optional });
        self
    }

    /// Memory that the plugin expects to need, in MiB; a wish, the host decides.
    pub fn memory_mib(mut self, mib: u32) -> Self {
        self.limits["memoryMiB"] = json!(mib);
        self
    }

    /// Wall-clock time that a call may need, in seconds; a wish, the host decides.
    pub fn timeout_seconds(mut self, seconds: u32) -> Self {
        self.limits["timeoutSeconds"] = json!(seconds);
        self
    }

    /// The result depends on the input only, so that the host may cache it.
    pub fn pure(mut self) -> Self {
        self.limits["pure"] = json!(true);
        self
    }

    /// The canonical JSON that the build embeds: keys sorted, no white space.
    pub fn to_json<P: JsonSchema>(&self, kind: &str) -> String {
        let capabilities: Vec<Value> = self.capabilities.iter().map(Capability::to_json).collect();
        let schema = schemars::schema_for!(P);
        json!({
            "capabilities": capabilities,
            "description": self.description,
            "homepage": self.homepage,
            "kinds": [{ "configSchema": schema, "kind": kind, "name": self.name }],
            "license": self.license,
            "limits": self.limits,
            "name": self.name,
            "version": self.version,
        })
        .to_string()
    }
}

impl Capability {
    fn to_json(&self) -> Value {
        json!({ "name": self.name, "optional": self.optional, "scope": self.scope, "why": self.why })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn info_comes_from_the_manifest() {
        let info = crate::info!().needs("http", json!({"origins": ["spec.url"]}), "fetches").pure();
        let value: Value = serde_json::from_str(&info.to_json::<u8>("source")).unwrap();
        assert_eq!(value["name"], "weir-sdk");
        assert_eq!(value["kinds"][0]["kind"], "source");
        assert_eq!(value["kinds"][0]["configSchema"]["type"], "integer");
        assert_eq!(value["capabilities"][0]["scope"]["origins"][0], "spec.url");
        assert_eq!(value["limits"]["pure"], true);
        assert_eq!(value["homepage"], Value::Null);
    }
}

//! What a plugin may do: what it asks for, and what the operator allows.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::failure::FailureKind;

/// Something that a plugin can be granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Capability {
    /// Requests to the origins of the call.
    Http,
    /// Credentials as handles.
    SecretUse,
    /// The bytes of credentials.
    SecretReveal,
    /// Content-addressed storage.
    Cache,
    /// SSH tunnels.
    Ssh,
    /// What a renderer asks for from outside of its tree; what it gets is decided where it is fetched.
    Inputs,
    /// Looking up the addresses of names: what a render shows then depends on the network, and the names leave the host.
    Dns,
}

impl Capability {
    /// As plugins and policies name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::SecretUse => "secret-use",
            Self::SecretReveal => "secret-reveal",
            Self::Cache => "cache",
            Self::Ssh => "ssh",
            Self::Inputs => "inputs",
            Self::Dns => "dns",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Http, Self::SecretUse, Self::SecretReveal, Self::Cache, Self::Ssh, Self::Inputs, Self::Dns]
            .into_iter()
            .find(|one| one.as_str() == name)
    }
}

/// What the operator allows. By default everything that cannot leave the object's own origins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grants(BTreeSet<Capability>);

impl Default for Grants {
    fn default() -> Self {
        let all = [Capability::Http, Capability::SecretUse, Capability::Cache, Capability::Ssh, Capability::Inputs];
        Self(BTreeSet::from(all))
    }
}

impl Grants {
    /// Nothing at all.
    pub fn none() -> Self {
        Self(BTreeSet::new())
    }

    /// One more.
    pub fn with(mut self, capability: Capability) -> Self {
        self.0.insert(capability);
        self
    }
}

/// What is asked for and allowed; asked of by every capability before it does anything.
#[derive(Clone, Debug)]
pub(crate) struct Effective {
    asked: BTreeSet<Capability>,
    allowed: BTreeSet<Capability>,
}

impl Effective {
    /// `info` is the plugin's description; names that this host does not know are ignored.
    pub(crate) fn new(info: &Value, grants: &Grants) -> Self {
        let asked = info["capabilities"].as_array().into_iter().flatten();
        let asked = asked.filter_map(|one| Capability::parse(one["name"].as_str()?)).collect();
        Self { asked, allowed: grants.0.clone() }
    }

    pub(crate) fn check(&self, capability: Capability, target: &str) -> Result<(), FailureKind> {
        let name = capability.as_str();
        let hint = match (self.asked.contains(&capability), self.allowed.contains(&capability)) {
            (true, true) => return Ok(()),
            (false, _) => format!("the plugin has to ask for `{name}` in its description"),
            (true, false) => format!("grant `{name}` to the plugin in a `PluginPolicy`"),
        };
        Err(FailureKind::Denied { capability: name.to_owned(), target: target.to_owned(), hint })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_sides_have_to_agree() {
        let info = json!({"capabilities": [{"name": "http"}, {"name": "secret-reveal"}, {"name": "teleport"}]});
        let denied = |grants: &Grants, capability| match Effective::new(&info, grants).check(capability, "x") {
            Ok(()) => None,
            Err(FailureKind::Denied { hint, .. }) => Some(hint),
            Err(other) => panic!("{other}"),
        };
        assert_eq!(denied(&Grants::default(), Capability::Http), None);
        assert!(denied(&Grants::none(), Capability::Http).unwrap().contains("PluginPolicy"));
        assert!(denied(&Grants::default(), Capability::Cache).unwrap().contains("ask for `cache`"));
        assert!(denied(&Grants::default(), Capability::SecretReveal).is_some());
        assert_eq!(denied(&Grants::default().with(Capability::SecretReveal), Capability::SecretReveal), None);
    }
}

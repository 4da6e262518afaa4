//! Who may refer to what, and as whom objects are applied.

use weir_core::{Failure, ObjectKey, condition::reasons};

/// Rules for references between namespaces and for identities.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessRules {
    /// Flux's `--no-cross-namespace-refs`.
    pub no_cross_namespace_refs: bool,
    /// Flux's `--default-service-account`: applies when an object names none.
    pub default_service_account: Option<String>,
}

impl AccessRules {
    /// Whether an object in `namespace` may use `source`.
    pub(crate) fn check_source(&self, namespace: &str, source: &ObjectKey) -> Result<(), Failure> {
        match self.no_cross_namespace_refs && source.namespace != namespace {
            true => Err(Failure::stalled(
                reasons::ACCESS_DENIED,
                format!("can't access '{source}', cross-namespace references have been blocked"),
            )),
            false => Ok(()),
        }
    }

    /// The user to impersonate for an object in `namespace`; `None` applies with our own rights.
    pub(crate) fn user(&self, namespace: &str, service_account: Option<&str>) -> Option<String> {
        service_account
            .filter(|name| !name.is_empty())
            .or(self.default_service_account.as_deref())
            .map(|name| format!("system:serviceaccount:{namespace}:{name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_across_namespaces_can_be_blocked() {
        let source = ObjectKey::new("GitRepository", "a", "repo");
        let open = AccessRules::default();
        let closed = AccessRules { no_cross_namespace_refs: true, ..AccessRules::default() };
        assert_eq!(open.check_source("b", &source), Ok(()));
        assert_eq!(closed.check_source("a", &source), Ok(()));
        assert_eq!(
            closed.check_source("b", &source).map_err(|f| f.message),
            Err("can't access 'GitRepository/a/repo', cross-namespace references have been blocked".into())
        );
    }

    #[test]
    fn the_default_account_applies_when_none_is_named() {
        let rules = AccessRules { default_service_account: Some("default".into()), ..AccessRules::default() };
        assert_eq!(rules.user("ns", Some("dev")).as_deref(), Some("system:serviceaccount:ns:dev"));
        assert_eq!(rules.user("ns", None).as_deref(), Some("system:serviceaccount:ns:default"));
        assert_eq!(AccessRules::default().user("ns", None), None);
    }
}

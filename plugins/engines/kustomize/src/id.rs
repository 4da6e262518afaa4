use std::borrow::Cow;
use std::fmt;

use hashbrown::{Equivalent, HashMap};

use crate::error::quoted;
use crate::order::or;
use crate::table::{self, Table, compare_joined};

/// What stands in for the namespace of something that has none.
pub(crate) const NO_NAMESPACE: &str = "_non_namespaceable_";
const DEFAULT_NAMESPACE: &str = "default";

const SCOPES: &str = include_str!("schema/cluster_scoped.txt");
/// The kinds that are cluster-scoped, by their `apiVersion`.
static CLUSTER_SCOPED: Table<{ table::count(SCOPES) }> = Table::new(SCOPES, ": ");

/// Group, version and kind; in selectors an empty part matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Gvk {
    pub(crate) group: Cow<'static, str>,
    pub(crate) version: Cow<'static, str>,
    pub(crate) kind: Cow<'static, str>,
}

impl Gvk {
    pub(crate) fn new(api_version: &str, kind: &str) -> Gvk {
        GvkView::new(api_version, kind).to_gvk()
    }

    /// From its parts as a configuration has them.
    pub(crate) fn of(
        group: impl Into<Cow<'static, str>>,
        version: impl Into<Cow<'static, str>>,
        kind: impl Into<Cow<'static, str>>,
    ) -> Gvk {
        Gvk { group: group.into(), version: version.into(), kind: kind.into() }
    }

    pub(crate) const fn built_in(group: &'static str, version: &'static str, kind: &'static str) -> Gvk {
        Gvk { group: Cow::Borrowed(group), version: Cow::Borrowed(version), kind: Cow::Borrowed(kind) }
    }

    pub(crate) fn is_selected_by(&self, selector: &Gvk) -> bool {
        self.view().is_selected_by(selector)
    }

    pub(crate) fn view(&self) -> GvkView<'_> {
        GvkView { group: &self.group, version: &self.version, kind: &self.kind }
    }

    /// Whether the kind is known to be cluster-scoped. Unknown kinds count as namespaced.
    pub(crate) fn is_cluster_scoped(&self) -> bool {
        self.view().is_cluster_scoped()
    }
}

/// Group, version and kind where they stand, without a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct GvkView<'a> {
    pub(crate) group: &'a str,
    pub(crate) version: &'a str,
    pub(crate) kind: &'a str,
}

impl<'a> GvkView<'a> {
    pub(crate) fn new(api_version: &'a str, kind: &'a str) -> GvkView<'a> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        GvkView { group, version, kind }
    }

    pub(crate) fn to_gvk(self) -> Gvk {
        Gvk::of(self.group.to_owned(), self.version.to_owned(), self.kind.to_owned())
    }

    /// As [`Gvk::is_selected_by`].
    pub(crate) fn is_selected_by(self, selector: &Gvk) -> bool {
        let matches = |wanted: &str, have: &str| wanted.is_empty() || wanted == have;
        matches(&selector.kind, self.kind)
            && matches(&selector.group, self.group)
            && matches(&selector.version, self.version)
    }

    /// As [`Gvk::is_cluster_scoped`].
    pub(crate) fn is_cluster_scoped(self) -> bool {
        let kinds = match self.group {
            "" => CLUSTER_SCOPED.get(|api_version| api_version.cmp(self.version)),
            group => CLUSTER_SCOPED.get(|api_version| compare_joined(api_version, &[group, self.version])),
        };
        kinds.is_some_and(|kinds| kinds.split(' ').any(|kind| kind == self.kind))
    }
}

impl Equivalent<Gvk> for GvkView<'_> {
    fn equivalent(&self, key: &Gvk) -> bool {
        *self == key.view()
    }
}

impl fmt::Display for GvkView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, version, group) =
            (or(self.kind, "[noKind]"), or(self.version, "[noVer]"), or(self.group, "[noGrp]"));
        write!(f, "{kind}.{version}.{group}")
    }
}

impl fmt::Display for Gvk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.view().fmt(f)
    }
}

/// A value for each kind, made when the kind is first seen.
pub(crate) struct ByKind<T>(HashMap<Gvk, T>);

impl<T> Default for ByKind<T> {
    fn default() -> Self {
        ByKind(HashMap::new())
    }
}

impl<T: Clone> ByKind<T> {
    pub(crate) fn get(&mut self, gvk: GvkView<'_>, make: impl FnOnce() -> T) -> T {
        if let Some(value) = self.0.get(&gvk) {
            return value.clone();
        }
        let value = make();
        self.0.insert(gvk.to_gvk(), value.clone());
        value
    }
}

/// What identifies a resource within a build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ResId {
    pub(crate) gvk: Gvk,
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) is_cluster_scoped: bool,
}

/// What identifies a resource, where it stands. Two resources with equal keys are the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key<'a> {
    pub(crate) gvk: GvkView<'a>,
    pub(crate) name: &'a str,
    /// What stands in for one that is not there included.
    pub(crate) namespace: &'a str,
}

pub(crate) fn effective_namespace(namespace: &str, is_cluster_scoped: bool) -> &str {
    match namespace {
        _ if is_cluster_scoped => NO_NAMESPACE,
        "" => DEFAULT_NAMESPACE,
        namespace => namespace,
    }
}

impl ResId {
    pub(crate) fn effective_namespace(&self) -> &str {
        effective_namespace(&self.namespace, self.is_cluster_scoped)
    }

    pub(crate) fn key(&self) -> Key<'_> {
        Key { gvk: self.gvk.view(), name: &self.name, namespace: self.effective_namespace() }
    }

    pub(crate) fn is_same_namespace(&self, other: &ResId) -> bool {
        self.effective_namespace() == other.effective_namespace()
    }

    /// Whether the parts that `selector` names are equal.
    pub(crate) fn is_selected_by(&self, selector: &ResId) -> bool {
        (selector.name.is_empty() || selector.name == self.name)
            && (selector.namespace.is_empty() || selector.is_same_namespace(self))
            && self.gvk.is_selected_by(&selector.gvk)
    }

    pub(crate) fn is_unset(&self) -> bool {
        *self == ResId::default()
    }

    /// The Go syntax of the id, which some of kustomize's messages use.
    pub(crate) fn go_syntax(&self) -> String {
        format!(
            "resid.ResId{{Gvk:resid.Gvk{{Group:{}, Version:{}, Kind:{}, isClusterScoped:{}}}, Name:{}, Namespace:{}}}",
            quoted(&self.gvk.group),
            quoted(&self.gvk.version),
            quoted(&self.gvk.kind),
            self.is_cluster_scoped,
            quoted(&self.name),
            quoted(&self.namespace)
        )
    }
}

impl fmt::Display for ResId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.name.is_empty() { "[noName]" } else { &self.name };
        let namespace = if self.namespace.is_empty() { "[noNs]" } else { &self.namespace };
        write!(f, "{}/{name}.{namespace}", self.gvk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scope_is_known_for_built_in_kinds() {
        assert!(Gvk::new("v1", "Namespace").is_cluster_scoped());
        assert!(Gvk::new("rbac.authorization.k8s.io/v1", "ClusterRole").is_cluster_scoped());
        assert!(!Gvk::new("apps/v1", "Deployment").is_cluster_scoped());
        assert!(!Gvk::new("example.com/v1", "Namespace").is_cluster_scoped());
    }

    #[test]
    fn ids_print_as_in_kustomize() {
        let id = ResId { gvk: Gvk::new("v1", "ConfigMap"), name: "c".into(), ..ResId::default() };
        assert_eq!(id.to_string(), "ConfigMap.v1.[noGrp]/c.[noNs]");
        assert_eq!(id.effective_namespace(), "default");
    }
}

//! The kinds of Flux, as people call them, and what `get` shows of each.

use kube::core::ApiResource;

/// A column of `get`, besides the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Revision,
    Suspended,
    Ready,
    Message,
    LastScan,
    LastRun,
    Image,
    Tag,
    Source,
}

use Column::{Image, LastRun, LastScan, Message, Ready, Revision, Source, Suspended, Tag};

/// What a kind is called, where it is served, and its columns.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) group: &'static str,
    pub(crate) version: &'static str,
    pub(crate) plural: &'static str,
    /// The word before the alias, as `source` in `source git`; may be left out with an alias that is unambiguous.
    family: Option<&'static str>,
    aliases: &'static [&'static str],
    pub(crate) columns: &'static [Column],
    /// Whether a reconcile can be asked for.
    pub(crate) reconciles: bool,
    /// What a reconcile has done, before the revision.
    pub(crate) done: &'static str,
}

const SOURCE: &str = "source.toolkit.fluxcd.io";
const IMAGE: &str = "image.toolkit.fluxcd.io";
const NOTIFICATION: &str = "notification.toolkit.fluxcd.io";
const STANDARD: &[Column] = &[Revision, Suspended, Ready, Message];

/// In the order in which `get all` shows them.
pub(crate) const KINDS: [Kind; 14] = [
    source("GitRepository", "gitrepositories", &["git"]),
    source("OCIRepository", "ocirepositories", &["oci"]),
    source("Bucket", "buckets", &["bucket"]),
    source("HelmRepository", "helmrepositories", &["helm"]),
    source("HelmChart", "helmcharts", &["chart"]),
    Kind {
        columns: &[Revision, Source, Ready, Message],
        reconciles: false,
        ..source("ExternalArtifact", "externalartifacts", &["external"])
    },
    Kind {
        done: "applied revision",
        family: None,
        group: "kustomize.toolkit.fluxcd.io",
        ..source("Kustomization", "kustomizations", &["ks"])
    },
    Kind {
        done: "applied revision",
        family: None,
        group: "helm.toolkit.fluxcd.io",
        version: "v2",
        ..source("HelmRelease", "helmreleases", &["hr"])
    },
    notification("Alert", "v1beta3", "alerts", &["alert"], &[Suspended, Ready, Message]),
    notification("Provider", "v1beta3", "providers", &["alert-provider", "alert-providers"], &[Ready, Message]),
    Kind {
        reconciles: true,
        ..notification("Receiver", "v1", "receivers", &["receiver"], &[Suspended, Ready, Message])
    },
    image("ImageRepository", "imagerepositories", "repository", &[LastScan, Suspended, Ready, Message]),
    image("ImagePolicy", "imagepolicies", "policy", &[Image, Tag, Ready, Message]),
    image("ImageUpdateAutomation", "imageupdateautomations", "update", &[LastRun, Suspended, Ready, Message]),
];

const fn source(name: &'static str, plural: &'static str, aliases: &'static [&'static str]) -> Kind {
    let done = "fetched revision";
    let family = Some("source");
    Kind { name, group: SOURCE, version: "v1", plural, family, aliases, columns: STANDARD, reconciles: true, done }
}

const fn notification(
    name: &'static str,
    version: &'static str,
    plural: &'static str,
    aliases: &'static [&'static str],
    columns: &'static [Column],
) -> Kind {
    Kind { name, group: NOTIFICATION, version, plural, family: None, aliases, columns, reconciles: false, done: "" }
}

const fn image(name: &'static str, plural: &'static str, alias: &'static str, columns: &'static [Column]) -> Kind {
    let aliases = match alias.as_bytes() {
        b"repository" => &["repository"],
        b"policy" => &["policy"],
        _ => &["update"],
    };
    let family = Some("image");
    Kind { name, group: IMAGE, version: "v1", plural, family, aliases, columns, reconciles: true, done: "" }
}

impl Kind {
    /// For the dynamic client.
    pub(crate) fn resource(&self) -> ApiResource {
        ApiResource {
            group: self.group.to_owned(),
            version: self.version.to_owned(),
            api_version: format!("{}/{}", self.group, self.version),
            kind: self.name.to_owned(),
            plural: self.plural.to_owned(),
        }
    }

    /// The kind whose `kind` field is `name`.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.name.eq_ignore_ascii_case(name))
    }

    /// As in `kustomization/apps`.
    pub(crate) fn lower(&self) -> String {
        self.name.to_lowercase()
    }

    fn is_called(&self, family: Option<&str>, word: &str) -> bool {
        let full = self.lower() == word || self.plural == word;
        let family_fits = family.is_none_or(|family| self.family == Some(family));
        let needs_family = self.family == Some("image");
        let alias = self.aliases.iter().any(|alias| *alias == word || format!("{alias}s") == word);
        family_fits && (full || (alias && (family.is_some() || !needs_family)))
    }
}

/// What a command line means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// More than one for `all`, `sources` and `images all`.
    pub(crate) kinds: Vec<&'static Kind>,
    pub(crate) names: Vec<String>,
}

/// The words name nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UnknownKind(String);

impl std::fmt::Display for UnknownKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let known = "`all`, `sources git`, `kustomizations`, `helmreleases`, `images policy`, ...";
        write!(f, "unknown kind: {}\nhint: kinds are {known}; `weir get --help` lists them", self.0)
    }
}

impl std::error::Error for UnknownKind {}

impl Target {
    /// Reads `source git NAME...`, `ks NAME...`, `ks/NAME`, `all`.
    pub(crate) fn parse(words: &[String]) -> Result<Self, UnknownKind> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (family, rest) = match words.as_slice() {
            ["source" | "sources", rest @ ..] => (Some("source"), rest),
            ["image" | "images", rest @ ..] => (Some("image"), rest),
            rest => (None, rest),
        };
        let (word, names) = match rest {
            [] | ["all", ..] => return Self::all(family).ok_or_else(|| UnknownKind(words.join(" "))),
            [first, names @ ..] => (first, names),
        };
        let (word, inline) = word.split_once('/').map_or((*word, None), |(word, name)| (word, Some(name)));
        let word = word.to_lowercase();
        let found = KINDS.iter().find(|kind| kind.is_called(family, &word));
        let kind = found.ok_or_else(|| UnknownKind(words.join(" ")))?;
        let names = inline.into_iter().chain(names.iter().copied()).map(str::to_owned).collect();
        Ok(Self { kinds: vec![kind], names })
    }

    fn all(family: Option<&str>) -> Option<Self> {
        let kinds: Vec<_> = KINDS.iter().filter(|kind| family.is_none() || kind.family == family).collect();
        (!kinds.is_empty()).then_some(Self { kinds, names: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Option<(&str, &[&str])>) {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let target = Target::parse(&words);
        let found = target.as_ref().ok().map(|target| {
            let names: Vec<&str> = target.names.iter().map(String::as_str).collect();
            (target.kinds[0].name, names)
        });
        assert_eq!(found, expected.map(|(kind, names)| (kind, names.to_vec())), "{line}");
    }

    #[test]
    fn kinds_have_many_names() {
        check("source git flux-system", Some(("GitRepository", &["flux-system"])));
        check("sources git", Some(("GitRepository", &[])));
        check("gitrepository a", Some(("GitRepository", &["a"])));
        check("ks a b", Some(("Kustomization", &["a", "b"])));
        check("Kustomization/apps", Some(("Kustomization", &["apps"])));
        check("hr podinfo", Some(("HelmRelease", &["podinfo"])));
        check("image policy p", Some(("ImagePolicy", &["p"])));
        check("policy p", None);
        check("source ks", None);
        check("pods", None);
        check("alert-providers", Some(("Provider", &[])));
    }

    #[test]
    fn all_is_all_of_a_family() {
        let count = |line: &str| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            Target::parse(&words).unwrap().kinds.len()
        };
        assert_eq!([count("all"), count("sources all"), count("images all"), count("sources")], [14, 6, 3, 6]);
    }
}

//! `Chart.yaml`.

use std::collections::BTreeMap;

use weir_gotmpl::kept;
use weir_semver::Version;
use weir_yaml::Node;

use crate::Helm;
use crate::chart::dependency::Dependency;
use crate::decode::{self, Place};
use crate::error::{Error, Result};
use crate::go_path;

/// What `Chart.yaml` says of a chart, and `requirements.yaml` for an old one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    pub name: String,
    pub home: String,
    pub sources: Vec<String>,
    pub version: String,
    pub description: String,
    pub keywords: Vec<String>,
    pub maintainers: Vec<Maintainer>,
    pub icon: String,
    /// `v1` or `v2`.
    pub api_version: String,
    pub condition: String,
    pub tags: String,
    pub app_version: String,
    pub deprecated: bool,
    /// In the order of the keys.
    pub annotations: Vec<(String, String)>,
    /// A constraint on the version of Kubernetes, or empty.
    pub kube_version: String,
    /// `None` where the file has no `dependencies`, which is not the same as an empty list.
    pub dependencies: Option<Vec<Dependency>>,
    /// `application`, `library` or empty.
    pub kind: String,
}

kept!(Metadata {
    name,
    home,
    sources,
    version,
    description,
    keywords,
    maintainers,
    icon,
    api_version,
    condition,
    tags,
    app_version,
    deprecated,
    annotations,
    kube_version,
    dependencies,
    kind,
});

/// Who keeps a chart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Maintainer {
    pub name: String,
    pub email: String,
    pub url: String,
}

kept!(Maintainer { name, email, url });

const FIELDS: &[&str] = &[
    "name",
    "home",
    "sources",
    "version",
    "description",
    "keywords",
    "maintainers",
    "icon",
    "apiVersion",
    "condition",
    "tags",
    "appVersion",
    "deprecated",
    "annotations",
    "kubeVersion",
    "dependencies",
    "type",
];

/// The generation of charts that Helm 4 can load and not yet install.
pub(crate) const API_VERSION_V3: &str = "v3";

/// The `apiVersion` in a `Chart.yaml`, whatever else is in it.
///
/// # Errors
/// As [`Metadata::read`].
pub(super) fn api_version(text: &[u8]) -> std::result::Result<String, String> {
    let Some(node) = decode::parse(text)? else { return Ok(String::new()) };
    decode::check(&node)?;
    let place = Place::root("loader.chartBase");
    let mut found = String::new();
    for (name, value) in place.entries(&node, "")?.unwrap_or_default() {
        if decode::field(&name, &["apiVersion"]).is_some() {
            found = place.within("chartBase", &["apiVersion"]).text(value)?;
        }
    }
    Ok(found)
}

impl Metadata {
    /// Reads `Chart.yaml` or `requirements.yaml` over what was read before.
    ///
    /// # Errors
    /// In the words of `sigs.k8s.io/yaml`.
    pub(crate) fn read(&mut self, text: &[u8], helm: Helm) -> std::result::Result<(), String> {
        let Some(node) = decode::parse(text)? else { return Ok(()) };
        decode::check(&node)?;
        let place = Place::root(match helm {
            Helm::V3 => "chart.Metadata",
            Helm::V4 => "v2.Metadata",
        });
        for (name, value) in place.entries(&node, "")?.unwrap_or_default() {
            if let Some(field) = decode::field(&name, FIELDS) {
                self.read_field(place, field, value)?;
            }
        }
        Ok(())
    }

    fn read_field(&mut self, place: Place<'_>, field: &'static str, node: &Node) -> std::result::Result<(), String> {
        let path = [field];
        let place = place.within("Metadata", &path);
        let text = match field {
            "name" => &mut self.name,
            "home" => &mut self.home,
            "version" => &mut self.version,
            "description" => &mut self.description,
            "icon" => &mut self.icon,
            "apiVersion" => &mut self.api_version,
            "condition" => &mut self.condition,
            "tags" => &mut self.tags,
            "appVersion" => &mut self.app_version,
            "kubeVersion" => &mut self.kube_version,
            "type" => &mut self.kind,
            _ => return self.read_other_field(place, field, node),
        };
        place.set_text(text, node)
    }

    fn read_other_field(&mut self, place: Place<'_>, field: &str, node: &Node) -> std::result::Result<(), String> {
        match field {
            "sources" => self.sources = place.texts(node)?,
            "keywords" => self.keywords = place.texts(node)?,
            "deprecated" => self.deprecated = place.flag(node)?.unwrap_or(self.deprecated),
            "annotations" if decode::is_null(node) => self.annotations.clear(),
            "annotations" => {
                let mut all: BTreeMap<String, String> = std::mem::take(&mut self.annotations).into_iter().collect();
                all.extend(place.text_map(node)?);
                self.annotations = all.into_iter().collect();
            }
            "maintainers" => {
                let items = place.items(node, "[]*chart.Maintainer")?.unwrap_or_default();
                let mut known = std::mem::take(&mut self.maintainers).into_iter();
                let read = items.iter().map(|item| Maintainer::read(place, item, known.next()));
                self.maintainers = read.collect::<std::result::Result<_, _>>()?;
            }
            _ => {
                let items = place.items(node, "[]*chart.Dependency")?;
                let mut known = self.dependencies.take().unwrap_or_default().into_iter();
                let read =
                    |items: &[Node]| items.iter().map(|item| Dependency::read(place, item, known.next())).collect();
                self.dependencies = items.map(read).transpose()?;
            }
        }
        Ok(())
    }

    /// Cleans the texts and checks what Helm checks when it loads a chart.
    ///
    /// # Errors
    /// `validation: ...`
    pub(crate) fn validate(&mut self) -> Result<()> {
        let texts = [
            &mut self.name,
            &mut self.description,
            &mut self.home,
            &mut self.icon,
            &mut self.condition,
            &mut self.tags,
            &mut self.app_version,
            &mut self.kube_version,
        ];
        texts.into_iter().chain(&mut self.sources).chain(&mut self.keywords).for_each(sanitize);
        if self.api_version.is_empty() {
            return invalid("chart.metadata.apiVersion is required");
        }
        self.validate_name()?;
        if self.version.is_empty() {
            return invalid("chart.metadata.version is required");
        }
        if Version::parse(&self.version).is_err() {
            return invalid(format!(
                "chart.metadata.version {} is invalid",
                weir_gotmpl::quote(self.version.as_bytes())
            ));
        }
        if !["", "application", "library"].contains(&self.kind.as_str()) {
            return invalid("chart.metadata.type must be application or library");
        }
        for maintainer in &mut self.maintainers {
            maintainer.validate()?;
        }
        let mut names: Vec<String> = Vec::new();
        for dependency in self.dependencies.iter_mut().flatten() {
            dependency.validate()?;
            let name = dependency.name_in_parent();
            if names.iter().any(|known| known == name) {
                let name = weir_gotmpl::quote(name.as_bytes());
                return invalid(format!("more than one dependency with name or alias {name}"));
            }
            names.push(name.to_owned());
        }
        Ok(())
    }

    fn validate_name(&self) -> Result<()> {
        let name = self.name.as_str();
        if name.is_empty() {
            return invalid("chart.metadata.name is required");
        }
        if name == "." || name == ".." {
            return invalid(format!("chart.metadata.name {} is not allowed", weir_gotmpl::quote(name.as_bytes())));
        }
        if name != go_path::base(name) {
            return invalid(format!("chart.metadata.name {} is invalid", weir_gotmpl::quote(name.as_bytes())));
        }
        Ok(())
    }

    /// Whether the chart only lends its templates to others.
    pub fn is_library(&self) -> bool {
        self.kind.eq_ignore_ascii_case("library")
    }
}

impl Maintainer {
    fn read(place: Place<'_>, node: &Node, known: Option<Maintainer>) -> std::result::Result<Maintainer, String> {
        let mut maintainer = known.unwrap_or_default();
        let entries = place.within("Metadata", &["maintainers"]).entries(node, "chart.Maintainer")?;
        let Some(entries) = entries else { return Ok(Maintainer { name: NULL.to_owned(), ..Maintainer::default() }) };
        for (name, value) in entries {
            match decode::field(&name, &["name", "email", "url"]) {
                Some("name") => {
                    place.within("Maintainer", &["maintainers", "name"]).set_text(&mut maintainer.name, value)?
                }
                Some("email") => {
                    place.within("Maintainer", &["maintainers", "email"]).set_text(&mut maintainer.email, value)?
                }
                Some(_) => place.within("Maintainer", &["maintainers", "url"]).set_text(&mut maintainer.url, value)?,
                None => {}
            }
        }
        Ok(maintainer)
    }

    fn validate(&mut self) -> Result<()> {
        if self.name == NULL {
            return invalid("maintainers must not contain empty or null nodes");
        }
        [&mut self.name, &mut self.email, &mut self.url].into_iter().for_each(sanitize);
        Ok(())
    }
}

/// The name of an entry that is `null`, until it is refused: no text from YAML holds this character.
pub(super) const NULL: &str = "\0";

pub(super) fn invalid<T>(message: impl std::fmt::Display) -> Result<T> {
    Err(Error::chart(format!("validation: {message}")))
}

/// Space becomes a blank, what cannot be printed is dropped.
pub(super) fn sanitize(text: &mut String) {
    if text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) {
        return;
    }
    let clean = |c: char| match c {
        c if c.is_whitespace() => Some(' '),
        c if weir_gotmpl::is_print(c) => Some(c),
        _ => None,
    };
    *text = text.chars().filter_map(clean).collect();
}

//! The index of a repository.

use weir_semver::Version;
use weir_yaml::{Node, Rules};

use crate::choice::choose;
use crate::{Error, Result};

/// What a repository says about its charts.
pub struct Index(Node);

/// One version of a chart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Release {
    /// As the index has it.
    pub version: String,
    /// Where its archive is, from the repository's URL on.
    pub url: String,
    /// The archive's digest as hexadecimal SHA-256; empty if the index does not say.
    pub digest: String,
}

impl Index {
    /// Reads an index.
    ///
    /// # Errors
    /// It is no YAML, or not that of a repository.
    pub fn parse(text: &str) -> Result<Index> {
        let is_wanted = |name: &str| matches!(name, "apiVersion" | "entries");
        let index = weir_yaml::parse_fields(text, is_wanted).map(|index| Ok(Some(index)));
        let index = index.unwrap_or_else(|| weir_yaml::parse_first_as(text, Rules::Yaml11));
        let index = index.map_err(|error| Error::Index(error.to_string()))?;
        let Some(index) = index.filter(|index| !index.is_null()) else {
            return Err(Error::Index("empty index.yaml file".to_owned()));
        };
        if index.get("apiVersion").is_none_or(Node::is_empty) {
            return Err(Error::Index("no API version specified".to_owned()));
        }
        Ok(Index(index))
    }

    /// The release of a chart that is wanted: the newest that fits. What has no version is passed over.
    ///
    /// # Errors
    /// There is none, or it has no URL.
    pub fn find(&self, name: &str, wanted: &str) -> Result<Release> {
        let releases = self.0.get("entries").and_then(|entries| entries.get(name)).ok_or(Error::NoChart)?;
        let versions = releases.items().iter().filter_map(|release| {
            let text = field(release, "version");
            Some((Version::parse(text).ok()?, text.to_owned(), release))
        });
        let release = choose(versions.collect(), wanted)?;
        let url = release.get("urls").and_then(|urls| urls.items().first()).map(Node::text).unwrap_or_default();
        if url.is_empty() {
            return Err(Error::NoUrl);
        }
        let digest = field(release, "digest");
        Ok(Release {
            version: field(release, "version").to_owned(),
            url: url.to_owned(),
            digest: digest.strip_prefix("sha256:").unwrap_or(digest).to_owned(),
        })
    }
}

fn field<'n>(release: &'n Node, name: &str) -> &'n str {
    release.get(name).map(Node::text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = "apiVersion: v1
entries:
  web:
  - {version: 1.0.0, urls: [web-1.0.0.tgz]}
  - version: 1.1.0
    digest: sha256:abc
    urls:
    - https://x.org/web-1.1.0.tgz
    - https://y.org/web-1.1.0.tgz
  - {version: 2.0.0-rc.1, urls: [rc.tgz]}
  - {version: nope, urls: [nope.tgz]}
  - version: 0.9.0
  none: []
generated: 2024-01-01T00:00:00Z
";

    fn find(name: &str, wanted: &str) -> Result<Release> {
        Index::parse(INDEX).unwrap().find(name, wanted)
    }

    #[test]
    fn a_release_is_found_by_name_and_version() {
        let expected = Release {
            version: "1.1.0".to_owned(),
            url: "https://x.org/web-1.1.0.tgz".to_owned(),
            digest: "abc".to_owned(),
        };
        assert_eq!(find("web", ""), Ok(expected));
        assert_eq!(find("web", "1.0.0").unwrap().url, "web-1.0.0.tgz");
        assert_eq!(find("web", "~1.0").unwrap().digest, "");
        assert_eq!(find("web", ">0.0.0-0").unwrap().url, "rc.tgz");
        assert_eq!(find("web", "0.9.0"), Err(Error::NoUrl));
        assert_eq!(find("db", ""), Err(Error::NoChart));
        assert_eq!(find("none", ""), Err(Error::NoVersion("none".to_owned())));
        assert!(matches!(find("web", "3"), Err(Error::NoVersion(_))));
    }

    #[test]
    fn what_is_no_index_is_refused() {
        for (text, expected) in [
            ("", "empty index.yaml file"),
            ("entries: {}\n", "no API version specified"),
            ("<html></html>\n", "no API version specified"),
            ("a: [\n", "line 1"),
        ] {
            let error = Index::parse(text).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.starts_with("the index cannot be read: ") && error.contains(expected), "{error}");
        }
    }

    #[test]
    fn json_is_an_index_too() {
        let index = r#"{"apiVersion": "v1", "entries": {"web": [{"version": "1.0.0", "urls": ["a.tgz"]}]}}"#;
        assert_eq!(Index::parse(index).unwrap().find("web", "").unwrap().url, "a.tgz");
    }
}

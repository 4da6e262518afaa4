//! Which version is wanted, and which of those that there are is taken: the first that fits, newest first.

use weir_semver::{Constraint, Version};

use crate::{Error, Result};

/// Any release.
const ANY: &str = "*";
/// Prereleases too.
const ANY_WITH_PRERELEASES: &str = ">0.0.0-0";
/// Versions that a message names.
const NAMED: usize = 5;

/// What `helm pull --version VERSION` looks for, with `--devel` or without: that says something only where no version does.
pub fn wanted_version(version: &str, devel: bool) -> &str {
    if version.is_empty() && devel { ANY_WITH_PRERELEASES } else { version }
}

/// Whether what is wanted is one version rather than a constraint; registries are then not asked for their tags.
pub fn is_exact(wanted: &str) -> bool {
    Version::parse(wanted).is_ok()
}

/// A version as the tag of a registry, which cannot have a `+`.
pub fn tag_of(version: &str) -> String {
    version.replace('+', "_")
}

/// The tag of the version that is wanted. Tags that are no whole versions are none of charts.
///
/// # Errors
/// There is none, or what is wanted is no constraint.
pub fn choose_tag<'t>(tags: &'t [String], wanted: &str) -> Result<&'t str> {
    let is_strict = |text: &str| !text.starts_with('v') && Version::parse_tag(text).is_ok();
    let versions = tags.iter().map(|tag| (tag.replace('_', "+"), tag)).filter(|(version, _)| is_strict(version));
    let versions: Vec<_> = versions.filter_map(|(text, tag)| Some((Version::parse(&text).ok()?, text, tag))).collect();
    choose(versions, wanted).map(String::as_str)
}

/// Of versions, their texts and what belongs to them, the first that is wanted.
pub(crate) fn choose<T>(mut versions: Vec<(Version, String, T)>, wanted: &str) -> Result<T> {
    let constraint = Constraint::parse(if wanted.is_empty() { ANY } else { wanted });
    let constraint = constraint.map_err(|error| Error::Constraint(error.to_string()))?;
    versions.sort_by(|(a, ..), (b, ..)| b.precedence(a));
    let exact = versions.iter().position(|(_, text, _)| text == wanted);
    match exact.or_else(|| versions.iter().position(|(version, ..)| constraint.matches(version))) {
        Some(at) => Ok(versions.swap_remove(at).2),
        None => Err(Error::NoVersion(named(versions.iter().map(|(_, text, _)| text.as_str())))),
    }
}

/// Some of what there is.
fn named<'v>(versions: impl ExactSizeIterator<Item = &'v str>) -> String {
    let more = versions.len().saturating_sub(NAMED);
    let shown: Vec<&str> = versions.take(NAMED).collect();
    match (shown.as_slice(), more) {
        ([], _) => "none".to_owned(),
        (shown, 0) => shown.join(", "),
        (shown, more) => format!("{} and {more} others", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_that_fits_is_taken() {
        let tags: Vec<String> =
            ["1.0.0", "1.10.0", "1.9.0", "2.0.0-rc.1", "1.2.0_b1", "latest", "1.9", "v3.0.0"].map(str::to_owned).into();
        for (wanted, expected) in [
            ("", Ok("1.10.0")),
            (">0.0.0-0", Ok("2.0.0-rc.1")),
            ("1.9.0", Ok("1.9.0")),
            ("~1.9", Ok("1.9.0")),
            ("<1.9", Ok("1.2.0_b1")),
            ("1.2.0+b1", Ok("1.2.0_b1")),
            ("^3", Err("no version of it matches; there are 2.0.0-rc.1, 1.10.0, 1.9.0, 1.2.0+b1, 1.0.0".to_owned())),
            ("x y", Err("improper constraint: \"x y\"".to_owned())),
        ] {
            assert_eq!(choose_tag(&tags, wanted).map_err(|error| error.to_string()), expected, "{wanted}");
        }
        let many: Vec<String> = (0..9).map(|number| format!("1.0.{number}")).collect();
        let error = choose_tag(&many, "2").unwrap_err().to_string();
        assert!(error.ends_with("1.0.8, 1.0.7, 1.0.6, 1.0.5, 1.0.4 and 4 others"), "{error}");
        assert_eq!(choose_tag(&[], "").unwrap_err().to_string(), "no version of it matches; there are none");
    }

    #[test]
    fn prereleases_come_only_where_no_version_is_said() {
        assert_eq!(wanted_version("", true), ">0.0.0-0");
        assert_eq!(wanted_version("1", true), "1");
        assert_eq!(wanted_version("", false), "");
        assert!(is_exact("1.2") && is_exact("1.2.3+x") && !is_exact("") && !is_exact("^1"));
        assert_eq!(tag_of("1.0.0+a"), "1.0.0_a");
    }
}

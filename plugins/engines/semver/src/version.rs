//! A version, read loosely.

use std::cmp::Ordering;

/// The longest text that is read as a version, in bytes.
pub const MAX_VERSION_LEN: usize = 256;

/// The text is no version.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("invalid semantic version")]
pub struct InvalidVersion;

/// A version. `==` compares every part, [`Version::precedence`] orders as semver does.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Version {
    /// The first number.
    pub major: u64,
    /// The second number.
    pub minor: u64,
    /// The third number.
    pub patch: u64,
    /// After `-`, empty for a release.
    pub pre: String,
    /// After `+`, without weight in comparisons.
    pub build: String,
}

impl Version {
    /// Reads `1`, `v1.2`, `01.2.3-rc.1+build`: one to three numbers, an optional `v`, leading zeros tolerated.
    pub fn parse(text: &str) -> Result<Version, InvalidVersion> {
        if text.len() > MAX_VERSION_LEN {
            return Err(InvalidVersion);
        }
        let (rest, build) = split(text.strip_prefix('v').unwrap_or(text), '+');
        let (numbers, pre) = split(rest, '-');
        let mut version =
            Version { pre: identifiers(pre, true)?, build: identifiers(build, false)?, ..Version::default() };
        let mut parts = numbers.split('.');
        version.major = number(parts.next())?;
        version.minor = parts.next().map_or(Ok(0), |part| number(Some(part)))?;
        version.patch = parts.next().map_or(Ok(0), |part| number(Some(part)))?;
        parts.next().is_none().then_some(version).ok_or(InvalidVersion)
    }

    /// Reads a tag as Flux does: like [`Version::parse`], but the text must have three parts between dots.
    pub fn parse_tag(text: &str) -> Result<Version, InvalidVersion> {
        if text.splitn(3, '.').count() < 3 {
            return Err(InvalidVersion);
        }
        Version::parse(text)
    }

    /// Semver's order: a prerelease is older than its release, numbers are older than words, builds weigh nothing.
    pub fn precedence(&self, other: &Version) -> Ordering {
        let numbers = |v: &Version| (v.major, v.minor, v.patch);
        numbers(self).cmp(&numbers(other)).then_with(|| match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => compare_prereleases(&self.pre, &other.pre),
        })
    }
}

/// The text before `mark`, and what follows it if it is there.
fn split(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(before, after)| (before, Some(after)))
}

fn number(part: Option<&str>) -> Result<u64, InvalidVersion> {
    let part = part.filter(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    part.and_then(|part| part.parse().ok()).ok_or(InvalidVersion)
}

fn identifiers(text: Option<&str>, no_leading_zero: bool) -> Result<String, InvalidVersion> {
    let Some(text) = text else {
        return Ok(String::new());
    };
    for part in text.split('.') {
        let known = part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let numeric = part.bytes().all(|b| b.is_ascii_digit());
        if part.is_empty() || !known || (no_leading_zero && numeric && part.len() > 1 && part.starts_with('0')) {
            return Err(InvalidVersion);
        }
    }
    Ok(text.to_owned())
}

fn compare_prereleases(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a.split('.'), b.split('.'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => match (a.parse::<u64>(), b.parse::<u64>()) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => a.cmp(b),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}

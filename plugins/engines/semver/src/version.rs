//! A version, read loosely.

use std::cmp::Ordering;

/// The longest text that is read as a version, in bytes.
pub const MAX_VERSION_LEN: usize = 256;

/// Why a text is no version.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidVersion {
    /// It does not look like one.
    #[error("invalid semantic version")]
    Shape,
    /// See [`MAX_VERSION_LEN`].
    #[error("version string is too long (max {MAX_VERSION_LEN} bytes)")]
    TooLong,
    /// A number that does not fit.
    #[error("error parsing version segment: strconv.ParseUint: parsing \"{0}\": value out of range")]
    TooLarge(String),
    /// A number of the prerelease has a zero in front.
    #[error("version segment starts with 0")]
    LeadingZero,
}

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
            return Err(InvalidVersion::TooLong);
        }
        let (rest, build) = split(text.strip_prefix('v').unwrap_or(text), '+');
        let (numbers, pre) = split(rest, '-');
        let parts: Vec<&str> = numbers.split('.').collect();
        let looks_right = parts.len() <= 3 && parts.iter().all(|part| is_number(part));
        if !looks_right || !are_identifiers(pre) || !are_identifiers(build) {
            return Err(InvalidVersion::Shape);
        }
        let number = |at: usize| parts.get(at).map_or(Ok(0), |part| number(part));
        let (major, minor, patch) = (number(0)?, number(1)?, number(2)?);
        let (pre, build) = (pre.unwrap_or_default(), build.unwrap_or_default());
        if pre.split('.').any(|part| part.len() > 1 && part.starts_with('0') && is_number(part)) {
            return Err(InvalidVersion::LeadingZero);
        }
        Ok(Version { major, minor, patch, pre: pre.to_owned(), build: build.to_owned() })
    }

    /// Reads a tag as Flux does: like [`Version::parse`], but the text must have three parts between dots.
    pub fn parse_tag(text: &str) -> Result<Version, InvalidVersion> {
        if text.splitn(3, '.').count() < 3 {
            return Err(InvalidVersion::Shape);
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

fn is_number(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())
}

fn number(digits: &str) -> Result<u64, InvalidVersion> {
    digits.parse().map_err(|_| InvalidVersion::TooLarge(digits.to_owned()))
}

/// Words between dots, or nothing at all.
fn are_identifiers(text: Option<&str>) -> bool {
    let is_word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    text.is_none_or(|text| text.split('.').all(is_word))
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

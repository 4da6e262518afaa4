//! `--mirror FROM=TO`: where sources and plugins are really fetched from, while status keeps the declared URL.
//!
//! The rule is git's `url.insteadOf`: FROM is a prefix, the longest match wins, and TO may change scheme and path. A FROM
//! without a scheme (`github.com`) matches any scheme and user of that host, as containerd's hosts files do.

use std::str::FromStr;

use thiserror::Error;

/// Rewrites URLs by prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mirrors(Vec<Mirror>);

/// One `FROM=TO`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirror {
    from: String,
    to: String,
}

/// Why a `--mirror` value is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MirrorError {
    /// No `=`, or an empty side.
    #[error("a mirror is `FROM=TO`, for example `https://github.com/=https://git.example.com/github/`: {0}")]
    Shape(String),
    /// TO has no scheme.
    #[error("the second half of a mirror needs a scheme such as `https://`: {0}")]
    Scheme(String),
}

impl FromStr for Mirror {
    type Err = MirrorError;

    fn from_str(text: &str) -> Result<Self, MirrorError> {
        let (from, to) = text
            .split_once('=')
            .filter(|(from, to)| !from.is_empty() && !to.is_empty())
            .ok_or_else(|| MirrorError::Shape(text.into()))?;
        match to.contains("://") {
            true => Ok(Self { from: from.into(), to: to.into() }),
            false => Err(MirrorError::Scheme(text.into())),
        }
    }
}

impl Mirrors {
    /// A table; order does not matter.
    pub fn new(mirrors: Vec<Mirror>) -> Self {
        Self(mirrors)
    }

    /// The URL to fetch from; `url` itself when nothing matches.
    pub fn rewrite(&self, url: &str) -> String {
        self.0
            .iter()
            .filter_map(|m| m.rest(url).map(|rest| (m, rest)))
            .max_by_key(|(m, _)| m.from.len())
            .map_or_else(|| url.into(), |(m, rest)| format!("{}{rest}", m.to))
    }
}

impl Mirror {
    /// What follows FROM in `url`, when FROM is a prefix that ends at a boundary.
    fn rest<'a>(&self, url: &'a str) -> Option<&'a str> {
        let text = match self.from.contains("://") {
            true => url,
            false => without_scheme_and_user(url),
        };
        let rest = text.strip_prefix(&self.from)?;
        let at_boundary = rest.is_empty() || self.from.ends_with('/') || rest.starts_with(['/', ':', '?']);
        at_boundary.then_some(rest)
    }
}

fn without_scheme_and_user(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority_end = rest.find('/').unwrap_or(rest.len());
    rest[..authority_end].find('@').map_or(rest, |at| &rest[at + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mirrors: &[&str], url: &str, expected: &str) {
        let table = Mirrors::new(mirrors.iter().map(|m| m.parse().unwrap()).collect());
        assert_eq!(table.rewrite(url), expected, "{mirrors:?}");
    }

    #[test]
    fn urls_are_rewritten_by_the_longest_prefix() {
        check(&[], "https://github.com/a/b", "https://github.com/a/b");
        check(&["https://github.com/=http://127.0.0.1:80/"], "https://github.com/a/b", "http://127.0.0.1:80/a/b");
        check(&["https://github.com=http://m"], "https://github.community/a", "https://github.community/a");
        check(&["ssh://git@github.com/=http://m/gh/"], "ssh://git@github.com/a/b", "http://m/gh/a/b");
        check(&["github.com=http://m"], "ssh://git@github.com/a/b", "http://m/a/b");
        check(&["github.com=http://m", "github.com/a=http://n/x"], "https://github.com/a/b", "http://n/x/b");
    }

    #[test]
    fn bad_mirrors_are_refused() {
        for text in ["", "a", "=b", "a=", "https://a=b"] {
            assert!(text.parse::<Mirror>().is_err(), "{text}");
        }
    }
}

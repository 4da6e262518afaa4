//! The spellings of a Git repository with a directory in it, read as kustomize reads them.

use std::time::Duration;

/// A directory in a Git repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepoSpec {
    /// As written.
    pub raw: String,
    /// What `git clone` would be given: `https://host/org/repo`, `git@host:org/repo`, `ssh://…` or `file://…`.
    pub repository: String,
    /// The directory in the repository, `""` for its root.
    pub directory: String,
    /// Branch, tag, commit or full name; `""` for the repository's default branch.
    pub reference: String,
    /// Whether submodules are wanted.
    pub submodules: bool,
    /// How long fetching may take.
    pub timeout: Duration,
}

/// How long fetching may take where the URL does not say.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(27);
const SCHEMES: [&str; 4] = ["ssh://", "https://", "http://", FILE];
const FILE: &str = "file://";
const GIT_ROOT: &str = "_git/";
const GIT_SUFFIX: &str = ".git";
/// Owner and repository, where nothing in a path says where the repository ends.
const DEFAULT_SEGMENTS: usize = 2;

impl RepoSpec {
    /// Nothing where kustomize would look for a directory of this name instead.
    pub fn parse(text: &str) -> Option<RepoSpec> {
        if text.starts_with('/') {
            return None;
        }
        let (place, query) = text.split_once('?').unwrap_or((text, ""));
        let (host, path) = host(place)?;
        let (repository, directory) = split_path(path, host.starts_with(FILE))?;
        if repository.is_empty() || leaves(directory) {
            return None;
        }
        let query = Query::parse(query);
        Some(RepoSpec {
            raw: text.to_owned(),
            repository: format!("{host}{repository}"),
            directory: directory.strip_prefix('/').unwrap_or(directory).to_owned(),
            reference: query.reference,
            submodules: query.submodules,
            timeout: query.timeout,
        })
    }
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let start = text.get(..prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// Scheme, user and host in one, up to and with what separates them from the path; and the path.
fn host(text: &str) -> Option<(String, &str)> {
    let text = strip_prefix_ignoring_case(text, "git::").unwrap_or(text);
    let with_scheme = SCHEMES.iter().find_map(|scheme| Some((*scheme, strip_prefix_ignoring_case(text, scheme)?)));
    let (scheme, rest) = with_scheme.unwrap_or(("", text));
    if scheme == FILE {
        return Some((scheme.to_owned(), rest));
    }
    let (user, rest) = user(rest);
    let is_github = ["github.com/", "github.com:"].iter().any(|host| strip_prefix_ignoring_case(rest, host).is_some());
    let is_scp = scheme.is_empty() && (!user.is_empty() || is_github);
    if scheme.is_empty() && !is_scp {
        return None;
    }
    let (host, path) = separator(rest, is_scp).map_or((rest, ""), |at| rest.split_at(at + 1));
    Some(match is_github {
        true if scheme == "ssh://" || !user.is_empty() => (format!("{user}github.com:"), path),
        true => ("https://github.com/".to_owned(), path),
        false if host.is_empty() => return None,
        false => (format!("{scheme}{user}{host}"), path),
    })
}

/// `name@` in front of a host.
fn user(text: &str) -> (&str, &str) {
    let Some(at) = text.find('@') else { return ("", text) };
    let name = &text[..at];
    let is_name = name.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    if is_name { text.split_at(at + 1) } else { ("", text) }
}

/// Where the host ends: at a `/`, or in the `user@host:path` style at a `:` before it.
fn separator(text: &str, is_scp: bool) -> Option<usize> {
    let slash = text.find('/');
    let colon = text.find(':').filter(|_| is_scp);
    match (slash, colon) {
        (None, colon) => colon,
        (Some(slash), Some(colon)) if colon > 0 && colon < slash => Some(colon),
        (slash, _) => slash,
    }
}

/// Repository and directory: `_git/` one level above the repository, `//` between the two, or `.git` at the end of the
/// repository; otherwise owner and name.
fn split_path(path: &str, is_file: bool) -> Option<(&str, &str)> {
    if let Some(at) = path.find(GIT_ROOT) {
        let start = at + GIT_ROOT.len();
        let end = path[start..].find('/').map_or(path.len(), |found| start + found);
        return Some((&path[..end], path[end..].strip_prefix('/').unwrap_or("")));
    }
    if let Some((repository, directory)) = path.split_once("//") {
        return Some((repository, directory));
    }
    if let Some(at) = path.find(GIT_SUFFIX) {
        return Some(path.split_at(at + GIT_SUFFIX.len()));
    }
    if is_file {
        return Some((path, ""));
    }
    let ends: Vec<usize> = path.match_indices('/').map(|(at, _)| at).chain([path.len()]).collect();
    let end = *ends.get(DEFAULT_SEGMENTS - 1)?;
    Some((&path[..end], path[end..].strip_prefix('/').unwrap_or("")))
}

/// Whether a directory is outside of the repository.
fn leaves(directory: &str) -> bool {
    let mut depth = 0_usize;
    for part in directory.split('/') {
        match (part, depth) {
            ("" | ".", _) => {}
            ("..", 0) => return true,
            ("..", _) => depth -= 1,
            _ => depth += 1,
        }
    }
    false
}

struct Query {
    reference: String,
    submodules: bool,
    timeout: Duration,
}

impl Query {
    /// A query that is none counts as empty, and so does a value that cannot be read.
    fn parse(text: &str) -> Query {
        let pairs = pairs(text).unwrap_or_default();
        let value = |name: &str| {
            let found = pairs.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
        };
        Query {
            reference: value("ref").or_else(|| value("version")).unwrap_or_default().to_owned(),
            submodules: value("submodules").and_then(go_bool).unwrap_or(true),
            timeout: value("timeout").and_then(seconds).unwrap_or(DEFAULT_TIMEOUT),
        }
    }
}

fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let parts = text.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            if part.contains(';') { None } else { Some((decoded(key)?, decoded(value)?)) }
        })
        .collect()
}

/// Undoes the percent encoding of a query.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = std::str::from_utf8(after.get(..2)?).ok()?;
                if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                    return None;
                }
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                rest = &after[2..];
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).ok()
}

/// What Go's `ParseBool` reads.
pub(crate) fn go_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// A number of seconds, or a duration as Go writes it. Only what is more than nothing counts.
fn seconds(text: &str) -> Option<Duration> {
    if let Ok(whole) = text.parse::<u64>() {
        return (whole > 0).then(|| Duration::from_secs(whole));
    }
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    let mut total = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let end = rest.find(|letter: char| letter.is_ascii_digit() || letter == '.').unwrap_or(rest.len());
        total += number * unit(&rest[..end])?;
        rest = &rest[end..];
    }
    Duration::try_from_secs_f64(total).ok().filter(|duration| !duration.is_zero())
}

fn unit(name: &str) -> Option<f64> {
    Some(match name {
        "ns" => 1e-9,
        "us" | "µs" | "μs" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(&str, &str, &str)>) {
        let parsed = RepoSpec::parse(text);
        let parts = parsed.as_ref().map(|spec| (&*spec.repository, &*spec.directory, &*spec.reference));
        assert_eq!(parts, expected, "{text}");
    }

    #[test]
    fn every_spelling_of_a_repository() {
        for (text, repository, directory, reference) in [
            ("github.com/org/repo", "https://github.com/org/repo", "", ""),
            ("github.com/org/repo//deep/path?ref=v1", "https://github.com/org/repo", "deep/path", "v1"),
            ("GitHub.com/org/repo/path", "https://github.com/org/repo", "path", ""),
            ("http://github.com/org/repo/path", "https://github.com/org/repo", "path", ""),
            ("github.com:org/repo.git/x", "https://github.com/org/repo.git", "x", ""),
            ("git@github.com:org/repo//x?version=v2", "git@github.com:org/repo", "x", "v2"),
            ("git@github.com/org/repo/x", "git@github.com:org/repo", "x", ""),
            ("ssh://git@github.com/org/repo.git", "git@github.com:org/repo.git", "", ""),
            ("ssh://github.com/org/repo", "github.com:org/repo", "", ""),
            ("git::https://gitlab.com/org/repo", "https://gitlab.com/org/repo", "", ""),
            ("git::git@gitlab.com:org/repo?ref=a%2Fb+c", "git@gitlab.com:org/repo", "", "a/b c"),
            ("ssh://me@host.xz:7999/a/b.git/c?ref=x&ref=y", "ssh://me@host.xz:7999/a/b.git", "c", "x"),
            ("https://host/a/b/c/d", "https://host/a/b", "c/d", ""),
            ("https://host/a.git/b", "https://host/a.git", "/b".trim_start_matches('/'), ""),
            ("https://me@dev.azure.com/o/p/_git/repo/x/y", "https://me@dev.azure.com/o/p/_git/repo", "x/y", ""),
            ("https://dev.azure.com/o/p/_git/repo", "https://dev.azure.com/o/p/_git/repo", "", ""),
            ("https://host/a//b//c", "https://host/a", "b//c", ""),
            ("file:///srv/repo", "file:///srv/repo", "", ""),
            ("file:///srv/repo//x", "file:///srv/repo", "x", ""),
            ("HTTPS://host/a/b", "https://host/a/b", "", ""),
            ("https://host/a/b/x/../y", "https://host/a/b", "x/../y", ""),
            ("me@host:a/b?ref=%zz", "me@host:a/b", "", ""),
            ("me@host:a/b?ref=x;y", "me@host:a/b", "", ""),
        ] {
            check(text, Some((repository, directory, reference)));
        }
    }

    #[test]
    fn everything_else_is_a_directory() {
        for text in [
            "",
            "..",
            "../base",
            "/abs",
            "a/b/c",
            "host.xz:a/b",
            "https://host",
            "https://host/a",
            "ftp://host/a/b",
            "https://host/a/b/../..//x/../..",
            "https://host/a//../b",
            "github.com",
            "me@",
            "https:///a/b/c/d/..//../..",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn options_have_defaults() {
        let of = |query: &str| {
            let spec = RepoSpec::parse(&format!("https://host/a/b?{query}")).unwrap();
            (spec.submodules, spec.timeout.as_millis())
        };
        for (query, submodules, millis) in [
            ("", true, 27_000),
            ("submodules=false&timeout=5", false, 5_000),
            ("submodules=0&timeout=1m1.5s", false, 61_500),
            ("submodules=no&timeout=-1", true, 27_000),
            ("timeout=0", true, 27_000),
            ("timeout=3x", true, 27_000),
            ("timeout=300ms&timeout=9s", true, 300),
        ] {
            assert_eq!(of(query), (submodules, millis), "{query}");
        }
    }
}

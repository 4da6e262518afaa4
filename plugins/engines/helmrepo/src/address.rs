//! Addresses of a repository, resolved as Helm does it.

const INDEX: &str = "index.yaml";

/// Where the index of a repository is.
pub fn index_url(repository: &str) -> String {
    join(repository, INDEX)
}

/// The URL that a repository means with a reference in its index: an absolute one stays, any other is below the
/// repository's own and has its query.
pub fn join(repository: &str, reference: &str) -> String {
    if has_scheme(reference) {
        return reference.to_owned();
    }
    let (base, query) = repository.split_once('?').map_or((repository, None), |(base, query)| (base, Some(query)));
    let (scheme, rest) = base.split_once("://").unwrap_or(("https", base));
    let (host, folder) = rest.split_once('/').unwrap_or((rest, ""));
    let reference = reference.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = match (reference.strip_prefix("//"), reference.strip_prefix('/')) {
        (Some(elsewhere), _) => elsewhere.split_once('/').unwrap_or((elsewhere, "")),
        (_, Some(path)) => (host, path),
        _ => return with_query(format!("{scheme}://{host}{}", clean(&format!("{folder}/{reference}"))), query),
    };
    with_query(format!("{scheme}://{host}{}", clean(path)), query)
}

fn with_query(url: String, query: Option<&str>) -> String {
    match query {
        Some(query) => format!("{url}?{query}"),
        None => url,
    }
}

fn has_scheme(reference: &str) -> bool {
    reference.split_once("://").is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    })
}

/// The path from the root, without `.` and `..`.
fn clean(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_below_the_repository() {
        for (repository, reference, expected) in [
            ("https://x.org", "a-1.tgz", "https://x.org/a-1.tgz"),
            ("https://x.org/charts/", "a-1.tgz", "https://x.org/charts/a-1.tgz"),
            ("https://x.org/charts", "./b/../a-1.tgz", "https://x.org/charts/a-1.tgz"),
            ("https://x.org/charts", "../../../a-1.tgz", "https://x.org/a-1.tgz"),
            ("https://x.org/charts", "/a-1.tgz", "https://x.org/a-1.tgz"),
            ("http://x.org:80/charts?token=a", "a-1.tgz", "http://x.org:80/charts/a-1.tgz?token=a"),
            ("https://x.org/charts?a=b", "http://y.org/a-1.tgz?c", "http://y.org/a-1.tgz?c"),
            ("https://x.org/charts", "//y.org/a-1.tgz", "https://y.org/a-1.tgz"),
            ("https://x.org/charts", "oci://y.org/a:1", "oci://y.org/a:1"),
            ("https://x.org/charts", "a/b://c", "https://x.org/charts/a/b:/c"),
        ] {
            assert_eq!(join(repository, reference), expected, "{repository} {reference}");
        }
        assert_eq!(index_url("https://x.org/charts/"), "https://x.org/charts/index.yaml");
    }
}

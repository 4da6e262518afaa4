/// Joins a relative path to a directory and resolves `.` and `..`. `None` when the result leaves the root.
pub(crate) fn join(dir: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = if path.starts_with('/') { Vec::new() } else { segments(dir).collect() };
    for part in segments(path) {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

/// Joins and resolves as text, keeping a `..` that cannot be resolved (Go's `filepath.Join`).
pub(crate) fn clean(dir: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in segments(dir).chain(segments(path)) {
        match part {
            "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The last element of a path.
pub(crate) fn base(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

/// Whether `path` is `dir` or inside of it.
pub(crate) fn is_within(path: &str, dir: &str) -> bool {
    dir.is_empty() || path == dir || path.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_the_root() {
        for (dir, path, expected) in [
            ("a/b", "../c", Some("a/c")),
            ("a", "./x//y/", Some("a/x/y")),
            ("a", "../..", None),
            ("", "..", None),
            ("a", "..", Some("")),
        ] {
            assert_eq!(join(dir, path).as_deref(), expected, "{dir} + {path}");
        }
        assert_eq!(clean("a", "../../b"), "../b");
        assert!(is_within("a/b", "a") && !is_within("ab", "a") && is_within("x", ""));
        assert_eq!(base("a/b/"), "b");
    }
}

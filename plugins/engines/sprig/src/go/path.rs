//! Slash-separated paths. Go's `filepath` does the same on Unix.

/// The shortest form of a path.
pub(crate) fn clean(path: &[u8]) -> Vec<u8> {
    if path.is_empty() {
        return b".".to_vec();
    }
    let rooted = path[0] == b'/';
    let mut names: Vec<&[u8]> = Vec::new();
    for name in path.split(|b| *b == b'/') {
        match name {
            b"" | b"." => {}
            b".." if names.last().is_some_and(|last| *last != b"..") => {
                names.pop();
            }
            b".." if rooted => {}
            name => names.push(name),
        }
    }
    let joined = names.join(&b'/');
    match (rooted, joined.is_empty()) {
        (true, _) => [b"/", joined.as_slice()].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => joined,
    }
}

/// The last name of a path.
pub(crate) fn base(path: &[u8]) -> &[u8] {
    if path.is_empty() {
        return b".";
    }
    let len = path.iter().rposition(|b| *b != b'/').map_or(0, |at| at + 1);
    let name = path[..len].rsplit(|b| *b == b'/').next().unwrap_or_default();
    if name.is_empty() { b"/" } else { name }
}

/// All but the last name of a path.
pub(crate) fn dir(path: &[u8]) -> Vec<u8> {
    let len = path.iter().rposition(|b| *b == b'/').map_or(0, |at| at + 1);
    clean(&path[..len])
}

/// The last name from its last dot on.
pub(crate) fn ext(path: &[u8]) -> &[u8] {
    let name = path.rsplit(|b| *b == b'/').next().unwrap_or_default();
    name.iter().rposition(|b| *b == b'.').map_or(&[], |at| &name[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_as_go_cleans_them() {
        for (path, cleaned) in
            [("", "."), ("a//b/../c/.", "a/c"), ("/../a", "/a"), ("../../a/..", "../.."), ("/", "/"), ("a/..", ".")]
        {
            assert_eq!(clean(path.as_bytes()), cleaned.as_bytes(), "{path}");
        }
        assert_eq!((base(b"/a/b/"), base(b"///"), base(b"")), (&b"b"[..], &b"/"[..], &b"."[..]));
        assert_eq!((dir(b"/a/b"), dir(b"a"), dir(b"/a")), (b"/a".to_vec(), b".".to_vec(), b"/".to_vec()));
        assert_eq!((ext(b"a.b/c"), ext(b"a/c.tar.gz")), (&b""[..], &b".gz"[..]));
    }
}

//! Paths and patterns as Go's `path` and `path/filepath` treat them.

/// The pattern is malformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("syntax error in pattern")]
pub(crate) struct BadPattern;

/// `filepath.Match`: `*` and `?` stop at slashes, `[a-z]` and `[^a-z]` are classes, `\` quotes.
///
/// # Errors
/// A malformed pattern, where Go notices it.
pub(crate) fn matches(mut pattern: &str, mut name: &str) -> Result<bool, BadPattern> {
    'pattern: while !pattern.is_empty() {
        let (star, chunk, rest) = scan_chunk(pattern);
        pattern = rest;
        if star && chunk.is_empty() {
            return Ok(!name.contains('/'));
        }
        if let Some(after) = match_chunk(chunk, name)?
            && (after.is_empty() || !pattern.is_empty())
        {
            name = after;
            continue;
        }
        if star {
            for (at, c) in name.char_indices() {
                if c == '/' {
                    break;
                }
                let Some(after) = match_chunk(chunk, &name[at + c.len_utf8()..])? else { continue };
                if pattern.is_empty() && !after.is_empty() {
                    continue;
                }
                name = after;
                continue 'pattern;
            }
        }
        // The rest of the pattern still has to be well formed.
        while !pattern.is_empty() {
            let (_, chunk, rest) = scan_chunk(pattern);
            pattern = rest;
            match_chunk(chunk, "")?;
        }
        return Ok(false);
    }
    Ok(name.is_empty())
}

/// Leading stars, the text up to the next star, and the rest.
fn scan_chunk(pattern: &str) -> (bool, &str, &str) {
    let trimmed = pattern.trim_start_matches('*');
    let star = trimmed.len() != pattern.len();
    let mut in_class = false;
    let mut chars = trimmed.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '[' => in_class = true,
            ']' => in_class = false,
            '*' if !in_class => return (star, &trimmed[..at], &trimmed[at..]),
            _ => {}
        }
    }
    (star, trimmed, "")
}

/// Matches a text without stars at the start of `name` and gives what is left of it.
fn match_chunk<'a>(chunk: &str, name: &'a str) -> Result<Option<&'a str>, BadPattern> {
    let mut failed = false;
    let mut rest = name;
    let mut chars = chunk.chars();
    while let Some(c) = chars.next() {
        let mut next = None;
        if !failed {
            let mut name = rest.chars();
            next = name.next();
            failed = next.is_none();
            if next.is_some() {
                rest = name.as_str();
            }
        }
        match c {
            '[' => {
                let within = class(&mut chars, next)?;
                failed |= !within;
            }
            '?' => failed |= next == Some('/'),
            '\\' => {
                let literal = chars.next().ok_or(BadPattern)?;
                failed |= next != Some(literal);
            }
            literal => failed |= next != Some(literal),
        }
    }
    Ok((!failed).then_some(rest))
}

/// Reads a class after its `[` and says whether it holds the character.
fn class(chars: &mut std::str::Chars<'_>, wanted: Option<char>) -> Result<bool, BadPattern> {
    let negated = chars.as_str().starts_with('^');
    if negated {
        chars.next();
    }
    let (mut found, mut ranges) = (false, 0);
    loop {
        if chars.as_str().starts_with(']') && ranges > 0 {
            chars.next();
            break;
        }
        let low = class_char(chars)?;
        let mut high = low;
        if chars.as_str().starts_with('-') {
            chars.next();
            high = class_char(chars)?;
        }
        found |= wanted.is_some_and(|c| low <= c && c <= high);
        ranges += 1;
    }
    Ok(wanted.is_some() && found != negated)
}

fn class_char(chars: &mut std::str::Chars<'_>) -> Result<char, BadPattern> {
    let c = match chars.next() {
        None | Some('-' | ']') => return Err(BadPattern),
        Some('\\') => chars.next().ok_or(BadPattern)?,
        Some(c) => c,
    };
    if chars.as_str().is_empty() { Err(BadPattern) } else { Ok(c) }
}

/// `path.Base`: what follows the last slash, `.` for nothing.
pub(crate) fn base(path: &str) -> &str {
    let path = if path.is_empty() { "." } else { path };
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() {
        return "/";
    }
    let start = trimmed.bytes().rposition(|byte| byte == b'/').map_or(0, |slash| slash + 1);
    &trimmed[start..]
}

/// `path.Ext`: from the last dot of the last element on.
pub(crate) fn extension(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rfind('.').map_or("", |at| &name[at..])
}

/// `path.Clean`: the shortest path that says the same.
pub(crate) fn clean(path: String) -> String {
    if path.as_bytes().split(|byte| *byte == b'/').all(|part| !matches!(part, b"" | b"." | b"..")) {
        return path;
    }
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_go() {
        for (pattern, name, expected) in [
            ("abc", "abc", Ok(true)),
            ("*", "abc", Ok(true)),
            ("*c", "abc", Ok(true)),
            ("a*", "ab/c", Ok(false)),
            ("a*/b", "abc/b", Ok(true)),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", Ok(true)),
            ("a*b?c*x", "abxbbxdbxebxczzx", Ok(true)),
            ("a*b?c*x", "abxbbxdbxebxczzy", Ok(false)),
            ("ab[c]", "abc", Ok(true)),
            ("ab[b-d]", "abc", Ok(true)),
            ("ab[^e-g]", "abc", Ok(true)),
            ("ab[^b-d]", "abc", Ok(false)),
            ("a\\*b", "a*b", Ok(true)),
            ("a\\*b", "ab", Ok(false)),
            ("a?b", "a☺b", Ok(true)),
            ("a?b", "a/b", Ok(false)),
            ("[\\]a]", "]", Ok(true)),
            ("[\\-x]", "-", Ok(true)),
            ("[]a]", "]", Err(BadPattern)),
            ("[-]", "-", Err(BadPattern)),
            ("[a-b-c]", "a", Err(BadPattern)),
            ("[", "a", Err(BadPattern)),
            ("[^bc", "a", Err(BadPattern)),
            ("a[", "a", Err(BadPattern)),
            ("a[", "ab", Err(BadPattern)),
            ("*x", "xxx", Ok(true)),
            ("**", "abc", Ok(true)),
            ("*?", "", Ok(false)),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn a_pattern_of_many_stars_is_matched_in_bounded_time() {
        let pattern = "a*".repeat(200) + "b";
        assert_eq!(matches(&pattern, &"a".repeat(5000)), Ok(false));
    }

    #[test]
    fn paths() {
        for (path, expected) in
            [("a/../b", "b"), ("", "."), ("a//b/.", "a/b"), ("/..", "/"), ("../a/..", ".."), ("a/..", ".")]
        {
            assert_eq!(clean(path.to_owned()), expected, "{path}");
        }
        assert_eq!((base("a/b.yaml"), base(""), base("a/"), base("/")), ("b.yaml", ".", "a", "/"));
        assert_eq!((extension("a.b/c"), extension("a/b.tgz"), extension(".x")), ("", ".tgz", ".x"));
    }
}

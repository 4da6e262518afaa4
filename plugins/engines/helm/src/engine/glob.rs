//! The patterns of `.Files.Glob`: `*` and `?` stop at slashes, `**` does not, `[abc]`, `[!a-z]`, `{one,two}`, `\` quotes.

use regex_lite::Regex;

/// The longest pattern, in bytes. A longer one is taken as malformed.
const MAX_PATTERN_BYTES: usize = 4096;

/// A pattern for paths. One that is malformed matches everything, as in Helm.
pub(super) struct Glob(Option<Regex>);

impl Glob {
    pub(super) fn new(pattern: &str) -> Glob {
        let short = pattern.len() <= MAX_PATTERN_BYTES;
        let expression = short.then(|| expression(pattern)).flatten();
        Glob(expression.and_then(|expression| Regex::new(&expression).ok()))
    }

    pub(super) fn matches(&self, path: &str) -> bool {
        self.0.as_ref().is_none_or(|regex| regex.is_match(path))
    }
}

/// The pattern as a regular expression; `None` if it is malformed.
fn expression(pattern: &str) -> Option<String> {
    let mut out = String::from("^(?s:");
    let mut chars = pattern.chars().peekable();
    let mut open = 0_usize;
    while let Some(c) = chars.next() {
        match c {
            '*' if chars.next_if_eq(&'*').is_some() => {
                while chars.next_if_eq(&'*').is_some() {}
                out.push_str(".*");
            }
            '*' => out.push_str("[^/]*"),
            '?' => out.push_str("[^/]"),
            '[' => class(&mut chars, &mut out)?,
            '{' => {
                open += 1;
                out.push_str("(?:");
            }
            '}' if open > 0 => {
                open -= 1;
                out.push(')');
            }
            ',' if open > 0 => out.push('|'),
            '\\' => literal(&mut out, chars.next()?),
            c => literal(&mut out, c),
        }
    }
    out.push_str(")$");
    (open == 0).then_some(out)
}

/// A set of characters, or one range of them.
fn class(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) -> Option<()> {
    out.push('[');
    if chars.next_if_eq(&'!').is_some() {
        out.push('^');
    }
    let mut items = Vec::new();
    loop {
        match chars.next()? {
            ']' => break,
            '\\' => items.push(chars.next()?),
            c => items.push(c),
        }
    }
    match items.as_slice() {
        [] => return None,
        [low, '-', high] if low <= high => {
            class_literal(out, *low);
            out.push('-');
            class_literal(out, *high);
        }
        [_, '-', _] => return None,
        items if items.contains(&'-') => return None,
        items => items.iter().for_each(|c| class_literal(out, *c)),
    }
    out.push(']');
    Some(())
}

fn class_literal(out: &mut String, c: char) {
    if c.is_ascii_punctuation() {
        out.push('\\');
    }
    out.push(c);
}

fn literal(out: &mut String, c: char) {
    out.push_str(&regex_lite::escape(c.encode_utf8(&mut [0; 4])));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_helm() {
        for (pattern, path, expected) in [
            ("*.yaml", "a.yaml", true),
            ("*.yaml", "b/a.yaml", false),
            ("**.yaml", "b/a.yaml", true),
            ("**/*.yaml", "b/c/a.yaml", true),
            ("**/*.yaml", "a.yaml", false),
            ("files/**", "files/a/b", true),
            ("a?c", "abc", true),
            ("a?c", "a/c", false),
            ("[abc].txt", "b.txt", true),
            ("[!a-c].txt", "b.txt", false),
            ("[!abc].txt", "d.txt", true),
            ("{a,b/*}.txt", "b/c.txt", true),
            ("{a,b}.txt", "c.txt", false),
            ("a\\*", "a*", true),
            ("a,b", "a,b", true),
            ("a.b", "axb", false),
            ("", "", true),
            ("", "a", false),
            ("[", "anything", true),
            ("{a", "anything/at/all", true),
        ] {
            assert_eq!(Glob::new(pattern).matches(path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn a_hostile_pattern_is_matched_in_bounded_time() {
        let glob = Glob::new(&("*a".repeat(30) + "b"));
        assert!(!glob.matches(&"a".repeat(3000)));
    }
}

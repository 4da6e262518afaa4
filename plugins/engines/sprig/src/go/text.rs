//! Texts as bytes: searching, splitting, trimming and casing as Go's `strings` does.

use std::borrow::Cow;

use memchr::memmem;

use super::unicode::{self, chars, decode, push};

pub(crate) fn contains(text: &[u8], part: &[u8]) -> bool {
    memmem::find(text, part).is_some()
}

/// Replaces every occurrence; an empty `old` stands before every character and at the end.
pub(crate) fn replace(text: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    if old.is_empty() {
        let mut rest = text;
        while let Some((_, len)) = decode(rest) {
            out.extend_from_slice(new);
            out.extend_from_slice(&rest[..len]);
            rest = &rest[len..];
        }
        out.extend_from_slice(new);
        return out;
    }
    let mut last = 0;
    for at in memmem::find_iter(text, old) {
        out.extend_from_slice(&text[last..at]);
        out.extend_from_slice(new);
        last = at + old.len();
    }
    out.extend_from_slice(&text[last..]);
    out
}

/// Splits at `separator` into at most `limit` parts, `None` for no limit; an empty separator splits into characters.
pub(crate) fn split<'a>(text: &'a [u8], separator: &[u8], limit: Option<usize>) -> Vec<&'a [u8]> {
    let limit = limit.unwrap_or(usize::MAX);
    let mut parts = Vec::new();
    let mut rest = text;
    if limit == 0 {
        return parts;
    }
    if separator.is_empty() {
        while parts.len() + 1 < limit
            && let Some((_, len)) = decode(rest)
        {
            parts.push(&rest[..len]);
            rest = &rest[len..];
        }
        if !rest.is_empty() {
            parts.push(rest);
        }
        return parts;
    }
    let finder = memmem::Finder::new(separator);
    while parts.len() + 1 < limit
        && let Some(at) = finder.find(rest)
    {
        parts.push(&rest[..at]);
        rest = &rest[at + separator.len()..];
    }
    parts.push(rest);
    parts
}

pub(crate) fn trim_space(text: &[u8]) -> &[u8] {
    trim_matching(text, unicode::is_space)
}

/// Trims all characters of `set` from both ends.
pub(crate) fn trim_set<'a>(text: &'a [u8], set: &[u8]) -> &'a [u8] {
    let set: Vec<char> = chars(set).collect();
    trim_matching(text, |c| set.contains(&c))
}

fn trim_matching(text: &[u8], matches: impl Fn(char) -> bool) -> &[u8] {
    let mut text = text;
    while let Some((c, len)) = decode(text)
        && matches(c)
    {
        text = &text[len..];
    }
    while let Some((c, len)) = decode_last(text)
        && matches(c)
    {
        text = &text[..text.len() - len];
    }
    text
}

fn decode_last(text: &[u8]) -> Option<(char, usize)> {
    let last = text.len().checked_sub(1)?;
    let from = text.len().saturating_sub(4);
    let start = (from..=last).rev().find(|at| text[*at] & 0xc0 != 0x80).unwrap_or(last);
    match decode(&text[start..]) {
        Some((c, len)) if start + len == text.len() => Some((c, len)),
        _ => Some((unicode::REPLACEMENT, 1)),
    }
}

pub(crate) fn upper(text: &[u8]) -> Vec<u8> {
    if text.is_ascii() { text.to_ascii_uppercase() } else { unicode::map(text, unicode::to_upper) }
}

pub(crate) fn lower(text: &[u8]) -> Vec<u8> {
    if text.is_ascii() { text.to_ascii_lowercase() } else { unicode::map(text, unicode::to_lower) }
}

/// Every first letter of a word in title case, as Go's deprecated `strings.Title` understands words.
pub(crate) fn title(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut before = ' ';
    for c in chars(text) {
        push(&mut out, if is_separator(before) { unicode::to_title(c) } else { c });
        before = c;
    }
    out
}

fn is_separator(c: char) -> bool {
    if c.is_ascii() {
        return !(c.is_ascii_alphanumeric() || c == '_');
    }
    !unicode::is_letter(c) && !unicode::is_digit(c) && unicode::is_space(c)
}

/// The text with a pad at the start of every line.
pub(crate) fn indent(out: &mut Vec<u8>, text: &[u8], spaces: usize) {
    let lines = memchr::memchr_iter(b'\n', text).count() + 1;
    out.reserve(text.len() + spaces * lines);
    let pad = |out: &mut Vec<u8>| out.resize(out.len() + spaces, b' ');
    pad(out);
    let mut last = 0;
    for at in memchr::memchr_iter(b'\n', text) {
        out.extend_from_slice(&text[last..=at]);
        pad(out);
        last = at + 1;
    }
    out.extend_from_slice(&text[last..]);
}

/// The text with invalid bytes replaced.
pub(crate) fn lossy(text: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(text) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(chars(text).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str, separator: &str, limit: Option<usize>) -> Vec<String> {
        split(text.as_bytes(), separator.as_bytes(), limit).iter().map(|part| lossy(part).into_owned()).collect()
    }

    #[test]
    fn splits_as_go_does() {
        assert_eq!(parts("a,b,", ",", None), ["a", "b", ""]);
        assert_eq!(parts("a,b,c", ",", Some(2)), ["a", "b,c"]);
        assert_eq!(parts("aé", "", None), ["a", "é"]);
        assert_eq!(parts("abc", "", Some(2)), ["a", "bc"]);
        assert_eq!(parts("", ",", None), [""]);
        assert!(parts("", "", None).is_empty() && parts("a", ",", Some(0)).is_empty());
    }

    #[test]
    fn nothing_is_replaced_between_characters() {
        assert_eq!(replace("aé".as_bytes(), b"", b"-"), "-a-é-".as_bytes());
        assert_eq!(replace(b"aaa", b"aa", b"b"), b"ba");
    }

    #[test]
    fn titles() {
        assert_eq!(title("hello wORLD-x _y ünit".as_bytes()), "Hello WORLD-X _y Ünit".as_bytes());
    }

    #[test]
    fn trims_from_both_ends() {
        assert_eq!(trim_space("\u{a0} a \u{2003}\n".as_bytes()), b"a");
        assert_eq!(trim_set("ééaé".as_bytes(), "é".as_bytes()), b"a");
        assert_eq!(trim_space(b" a\xe2 "), b"a\xe2");
    }
}

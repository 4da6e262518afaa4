//! Go's regular expressions on top of the `regex` crate, which has the same semantics and another syntax.

use std::borrow::Cow;

use regex::{Captures, Regex, RegexBuilder};
use weir_goregexp::{Dialect, translate};

use super::text::lossy;
use super::unicode;

/// How large the program of an expression may become, in bytes.
pub const MAX_REGEX_SIZE: usize = 8 << 20;

/// How deeply the groups of an expression may be nested.
pub const MAX_REGEX_DEPTH: usize = weir_goregexp::MAX_DEPTH;

/// Which names of classes there are, the other crate knows.
const DIALECT: Dialect = Dialect::Full(|class| Regex::new(class).is_ok());

/// A compiled expression.
///
/// A text that is not UTF-8 is matched as if every wrong byte were U+FFFD, and comes out so.
pub(crate) struct Regexp {
    regex: Regex,
    /// The names of the groups; empty for one without.
    names: Vec<String>,
    is_empty: bool,
}

impl Regexp {
    /// Compiles an expression in Go's syntax. The error is that of `regexp.Compile`.
    pub(crate) fn compile(expression: &[u8]) -> Result<Regexp, String> {
        let failed = |code: &str, part: &str| format!("error parsing regexp: {code}: `{part}`");
        let text = std::str::from_utf8(expression).map_err(|error| {
            let (before, rest) = expression.split_at(error.valid_up_to());
            // What is wrong before the first wrong byte is found first, unless it is that something is not complete.
            match translate(&lossy(before), DIALECT) {
                Err(error) if !error.code.starts_with("missing closing") && !error.code.starts_with("trailing") => {
                    failed(error.code, &error.part)
                }
                _ => failed("invalid UTF-8", &lossy(rest)),
            }
        })?;
        let translated = translate(text, DIALECT).map_err(|error| failed(error.code, &error.part))?;
        let builder = RegexBuilder::new(&translated.pattern)
            .size_limit(MAX_REGEX_SIZE)
            .nest_limit(2 * MAX_REGEX_DEPTH as u32)
            .build();
        let regex = builder.map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => failed("expression too large", text),
            _ => failed("invalid character class range", text),
        })?;
        Ok(Regexp { regex, names: translated.names, is_empty: text.is_empty() })
    }

    pub(crate) fn is_match(&self, text: &[u8]) -> bool {
        self.regex.is_match(&lossy(text))
    }

    /// The first match, or an empty text.
    pub(crate) fn find(&self, text: &[u8]) -> String {
        self.regex.find(&lossy(text)).map_or_else(String::new, |found| found.as_str().to_owned())
    }

    /// At most `limit` matches; a negative limit is none. `None` is Go's nil slice.
    pub(crate) fn find_all(&self, text: &[u8], limit: i64) -> Option<Vec<String>> {
        let text = lossy(text);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let found: Vec<_> = self.regex.find_iter(&text).take(limit).map(|found| found.as_str().to_owned()).collect();
        (!found.is_empty()).then_some(found)
    }

    /// Replaces every match; `$1`, `$name` and `${name}` in the replacement stand for groups.
    pub(crate) fn replace_all(&self, text: &[u8], replacement: &[u8]) -> Vec<u8> {
        self.replace(text, |found, out| self.expand(found, replacement, out))
    }

    /// Replaces every match by the replacement as it is.
    pub(crate) fn replace_all_literal(&self, text: &[u8], replacement: &[u8]) -> Vec<u8> {
        self.replace(text, |_, out| out.extend_from_slice(replacement))
    }

    fn replace(&self, text: &[u8], write: impl Fn(&Captures<'_>, &mut Vec<u8>)) -> Vec<u8> {
        let lossy = lossy(text);
        let mut out = Vec::with_capacity(text.len());
        let mut last = 0;
        for found in self.regex.captures_iter(&lossy) {
            let whole = found.get_match();
            out.extend_from_slice(&lossy.as_bytes()[last..whole.start()]);
            write(&found, &mut out);
            last = whole.end();
        }
        match lossy {
            // Nothing was found in a text with wrong bytes: it stays as it is.
            Cow::Owned(_) if last == 0 && out.is_empty() => out.extend_from_slice(text),
            lossy => out.extend_from_slice(&lossy.as_bytes()[last..]),
        }
        out
    }

    fn expand(&self, found: &Captures<'_>, template: &[u8], out: &mut Vec<u8>) {
        let mut rest = template;
        while let Some(at) = memchr::memchr(b'$', rest) {
            out.extend_from_slice(&rest[..at]);
            rest = &rest[at + 1..];
            if rest.first() == Some(&b'$') {
                out.push(b'$');
                rest = &rest[1..];
                continue;
            }
            let Some((name, len)) = group_name(rest) else {
                out.push(b'$');
                continue;
            };
            rest = &rest[len..];
            let group = match group_number(name) {
                Some(number) => found.get(number),
                // Of groups with the same name the first that took part counts.
                None => {
                    let named = |index: &usize| self.names[*index].as_bytes() == name;
                    (1..self.names.len()).filter(named).find_map(|index| found.get(index))
                }
            };
            out.extend_from_slice(group.map_or(&[], |group| group.as_str().as_bytes()));
        }
        out.extend_from_slice(rest);
    }

    /// Splits at the matches into at most `limit` parts; a negative limit is none. `None` is Go's nil slice.
    pub(crate) fn split(&self, text: &[u8], limit: i64) -> Option<Vec<String>> {
        if limit == 0 {
            return None;
        }
        if !self.is_empty && text.is_empty() {
            return Some(vec![String::new()]);
        }
        let text = lossy(text);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let (mut parts, mut start, mut end) = (Vec::new(), 0, 0);
        for found in self.regex.find_iter(&text).take(limit) {
            if parts.len() >= limit - 1 {
                break;
            }
            end = found.start();
            if found.end() != 0 {
                parts.push(text[start..end].to_owned());
            }
            start = found.end();
        }
        if end != text.len() {
            parts.push(text[start..].to_owned());
        }
        Some(parts)
    }
}

/// The name after a `$` and how long it is with its braces.
fn group_name(text: &[u8]) -> Option<(&[u8], usize)> {
    let brace = usize::from(text.first() == Some(&b'{'));
    let mut len = brace;
    while let Some((c, size)) = unicode::decode(&text[len..])
        && (unicode::is_letter(c) || unicode::is_digit(c) || c == '_')
    {
        len += size;
    }
    let name = &text[brace..len];
    if name.is_empty() || (brace == 1 && text.get(len) != Some(&b'}')) {
        return None;
    }
    Some((name, len + brace))
}

fn group_number(name: &[u8]) -> Option<usize> {
    let is_number = name.iter().all(u8::is_ascii_digit) && (name.len() == 1 || name[0] != b'0');
    if !is_number {
        return None;
    }
    std::str::from_utf8(name).ok()?.parse().ok().filter(|number| *number < 1_000_000_000)
}

/// Escapes what has a meaning in expressions.
pub(crate) fn quote_meta(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        if br"\.+*?()|[]{}^$".contains(byte) {
            out.push(b'\\');
        }
        out.push(*byte);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(expression: &str) -> String {
        Regexp::compile(expression.as_bytes()).err().unwrap_or_default()
    }

    #[test]
    fn errors_are_those_of_go() {
        for (expression, message) in [
            ("(", "missing closing ): `(`"),
            (")", "unexpected ): `)`"),
            ("a**", "invalid nested repetition operator: `**`"),
            ("*", "missing argument to repetition operator: `*`"),
            ("a|+b", "missing argument to repetition operator: `+`"),
            ("[a", "missing closing ]: `[a`"),
            ("[b-a]", "invalid character class range: `b-a`"),
            ("[[:foo:]]", "invalid character class range: `[:foo:]`"),
            ("\\", "trailing backslash at end of expression: ``"),
            ("\\y", "invalid escape sequence: `\\y`"),
            ("\\1", "invalid escape sequence: `\\1`"),
            ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
            ("(?P<a", "invalid named capture: `(?P<a`"),
            ("(?P<a-b>x)", "invalid named capture: `(?P<a-b>`"),
            ("a{1001}", "invalid repeat count: `{1001}`"),
            ("(a{100}){11}", "invalid repeat count: `{11}`"),
            ("\\p{Foo}", "invalid character class range: `\\p{Foo}`"),
        ] {
            assert_eq!(error(expression), format!("error parsing regexp: {message}"), "{expression}");
        }
    }

    #[test]
    fn classes_and_boundaries_are_ascii() {
        let is_match =
            |expression: &str, text: &str| Regexp::compile(expression.as_bytes()).unwrap().is_match(text.as_bytes());
        assert!(!is_match(r"^\d$", "٣") && !is_match(r"^\w$", "é") && is_match(r"^\W$", "é"));
        assert!(is_match(r"\bé", "aé") && is_match(r"é\B", "é"));
        assert!(is_match(r"^[^\d\s]+$", "ab&&--~~[é") && is_match(r"^[[:^alpha:]\]]+$", "1]"));
        assert!(is_match(r"(?i)^[k]$", "\u{212a}") && is_match(r"^\Qa.b\E$", "a.b") && !is_match(r"^\Qa.b\E$", "axb"));
        assert!(is_match("^.$", "\u{fffd}") && is_match("a{,2}", "a{,2}") && is_match(r"\x{1F600}|\101", "A"));
    }

    #[test]
    fn replacements_name_groups() {
        let regexp = Regexp::compile(b"a(x*)(?P<n>b)").unwrap();
        let replaced = |template: &str| lossy(&regexp.replace_all(b"-axxb-ab-", template.as_bytes())).into_owned();
        assert_eq!(replaced("${1}W"), "-xxW-W-");
        assert_eq!(replaced("$1W"), "---");
        assert_eq!(replaced("$n$$$"), "-b$$-b$$-");
        assert_eq!(replaced("${n"), "-${n-${n-");
    }

    #[test]
    fn splits_as_go_does() {
        let split = |expression: &[u8], text: &[u8], limit| Regexp::compile(expression).unwrap().split(text, limit);
        assert_eq!(split(b"a", b"banana", -1).unwrap(), ["b", "n", "n", ""]);
        assert_eq!(split(b"a", b"banana", 2).unwrap(), ["b", "nana"]);
        assert_eq!(split(b"", b"abc", -1).unwrap(), ["a", "b", "c"]);
        assert_eq!(split(b"a", b"", -1).unwrap(), [""]);
        assert_eq!(split(b"a", b"x", 0), None);
    }

    #[test]
    fn expensive_expressions_are_refused() {
        assert!(error(r"(\pL{100}){10}").contains("expression too large"));
        assert!(error(&"(".repeat(MAX_REGEX_DEPTH + 1)).contains("expression nests too deeply"));
    }
}

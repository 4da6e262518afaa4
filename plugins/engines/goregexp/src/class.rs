//! Character classes.

use crate::escape::parse_escape;
use crate::{Dialect, SyntaxError, error};

/// POSIX classes and their members in the syntax of the `regex` crate.
const POSIX: [(&str, &str); 14] = [
    ("alnum", "0-9A-Za-z"),
    ("alpha", "A-Za-z"),
    ("ascii", "\\x00-\\x7F"),
    ("blank", "\\t\\x20"),
    ("cntrl", "\\x00-\\x1F\\x7F"),
    ("digit", "0-9"),
    ("graph", "\\x21-\\x7E"),
    ("lower", "a-z"),
    ("print", "\\x20-\\x7E"),
    ("punct", "\\x21-\\x2F\\x3A-\\x40\\x5B-\\x60\\x7B-\\x7E"),
    ("space", "\\t\\n\\x0B\\x0C\\r\\x20"),
    ("upper", "A-Z"),
    ("word", "0-9A-Za-z_"),
    ("xdigit", "0-9A-Fa-f"),
];

/// Reads `[...]` and gives it in the other syntax, and what follows.
pub(super) fn parse_class(whole: &str, dialect: Dialect) -> Result<(String, &str), SyntaxError> {
    let mut rest = &whole[1..];
    let mut out = String::from("[");
    if let Some(after) = rest.strip_prefix('^') {
        out.push('^');
        rest = after;
    }
    let mut first = true;
    while first || !rest.starts_with(']') {
        first = false;
        if let Some((class, after)) = posix_class(rest, dialect)? {
            out.push_str(&class);
            rest = after;
        } else if let Some((class, after)) = unicode_class(rest, dialect)? {
            out.push_str(&class);
            rest = after;
        } else if let Some(class) = perl_class(rest, dialect) {
            out.push_str(class);
            rest = &rest[2..];
        } else {
            rest = range(&mut out, rest, whole)?;
        }
    }
    out.push(']');
    Ok((out, &rest[1..]))
}

fn range<'a>(out: &mut String, text: &'a str, whole: &str) -> Result<&'a str, SyntaxError> {
    let (low, mut rest) = class_char(text, whole)?;
    let mut high = low;
    if rest.len() >= 2 && rest.starts_with('-') && !rest[1..].starts_with(']') {
        (high, rest) = class_char(&rest[1..], whole)?;
        if high < low {
            return Err(error("invalid character class range", &text[..text.len() - rest.len()]));
        }
    }
    out.push_str(&format!("\\x{{{:X}}}-\\x{{{:X}}}", u32::from(low), u32::from(high)));
    Ok(rest)
}

fn class_char<'a>(text: &'a str, whole: &str) -> Result<(char, &'a str), SyntaxError> {
    if text.starts_with('\\') {
        return parse_escape(text);
    }
    let mut chars = text.chars();
    let c = chars.next().ok_or_else(|| error("missing closing ]", whole))?;
    Ok((c, chars.as_str()))
}

fn posix_class(text: &str, dialect: Dialect) -> Result<Option<(String, &str)>, SyntaxError> {
    let Some(len) = text.strip_prefix("[:").and_then(|inner| inner.find(":]")) else {
        return Ok(None);
    };
    let (name, after) = (&text[2..2 + len], &text[len + 4..]);
    let (negated, plain) = name.strip_prefix('^').map_or((false, name), |name| (true, name));
    let found = POSIX.iter().find(|(posix, _)| *posix == plain);
    let (_, members) = found.ok_or_else(|| error("invalid character class range", &text[..len + 4]))?;
    Ok(Some(match (negated, dialect) {
        (false, _) => ((*members).to_owned(), after),
        (true, Dialect::Full(_)) => (format!("[^{members}]"), after),
        // Classes do not nest there.
        (true, Dialect::Lite) => (format!("[:^{plain}:]"), after),
    }))
}

/// `\d` and the like: ASCII only.
pub(super) fn perl_class(text: &str, dialect: Dialect) -> Option<&'static str> {
    let nested = |class, lite| if matches!(dialect, Dialect::Full(_)) { class } else { lite };
    Some(match text.as_bytes().get(..2)? {
        b"\\d" => "0-9",
        b"\\D" => nested("[^0-9]", "\\D"),
        b"\\s" => "\\t\\n\\f\\r\\x20",
        b"\\S" => nested("[^\\t\\n\\f\\r\\x20]", "\\x00-\\x08\\x0b\\x0e-\\x1f\\x21-\\x{10FFFF}"),
        b"\\w" => "0-9A-Za-z_",
        b"\\W" => nested("[^0-9A-Za-z_]", "\\W"),
        _ => return None,
    })
}

/// `\pL`, `\p{Greek}`, `\p{^Greek}`, `\P{Greek}`.
pub(super) fn unicode_class(text: &str, dialect: Dialect) -> Result<Option<(String, &str)>, SyntaxError> {
    let negated = match text.as_bytes().get(..2) {
        Some(b"\\p") => false,
        Some(b"\\P") => true,
        _ => return Ok(None),
    };
    let Some(first) = text[2..].chars().next() else {
        return Ok(None);
    };
    let len = if first == '{' {
        text.find('}').ok_or_else(|| error("invalid character class range", text))? + 1
    } else {
        2 + first.len_utf8()
    };
    let name = if first == '{' { &text[3..len - 1] } else { &text[2..len] };
    let (inverted, name) = name.strip_prefix('^').map_or((false, name), |name| (true, name));
    let plain = name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
    let class = format!("\\{}{{{name}}}", if negated == inverted { 'p' } else { 'P' });
    let is_known = match dialect {
        Dialect::Full(is_known) => !name.is_empty() && plain && is_known(&class),
        Dialect::Lite => false,
    };
    if !is_known {
        return Err(error("invalid character class range", &text[..len]));
    }
    Ok(Some((class, &text[len..])))
}

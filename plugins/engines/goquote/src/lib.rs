//! Texts as Go quotes them: `strconv.Quote`, `strconv.Unquote` and what they are made of.

use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// What `strconv.IsPrint` says: letters, marks, numbers, punctuation, symbols and the ASCII space.
pub fn is_print(c: char) -> bool {
    if c.is_ascii() {
        return (' '..='~').contains(&c);
    }
    matches!(
        c.general_category_group(),
        GeneralCategoryGroup::Letter
            | GeneralCategoryGroup::Mark
            | GeneralCategoryGroup::Number
            | GeneralCategoryGroup::Punctuation
            | GeneralCategoryGroup::Symbol
    )
}

/// What Go's `unicode.IsLetter`, `unicode.IsDigit` or an underscore is.
pub fn is_alphanumeric(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || c == '_';
    }
    c.general_category_group() == GeneralCategoryGroup::Letter || c.general_category() == GeneralCategory::DecimalNumber
}

/// The first character and its length in bytes; `None` and 1 for a byte that begins no UTF-8 character.
pub fn first_char(bytes: &[u8]) -> (Option<char>, usize) {
    let Some(first) = bytes.first() else {
        return (None, 0);
    };
    if first.is_ascii() {
        return (Some(char::from(*first)), 1);
    }
    let window = &bytes[..bytes.len().min(4)];
    let valid = match std::str::from_utf8(window) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&window[..error.valid_up_to()]).expect("valid up to there"),
    };
    valid.chars().next().map_or((None, 1), |c| (Some(c), c.len_utf8()))
}

/// A string as a double-quoted Go literal.
pub fn quote(text: &[u8]) -> String {
    quote_with(text, b'"', false)
}

/// A string as a double-quoted Go literal of ASCII.
pub fn quote_to_ascii(text: &[u8]) -> String {
    quote_with(text, b'"', true)
}

/// A string as a Go literal between these marks, maybe of ASCII only.
pub fn quote_with(text: &[u8], mark: u8, ascii: bool) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(char::from(mark));
    let mut rest = text;
    while !rest.is_empty() {
        match first_char(rest) {
            (Some(c), length) => {
                push_escaped(&mut out, c, mark, ascii);
                rest = &rest[length..];
            }
            (None, length) => {
                push_hex(&mut out, "\\x", u32::from(rest[0]), 2);
                rest = &rest[length.max(1)..];
            }
        }
    }
    out.push(char::from(mark));
    out
}

fn push_escaped(out: &mut String, c: char, mark: u8, ascii: bool) {
    match c {
        '\\' => out.push_str("\\\\"),
        c if c == char::from(mark) => out.extend(['\\', c]),
        c if is_print(c) && (c.is_ascii() || !ascii) => out.push(c),
        '\x07' => out.push_str("\\a"),
        '\x08' => out.push_str("\\b"),
        '\x0c' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\x0b' => out.push_str("\\v"),
        c if c < ' ' || c == '\x7f' => push_hex(out, "\\x", u32::from(c), 2),
        c if u32::from(c) < 0x1_0000 => push_hex(out, "\\u", u32::from(c), 4),
        c => push_hex(out, "\\U", u32::from(c), 8),
    }
}

fn push_hex(out: &mut String, prefix: &str, number: u32, digits: usize) {
    out.push_str(&format!("{prefix}{number:0digits$x}"));
}

/// Whether a string can be written between backquotes on one line.
pub fn can_backquote(text: &[u8]) -> bool {
    std::str::from_utf8(text)
        .is_ok_and(|text| !text.chars().any(|c| c == '\u{feff}' || (c < ' ' && c != '\t') || c == '`' || c == '\x7f'))
}

/// The value of a Go string literal in double quotes or backquotes; `None` where Go says `invalid syntax`.
pub fn unquote(literal: &[u8]) -> Option<Vec<u8>> {
    let (mark, inner) = match literal {
        [b'`', inner @ .., b'`'] => {
            return (!inner.contains(&b'`')).then(|| inner.iter().copied().filter(|byte| *byte != b'\r').collect());
        }
        [mark @ b'"', inner @ .., b'"'] => (*mark, inner),
        _ => return None,
    };
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(first) = rest.first() {
        match first {
            b'\n' => return None,
            first if *first == mark => return None,
            b'\\' => rest = unescape(rest, mark, &mut out)?.1,
            first if first.is_ascii() => {
                out.push(*first);
                rest = &rest[1..];
            }
            _ => {
                let (c, length) = first_char(rest);
                let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                rest = &rest[length..];
            }
        }
    }
    Some(out)
}

/// The value of a character literal's inside, and what is after the character.
pub fn unquote_char(text: &[u8]) -> Option<(u32, &[u8])> {
    match text.first()? {
        b'\'' => None,
        b'\\' => unescape(text, b'\'', &mut Vec::new()),
        _ => {
            let (c, length) = first_char(text);
            Some((c.map_or(0xfffd, u32::from), &text[length..]))
        }
    }
}

/// Reads one escape sequence and appends what it stands for. Returns its value and the rest.
fn unescape<'a>(text: &'a [u8], mark: u8, out: &mut Vec<u8>) -> Option<(u32, &'a [u8])> {
    let (kind, rest) = text.get(1..)?.split_first()?;
    let simple = |value: u8, out: &mut Vec<u8>| {
        out.push(value);
        Some((u32::from(value), rest))
    };
    match kind {
        b'a' => simple(7, out),
        b'b' => simple(8, out),
        b'f' => simple(12, out),
        b'n' => simple(b'\n', out),
        b'r' => simple(b'\r', out),
        b't' => simple(b'\t', out),
        b'v' => simple(11, out),
        b'\\' => simple(b'\\', out),
        b'\'' | b'"' if *kind == mark => simple(mark, out),
        b'x' => byte(rest, 16, 2, out),
        b'u' => code_point(rest, 4, out),
        b'U' => code_point(rest, 8, out),
        b'0'..=b'7' => byte(&text[1..], 8, 3, out),
        _ => None,
    }
}

fn number(text: &[u8], radix: u32, digits: usize) -> Option<u32> {
    let digits = text.get(..digits)?;
    digits
        .iter()
        .try_fold(0_u32, |number, digit| Some(number.checked_mul(radix)? + char::from(*digit).to_digit(radix)?))
}

fn byte<'a>(text: &'a [u8], radix: u32, digits: usize, out: &mut Vec<u8>) -> Option<(u32, &'a [u8])> {
    let value = u8::try_from(number(text, radix, digits)?).ok()?;
    out.push(value);
    Some((u32::from(value), &text[digits..]))
}

fn code_point<'a>(text: &'a [u8], digits: usize, out: &mut Vec<u8>) -> Option<(u32, &'a [u8])> {
    let c = char::from_u32(number(text, 16, digits)?)?;
    out.extend(c.encode_utf8(&mut [0; 4]).bytes());
    Some((u32::from(c), &text[digits..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_quote_as_in_go() {
        for (text, expected) in [
            (&b"a\"b\\"[..], r#""a\"b\\""#),
            (b"\x00\x1f\x7f\n\t", r#""\x00\x1f\x7f\n\t""#),
            ("ä\u{200b}\u{1f600}".as_bytes(), "\"ä\\u200b\u{1f600}\""),
            (b"\xff\xc3", r#""\xff\xc3""#),
        ] {
            assert_eq!(quote(text), expected);
        }
        assert_eq!(quote_to_ascii("ä\u{1f600}".as_bytes()), r#""\u00e4\U0001f600""#);
    }

    #[test]
    fn literals_unquote_as_in_go() {
        for (literal, expected) in [
            (r#""a\"\x41\101\u00e4\n""#, Some("a\"AA\u{e4}\n")),
            ("`a\\n\r`", Some("a\\n")),
            (r#""\400""#, None),
            (r#""\ud800""#, None),
            (r#""\'""#, None),
            (r#""\q""#, None),
            ("\"", None),
        ] {
            assert_eq!(unquote(literal.as_bytes()), expected.map(|text| text.as_bytes().to_vec()), "{literal}");
        }
    }
}

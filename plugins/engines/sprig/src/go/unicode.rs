//! Characters as Go sees them: a text is bytes, and a byte that is part of no character reads as U+FFFD.

use unicode_properties::{GeneralCategory as Category, GeneralCategoryGroup as Group, UnicodeGeneralCategory as _};

/// What an invalid byte reads as.
pub(crate) const REPLACEMENT: char = '\u{fffd}';

/// The first character and its length in bytes; an invalid byte is one [`REPLACEMENT`] of length 1.
pub(crate) fn decode(text: &[u8]) -> Option<(char, usize)> {
    let first = *text.first()?;
    if first < 0x80 {
        return Some((char::from(first), 1));
    }
    let len = match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Some((REPLACEMENT, 1)),
    };
    let valid = text.get(..len).and_then(|bytes| std::str::from_utf8(bytes).ok());
    Some(valid.and_then(|text| text.chars().next()).map_or((REPLACEMENT, 1), |c| (c, len)))
}

/// The characters of a text.
pub(crate) fn chars(text: &[u8]) -> impl Iterator<Item = char> + '_ {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (c, len) = decode(rest)?;
        rest = &rest[len..];
        Some(c)
    })
}

pub(crate) fn push(out: &mut Vec<u8>, c: char) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

/// The text with every character replaced.
pub(crate) fn map(text: &[u8], replace: impl Fn(char) -> char) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    chars(text).for_each(|c| push(&mut out, replace(c)));
    out
}

pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace()
}

pub(crate) fn is_upper(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_uppercase() } else { c.general_category() == Category::UppercaseLetter }
}

pub(crate) fn is_lower(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_lowercase() } else { c.general_category() == Category::LowercaseLetter }
}

pub(crate) fn is_title(c: char) -> bool {
    !c.is_ascii() && c.general_category() == Category::TitlecaseLetter
}

pub(crate) fn is_letter(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphabetic() } else { c.general_category_group() == Group::Letter }
}

/// Category Nd.
pub(crate) fn is_digit(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_digit() } else { c.general_category() == Category::DecimalNumber }
}

/// Category N.
pub(crate) fn is_number(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_digit() } else { c.general_category_group() == Group::Number }
}

/// Category P.
pub(crate) fn is_punct(c: char) -> bool {
    if c.is_ascii() {
        // ASCII's symbols are no punctuation in Unicode.
        return c.is_ascii_punctuation() && !matches!(c, '$' | '+' | '<' | '=' | '>' | '^' | '`' | '|' | '~');
    }
    c.general_category_group() == Group::Punctuation
}

/// The upper case of one character as one character.
pub(crate) fn to_upper(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_uppercase();
    }
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(single), None) => single,
        _ => match c {
            // Letters with iota below: Unicode's one-character upper case is the title case.
            '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => shifted(c, 8),
            '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => shifted(c, 9),
            _ => c,
        },
    }
}

fn shifted(c: char, by: u32) -> char {
    char::from_u32(u32::from(c) + by).unwrap_or(c)
}

/// The lower case of one character as one character.
pub(crate) fn to_lower(c: char) -> char {
    if c.is_ascii() { c.to_ascii_lowercase() } else { c.to_lowercase().next().unwrap_or(c) }
}

/// The title case of one character as one character.
pub(crate) fn to_title(c: char) -> char {
    match c {
        'Ǆ' | 'ǅ' | 'ǆ' => 'ǅ',
        'Ǉ' | 'ǈ' | 'ǉ' => 'ǈ',
        'Ǌ' | 'ǋ' | 'ǌ' => 'ǋ',
        'Ǳ' | 'ǲ' | 'ǳ' => 'ǲ',
        // Georgian has upper case, but no title case.
        '\u{10d0}'..='\u{10fa}' | '\u{10fd}'..='\u{10ff}' => c,
        _ => to_upper(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_bytes_are_one_replacement_each() {
        let text = b"a\xe2\x82\xff\xc3\xa9\xf0\x9f";
        assert_eq!(chars(text).collect::<String>(), "a\u{fffd}\u{fffd}\u{fffd}é\u{fffd}\u{fffd}");
        assert_eq!(decode("€".as_bytes()), Some(('€', 3)));
    }

    #[test]
    fn cases_map_one_to_one() {
        assert_eq!(to_upper('ß'), 'ß');
        assert_eq!(to_upper('ᾳ'), 'ᾼ');
        assert_eq!(to_lower('İ'), 'i');
        assert_eq!(to_title('ǆ'), 'ǅ');
        assert!(!is_upper('Ⓐ') && is_upper('É'));
    }
}

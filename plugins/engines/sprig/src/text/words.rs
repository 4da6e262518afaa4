//! Words between spaces, as `goutils` sees them: some of its functions read bytes as if each were a Latin-1 character.

use crate::go::unicode::{chars, is_lower, is_space, is_title, is_upper, push, to_lower, to_title, to_upper};

/// The first letter of every word in lower case.
pub(crate) fn uncapitalize(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut starts = true;
    for c in chars(text) {
        if is_space(c) {
            starts = true;
            push(&mut out, c);
        } else {
            push(&mut out, if starts { to_lower(c) } else { c });
            starts = false;
        }
    }
    out
}

/// Upper case becomes lower, lower case upper, but title case at the start of a word.
pub(crate) fn swap_case(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut after_space = true;
    for c in chars(text) {
        let swapped = if is_upper(c) || is_title(c) {
            after_space = false;
            to_lower(c)
        } else if is_lower(c) {
            let starts = std::mem::take(&mut after_space);
            if starts { to_title(c) } else { to_upper(c) }
        } else {
            after_space = is_space(c);
            c
        };
        push(&mut out, swapped);
    }
    out
}

/// The first byte of every word, as a character.
pub(crate) fn initials(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut after_gap = true;
    for c in text.iter().map(|byte| char::from(*byte)) {
        if is_space(c) {
            after_gap = true;
        } else if after_gap {
            push(&mut out, c);
            after_gap = false;
        }
    }
    out
}

/// The text without bytes that are spaces; the other bytes become characters if there was one.
pub(crate) fn without_spaces(text: &[u8]) -> Vec<u8> {
    let is_space_byte = |byte: &u8| is_space(char::from(*byte));
    if !text.iter().any(is_space_byte) {
        return text.to_vec();
    }
    let mut out = Vec::with_capacity(text.len());
    text.iter().filter(|byte| !is_space_byte(byte)).for_each(|byte| push(&mut out, char::from(*byte)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_change_case() {
        assert_eq!(uncapitalize(b"Hello World"), b"hello world");
        assert_eq!(swap_case(b"This Is A.Test"), b"tHIS iS a.tEST");
        assert_eq!(swap_case("éa É".as_bytes()), "ÉA é".as_bytes());
    }

    #[test]
    fn bytes_are_read_as_characters() {
        assert_eq!(initials("First Éa".as_bytes()), "FÃ".as_bytes());
        assert_eq!(without_spaces("é b".as_bytes()), "Ã©b".as_bytes());
        assert_eq!(without_spaces("éb".as_bytes()), "éb".as_bytes());
    }
}

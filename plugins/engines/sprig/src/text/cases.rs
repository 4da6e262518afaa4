//! Snake, kebab and Pascal case by the rules of `xstrings`.

use crate::go::unicode::{
    REPLACEMENT, chars, decode, is_letter, is_number, is_punct, is_space, is_upper, push, to_lower, to_upper,
};

fn is_connector(c: char) -> bool {
    c == '-' || c == '_' || is_space(c)
}

/// A letter, but no Chinese one.
fn is_alphabet(c: char) -> bool {
    let is_han = matches!(c, '\u{3400}'..='\u{4d85}' | '\u{4e00}'..='\u{9fcc}' | '\u{20000}'..='\u{2b81d}');
    is_letter(c) && !is_han
}

/// `some_words` becomes `SomeWords`.
pub(crate) fn pascal(text: &[u8]) -> Vec<u8> {
    let characters: Vec<char> = chars(text).collect();
    let mut out = Vec::with_capacity(text.len());
    let leading = characters.iter().take_while(|c| is_connector(**c)).count();
    // Connectors in front stay.
    let mut rest = characters.iter().copied();
    rest.by_ref().take(leading.min(characters.len().saturating_sub(1))).for_each(|c| push(&mut out, c));
    let Some(first) = rest.next() else { return out };
    if leading == characters.len() {
        push(&mut out, first);
        return out;
    }
    let mut word_is_upper = is_upper(first);
    let mut pending = to_upper(first);
    for c in rest {
        let before = std::mem::replace(&mut pending, c);
        match (is_connector(before), is_connector(c)) {
            (true, true) => push(&mut out, before),
            (true, false) => {
                word_is_upper = is_upper(c);
                pending = to_upper(c);
            }
            (false, _) => {
                if word_is_upper && is_upper(c) {
                    pending = to_lower(c);
                } else {
                    word_is_upper = false;
                }
                push(&mut out, before);
            }
        }
    }
    push(&mut out, pending);
    out
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Word {
    End,
    Invalid,
    Number,
    Upper,
    Alphabet,
    Connector,
    Punct,
    Other,
}

impl Word {
    fn continues(self) -> bool {
        matches!(self, Word::Alphabet | Word::Number)
    }

    /// A word before which a connector stands.
    fn is_separated(self) -> bool {
        !matches!(self, Word::End | Word::Invalid | Word::Connector | Word::Punct)
    }
}

/// `FirstName` becomes `first_name`: words in lower case with one connector between them.
pub(crate) fn joined_lower(text: &[u8], connector: char) -> Vec<u8> {
    let mut words = Words { rest: text };
    let mut out = Vec::with_capacity(text.len() + 8);
    let (mut kind, mut word) = words.next();
    while !words.rest.is_empty() {
        if kind != Word::Connector {
            lower(&mut out, kind, word, connector);
        }
        let (previous, last) = (kind, word);
        (kind, word) = words.next();
        match previous {
            Word::Number => {
                take_tail(&mut out, &mut words, &mut kind, &mut word, connector);
            }
            Word::Connector => lower(&mut out, previous, last, connector),
            Word::Punct => {}
            _ if kind != Word::Number => {
                if !matches!(kind, Word::Connector | Word::Punct) {
                    push(&mut out, connector);
                }
            }
            _ if words.rest.is_empty() => {}
            _ => {
                let number = word;
                (kind, word) = words.next();
                if kind == Word::Alphabet {
                    // Lower case after a number: the number starts a word.
                    push(&mut out, connector);
                    lower(&mut out, Word::Number, number, connector);
                    take_tail(&mut out, &mut words, &mut kind, &mut word, connector);
                } else {
                    lower(&mut out, Word::Number, number, connector);
                    if !matches!(kind, Word::Connector | Word::Punct) {
                        push(&mut out, connector);
                    }
                }
            }
        }
    }
    lower(&mut out, kind, word, connector);
    out
}

/// Numbers and lower case after a number belong to its word.
fn take_tail<'a>(out: &mut Vec<u8>, words: &mut Words<'a>, kind: &mut Word, word: &mut &'a [u8], connector: char) {
    while kind.continues() {
        lower(out, *kind, word, connector);
        (*kind, *word) = words.next();
    }
    if kind.is_separated() {
        push(out, connector);
    }
}

fn lower(out: &mut Vec<u8>, kind: Word, word: &[u8], connector: char) {
    if !matches!(kind, Word::Upper | Word::Connector) {
        return out.extend_from_slice(word);
    }
    for c in chars(word) {
        push(
            out,
            if is_connector(c) {
                connector
            } else if is_upper(c) {
                to_lower(c)
            } else {
                c
            },
        );
    }
}

struct Words<'a> {
    rest: &'a [u8],
}

impl<'a> Words<'a> {
    fn next(&mut self) -> (Word, &'a [u8]) {
        let text = self.rest;
        let Some((first, size)) = valid_char(text) else {
            self.rest = &[];
            return (if text.is_empty() { Word::End } else { Word::Invalid }, text);
        };
        let (kind, len) = match first {
            c if is_connector(c) => (Word::Connector, size + run(&text[size..], is_connector)),
            c if is_punct(c) => (Word::Punct, size + run(&text[size..], is_punct)),
            c if is_upper(c) => (Word::Upper, upper_word(text, size)),
            c if is_alphabet(c) => (Word::Alphabet, size + run(&text[size..], is_small)),
            c if is_number(c) => (Word::Number, size + run(&text[size..], is_number)),
            _ => {
                let other = |c| !(is_connector(c) || is_alphabet(c) || is_number(c) || is_punct(c));
                (Word::Other, size + run(&text[size..], other))
            }
        };
        self.rest = &text[len..];
        (kind, &text[..len])
    }
}

fn is_small(c: char) -> bool {
    is_alphabet(c) && !is_upper(c)
}

/// `Word`, `HTTP`, or the `HTTP` of `HTTPServer`.
fn upper_word(text: &[u8], first: usize) -> usize {
    let Some((second, size)) = valid_char(&text[first..]) else {
        return text.len();
    };
    if !is_upper(second) {
        return if is_alphabet(second) { first + size + run(&text[first + size..], is_small) } else { first };
    }
    let (mut len, mut last) = (first + size, size);
    while let Some((c, size)) = valid_char(&text[len..]) {
        if !is_upper(c) {
            // The last capital starts the next word.
            return if is_alphabet(c) { len - last } else { len };
        }
        len += size;
        last = size;
    }
    text.len()
}

/// How many bytes from the start belong to characters of one sort. Wrong bytes at the end belong to them.
fn run(text: &[u8], belongs: impl Fn(char) -> bool) -> usize {
    let mut len = 0;
    while len < text.len() {
        match valid_char(&text[len..]) {
            Some((c, size)) if belongs(c) => len += size,
            Some(_) => break,
            None => return text.len(),
        }
    }
    len
}

/// The first character that is none of U+FFFD, and the bytes up to its end.
fn valid_char(text: &[u8]) -> Option<(char, usize)> {
    let mut len = 0;
    while let Some((c, size)) = decode(&text[len..]) {
        len += size;
        if c != REPLACEMENT {
            return Some((c, len));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::go::text::lossy;

    #[test]
    fn snake_case() {
        for (text, expected) in [
            ("FirstName", "first_name"),
            ("HTTPServer", "http_server"),
            ("NoHTTPS", "no_https"),
            ("GO PATH", "go_path"),
            ("GO-PATH", "go_path"),
            ("http2xx", "http_2xx"),
            ("HTTP20xOK", "http_20x_ok"),
            ("Duration2m3s", "duration_2m3s"),
            ("Bld4Floor3rd", "bld4_floor_3rd"),
            ("a.b,C", "a.b,c"),
            ("", ""),
        ] {
            assert_eq!(lossy(&joined_lower(text.as_bytes(), '_')), expected, "{text}");
        }
    }

    #[test]
    fn pascal_case() {
        for (text, expected) in [
            ("some_words", "SomeWords"),
            ("http_server", "HttpServer"),
            ("_complex__case_", "_Complex_Case_"),
            ("GOLANG_IS_GREAT", "GolangIsGreat"),
            ("a", "A"),
            ("-", "-"),
            ("--", "--"),
            ("", ""),
        ] {
            assert_eq!(lossy(&pascal(text.as_bytes())), expected, "{text}");
        }
    }
}

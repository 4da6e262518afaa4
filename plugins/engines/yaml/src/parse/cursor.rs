use crate::Error;

/// A place in a text, counted from 0, in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) index: usize,
    pub(super) line: usize,
    pub(super) column: usize,
}

/// Walks over a text. Beyond its end there are zeros, which cannot stand in it.
pub(super) struct Cursor<'a> {
    text: &'a str,
    position: usize,
    pub(super) mark: Mark,
}

const BYTE_ORDER_MARK: char = '\u{feff}';
/// So many bytes ahead Go's newer port looks for a comment.
pub(super) const MAX_BLANKS: usize = 512;

impl<'a> Cursor<'a> {
    /// # Errors
    /// The text has characters that YAML does not allow.
    pub(super) fn new(text: &'a str) -> Result<Cursor<'a>, Error> {
        // Further ones are part of the text: the ports look for them in the wrong place.
        let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        if !is_plain(text.as_bytes()) && !text.chars().all(is_allowed) {
            let message = "control characters are not allowed".to_owned();
            return Err(Error::Syntax { line: 0, old_line: 0, column: 1, message });
        }
        Ok(Cursor { text, position: 0, mark: Mark::default() })
    }

    /// The byte at a distance.
    pub(super) fn at(&self, distance: usize) -> u8 {
        self.text.as_bytes().get(self.position + distance).copied().unwrap_or(0)
    }

    pub(super) fn is(&self, byte: u8) -> bool {
        self.at(0) == byte
    }

    pub(super) fn is_end(&self) -> bool {
        self.position >= self.text.len()
    }

    pub(super) fn is_blank(&self, distance: usize) -> bool {
        matches!(self.at(distance), b' ' | b'\t')
    }

    /// The width of a line break in bytes, or 0. Besides `\r` and `\n` these are NEL, LS and PS.
    fn break_width(&self, distance: usize) -> usize {
        match (self.at(distance), self.at(distance + 1), self.at(distance + 2)) {
            (b'\r', b'\n', _) => 2,
            (b'\r' | b'\n', _, _) => 1,
            (0xc2, 0x85, _) => 2,
            (0xe2, 0x80, 0xa8 | 0xa9) => 3,
            _ => 0,
        }
    }

    pub(super) fn is_break(&self, distance: usize) -> bool {
        self.break_width(distance) > 0
    }

    pub(super) fn is_break_or_end(&self) -> bool {
        self.is_end() || self.is_break(0)
    }

    pub(super) fn is_blank_or_end(&self, distance: usize) -> bool {
        self.is_blank(distance) || self.is_break(distance) || self.position + distance >= self.text.len()
    }

    /// Letters, digits, `_` and `-`.
    pub(super) fn is_word(&self) -> bool {
        self.at(0).is_ascii_alphanumeric() || matches!(self.at(0), b'_' | b'-')
    }

    /// `---` or `...` at the start of a line.
    pub(super) fn is_document_indicator(&self) -> bool {
        self.mark.column == 0
            && matches!([self.at(0), self.at(1), self.at(2)], [b'-', b'-', b'-'] | [b'.', b'.', b'.'])
            && self.is_blank_or_end(3)
    }

    fn width(&self) -> usize {
        match self.at(0) {
            0..0x80 => 1,
            0x80..0xe0 => 2,
            0xe0..0xf0 => 3,
            0xf0.. => 4,
        }
    }

    /// Steps over a character that is not a line break.
    pub(super) fn skip(&mut self) {
        if self.is_end() {
            return;
        }
        self.position += self.width();
        self.mark.index += 1;
        self.mark.column += 1;
    }

    pub(super) fn skip_many(&mut self, count: usize) {
        (0..count).for_each(|_| self.skip());
    }

    pub(super) fn skip_blanks(&mut self) {
        self.skip_run(|byte| matches!(byte, b' ' | b'\t'));
    }

    /// The bytes ahead that stand for wanted characters of one byte.
    fn run(&self, wanted: impl Fn(u8) -> bool) -> usize {
        let ahead = &self.text.as_bytes()[self.position..];
        ahead.iter().position(|byte| !(byte.is_ascii() && wanted(*byte))).unwrap_or(ahead.len())
    }

    fn advance(&mut self, length: usize) {
        self.position += length;
        self.mark.index += length;
        self.mark.column += length;
    }

    /// Steps over wanted characters of one byte. Line breaks are not to be wanted.
    pub(super) fn skip_run(&mut self, wanted: impl Fn(u8) -> bool) {
        self.advance(self.run(wanted));
    }

    /// Moves wanted characters of one byte into a text, and single spaces between them. Neither blanks nor line breaks are
    /// to be wanted.
    pub(super) fn read_words(&mut self, into: &mut String, wanted: impl Fn(u8) -> bool) {
        let start = self.position;
        self.skip_run(&wanted);
        while self.position > start && self.is(b' ') && self.at(1).is_ascii() && wanted(self.at(1)) {
            self.skip();
            self.skip_run(&wanted);
        }
        into.push_str(&self.text[start..self.position]);
    }

    /// Moves the rest of the line into a text.
    pub(super) fn read_line(&mut self, into: &mut String) {
        let start = self.position;
        self.skip_line();
        into.push_str(&self.text[start..self.position]);
    }

    fn skip_line(&mut self) {
        while !self.is_break_or_end() {
            self.skip_run(|byte| !matches!(byte, b'\n' | b'\r'));
            if !self.is_break_or_end() {
                self.skip();
            }
        }
    }

    /// The line breaks since the last character that is neither one nor a blank.
    pub(super) fn breaks_before(&self) -> usize {
        let before = &self.text[..self.position];
        let space = before.trim_end_matches([' ', '\t', '\r', '\n', '\u{85}', '\u{2028}', '\u{2029}']).len();
        let breaks = before[space..].chars().filter(|c| !matches!(c, ' ' | '\t')).count();
        breaks - before[space..].matches("\r\n").count()
    }

    /// Whether a comment stands behind what was read, on its line.
    #[inline]
    pub(super) fn is_before_comment(&self) -> bool {
        let blanks = (0..MAX_BLANKS).find(|ahead| !self.is_blank(*ahead));
        blanks.is_some_and(|blanks| self.at(blanks) == b'#') && self.breaks_before() == 0
    }

    /// From the end of a comment, whether another one follows. Tabs may stand before it, which indent nothing else.
    fn is_comment_next(&self) -> bool {
        // The break that ends the comment is passed over, or what is its first byte.
        let space = (1..MAX_BLANKS).find(|ahead| !self.is_blank(*ahead) && !self.is_break(*ahead));
        space.is_some_and(|space| self.at(space) == b'#')
    }

    /// Steps over a comment and those that follow it, up to the end of the last one's line.
    pub(super) fn skip_comments(&mut self) {
        self.skip_comment();
        while self.is_comment_next() {
            self.skip_to(b'#');
            self.skip_comment();
        }
    }

    /// Steps over blanks and line breaks up to a character that follows them.
    pub(super) fn skip_to(&mut self, byte: u8) {
        while !self.is_end() && !self.is(byte) {
            if self.is_break(0) { self.skip_break() } else { self.skip() }
        }
    }

    /// Steps over a comment, up to the end of the line.
    pub(super) fn skip_comment(&mut self) {
        if self.is(b'#') {
            self.skip_line();
        }
    }

    /// Steps over a line break, when there is one.
    pub(super) fn skip_break(&mut self) {
        let width = self.break_width(0);
        if width > 0 {
            self.mark.index += if self.at(0) == b'\r' { width } else { 1 };
            self.mark.column = 0;
            self.mark.line += 1;
            self.position += width;
        }
    }

    /// Moves a character into a text.
    pub(super) fn read(&mut self, into: &mut String) {
        let start = self.position;
        self.skip();
        into.push_str(&self.text[start..self.position]);
    }

    /// Moves a line break into a text: as `\n`, but for the separators of Unicode.
    pub(super) fn read_break(&mut self, into: &mut String) {
        let start = self.position;
        let width = self.break_width(0);
        self.skip_break();
        match width {
            0 => {}
            3 => into.push_str(&self.text[start..self.position]),
            _ => into.push('\n'),
        }
    }
}

/// Whether nothing in a text needs a second look: eight bytes at a time where no line ends.
pub(super) fn is_plain(text: &[u8]) -> bool {
    let is_plain_byte = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n');
    let (words, rest) = text.as_chunks();
    let is_plain_word = |word: &[u8; 8]| is_graphic(u64::from_ne_bytes(*word)) || word.iter().all(is_plain_byte);
    words.iter().all(is_plain_word) && rest.iter().all(is_plain_byte)
}

/// Whether all bytes of a word are from a blank to a tilde.
fn is_graphic(word: u64) -> bool {
    const ONES: u64 = u64::MAX / 255;
    let below_blank = word.wrapping_sub(ONES * 0x20) & !word;
    let above_tilde = word | word.wrapping_add(ONES);
    (below_blank | above_tilde) & (ONES << 7) == 0
}

fn is_allowed(c: char) -> bool {
    matches!(c,
        '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_seen_wherever_it_stands() {
        for byte in 0..=255 {
            for place in 0..19 {
                let mut text = *b"abcdefghijklmnopqrs";
                text[place] = byte;
                assert_eq!(is_plain(&text), matches!(byte, b' '..=b'~' | b'\n'), "{byte} at {place}");
            }
        }
    }
}

//! The four forms of scalars.

use super::cursor::Mark;
use super::scanner::Scanner;
use crate::{Error, Style};

/// White space between words, until it is known what it means.
#[derive(Default)]
struct Space {
    /// Whether a line ended.
    has_break: bool,
    blanks: String,
    first_break: String,
    more_breaks: String,
}

impl Space {
    fn is_empty(&self) -> bool {
        !self.has_break && self.blanks.is_empty()
    }

    /// Appends it: a single line break becomes a space, of several the first one goes.
    fn fold_into(&mut self, text: &mut String) {
        if !self.has_break {
            text.push_str(&self.blanks);
        } else if self.first_break == "\n" {
            text.push_str(if self.more_breaks.is_empty() { " " } else { &self.more_breaks });
        } else {
            text.push_str(&self.first_break);
            text.push_str(&self.more_breaks);
        }
        *self = Space::default();
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

impl Scanner<'_> {
    /// Takes blanks and line breaks.
    fn space(&mut self, space: &mut Space) {
        if !self.cursor.is_blank(0) {
            if space.has_break {
                self.cursor.read_break(&mut space.more_breaks);
            } else {
                space.blanks.clear();
                self.cursor.read_break(&mut space.first_break);
                space.has_break = true;
            }
        } else if space.has_break {
            self.cursor.skip();
        } else {
            self.cursor.read(&mut space.blanks);
        }
    }

    pub(super) fn plain(&mut self) -> Result<String, Error> {
        let start = self.cursor.mark;
        let indent = usize::try_from(self.indent + 1).unwrap_or_default();
        let mut text = String::new();
        let mut space = Space::default();
        loop {
            if self.cursor.is_document_indicator() || self.cursor.is(b'#') {
                break;
            }
            while !self.cursor.is_blank_or_end(0) && !self.ends_plain() {
                if !space.is_empty() {
                    space.fold_into(&mut text);
                }
                self.cursor.read(&mut text);
                self.plain_words(&mut text);
            }
            if !(self.cursor.is_blank(0) || self.cursor.is_break(0)) {
                break;
            }
            while self.cursor.is_blank(0) || self.cursor.is_break(0) {
                if space.has_break && self.cursor.mark.column < indent && self.cursor.is(b'\t') {
                    return Err(self.error(start, "found a tab character that violates indentation"));
                }
                self.space(&mut space);
            }
            if self.flow_level == 0 && self.cursor.mark.column < indent {
                break;
            }
        }
        if space.has_break {
            self.key_allowed = true;
        }
        Ok(text)
    }

    /// Takes what is part of a plain scalar for certain, also after a space.
    fn plain_words(&mut self, text: &mut String) {
        if self.flow_level > 0 {
            let is_indicator = |byte| matches!(byte, b':' | b'#' | b',' | b'?' | b'[' | b']' | b'{' | b'}');
            self.cursor.read_words(text, |byte| byte.is_ascii_graphic() && !is_indicator(byte));
        } else {
            self.cursor.read_words(text, |byte| byte.is_ascii_graphic() && !matches!(byte, b':' | b'#'));
        }
    }

    /// Whether an indicator ends a plain scalar.
    fn ends_plain(&self) -> bool {
        match self.cursor.at(0) {
            b':' => self.cursor.is_blank_or_end(1),
            b',' | b'?' | b'[' | b']' | b'{' | b'}' => self.flow_level > 0,
            _ => false,
        }
    }

    pub(super) fn quoted(&mut self, style: Style) -> Result<String, Error> {
        let start = self.cursor.mark;
        let quote = self.cursor.at(0);
        self.cursor.skip();
        let mut text = String::new();
        loop {
            if self.cursor.is_document_indicator() {
                return Err(self.error(start, "found unexpected document indicator"));
            }
            if self.cursor.is_end() {
                return Err(self.error(start, "found unexpected end of stream"));
            }
            let mut space = Space::default();
            while !self.cursor.is_blank_or_end(0) {
                if self.cursor.is(quote) {
                    if style == Style::SingleQuoted && self.cursor.at(1) == quote {
                        text.push('\'');
                        self.cursor.skip_many(2);
                        continue;
                    }
                    break;
                }
                if style == Style::DoubleQuoted && self.cursor.is(b'\\') {
                    if self.cursor.is_break(1) {
                        self.cursor.skip();
                        self.cursor.skip_break();
                        space.has_break = true;
                        break;
                    }
                    text.push(self.escape(start)?);
                    continue;
                }
                self.cursor.read(&mut text);
                self.cursor.read_words(&mut text, |byte| byte.is_ascii_graphic() && byte != quote && byte != b'\\');
            }
            if self.cursor.is(quote) {
                self.cursor.skip();
                return Ok(text);
            }
            while self.cursor.is_blank(0) || self.cursor.is_break(0) {
                self.space(&mut space);
            }
            space.fold_into(&mut text);
        }
    }

    /// A character after a `\`.
    fn escape(&mut self, start: Mark) -> Result<char, Error> {
        let short = match self.cursor.at(1) {
            b'0' => '\0',
            b'a' => '\u{7}',
            b'b' => '\u{8}',
            b't' | b'\t' => '\t',
            b'n' => '\n',
            b'v' => '\u{b}',
            b'f' => '\u{c}',
            b'r' => '\r',
            b'e' => '\u{1b}',
            b' ' => ' ',
            b'"' => '"',
            b'\'' => '\'',
            b'\\' => '\\',
            b'N' => '\u{85}',
            b'_' => '\u{a0}',
            b'L' => '\u{2028}',
            b'P' => '\u{2029}',
            b'x' => return self.code(2, start),
            b'u' => return self.code(4, start),
            b'U' => return self.code(8, start),
            _ => return Err(self.error(start, "found unknown escape character")),
        };
        self.cursor.skip_many(2);
        Ok(short)
    }

    fn code(&mut self, digits: usize, start: Mark) -> Result<char, Error> {
        self.cursor.skip_many(2);
        let mut value: u32 = 0;
        for distance in 0..digits {
            let digit = char::from(self.cursor.at(distance)).to_digit(16);
            let digit = digit.ok_or_else(|| self.error(start, "did not find expected hexdecimal number"))?;
            value = (value << 4) | digit;
        }
        let c =
            char::from_u32(value).ok_or_else(|| self.error(start, "found invalid Unicode character escape code"))?;
        self.cursor.skip_many(digits);
        Ok(c)
    }

    pub(super) fn block(&mut self, style: Style) -> Result<String, Error> {
        let start = self.cursor.mark;
        self.cursor.skip();
        let (chomping, increment) = self.block_header(start)?;
        self.cursor.skip_blanks();
        match &mut self.comments {
            Some(comments) => comments.scan_line(&mut self.cursor, start),
            None => self.cursor.skip_comment(),
        }
        if !self.cursor.is_break_or_end() {
            return Err(self.error(start, "did not find expected comment or line break"));
        }
        self.cursor.skip_break();
        let mut indent = match increment {
            0 => 0,
            increment => usize::try_from(self.indent).unwrap_or_default() + increment,
        };
        let (mut text, mut leading, mut trailing) = (String::new(), String::new(), String::new());
        self.block_breaks(&mut indent, &mut trailing, start)?;
        let mut after_blank = false;
        while self.cursor.mark.column == indent && !self.cursor.is_end() {
            let is_blank = self.cursor.is_blank(0);
            if style == Style::Folded && !after_blank && !is_blank && leading == "\n" {
                if trailing.is_empty() {
                    text.push(' ');
                }
            } else {
                text.push_str(&leading);
            }
            leading.clear();
            text.push_str(&trailing);
            trailing.clear();
            after_blank = is_blank;
            self.cursor.read_line(&mut text);
            self.cursor.read_break(&mut leading);
            self.block_breaks(&mut indent, &mut trailing, start)?;
        }
        if chomping != Chomping::Strip {
            text.push_str(&leading);
        }
        if chomping == Chomping::Keep {
            text.push_str(&trailing);
        }
        Ok(text)
    }

    /// `+` or `-` and a digit, in either order.
    fn block_header(&mut self, start: Mark) -> Result<(Chomping, usize), Error> {
        let mut chomping = self.chomping();
        let digit = self.cursor.at(0);
        if !digit.is_ascii_digit() {
            return Ok((chomping.unwrap_or(Chomping::Clip), 0));
        }
        if digit == b'0' {
            return Err(self.error(start, "found an indentation indicator equal to 0"));
        }
        self.cursor.skip();
        if chomping.is_none() {
            chomping = self.chomping();
        }
        Ok((chomping.unwrap_or(Chomping::Clip), usize::from(digit - b'0')))
    }

    fn chomping(&mut self) -> Option<Chomping> {
        let chomping = match self.cursor.at(0) {
            b'+' => Chomping::Keep,
            b'-' => Chomping::Strip,
            _ => return None,
        };
        self.cursor.skip();
        Some(chomping)
    }

    /// Takes indentation and empty lines. The first line that is not empty decides the indentation, where nothing did.
    fn block_breaks(&mut self, indent: &mut usize, breaks: &mut String, start: Mark) -> Result<(), Error> {
        let mut widest = 0;
        loop {
            let is_short = |column: usize| *indent == 0 || column < *indent;
            while is_short(self.cursor.mark.column) && self.cursor.is(b' ') {
                self.cursor.skip();
            }
            widest = widest.max(self.cursor.mark.column);
            if is_short(self.cursor.mark.column) && self.cursor.is(b'\t') {
                return Err(self.error(start, "found a tab character where an indentation space is expected"));
            }
            if !self.cursor.is_break(0) {
                break;
            }
            self.cursor.read_break(breaks);
        }
        if *indent == 0 {
            *indent = widest.max(usize::try_from(self.indent + 1).unwrap_or_default()).max(1);
        }
        Ok(())
    }
}

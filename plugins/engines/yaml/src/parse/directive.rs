//! Tags and the directives at the head of a document.

use super::cursor::Mark;
use super::scanner::Scanner;
use super::token::Token;
use crate::Error;

/// Digits of a number of the YAML version.
const MAX_VERSION_DIGITS: usize = 2;
/// The version that Go's parsers know; nothing says which of its rules they follow.
const KNOWN_VERSION: [u32; 2] = [1, 1];

impl Scanner<'_> {
    pub(super) fn scan_directive(&mut self) -> Result<Token, Error> {
        let start = self.cursor.mark;
        self.cursor.skip();
        let name = self.word();
        if name.is_empty() {
            return Err(self.error(start, "could not find expected directive name"));
        }
        if !self.cursor.is_blank_or_end(0) {
            return Err(self.error(start, "found unexpected non-alphabetical character"));
        }
        let token = match name.as_str() {
            "YAML" => self.version(start)?,
            "TAG" => self.tag_directive(start)?,
            _ => return Err(self.error(start, "found unknown directive name")),
        };
        self.cursor.skip_blanks();
        self.cursor.skip_comment();
        if !self.cursor.is_break_or_end() {
            return Err(self.error(start, "did not find expected comment or line break"));
        }
        self.cursor.skip_break();
        Ok(token)
    }

    fn version(&mut self, start: Mark) -> Result<Token, Error> {
        self.cursor.skip_blanks();
        let major = self.version_number(start)?;
        if !self.cursor.is(b'.') {
            return Err(self.error(start, "did not find expected digit or '.' character"));
        }
        self.cursor.skip();
        let minor = self.version_number(start)?;
        Ok(Token::VersionDirective { is_known: [major, minor] == KNOWN_VERSION })
    }

    fn version_number(&mut self, start: Mark) -> Result<u32, Error> {
        let mut digits = String::new();
        while self.cursor.at(0).is_ascii_digit() {
            if digits.len() == MAX_VERSION_DIGITS {
                return Err(self.error(start, "found extremely long version number"));
            }
            self.cursor.read(&mut digits);
        }
        digits.parse().map_err(|_| self.error(start, "did not find expected version number"))
    }

    fn tag_directive(&mut self, start: Mark) -> Result<Token, Error> {
        self.cursor.skip_blanks();
        let handle = self.tag_handle(start)?;
        if handle != "!" && !handle.ends_with('!') || handle.is_empty() {
            return Err(self.error(start, "did not find expected '!'"));
        }
        if !self.cursor.is_blank(0) {
            return Err(self.error(start, "did not find expected whitespace"));
        }
        self.cursor.skip_blanks();
        let prefix = self.tag_uri("", start)?;
        if !self.cursor.is_blank_or_end(0) {
            return Err(self.error(start, "did not find expected whitespace or line break"));
        }
        Ok(Token::TagDirective { handle, prefix })
    }

    pub(super) fn scan_tag(&mut self) -> Result<Token, Error> {
        let start = self.cursor.mark;
        let (handle, suffix) = if self.cursor.at(1) == b'<' {
            self.cursor.skip_many(2);
            let uri = self.tag_uri("", start)?;
            if !self.cursor.is(b'>') {
                return Err(self.error(start, "did not find the expected '>'"));
            }
            self.cursor.skip();
            (String::new(), uri)
        } else {
            self.short_tag(start)?
        };
        if !self.cursor.is_blank_or_end(0) {
            return Err(self.error(start, "did not find expected whitespace or line break"));
        }
        Ok(Token::Tag { handle, suffix })
    }

    /// `!!x`, `!handle!x`, `!x` or `!`.
    fn short_tag(&mut self, start: Mark) -> Result<(String, String), Error> {
        let handle = self.tag_handle(start)?;
        if handle.len() > 1 && handle.ends_with('!') {
            let suffix = self.tag_uri("", start)?;
            return Ok((handle, suffix));
        }
        match self.tag_uri(&handle, start)? {
            empty if empty.is_empty() => Ok((String::new(), "!".to_owned())),
            suffix => Ok(("!".to_owned(), suffix)),
        }
    }

    fn tag_handle(&mut self, start: Mark) -> Result<String, Error> {
        if !self.cursor.is(b'!') {
            return Err(self.error(start, "did not find expected '!'"));
        }
        let mut handle = String::new();
        self.cursor.read(&mut handle);
        handle.push_str(&self.word());
        if self.cursor.is(b'!') {
            self.cursor.read(&mut handle);
        }
        Ok(handle)
    }

    /// What follows; `head` is what was read already, with its `!`.
    fn tag_uri(&mut self, head: &str, start: Mark) -> Result<String, Error> {
        let mut uri = head.get(1..).unwrap_or_default().as_bytes().to_vec();
        let mut is_found = !head.is_empty();
        loop {
            let byte = self.cursor.at(0);
            if byte == b'%' {
                uri.push(self.uri_octet(start)?);
            } else if self.cursor.is_word() || b";/?:@&=+$,.!~*'()[]".contains(&byte) {
                uri.push(byte);
                self.cursor.skip();
            } else {
                break;
            }
            is_found = true;
        }
        if !is_found {
            return Err(self.error(start, "did not find expected tag URI"));
        }
        String::from_utf8(uri).map_err(|_| self.error(start, "found an incorrect trailing UTF-8 octet"))
    }

    fn uri_octet(&mut self, start: Mark) -> Result<u8, Error> {
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let digits = digit(self.cursor.at(1)).zip(digit(self.cursor.at(2)));
        let octet = digits.and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        let octet = octet.ok_or_else(|| self.error(start, "did not find URI escaped octet"))?;
        self.cursor.skip_many(3);
        Ok(octet)
    }
}

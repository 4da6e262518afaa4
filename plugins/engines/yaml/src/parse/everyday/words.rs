//! Scalars that are no longer than their line, and lists of them in brackets.

use std::borrow::Cow;

use super::Lines;
use super::make::Make;
use crate::node::Style;

/// A key is certainly shorter than what a key may be at most.
const MAX_KEY_LENGTH: usize = 1000;

/// Where a scalar ended.
#[derive(PartialEq, Eq)]
pub(super) enum Ended {
    /// Before a comment or the end of its line.
    Line,
    /// With a `:`, which was taken.
    Key,
}

impl<'a, M: Make> Lines<'a, M> {
    /// A scalar that is not longer than its line.
    pub(super) fn word(&mut self) -> Option<(M::Node, Ended)> {
        let start = self.at;
        let (text, style) = match self.byte(0) {
            quote @ (b'\'' | b'"') => self.quoted(quote)?,
            _ => (Cow::Borrowed(self.plain()?), Style::Plain),
        };
        let before = self.at;
        self.skip_spaces();
        let ended = if self.byte(0) == b':' && self.is_blank_or_end(1) {
            self.at += 1;
            Ended::Key
        } else {
            self.at = before;
            Ended::Line
        };
        match ended {
            Ended::Key if self.at - start > MAX_KEY_LENGTH => None,
            Ended::Key => Some((M::key(text, style)?, ended)),
            Ended::Line => Some((M::scalar(text, style)?, ended)),
        }
    }

    /// A bare word or several of them.
    fn plain(&mut self) -> Option<&'a str> {
        let is_start = match self.byte(0) {
            b'[' | b']' | b'{' | b'}' | b',' | b'?' | b':' | b'*' | b'&' | b'!' | b'|' | b'>' => false,
            b'\'' | b'"' | b'#' | b'%' | b'@' | b'`' | b'\t' | b'\n' => false,
            b'-' => !self.is_blank_or_end(1),
            _ => true,
        };
        if !is_start {
            return None;
        }
        let rest = &self.bytes[self.at..];
        let mut before = 0;
        let mut end = rest.len();
        for (index, byte) in rest.iter().enumerate() {
            match byte {
                b'\n' => {}
                b':' if matches!(rest.get(index + 1), None | Some(b' ' | b'\n')) => {}
                b'#' if before == b' ' => {}
                b'\t' => return None,
                byte => {
                    before = *byte;
                    continue;
                }
            }
            end = index;
            break;
        }
        let text = self.text[self.at..self.at + end].trim_end_matches(' ');
        self.at += text.len();
        Some(text)
    }

    /// Quotes, and what is between them.
    fn quoted(&mut self, quote: u8) -> Option<(Cow<'a, str>, Style)> {
        self.at += 1;
        let mut text = Cow::Borrowed("");
        loop {
            let rest = &self.bytes[self.at..];
            let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\\') || *byte == quote)?;
            text += &self.text[self.at..self.at + end];
            self.at += end;
            match (self.byte(0), self.byte(1)) {
                (b'\'', b'\'') => text += "'",
                (b'\\', _) if quote == b'\'' => {
                    text += "\\";
                    self.at += 1;
                    continue;
                }
                (b'\\', b'"') => text += "\"",
                (b'\\', b'\\') => text += "\\",
                (b'\\', b'n') => text += "\n",
                (b'\\', b't') => text += "\t",
                (end, _) if end == quote => {
                    self.at += 1;
                    return Some((text, if quote == b'"' { Style::DoubleQuoted } else { Style::SingleQuoted }));
                }
                _ => return None,
            }
            self.at += 2;
        }
    }

    /// `[a, 'b']`: scalars that need no second look.
    pub(super) fn flow_items(&mut self) -> Option<M::Node> {
        let mut items = Vec::new();
        self.at += 1;
        self.skip_spaces();
        if self.byte(0) == b']' {
            self.at += 1;
            return Some(M::sequence(items, Style::Flow));
        }
        loop {
            items.push(match self.byte(0) {
                quote @ (b'\'' | b'"') => {
                    let (text, style) = self.quoted(quote)?;
                    M::scalar(text, style)?
                }
                _ => self.flow_word()?,
            });
            self.skip_spaces();
            let separator = self.byte(0);
            self.at += 1;
            match separator {
                b',' => self.skip_spaces(),
                b']' => return Some(M::sequence(items, Style::Flow)),
                _ => return None,
            }
        }
    }

    fn flow_word(&mut self) -> Option<M::Node> {
        let is_certain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b'_' | b'-');
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|byte| !is_certain(byte))?;
        if length == 0 || rest[0] == b'-' {
            return None;
        }
        let text = &self.text[self.at..self.at + length];
        self.at += length;
        M::scalar(Cow::Borrowed(text), Style::Plain)
    }
}

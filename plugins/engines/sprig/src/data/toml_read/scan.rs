//! The text, character by character.

use weir_gotmpl::quote;

use crate::go::unicode::decode;

/// What is wrong, and on which line.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) line: usize,
    pub(super) message: String,
}

pub(super) type Scanned<T> = Result<T, Fault>;

pub(super) struct Scan<'a> {
    text: &'a [u8],
    at: usize,
    pub(super) line: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Scan { text, at: 0, line: 1 }
    }

    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// The text since a position; it holds whole characters, for all of them were read.
    pub(super) fn since(&self, start: usize) -> &'a str {
        std::str::from_utf8(&self.text[start..self.at]).expect("it was read character by character")
    }

    /// The next character, which is not taken.
    pub(super) fn peek(&self) -> Scanned<Option<char>> {
        let rest = &self.text[self.at..];
        let Some((c, length)) = decode(rest) else { return Ok(None) };
        if length != c.len_utf8() {
            return Err(self.fault(format!("invalid UTF-8 byte: 0x{:02x}", rest[0])));
        }
        let is_control = match c {
            '\r' => rest.get(1) != Some(&b'\n'),
            c => (c < ' ' && !matches!(c, '\t' | '\n')) || c == '\x7f',
        };
        if is_control {
            let message = format!("TOML files cannot contain control characters: '0x{:02x}'", u32::from(c));
            return Err(self.fault(message));
        }
        Ok(Some(c))
    }

    pub(super) fn next(&mut self) -> Scanned<Option<char>> {
        let next = self.peek()?;
        if let Some(c) = next {
            self.at += c.len_utf8();
            self.line += usize::from(c == '\n');
        }
        Ok(next)
    }

    pub(super) fn take(&mut self, wanted: char) -> Scanned<bool> {
        self.take_if(|c| c == wanted)
    }

    pub(super) fn take_if(&mut self, wanted: impl Fn(char) -> bool) -> Scanned<bool> {
        if !self.peek()?.is_some_and(wanted) {
            return Ok(false);
        }
        self.next()?;
        Ok(true)
    }

    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> Scanned<()> {
        while self.take_if(&wanted)? {}
        Ok(())
    }

    pub(super) fn spaces(&mut self) -> Scanned<()> {
        self.take_while(is_space)
    }

    /// Goes back to before the character taken last, an ASCII one that ends no line.
    pub(super) fn back(&mut self) {
        self.at -= 1;
    }

    /// What is wrong here.
    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault { line: self.line, message: message.into() }
    }

    /// The next character is wrong. It counts as read: a line that it ends is behind.
    pub(super) fn wrong(&self, next: Option<char>, message: impl Into<String>) -> Fault {
        let line = match next {
            Some('\n') => self.line + 1,
            // The end of the text is on the last line that has something.
            None if self.at > 0 && self.text[self.at - 1] == b'\n' => self.line - 1,
            _ => self.line,
        };
        Fault { line, message: message.into() }
    }

    /// A line ends where it must not, which is told of the line before the one that is reached by it. (The original counts
    /// back from a carriage return too.)
    pub(super) fn ends(&self, next: Option<char>, message: impl Into<String>) -> Fault {
        let line = if next == Some('\n') { self.line } else { self.line - 1 };
        Fault { line, message: message.into() }
    }
}

pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

/// In a text that was looked at, a carriage return stands only before a line feed.
pub(super) fn is_newline(c: char) -> bool {
    matches!(c, '\n' | '\r')
}

/// As Go's `%q` writes a character; the end of the text is a zero.
pub(super) fn shown(c: Option<char>) -> String {
    let c = c.unwrap_or('\0');
    match c {
        '"' => "'\"'".to_owned(),
        '\'' => "'\\''".to_owned(),
        c => {
            let quoted = quote(c.encode_utf8(&mut [0; 4]).as_bytes());
            format!("'{}'", &quoted[1..quoted.len() - 1])
        }
    }
}

//! From text to tokens.

use memchr::memmem;

use super::token::{Kind, Span, Token};
use weir_goquote::{first_char, is_alphanumeric, is_print, quote};

const LEFT_DELIM: &[u8] = b"{{";
const RIGHT_DELIM: &[u8] = b"}}";
const LEFT_COMMENT: &[u8] = b"/*";
const RIGHT_COMMENT: &[u8] = b"*/";
/// The trim marker and the space beside it.
const TRIM_LEN: usize = 2;

/// Finds tokens one by one. After an error there are no more.
pub(super) struct Lexer<'a> {
    text: &'a [u8],
    /// Where the token that is being read begins.
    start: usize,
    position: usize,
    is_inside_action: bool,
    parens: usize,
    delim: memmem::Finder<'static>,
    /// `break` and `continue` are keywords, unless there are functions with these names.
    pub(super) has_break: bool,
    pub(super) has_continue: bool,
    /// The message of the error token.
    pub(super) error: String,
}

type Lexed = Result<Kind, String>;

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn has_left_trim(text: &[u8]) -> bool {
    matches!(text, [b'-', space, ..] if is_space(*space))
}

fn has_right_trim(text: &[u8]) -> bool {
    matches!(text, [space, b'-', ..] if is_space(*space))
}

fn count_spaces(text: &[u8]) -> usize {
    text.iter().position(|byte| !is_space(*byte)).unwrap_or(text.len())
}

fn without_spaces_after(text: &[u8]) -> usize {
    text.iter().rposition(|byte| !is_space(*byte)).map_or(0, |last| last + 1)
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            start: 0,
            position: 0,
            is_inside_action: false,
            parens: 0,
            delim: memmem::Finder::new(LEFT_DELIM),
            has_break: true,
            has_continue: true,
            error: String::new(),
        }
    }

    pub(super) fn next_token(&mut self) -> Token {
        let lexed = if self.is_inside_action { self.inside_action() } else { self.outside_action() };
        match lexed {
            Ok((kind, span)) => Token { kind, span },
            Err(message) => {
                self.error = message;
                Token { kind: Kind::Error, span: Span::new(self.start, self.start) }
            }
        }
    }

    fn rest(&self) -> &'a [u8] {
        &self.text[self.position..]
    }

    /// What was read since the last token, as a token.
    fn emit(&mut self, kind: Kind) -> (Kind, Span) {
        let span = Span::new(self.start, self.position);
        self.start = self.position;
        (kind, span)
    }

    fn skip(&mut self, count: usize) {
        self.position += count;
        self.start = self.position;
    }

    /// Text up to the next action, comments left out.
    fn outside_action(&mut self) -> Result<(Kind, Span), String> {
        loop {
            let Some(distance) = self.delim.find(self.rest()) else {
                self.position = self.text.len();
                let kind = if self.position > self.start { Kind::Text } else { Kind::Eof };
                return Ok(self.emit(kind));
            };
            let delim = self.position + distance;
            if distance > 0 {
                let trims = has_left_trim(&self.text[delim + LEFT_DELIM.len()..]);
                let text = &self.text[self.start..delim];
                let length = if trims { without_spaces_after(text) } else { text.len() };
                self.position = self.start + length;
                let token = self.emit(Kind::Text);
                self.skip(delim - self.position);
                if length > 0 {
                    return Ok(token);
                }
            }
            if let Some(token) = self.left_delim()? {
                return Ok(token);
            }
        }
    }

    /// The left delimiter, or nothing when it begins a comment.
    fn left_delim(&mut self) -> Result<Option<(Kind, Span)>, String> {
        self.position += LEFT_DELIM.len();
        let after_marker = if has_left_trim(self.rest()) { TRIM_LEN } else { 0 };
        if self.text[self.position + after_marker..].starts_with(LEFT_COMMENT) {
            self.skip(after_marker);
            self.comment()?;
            return Ok(None);
        }
        let token = self.emit(Kind::LeftDelim);
        self.is_inside_action = true;
        self.skip(after_marker);
        self.parens = 0;
        Ok(Some(token))
    }

    fn comment(&mut self) -> Result<(), String> {
        self.position += LEFT_COMMENT.len();
        let Some(end) = memmem::find(self.rest(), RIGHT_COMMENT) else {
            return Err("unclosed comment".to_owned());
        };
        self.position += end + RIGHT_COMMENT.len();
        let Some(trims) = self.at_right_delim() else {
            return Err("comment ends before closing delimiter".to_owned());
        };
        self.right_delim_end(trims);
        Ok(())
    }

    /// Whether a right delimiter is next, and whether it trims.
    fn at_right_delim(&self) -> Option<bool> {
        let rest = self.rest();
        if has_right_trim(rest) && rest[TRIM_LEN..].starts_with(RIGHT_DELIM) {
            return Some(true);
        }
        rest.starts_with(RIGHT_DELIM).then_some(false)
    }

    /// Skips a right delimiter and what it trims.
    fn right_delim_end(&mut self, trims: bool) {
        self.skip(RIGHT_DELIM.len() + if trims { TRIM_LEN } else { 0 });
        if trims {
            self.skip(count_spaces(self.rest()));
        }
    }

    fn right_delim(&mut self, trims: bool) -> (Kind, Span) {
        if trims {
            self.skip(TRIM_LEN);
        }
        self.position += RIGHT_DELIM.len();
        let token = self.emit(Kind::RightDelim);
        if trims {
            self.skip(count_spaces(self.rest()));
        }
        self.is_inside_action = false;
        token
    }

    fn inside_action(&mut self) -> Result<(Kind, Span), String> {
        if let Some(trims) = self.at_right_delim() {
            if self.parens > 0 {
                return Err("unclosed left paren".to_owned());
            }
            return Ok(self.right_delim(trims));
        }
        let Some(first) = self.rest().first().copied() else {
            return Err("unclosed action".to_owned());
        };
        if is_space(first) {
            return Ok(self.space());
        }
        let kind = self.operand(first)?;
        Ok(self.emit(kind))
    }

    fn operand(&mut self, first: u8) -> Lexed {
        match first {
            b'+' | b'-' | b'0'..=b'9' => return self.number(),
            b'.' if self.rest().get(1).is_none_or(u8::is_ascii_digit) => return self.number(),
            _ if !first.is_ascii() || first.is_ascii_alphanumeric() || first == b'_' => return self.identifier(),
            _ => self.position += 1,
        }
        Ok(match first {
            b'=' => Kind::Assign,
            b':' => {
                if self.rest().first() != Some(&b'=') {
                    return Err("expected :=".to_owned());
                }
                self.position += 1;
                Kind::Declare
            }
            b'|' => Kind::Pipe,
            b'"' => return self.quoted(b'"', Kind::String, "unterminated quoted string"),
            b'\'' => return self.quoted(b'\'', Kind::CharConstant, "unterminated character constant"),
            b'`' => return self.raw_string(),
            b'$' => return self.field_or_variable(Kind::Variable, Kind::Variable),
            b'.' => return self.field_or_variable(Kind::Field, Kind::Dot),
            b'(' => {
                self.parens += 1;
                Kind::LeftParen
            }
            b')' => {
                self.parens = self.parens.checked_sub(1).ok_or("unexpected right paren")?;
                Kind::RightParen
            }
            b'!'..=b'~' => Kind::Char,
            other => return Err(format!("unrecognized character in action: {}", code_point(Some(char::from(other))))),
        })
    }

    /// A run of spaces, but for the one that belongs to a trimming delimiter.
    fn space(&mut self) -> (Kind, Span) {
        let count = count_spaces(self.rest());
        self.position += count;
        let last = &self.text[self.position - 1..];
        if has_right_trim(last) && last[TRIM_LEN..].starts_with(RIGHT_DELIM) {
            self.position -= 1;
            if count == 1 {
                return self.right_delim(true);
            }
        }
        self.emit(Kind::Space)
    }

    /// Goes past letters, digits and underscores. Returns the character after them.
    fn skip_alphanumeric(&mut self) -> Option<char> {
        loop {
            let ahead = self.rest();
            let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
            self.position += ahead.iter().position(|byte| !is_word(byte)).unwrap_or(ahead.len());
            let (c, length) = first_char(self.rest());
            match c {
                Some(c) if is_alphanumeric(c) => self.position += length,
                None if length > 0 => return Some(char::REPLACEMENT_CHARACTER),
                other => return other,
            }
        }
    }

    fn identifier(&mut self) -> Lexed {
        let next = self.skip_alphanumeric();
        let word = &self.text[self.start..self.position];
        if word.is_empty() {
            return Err(format!("unrecognized character in action: {}", code_point(next)));
        }
        if !self.at_terminator() {
            return Err(format!("bad character {}", code_point(next)));
        }
        Ok(match Kind::keyword(word) {
            Some(Kind::Break) if !self.has_break => Kind::Identifier,
            Some(Kind::Continue) if !self.has_continue => Kind::Identifier,
            Some(keyword) => keyword,
            None if matches!(word, b"true" | b"false") => Kind::Bool,
            None => Kind::Identifier,
        })
    }

    /// What follows a `.` or `$`; alone, these are `bare`.
    fn field_or_variable(&mut self, kind: Kind, bare: Kind) -> Lexed {
        if self.at_terminator() {
            return Ok(bare);
        }
        let next = self.skip_alphanumeric();
        if !self.at_terminator() {
            return Err(format!("bad character {}", code_point(next)));
        }
        Ok(kind)
    }

    /// Whether what is next may follow an identifier.
    fn at_terminator(&self) -> bool {
        match self.rest().first() {
            None => true,
            Some(byte) => {
                is_space(*byte)
                    || matches!(byte, b'.' | b',' | b'|' | b':' | b')' | b'(')
                    || self.rest().starts_with(RIGHT_DELIM)
            }
        }
    }

    /// A literal up to its closing mark, on one line.
    fn quoted(&mut self, mark: u8, kind: Kind, unterminated: &str) -> Lexed {
        loop {
            let Some(byte) = self.rest().first().copied() else {
                return Err(unterminated.to_owned());
            };
            self.position += 1;
            match byte {
                b'\n' => return Err(unterminated.to_owned()),
                b'\\' if matches!(self.rest().first(), None | Some(b'\n')) => return Err(unterminated.to_owned()),
                b'\\' => self.position += 1,
                byte if byte == mark => return Ok(kind),
                _ => {}
            }
        }
    }

    fn raw_string(&mut self) -> Lexed {
        let end = memchr::memchr(b'`', self.rest()).ok_or("unterminated raw quoted string")?;
        self.position += end + 1;
        Ok(Kind::RawString)
    }

    fn number(&mut self) -> Lexed {
        let bad = |lexer: &Self| format!("bad number syntax: {}", quote(&lexer.text[lexer.start..lexer.position]));
        if !self.scan_number() {
            return Err(bad(self));
        }
        if !matches!(self.rest().first(), Some(b'+' | b'-')) {
            return Ok(Kind::Number);
        }
        if !self.scan_number() || self.text[self.position - 1] != b'i' {
            return Err(bad(self));
        }
        Ok(Kind::Complex)
    }

    /// Goes past what may be a number; whether it is one is found out when it is read.
    fn scan_number(&mut self) -> bool {
        self.accept(b"+-");
        let mut digits: &[u8] = b"0123456789_";
        if self.accept(b"0") {
            if self.accept(b"xX") {
                digits = b"0123456789abcdefABCDEF_";
            } else if self.accept(b"oO") {
                digits = b"01234567_";
            } else if self.accept(b"bB") {
                digits = b"01_";
            }
        }
        self.accept_run(digits);
        if self.accept(b".") {
            self.accept_run(digits);
        }
        let exponent: &[u8] = match digits.len() {
            11 => b"eE",
            23 => b"pP",
            _ => b"",
        };
        if self.accept(exponent) {
            self.accept(b"+-");
            self.accept_run(b"0123456789_");
        }
        self.accept(b"i");
        let (next, length) = first_char(self.rest());
        let ends = !next.is_some_and(is_alphanumeric);
        if !ends {
            self.position += length;
        }
        ends
    }

    fn accept(&mut self, set: &[u8]) -> bool {
        let is_in = self.rest().first().is_some_and(|byte| set.contains(byte));
        self.position += usize::from(is_in);
        is_in
    }

    fn accept_run(&mut self, set: &[u8]) {
        while self.accept(set) {}
    }
}

/// A character as `%#U` prints it.
fn code_point(c: Option<char>) -> String {
    let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
    let shown = if is_print(c) { format!(" '{c}'") } else { String::new() };
    format!("U+{:04X}{shown}", u32::from(c))
}

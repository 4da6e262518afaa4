//! Numbers, strings and bytes.

use super::strconv::{Precision, append_float};
use super::{Printer, Verb};
use crate::value::Complex;
use weir_goquote::{can_backquote, is_print, quote_with};

/// More digits than any base gives a 64-bit number.
const MAX_DIGITS: usize = 64;

/// Whether `%v` prints a float as the whole number that it is.
pub(super) fn is_small_and_whole(number: f64) -> bool {
    const EXPONENT_FROM: f64 = 1e6;
    number.fract() == 0.0 && number.abs() < EXPONENT_FROM && !(number == 0.0 && number.is_sign_negative())
}

impl Printer<'_> {
    /// `%t`
    pub(super) fn boolean(&mut self, value: bool) {
        self.pad(if value { b"true" } else { b"false" });
    }

    /// An integer under its verb; false when integers have no such verb.
    pub(super) fn integer(&mut self, magnitude: u64, negative: bool, signed: bool, verb: Verb) -> bool {
        // The number as an unsigned one of 64 bits, as `%c` and its like see it.
        let raw = if negative { magnitude.wrapping_neg() } else { magnitude };
        match verb {
            'v' if self.flags.sharp_v && !signed => self.hexadecimal(raw, true),
            'v' | 'd' => self.digits(magnitude, negative, 10, verb),
            'b' => self.digits(magnitude, negative, 2, verb),
            'o' | 'O' => self.digits(magnitude, negative, 8, verb),
            'x' | 'X' => self.digits(magnitude, negative, 16, verb),
            'c' => self.character(raw),
            'q' => self.quoted_character(raw),
            'U' => self.unicode(raw),
            _ => return false,
        }
        true
    }

    pub(super) fn hexadecimal(&mut self, number: u64, prefix: bool) {
        let sharp = std::mem::replace(&mut self.flags.sharp, prefix);
        self.digits(number, false, 16, 'v');
        self.flags.sharp = sharp;
    }

    pub(super) fn digits(&mut self, magnitude: u64, negative: bool, base: u64, verb: Verb) {
        let flags = self.flags;
        // Zeros in front are asked for by the precision, or by the flag and the width.
        let minimum = match (flags.precision, flags.width) {
            (Some(0), width) if magnitude == 0 => {
                self.flags.zero = false;
                self.write_padding(width.unwrap_or(0));
                self.flags.zero = flags.zero;
                return;
            }
            (Some(precision), _) => precision,
            (None, Some(width)) if flags.zero && !flags.minus => {
                width.saturating_sub(usize::from(negative || flags.plus || flags.space))
            }
            _ => 0,
        };
        let mut buffer = [0; MAX_DIGITS];
        let digits = render_digits(&mut buffer, magnitude, base, verb == 'X');
        let mut text = Vec::with_capacity(digits.len().max(minimum) + 3);
        if negative {
            text.push(b'-');
        } else if flags.plus {
            text.push(b'+');
        } else if flags.space {
            text.push(b' ');
        }
        if verb == 'O' {
            text.extend(b"0o");
        }
        let zeros = minimum.saturating_sub(digits.len());
        if flags.sharp {
            match base {
                2 => text.extend(b"0b"),
                8 if zeros == 0 && digits.first() != Some(&b'0') => text.push(b'0'),
                16 => text.extend(if verb == 'X' { b"0X" } else { b"0x" }),
                _ => {}
            }
        }
        text.resize(text.len() + zeros, b'0');
        text.extend(digits);
        self.pad_with_spaces(&text);
    }

    /// `%c`
    fn character(&mut self, number: u64) {
        self.pad(to_char(number).encode_utf8(&mut [0; 4]).as_bytes());
    }

    /// `%q` of an integer
    fn quoted_character(&mut self, number: u64) {
        let c = to_char(number);
        let text = quote_with(c.encode_utf8(&mut [0; 4]).as_bytes(), b'\'', self.flags.plus);
        self.pad(text.as_bytes());
    }

    /// `%U`
    fn unicode(&mut self, number: u64) {
        let digits = self.flags.precision.unwrap_or(4).max(4);
        let mut text = format!("U+{number:0digits$X}");
        let shown = u32::try_from(number).ok().and_then(char::from_u32).filter(|c| is_print(*c));
        if let (true, Some(c)) = (self.flags.sharp, shown) {
            text.extend([' ', '\'', c, '\'']);
        }
        self.pad_with_spaces(text.as_bytes());
    }

    /// A float under its verb; false when floats have no such verb.
    pub(super) fn float(&mut self, value: f64, bits: u32, verb: Verb) -> bool {
        let (format, precision) = match verb {
            'v' => (b'g', Precision::Shortest),
            'b' => (b'b', Precision::Shortest),
            'g' => (b'g', Precision::Shortest),
            'G' => (b'G', Precision::Shortest),
            'x' => (b'x', Precision::Shortest),
            'X' => (b'X', Precision::Shortest),
            'f' | 'F' => (b'f', Precision::Digits(6)),
            'e' => (b'e', Precision::Digits(6)),
            'E' => (b'E', Precision::Digits(6)),
            _ => return false,
        };
        let precision = self.flags.precision.map_or(precision, Precision::Digits);
        self.formatted_float(value, bits, format, precision);
        true
    }

    /// Both parts as floats, the second one always with its sign.
    pub(super) fn complex(&mut self, number: Complex, verb: Verb) -> bool {
        if !matches!(verb, 'v' | 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E') {
            return false;
        }
        let had_plus = self.flags.plus;
        self.write(b"(");
        self.float(number.real, 64, verb);
        self.flags.plus = true;
        self.float(number.imaginary, 64, verb);
        self.write(b"i)");
        self.flags.plus = had_plus;
        true
    }

    fn formatted_float(&mut self, value: f64, bits: u32, format: u8, precision: Precision) {
        let flags = self.flags;
        let mut number = Vec::new();
        append_float(&mut number, value, format, precision, bits);
        // The number always begins with its sign here; whether the sign shows is decided below.
        if !matches!(number[0], b'+' | b'-') {
            number.insert(0, b'+');
        }
        if flags.space && number[0] == b'+' && !flags.plus {
            number[0] = b' ';
        }
        if !value.is_finite() {
            // An infinity keeps its sign always.
            let is_bare = value.is_nan() && !flags.space && !flags.plus;
            return self.pad_with_spaces(if is_bare { &number[1..] } else { &number });
        }
        if flags.sharp && format != b'b' {
            keep_zeros(&mut number, format, precision);
        }
        if !flags.plus && number[0] == b'+' {
            return self.pad(&number[1..]);
        }
        match flags.width {
            // The sign stands before the zeros.
            Some(width) if flags.zero && !flags.minus && width > number.len() => {
                self.out.push(number[0]);
                self.write_padding(width - number.len());
                self.out.extend_from_slice(&number[1..]);
            }
            _ => self.pad(&number),
        }
    }

    /// A string under its verb; false when strings have no such verb.
    pub(super) fn string(&mut self, text: &[u8], verb: Verb) -> bool {
        match verb {
            'v' if self.flags.sharp_v => self.quoted(text),
            'v' | 's' => {
                let text = self.truncate(text);
                self.pad(text);
            }
            'x' | 'X' => self.hex_bytes(text, verb == 'X'),
            'q' => self.quoted(text),
            _ => return false,
        }
        true
    }

    pub(super) fn quoted(&mut self, text: &[u8]) {
        let text = self.truncate(text);
        if self.flags.sharp && can_backquote(text) {
            let text = [b"`", text, b"`"].concat();
            return self.pad(&text);
        }
        let quoted = quote_with(text, b'"', self.flags.plus);
        self.pad(quoted.as_bytes());
    }

    pub(super) fn hex_bytes(&mut self, bytes: &[u8], upper: bool) {
        let flags = self.flags;
        let bytes = &bytes[..bytes.len().min(flags.precision.unwrap_or(usize::MAX))];
        if bytes.is_empty() {
            return self.write_padding(flags.width.unwrap_or(0));
        }
        let prefix: &[u8] = match (flags.sharp, upper) {
            (false, _) => b"",
            (true, false) => b"0x",
            (true, true) => b"0X",
        };
        let each = if flags.space { prefix.len() } else { 0 };
        let spaces = if flags.space { bytes.len() - 1 } else { 0 };
        let width = bytes.len() * (2 + each) + spaces + if flags.space { 0 } else { prefix.len() };
        let padding = flags.width.unwrap_or(0).saturating_sub(width);
        if !flags.minus {
            self.write_padding(padding);
        }
        let digits = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
        self.out.extend_from_slice(prefix);
        for (index, byte) in bytes.iter().enumerate() {
            if flags.space && index > 0 {
                self.out.push(b' ');
                self.out.extend_from_slice(prefix);
            }
            self.out.extend([digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]);
        }
        if flags.minus {
            self.write_padding(padding);
        }
    }
}

/// Appends a number without flags.
pub(super) fn append_int(out: &mut Vec<u8>, number: i64) {
    if number < 0 {
        out.push(b'-');
    }
    let mut buffer = [0; MAX_DIGITS];
    out.extend_from_slice(render_digits(&mut buffer, number.unsigned_abs(), 10, false));
}

fn to_char(number: u64) -> char {
    u32::try_from(number).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn render_digits(buffer: &mut [u8; MAX_DIGITS], mut number: u64, base: u64, upper: bool) -> &[u8] {
    let digits = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
    let mut start = MAX_DIGITS;
    loop {
        start -= 1;
        buffer[start] = digits[(number % base) as usize];
        number /= base;
        if number == 0 {
            return &buffer[start..];
        }
    }
}

/// `%#g` and its like: a decimal point always, and the zeros that the precision asks for.
fn keep_zeros(number: &mut Vec<u8>, format: u8, precision: Precision) {
    let mut missing = match (format, precision) {
        (b'g' | b'G' | b'x', Precision::Digits(digits)) => digits as i64,
        (b'g' | b'G' | b'x', Precision::Shortest) => 6,
        _ => 0,
    };
    let is_hex = matches!(format, b'x' | b'X');
    let is_tail = |byte: u8| matches!(byte, b'p' | b'P') || (matches!(byte, b'e' | b'E') && !is_hex);
    let end = number.iter().position(|byte| is_tail(*byte)).unwrap_or(number.len());
    let tail = number.split_off(end);
    let mut has_point = false;
    let mut is_significant = false;
    for byte in &number[1..] {
        if *byte == b'.' {
            has_point = true;
            continue;
        }
        is_significant |= *byte != b'0';
        missing -= i64::from(is_significant);
    }
    if !has_point {
        if number.len() == 2 && number[1] == b'0' {
            missing -= 1;
        }
        number.push(b'.');
    }
    number.resize(number.len() + usize::try_from(missing).unwrap_or(0), b'0');
    number.extend(tail);
}

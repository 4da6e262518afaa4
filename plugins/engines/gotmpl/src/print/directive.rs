//! The directives of `fmt.Sprintf`.

use super::Printer;
use super::flags::Flags;
use crate::value::Value;
use weir_goquote::first_char;

/// Widths, precisions and argument numbers beyond this are not numbers to Go.
const MAX_NUMBER: i64 = 1_000_000;

/// Walks over a format and its arguments.
struct Walk<'a> {
    format: &'a [u8],
    position: usize,
    args: &'a [Value],
    next_arg: usize,
    /// An explicit argument number was used somewhere.
    is_reordered: bool,
    /// The argument number of this directive is one.
    is_good: bool,
}

impl Printer<'_> {
    pub(super) fn print_format(&mut self, format: &[u8], args: &[Value]) {
        let mut walk = Walk { format, position: 0, args, next_arg: 0, is_reordered: false, is_good: true };
        while let Some(percent) = memchr::memchr(b'%', &format[walk.position..]) {
            if self.is_full() {
                return;
            }
            self.write(&format[walk.position..walk.position + percent]);
            walk.position += percent + 1;
            walk.is_good = true;
            self.flags = Flags::default();
            self.directive(&mut walk);
        }
        self.write(&format[walk.position..]);
        self.flags = Flags::default();
        if !walk.is_reordered && walk.next_arg < args.len() {
            self.extra(&args[walk.next_arg..]);
        }
    }

    fn directive(&mut self, walk: &mut Walk<'_>) {
        self.read_flags(walk);
        let mut after_index = walk.argument_number();
        after_index = self.read_width(walk, after_index);
        after_index = self.read_precision(walk, after_index);
        if !after_index {
            walk.argument_number();
        }
        let (c, length) = first_char(&walk.format[walk.position..]);
        if length == 0 {
            return self.write(b"%!(NOVERB)");
        }
        walk.position += length;
        let verb = c.unwrap_or(char::REPLACEMENT_CHARACTER);
        match walk.args.get(walk.next_arg) {
            _ if verb == '%' => self.write(b"%"),
            _ if !walk.is_good => self.complain(verb, "(BADINDEX)"),
            None => self.complain(verb, "(MISSING)"),
            Some(arg) => {
                if matches!(verb, 'v' | 'w') {
                    self.flags.sharp_v = std::mem::take(&mut self.flags.sharp);
                    self.flags.plus_v = std::mem::take(&mut self.flags.plus);
                }
                self.argument(arg, verb);
                walk.next_arg += 1;
            }
        }
    }

    fn read_flags(&mut self, walk: &mut Walk<'_>) {
        while let Some(flag) = walk.peek() {
            match flag {
                b'#' => self.flags.sharp = true,
                b'0' => self.flags.zero = true,
                b'+' => self.flags.plus = true,
                b'-' => self.flags.minus = true,
                b' ' => self.flags.space = true,
                _ => return,
            }
            walk.position += 1;
        }
    }

    fn read_width(&mut self, walk: &mut Walk<'_>, after_index: bool) -> bool {
        if walk.peek() != Some(b'*') {
            self.flags.width = walk.number().and_then(|number| usize::try_from(number).ok());
            walk.is_good &= !(after_index && self.flags.width.is_some());
            return after_index;
        }
        walk.position += 1;
        match walk.number_argument() {
            Some(width) => {
                self.flags.width = Some(width.unsigned_abs() as usize);
                if width < 0 {
                    self.flags.minus = true;
                    self.flags.zero = false;
                }
            }
            None => self.write(b"%!(BADWIDTH)"),
        }
        false
    }

    fn read_precision(&mut self, walk: &mut Walk<'_>, mut after_index: bool) -> bool {
        if walk.peek() != Some(b'.') || walk.position + 1 >= walk.format.len() {
            return after_index;
        }
        walk.position += 1;
        walk.is_good &= !after_index;
        after_index = walk.argument_number();
        if walk.peek() != Some(b'*') {
            let precision = walk.number().and_then(|number| usize::try_from(number).ok());
            self.flags.precision = Some(precision.unwrap_or(0));
            return after_index;
        }
        walk.position += 1;
        self.flags.precision = walk.number_argument().and_then(|number| usize::try_from(number).ok());
        if self.flags.precision.is_none() {
            self.write(b"%!(BADPREC)");
        }
        false
    }

    fn complain(&mut self, verb: char, what: &str) {
        let text = format!("%!{verb}{what}");
        self.write(text.as_bytes());
    }

    fn extra(&mut self, args: &[Value]) {
        self.write(b"%!(EXTRA ");
        for (index, arg) in args.iter().enumerate() {
            if index > 0 {
                self.write(b", ");
            }
            if !matches!(arg, Value::Nil) {
                self.write(arg.type_name().as_bytes());
                self.write(b"=");
            }
            self.argument(arg, 'v');
        }
        self.write(b")");
    }
}

impl Walk<'_> {
    fn peek(&self) -> Option<u8> {
        self.format.get(self.position).copied()
    }

    /// Reads a decimal number. One that is too large swallows the rest of the format, as in Go.
    fn number(&mut self) -> Option<i64> {
        let (number, end) = read_number(self.format, self.position, self.format.len());
        self.position = end;
        number
    }

    /// Reads `[n]`, if it stands here; the next argument is then that one.
    fn argument_number(&mut self) -> bool {
        if self.peek() != Some(b'[') {
            return false;
        }
        self.is_reordered = true;
        let rest = &self.format[self.position..];
        let close = memchr::memchr(b']', rest).filter(|_| rest.len() >= 3);
        let Some(close) = close else {
            self.position += 1;
            self.is_good = false;
            return false;
        };
        let (number, end) = read_number(rest, 1, close);
        self.position += close + 1;
        let Some(number) = number.filter(|_| end == close) else {
            self.is_good = false;
            return false;
        };
        match usize::try_from(number - 1).ok().filter(|index| *index < self.args.len()) {
            Some(index) => self.next_arg = index,
            None => self.is_good = false,
        }
        true
    }

    /// The next argument as a width or precision.
    fn number_argument(&mut self) -> Option<i64> {
        let arg = self.args.get(self.next_arg)?;
        self.next_arg += 1;
        let number = match arg {
            Value::Int(_, number) => *number,
            Value::Uint(_, number) => i64::try_from(*number).ok()?,
            _ => return None,
        };
        (-MAX_NUMBER..=MAX_NUMBER).contains(&number).then_some(number)
    }
}

/// Reads the decimal number at `start`, and says where it ends.
fn read_number(text: &[u8], start: usize, end: usize) -> (Option<i64>, usize) {
    let mut number = None;
    for (position, byte) in text.iter().enumerate().take(end).skip(start) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return (number, position);
        }
        let value = number.unwrap_or(0);
        if value > MAX_NUMBER {
            return (None, end);
        }
        number = Some(value * 10 + i64::from(digit));
    }
    (number, end)
}

//! Go's `fmt`: how values print.

mod composite;
mod directive;
mod flags;
mod scalar;
mod strconv;

pub use strconv::format_float;

use crate::go_type::{FloatType, GoType, UintType};
use crate::limits::{MAX_PRINT_DEPTH, MAX_PRINTED};
use crate::string::Str;
use crate::value::{Complex, List, Value};
use flags::Flags;

/// The letter of a directive.
type Verb = char;

/// Prints values into a buffer, as Go's `fmt.pp`.
struct Printer<'a> {
    out: &'a mut Vec<u8>,
    flags: Flags,
    /// While printing the value of a bad verb: methods are not called.
    is_erroring: bool,
    /// A value was nested too deep to be printed.
    is_cut: bool,
    /// No more is written once the buffer is longer than this.
    max_len: usize,
}

/// Room for what is printed mostly.
const EXPECTED_BYTES: usize = 64;

/// Appends a value as `%v` prints it, at most about `max_len` bytes of it.
#[allow(clippy::cast_possible_truncation, reason = "what is small and whole fits")]
pub(crate) fn print_value(out: &mut Vec<u8>, value: &Value, max_len: u64) -> Cut {
    match value {
        Value::String(text) => out.extend_from_slice(text),
        Value::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Value::Int(_, number) => scalar::append_int(out, *number),
        Value::Float(_, number) if scalar::is_small_and_whole(*number) => scalar::append_int(out, *number as i64),
        value => return Printer::finish(out, max_len, |printer| printer.argument(value, 'v')),
    }
    Cut::No
}

/// Appends a value as an action prints it: a pointer to a struct as the struct.
pub(crate) fn print_pointed(out: &mut Vec<u8>, value: &Value, max_len: u64) -> Cut {
    let object = match value {
        Value::Object(object) if Complex::of(object.as_ref()).is_none() => object,
        value => return print_value(out, value, max_len),
    };
    Printer::finish(out, max_len, |printer| match object.display_pointed() {
        Some(text) => printer.write(&text),
        None if object.is_nil() => printer.write(b"<nil>"),
        None => printer.structure(object, 'v', 0),
    })
}

/// `fmt.Sprint`: a space between two values of which neither is a string. Cut after [`MAX_PRINTED`] bytes.
pub fn sprint(args: &[Value]) -> Str {
    print_limited(&Job::Print(args), u64::MAX).0
}

/// `fmt.Sprintln`: a space between any two values, and a line feed after the last. Cut after [`MAX_PRINTED`] bytes.
pub fn sprintln(args: &[Value]) -> Str {
    print_limited(&Job::Line(args), u64::MAX).0
}

/// `fmt.Sprintf`. Cut after [`MAX_PRINTED`] bytes.
pub fn sprintf(format: &[u8], args: &[Value]) -> Str {
    print_limited(&Job::Format(format, args), u64::MAX).0
}

/// Why a printed text is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    No,
    TooDeep,
    TooLong,
}

impl Cut {
    /// The limit that was reached, if any.
    pub(crate) fn message(self) -> Option<&'static str> {
        match self {
            Self::No => None,
            Self::TooDeep => Some("value is nested too deep to be printed"),
            Self::TooLong => Some("value is too long to be printed"),
        }
    }
}

/// What to print.
pub(crate) enum Job<'a> {
    Print(&'a [Value]),
    Line(&'a [Value]),
    Format(&'a [u8], &'a [Value]),
}

/// Prints at most about `max_len` bytes.
pub(crate) fn print_limited(job: &Job<'_>, max_len: u64) -> (Str, Cut) {
    let mut out = Vec::with_capacity(EXPECTED_BYTES);
    let cut = Printer::finish(&mut out, max_len, |printer| match job {
        Job::Print(args) => printer.print(args),
        Job::Line(args) => printer.print_line(args),
        Job::Format(format, args) => printer.print_format(format, args),
    });
    (out.into(), cut)
}

impl<'a> Printer<'a> {
    /// Appends what `print` prints, and says whether it is whole.
    fn finish(out: &'a mut Vec<u8>, max_len: u64, print: impl FnOnce(&mut Self)) -> Cut {
        let max_len = usize::try_from(max_len).unwrap_or(usize::MAX).min(MAX_PRINTED);
        let max_len = out.len().saturating_add(max_len);
        let mut printer = Self { out, flags: Flags::default(), is_erroring: false, is_cut: false, max_len };
        print(&mut printer);
        match printer.is_full() {
            true => Cut::TooLong,
            false if printer.is_cut => Cut::TooDeep,
            false => Cut::No,
        }
    }

    fn write(&mut self, text: &[u8]) {
        self.out.extend_from_slice(text);
    }

    fn is_full(&self) -> bool {
        self.out.len() > self.max_len
    }

    fn print(&mut self, args: &[Value]) {
        let mut previous_is_string = true;
        for arg in args {
            let is_string = matches!(arg, Value::String(_));
            if !is_string && !previous_is_string {
                self.out.push(b' ');
            }
            self.argument(arg, 'v');
            previous_is_string = is_string;
        }
    }

    fn print_line(&mut self, args: &[Value]) {
        for (index, arg) in args.iter().enumerate() {
            if index > 0 {
                self.out.push(b' ');
            }
            self.argument(arg, 'v');
        }
        self.out.push(b'\n');
    }

    /// Prints one argument under a verb.
    fn argument(&mut self, value: &Value, verb: Verb) {
        match (value, verb) {
            _ if self.is_full() => {}
            (Value::Nil, 'T' | 'v') => self.pad(b"<nil>"),
            (Value::Nil, _) => self.bad_verb(None, verb),
            (value, 'T') => {
                let name = value.type_name();
                let name = self.truncate(name.as_bytes());
                self.pad(name);
            }
            (value, 'p') => self.address(value),
            // Wraps errors in `fmt.Errorf` only.
            (Value::Map(_) | Value::Object(_), 'w') => self.bad_verb(Some(value), verb),
            (Value::List(list), 'w') if list.go_type() != GoType::BYTES => self.bad_verb(Some(value), verb),
            (Value::List(list), verb) => match list.as_bytes() {
                Some(bytes) if list.go_type() == GoType::BYTES => self.byte_slice(list, &bytes, verb),
                _ => self.value(value, verb, 0),
            },
            (value, verb) => self.value(value, verb, 0),
        }
    }

    /// A `[]uint8` that is itself an argument.
    fn byte_slice(&mut self, list: &List, bytes: &[u8], verb: Verb) {
        match verb {
            'v' | 'd' if self.flags.sharp_v => {
                self.write(b"[]byte");
                if list.is_nil() {
                    return self.write(b"(nil)");
                }
                self.write(b"{");
                for (index, byte) in bytes.iter().enumerate() {
                    self.write(if index > 0 { b", " } else { b"" });
                    self.hexadecimal(u64::from(*byte), true);
                }
                self.write(b"}");
            }
            'v' | 'd' => {
                self.write(b"[");
                for (index, byte) in bytes.iter().enumerate() {
                    self.write(if index > 0 { b" " } else { b"" });
                    self.digits(u64::from(*byte), false, 10, verb);
                }
                self.write(b"]");
            }
            verb => self.value(&Value::List(list.clone()), verb, 0),
        }
    }

    /// Prints a value at a depth of nesting: 0 is an argument itself.
    fn value(&mut self, value: &Value, verb: Verb, depth: usize) {
        if depth > MAX_PRINT_DEPTH {
            self.is_cut = true;
            return self.write(b"...");
        }
        if self.is_full() {
            return;
        }
        let is_known = match value {
            _ if verb == 'w' && depth > 0 => false,
            Value::Nil => {
                self.write(b"<nil>");
                true
            }
            Value::Bool(value) => {
                let is_known = matches!(verb, 't' | 'v');
                if is_known {
                    self.boolean(*value);
                }
                is_known
            }
            Value::Int(_, number) => self.integer(number.unsigned_abs(), *number < 0, true, verb),
            Value::Uint(_, number) => self.integer(*number, false, false, verb),
            Value::Float(FloatType::Float32, number) => self.float(*number, 32, verb),
            Value::Float(FloatType::Float64, number) => self.float(*number, 64, verb),
            Value::String(text) => self.string(text, verb),
            Value::List(list) => {
                self.list(list, verb, depth);
                true
            }
            Value::Map(map) => {
                self.map(map, verb, depth);
                true
            }
            Value::Object(object) => match Complex::of(object.as_ref()) {
                Some(number) => self.complex(number, verb),
                None => self.object(object, verb, depth),
            },
        };
        if !is_known {
            self.bad_verb(Some(value), verb);
        }
    }

    /// `%!verb(type=value)`
    fn bad_verb(&mut self, value: Option<&Value>, verb: Verb) {
        let was_erroring = std::mem::replace(&mut self.is_erroring, true);
        self.write(b"%!");
        self.write(verb.encode_utf8(&mut [0; 4]).as_bytes());
        self.write(b"(");
        match value {
            Some(value) => {
                self.write(value.type_name().as_bytes());
                self.write(b"=");
                self.value(value, 'v', 0);
            }
            None => self.write(b"<nil>"),
        }
        self.write(b")");
        self.is_erroring = was_erroring;
    }

    /// `%p`: an address, for what has one. Ours are not Go's.
    fn address(&mut self, value: &Value) {
        let address = match value {
            value if value.is_nil() => Some(0),
            Value::Map(map) => Some(map.address()),
            Value::List(list) => Some(list.items().as_ptr().addr()),
            Value::Object(object) => Some(std::rc::Rc::as_ptr(object).cast::<()>().addr()),
            _ => None,
        };
        match address {
            Some(address) => self.hexadecimal(address as u64, !self.flags.sharp),
            None => self.bad_verb(Some(value), 'p'),
        }
    }
}

/// Whether the elements of a slice type are bytes.
fn holds_bytes(list: &List) -> bool {
    list.elem() == GoType::Uint(UintType::Uint8)
}

#[cfg(test)]
mod tests;

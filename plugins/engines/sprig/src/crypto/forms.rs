//! Whether bytes have the form of a key, and if not, why: in the words of Go's `encoding/asn1`, which shows what it wanted as
//! it is called in Go.

/// The forms in which keys are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Pkcs1,
    Pkcs8,
    Sec1,
    Dsa,
}

/// What an element must be: its tag, whether it holds others, and the name of Go's type.
type Wanted = (u32, bool, &'static str);

const VERSION: Wanted = (2, false, "int");
/// Pointers have no name.
const NUMBER: Wanted = (2, false, "");
const BYTES: Wanted = (4, false, "");
const ALGORITHM: Wanted = (16, true, "AlgorithmIdentifier");
const IDENTIFIER: Wanted = (6, false, "ObjectIdentifier");

/// The longest length that Go reads on.
const LONG: usize = 1 << 23;

impl Form {
    fn wanted(self) -> (&'static str, &'static [Wanted]) {
        match self {
            Form::Pkcs1 => ("pkcs1PrivateKey", &[VERSION, NUMBER, VERSION, NUMBER, NUMBER, NUMBER]),
            Form::Pkcs8 => ("pkcs8", &[VERSION, ALGORITHM, BYTES]),
            Form::Sec1 => ("ecPrivateKey", &[VERSION, BYTES]),
            Form::Dsa => ("DSAKeyFormat", &[VERSION, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER]),
        }
    }

    /// What follows a key of this form.
    ///
    /// # Errors
    /// They have another form.
    pub(super) fn check(self, bytes: &[u8]) -> Result<&[u8], String> {
        let (name, members) = self.wanted();
        let (inner, end) = element(bytes, 0, (16, true, name))?;
        let mut at = 0;
        for wanted in members {
            let (contents, next) = element(inner, at, *wanted)?;
            if *wanted == ALGORITHM {
                element(contents, 0, IDENTIFIER)?;
            }
            at = next;
        }
        Ok(&bytes[end..])
    }

    /// As [`Form::check`]; says which function of Go reads the key, if one does.
    pub(super) fn check_or_hint(self, bytes: &[u8]) -> Result<&[u8], String> {
        self.check(bytes).map_err(|error| {
            let hints = [
                (Form::Sec1, "ParseECPrivateKey"),
                (Form::Pkcs8, "ParsePKCS8PrivateKey"),
                (Form::Pkcs1, "ParsePKCS1PrivateKey"),
            ];
            let hint = hints.iter().find(|(form, _)| *form != self && form.check(bytes).is_ok());
            hint.map_or(error, |(_, function)| {
                format!("x509: failed to parse private key (use {function} instead for this key format)")
            })
        })
    }
}

fn syntax(what: &str) -> String {
    format!("asn1: syntax error: {what}")
}

fn structure(what: &str) -> String {
    format!("asn1: structure error: {what}")
}

/// The contents of the element at a place, and where it ends.
fn element(bytes: &[u8], at: usize, wanted: Wanted) -> Result<(&[u8], usize), String> {
    if at == bytes.len() {
        return Err(syntax("sequence truncated"));
    }
    let mut header = Header { bytes, at };
    let first = header.byte()?;
    let (class, is_compound) = (first >> 6, first & 0x20 != 0);
    let tag = header.tag(first)?;
    let length = header.length()?;
    let (wanted_tag, wanted_compound, name) = wanted;
    if (class, tag, is_compound) != (0, wanted_tag, wanted_compound) {
        let parameters = "{optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> \
                          stringType:0 timeType:0 set:false omitEmpty:false}";
        let found = format!("{{class:{class} tag:{tag} length:{length} isCompound:{is_compound}}}");
        let at = header.at;
        return Err(structure(&format!("tags don't match ({wanted_tag} vs {found}) {parameters} {name} @{at}")));
    }
    let end = header.at + length;
    bytes.get(header.at..end).map(|contents| (contents, end)).ok_or_else(|| syntax("data truncated"))
}

/// What precedes the contents of an element.
struct Header<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Header<'_> {
    fn byte(&mut self) -> Result<u8, String> {
        let byte = self.bytes.get(self.at).ok_or_else(|| syntax("truncated tag or length"))?;
        self.at += 1;
        Ok(*byte)
    }

    /// The tag that begins with this byte; large ones follow in sevens of bits.
    fn tag(&mut self, first: u8) -> Result<u32, String> {
        const LARGE: u32 = 0x1f;
        const MAX_BYTES: usize = 5;
        if u32::from(first) & LARGE != LARGE {
            return Ok(u32::from(first) & LARGE);
        }
        let mut tag = 0u64;
        for count in 0..MAX_BYTES {
            let byte = self.byte().map_err(|_| syntax("truncated base 128 integer"))?;
            if count == 0 && byte == 0x80 {
                return Err(syntax("integer is not minimally encoded"));
            }
            tag = tag << 7 | u64::from(byte & 0x7f);
            if byte & 0x80 == 0 {
                let fits = i32::try_from(tag).map_err(|_| structure("base 128 integer too large"))?.cast_unsigned();
                return if fits < LARGE { Err(syntax("non-minimal tag")) } else { Ok(fits) };
            }
        }
        Err(structure("base 128 integer too large"))
    }

    fn length(&mut self) -> Result<usize, String> {
        let first = self.byte()?;
        if first < 0x80 {
            return Ok(first.into());
        }
        if first == 0x80 {
            return Err(syntax("indefinite length found (not DER)"));
        }
        let mut length = 0;
        for _ in 0..first & 0x7f {
            let byte = self.byte()?;
            if length >= LONG {
                return Err(structure("length too large"));
            }
            length = length << 8 | usize::from(byte);
            if length == 0 {
                return Err(structure("superfluous leading zeros in length"));
            }
        }
        if length < 0x80 { Err(structure("non-minimal length")) } else { Ok(length) }
    }
}

/// An object identifier as numbers with dots.
pub(super) fn dotted(identifier: &[u8]) -> String {
    let mut numbers = Vec::new();
    let mut number = 0u64;
    for byte in identifier {
        number = number.wrapping_shl(7) | u64::from(byte & 0x7f);
        if byte & 0x80 != 0 {
            continue;
        }
        if numbers.is_empty() {
            let first = (number / 40).min(2);
            numbers.push(first);
            number -= 40 * first;
        }
        numbers.push(number);
        number = 0;
    }
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

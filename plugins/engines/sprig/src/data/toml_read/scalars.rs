//! Numbers, dates and what else is a single word.

use weir_gotmpl::{Value, quote};

use super::scan::{Scan, Scanned, shown};
use super::{LOCAL_DATE, LOCAL_DATE_TIME, LOCAL_TIME};
use crate::dates::time_value;
use crate::go::strconv::parse_int_any;
use crate::go::time::{Time, Zone, parse_in_utc};
use crate::go::unicode::is_letter;

/// What a word must be, by how it begins.
enum Word<'a> {
    Integer(&'a str),
    Float(&'a str),
    Date(&'a str),
}

/// Reads a value that is no text, list or table, of which this is the next character.
pub(super) fn read(scan: &mut Scan<'_>, next: Option<char>) -> Scanned<Value> {
    let start = scan.position();
    let word = match next {
        Some('0'..='9') => number_or_date(scan, start)?,
        Some('+' | '-') => signed(scan, start)?,
        Some('.') => return Err(scan.wrong(next, "floats must start with a digit, not '.'")),
        Some('i' | 'n') if infinite(scan)? => Word::Float(scan.since(start)),
        Some(c) if is_letter(c) => return boolean(scan),
        None => return Err(scan.wrong(None, "unexpected EOF; expected value")),
        Some('\n') => return Err(scan.ends(next, "expected value but found '\\n' instead")),
        Some(_) => return Err(scan.wrong(next, format!("expected value but found {} instead", shown(next)))),
    };
    match word {
        Word::Integer(text) => integer(text),
        Word::Float(text) => float(text),
        Word::Date(text) => date(text),
    }
    .map_err(|message| scan.fault(message))
}

/// Takes `inf` or `nan`; the original takes any of its two beginnings for the other. Else what is read further begins at the
/// last of the letters that fit.
fn infinite(scan: &mut Scan<'_>) -> Scanned<bool> {
    scan.next()?;
    if (scan.take('n')? && scan.take('f')?) || (scan.take('a')? && scan.take('n')?) {
        return Ok(true);
    }
    scan.back();
    Ok(false)
}

fn boolean(scan: &mut Scan<'_>) -> Scanned<Value> {
    let start = scan.position();
    scan.take_while(is_letter)?;
    match scan.since(start) {
        "true" => Ok(true.into()),
        "false" => Ok(false.into()),
        other => Err(scan.fault(format!("expected value but found {} instead", quote(other.as_bytes())))),
    }
}

/// A number that begins with a sign: a decimal one, or what is no number.
fn signed<'a>(scan: &mut Scan<'a>, start: usize) -> Scanned<Word<'a>> {
    scan.next()?;
    let next = scan.peek()?;
    if let Some(first @ ('i' | 'n')) = next {
        scan.next()?;
        let (second, third) = if first == 'i' { ('n', 'f') } else { ('a', 'n') };
        if scan.take(second)? && scan.take(third)? {
            return Ok(Word::Float(scan.since(start)));
        }
        return Err(scan.fault(format!("invalid float: '{}'", scan.since(start))));
    }
    if next == Some('.') {
        return Err(scan.wrong(next, "floats must start with a digit, not '.'"));
    }
    if !next.is_some_and(|c| c.is_ascii_digit()) {
        return Err(scan.wrong(next, format!("expected a digit but got {}", shown(next))));
    }
    scan.next()?;
    if let Some(base @ ('b' | 'o' | 'x')) = scan.peek()?.filter(|_| next == Some('0')) {
        let message = format!("cannot use sign with non-decimal numbers: '{}{base}'", scan.since(start));
        return Err(scan.fault(message));
    }
    decimal(scan, start)
}

fn number_or_date<'a>(scan: &mut Scan<'a>, start: usize) -> Scanned<Word<'a>> {
    let first = scan.next()?;
    let base = scan.peek()?;
    if first == Some('0')
        && let Some(letter @ ('b' | 'o' | 'x')) = base
    {
        scan.next()?;
        return based(scan, start, letter);
    }
    scan.take_while(|c| c.is_ascii_digit())?;
    // Dates begin with at least two digits.
    let is_date = matches!(scan.peek()?, Some('-' | ':')) && scan.since(start) != "0";
    if !is_date {
        return decimal(scan, start);
    }
    scan.take_while(|c| c.is_ascii_digit() || "-:Tt .Zz+".contains(c))?;
    Ok(Word::Date(scan.since(start).trim()))
}

/// A number with a base, of which the prefix was read.
fn based<'a>(scan: &mut Scan<'a>, start: usize, letter: char) -> Scanned<Word<'a>> {
    let (radix, kind) = match letter {
        'b' => (2, "a binary"),
        'o' => (8, "an octal"),
        _ => (16, "a hexadecimal"),
    };
    let next = scan.peek()?;
    if !next.is_some_and(|c| c.is_digit(radix)) {
        let shown = next.unwrap_or('\0');
        return Err(scan.fault(format!("not {kind} number: '{}{shown}'", scan.since(start))));
    }
    scan.take_while(|c| c.is_digit(radix) || c == '_')?;
    Ok(Word::Integer(scan.since(start)))
}

/// The rest of a decimal number.
fn decimal<'a>(scan: &mut Scan<'a>, start: usize) -> Scanned<Word<'a>> {
    scan.take_while(|c| c.is_ascii_digit() || c == '_')?;
    if !matches!(scan.peek()?, Some('.' | 'e' | 'E')) {
        return Ok(Word::Integer(scan.since(start)));
    }
    scan.take_while(|c| c.is_ascii_digit() || "_.-+eE".contains(c))?;
    Ok(Word::Float(scan.since(start)))
}

fn integer(text: &str) -> Result<Value, String> {
    let shown = || quote(text.as_bytes());
    if !underscores_are_between_digits(text) {
        return Err(format!("Invalid integer {}: underscores must be surrounded by digits", shown()));
    }
    if has_leading_zero(text) {
        return Err(format!("Invalid integer {}: cannot have leading zeroes", shown()));
    }
    // Its form was looked at.
    parse_int_any(text.as_bytes()).map(Value::int64).ok_or_else(|| format!("{text} is out of range for int64"))
}

fn float(text: &str) -> Result<Value, String> {
    let shown = || quote(text.as_bytes());
    let parts: Vec<&str> = text.split(['.', 'e', 'E']).filter(|part| !part.is_empty()).collect();
    if !parts.iter().all(|part| underscores_are_between_digits(part)) {
        return Err(format!("Invalid float {}: underscores must be surrounded by digits", shown()));
    }
    if parts.first().is_some_and(|part| has_leading_zero(part)) {
        return Err(format!("Invalid float {}: cannot have leading zeroes", shown()));
    }
    if text.split('.').skip(1).any(|behind| !behind.starts_with(|c: char| c.is_ascii_digit())) {
        return Err(format!("Invalid float {}: '.' must be followed by one or more digits", shown()));
    }
    let number: f64 = text.replace('_', "").parse().map_err(|_| format!("Invalid float value: {}", shown()))?;
    if number.is_infinite() && !text.ends_with("inf") {
        return Err(format!("{text} is out of range for float64"));
    }
    Ok(Value::float(number))
}

fn has_leading_zero(text: &str) -> bool {
    match text.as_bytes() {
        [b'0', letter, ..] => !matches!(letter, b'b' | b'o' | b'x'),
        [b'+' | b'-', b'0', _, ..] => true,
        _ => false,
    }
}

/// Whether a digit, even one of base 16, is before and behind each underscore. Words without digits are right by themselves.
fn underscores_are_between_digits(text: &str) -> bool {
    if matches!(text.trim_start_matches(['+', '-']), "nan" | "inf") {
        return true;
    }
    let mut after_digit = false;
    for c in text.chars() {
        if c == '_' && !after_digit {
            return false;
        }
        after_digit = c.is_ascii_hexdigit();
    }
    after_digit
}

/// The forms of dates, and the names of their zones unless they have one.
const DATES: [(&str, Option<&str>); 7] = [
    ("2006-01-02T15:04:05.999999999Z07:00", None),
    ("2006-01-02T15:04:05.999999999", Some(LOCAL_DATE_TIME)),
    ("2006-01-02", Some(LOCAL_DATE)),
    ("15:04:05.999999999", Some(LOCAL_TIME)),
    ("2006-01-02T15:04Z07:00", None),
    ("2006-01-02T15:04", Some(LOCAL_DATE_TIME)),
    ("15:04", Some(LOCAL_TIME)),
];

fn date(text: &str) -> Result<Value, String> {
    let text = text.replace(['t', ' '], "T").replace('z', "Z");
    let invalid = || format!("invalid datetime: {}", quote(text.as_bytes()));
    let read =
        |(layout, zone)| parse_in_utc(str::as_bytes(layout), text.as_bytes()).ok().map(|time| (time, layout, zone));
    let (time, layout, zone): (Time, &str, Option<&str>) = DATES.into_iter().find_map(read).ok_or_else(invalid)?;
    // Go takes a number without its leading zero, which moves what is behind.
    let fixed = layout.bytes().zip(text.bytes()).take_while(|(expected, _)| !matches!(expected, b'.' | b'Z'));
    if fixed.into_iter().any(|(expected, found)| !expected.is_ascii_digit() && expected != found) {
        return Err(invalid());
    }
    let zone = zone.map_or(time.zone.clone(), |name| Zone::Fixed(name.to_owned(), 0));
    Ok(time_value(Time { zone, ..time }))
}

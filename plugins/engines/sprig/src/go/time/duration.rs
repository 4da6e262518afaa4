//! Durations as nanoseconds.

use super::SECOND;
use super::layout::quote;

/// Reads `1h2m3.5s`.
pub(crate) fn parse_duration(text: &[u8]) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {}", quote(text));
    let negative = text.first() == Some(&b'-');
    let mut rest = if matches!(text.first(), Some(b'-' | b'+')) { &text[1..] } else { text };
    if rest == b"0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let limit = 1u64 << 63;
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let whole_len = digits(rest);
        let whole = number(&rest[..whole_len]).filter(|whole| *whole <= limit).ok_or_else(invalid)?;
        rest = &rest[whole_len..];
        let mut fraction: &[u8] = &[];
        if rest.first() == Some(&b'.') {
            let len = digits(&rest[1..]);
            fraction = &rest[1..=len];
            rest = &rest[1 + len..];
        }
        if whole_len == 0 && fraction.is_empty() {
            return Err(invalid());
        }
        let unit_len = rest.iter().position(|b| *b == b'.' || b.is_ascii_digit()).unwrap_or(rest.len());
        let (unit, after) = rest.split_at(unit_len);
        if unit.is_empty() {
            return Err(format!("time: missing unit in duration {}", quote(text)));
        }
        let nanos = unit_nanos(unit)
            .ok_or_else(|| format!("time: unknown unit {} in duration {}", quote(unit), quote(text)))?;
        rest = after;
        let part = whole.checked_mul(nanos).and_then(|part| part.checked_add(fraction_of(fraction, nanos)));
        let sum = part.filter(|part| *part <= limit).and_then(|part| total.checked_add(part));
        total = sum.filter(|sum| *sum <= limit).ok_or_else(invalid)?;
    }
    if negative {
        return Ok((total as i64).wrapping_neg());
    }
    i64::try_from(total).map_err(|_| invalid())
}

fn digits(text: &[u8]) -> usize {
    text.iter().position(|b| !b.is_ascii_digit()).unwrap_or(text.len())
}

fn number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0u64, |n, digit| n.checked_mul(10)?.checked_add(u64::from(digit - b'0')))
}

/// Go keeps as many digits of a fraction as an i64 holds and multiplies as floats.
fn fraction_of(digits: &[u8], unit: u64) -> u64 {
    let (mut value, mut scale) = (0u64, 1f64);
    for digit in digits {
        let next = value * 10 + u64::from(digit - b'0');
        if value > (1 << 63) / 10 || next > 1 << 63 {
            break;
        }
        value = next;
        scale *= 10.0;
    }
    if value == 0 { 0 } else { (value as f64 * (unit as f64 / scale)) as u64 }
}

fn unit_nanos(unit: &[u8]) -> Option<u64> {
    Some(match unit {
        b"ns" => 1,
        // The micro sign and the Greek letter.
        b"us" | b"\xc2\xb5s" | b"\xce\xbcs" => 1_000,
        b"ms" => 1_000_000,
        b"s" => 1_000_000_000,
        b"m" => 60_000_000_000,
        b"h" => 3_600_000_000_000,
        _ => return None,
    })
}

/// Writes `1h2m3.5s`, `1.5µs`, `0s`.
pub(crate) fn format_duration(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let size = nanos.unsigned_abs();
    if size == 0 {
        return "0s".to_owned();
    }
    let small = match size {
        0..1_000 => Some((1, 0, "ns")),
        1_000..1_000_000 => Some((1_000, 3, "µs")),
        1_000_000..1_000_000_000 => Some((1_000_000, 6, "ms")),
        _ => None,
    };
    if let Some((unit, places, name)) = small {
        return format!("{sign}{}{}{name}", size / unit, fraction(size % unit, places));
    }
    let unit = SECOND as u64;
    let (seconds, part) = (size / unit, fraction(size % unit, 9));
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{sign}{seconds}{part}s"),
        (0, _) => format!("{sign}{minutes}m{seconds}{part}s"),
        _ => format!("{sign}{hours}h{minutes}m{seconds}{part}s"),
    }
}

fn fraction(value: u64, places: usize) -> String {
    if value == 0 {
        return String::new();
    }
    format!(".{value:0places$}").trim_end_matches('0').to_owned()
}

/// Rounds to whole seconds, halves away from zero.
pub(crate) fn round_to_second(nanos: i64) -> i64 {
    let rest = (nanos % SECOND).abs();
    let towards_zero = nanos - nanos % SECOND;
    if rest < SECOND - rest {
        return towards_zero;
    }
    towards_zero.saturating_add(if nanos < 0 { -SECOND } else { SECOND })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_print_as_in_go() {
        for (nanos, text) in [
            (0, "0s"),
            (1, "1ns"),
            (1_100, "1.1µs"),
            (2_200_000, "2.2ms"),
            (3_300_000_000, "3.3s"),
            (245_000_000_000, "4m5s"),
            (245_001_000_000, "4m5.001s"),
            (18_367_001_000_000, "5h6m7.001s"),
            (480_000_000_001, "8m0.000000001s"),
            (i64::MAX, "2562047h47m16.854775807s"),
            (i64::MIN, "-2562047h47m16.854775808s"),
        ] {
            assert_eq!(format_duration(nanos), text);
            assert_eq!(parse_duration(text.as_bytes()), Ok(nanos), "{text}");
        }
    }

    #[test]
    fn wrong_durations_say_what_is_wrong() {
        for (text, message) in [
            ("", "time: invalid duration \"\""),
            ("3", "time: missing unit in duration \"3\""),
            ("3x", "time: unknown unit \"x\" in duration \"3x\""),
            (".s", "time: invalid duration \".s\""),
            ("-", "time: invalid duration \"-\""),
            ("9223372036854775808ns", "time: invalid duration \"9223372036854775808ns\""),
            ("1d", "time: unknown unit \"d\" in duration \"1d\""),
        ] {
            assert_eq!(parse_duration(text.as_bytes()), Err(message.to_owned()));
        }
        assert_eq!(parse_duration(b".5m"), Ok(30 * SECOND));
        assert_eq!(parse_duration(b"-0"), Ok(0));
    }
}

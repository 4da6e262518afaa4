//! Numbers in texts as Go's `strconv` reads them.

/// Reads a whole number as `strconv.ParseInt(text, 0, 64)` does: `0x`, `0o`, `0b`, a leading zero for octal, and
/// underscores between digits.
pub(crate) fn parse_int_any(text: &[u8]) -> Option<i64> {
    let (negative, unsigned) = sign(text);
    let (radix, prefix) = match unsigned {
        [b'0', b'x' | b'X', _, ..] => (16, 2),
        [b'0', b'o' | b'O', _, ..] => (8, 2),
        [b'0', b'b' | b'B', _, ..] => (2, 2),
        [b'0', _, ..] => (8, 1),
        _ => (10, 0),
    };
    if unsigned.contains(&b'_') && !underscores_are_placed(unsigned, prefix) {
        return None;
    }
    let digits: Vec<u8> = unsigned[prefix..].iter().copied().filter(|b| *b != b'_').collect();
    whole(negative, &digits, radix)
}

/// Reads a whole number as `strconv.ParseInt(text, radix, 64)` does. What is too large is the nearest number and an
/// error.
pub(crate) fn parse_int(text: &[u8], radix: u32) -> Option<i64> {
    let (negative, digits) = sign(text);
    whole(negative, digits, radix)
}

/// As [`parse_int`] with radix 10, with the value that Go gives beside the error: 0, or the end of the range.
pub(crate) fn parse_int_or_nearest(text: &[u8]) -> i64 {
    let (negative, digits) = sign(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return 0;
    }
    whole(negative, digits, 10).unwrap_or(if negative { i64::MIN } else { i64::MAX })
}

fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

fn whole(negative: bool, digits: &[u8], radix: u32) -> Option<i64> {
    if digits.is_empty() {
        return None;
    }
    let value = digits.iter().try_fold(0i128, |value, digit| {
        let digit = char::from(*digit).to_digit(radix)?;
        // Held far above the range, so that the rest of the digits is still checked.
        Some((value * i128::from(radix) + i128::from(digit)).min(1 << 70))
    })?;
    i64::try_from(if negative { -value } else { value }).ok()
}

/// An underscore must stand between digits, or between the prefix and a digit.
fn underscores_are_placed(unsigned: &[u8], prefix: usize) -> bool {
    // The zero of an old octal number counts as a digit, `0x` counts as one too.
    let mut before = prefix > 0;
    for byte in &unsigned[prefix..] {
        match byte {
            b'_' if !before => return false,
            b'_' => before = false,
            _ => before = true,
        }
    }
    before
}

/// Reads a float as `strconv.ParseFloat(text, 64)` does: decimal and hexadecimal, `inf`, `infinity` and `nan` in any
/// case, underscores between digits. Out of range is none.
pub(crate) fn parse_float(text: &[u8]) -> Option<f64> {
    let (negative, unsigned) = sign(text);
    let signed = |value: f64| if negative { -value } else { value };
    let is = |word: &str| unsigned.eq_ignore_ascii_case(word.as_bytes());
    if is("inf") || is("infinity") {
        return Some(signed(f64::INFINITY));
    }
    if is("nan") {
        // `+nan` is no number.
        return (unsigned.len() == text.len()).then_some(f64::NAN);
    }
    if let [b'0', b'x' | b'X', rest @ ..] = unsigned {
        return hex_float(rest).map(signed);
    }
    let joined;
    let unsigned = if unsigned.contains(&b'_') {
        joined = without_underscores(unsigned)?;
        joined.as_slice()
    } else {
        unsigned
    };
    let allowed = |b: &u8| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-');
    if !unsigned.first().is_some_and(|b| b.is_ascii_digit() || *b == b'.') || !unsigned.iter().all(allowed) {
        return None;
    }
    let value: f64 = std::str::from_utf8(unsigned).ok()?.parse().ok()?;
    value.is_finite().then(|| signed(value))
}

/// The digits without underscores, each of which stood between two of them.
fn without_underscores(text: &[u8]) -> Option<Vec<u8>> {
    let is_digit = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(u8::is_ascii_digit);
    let placed = |at: usize| text[at] != b'_' || (is_digit(at.checked_sub(1)) && is_digit(Some(at + 1)));
    let joined = text.iter().copied().filter(|byte| *byte != b'_').collect();
    (0..text.len()).all(placed).then_some(joined)
}

/// `1.8p3` after the prefix: the exponent is required.
fn hex_float(text: &[u8]) -> Option<f64> {
    let (digits, exponent) = text.split_at(text.iter().position(|b| matches!(b, b'p' | b'P'))?);
    let exponent = parse_int(&exponent[1..], 10).filter(|_| exponent.len() > 1)?;
    if digits.contains(&b'_') && !underscores_are_placed(digits, 0) && digits.first() != Some(&b'_') {
        return None;
    }
    let (mut mantissa, mut shift, mut seen, mut point) = (0u64, 0i64, false, false);
    let mut sticky = false;
    for byte in digits.iter().filter(|b| **b != b'_') {
        if *byte == b'.' && !point {
            point = true;
            continue;
        }
        let digit = u64::from(char::from(*byte).to_digit(16)?);
        seen = true;
        if mantissa >> 58 == 0 {
            mantissa = mantissa << 4 | digit;
            shift -= if point { 4 } else { 0 };
        } else {
            sticky |= digit != 0;
            shift += if point { 0 } else { 4 };
        }
    }
    let exponent = shift.saturating_add(exponent).clamp(-2000, 2000) as i32;
    let value = scaled(mantissa | u64::from(sticky), exponent);
    (seen && value.is_finite()).then_some(value)
}

/// `mantissa * 2^exponent`, rounded once for normal numbers.
fn scaled(mantissa: u64, exponent: i32) -> f64 {
    let mut value = mantissa as f64;
    let mut left = exponent;
    while left != 0 {
        let step = left.clamp(-1000, 1000);
        value *= 2f64.powi(step);
        left -= step;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_of_any_base() {
        for (text, value) in [
            ("12", Some(12)),
            ("-0x1F", Some(-31)),
            ("010", Some(8)),
            ("0o17", Some(15)),
            ("0b11", Some(3)),
            ("1_000", Some(1000)),
            ("0_7", Some(7)),
            ("0x_f", Some(15)),
            ("1__0", None),
            ("_1", None),
            ("1_", None),
            ("08", None),
            ("0x", None),
            ("", None),
            ("+", None),
            ("1.0", None),
            ("9223372036854775808", None),
            ("-9223372036854775808", Some(i64::MIN)),
        ] {
            assert_eq!(parse_int_any(text.as_bytes()), value, "{text}");
        }
    }

    #[test]
    fn floats() {
        for (text, value) in [
            ("1.5e3", Some(1500.0)),
            (".5", Some(0.5)),
            ("5.", Some(5.0)),
            ("-Inf", Some(f64::NEG_INFINITY)),
            ("0x1.8p1", Some(3.0)),
            ("0x1p-2", Some(0.25)),
            ("0x1", None),
            ("1e400", None),
            ("1_0", Some(10.0)),
            ("1__0", None),
            ("1_.5", None),
            (".", None),
            ("", None),
            ("e5", None),
            ("1e", None),
            ("1e-400", Some(0.0)),
        ] {
            assert_eq!(parse_float(text.as_bytes()), value, "{text}");
        }
    }
}

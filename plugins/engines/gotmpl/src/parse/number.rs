//! Numbers in templates, which have no type until they are used.

use crate::value::Complex;
use weir_goquote::{quote, unquote_char};

/// A number under all types that can hold it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Number {
    pub(crate) int: Option<i64>,
    pub(crate) uint: Option<u64>,
    pub(crate) float: Option<f64>,
    /// Real and imaginary part of what was written as a complex number. Without a type asked for, it is one.
    pub(crate) complex: Option<Complex>,
    /// Without a type asked for, the number is a float.
    pub(crate) prefers_float: bool,
}

impl Number {
    pub(super) fn character(literal: &[u8]) -> Result<Self, String> {
        let (value, tail) = unquote_char(&literal[1..]).ok_or("invalid syntax")?;
        if tail != b"'" {
            return Err(format!("malformed character constant: {}", String::from_utf8_lossy(literal)));
        }
        Ok(Self {
            int: Some(i64::from(value)),
            uint: Some(u64::from(value)),
            float: Some(f64::from(value)),
            ..Self::default()
        })
    }

    /// `1+2i`: both parts are floats.
    pub(super) fn complex(literal: &[u8]) -> Result<Self, String> {
        let sign = literal.iter().skip(1).enumerate().rposition(|(index, byte)| {
            matches!(byte, b'+' | b'-') && !matches!(literal[index], b'e' | b'E' | b'p' | b'P')
        });
        let (real, imaginary) = literal.split_at(sign.map_or(0, |sign| sign + 1));
        let imaginary = imaginary.strip_suffix(b"i").unwrap_or(imaginary);
        match (parse_float(real), parse_float(imaginary)) {
            (Some(real), Some(imaginary)) => Ok(Self::simplified(real, imaginary)),
            _ => Err("syntax error scanning complex number".to_owned()),
        }
    }

    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        if let Some(imaginary) = text.strip_suffix(b"i").and_then(parse_float) {
            return Ok(Self::simplified(0.0, imaginary));
        }
        let mut number = Self { int: parse_int(text), uint: parse_uint(text), ..Self::default() };
        if number.int == Some(0) {
            number.uint = Some(0);
        }
        #[allow(clippy::cast_precision_loss, reason = "Go converts so")]
        let whole = number.int.map(|int| int as f64).or(number.uint.map(|uint| uint as f64));
        let has_point = text.iter().any(|byte| b".eEpP".contains(byte));
        number.float = whole;
        if whole.is_none()
            && let Some(float) = parse_float(text)
        {
            if !has_point {
                return Err(format!("integer overflow: {}", quote(text)));
            }
            number = Self::whole(float);
        }
        if number.float.is_none() {
            return Err(format!("illegal number syntax: {}", quote(text)));
        }
        let is_hex_int = matches!(text, [b'0', b'x' | b'X', _, ..]) && !text.iter().any(|byte| b"pP".contains(byte));
        number.prefers_float = has_point && !is_hex_int;
        Ok(number)
    }

    /// A float and the integers that equal it.
    #[allow(clippy::float_cmp, clippy::cast_possible_truncation, reason = "asks whether the conversion is exact")]
    #[allow(clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "asks whether the conversion is exact")]
    fn whole(float: f64) -> Self {
        let (int, uint) = (float as i64, float as u64);
        // At the upper end the conversion saturates here, and overflows in Go.
        let int = (int as f64 == float && float < i64::MAX as f64).then_some(int);
        let uint = (uint as f64 == float && float < u64::MAX as f64).then_some(uint);
        Self { int, uint, float: Some(float), ..Self::default() }
    }

    fn simplified(real: f64, imaginary: f64) -> Self {
        let number = if imaginary == 0.0 { Self::whole(real) } else { Self::default() };
        Self { complex: Some(Complex { real, imaginary }), ..number }
    }
}

fn parse_int(text: &[u8]) -> Option<i64> {
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let magnitude = i128::from(parse_uint(digits)?);
    i64::try_from(if is_negative { -magnitude } else { magnitude }).ok()
}

/// `strconv.ParseUint(text, 0, 64)`
fn parse_uint(text: &[u8]) -> Option<u64> {
    let (radix, digits) = match text {
        [b'0', b'b' | b'B', digits @ ..] if !digits.is_empty() => (2, digits),
        [b'0', b'o' | b'O', digits @ ..] if !digits.is_empty() => (8, digits),
        [b'0', b'x' | b'X', digits @ ..] if !digits.is_empty() => (16, digits),
        [b'0', digits @ ..] => (8, digits),
        [] => return None,
        digits => (10, digits),
    };
    let mut number = 0_u64;
    for digit in digits.iter().filter(|digit| **digit != b'_') {
        let digit = char::from(*digit).to_digit(radix)?;
        number = number.checked_mul(u64::from(radix))?.checked_add(u64::from(digit))?;
    }
    (!digits.contains(&b'_') || are_underscores_right(text)).then_some(number)
}

/// `strconv.ParseFloat(text, 64)`
fn parse_float(text: &[u8]) -> Option<f64> {
    if text.contains(&b'_') && !are_underscores_right(text) {
        return None;
    }
    let text: Vec<u8> = text.iter().copied().filter(|byte| *byte != b'_').collect();
    let (sign, digits) = match text.as_slice() {
        [b'-', digits @ ..] => (-1.0, digits),
        [b'+', digits @ ..] => (1.0, digits),
        digits => (1.0, digits),
    };
    let float = match digits {
        [b'0', b'x' | b'X', digits @ ..] => hex_float(digits)?,
        // The standard library reads more than digits here: `inf`.
        [b'0'..=b'9' | b'.', ..] => std::str::from_utf8(digits).ok()?.parse().ok()?,
        _ => return None,
    };
    float.is_finite().then_some(sign * float)
}

/// The digits and the exponent of a hexadecimal float, rounded to even.
#[allow(clippy::cast_precision_loss, reason = "rounded before")]
fn hex_float(text: &[u8]) -> Option<f64> {
    let split = text.iter().position(|byte| matches!(byte, b'p' | b'P'))?;
    let exponent: i64 = std::str::from_utf8(&text[split + 1..]).ok()?.parse().ok()?;
    let mut exponent = exponent.clamp(-100_000, 100_000);
    let (mut mantissa, mut is_inexact, mut has_digits, mut has_point) = (0_u64, false, false, false);
    for byte in &text[..split] {
        if *byte == b'.' && !has_point {
            has_point = true;
            continue;
        }
        let digit = u64::from(char::from(*byte).to_digit(16)?);
        has_digits = true;
        if mantissa >> 60 == 0 {
            mantissa = mantissa << 4 | digit;
            exponent -= if has_point { 4 } else { 0 };
        } else {
            is_inexact |= digit != 0;
            exponent += if has_point { 0 } else { 4 };
        }
    }
    if !has_digits {
        return None;
    }
    if mantissa == 0 {
        return Some(0.0);
    }
    let shift = i64::from(mantissa.leading_zeros());
    (mantissa, exponent) = (mantissa << shift, exponent - shift);
    // The value is mantissa * 2^exponent with 64 bits; 53 are kept, fewer for what is denormal.
    let lost = (11_i64).max(-1074 - exponent);
    if lost > 64 {
        return Some(0.0);
    }
    let lost = u32::try_from(lost).ok()?;
    let kept = if lost == 64 { 0 } else { mantissa >> lost };
    let half = 1_u128 << (lost - 1);
    let rest = u128::from(mantissa) & ((1_u128 << lost) - 1);
    let rounds_up = rest > half || (rest == half && (is_inexact || kept & 1 == 1));
    let kept = kept + u64::from(rounds_up);
    let exponent = i32::try_from(exponent + i64::from(lost)).ok()?;
    Some(scale(kept as f64, exponent))
}

/// `value * 2^exponent`, in steps that do not overflow or vanish on the way.
fn scale(mut value: f64, mut exponent: i32) -> f64 {
    while exponent > 1000 {
        value *= 2.0_f64.powi(1000);
        exponent -= 1000;
        if value.is_infinite() {
            return value;
        }
    }
    if exponent < -1000 {
        return value * 2.0_f64.powi(-1000) * 2.0_f64.powi(exponent + 1000);
    }
    value * 2.0_f64.powi(exponent)
}

/// Whether every underscore stands between digits, or between the prefix of a base and a digit.
fn are_underscores_right(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"-").or(text.strip_prefix(b"+")).unwrap_or(text);
    let (mut last, digits, is_hex) = match text {
        [b'0', b'x' | b'X', digits @ ..] => (b'0', digits, true),
        [b'0', b'b' | b'B' | b'o' | b'O', digits @ ..] => (b'0', digits, false),
        digits => (b'^', digits, false),
    };
    for byte in digits {
        let is_digit = byte.is_ascii_digit() || (is_hex && byte.is_ascii_hexdigit());
        let class = match byte {
            _ if is_digit => b'0',
            b'_' => b'_',
            _ => b'!',
        };
        if (class == b'_' && last != b'0') || (class == b'!' && last == b'_') {
            return false;
        }
        last = class;
    }
    last != b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_types_that_can_hold_them() {
        for (text, int, uint, float) in [
            ("42", Some(42), Some(42), Some(42.0)),
            ("-7", Some(-7), None, Some(-7.0)),
            ("-0", Some(0), Some(0), Some(0.0)),
            ("+5", Some(5), None, Some(5.0)),
            ("0x1F", Some(31), Some(31), Some(31.0)),
            ("0b101", Some(5), Some(5), Some(5.0)),
            ("0o17", Some(15), Some(15), Some(15.0)),
            ("017", Some(15), Some(15), Some(15.0)),
            ("1_000", Some(1000), Some(1000), Some(1000.0)),
            ("0x_1", Some(1), Some(1), Some(1.0)),
            ("1e3", Some(1000), Some(1000), Some(1000.0)),
            ("1.5", None, None, Some(1.5)),
            (".5", None, None, Some(0.5)),
            ("0x1p4", Some(16), Some(16), Some(16.0)),
            ("0x1.8p1", Some(3), Some(3), Some(3.0)),
            ("0x1p-1074", None, None, Some(5e-324)),
            ("18446744073709551615", None, Some(u64::MAX), Some(u64::MAX as f64)),
        ] {
            let number = Number::parse(text.as_bytes()).unwrap();
            assert_eq!((number.int, number.uint, number.float), (int, uint, float), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused_as_in_go() {
        for (text, expected) in [
            ("089", "integer overflow: \"089\""),
            ("1__0", "illegal number syntax: \"1__0\""),
            ("1e400", "illegal number syntax: \"1e400\""),
            ("18446744073709551616", "integer overflow: \"18446744073709551616\""),
            ("0x", "illegal number syntax: \"0x\""),
        ] {
            assert_eq!(Number::parse(text.as_bytes()).unwrap_err(), expected);
        }
    }

    #[test]
    fn imaginary_numbers_are_complex() {
        let complex = |real, imaginary| Some(Complex { real, imaginary });
        assert_eq!(Number::parse(b"2i").unwrap().complex, complex(0.0, 2.0));
        let number = Number::complex(b"1e2+0i").unwrap();
        assert_eq!((number.complex, number.int), (complex(100.0, 0.0), Some(100)));
        assert_eq!(Number::complex(b"1+2i").unwrap().float, None);
    }
}

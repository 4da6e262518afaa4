//! `strconv.FormatFloat`.

/// How many digits are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Precision {
    /// As few as tell the number from its neighbours.
    Shortest,
    Digits(usize),
}

/// Significant decimal digits, and where the point is: `0.d1d2d3 * 10^point`. Zero has no digits.
struct Decimal {
    digits: Vec<u8>,
    point: i32,
}

/// Prints a float as Go's `strconv.FormatFloat(value, format, precision, bits)`. `format` is one of `beEfgGxX`; a
/// negative precision asks for the fewest digits that give the number back; `bits` is 32 or 64.
pub fn format_float(value: f64, format: u8, precision: i32, bits: u32) -> String {
    let precision = usize::try_from(precision).map_or(Precision::Shortest, Precision::Digits);
    let mut out = Vec::new();
    append_float(&mut out, value, format, precision, bits);
    String::from_utf8(out).expect("numbers are ASCII")
}

pub(super) fn append_float(out: &mut Vec<u8>, value: f64, format: u8, precision: Precision, bits: u32) {
    if value.is_nan() {
        return out.extend(b"NaN");
    }
    if value.is_infinite() {
        return out.extend(if value > 0.0 { b"+Inf" } else { b"-Inf" });
    }
    if value.is_sign_negative() {
        out.push(b'-');
    }
    let value = value.abs();
    match format {
        b'b' => append_binary(out, value, bits),
        b'x' | b'X' => append_hex(out, value, format, precision, bits),
        b'e' | b'E' => {
            let digits = if let Precision::Digits(digits) = precision { Some(digits + 1) } else { None };
            let decimal = decimal(value, digits, bits);
            let after = digits.map_or(decimal.digits.len().saturating_sub(1), |digits| digits - 1);
            append_exponential(out, &decimal, after, format);
        }
        b'g' | b'G' => append_general(out, value, format, precision, bits),
        _ => append_fixed(out, value, precision, bits),
    }
}

/// Below these, floats are not further apart than whole numbers: all digits of a whole one are needed to tell it.
const WHOLE_32: f64 = 16_777_216.0;
const WHOLE_64: f64 = 9_007_199_254_740_992.0;

/// The digits of a whole number that is not zero.
fn whole(mut number: u64) -> Decimal {
    let mut digits = Vec::with_capacity(20);
    let mut zeros = 0;
    while number > 0 {
        match (number % 10, digits.is_empty()) {
            (0, true) => zeros += 1,
            (digit, _) => digits.push(b"0123456789"[digit as usize]),
        }
        number /= 10;
    }
    digits.reverse();
    let point = zeros + i32::try_from(digits.len()).unwrap_or(i32::MAX);
    Decimal { digits, point }
}

/// The digits of a number: so many, or as few as it takes. Zeros at the end are cut off.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float32 holds a number that is one, and what is whole was looked at"
)]
fn decimal(value: f64, digits: Option<usize>, bits: u32) -> Decimal {
    if value == 0.0 {
        return Decimal { digits: Vec::new(), point: 0 };
    }
    if digits.is_none() && value < if bits == 32 { WHOLE_32 } else { WHOLE_64 } && value.fract() == 0.0 {
        return whole(value as u64);
    }
    let text = match digits {
        Some(digits) => format!("{value:.*e}", digits - 1),
        None if bits == 32 => format!("{:e}", value as f32),
        None => format!("{value:e}"),
    };
    let (mantissa, exponent) = text.split_once('e').expect("`{:e}` always prints an exponent");
    let exponent: i32 = exponent.parse().expect("the exponent is an integer");
    let mut digits: Vec<u8> = mantissa.bytes().filter(|byte| *byte != b'.').collect();
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    Decimal { digits, point: exponent + 1 }
}

fn append_exponential(out: &mut Vec<u8>, decimal: &Decimal, after: usize, format: u8) {
    out.push(decimal.digits.first().copied().unwrap_or(b'0'));
    if after > 0 {
        out.push(b'.');
        let digits = decimal.digits.get(1..).unwrap_or_default();
        let digits = &digits[..digits.len().min(after)];
        out.extend(digits);
        out.resize(out.len() + after - digits.len(), b'0');
    }
    let exponent = if decimal.digits.is_empty() { 0 } else { decimal.point - 1 };
    out.push(format);
    out.push(if exponent < 0 { b'-' } else { b'+' });
    out.extend(format!("{:02}", exponent.abs()).bytes());
}

fn append_general(out: &mut Vec<u8>, value: f64, format: u8, precision: Precision, bits: u32) {
    let digits = if let Precision::Digits(digits) = precision { Some(digits.max(1)) } else { None };
    let decimal = decimal(value, digits, bits);
    let count = i32::try_from(decimal.digits.len()).unwrap_or(i32::MAX);
    // The exponent from which on it is printed.
    let limit = match digits.map(|digits| i32::try_from(digits).unwrap_or(i32::MAX)) {
        None => 6,
        Some(digits) if digits > count && count >= decimal.point => count,
        Some(digits) => digits,
    };
    let exponent = decimal.point - 1;
    if exponent < -4 || exponent >= limit {
        let after = decimal.digits.len().min(digits.unwrap_or(usize::MAX)).saturating_sub(1);
        return append_exponential(out, &decimal, after, if format == b'G' { b'E' } else { b'e' });
    }
    append_plain(out, &decimal);
}

/// All digits of a number without exponent.
fn append_plain(out: &mut Vec<u8>, decimal: &Decimal) {
    let digits = &decimal.digits;
    match usize::try_from(decimal.point) {
        Ok(point) if point > 0 => {
            let whole = &digits[..point.min(digits.len())];
            out.extend(whole);
            out.resize(out.len() + point - whole.len(), b'0');
            if digits.len() > point {
                out.push(b'.');
                out.extend(&digits[point..]);
            }
        }
        _ => {
            out.push(b'0');
            if !digits.is_empty() {
                out.push(b'.');
                out.resize(out.len() + decimal.point.unsigned_abs() as usize, b'0');
                out.extend(digits);
            }
        }
    }
}

fn append_fixed(out: &mut Vec<u8>, value: f64, precision: Precision, bits: u32) {
    match precision {
        Precision::Digits(digits) => {
            // More digits than this are zeros: no float64 has more.
            let exact = digits.min(1100);
            out.extend(format!("{value:.exact$}").bytes());
            out.resize(out.len() + digits - exact, b'0');
        }
        Precision::Shortest => append_plain(out, &decimal(value, None, bits)),
    }
}

/// The mantissa as an integer and the exponent that it is to be multiplied with, `mantissa * 2^exponent`.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float32 holds a number that is one, and what is whole was looked at"
)]
fn mantissa_and_exponent(value: f64, bits: u32) -> (u64, i32) {
    let (raw, mantissa_bits, exponent_bits, bias) = match bits {
        32 => (u64::from((value as f32).to_bits()), 23, 8, 127),
        _ => (value.to_bits(), 52, 11, 1023),
    };
    let mantissa = raw & ((1 << mantissa_bits) - 1);
    let exponent = ((raw >> mantissa_bits) & ((1 << exponent_bits) - 1)) as i32;
    let (mantissa, exponent) = if exponent == 0 { (mantissa, 1) } else { (mantissa | 1 << mantissa_bits, exponent) };
    (mantissa, exponent - bias - mantissa_bits)
}

fn append_binary(out: &mut Vec<u8>, value: f64, bits: u32) {
    let (mantissa, exponent) = mantissa_and_exponent(value, bits);
    out.extend(format!("{mantissa}p{exponent:+}").bytes());
}

fn append_hex(out: &mut Vec<u8>, value: f64, format: u8, precision: Precision, bits: u32) {
    let mantissa_bits = if bits == 32 { 23 } else { 52 };
    let (mut mantissa, mut exponent) = mantissa_and_exponent(value, bits);
    exponent = if mantissa == 0 { 0 } else { exponent + mantissa_bits };
    // Normalised to a one before 60 bits.
    mantissa <<= 60 - mantissa_bits;
    while mantissa != 0 && mantissa & (1 << 60) == 0 {
        mantissa <<= 1;
        exponent -= 1;
    }
    if let Precision::Digits(digits) = precision
        && digits < 15
    {
        let shift = digits * 4;
        let extra = (mantissa << shift) & ((1 << 60) - 1);
        mantissa >>= 60 - shift;
        if extra | (mantissa & 1) > 1 << 59 {
            mantissa += 1;
        }
        mantissa <<= 60 - shift;
        if mantissa & (1 << 61) != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let digits = |text: String| if format == b'X' { text.to_uppercase() } else { text };
    out.extend([b'0', format, b'0' + ((mantissa >> 60) & 1) as u8]);
    let fraction = digits(format!("{:015x}", mantissa & ((1 << 60) - 1)));
    let fraction = match precision {
        Precision::Shortest => fraction.trim_end_matches('0').to_owned(),
        Precision::Digits(digits) if digits <= 15 => fraction[..digits].to_owned(),
        Precision::Digits(digits) => format!("{fraction}{}", "0".repeat(digits - 15)),
    };
    if !fraction.is_empty() {
        out.push(b'.');
        out.extend(fraction.bytes());
    }
    out.push(if format == b'X' { b'P' } else { b'p' });
    out.push(if exponent < 0 { b'-' } else { b'+' });
    out.extend(format!("{:02}", exponent.abs()).bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_as_in_go() {
        for (value, format, precision, expected) in [
            (1e6, b'g', -1, "1e+06"),
            (123_456.0, b'g', -1, "123456"),
            (123_456_789.0, b'g', -1, "1.23456789e+08"),
            (0.0001, b'g', -1, "0.0001"),
            (0.00001, b'g', -1, "1e-05"),
            (0.0, b'g', -1, "0"),
            (-0.0, b'g', -1, "-0"),
            (100.0, b'g', 3, "100"),
            (100.0, b'g', 2, "1e+02"),
            (1234.5678, b'g', 6, "1234.57"),
            (2.5, b'f', 0, "2"),
            (3.146, b'f', 2, "3.15"),
            (1e21, b'f', -1, "1000000000000000000000"),
            (1.5, b'e', -1, "1.5e+00"),
            (1.5, b'E', 3, "1.500E+00"),
            (0.0, b'e', 2, "0.00e+00"),
            (1.0, b'b', -1, "4503599627370496p-52"),
            (1.0, b'x', -1, "0x1p+00"),
            (3.5, b'x', 3, "0x1.c00p+01"),
            (0.1, b'X', -1, "0X1.999999999999AP-04"),
            (f64::INFINITY, b'f', 2, "+Inf"),
        ] {
            assert_eq!(format_float(value, format, precision, 64), expected, "{value} {} {precision}", format as char);
        }
        assert_eq!(format_float(f64::from(0.1_f32), b'g', -1, 32), "0.1");
    }
}

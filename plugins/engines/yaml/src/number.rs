/// Numbers whose exponent reaches this are printed with it.
const FIRST_EXPONENT: i32 = 6;
/// Numbers whose exponent is below this are printed with it.
const LAST_EXPONENT: i32 = -4;

/// Prints a float as Go's `strconv.FormatFloat(value, 'g', -1, 64)`: the shortest digits that give the same number, with
/// an exponent below 1e-4 and from 1e+06 on.
pub fn format_float(value: f64) -> String {
    if value.is_nan() {
        return ".nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf".into() } else { "-.inf".into() };
    }
    if value == 0.0 {
        return if value.is_sign_negative() { "-0".into() } else { "0".into() };
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').expect("`{:e}` always prints an exponent");
    let exponent: i32 = exponent.parse().expect("the exponent is an integer");
    if (LAST_EXPONENT..FIRST_EXPONENT).contains(&exponent) {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_as_in_go() {
        for (value, expected) in [
            (1_000_000.0, "1e+06"),
            (100_000.0, "100000"),
            (123_456_789.0, "1.23456789e+08"),
            (1_500_000.5, "1.5000005e+06"),
            (0.0001, "0.0001"),
            (0.000_01, "1e-05"),
            (1.5, "1.5"),
            (-0.0, "-0"),
            (f64::NEG_INFINITY, "-.inf"),
        ] {
            assert_eq!(format_float(value), expected);
        }
    }
}

//! Decimal numbers of any size, with which Sprig's float functions compute.

use num_bigint::BigInt;
use num_traits::{Signed, Zero};

/// Digits after the point of a quotient.
const DIVISION_DIGITS: i32 = 16;

/// `value * 10^exponent`.
#[derive(Clone, Debug)]
pub(crate) struct Decimal {
    value: BigInt,
    exponent: i32,
}

impl Decimal {
    /// The decimal with the fewest digits that reads as the same float. The error is that of the original.
    pub(crate) fn from_float(value: f64) -> Result<Decimal, String> {
        if !value.is_finite() {
            let name = if value.is_nan() {
                "NaN"
            } else if value > 0.0 {
                "+Inf"
            } else {
                "-Inf"
            };
            return Err(format!("Cannot create a Decimal from {name}"));
        }
        let text = format!("{value:e}");
        let (mantissa, exponent) = text.split_once('e').expect("`{:e}` always prints an exponent");
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}").parse().expect("a mantissa is made of digits");
        let exponent: i32 = exponent.parse().expect("an exponent is a small number");
        Ok(Decimal { value: digits, exponent: exponent - fraction.len() as i32 })
    }

    pub(crate) fn add(self, other: Decimal) -> Decimal {
        let (a, b, exponent) = aligned(self, other);
        Decimal { value: a + b, exponent }
    }

    pub(crate) fn sub(self, other: Decimal) -> Decimal {
        let (a, b, exponent) = aligned(self, other);
        Decimal { value: a - b, exponent }
    }

    pub(crate) fn mul(self, other: Decimal) -> Decimal {
        Decimal { value: self.value * other.value, exponent: self.exponent + other.exponent }
    }

    /// The quotient with [`DIVISION_DIGITS`] digits after the point, halves away from zero.
    pub(crate) fn div(self, other: Decimal) -> Result<Decimal, String> {
        if other.value.is_zero() {
            return Err("decimal division by 0".to_owned());
        }
        let negative = self.value.is_negative() != other.value.is_negative();
        let shift = self.exponent - other.exponent + DIVISION_DIGITS;
        let (mut top, mut bottom) = (self.value.abs(), other.value.abs());
        let scale = power_of_ten(shift.unsigned_abs());
        if shift >= 0 {
            top *= scale;
        } else {
            bottom *= scale;
        }
        let (mut quotient, rest) = (&top / &bottom, &top % &bottom);
        if rest * 2 >= bottom {
            quotient += 1;
        }
        Ok(Decimal { value: if negative { -quotient } else { quotient }, exponent: -DIVISION_DIGITS })
    }

    /// The nearest float.
    pub(crate) fn to_float(&self) -> f64 {
        format!("{}e{}", self.value, self.exponent).parse().expect("digits and an exponent are a float")
    }
}

fn power_of_ten(exponent: u32) -> BigInt {
    BigInt::from(10).pow(exponent)
}

fn aligned(a: Decimal, b: Decimal) -> (BigInt, BigInt, i32) {
    let exponent = a.exponent.min(b.exponent);
    let scaled = |decimal: Decimal| decimal.value * power_of_ten((decimal.exponent - exponent).unsigned_abs());
    (scaled(a), scaled(b), exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(value: f64) -> Decimal {
        Decimal::from_float(value).unwrap()
    }

    #[test]
    fn decimals_compute_without_binary_errors() {
        assert_eq!(decimal(0.1).add(decimal(0.2)).to_float(), 0.3);
        assert_eq!(decimal(1.0).sub(decimal(0.9)).to_float(), 0.1);
        assert_eq!(decimal(1.1).mul(decimal(3.0)).to_float(), 3.3);
        assert_eq!(decimal(2.0).div(decimal(3.0)).unwrap().to_float(), 0.666_666_666_666_666_7);
        assert_eq!(decimal(-1.0).div(decimal(8e-3)).unwrap().to_float(), -125.0);
        assert_eq!(decimal(1e300).mul(decimal(1e300)).to_float(), f64::INFINITY);
        assert!(decimal(1.0).div(decimal(0.0)).is_err() && Decimal::from_float(f64::NAN).is_err());
    }
}

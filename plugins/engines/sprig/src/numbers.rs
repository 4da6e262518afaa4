//! Arithmetic.

use weir_gotmpl::{Context, FuncError, List, Value};

use crate::args::{Outcome, any, float, int};
use crate::cast::{int64, to_float, to_int};
use crate::decimal::Decimal;
use crate::effects::effects;
use crate::go::strconv::parse_int;

/// What an `int` of a list costs of the output limit, in bytes.
const INT_SIZE: usize = 16;

pub(crate) fn int_(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(Value::int(to_int(any(args, 0)?)))
}

pub(crate) fn int64_(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(int64(to_int(any(args, 0)?)))
}

pub(crate) fn float64(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(Value::float(to_float(any(args, 0)?)))
}

/// Reads the digits as octal, whatever they were written as.
pub(crate) fn to_decimal(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(int64(parse_int(&any(args, 0)?.display(), 8).unwrap_or(0)))
}

pub(crate) fn add1(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(int64(to_int(any(args, 0)?).wrapping_add(1)))
}

pub(crate) fn add(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(int64(args.iter().map(to_int).fold(0, i64::wrapping_add)))
}

pub(crate) fn sub(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(int64(to_int(any(args, 0)?).wrapping_sub(to_int(any(args, 1)?))))
}

pub(crate) fn mul(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(int64(args.iter().map(to_int).fold(1, i64::wrapping_mul)))
}

fn divisor(args: &[Value]) -> Result<i64, FuncError> {
    match to_int(any(args, 1)?) {
        0 => Err("runtime error: integer divide by zero".into()),
        divisor => Ok(divisor),
    }
}

pub(crate) fn div(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(int64(to_int(any(args, 0)?).wrapping_div(divisor(args)?)))
}

pub(crate) fn modulo(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(int64(to_int(any(args, 0)?).wrapping_rem(divisor(args)?)))
}

pub(crate) fn max(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(int64(args.iter().map(to_int).max().unwrap_or(0)))
}

pub(crate) fn min(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(int64(args.iter().map(to_int).min().unwrap_or(0)))
}

/// `math.Max`: infinity before not-a-number, and zero above minus zero.
pub(crate) fn maxf(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let larger = |a: f64, b: f64| match (a, b) {
        _ if a == f64::INFINITY || b == f64::INFINITY => f64::INFINITY,
        _ if a.is_nan() || b.is_nan() => f64::NAN,
        _ if a == 0.0 && b == 0.0 => {
            if a.is_sign_negative() {
                b
            } else {
                a
            }
        }
        _ => a.max(b),
    };
    Ok(Value::float(args.iter().map(to_float).reduce(larger).unwrap_or(0.0)))
}

pub(crate) fn minf(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let smaller = |a: f64, b: f64| match (a, b) {
        _ if a == f64::NEG_INFINITY || b == f64::NEG_INFINITY => f64::NEG_INFINITY,
        _ if a.is_nan() || b.is_nan() => f64::NAN,
        _ if a == 0.0 && b == 0.0 => {
            if a.is_sign_negative() {
                a
            } else {
                b
            }
        }
        _ => a.min(b),
    };
    Ok(Value::float(args.iter().map(to_float).reduce(smaller).unwrap_or(0.0)))
}

pub(crate) fn floor(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(Value::float(to_float(any(args, 0)?).floor()))
}

pub(crate) fn ceil(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(Value::float(to_float(any(args, 0)?).ceil()))
}

/// Rounds up if the fraction reaches the third argument, or a half; what is below zero has a negative fraction.
pub(crate) fn round(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let round_on = if args.len() > 2 { float(args, 2)? } else { 0.5 };
    let power = power_of_ten(int(args, 1)?);
    let shifted = power * to_float(any(args, 0)?);
    let fraction = if shifted.is_infinite() { f64::NAN } else { shifted.fract() };
    let rounded = if fraction >= round_on { shifted.ceil() } else { shifted.floor() };
    Ok(Value::float(rounded / power))
}

/// `math.Pow(10, n)`, rounding as Go's squaring does.
fn power_of_ten(exponent: i64) -> f64 {
    // 10 is 0.625 * 2^4.
    let (mut result, mut result_exponent) = (1.0f64, 0i64);
    let (mut square, mut square_exponent) = (0.625f64, 4i64);
    let mut bits = exponent.unsigned_abs();
    while bits != 0 {
        if square_exponent > 1 << 12 {
            return if exponent < 0 { 0.0 } else { f64::INFINITY };
        }
        if bits & 1 == 1 {
            result *= square;
            result_exponent += square_exponent;
        }
        square *= square;
        square_exponent <<= 1;
        if square < 0.5 {
            square += square;
            square_exponent -= 1;
        }
        bits >>= 1;
    }
    if exponent < 0 {
        result = 1.0 / result;
        result_exponent = -result_exponent;
    }
    // Two steps, so that a subnormal result is rounded once.
    let half = (result_exponent / 2).clamp(-1000, 1000) as i32;
    let rest = (result_exponent - i64::from(half)).clamp(-1000, 1000) as i32;
    result * 2f64.powi(half) * 2f64.powi(rest)
}

fn fold(first: f64, rest: &[Value], step: fn(Decimal, Decimal) -> Result<Decimal, String>) -> Outcome {
    let mut result = Decimal::from_float(first)?;
    for value in rest {
        result = step(result, Decimal::from_float(to_float(value))?)?;
    }
    Ok(Value::float(result.to_float()))
}

pub(crate) fn add1f(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    fold(to_float(any(args, 0)?), &[Value::int(1)], |a, b| Ok(a.add(b)))
}

pub(crate) fn addf(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    fold(0.0, args, |a, b| Ok(a.add(b)))
}

pub(crate) fn subf(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    fold(to_float(any(args, 0)?), &args[1..], |a, b| Ok(a.sub(b)))
}

pub(crate) fn mulf(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    fold(to_float(any(args, 0)?), &args[1..], |a, b| Ok(a.mul(b)))
}

pub(crate) fn divf(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    fold(to_float(any(args, 0)?), &args[1..], Decimal::div)
}

pub(crate) fn rand_int(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    let (min, max) = (int(args, 0)?, int(args, 1)?);
    let span = u64::try_from(max.wrapping_sub(min)).ok().filter(|span| *span > 0);
    let span = span.ok_or("invalid argument to Intn")?;
    let chosen = effects(context)?.random_below("randInt", span);
    Ok(Value::int(min.wrapping_add(chosen as i64)))
}

pub(crate) fn until(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    let count = int(args, 0)?;
    Ok(List::ints(steps(context, 0, count, if count < 0 { -1 } else { 1 })?).into())
}

pub(crate) fn until_step(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(List::ints(steps(context, int(args, 0)?, int(args, 1)?, int(args, 2)?)?).into())
}

fn steps(context: &Context<'_>, start: i64, stop: i64, step: i64) -> Result<Vec<i64>, FuncError> {
    let goes_there = if stop < start { step < 0 } else { step > 0 };
    if !goes_there {
        return Ok(Vec::new());
    }
    let count = start.abs_diff(stop).div_ceil(step.unsigned_abs());
    context.charge(usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(INT_SIZE))?;
    Ok((0..count as i64).map(|at| start.wrapping_add(step.wrapping_mul(at))).collect())
}

pub(crate) fn seq(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    let (start, end, step) = match args.len() {
        1 => (1, int(args, 0)?, None),
        2 => (int(args, 0)?, int(args, 1)?, None),
        3 => (int(args, 0)?, int(args, 2)?, Some(int(args, 1)?)),
        _ => return Ok("".into()),
    };
    let towards = if end < start { -1 } else { 1 };
    if end < start && step.is_some_and(|step| step > 0) {
        return Ok("".into());
    }
    let numbers = steps(context, start, end.wrapping_add(towards), step.unwrap_or(towards))?;
    let texts: Vec<String> = numbers.iter().map(i64::to_string).collect();
    Ok(texts.join(" ").into())
}

//! Values as numbers and texts: what `spf13/cast` and Sprig's `strval` make of them. What has no number is 0.

use weir_gotmpl::{FloatType, GoType, IntType, Kind, List, Str, Value};

use crate::go::strconv::{parse_float, parse_int_any};

/// A float as a Go conversion to `int64` on a common machine: what does not fit becomes the smallest number.
pub(crate) fn float_to_int(value: f64) -> i64 {
    let fits = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&value);
    if fits { value as i64 } else { i64::MIN }
}

pub(crate) fn to_int(value: &Value) -> i64 {
    match value {
        Value::Bool(value) => i64::from(*value),
        Value::Int(_, number) => *number,
        Value::Uint(weir_gotmpl::UintType::Uintptr, _) => 0,
        Value::Uint(_, number) => *number as i64,
        Value::Float(_, number) => float_to_int(*number),
        Value::String(text) => parse_int_any(without_zero_fraction(text)).unwrap_or(0),
        Value::Object(_) => named_int(value).unwrap_or(0),
        Value::Nil | Value::List(_) | Value::Map(_) => 0,
    }
}

pub(crate) fn to_float(value: &Value) -> f64 {
    match value {
        Value::Bool(value) => f64::from(*value),
        Value::Int(_, number) => *number as f64,
        Value::Uint(weir_gotmpl::UintType::Uintptr, _) => 0.0,
        Value::Uint(_, number) => *number as f64,
        Value::Float(_, number) => *number,
        Value::String(text) => parse_float(text).unwrap_or(0.0),
        Value::Object(_) => named_int(value).map_or(0.0, |number| number as f64),
        Value::Nil | Value::List(_) | Value::Map(_) => 0.0,
    }
}

/// `time.Month` and `time.Weekday` count as numbers.
fn named_int(value: &Value) -> Option<i64> {
    value.downcast::<crate::dates::NamedInt>().and_then(crate::dates::NamedInt::cast)
}

/// `1.00` is read as `1`.
fn without_zero_fraction(text: &[u8]) -> &[u8] {
    let kept = text.iter().rposition(|b| *b != b'0').map_or(0, |at| at + 1);
    match text[..kept].split_last() {
        Some((b'.', whole)) if kept < text.len() => whole,
        _ => text,
    }
}

/// A value as text, without quotes: `%v`, but bytes are their text.
pub(crate) fn to_text(value: &Value) -> Str {
    match value {
        Value::String(text) => text.clone(),
        Value::List(list) if list.go_type() == GoType::BYTES => list.as_bytes().unwrap_or_default(),
        value => value.display(),
    }
}

/// A value as `[]string`: items of a list that are not nil, or the one value.
pub(crate) fn to_texts(value: &Value) -> List {
    match value {
        Value::List(list) if list.go_type() == GoType::STRINGS => list.clone(),
        Value::List(list) => List::strings(list.items().iter().filter(|item| !is_nil(item)).map(to_text)),
        Value::Nil => List::strings(Vec::<Str>::new()),
        value => List::strings([to_text(value)]),
    }
}

/// Whether a Go interface that holds the value is nil.
pub(crate) fn is_nil(value: &Value) -> bool {
    matches!(value, Value::Nil)
}

/// Whether Sprig takes the value for not set: zero, empty or nil.
pub(crate) fn is_empty(value: &Value) -> bool {
    match value.kind() {
        Kind::Invalid => true,
        Kind::Struct => false,
        _ => !value.truth(),
    }
}

/// The kind of a value as an error names it.
pub(crate) fn kind_name(value: &Value) -> &'static str {
    value.kind().name()
}

/// A `float32` as `encoding/json` writes it: with the digits of its own precision.
pub(crate) fn shortest(kind: FloatType, value: f64) -> f64 {
    match kind {
        FloatType::Float64 => value,
        FloatType::Float32 => (value as f32).to_string().parse().unwrap_or(value),
    }
}

pub(crate) fn int64(number: i64) -> Value {
    Value::Int(IntType::Int64, number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_all_kinds() {
        for (value, number) in [
            (Value::from("12"), 12),
            (Value::from("0x10"), 16),
            (Value::from("1.000"), 1),
            (Value::from("1.5"), 0),
            (Value::from("100"), 100),
            (Value::from("."), 0),
            (Value::from(2.9), 2),
            (Value::from(-2.9), -2),
            (Value::from(1e300), i64::MIN),
            (Value::Bool(true), 1),
            (Value::Nil, 0),
            (Value::Uint(weir_gotmpl::UintType::Uint64, u64::MAX), -1),
        ] {
            assert_eq!(to_int(&value), number, "{value:?}");
        }
        assert_eq!(to_float(&Value::from("1e3")), 1000.0);
    }
}

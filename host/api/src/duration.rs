//! Go's duration strings, as Kubernetes objects write them: `1h30m`, `500ms`, `1.5s`.

use std::{fmt, str::FromStr, time::Duration};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// A duration that reads and prints as Go's `time.Duration` does: `10m` reads as ten minutes and prints as `10m0s`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GoDuration(pub Duration);

/// Why a text is no duration.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidDuration {
    /// No number where one must stand, or no unit behind it.
    #[error("invalid duration `{0}`\nhint: write a number and a unit for each part, for example `1h30m` or `500ms`")]
    Syntax(String),
    /// A unit that Go does not know.
    #[error("unknown unit `{unit}` in duration `{text}`\nhint: units are `ns`, `us`, `ms`, `s`, `m` and `h`")]
    Unit {
        /// The unit.
        unit: String,
        /// The whole text.
        text: String,
    },
    /// Below zero, or beyond what Go can hold (292 years).
    #[error("duration out of range: {0}")]
    Range(String),
}

const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60 * 1_000_000_000),
    ("h", 3_600 * 1_000_000_000),
];

impl GoDuration {
    /// A duration of whole seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }
}

impl From<Duration> for GoDuration {
    fn from(duration: Duration) -> Self {
        Self(duration)
    }
}

impl From<GoDuration> for Duration {
    fn from(duration: GoDuration) -> Self {
        duration.0
    }
}

impl FromStr for GoDuration {
    type Err = InvalidDuration;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let out_of_range = || InvalidDuration::Range(text.into());
        if text.starts_with('-') {
            return Err(out_of_range());
        }
        let mut rest = text.strip_prefix('+').unwrap_or(text);
        // The one text that Go takes without a unit.
        if rest == "0" {
            return Ok(Self::default());
        }
        let mut total: u64 = 0;
        let mut parts = 0;
        while !rest.is_empty() {
            let (nanos, left) = part(rest, text)?;
            total = total.checked_add(nanos).filter(|t| *t <= i64::MAX as u64).ok_or_else(out_of_range)?;
            rest = left;
            parts += 1;
        }
        match parts {
            0 => Err(InvalidDuration::Syntax(text.into())),
            _ => Ok(Self(Duration::from_nanos(total))),
        }
    }
}

/// Reads one number with its unit; returns nanoseconds and what is left.
fn part<'a>(rest: &'a str, text: &str) -> Result<(u64, &'a str), InvalidDuration> {
    let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let (number, rest) = rest.split_at(number_end);
    let unit_end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(unit_end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') || unit.is_empty() {
        return Err(InvalidDuration::Syntax(text.into()));
    }
    let Some((_, scale)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(InvalidDuration::Unit { unit: unit.into(), text: text.into() });
    };
    let out_of_range = || InvalidDuration::Range(text.into());
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| out_of_range())? };
    let nanos = whole.checked_mul(*scale).ok_or_else(out_of_range)?;
    nanos.checked_add(fraction_of(fraction, *scale)).map(|n| (n, rest)).ok_or_else(out_of_range)
}

/// `0.<digits> * scale`, cut off below a nanosecond. Digits beyond the 18th cannot matter.
fn fraction_of(digits: &str, scale: u64) -> u64 {
    let digits = &digits[..digits.len().min(18)];
    let value: u128 = digits.parse().unwrap_or(0);
    let divisor = 10u128.pow(u32::try_from(digits.len()).unwrap_or(0));
    u64::try_from(value * u128::from(scale) / divisor).unwrap_or(0)
}

impl fmt::Display for GoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.as_nanos();
        match nanos {
            0 => return f.write_str("0s"),
            1..1_000 => return write!(f, "{nanos}ns"),
            1_000..1_000_000 => return write!(f, "{}µs", decimal(nanos, 1_000)),
            1_000_000..1_000_000_000 => return write!(f, "{}ms", decimal(nanos, 1_000_000)),
            _ => {}
        }
        let (hours, minutes) = (nanos / 3_600_000_000_000, nanos / 60_000_000_000 % 60);
        if hours > 0 {
            write!(f, "{hours}h")?;
        }
        if hours > 0 || minutes > 0 {
            write!(f, "{minutes}m")?;
        }
        write!(f, "{}s", decimal(nanos % 60_000_000_000, 1_000_000_000))
    }
}

/// `value / scale` in decimals, without trailing zeros; `scale` is a power of ten.
fn decimal(value: u128, scale: u128) -> String {
    let width = usize::try_from(scale.ilog10()).unwrap_or(0);
    match value % scale {
        0 => (value / scale).to_string(),
        fraction => format!("{}.{}", value / scale, format!("{fraction:0width$}").trim_end_matches('0')),
    }
}

impl Serialize for GoDuration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for GoDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for GoDuration {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Duration".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_and_printed_as_go_does() {
        for (text, printed) in [
            ("0", "0s"),
            ("0s", "0s"),
            ("10m", "10m0s"),
            ("1h", "1h0m0s"),
            ("1h30m", "1h30m0s"),
            ("90s", "1m30s"),
            ("1.5s", "1.5s"),
            (".5s", "500ms"),
            ("2.h", "2h0m0s"),
            ("100ms", "100ms"),
            ("1m0.25s", "1m0.25s"),
            ("1500us", "1.5ms"),
            ("7µs", "7µs"),
            ("12ns", "12ns"),
            ("+5m", "5m0s"),
            ("24h", "24h0m0s"),
            ("0.1h", "6m0s"),
            ("1h1s", "1h0m1s"),
        ] {
            let parsed: GoDuration = text.parse().unwrap();
            assert_eq!(parsed.to_string(), printed, "{text}");
            assert_eq!(printed.parse::<GoDuration>().unwrap(), parsed);
        }
    }

    #[test]
    fn bad_texts_are_refused() {
        for text in ["", "60", "m", "1", "1x", "1.2.3s", ".s", "-1s", "1 s", "1d", "9999999999999h", "+", "1hm"] {
            assert!(text.parse::<GoDuration>().is_err(), "{text}");
        }
        let error = "5d".parse::<GoDuration>().unwrap_err().to_string();
        assert!(error.contains("unknown unit `d`"), "{error}");
    }
}

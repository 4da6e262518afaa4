use crate::node::Tag;
use crate::timestamp;

/// Which library's rules decide what a bare word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// go-yaml v2 (`sigs.k8s.io/yaml`): `yes`, `no`, `on`, `off`, `y` and `n` are booleans too.
    Yaml11,
    /// go-yaml v3 (kustomize's resources).
    Yaml12,
}

/// What a bare word means.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolved {
    Null,
    Bool(bool),
    Int(i64),
    /// A positive number that only fits without a sign.
    Uint(u64),
    Float(f64),
    /// A point in time, as RFC 3339.
    Timestamp(String),
    Merge,
    Str,
}

impl Resolved {
    pub(crate) fn tag(&self) -> Tag {
        match self {
            Resolved::Null => Tag::Null,
            Resolved::Bool(_) => Tag::Bool,
            Resolved::Int(_) | Resolved::Uint(_) => Tag::Int,
            Resolved::Float(_) => Tag::Float,
            Resolved::Timestamp(_) => Tag::Timestamp,
            Resolved::Merge => Tag::Merge,
            Resolved::Str => Tag::Str,
        }
    }

    pub(crate) fn short(&self) -> &'static str {
        match self {
            Resolved::Null => "!!null",
            Resolved::Bool(_) => "!!bool",
            Resolved::Int(_) | Resolved::Uint(_) => "!!int",
            Resolved::Float(_) => "!!float",
            Resolved::Timestamp(_) => "!!timestamp",
            Resolved::Merge => "!!merge",
            Resolved::Str => "!!str",
        }
    }
}

pub(crate) fn tag_of(word: &str, rules: Rules) -> Tag {
    resolve(word, rules).tag()
}

/// Decides what a bare word means.
pub fn resolve(word: &str, rules: Rules) -> Resolved {
    let Some(&first) = word.as_bytes().first() else {
        return Resolved::Null;
    };
    match first {
        b'0'..=b'9' | b'+' | b'-' => known_word(word, rules).unwrap_or_else(|| number(word)),
        b'.' => known_word(word, rules).unwrap_or_else(|| decimal(word).map_or(Resolved::Str, Resolved::Float)),
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' | b'<' => {
            known_word(word, rules).unwrap_or(Resolved::Str)
        }
        _ => Resolved::Str,
    }
}

fn known_word(word: &str, rules: Rules) -> Option<Resolved> {
    Some(match word {
        "~" | "null" | "Null" | "NULL" => Resolved::Null,
        "true" | "True" | "TRUE" => Resolved::Bool(true),
        "false" | "False" | "FALSE" => Resolved::Bool(false),
        "<<" => Resolved::Merge,
        ".nan" | ".NaN" | ".NAN" => Resolved::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Resolved::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Resolved::Float(f64::NEG_INFINITY),
        _ if rules == Rules::Yaml11 => Resolved::Bool(old_bool(word)?),
        _ => return None,
    })
}

/// The booleans that YAML 1.2 dropped.
pub(crate) fn old_bool(word: &str) -> Option<bool> {
    match word {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

fn number(word: &str) -> Resolved {
    if let Some(time) = timestamp::parse(word) {
        return Resolved::Timestamp(time);
    }
    let stripped;
    let plain = if word.contains('_') {
        stripped = word.replace('_', "");
        stripped.as_str()
    } else {
        word
    };
    integer(plain).or_else(|| decimal(plain).map(Resolved::Float)).unwrap_or(Resolved::Str)
}

/// An integer in Go's notation: `0x`, `0o`, `0b`, and a leading zero for octal.
fn integer(word: &str) -> Option<Resolved> {
    let (negative, digits) = match word.as_bytes()[0] {
        b'-' => (true, &word[1..]),
        b'+' => (false, &word[1..]),
        _ => (false, word),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_alphanumeric()) {
        return None;
    }
    let value = i128::from(u64::from_str_radix(digits, radix).ok()?);
    let value = if negative { -value } else { value };
    if let Ok(value) = i64::try_from(value) {
        return Some(Resolved::Int(value));
    }
    // Go's unsigned parser accepts no sign.
    let unsigned = !word.starts_with(['+', '-']);
    u64::try_from(value).ok().filter(|_| unsigned).map(Resolved::Uint)
}

/// A decimal: digits, a point, an exponent, and nothing else.
fn decimal(word: &str) -> Option<f64> {
    let unsigned = word.strip_prefix(['+', '-']).unwrap_or(word);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || whole.len() + fraction.len() == 0 {
        return None;
    }
    if let Some(exponent) = exponent {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if exponent.is_empty() || !digits(exponent) {
            return None;
        }
    }
    word.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// Whether YAML 1.1 reads this as a number in base 60 (`12:30:45`).
pub(crate) fn is_base60(word: &str) -> bool {
    let word = word.strip_prefix(['+', '-']).unwrap_or(word);
    if !word.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let mut parts = word.split(':');
    let Some(first) = parts.next() else { return false };
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    if !number(first) {
        return false;
    }
    let rest: Vec<&str> = parts.collect();
    let Some((last, middle)) = rest.split_last() else { return false };
    let sixty = |text: &str| matches!(text.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']);
    let (last, fraction) = last.split_once('.').unwrap_or((last, ""));
    sixty(last) && number(fraction) && middle.iter().all(|part| sixty(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, expected: Resolved) {
        assert_eq!(resolve(word, Rules::Yaml12), expected, "{word}");
    }

    #[test]
    fn words_resolve_as_in_go_yaml_v3() {
        for (word, expected) in [
            ("", Resolved::Null),
            ("~", Resolved::Null),
            ("True", Resolved::Bool(true)),
            ("yes", Resolved::Str),
            ("12", Resolved::Int(12)),
            ("-0x1F", Resolved::Int(-31)),
            ("0777", Resolved::Int(511)),
            ("0o17", Resolved::Int(15)),
            ("08", Resolved::Float(8.0)),
            ("1_000", Resolved::Int(1000)),
            ("18446744073709551615", Resolved::Uint(u64::MAX)),
            ("-9223372036854775808", Resolved::Int(i64::MIN)),
            ("99999999999999999999", Resolved::Float(1e20)),
            ("1e3", Resolved::Float(1000.0)),
            (".5", Resolved::Float(0.5)),
            ("1.", Resolved::Float(1.0)),
            ("1e400", Resolved::Str),
            ("1.2.3", Resolved::Str),
            ("-", Resolved::Str),
            (".", Resolved::Str),
            ("2001-01-02", Resolved::Timestamp("2001-01-02T00:00:00Z".into())),
            ("<<", Resolved::Merge),
        ] {
            check(word, expected);
        }
    }

    #[test]
    fn yaml_1_1_has_more_booleans() {
        assert_eq!(resolve("off", Rules::Yaml11), Resolved::Bool(false));
        assert_eq!(resolve("n", Rules::Yaml11), Resolved::Bool(false));
        assert_eq!(resolve("nope", Rules::Yaml11), Resolved::Str);
    }

    #[test]
    fn base_60_is_recognised() {
        for (word, expected) in [("1:30", true), ("12:30:45.5", true), ("1:99", false), ("a:1", false), ("12", false)] {
            assert_eq!(is_base60(word), expected, "{word}");
        }
    }
}

//! Escaped characters.

use crate::{SyntaxError, error};

/// Writes a character so that it has no meaning.
pub(super) fn push_literal(out: &mut String, c: char) {
    if c.is_ascii_alphanumeric() || !c.is_ascii() {
        out.push(c);
    } else {
        out.push_str(&format!("\\x{:02x}", u32::from(c)));
    }
}

/// Reads `\n`, `\x41`, `\x{1F600}`, `\101` or an escaped mark.
pub(super) fn parse_escape(text: &str) -> Result<(char, &str), SyntaxError> {
    let mut chars = text[1..].chars();
    let c = chars.next().ok_or_else(|| error("trailing backslash at end of expression", ""))?;
    let after = chars.as_str();
    let failed = |rest: &str| error("invalid escape sequence", &text[..text.len() - rest.len()]);
    let simple = match c {
        'a' => '\x07',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        'x' => return hex(after, failed),
        '0' => return Ok(octal(&text[1..])),
        // A single digit would be a reference to a group.
        '1'..='7' if after.starts_with(|c| matches!(c, '0'..='7')) => return Ok(octal(&text[1..])),
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => c,
        _ => return Err(failed(after)),
    };
    Ok((simple, after))
}

/// At most three digits.
fn octal(text: &str) -> (char, &str) {
    let len = text.bytes().take(3).take_while(|b| matches!(b, b'0'..=b'7')).count();
    let value = text[..len].bytes().fold(0, |value, digit| value * 8 + u32::from(digit - b'0'));
    (char::from_u32(value).unwrap_or_default(), &text[len..])
}

fn hex(text: &str, failed: impl Fn(&str) -> SyntaxError) -> Result<(char, &str), SyntaxError> {
    let mut chars = text.chars();
    match chars.next() {
        None => Err(failed("")),
        Some('{') => {
            let mut value = 0u32;
            let mut digits = 0;
            while let Some(c) = chars.next() {
                match c.to_digit(16) {
                    Some(digit) if value * 16 + digit <= u32::from(char::MAX) => value = value * 16 + digit,
                    None if c == '}' && digits > 0 => {
                        let c = char::from_u32(value).ok_or_else(|| failed(chars.as_str()))?;
                        return Ok((c, chars.as_str()));
                    }
                    _ => return Err(failed(chars.as_str())),
                }
                digits += 1;
            }
            Err(failed(""))
        }
        Some(first) => {
            // Go reads the second character before it judges the first.
            let second = chars.next().ok_or_else(|| error("invalid UTF-8", ""))?;
            let value = first.to_digit(16).zip(second.to_digit(16)).map(|(high, low)| high * 16 + low);
            let c = value.and_then(char::from_u32).ok_or_else(|| failed(chars.as_str()))?;
            Ok((c, chars.as_str()))
        }
    }
}

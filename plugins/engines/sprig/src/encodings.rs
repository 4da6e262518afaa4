//! Texts as base 64 and base 32.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use weir_gotmpl::{Context, Value};

use crate::args::{Outcome, text};

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

pub(crate) fn b64enc(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(STANDARD.encode(text(args, 0)?).into())
}

/// An error is the text.
pub(crate) fn b64dec(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(decode64(text(args, 0)?).map_or_else(Value::from, Value::from))
}

pub(crate) fn b32enc(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(encode32(text(args, 0)?).into())
}

/// An error is the text.
pub(crate) fn b32dec(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(decode32(text(args, 0)?).map_or_else(Value::from, Value::from))
}

/// Line feeds do not count. The error is that of Go, which names the byte.
pub(crate) fn decode64(text: &[u8]) -> Result<Vec<u8>, String> {
    let wrong = |at: usize| format!("illegal base64 data at input byte {at}");
    let is_break = |at: &usize| matches!(text[*at], b'\r' | b'\n');
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let mut places = (0..text.len()).filter(|at| !is_break(at)).peekable();
    while places.peek().is_some() {
        let (mut bits, mut digits) = (0u32, 0);
        while digits < 4 {
            let Some(at) = places.next() else { return Err(wrong(text.len() - digits)) };
            match digit64(text[at]) {
                Some(value) => bits = bits << 6 | u32::from(value),
                None if text[at] != b'=' || digits < 2 => return Err(wrong(at)),
                None => {
                    if digits == 2 {
                        let second = places.next().ok_or_else(|| wrong(text.len()))?;
                        if text[second] != b'=' {
                            return Err(wrong(second - 1));
                        }
                    }
                    // Nothing follows the padding; bits that are left over do not matter.
                    return match places.next() {
                        Some(more) => Err(wrong(more)),
                        None => {
                            let bits = bits << (6 * (4 - digits));
                            out.extend_from_slice(&bits.to_be_bytes()[1..digits]);
                            Ok(out)
                        }
                    };
                }
            }
            digits += 1;
        }
        out.extend_from_slice(&bits.to_be_bytes()[1..]);
    }
    Ok(out)
}

fn digit64(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

fn encode32(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len().div_ceil(5) * 8);
    for group in text.chunks(5) {
        let mut bytes = [0; 5];
        bytes[..group.len()].copy_from_slice(group);
        let bits = bytes.iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
        let used = (group.len() * 8).div_ceil(5);
        for at in 0..8 {
            let digit = BASE32[(bits >> (35 - 5 * at)) as usize & 31];
            out.push(if at < used { char::from(digit) } else { '=' });
        }
    }
    out
}

/// Line feeds do not count. The error is that of Go, which names the byte.
fn decode32(text: &[u8]) -> Result<Vec<u8>, String> {
    let clean: Vec<u8> = text.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let wrong = |at: usize| format!("illegal base32 data at input byte {at}");
    let mut out = Vec::with_capacity(clean.len() / 8 * 5);
    for start in (0..clean.len()).step_by(8) {
        let (mut bits, mut digits) = (0u64, 0);
        while digits < 8 {
            let at = start + digits;
            let byte = *clean.get(at).ok_or_else(|| wrong(clean.len() - digits))?;
            if byte == b'=' && digits >= 2 && clean.len() - at <= 8 {
                check_padding32(&clean, at, digits).map_err(wrong)?;
                break;
            }
            let value = BASE32.iter().position(|digit| *digit == byte).ok_or_else(|| wrong(at))?;
            bits = bits << 5 | value as u64;
            digits += 1;
        }
        let bits = bits << (5 * (8 - digits));
        out.extend_from_slice(&bits.to_be_bytes()[3..3 + digits * 5 / 8]);
        if digits < 8 {
            break;
        }
    }
    Ok(out)
}

/// Padding fills the last group, of which only some lengths are possible.
fn check_padding32(text: &[u8], at: usize, digits: usize) -> Result<(), usize> {
    let after = &text[at + 1..];
    if after.len() + digits < 7 {
        return Err(text.len());
    }
    if let Some(wrong) = after.iter().take(7 - digits).position(|byte| *byte != b'=') {
        return Err(at + wrong);
    }
    if matches!(digits, 3 | 6) { Err(at) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_goes_there_and_back() {
        for text in ["", "f", "fo", "foo", "foob", "fooba", "foobar"] {
            assert_eq!(decode32(encode32(text.as_bytes()).as_bytes()), Ok(text.as_bytes().to_vec()), "{text}");
        }
        assert_eq!(encode32(b"foobar"), "MZXW6YTBOI======");
    }

    #[test]
    fn wrong_base64_is_placed() {
        for (text, at) in [("a", 0), ("ab$d", 2), ("abcde", 4), ("=", 0), ("ab=", 3), ("ab=c", 2)] {
            assert_eq!(decode64(text.as_bytes()), Err(format!("illegal base64 data at input byte {at}")), "{text}");
        }
        assert_eq!(decode64(b"Zm\n9v\n"), Ok(b"foo".to_vec()));
    }
}

//! Random texts.

use std::convert::Infallible;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand_core::{TryCryptoRng, TryRng};
use weir_gotmpl::{Context, FuncError, Value};

use crate::args::{Outcome, int};
use crate::effects::{Effects, effects};

/// The host's randomness for libraries, noted as taken by one function.
pub(crate) struct Random<'a> {
    effects: &'a Effects,
    function: &'static str,
}

impl<'a> Random<'a> {
    pub(crate) fn new(context: &Context<'a>, function: &'static str) -> Result<Random<'a>, FuncError> {
        Ok(Random { effects: effects(context)?, function })
    }
}

impl TryRng for Random<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.effects.random(self.function, &mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.effects.random(self.function, &mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), Infallible> {
        self.effects.random(self.function, buffer);
        Ok(())
    }
}

impl TryCryptoRng for Random<'_> {}

/// As many characters of the alphabet as asked for; none for less than none.
fn characters(context: &Context<'_>, args: &[Value], function: &'static str, alphabet: &[u8]) -> Outcome {
    let count = usize::try_from(int(args, 0)?).unwrap_or(0);
    context.charge(count)?;
    let effects = effects(context)?;
    // Bytes from here on would favour some characters.
    let limit = 256 - 256 % alphabet.len();
    let mut out = Vec::with_capacity(count);
    let mut bytes = [0; 64];
    while out.len() < count {
        effects.random(function, &mut bytes);
        let usable = bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < limit);
        out.extend(usable.take(count - out.len()).map(|byte| alphabet[byte % alphabet.len()]));
    }
    Ok(out.into())
}

const ALPHA_NUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

pub(crate) fn rand_alpha_num(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    characters(context, args, "randAlphaNum", ALPHA_NUMERIC)
}

pub(crate) fn rand_alpha(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    characters(context, args, "randAlpha", &ALPHA_NUMERIC[..52])
}

pub(crate) fn rand_numeric(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    characters(context, args, "randNumeric", &ALPHA_NUMERIC[52..])
}

pub(crate) fn rand_ascii(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    let printable: Vec<u8> = (b' '..=b'~').collect();
    characters(context, args, "randAscii", &printable)
}

/// So many bytes in base 64.
pub(crate) fn rand_bytes(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    let count = usize::try_from(int(args, 0)?).map_err(|_| "runtime error: makeslice: len out of range")?;
    context.charge(count.saturating_mul(2))?;
    let mut bytes = vec![0; count];
    effects(context)?.random("randBytes", &mut bytes);
    Ok(STANDARD.encode(bytes).into())
}

pub(crate) fn uuid(context: &mut Context<'_>, _: &[Value]) -> Outcome {
    let mut bytes = [0; 16];
    effects(context)?.random("uuidv4", &mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = super::hex(&bytes);
    Ok(format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]).into())
}

//! Shortening and breaking texts. Widths count bytes.

use weir_gotmpl::{Context, FuncError, Value};

use crate::args::Outcome;

const MARKER: &[u8] = b"...";

/// Shortens to `width` bytes, with an ellipsis for what is left out before and after; `offset` is to be inside.
pub(crate) fn abbreviate(text: &[u8], offset: i64, width: i64) -> Outcome {
    let len = text.len() as i64;
    if len <= width {
        return Ok(text.into());
    }
    if width < 4 {
        return Ok("".into());
    }
    let offset = offset.min(len);
    let offset = if len - offset < width - 3 { len - (width - 3) } else { offset };
    if offset <= 4 {
        return Ok([&text[..(width - 3) as usize], MARKER].concat().into());
    }
    let rest = &text[offset as usize..];
    if offset + width - 3 < len {
        // A rest that is too short to be abbreviated is left out.
        return Ok([MARKER, shorten(rest, width - 3)?.as_slice()].concat().into());
    }
    Ok([MARKER, &text[(len - (width - 3)) as usize..]].concat().into())
}

fn shorten(text: &[u8], width: i64) -> Result<Vec<u8>, FuncError> {
    match abbreviate(text, 0, width)? {
        Value::String(text) => Ok(text.as_bytes().to_vec()),
        _ => Ok(Vec::new()),
    }
}

/// Breaks a text at spaces so that lines have at most `width` bytes; longer words are broken only if `breaks_words`.
pub(crate) fn wrap(
    context: &mut Context<'_>,
    text: &[u8],
    width: i64,
    separator: &[u8],
    breaks_words: bool,
) -> Outcome {
    let width = usize::try_from(width).unwrap_or(1).max(1);
    context.charge(text.len().saturating_add((text.len() / width).saturating_mul(separator.len())))?;
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while rest.len() > width {
        if rest[0] == b' ' {
            rest = &rest[1..];
            continue;
        }
        let space = rest[..=width].iter().rposition(|b| *b == b' ');
        let (line, after) = match space {
            Some(at) => (at, at + 1),
            None if breaks_words => (width, width),
            None => match memchr::memchr(b' ', &rest[width..]) {
                Some(at) => (width + at, width + at + 1),
                None => break,
            },
        };
        out.extend_from_slice(&rest[..line]);
        out.extend_from_slice(separator);
        rest = &rest[after..];
    }
    out.extend_from_slice(rest);
    Ok(out.into())
}

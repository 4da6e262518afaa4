//! Deltas: instructions that make an object from another one, read as a stream.

use std::io::{self, BufRead, Read};
use std::path::Path;

use super::PackError;
use super::body::{Body, Sink};
use crate::limits::MAX_OBJECT_BYTES;

/// What a copy of length zero means.
const WHOLE_COPY: u64 = 0x10000;

/// Makes an object; `scratch` is used when it is long.
pub(super) fn apply(base: &Body, delta: &mut impl BufRead, scratch: &Path) -> Result<Body, PackError> {
    if size(delta)? != base.len() {
        return Err(PackError::damaged("a delta does not fit its base"));
    }
    let expected = size(delta)?;
    if expected > MAX_OBJECT_BYTES {
        return Err(PackError::TooLarge { what: "an object's size in bytes", limit: MAX_OBJECT_BYTES });
    }
    let mut sink = Sink::new(expected, scratch)?;
    while let Some(instruction) = next(delta)? {
        step(base, delta, instruction, expected, &mut sink)?;
    }
    match sink.len() == expected {
        true => Ok(sink.finish()?),
        false => Err(PackError::damaged("a delta makes less than announced")),
    }
}

fn step(
    base: &Body,
    delta: &mut impl BufRead,
    instruction: u8,
    expected: u64,
    sink: &mut Sink,
) -> Result<(), PackError> {
    let left = expected - sink.len();
    let fits = |len: u64| {
        if len <= left { Ok(len) } else { Err(PackError::damaged("a delta makes more than announced")) }
    };
    match instruction {
        0 => Err(PackError::damaged("a delta has an unknown instruction")),
        1..=0x7f => {
            let len = fits(instruction.into())?;
            let copied = io::copy(&mut delta.by_ref().take(len), sink)?;
            if copied == len { Ok(()) } else { Err(PackError::damaged("a delta ends too early")) }
        }
        _ => {
            let offset = number(delta, instruction, 4)?;
            let len = match number(delta, instruction >> 4, 3)? {
                0 => WHOLE_COPY,
                len => len,
            };
            base.copy(offset, fits(len)?, sink).map_err(|error| match error.kind() {
                io::ErrorKind::InvalidData => PackError::damaged("a delta copies what its base does not have"),
                _ => error.into(),
            })
        }
    }
}

/// A little-endian number of which only the bytes flagged in `present` are written.
fn number(delta: &mut impl BufRead, present: u8, bytes: u8) -> Result<u64, PackError> {
    let mut value = 0;
    for at in (0..bytes).filter(|at| present >> at & 1 == 1) {
        value |= u64::from(byte(delta)?) << (8 * at);
    }
    Ok(value)
}

/// Seven bits per byte, the low ones first.
fn size(delta: &mut impl BufRead) -> Result<u64, PackError> {
    let mut value = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let part = byte(delta)?;
        value |= u64::from(part & 0x7f) << shift;
        if part & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(PackError::damaged("a delta announces too large a size"))
}

fn byte(delta: &mut impl BufRead) -> Result<u8, PackError> {
    next(delta)?.ok_or_else(|| PackError::damaged("a delta ends too early"))
}

fn next(delta: &mut impl BufRead) -> io::Result<Option<u8>> {
    let first = delta.fill_buf()?.first().copied();
    if first.is_some() {
        delta.consume(1);
    }
    Ok(first)
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::limits::SPILL_BYTES;

    fn run(base: &[u8], delta: &[u8]) -> Result<Vec<u8>, PackError> {
        let base = Body::Memory(Rc::new(base.to_vec()));
        let dir = tempfile::tempdir().unwrap();
        let body = apply(&base, &mut &delta[..], &dir.path().join("spill"))?;
        let mut out = Vec::new();
        body.copy(0, body.len(), &mut out)?;
        Ok(out)
    }

    #[test]
    fn copies_and_inserts() {
        // base 5, result 6: copy 2 from 3, insert "xy", copy 2 from 0
        assert_eq!(run(b"abcde", &[5, 6, 0x91, 3, 2, 2, b'x', b'y', 0x90, 2]).unwrap(), b"dexyab");
    }

    #[test]
    fn what_is_damaged_is_refused() {
        let check = |delta: &[u8], part: &str| {
            let error = run(b"abcde", delta).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        };
        check(&[4, 1, 1, b'x'], "does not fit its base");
        check(&[5, 1, 0], "unknown instruction");
        check(&[5, 1, 0x91, 4, 2], "more than announced");
        check(&[5, 2, 0x91, 4, 2], "its base does not have");
        check(&[5, 3, 1, b'x'], "less than announced");
        check(&[5, 3, 3, b'x'], "ends too early");
        check(&[5, 3, 0x91], "ends too early");
        check(&[5], "ends too early");
        check(&[0xff; 12], "too large a size");
        check(&[5, 0xff, 0xff, 0xff, 0xff, 0x7f], "exceeds");
    }

    #[test]
    fn a_long_result_goes_to_a_file_and_serves_as_base() {
        let dir = tempfile::tempdir().unwrap();
        let base = Body::Memory(Rc::new(vec![7; 0x10000]));
        let count = SPILL_BYTES / 0x10000;
        let mut delta = vec![0x80, 0x80, 4];
        let mut size = SPILL_BYTES;
        while size >= 0x80 {
            delta.push(size as u8 | 0x80);
            size >>= 7;
        }
        delta.push(size as u8);
        delta.extend(vec![0x80; count as usize]);
        let path = dir.path().join("spill");
        let body = apply(&base, &mut &delta[..], &path).unwrap();
        assert!(matches!(body, Body::Scratch(_)));
        assert_eq!(body.len(), SPILL_BYTES);
        let mut part = Vec::new();
        body.copy(SPILL_BYTES - 3, 3, &mut part).unwrap();
        assert_eq!(part, [7; 3]);
        assert!(path.exists());
        drop(body);
        assert!(!path.exists());
    }
}

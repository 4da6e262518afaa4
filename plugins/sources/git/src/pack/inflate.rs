//! Decompression of one object at a time.

use std::io::{self, BufRead, Read};

use gix_zlib::Decompress;

use super::PackError;

const BUFFER: usize = 32 << 10;

/// Decompresses; its state and buffer are used again for each object.
pub(crate) struct Inflater {
    state: Decompress,
    buffer: Box<[u8]>,
}

impl Inflater {
    pub(crate) fn new() -> Inflater {
        Inflater { state: Decompress::new(), buffer: vec![0; BUFFER].into_boxed_slice() }
    }

    /// Hands on the `size` bytes that `input` expands to, piece by piece, and leaves `input` right behind them.
    pub(crate) fn each(
        &mut self,
        input: &mut impl BufRead,
        size: u64,
        mut sink: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<(), PackError> {
        self.state.reset();
        let mut total = 0;
        loop {
            let count = gix_zlib::stream::inflate::read(input, &mut self.state, &mut self.buffer)?;
            total += count as u64;
            match count {
                0 if total == size => return Ok(()),
                0 => return Err(PackError::damaged("an object is shorter than announced")),
                _ if total > size => {
                    return Err(PackError::damaged("an object is longer than announced"));
                }
                _ => sink(&self.buffer[..count])?,
            }
        }
    }

    /// A reader of what `input` expands to.
    pub(crate) fn reader<'a, R: BufRead>(&'a mut self, input: &'a mut R) -> Inflating<'a, R> {
        self.state.reset();
        Inflating { state: &mut self.state, input }
    }
}

pub(crate) struct Inflating<'a, R> {
    state: &'a mut Decompress,
    input: &'a mut R,
}

impl<R: BufRead> Read for Inflating<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        gix_zlib::stream::inflate::read(self.input, self.state, buffer)
    }
}

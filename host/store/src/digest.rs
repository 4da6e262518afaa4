//! SHA-256 of bytes on their way to or from the disk.

use std::io::{self, Read, Write};

use sha2::{Digest, Sha256};

/// Hashes and counts what is written through it.
pub(crate) struct Hashing<W> {
    inner: W,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Hashing<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self { inner, hash: Sha256::new(), bytes: 0 }
    }

    /// The writer, `sha256:<hex>` and the number of bytes.
    pub(crate) fn finish(self) -> (W, String, u64) {
        (self.inner, print(self.hash), self.bytes)
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// `sha256:<hex>` of everything that is left in a reader.
pub(crate) fn of(mut reader: impl Read) -> io::Result<String> {
    let mut hash = Sha256::new();
    io::copy(&mut reader, &mut hash)?;
    Ok(print(hash))
}

fn print(hash: Sha256) -> String {
    format!("sha256:{}", hex::encode(hash.finalize()))
}

//! The content of an object: in memory, or in a scratch file when it is long.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::limits::SPILL_BYTES;

const COPY_BUFFER: usize = 64 << 10;

#[derive(Clone)]
pub(crate) enum Body {
    Memory(Rc<Vec<u8>>),
    Scratch(Rc<Scratch>),
}

/// A file that goes away with its last user.
pub(crate) struct Scratch {
    path: PathBuf,
    file: RefCell<File>,
    len: u64,
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // The whole directory goes away after the call.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Body {
    pub(crate) fn len(&self) -> u64 {
        match self {
            Body::Memory(bytes) => bytes.len() as u64,
            Body::Scratch(scratch) => scratch.len,
        }
    }

    /// Writes a part of the content; `InvalidData` if it is not all there.
    pub(crate) fn copy(&self, offset: u64, len: u64, out: &mut dyn Write) -> io::Result<()> {
        let end = offset.checked_add(len).filter(|end| *end <= self.len()).ok_or(io::ErrorKind::InvalidData)?;
        match self {
            // Both fit: the content is in memory.
            Body::Memory(bytes) => out.write_all(&bytes[offset as usize..end as usize]),
            Body::Scratch(scratch) => scratch.copy(offset, len, out),
        }
    }
}

impl Scratch {
    fn copy(&self, offset: u64, mut len: u64, out: &mut dyn Write) -> io::Result<()> {
        let mut file = self.file.borrow_mut();
        file.seek(SeekFrom::Start(offset))?;
        let mut buffer = vec![0; COPY_BUFFER.min(len as usize)];
        while len > 0 {
            let part = buffer.len().min(len as usize);
            file.read_exact(&mut buffer[..part])?;
            out.write_all(&buffer[..part])?;
            len -= part as u64;
        }
        Ok(())
    }
}

/// Takes the content of an object of known size.
pub(crate) enum Sink {
    Memory(Vec<u8>),
    Scratch { path: PathBuf, file: BufWriter<File>, len: u64 },
}

impl Sink {
    pub(crate) fn new(size: u64, scratch: &Path) -> io::Result<Sink> {
        if size < SPILL_BYTES {
            return Ok(Sink::Memory(Vec::with_capacity(size as usize)));
        }
        let file = File::options().read(true).write(true).create(true).truncate(true).open(scratch)?;
        Ok(Sink::Scratch { path: scratch.to_owned(), file: BufWriter::with_capacity(COPY_BUFFER, file), len: 0 })
    }

    pub(crate) fn finish(self) -> io::Result<Body> {
        Ok(match self {
            Sink::Memory(bytes) => Body::Memory(Rc::new(bytes)),
            Sink::Scratch { path, file, len } => {
                let file = file.into_inner().map_err(|error| error.into_error())?;
                Body::Scratch(Rc::new(Scratch { path, file: RefCell::new(file), len }))
            }
        })
    }

    pub(crate) fn len(&self) -> u64 {
        match self {
            Sink::Memory(bytes) => bytes.len() as u64,
            Sink::Scratch { len, .. } => *len,
        }
    }
}

impl Write for Sink {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Sink::Memory(bytes) => bytes.write(buffer),
            Sink::Scratch { file, len, .. } => {
                let count = file.write(buffer)?;
                *len += count as u64;
                Ok(count)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Sink::Memory(_) => Ok(()),
            Sink::Scratch { file, .. } => file.flush(),
        }
    }
}

//! Receiving a pack: it goes to disk as it comes, and whole objects get their names on the way.

use std::fs::File;
use std::io::{self, BufRead, BufWriter, Read, Write};
use std::path::Path;

use gix_hash::{Hasher, Kind, ObjectId};
use gix_pack::data::entry::Header;

use super::inflate::Inflater;
use super::{Base, Entries, Entry, PackError};
use crate::limits::{MAX_OBJECT_BYTES, MAX_OBJECTS};

const ID_LEN: usize = 20;
const WRITE_BUFFER: usize = 256 << 10;

impl Entries {
    /// Reads a pack of at most about `max_bytes` to its end, writes it to `path` and checks its sum.
    pub(crate) fn receive(input: &mut dyn BufRead, path: &Path, max_bytes: u64) -> Result<Entries, PackError> {
        let mut tee = Tee::new(input, File::create(path)?, max_bytes);
        let count = header(&mut tee)?;
        let mut entries = Entries::default();
        let mut inflater = Inflater::new();
        for _ in 0..count {
            let entry = entries.scan_one(&mut tee, &mut inflater)?;
            entries.list.push(entry);
        }
        tee.finish()?;
        Ok(entries)
    }

    fn scan_one(&mut self, tee: &mut Tee<'_>, inflater: &mut Inflater) -> Result<Entry, PackError> {
        let offset = tee.offset;
        let header = gix_pack::data::Entry::from_read(tee, offset, ID_LEN)?;
        let size = header.decompressed_size;
        if size > MAX_OBJECT_BYTES {
            return Err(PackError::TooLarge { what: "an object's size in bytes", limit: MAX_OBJECT_BYTES });
        }
        let mut entry =
            Entry { offset, id: [0; ID_LEN], base: Base::Whole, kind: header.header.as_kind(), is_base: false };
        match header.header {
            Header::OfsDelta { base_distance } => entry.base = Base::Entry(self.base_at(offset, base_distance)?),
            Header::RefDelta { base_id } => entry.base = Base::Named(self.base_named(&base_id)),
            _ => {}
        }
        match entry.kind {
            Some(kind) => {
                let mut hasher = object_hasher(kind, size);
                inflater.each(tee, size, |part| {
                    hasher.update(part);
                    Ok(())
                })?;
                entry.id = finish(hasher)?;
            }
            None => inflater.each(tee, size, |_| Ok(()))?,
        }
        Ok(entry)
    }

    fn base_at(&mut self, offset: u64, distance: u64) -> Result<u32, PackError> {
        let base = Header::verified_base_pack_offset(offset, distance);
        let at = base.and_then(|base| self.list.binary_search_by_key(&base, |entry| entry.offset).ok());
        let at = at.ok_or_else(|| PackError::damaged("a delta has no base"))?;
        self.list[at].is_base = true;
        Ok(at as u32)
    }

    fn base_named(&mut self, id: &ObjectId) -> u32 {
        let mut bytes = [0; ID_LEN];
        bytes.copy_from_slice(id.as_slice());
        self.named.push(bytes);
        self.named.len() as u32 - 1
    }
}

fn header(tee: &mut Tee<'_>) -> Result<u32, PackError> {
    let mut bytes = [0; gix_pack::data::header::SIZE];
    tee.read_exact(&mut bytes)?;
    let (_, count) = gix_pack::data::header::decode(&bytes).map_err(PackError::damaged)?;
    match count > MAX_OBJECTS {
        true => Err(PackError::TooLarge { what: "the number of objects", limit: MAX_OBJECTS.into() }),
        false => Ok(count),
    }
}

/// A hash that has seen what git puts before an object.
pub(super) fn object_hasher(kind: gix_object::Kind, size: u64) -> Hasher {
    let mut hasher = gix_hash::hasher(Kind::Sha1);
    hasher.update(&gix_object::encode::loose_header(kind, size));
    hasher
}

pub(super) fn finish(hasher: Hasher) -> Result<[u8; ID_LEN], PackError> {
    let id = hasher.try_finalize().map_err(PackError::damaged)?;
    let mut bytes = [0; ID_LEN];
    bytes.copy_from_slice(id.as_slice());
    Ok(bytes)
}

/// Copies what is read from the network to the disk, and sums it.
struct Tee<'a> {
    input: &'a mut dyn BufRead,
    file: BufWriter<File>,
    hasher: Hasher,
    offset: u64,
    max_bytes: u64,
    failure: Option<io::Error>,
}

impl<'a> Tee<'a> {
    fn new(input: &'a mut dyn BufRead, file: File, max_bytes: u64) -> Tee<'a> {
        let file = BufWriter::with_capacity(WRITE_BUFFER, file);
        Tee { input, file, hasher: gix_hash::hasher(Kind::Sha1), offset: 0, max_bytes, failure: None }
    }

    /// Reads the pack's own sum, which is not part of what it sums.
    fn finish(mut self) -> Result<(), PackError> {
        self.check()?;
        let mut announced = [0; ID_LEN];
        self.input.read_exact(&mut announced)?;
        self.file.flush()?;
        match finish(self.hasher)? == announced {
            true => Ok(()),
            false => Err(PackError::damaged("its sum does not match")),
        }
    }

    fn check(&mut self) -> io::Result<()> {
        self.failure.take().map_or(Ok(()), Err)
    }
}

impl Read for Tee<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        buffer[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Tee<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.check()?;
        if self.offset > self.max_bytes {
            let error = PackError::TooLarge { what: "the pack's size in bytes", limit: self.max_bytes };
            return Err(io::Error::other(weir_sdk::Error::from(error)));
        }
        self.input.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        // What was filled before is still there: this reads nothing.
        let taken = self.input.fill_buf().map(|available| {
            let part = &available[..count];
            self.hasher.update(part);
            self.file.write_all(part)
        });
        self.failure = taken.and_then(|written| written).err();
        self.offset += count as u64;
        self.input.consume(count);
    }
}

//! Reading objects of a pack on disk.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io::{BufReader, Seek, Write};
use std::path::{Path, PathBuf};

use gix_object::Kind;

use super::body::{Body, Sink};
use super::inflate::Inflater;
use super::{Base, Entries, PackError, delta};
use crate::limits::{CACHE_BYTES, MAX_METADATA_BYTES, MAX_PACK_BYTES};

const READ_BUFFER: usize = 64 << 10;
const DELTA_BUFFER: usize = 4 << 10;
const ID_LEN: usize = 20;

/// The objects of a pack.
pub(crate) struct Objects {
    pub(super) entries: Entries,
    reader: Reader,
    cache: Cache,
}

/// What is needed to read one entry.
struct Reader {
    file: BufReader<File>,
    inflater: Inflater,
    scratch: PathBuf,
    spilled: u64,
}

impl Objects {
    /// Receives a pack and names all its objects. `scratch` is an empty directory.
    pub(crate) fn receive(input: &mut dyn std::io::BufRead, scratch: &Path) -> Result<Objects, PackError> {
        let path = scratch.join("pack");
        let entries = Entries::receive(input, &path, MAX_PACK_BYTES)?;
        let file = BufReader::with_capacity(READ_BUFFER, File::open(path)?);
        let reader = Reader { file, inflater: Inflater::new(), scratch: scratch.to_owned(), spilled: 0 };
        let mut objects = Objects { entries, reader, cache: Cache::default() };
        objects.name_all()?;
        Ok(objects)
    }

    /// The position of an object.
    pub(crate) fn find(&self, id: &gix_hash::oid) -> Result<u32, PackError> {
        let Entries { list, by_id, .. } = &self.entries;
        let found = by_id.binary_search_by(|at| list[*at as usize].id.as_slice().cmp(id.as_bytes()));
        found.map(|at| by_id[at]).map_err(|_| PackError::Missing(id.to_owned()))
    }

    /// What an object is.
    pub(crate) fn kind(&self, at: u32) -> Option<Kind> {
        self.entries.list[at as usize].kind
    }

    /// A tree, a commit or another short object, whole.
    pub(crate) fn metadata(&mut self, id: &gix_hash::oid, kind: Kind) -> Result<Vec<u8>, PackError> {
        let at = self.find(id)?;
        if self.kind(at) != Some(kind) {
            return Err(PackError::Kind(id.to_owned(), kind));
        }
        self.text(at)
    }

    /// The content of an object that fits into memory.
    pub(crate) fn text(&mut self, at: u32) -> Result<Vec<u8>, PackError> {
        let body = self.body(at)?;
        if body.len() > MAX_METADATA_BYTES {
            return Err(PackError::TooLarge {
                what: "the size of a tree, commit or ignore file in bytes",
                limit: MAX_METADATA_BYTES,
            });
        }
        let mut bytes = Vec::with_capacity(body.len() as usize);
        body.copy(0, body.len(), &mut bytes)?;
        Ok(bytes)
    }

    /// Writes an object's content and returns its length. Nothing but a buffer of it is in memory unless it is a delta.
    pub(crate) fn write(&mut self, at: u32, out: &mut dyn Write) -> Result<u64, PackError> {
        let entry = &self.entries.list[at as usize];
        if entry.base == Base::Whole && !entry.is_base {
            let size = self.reader.open(entry.offset)?;
            self.reader.inflater.each(&mut self.reader.file, size, |part| out.write_all(part))?;
            return Ok(size);
        }
        let body = self.body(at)?;
        body.copy(0, body.len(), out)?;
        Ok(body.len())
    }

    /// The content of an object, made from its bases if need be.
    pub(crate) fn body(&mut self, at: u32) -> Result<Body, PackError> {
        let mut chain = Vec::new();
        let mut next = at;
        let mut body = loop {
            if let Some(body) = self.cache.get(next) {
                break body;
            }
            let entry = &self.entries.list[next as usize];
            match entry.base {
                Base::Whole => break self.reader.whole(entry.offset)?,
                Base::Named(_) => return Err(PackError::damaged("a delta has no base")),
                Base::Entry(base) => {
                    chain.push(next);
                    next = base;
                }
            }
        };
        loop {
            if self.entries.list[next as usize].is_base {
                self.cache.put(next, &body);
            }
            let Some(link) = chain.pop() else {
                return Ok(body);
            };
            body = self.reader.delta(self.entries.list[link as usize].offset, &body)?;
            next = link;
        }
    }
}

impl Reader {
    /// Goes to the data of an entry and returns the size that it expands to.
    fn open(&mut self, offset: u64) -> Result<u64, PackError> {
        let here = self.file.stream_position()?;
        self.file.seek_relative(offset as i64 - here as i64)?;
        Ok(gix_pack::data::Entry::from_read(&mut self.file, offset, ID_LEN)?.decompressed_size)
    }

    fn whole(&mut self, offset: u64) -> Result<Body, PackError> {
        let size = self.open(offset)?;
        let mut sink = Sink::new(size, &self.spill())?;
        self.inflater.each(&mut self.file, size, |part| sink.write_all(part))?;
        Ok(sink.finish()?)
    }

    fn delta(&mut self, offset: u64, base: &Body) -> Result<Body, PackError> {
        self.open(offset)?;
        let path = self.spill();
        let instructions = self.inflater.reader(&mut self.file);
        delta::apply(base, &mut BufReader::with_capacity(DELTA_BUFFER, instructions), &path)
    }

    fn spill(&mut self) -> PathBuf {
        self.spilled += 1;
        self.scratch.join(format!("object-{}", self.spilled))
    }
}

/// Objects that others are made from. The oldest go first: readers ask for the children of a base one after the other.
#[derive(Default)]
struct Cache {
    bodies: HashMap<u32, Body>,
    order: VecDeque<u32>,
    cost: u64,
}

impl Cache {
    fn get(&self, at: u32) -> Option<Body> {
        self.bodies.get(&at).cloned()
    }

    fn put(&mut self, at: u32, body: &Body) {
        if self.bodies.insert(at, body.clone()).is_some() {
            return;
        }
        self.order.push_back(at);
        self.cost += cost(body);
        while self.cost > CACHE_BYTES && self.order.len() > 1 {
            let Some(oldest) = self.order.pop_front() else {
                return;
            };
            self.cost -= self.bodies.remove(&oldest).map_or(0, |body| cost(&body));
        }
    }
}

/// What a body weighs in the cache: a scratch file costs disk instead of memory, so a few of them are kept.
fn cost(body: &Body) -> u64 {
    match body {
        Body::Memory(bytes) => bytes.len() as u64 + 64,
        Body::Scratch(_) => CACHE_BYTES / 4,
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;

    #[test]
    fn the_cache_stays_small_and_keeps_the_newest() {
        let body = |len: u64| Body::Memory(Rc::new(vec![0; len as usize]));
        let mut cache = Cache::default();
        for at in 0..6 {
            cache.put(at, &body(CACHE_BYTES / 4));
        }
        assert!(cache.cost <= CACHE_BYTES);
        assert!(cache.get(0).is_none() && cache.get(5).is_some());
        cache.put(6, &body(CACHE_BYTES * 2));
        assert!(cache.get(5).is_none() && cache.get(6).is_some(), "what is made next needs the newest");
        cache.put(7, &body(1));
        assert!(cache.get(6).is_none() && cache.get(7).is_some());
        assert!(cache.cost < CACHE_BYTES);
    }
}

//! Bytes for whoever computes the same again in another process. Nothing is converted when they are read: numbers have a
//! fixed size, and strings stay where they are.

use std::borrow::Cow;

use crate::string::Str;

/// Things within each other deeper than this are not read: their bytes are not ours.
const MAX_DEPTH: usize = 1_000;

/// What becomes bytes, and comes back from them.
pub trait Kept: Sized {
    fn write(&self, to: &mut Writer);

    /// Nothing if the bytes are not what was written.
    fn read(from: &mut Reader) -> Option<Self>;
}

/// Gathers bytes.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
    refused: bool,
}

impl Writer {
    /// The bytes of one thing; nothing if something in it cannot be kept.
    pub fn bytes_of(thing: &impl Kept) -> Option<Vec<u8>> {
        let mut writer = Self::default();
        thing.write(&mut writer);
        writer.finish()
    }

    /// What was written; nothing if something cannot be kept.
    pub fn finish(self) -> Option<Vec<u8>> {
        (!self.refused).then_some(self.bytes)
    }

    /// Says that something cannot be kept.
    pub fn refuse(&mut self) {
        self.refused = true;
    }

    /// Bytes as they are: who reads them knows how many there are.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// A count of things that follow.
    pub fn count(&mut self, count: usize) {
        match u32::try_from(count) {
            Ok(count) => self.raw(&count.to_le_bytes()),
            Err(_) => self.refuse(),
        }
    }

    /// Bytes with their length in front.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.raw(bytes);
    }

    /// A part that is read by itself.
    pub fn part(&mut self, write: impl FnOnce(&mut Writer)) {
        let mut part = Writer::default();
        write(&mut part);
        self.refused |= part.refused;
        self.bytes(&part.bytes);
    }
}

/// Takes from the front of bytes what a [`Writer`] put there.
#[derive(Debug, Clone)]
pub struct Reader {
    rest: &'static [u8],
    depth: usize,
}

impl Reader {
    pub fn new(bytes: &'static [u8]) -> Self {
        Self { rest: bytes, depth: 0 }
    }

    /// The one thing that the bytes are.
    pub fn only<T: Kept>(bytes: &'static [u8]) -> Option<T> {
        let mut reader = Self::new(bytes);
        let thing = T::read(&mut reader)?;
        reader.is_empty().then_some(thing)
    }

    /// Whether everything was read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn raw(&mut self, length: usize) -> Option<&'static [u8]> {
        let (bytes, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(bytes)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*bytes)
    }

    /// A count of things that follow. Each of them takes a byte at least, so it is not more than there are bytes.
    pub fn count(&mut self) -> Option<usize> {
        let count = u32::read(self)? as usize;
        (count <= self.rest.len()).then_some(count)
    }

    /// Bytes with their length in front: a part, perhaps.
    pub fn bytes(&mut self) -> Option<&'static [u8]> {
        let length = u32::read(self)? as usize;
        self.raw(length)
    }

    /// Reads what lies within something, unless that is not how it was written.
    pub fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.depth == MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let thing = read(self);
        self.depth -= 1;
        thing
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Kept for $number {
            fn write(&self, to: &mut Writer) {
                to.raw(&self.to_le_bytes());
            }

            fn read(from: &mut Reader) -> Option<Self> {
                from.array().map(Self::from_le_bytes)
            }
        }
    )*};
}

numbers!(u8, u32, u64, i64, f64);

impl Kept for bool {
    fn write(&self, to: &mut Writer) {
        u8::from(*self).write(to);
    }

    fn read(from: &mut Reader) -> Option<Self> {
        u8::read(from).and_then(|byte| (byte < 2).then_some(byte == 1))
    }
}

impl Kept for Str {
    fn write(&self, to: &mut Writer) {
        to.bytes(self);
    }

    fn read(from: &mut Reader) -> Option<Self> {
        from.bytes().map(Self::from_static)
    }
}

impl Kept for String {
    fn write(&self, to: &mut Writer) {
        to.bytes(self.as_bytes());
    }

    fn read(from: &mut Reader) -> Option<Self> {
        std::str::from_utf8(from.bytes()?).ok().map(str::to_owned)
    }
}

impl<T: Kept> Kept for Option<T> {
    fn write(&self, to: &mut Writer) {
        self.is_some().write(to);
        self.iter().for_each(|thing| thing.write(to));
    }

    fn read(from: &mut Reader) -> Option<Self> {
        Some(if bool::read(from)? { Some(T::read(from)?) } else { None })
    }
}

impl<T: Kept> Kept for Vec<T> {
    fn write(&self, to: &mut Writer) {
        to.count(self.len());
        self.iter().for_each(|thing| thing.write(to));
    }

    fn read(from: &mut Reader) -> Option<Self> {
        let count = from.count()?;
        let mut things = Vec::with_capacity(count);
        for _ in 0..count {
            things.push(T::read(from)?);
        }
        Some(things)
    }
}

impl<A: Kept, B: Kept> Kept for (A, B) {
    fn write(&self, to: &mut Writer) {
        self.0.write(to);
        self.1.write(to);
    }

    fn read(from: &mut Reader) -> Option<Self> {
        Some((A::read(from)?, B::read(from)?))
    }
}

impl Kept for Cow<'static, str> {
    fn write(&self, to: &mut Writer) {
        to.bytes(self.as_bytes());
    }

    fn read(from: &mut Reader) -> Option<Self> {
        std::str::from_utf8(from.bytes()?).ok().map(Cow::Borrowed)
    }
}

/// Keeps a structure by its fields, in the order in which they are given.
#[macro_export]
macro_rules! kept {
    ($structure:ident { $($field:ident),* $(,)? }) => {
        impl $crate::Kept for $structure {
            fn write(&self, to: &mut $crate::Writer) {
                $($crate::Kept::write(&self.$field, to);)*
            }

            fn read(from: &mut $crate::Reader) -> Option<Self> {
                Some(Self { $($field: $crate::Kept::read(from)?),* })
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    type Things = (Vec<(String, Option<u64>)>, (bool, Str));

    #[test]
    fn what_was_written_comes_back() {
        let things: Things = (vec![("a".to_owned(), Some(7)), (String::new(), None)], (true, Str::from("\u{e9}")));
        let bytes: &'static [u8] = Writer::bytes_of(&things).unwrap().leak();
        assert_eq!(Reader::only::<Things>(bytes), Some(things));
        for end in 0..bytes.len() {
            assert_eq!(Reader::only::<Things>(&bytes[..end]), None, "cut after {end}");
        }
    }

    #[test]
    fn what_was_not_written_is_nothing() {
        assert_eq!(Reader::only::<bool>(&[2]), None);
        assert_eq!(Reader::only::<String>(&[1, 0, 0, 0, 255]), None);
        assert_eq!(Reader::only::<Vec<u8>>(&[255, 255, 255, 255, 0]), None, "no memory for what cannot be there");
        assert_eq!(Reader::only::<u8>(&[1, 2]), None);
    }
}

//! Tables of what a parsed template is made of: as it was parsed, or as it was kept. Entries that were kept have a fixed
//! size and are decoded when they are asked for, so that nothing is done for what is not executed.

use super::node::{Branch, Command, Expr, Index, Node, Pipe, Run};
use super::number::Number;
use super::token::Span;
use crate::function::Id;
use crate::kept::{Kept, Reader, Writer};
use crate::string::Str;
use crate::value::Complex;

/// Numbers that no entry has: they stand for what is not there.
const NONE: u32 = u32::MAX;

/// An entry of a table, as numbers.
pub(super) trait Record: Copy + Default {
    const WORDS: usize;

    fn write(&self, words: &mut Vec<u32>);

    /// Entries that nothing wrote are read as something all the same.
    fn read(words: &[[u8; 4]]) -> Self;
}

/// What a table does not have is empty: nothing refers to it, unless the bytes are not those that were kept.
pub(super) enum Table<T> {
    Parsed(Vec<T>),
    Kept(&'static [[u8; 4]]),
}

impl<T: Record> Table<T> {
    #[inline]
    pub(super) fn get(&self, index: Index) -> T {
        match self {
            Self::Parsed(entries) => entries.get(index as usize).copied().unwrap_or_default(),
            Self::Kept(words) => {
                let start = (index as usize).saturating_mul(T::WORDS);
                words.get(start..start.saturating_add(T::WORDS)).map_or_else(T::default, T::read)
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Parsed(entries) => entries.len(),
            Self::Kept(words) => words.len() / T::WORDS,
        }
    }

    /// The part of a run that there is.
    pub(super) fn within(&self, run: Run) -> Run {
        let length = u32::try_from(self.len()).unwrap_or(u32::MAX);
        Run { count: run.count.min(length.saturating_sub(run.first)), ..run }
    }

    /// The entries while they are parsed.
    pub(super) fn entries(&mut self) -> &mut Vec<T> {
        if let Self::Kept(_) = self {
            *self = Self::Parsed((0..).take(self.len()).map(|index| self.get(index)).collect());
        }
        match self {
            Self::Parsed(entries) => entries,
            Self::Kept(_) => unreachable!("what was kept has become entries"),
        }
    }

    /// Adds an entry, and returns its index.
    pub(super) fn push(&mut self, entry: T) -> Index {
        let entries = self.entries();
        entries.push(entry);
        super::index_of(entries.len() - 1)
    }

    /// Adds entries.
    pub(super) fn extend(&mut self, more: &[T]) -> Run {
        let entries = self.entries();
        entries.extend_from_slice(more);
        Run::new(entries.len() - more.len(), more.len())
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self::Parsed(Vec::new())
    }
}

impl<T> From<Vec<T>> for Table<T> {
    fn from(entries: Vec<T>) -> Self {
        Self::Parsed(entries)
    }
}

impl<T: Record> Kept for Table<T> {
    fn write(&self, to: &mut Writer) {
        let mut words = Vec::new();
        for index in (0..).take(self.len()) {
            self.get(index).write(&mut words);
        }
        to.count(words.len());
        words.iter().for_each(|word| word.write(to));
    }

    fn read(from: &mut Reader) -> Option<Self> {
        let count = from.count()?;
        let words = from.raw(count.checked_mul(4)?)?.as_chunks().0;
        (count % T::WORDS == 0).then_some(Self::Kept(words))
    }
}

/// Literals, and what they stand for.
pub(super) enum Strings {
    Parsed(Vec<(Span, Str)>),
    /// Where they are in the text, and in the bytes.
    Kept(Table<(Span, Span)>, &'static [u8]),
}

impl Strings {
    pub(super) fn get(&self, index: Index) -> Str {
        match self {
            Self::Parsed(strings) => strings.get(index as usize).map(|(_, text)| text.clone()).unwrap_or_default(),
            Self::Kept(places, bytes) => Str::from_static(places.get(index).1.of(bytes)),
        }
    }

    /// Where the literal is in the text.
    pub(super) fn literal(&self, index: Index) -> Span {
        match self {
            Self::Parsed(strings) => strings.get(index as usize).map_or(Span::default(), |(span, _)| *span),
            Self::Kept(places, _) => places.get(index).0,
        }
    }

    /// Adds a literal that was parsed.
    pub(super) fn push(&mut self, literal: Span, text: Str) -> Index {
        if let Self::Kept(places, _) = self {
            let kept = (0..).take(places.len()).map(|index| (self.literal(index), self.get(index)));
            *self = Self::Parsed(kept.collect());
        }
        match self {
            Self::Parsed(strings) => {
                strings.push((literal, text));
                super::index_of(strings.len() - 1)
            }
            Self::Kept(..) => unreachable!("what was kept has become entries"),
        }
    }
}

impl Default for Strings {
    fn default() -> Self {
        Self::Parsed(Vec::new())
    }
}

impl Kept for Strings {
    fn write(&self, to: &mut Writer) {
        let mut bytes = Vec::new();
        let count = match self {
            Self::Parsed(strings) => strings.len(),
            Self::Kept(places, _) => places.len(),
        };
        let places = (0..).take(count).map(|index| {
            let start = bytes.len();
            bytes.extend_from_slice(&self.get(index));
            (self.literal(index), Span::new(start, bytes.len()))
        });
        Table::from(places.collect::<Vec<_>>()).write(to);
        to.bytes(&bytes);
    }

    fn read(from: &mut Reader) -> Option<Self> {
        Some(Self::Kept(Table::read(from)?, from.bytes()?))
    }
}

/// The words of a record, if there are as many as it has.
fn array<const N: usize>(words: &[[u8; 4]]) -> [u32; N] {
    match words.first_chunk::<N>() {
        Some(words) => words.map(u32::from_le_bytes),
        None => [0; N],
    }
}

impl Record for Span {
    const WORDS: usize = 2;

    fn write(&self, words: &mut Vec<u32>) {
        words.extend([self.start, self.end]);
    }

    fn read(words: &[[u8; 4]]) -> Self {
        let [start, end] = array(words);
        Self { start, end }
    }
}

impl Record for Id {
    const WORDS: usize = 1;

    fn write(&self, words: &mut Vec<u32>) {
        words.push(self.0);
    }

    fn read(words: &[[u8; 4]]) -> Self {
        let [id] = array(words);
        Self(id)
    }
}

impl<A: Record, B: Record> Record for (A, B) {
    const WORDS: usize = A::WORDS + B::WORDS;

    fn write(&self, words: &mut Vec<u32>) {
        self.0.write(words);
        self.1.write(words);
    }

    fn read(words: &[[u8; 4]]) -> Self {
        let (a, b) = words.split_at_checked(A::WORDS).unwrap_or_default();
        (A::read(a), B::read(b))
    }
}

impl Record for Node {
    const WORDS: usize = 4;

    fn write(&self, words: &mut Vec<u32>) {
        words.extend(match *self {
            Self::Text(span) => [0, span.start, span.end, 0],
            Self::Action(pipe) => [1, pipe, 0, 0],
            Self::If(branch) => [2, branch, 0, 0],
            Self::With(branch) => [3, branch, 0, 0],
            Self::Range(branch) => [4, branch, 0, 0],
            Self::Template { position, name, pipe } => [5, position, name, pipe.unwrap_or(NONE)],
            Self::Break => [6, 0, 0, 0],
            Self::Continue => [7, 0, 0, 0],
        });
    }

    fn read(words: &[[u8; 4]]) -> Self {
        match array::<4>(words) {
            [1, pipe, ..] => Self::Action(pipe),
            [2, branch, ..] => Self::If(branch),
            [3, branch, ..] => Self::With(branch),
            [4, branch, ..] => Self::Range(branch),
            [5, position, name, pipe] => Self::Template { position, name, pipe: (pipe != NONE).then_some(pipe) },
            [6, ..] => Self::Break,
            [7, ..] => Self::Continue,
            [_, start, end, _] => Self::Text(Span { start, end }),
        }
    }
}

impl Default for Node {
    fn default() -> Self {
        Self::Text(Span::default())
    }
}

impl Record for Branch {
    const WORDS: usize = 5;

    fn write(&self, words: &mut Vec<u32>) {
        let (first, count) = self.else_list.map_or((NONE, 0), |list| (list.first, list.count));
        words.extend([self.pipe, self.list.first, self.list.count, first, count]);
    }

    fn read(words: &[[u8; 4]]) -> Self {
        let [pipe, first, count, else_first, else_count] = array(words);
        let else_list = (else_first != NONE).then_some(Run { first: else_first, count: else_count });
        Self { pipe, list: Run { first, count }, else_list }
    }
}

impl Record for Pipe {
    const WORDS: usize = 6;

    fn write(&self, words: &mut Vec<u32>) {
        let shape = u32::from(self.names_count) << 1 | u32::from(self.is_assign);
        words.extend([self.position, shape, self.names[0], self.names[1], self.commands.first, self.commands.count]);
    }

    #[allow(clippy::cast_possible_truncation, reason = "there are two names at most")]
    fn read(words: &[[u8; 4]]) -> Self {
        let [position, shape, a, b, first, count] = array(words);
        Self {
            position,
            is_assign: shape & 1 == 1,
            names: [a, b],
            names_count: (shape >> 1) as u8,
            commands: Run { first, count },
        }
    }
}

impl Record for Command {
    const WORDS: usize = 3;

    fn write(&self, words: &mut Vec<u32>) {
        words.extend([self.position, self.args.first, self.args.count]);
    }

    fn read(words: &[[u8; 4]]) -> Self {
        let [position, first, count] = array(words);
        Self { position, args: Run { first, count } }
    }
}

impl Record for Expr {
    const WORDS: usize = 5;

    fn write(&self, words: &mut Vec<u32>) {
        words.extend(match *self {
            Self::Nil { position } => [0, position, 0, 0, 0],
            Self::Dot { position } => [1, position, 0, 0, 0],
            Self::Bool { position, value } => [2, position, u32::from(value), 0, 0],
            Self::Number { position, number } => [3, position, number, 0, 0],
            Self::String { position, string } => [4, position, string, 0, 0],
            Self::Field { position, idents } => [5, position, 0, idents.first, idents.count],
            Self::Variable { position, name, idents } => [6, position, name, idents.first, idents.count],
            Self::Function { position, function } => [7, position, function, 0, 0],
            Self::Chain { position, node, idents } => [8, position, node, idents.first, idents.count],
            Self::Pipe(pipe) => [9, 0, pipe, 0, 0],
        });
    }

    fn read(words: &[[u8; 4]]) -> Self {
        let [kind, position, index, first, count] = array(words);
        let idents = Run { first, count };
        match kind {
            1 => Self::Dot { position },
            2 => Self::Bool { position, value: index != 0 },
            3 => Self::Number { position, number: index },
            4 => Self::String { position, string: index },
            5 => Self::Field { position, idents },
            6 => Self::Variable { position, name: index, idents },
            7 => Self::Function { position, function: index },
            8 => Self::Chain { position, node: index, idents },
            9 => Self::Pipe(index),
            _ => Self::Nil { position },
        }
    }
}

impl Default for Expr {
    fn default() -> Self {
        Self::Nil { position: 0 }
    }
}

/// What a number can be, as bits.
const IS_INT: u32 = 1;
const IS_UINT: u32 = 2;
const IS_FLOAT: u32 = 4;
const IS_COMPLEX: u32 = 8;
const PREFERS_FLOAT: u32 = 16;

impl Record for Number {
    const WORDS: usize = 11;

    #[allow(clippy::cast_possible_truncation, reason = "a number is cut in two")]
    fn write(&self, words: &mut Vec<u32>) {
        let complex = self.complex.unwrap_or(Complex { real: 0.0, imaginary: 0.0 });
        let flags = [
            (self.int.is_some(), IS_INT),
            (self.uint.is_some(), IS_UINT),
            (self.float.is_some(), IS_FLOAT),
            (self.complex.is_some(), IS_COMPLEX),
            (self.prefers_float, PREFERS_FLOAT),
        ];
        words.push(flags.iter().filter(|(is, _)| *is).map(|(_, flag)| flag).sum());
        let numbers = [
            self.int.unwrap_or_default().cast_unsigned(),
            self.uint.unwrap_or_default(),
            self.float.unwrap_or_default().to_bits(),
            complex.real.to_bits(),
            complex.imaginary.to_bits(),
        ];
        words.extend(numbers.into_iter().flat_map(|number| [number as u32, (number >> 32) as u32]));
    }

    fn read(words: &[[u8; 4]]) -> Self {
        let [flags, a, b, c, d, e, f, g, h, i, j] = array(words);
        let number = |low, high| u64::from(low) | u64::from(high) << 32;
        let float = |low, high| f64::from_bits(number(low, high));
        Self {
            int: (flags & IS_INT != 0).then(|| number(a, b).cast_signed()),
            uint: (flags & IS_UINT != 0).then(|| number(c, d)),
            float: (flags & IS_FLOAT != 0).then(|| float(e, f)),
            complex: (flags & IS_COMPLEX != 0).then(|| Complex { real: float(g, h), imaginary: float(i, j) }),
            prefers_float: flags & PREFERS_FLOAT != 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_can_be_added_to() {
        let mut table = Table::from(vec![Span::new(1, 2), Span::new(3, 4)]);
        let mut strings = Strings::default();
        strings.push(Span::new(0, 3), "a".into());
        let bytes: &'static [u8] = Writer::bytes_of(&Both(table, strings)).unwrap().leak();
        let Both(mut back, mut texts) = Reader::only(bytes).unwrap();
        table = Table::from(vec![Span::new(1, 2), Span::new(3, 4)]);
        assert_eq!((back.push(Span::new(5, 6)), table.push(Span::new(5, 6))), (2, 2));
        assert_eq!(back.entries(), table.entries());
        assert_eq!(texts.push(Span::new(7, 9), "b".into()), 1);
        assert_eq!((texts.get(0), texts.literal(0)), ("a".into(), Span::new(0, 3)));
        assert_eq!((texts.get(1), texts.literal(1)), ("b".into(), Span::new(7, 9)));
    }

    struct Both(Table<Span>, Strings);

    impl Kept for Both {
        fn write(&self, to: &mut Writer) {
            self.0.write(to);
            self.1.write(to);
        }

        fn read(from: &mut Reader) -> Option<Self> {
            Some(Self(Table::read(from)?, Strings::read(from)?))
        }
    }

    #[test]
    fn what_is_not_there_is_empty() {
        let table = Table::<Expr>::Kept(&[[0; 4]; 4]);
        assert!(matches!(table.get(0), Expr::Nil { .. }), "less than an entry");
        assert!(matches!(Table::<Node>::default().get(NONE), Node::Text(_)));
        assert_eq!(Strings::Kept(Table::from(vec![(Span::new(0, 1), Span::new(3, 9))]), b"abc").get(0), "");
    }
}

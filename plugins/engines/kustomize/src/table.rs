//! Tables that are compiled in. A build in a sandbox starts from nothing every time, so what can be known about a table before
//! is found out while compiling: where its lines begin.

use std::cmp::Ordering;

/// The lines of a text, without empty ones and those that start with `#`.
pub(crate) struct Table<const LINES: usize> {
    text: &'static str,
    separator: &'static str,
    spans: [Span; LINES],
}

/// Where a line is in the text.
#[derive(Clone, Copy)]
struct Span {
    start: usize,
    /// Where the separator starts, or the end of the line.
    key_end: usize,
    end: usize,
}

/// What of a text is between two places.
pub(crate) const fn part(text: &'static str, start: usize, end: usize) -> &'static str {
    text.split_at(end).0.split_at(start).1
}

/// Where a byte is, from some place on; the end of the text if it is not there.
pub(crate) const fn find(text: &str, from: usize, byte: u8) -> usize {
    let mut at = from;
    while at < text.len() && text.as_bytes()[at] != byte {
        at += 1;
    }
    at
}

/// What of a list is between two places.
pub(crate) const fn slice<T>(list: &'static [T], start: usize, end: usize) -> &'static [T] {
    list.split_at(end).0.split_at(start).1
}

/// How many lines a [`Table`] of the text has.
pub(crate) const fn count(text: &str) -> usize {
    let mut count = 0;
    let mut start = 0;
    while start < text.len() {
        let end = line_end(text, start);
        if is_entry(text, start, end) {
            count += 1;
        }
        start = end + 1;
    }
    count
}

const fn line_end(text: &str, start: usize) -> usize {
    find(text, start, b'\n')
}

const fn is_entry(text: &str, start: usize, end: usize) -> bool {
    start < end && text.as_bytes()[start] != b'#'
}

const fn key_end(text: &str, start: usize, end: usize, separator: &str) -> usize {
    let mut at = start;
    while at < end {
        if is_at(text, at, separator) {
            return at;
        }
        at += 1;
    }
    end
}

pub(crate) const fn is_at(text: &str, at: usize, part: &str) -> bool {
    let mut i = 0;
    while i < part.len() {
        if at + i >= text.len() || text.as_bytes()[at + i] != part.as_bytes()[i] {
            return false;
        }
        i += 1;
    }
    true
}

impl<const LINES: usize> Table<LINES> {
    /// A table of lines that consist of a key, the separator and a value.
    pub(crate) const fn new(text: &'static str, separator: &'static str) -> Self {
        let mut spans = [Span { start: 0, key_end: 0, end: 0 }; LINES];
        let (mut line, mut start) = (0, 0);
        while start < text.len() {
            let end = line_end(text, start);
            if is_entry(text, start, end) {
                spans[line] = Span { start, key_end: key_end(text, start, end, separator), end };
                line += 1;
            }
            start = end + 1;
        }
        Table { text, separator, spans }
    }

    pub(crate) const fn line(&self, number: usize) -> &'static str {
        let Span { start, end, .. } = self.spans[number];
        part(self.text, start, end)
    }

    /// The key of a line; of one without a separator the whole.
    pub(crate) const fn key(&self, number: usize) -> &'static str {
        let Span { start, key_end, .. } = self.spans[number];
        part(self.text, start, key_end)
    }

    /// Where a value starts and ends.
    const fn value(&self, line: usize) -> (usize, usize) {
        let Span { key_end, end, .. } = self.spans[line];
        if key_end == end { (end, end) } else { (key_end + self.separator.len(), end) }
    }

    pub(crate) fn lines(&self) -> impl DoubleEndedIterator<Item = &'static str> {
        self.spans.iter().map(|span| &self.text[span.start..span.end])
    }

    /// The value of a key, in a table that is sorted by key. The key is known by how another compares with it, so that
    /// nobody has to put it together for this.
    pub(crate) fn get(&self, compare: impl Fn(&str) -> Ordering) -> Option<&'static str> {
        self.get_among(LINES, compare)
    }

    /// As [`get`](Self::get), where only so many lines at the start of the table are sorted by key.
    pub(crate) fn get_among(&self, first: usize, compare: impl Fn(&str) -> Ordering) -> Option<&'static str> {
        let spans = &self.spans[..first];
        let found = spans.binary_search_by(|span| compare(&self.text[span.start..span.key_end])).ok()?;
        let Span { key_end, end, .. } = spans[found];
        self.text[..end].get(key_end + self.separator.len()..)
    }
}

/// The words of all values of a [`Table`], with a space between them.
pub(crate) struct Words<const LINES: usize, const WORDS: usize> {
    text: &'static str,
    spans: [(usize, usize); WORDS],
    /// The number of the word that comes after a line's last one.
    ends: [usize; LINES],
}

/// How many [`Words`] a table has.
pub(crate) const fn count_words<const LINES: usize>(table: &Table<LINES>) -> usize {
    let (mut count, mut line) = (0, 0);
    while line < LINES {
        let (mut start, end) = table.value(line);
        while start < end {
            count += 1;
            start = word_end(table.text, start, end) + 1;
        }
        line += 1;
    }
    count
}

const fn word_end(text: &str, start: usize, end: usize) -> usize {
    let mut at = start;
    while at < end && text.as_bytes()[at] != b' ' {
        at += 1;
    }
    at
}

impl<const LINES: usize, const WORDS: usize> Words<LINES, WORDS> {
    pub(crate) const fn new(table: &Table<LINES>) -> Self {
        let (mut spans, mut ends) = ([(0, 0); WORDS], [0; LINES]);
        let (mut word, mut line) = (0, 0);
        while line < LINES {
            let (mut start, end) = table.value(line);
            while start < end {
                spans[word] = (start, word_end(table.text, start, end));
                start = spans[word].1 + 1;
                word += 1;
            }
            ends[line] = word;
            line += 1;
        }
        Words { text: table.text, spans, ends }
    }

    pub(crate) const fn word(&self, number: usize) -> &'static str {
        let (start, end) = self.spans[number];
        part(self.text, start, end)
    }

    /// The number of the word that comes after a line's last one.
    pub(crate) const fn end(&self, line: usize) -> usize {
        self.ends[line]
    }
}

/// How a text compares with parts that are joined by `/`, without joining them.
pub(crate) fn compare_joined(text: &str, parts: &[&str]) -> Ordering {
    let mut rest = text.as_bytes();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            match rest.split_first() {
                None => return Ordering::Less,
                Some((b'/', after)) => rest = after,
                Some((byte, _)) => return byte.cmp(&b'/'),
            }
        }
        // A shorter text is at most the start of the part, and comes before it.
        let Some((head, after)) = rest.split_at_checked(part.len()) else { return rest.cmp(part.as_bytes()) };
        match head.cmp(part.as_bytes()) {
            Ordering::Equal => rest = after,
            unequal => return unequal,
        }
    }
    if rest.is_empty() { Ordering::Equal } else { Ordering::Greater }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# comment\na: 1\n\nb/c: 2 3\nd: \n#\ne: 4\nf";
    static TABLE: Table<{ count(TEXT) }> = Table::new(TEXT, ": ");

    #[test]
    fn lines_are_found_by_key() {
        assert_eq!(TABLE.lines().collect::<Vec<_>>(), ["a: 1", "b/c: 2 3", "d: ", "e: 4", "f"]);
        let found = ["a", "b/c", "d", "e", "f", "", "b", "g"].map(|key| TABLE.get(|other| other.cmp(key)));
        assert_eq!(found, [Some("1"), Some("2 3"), Some(""), Some("4"), None, None, None, None]);
        assert_eq!(TABLE.get_among(2, |other| other.cmp("a")), Some("1"));
        assert_eq!(TABLE.get_among(2, |other| other.cmp("e")), None);
    }

    #[test]
    fn words_are_known_by_line() {
        static WORDS: Words<{ count(TEXT) }, { count_words(&TABLE) }> = Words::new(&TABLE);
        assert_eq!([0, 1, 2, 3].map(|word| WORDS.word(word)), ["1", "2", "3", "4"]);
        assert_eq!([0, 1, 2, 3, 4].map(|line| WORDS.end(line)), [1, 3, 3, 4, 4]);
        assert_eq!([0, 1, 2, 3, 4].map(|line| TABLE.key(line)), ["a", "b/c", "d", "e", "f"]);
    }

    #[test]
    fn parts_compare_as_if_joined() {
        let texts =
            ["", "a", "a.b", "a/", "a/b", "a/b/", "a/b/c", "a/bc", "a0", "b", "b/a", "/", "/b", "a.b/c", "a-/b"];
        let parts: [&[&str]; 8] =
            [&["a"], &["a", "b"], &["a", "b", "c"], &["", "b"], &["a.b", "c"], &["a", ""], &["a-", "b"], &["ab", "c"]];
        for parts in parts {
            for text in texts {
                assert_eq!(compare_joined(text, parts), text.cmp(&parts.join("/")), "{text} and {parts:?}");
            }
        }
    }
}

//! Tables that are compiled in. A build in a sandbox starts from nothing every time, so what can be known about a table before
//! is found out while compiling: where its lines begin.

/// The lines of a text, without empty ones and those that start with `#`.
pub(crate) struct Table<const LINES: usize> {
    text: &'static str,
    /// Where each line begins and ends.
    spans: [(usize, usize); LINES],
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
    let mut end = start;
    while end < text.len() && text.as_bytes()[end] != b'\n' {
        end += 1;
    }
    end
}

const fn is_entry(text: &str, start: usize, end: usize) -> bool {
    start < end && text.as_bytes()[start] != b'#'
}

impl<const LINES: usize> Table<LINES> {
    pub(crate) const fn new(text: &'static str) -> Self {
        let mut spans = [(0, 0); LINES];
        let (mut line, mut start) = (0, 0);
        while start < text.len() {
            let end = line_end(text, start);
            if is_entry(text, start, end) {
                spans[line] = (start, end);
                line += 1;
            }
            start = end + 1;
        }
        Table { text, spans }
    }

    pub(crate) fn lines(&self) -> impl DoubleEndedIterator<Item = &'static str> {
        self.spans.iter().map(|(start, end)| &self.text[*start..*end])
    }

    /// How many lines at the start of the table are as wanted, where all such lines are at the start.
    pub(crate) fn partition_point(&self, is_wanted: impl Fn(&str) -> bool) -> usize {
        self.spans.partition_point(|(start, end)| is_wanted(&self.text[*start..*end]))
    }

    /// What follows a key and a separator on the line that starts with them, in a table that is sorted by key.
    pub(crate) fn get(&self, key: &str, separator: &str) -> Option<&'static str> {
        self.get_among(LINES, key, separator)
    }

    /// As [`get`](Self::get), where only so many lines at the start of the table are sorted by key.
    pub(crate) fn get_among(&self, first: usize, key: &str, separator: &str) -> Option<&'static str> {
        let spans = &self.spans[..first];
        let found = spans.binary_search_by(|(start, end)| {
            let line = &self.text[*start..*end];
            line.split_once(separator).map_or(line, |(name, _)| name).cmp(key)
        });
        let (start, end) = spans[found.ok()?];
        self.text[start..end].split_once(separator).map(|(_, rest)| rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# comment\na: 1\n\nb/c: 2 3\nd: \n#\ne: 4";
    static TABLE: Table<{ count(TEXT) }> = Table::new(TEXT);

    #[test]
    fn lines_are_found_by_key() {
        assert_eq!(TABLE.lines().collect::<Vec<_>>(), ["a: 1", "b/c: 2 3", "d: ", "e: 4"]);
        let found = ["a", "b/c", "d", "e", "", "b", "f"].map(|key| TABLE.get(key, ": "));
        assert_eq!(found, [Some("1"), Some("2 3"), Some(""), Some("4"), None, None, None]);
        assert_eq!(TABLE.partition_point(|line| line < "d"), 2);
        assert_eq!((TABLE.get_among(2, "a", ": "), TABLE.get_among(2, "e", ": ")), (Some("1"), None));
    }
}

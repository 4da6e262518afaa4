//! Literal blocks.

use std::borrow::Cow;

use super::Lines;
use super::make::Make;
use crate::node::Style;

impl<M: Make> Lines<'_, M> {
    /// `|`, with or without `-` or `+`, and lines of text.
    pub(super) fn literal(&mut self, parent: isize) -> Option<M::Node> {
        self.at += 1;
        let chomping = self.byte(0);
        if matches!(chomping, b'-' | b'+') {
            self.at += 1;
        }
        let header = self.at;
        self.skip_spaces();
        if !(self.byte(0) == b'\n' || self.byte(0) == b'#' && self.at > header) {
            return None;
        }
        self.skip_line();
        let indent = self.literal_indent(parent)?;
        let mut text = String::new();
        let breaks = self.literal_lines(indent, &mut text)?;
        let kept = match chomping {
            b'-' => 0,
            b'+' => breaks,
            _ => breaks.min(1),
        };
        text.extend(std::iter::repeat_n('\n', kept));
        self.next_line()?;
        if self.column <= parent { M::scalar(Cow::Owned(text), Style::Literal) } else { None }
    }

    /// The indentation of the first line that is not empty.
    fn literal_indent(&self, parent: isize) -> Option<usize> {
        let (mut start, mut widest) = (self.at, 0);
        loop {
            let rest = &self.bytes[start..];
            let spaces = rest.iter().position(|byte| *byte != b' ')?;
            widest = widest.max(spaces);
            if rest[spaces] != b'\n' {
                let is_certain = rest[spaces] != b'\t' && widest == spaces && spaces as isize > parent.max(0);
                return is_certain.then_some(spaces);
            }
            start += spaces + 1;
        }
    }

    /// Takes lines of text and gives the number of line breaks at the end.
    fn literal_lines(&mut self, indent: usize, text: &mut String) -> Option<usize> {
        let mut breaks = 0;
        while !self.is_end() {
            let rest = &self.bytes[self.at..];
            let spaces = rest.iter().take(indent).position(|byte| *byte != b' ').unwrap_or(indent.min(rest.len()));
            match rest.get(spaces) {
                // Spaces and no line break.
                None => return None,
                Some(b'\n') => {
                    breaks += 1;
                    self.at += spaces + 1;
                }
                Some(b'\t') if spaces < indent => return None,
                Some(_) if spaces < indent => break,
                Some(_) => {
                    let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
                    text.extend(std::iter::repeat_n('\n', breaks));
                    text.push_str(&self.text[self.at + indent..self.at + length]);
                    breaks = usize::from(length < rest.len());
                    self.at += length + breaks;
                }
            }
        }
        Some(breaks)
    }
}

//! Flags, width and precision of one directive, and padding with them.

use super::Printer;
use weir_goquote::first_char;

/// Flags, width and precision of one directive.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flags {
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
    pub(super) minus: bool,
    pub(super) plus: bool,
    pub(super) sharp: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    /// `%+v`
    pub(super) plus_v: bool,
    /// `%#v`
    pub(super) sharp_v: bool,
}

/// How many characters a text has; a byte that is not UTF-8 counts as one.
fn count_chars(text: &[u8]) -> usize {
    match std::str::from_utf8(text) {
        Ok(text) => text.chars().count(),
        Err(_) => chars(text).count(),
    }
}

/// The lengths of the characters of a text.
fn chars(mut text: &[u8]) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let (_, length) = first_char(text);
        text = text.get(length..)?;
        (length > 0).then_some(length)
    })
}

impl Printer<'_> {
    pub(super) fn write_padding(&mut self, count: usize) {
        let byte = if self.flags.zero && !self.flags.minus { b'0' } else { b' ' };
        self.out.resize(self.out.len() + count, byte);
    }

    /// Writes a text, filled up to the width on the side that the flags say.
    pub(super) fn pad(&mut self, text: &[u8]) {
        let Some(width) = self.flags.width.filter(|width| *width > 0) else {
            self.out.extend_from_slice(text);
            return;
        };
        let padding = width.saturating_sub(count_chars(text));
        if self.flags.minus {
            self.out.extend_from_slice(text);
            self.write_padding(padding);
        } else {
            self.write_padding(padding);
            self.out.extend_from_slice(text);
        }
    }

    /// Pads with spaces even if zeros are asked for.
    pub(super) fn pad_with_spaces(&mut self, text: &[u8]) {
        let zero = std::mem::replace(&mut self.flags.zero, false);
        self.pad(text);
        self.flags.zero = zero;
    }

    /// The first characters of a text, as many as the precision says.
    pub(super) fn truncate<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        match self.flags.precision {
            Some(precision) => &text[..chars(text).take(precision).sum()],
            None => text,
        }
    }
}

//! Reading with comments: a reader that is asked for them notes at each node what belongs to it.

use super::comments::{Begun, Pending, Queue};
use super::token::{Placed, Token};
use super::{Reader, empty};
use crate::comments::{Comments, DocumentComments};
use crate::{Error, Node, Rules};

/// As [`parse_first`], with the comments of the document.
///
/// # Errors
/// As [`parse_documents`].
pub fn parse_first_commented(text: &str) -> Result<Option<(Node, DocumentComments)>, Error> {
    let mut reader = Reader::new(text, Rules::Yaml12)?;
    reader.scanner.comments = Some(Queue::default());
    reader.pending = Some(Pending::default());
    let Some(node) = reader.document()? else { return Ok(None) };
    let comments = reader.pending.map(Pending::finish).unwrap_or_default();
    Ok(Some((node, comments)))
}

impl Reader<'_> {
    #[inline]
    pub(super) fn peek(&mut self) -> Result<&Placed, Error> {
        self.unfold()?;
        self.scanner.peek()
    }

    #[inline]
    pub(super) fn take(&mut self) -> Result<Placed, Error> {
        self.unfold()?;
        self.scanner.take()
    }

    #[inline]
    fn unfold(&mut self) -> Result<(), Error> {
        match &mut self.pending {
            Some(pending) => self.scanner.unfold_into(pending),
            None => Ok(()),
        }
    }

    /// Notes something, where comments are wanted.
    #[inline]
    pub(super) fn tell(&mut self, note: impl FnOnce(&mut Pending)) {
        if let Some(pending) = &mut self.pending {
            note(pending);
        }
    }

    /// Something that is not written, and has no comments.
    pub(super) fn nothing(&mut self) -> Node {
        self.tell(|pending| pending.done.push(Comments::default()));
        empty()
    }

    /// A scalar or an alias has all comments that are pending.
    #[inline]
    pub(super) fn note_leaf(&mut self) {
        self.tell(Pending::note_leaf);
    }

    /// What a node that may be a collection begins with, where comments are wanted.
    #[inline]
    pub(super) fn begin_collection(&mut self) -> Result<Option<Box<Begun>>, Error> {
        if self.pending.is_none() {
            return Ok(None);
        }
        let token = &self.peek()?.token;
        let is_block = matches!(token, Token::BlockSequenceStart | Token::BlockMappingStart);
        let is_flow = matches!(token, Token::FlowSequenceStart | Token::FlowMappingStart);
        Ok(self.pending.as_mut().map(|pending| pending.begin_collection(is_block, is_flow)))
    }

    /// What stands before an item of a list, in bytes.
    #[inline]
    pub(super) fn stem_length(&mut self) -> Result<usize, Error> {
        if self.pending.is_none() {
            return Ok(0);
        }
        self.peek()?;
        Ok(self.pending.as_ref().map_or(0, Pending::head_length))
    }

    #[inline]
    pub(super) fn split_stem(&mut self, length: usize) -> Result<(), Error> {
        if length > 0 && self.next_is(&[Token::BlockSequenceStart, Token::BlockMappingStart])? {
            self.tell(|pending| pending.split_stem(length));
        }
        Ok(())
    }
}

//! Which comment belongs to which node, by the rules of Go's newer port: comments wait in a queue with the place of the
//! token that they belong to, and the parser takes them as it comes by.

use std::collections::VecDeque;

use super::cursor::{Cursor, MAX_BLANKS, Mark};
use super::token::{Placed, Token};
use crate::comments::{Comments, DocumentComments};
use crate::{Kind, Style};

/// A comment that was read. Columns of starts and ends count from 1, as in the port.
#[derive(Debug, Default)]
struct Found {
    /// Where the search for it began.
    scan: Mark,
    /// The place of the token that it belongs to.
    token: Mark,
    start: Mark,
    end: Mark,
    head: String,
    line: String,
    foot: String,
}

/// The comments that were read and not yet taken.
#[derive(Debug, Default)]
pub(super) struct Queue(VecDeque<Found>);

/// What a scanner knows where it looks for comments.
pub(super) struct Around<'t> {
    pub(super) tokens: &'t VecDeque<Placed>,
    pub(super) indent: isize,
    pub(super) flow_level: usize,
}

fn index(position: Mark, ahead: usize, line: usize, column: usize) -> Mark {
    Mark { index: position.index + ahead, line, column }
}

/// What follows in the text, as the port tells it.
fn is_break_or_end(cursor: &Cursor<'_>, ahead: usize) -> bool {
    cursor.at(ahead) == 0 || cursor.is_break(ahead)
}

impl Queue {
    /// Reads a comment behind a token, on the same line.
    pub(super) fn scan_line(&mut self, cursor: &mut Cursor<'_>, token: Mark) {
        if !cursor.is_before_comment() {
            return;
        }
        cursor.skip_blanks();
        let (start, mut line) = (cursor.mark, String::new());
        cursor.read_line(&mut line);
        self.0.push_back(Found { token, start, line, ..Found::default() });
    }

    /// Takes the comments at the cursor.
    #[cold]
    pub(super) fn scan_before_token(&mut self, cursor: &mut Cursor<'_>, around: &Around<'_>, start: Mark) {
        self.lift_line(cursor, around.tokens);
        if cursor.is(b'#') {
            self.scan_between(cursor, around, start);
        }
    }

    /// A comment behind the `-` of a list of lists stands before what follows.
    fn lift_line(&mut self, cursor: &Cursor<'_>, tokens: &VecDeque<Placed>) {
        let Some(last) = self.0.back_mut().filter(|last| !last.line.is_empty()) else { return };
        let [.., first, second] = &tokens.iter().map(|placed| &placed.token).collect::<Vec<_>>()[..] else { return };
        if **first == Token::BlockSequenceStart && **second == Token::BlockEntry && !cursor.is_break(0) {
            last.head = std::mem::take(&mut last.line);
            if last.start.line + 1 == cursor.mark.line {
                last.token = cursor.mark;
            }
        }
    }

    /// Reads the comments between two tokens, and tells those that follow the first from those that precede the second.
    fn scan_between(&mut self, cursor: &mut Cursor<'_>, around: &Around<'_>, mut scan: Mark) {
        let mut last = around.tokens.back();
        if last.is_some_and(|placed| placed.token == Token::FlowEntry) && around.tokens.len() > 1 {
            last = around.tokens.get(around.tokens.len() - 2);
        }
        let is_value = last.is_some_and(|placed| placed.token == Token::Value);
        let mut token = last.map_or(Mark::default(), |placed| placed.mark);
        let indent = usize::try_from(around.indent).unwrap_or(0);
        let breaks = cursor.breaks_before();
        let mut start = Mark::default();
        let (mut after_empty, mut no_empty_yet) = (false, breaks <= 1);
        let (mut line, mut column) = (cursor.mark.line, cursor.mark.column);
        let mut text = String::new();
        // A comment that starts here still follows what was before.
        let foot_line = (scan.line > 0).then(|| {
            let beyond = usize::from(breaks == 0 && cursor.mark.column > 1);
            (cursor.mark.line + 1 + beyond).saturating_sub(breaks)
        });
        let mut ahead = 0;
        while ahead < MAX_BLANKS {
            column += 1;
            if cursor.is_blank(ahead) {
                ahead += 1;
                continue;
            }
            let closes = around.flow_level > 0 && matches!(cursor.at(ahead), b']' | b'}');
            if closes || is_break_or_end(cursor, ahead) {
                if closes || !after_empty {
                    let is_dedented = start.column <= indent;
                    let follows = no_empty_yet && (Some(start.line) == foot_line && !is_value || is_dedented);
                    if closes || follows {
                        if !text.is_empty() {
                            let token_mark = if is_dedented { start } else { token };
                            let end = index(cursor.mark, ahead, line, column);
                            let foot = std::mem::take(&mut text);
                            self.0.push_back(Found { scan, token: token_mark, start, end, foot, ..Found::default() });
                            scan = end;
                            token = end;
                        }
                    } else if !text.is_empty() && cursor.at(ahead) != 0 {
                        text.push('\n');
                    }
                }
                if !cursor.is_break(ahead) {
                    break;
                }
                no_empty_yet = false;
                after_empty = true;
                column = 0;
                line += 1;
                ahead += 1;
                continue;
            }
            if !text.is_empty() && (closes || column - 1 < indent && column != start.column) {
                let end = index(cursor.mark, ahead, line, column);
                let foot = std::mem::take(&mut text);
                self.0.push_back(Found { scan, token, start, end, foot, ..Found::default() });
                scan = end;
                token = end;
            }
            if cursor.at(ahead) != b'#' {
                break;
            }
            if text.is_empty() {
                start = index(cursor.mark, ahead, line, column);
            } else {
                text.push('\n');
            }
            after_empty = false;
            cursor.skip_to(b'#');
            cursor.read_line(&mut text);
            // The break that ends the comment is passed over.
            ahead = 1;
            column = 0;
            line = cursor.mark.line;
        }
        if !text.is_empty() {
            let end = index(cursor.mark, ahead.saturating_sub(1), line, column);
            self.0.push_back(Found { scan, token: start, start, end, head: text, ..Found::default() });
        }
    }

    /// Where a block ends whose items are at `indent`: before comments that stand further out.
    pub(super) fn end_of_block(&self, block: Mark, indent: isize) -> Mark {
        let mut end = block;
        let mut stop = block.index;
        for found in self.0.iter().rev() {
            if found.end.index < stop {
                break;
            }
            if isize::try_from(found.start.column).is_ok_and(|column| column == indent + 1) {
                end = found.start;
            }
            stop = found.scan.index;
        }
        end
    }
}

/// Comments on their way to a node.
#[derive(Debug, Default)]
pub(super) struct Pending {
    head: String,
    line: String,
    foot: String,
    /// Of the collection that an item of a list is.
    stem: String,
    /// Finished nodes whose parent is not.
    pub(super) done: Vec<Comments>,
    /// What stands at the end of a collection.
    end: Comments,
    document: DocumentComments,
}

/// A collection that is being read: what stands before it, and how many nodes were done when it began.
#[derive(Debug)]
pub(super) struct Begun {
    first: usize,
    own: Comments,
}

fn join(text: &mut String, more: String) {
    if more.is_empty() {
        return;
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(&more);
}

impl Pending {
    /// Takes what belongs to a token or stands before it.
    pub(super) fn unfold(&mut self, queue: &mut Queue, token: &Placed) {
        while let Some(found) = queue.0.front().filter(|found| token.mark.index >= found.token.index) {
            if !found.head.is_empty() && token.token == Token::BlockEnd {
                // Nothing stands before an end.
                break;
            }
            let Some(Found { head, line, foot, .. }) = queue.0.pop_front() else { break };
            join(&mut self.head, head);
            join(&mut self.foot, foot);
            join(&mut self.line, line);
        }
    }

    /// All that is pending becomes that of one node.
    pub(super) fn take(&mut self) -> Comments {
        self.stem.clear();
        let [head, line, foot] = [&mut self.head, &mut self.line, &mut self.foot].map(std::mem::take);
        Comments { head, line, foot, parts: Vec::new() }
    }

    #[cold]
    pub(super) fn note_leaf(&mut self) {
        let own = self.take();
        self.done.push(own);
    }

    pub(super) fn head_length(&self) -> usize {
        self.head.len()
    }

    /// What stood before the `-` of an item is that of the collection in it, where one follows.
    pub(super) fn split_stem(&mut self, length: usize) {
        if length > 0 {
            let rest = self.head.get(length + 1..).unwrap_or_default().to_owned();
            self.head.truncate(length);
            self.stem = std::mem::replace(&mut self.head, rest);
        }
    }

    /// A collection begins.
    #[cold]
    pub(super) fn begin_collection(&mut self, is_block: bool, is_flow: bool) -> Box<Begun> {
        let own = match (is_block, is_flow) {
            (true, _) => Comments { head: std::mem::take(&mut self.stem), ..Comments::default() },
            (_, true) => self.take(),
            _ => Comments::default(),
        };
        Box::new(Begun { first: self.done.len(), own })
    }

    /// What is pending at the end of a collection belongs to it.
    pub(super) fn note_end(&mut self) {
        self.end = self.take();
    }

    #[cold]
    pub(super) fn end_collection(&mut self, begun: Begun, kind: &Kind, style: Style) {
        let Begun { first, mut own } = begun;
        own.parts = self.done.split_off(first);
        let end = std::mem::take(&mut self.end);
        (own.line, own.foot) = (end.line, end.foot);
        if matches!(kind, Kind::Mapping(_)) {
            own.settle_pairs(style != Style::Flow);
        }
        self.done.push(own);
    }

    /// The last two nodes are a mapping of one field.
    pub(super) fn join_pair(&mut self) {
        let parts = self.done.split_off(self.done.len().saturating_sub(2));
        self.done.push(Comments { parts, ..Comments::default() });
    }

    pub(super) fn begin_document(&mut self) {
        self.document.head = self.take_document_head();
    }

    pub(super) fn end_document(&mut self) {
        let Comments { head, foot, .. } = self.take();
        self.document.foot = if foot.is_empty() { head } else { foot };
    }

    pub(super) fn finish(mut self) -> DocumentComments {
        DocumentComments { root: self.done.pop().unwrap_or_default(), ..self.document }
    }

    /// The part of what stands before the root that is the document's own: up to the last empty line.
    fn take_document_head(&mut self) -> String {
        let own = match self.head.strip_suffix('\n') {
            Some(own) if !own.is_empty() => Some((own.len(), self.head.len())),
            _ => self.head.rfind("\n\n").filter(|at| *at > 0).map(|at| (at, at + 2)),
        };
        let Some((end, rest)) = own else { return String::new() };
        let rest = self.head[rest..].to_owned();
        self.head.truncate(end);
        std::mem::replace(&mut self.head, rest)
    }
}

#[cfg(test)]
mod tests;

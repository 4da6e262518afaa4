//! From characters to tokens, as libyaml does it and Go's parsers after it: a key is known as one only when its `:` is
//! found, so tokens wait in a queue.

use std::collections::VecDeque;

use super::comments::{Around, Pending, Queue};
use super::cursor::{Cursor, Mark};
use super::token::{Placed, Token};
use crate::{Error, Rules, Style};

/// A key without `?` stands on one line and is not longer than this.
const MAX_KEY_LENGTH: usize = 1024;
/// So many tokens are known before the first of them is used; an error in one of them comes before one of the grammar. The
/// newer port looks for comments among them, the older one has none.
const LOOKAHEAD: usize = 3;
const OLD_LOOKAHEAD: usize = 1;

pub(super) struct Scanner<'a> {
    pub(super) cursor: Cursor<'a>,
    rules: Rules,
    tokens: VecDeque<Placed>,
    /// Tokens that were taken.
    taken: usize,
    /// The column of the block collection at hand; -1 outside of any.
    pub(super) indent: isize,
    indents: Vec<isize>,
    pub(super) flow_level: usize,
    pub(super) key_allowed: bool,
    /// A possible key for every level of flow collections.
    keys: Vec<PossibleKey>,
    /// Where comments are wanted.
    pub(super) comments: Option<Queue>,
}

#[derive(Clone, Copy, Default)]
struct PossibleKey {
    is_possible: bool,
    /// Whether what comes next waits for it, should it be its first token.
    is_awaited: bool,
    /// Whether nothing else can be here.
    is_required: bool,
    /// The number of its first token.
    token: usize,
    mark: Mark,
}

impl<'a> Scanner<'a> {
    /// # Errors
    /// The text has characters that YAML does not allow.
    pub(super) fn new(text: &'a str, rules: Rules) -> Result<Scanner<'a>, Error> {
        Ok(Scanner {
            cursor: Cursor::new(text)?,
            rules,
            tokens: VecDeque::new(),
            taken: 0,
            indent: -1,
            indents: Vec::new(),
            flow_level: 0,
            key_allowed: true,
            keys: vec![PossibleKey::default()],
            comments: None,
        })
    }

    pub(super) fn rules(&self) -> Rules {
        self.rules
    }

    /// The next token, which stays.
    pub(super) fn peek(&mut self) -> Result<&Placed, Error> {
        let lookahead = match self.rules {
            Rules::Yaml11 => OLD_LOOKAHEAD,
            Rules::Yaml12 => LOOKAHEAD,
        };
        while self.tokens.len() < lookahead || self.is_head_undecided()? {
            self.fetch()?;
        }
        Ok(&self.tokens[0])
    }

    /// Takes the next token.
    pub(super) fn take(&mut self) -> Result<Placed, Error> {
        self.peek()?;
        self.taken += 1;
        Ok(self.tokens.pop_front().expect("a token was seen"))
    }

    /// Takes the comments that belong to the next token or stand before it.
    #[cold]
    pub(super) fn unfold_into(&mut self, pending: &mut Pending) -> Result<(), Error> {
        self.peek()?;
        if let Some(queue) = &mut self.comments {
            pending.unfold(queue, &self.tokens[0]);
        }
        Ok(())
    }

    /// Whether the next token may turn out to start a key.
    fn is_head_undecided(&mut self) -> Result<bool, Error> {
        let taken = self.taken;
        match self.keys.iter().position(|key| key.is_possible && key.is_awaited && key.token == taken) {
            Some(at) => self.is_key_valid(at),
            None => Ok(false),
        }
    }

    pub(super) fn error(&self, context: Mark, message: &str) -> Error {
        let line = [context.line, self.cursor.mark.line].into_iter().find(|line| *line != 0);
        let line = line.map_or(0, |line| line + 1);
        let old_line = match self.cursor.mark.line {
            0 => context.line,
            line => line + 1,
        };
        Error::Syntax { line, old_line, column: self.cursor.mark.column + 1, message: message.to_owned() }
    }

    fn push(&mut self, token: Token, mark: Mark) {
        self.tokens.push_back(Placed { token, mark });
    }

    fn fetch(&mut self) -> Result<(), Error> {
        let before = self.cursor.mark;
        self.skip_to_token();
        let mark = self.cursor.mark;
        let end = if self.rules == Rules::Yaml11 { mark } else { before };
        self.unroll_indent(column(mark), end);
        if self.cursor.is_end() {
            return self.fetch_stream_end();
        }
        if mark.column == 0 && self.cursor.is(b'%') {
            self.leave_blocks(mark)?;
            let token = self.scan_directive()?;
            self.push(token, mark);
            return Ok(());
        }
        if self.cursor.is_document_indicator() {
            let token = if self.cursor.is(b'-') { Token::DocumentStart } else { Token::DocumentEnd };
            self.leave_blocks(mark)?;
            self.cursor.skip_many(3);
            self.push(token, mark);
            return Ok(());
        }
        let owner = self.comments.is_some().then(|| self.owner_of_comment(mark));
        self.fetch_content()?;
        match owner {
            Some(owner) => self.scan_comment_behind(owner),
            None if self.rules == Rules::Yaml12 => self.skip_comment_behind(),
            None => {}
        }
        Ok(())
    }

    /// The token that a comment behind the one to come belongs to.
    #[cold]
    fn owner_of_comment(&self, mark: Mark) -> Mark {
        let of_last = if self.flow_level == 0 { self.cursor.is(b':') } else { self.cursor.is(b',') };
        self.tokens.back().filter(|_| of_last).map_or(mark, |last| last.mark)
    }

    #[cold]
    fn scan_comment_behind(&mut self, owner: Mark) {
        let is_item = self.is_behind_dash();
        if let Some(comments) = self.comments.as_mut().filter(|_| !is_item) {
            comments.scan_line(&mut self.cursor, owner);
        }
    }

    /// As where comments are wanted: a comment behind a token goes with it, whatever blanks there are.
    #[inline]
    fn skip_comment_behind(&mut self) {
        if self.cursor.is_before_comment() && !self.is_behind_dash() {
            self.cursor.skip_blanks();
            self.cursor.skip_comment();
        }
    }

    /// What stands behind the `-` of an item is that of the item.
    fn is_behind_dash(&self) -> bool {
        self.tokens.back().is_some_and(|last| last.token == Token::BlockEntry)
    }

    fn fetch_content(&mut self) -> Result<(), Error> {
        let is_flow = self.flow_level > 0;
        let before_blank = self.cursor.is_blank_or_end(1);
        match self.cursor.at(0) {
            b'[' => self.fetch_flow_start(Token::FlowSequenceStart),
            b'{' => self.fetch_flow_start(Token::FlowMappingStart),
            b']' => self.fetch_flow_end(Token::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(Token::FlowMappingEnd),
            b',' => self.fetch_flow_entry(),
            b'-' if before_blank => self.fetch_block_entry(),
            b'?' if is_flow || before_blank => self.fetch_key(),
            b':' if is_flow || before_blank => self.fetch_value(),
            b'*' | b'&' => {
                self.save_key()?;
                self.fetch_scanned(false, Scanner::scan_anchor)
            }
            b'!' => {
                self.save_key()?;
                self.fetch_scanned(false, Scanner::scan_tag)
            }
            b'|' | b'>' if !is_flow => {
                self.remove_key()?;
                self.fetch_scanned(true, Scanner::scan_block_scalar)
            }
            b'\'' | b'"' => {
                self.save_key()?;
                self.fetch_scanned(false, Scanner::scan_quoted_scalar)
            }
            b'#' | b'|' | b'>' | b'%' | b'@' | b'`' | b' ' | b'\t' => Err(self.no_token()),
            b'?' | b'-' if is_flow && before_blank => Err(self.no_token()),
            _ => {
                self.save_key()?;
                self.fetch_scanned(false, Scanner::scan_plain_scalar)
            }
        }
    }

    fn no_token(&self) -> Error {
        self.error(self.cursor.mark, "found character that cannot start any token")
    }

    fn fetch_scanned(
        &mut self,
        key_allowed: bool,
        scan: fn(&mut Scanner<'a>) -> Result<Token, Error>,
    ) -> Result<(), Error> {
        self.key_allowed = key_allowed;
        let mark = self.cursor.mark;
        let token = scan(self)?;
        self.push(token, mark);
        Ok(())
    }

    /// Takes a token of one character.
    fn push_indicator(&mut self, token: Token) {
        let mark = self.cursor.mark;
        self.cursor.skip();
        self.push(token, mark);
    }

    fn skip_to_token(&mut self) {
        let start = self.cursor.mark;
        loop {
            // A tab must not indent, so it counts as a blank only where no key can start.
            let tabs = self.flow_level > 0 || !self.key_allowed;
            self.cursor.skip_run(|byte| byte == b' ' || (tabs && byte == b'\t'));
            self.skip_comment(start);
            if !self.cursor.is_break(0) {
                return;
            }
            self.cursor.skip_break();
            if self.flow_level == 0 {
                self.key_allowed = true;
            }
        }
    }

    /// Steps over a comment, or takes it where comments are wanted.
    #[inline]
    fn skip_comment(&mut self, start: Mark) {
        match &mut self.comments {
            Some(comments) => {
                let around = Around { tokens: &self.tokens, indent: self.indent, flow_level: self.flow_level };
                comments.scan_before_token(&mut self.cursor, &around, start);
            }
            None if self.rules == Rules::Yaml11 => self.cursor.skip_comment(),
            None if self.cursor.is(b'#') => self.cursor.skip_comments(),
            None => {}
        }
    }

    fn is_key_valid(&mut self, at: usize) -> Result<bool, Error> {
        let (key, now) = (self.keys[at], self.cursor.mark);
        if !key.is_possible {
            return Ok(false);
        }
        if key.mark.line < now.line || key.mark.index + MAX_KEY_LENGTH < now.index {
            if key.is_required {
                return Err(self.error(key.mark, "could not find expected ':'"));
            }
            self.keys[at].is_possible = false;
            return Ok(false);
        }
        Ok(true)
    }

    fn key(&mut self) -> &mut PossibleKey {
        self.keys.last_mut().expect("the level outside of flow collections stays")
    }

    fn save_key(&mut self) -> Result<(), Error> {
        if !self.key_allowed {
            return Ok(());
        }
        let mark = self.cursor.mark;
        let is_required = self.flow_level == 0 && self.indent == column(mark);
        self.remove_key()?;
        let token = self.taken + self.tokens.len();
        *self.key() = PossibleKey { is_possible: true, is_awaited: true, is_required, token, mark };
        Ok(())
    }

    fn remove_key(&mut self) -> Result<(), Error> {
        let key = *self.key();
        if key.is_possible && key.is_required {
            return Err(self.error(key.mark, "could not find expected ':'"));
        }
        self.key().is_possible = false;
        Ok(())
    }

    /// Opens a block collection where the column is beyond the present one; `before` is the token in front of which.
    fn roll_indent(&mut self, mark: Mark, before: Option<usize>, token: Token) {
        if self.flow_level > 0 || self.indent >= column(mark) {
            return;
        }
        self.indents.push(self.indent);
        self.indent = column(mark);
        match before {
            Some(number) => self.insert(number, token, mark),
            None => self.push(token, mark),
        }
    }

    /// Puts a token in front of another; at the end if that one was taken, as the ports do.
    fn insert(&mut self, before: usize, token: Token, mark: Mark) {
        let at = before.checked_sub(self.taken).unwrap_or(self.tokens.len());
        self.tokens.insert(at, Placed { token, mark });
    }

    /// Closes the block collections that are indented more than a column.
    fn unroll_indent(&mut self, column: isize, mut mark: Mark) {
        if self.comments.is_some() {
            mark.index = mark.index.saturating_sub(1);
        }
        while self.flow_level == 0 && self.indent > column {
            if let Some(comments) = &self.comments {
                mark = comments.end_of_block(mark, self.indent);
            }
            self.push(Token::BlockEnd, mark);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    /// What comes ends everything before it.
    fn leave_blocks(&mut self, mark: Mark) -> Result<(), Error> {
        self.unroll_indent(-1, mark);
        self.remove_key()?;
        self.key_allowed = false;
        Ok(())
    }

    fn fetch_stream_end(&mut self) -> Result<(), Error> {
        if self.cursor.mark.column != 0 {
            self.cursor.mark.column = 0;
            self.cursor.mark.line += 1;
        }
        let mark = self.cursor.mark;
        self.leave_blocks(mark)?;
        self.push(Token::StreamEnd, mark);
        Ok(())
    }

    fn fetch_flow_start(&mut self, token: Token) -> Result<(), Error> {
        self.save_key()?;
        let number = self.taken + self.tokens.len();
        self.keys.push(PossibleKey { token: number, ..PossibleKey::default() });
        self.flow_level += 1;
        self.key_allowed = true;
        self.push_indicator(token);
        Ok(())
    }

    fn fetch_flow_end(&mut self, token: Token) -> Result<(), Error> {
        self.remove_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            // The ports forget by number: where nothing stood between the brackets, it is the number of the first bracket.
            let inner = self.keys.pop().unwrap_or_default().token;
            self.keys.iter_mut().filter(|key| key.token == inner).for_each(|key| key.is_awaited = false);
        }
        self.key_allowed = false;
        self.push_indicator(token);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Result<(), Error> {
        self.remove_key()?;
        self.key_allowed = true;
        self.push_indicator(Token::FlowEntry);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Result<(), Error> {
        if self.flow_level == 0 {
            self.open_block("block sequence entries are not allowed in this context", Token::BlockSequenceStart)?;
        }
        self.remove_key()?;
        self.key_allowed = true;
        self.push_indicator(Token::BlockEntry);
        Ok(())
    }

    fn open_block(&mut self, refusal: &str, token: Token) -> Result<(), Error> {
        if !self.key_allowed {
            return Err(self.error(self.cursor.mark, refusal));
        }
        self.roll_indent(self.cursor.mark, None, token);
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<(), Error> {
        if self.flow_level == 0 {
            self.open_block("mapping keys are not allowed in this context", Token::BlockMappingStart)?;
        }
        self.remove_key()?;
        self.key_allowed = self.flow_level == 0;
        self.push_indicator(Token::Key);
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<(), Error> {
        let last = self.keys.len() - 1;
        if self.is_key_valid(last)? {
            let PossibleKey { token, mark, .. } = self.keys[last];
            self.insert(token, Token::Key, mark);
            self.roll_indent(mark, Some(token), Token::BlockMappingStart);
            self.key().is_possible = false;
            self.key_allowed = false;
        } else {
            if self.flow_level == 0 {
                self.open_block("mapping values are not allowed in this context", Token::BlockMappingStart)?;
            }
            self.key_allowed = self.flow_level == 0;
        }
        self.push_indicator(Token::Value);
        Ok(())
    }

    fn scan_anchor(&mut self) -> Result<Token, Error> {
        let (start, is_alias) = (self.cursor.mark, self.cursor.is(b'*'));
        self.cursor.skip();
        let name = self.word();
        let ends = self.cursor.is_blank_or_end(0)
            || matches!(self.cursor.at(0), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !ends {
            return Err(self.error(start, "did not find expected alphabetic or numeric character"));
        }
        Ok(if is_alias { Token::Alias(name) } else { Token::Anchor(name) })
    }

    pub(super) fn word(&mut self) -> String {
        let mut word = String::new();
        while self.cursor.is_word() {
            self.cursor.read(&mut word);
        }
        word
    }

    fn scan_quoted_scalar(&mut self) -> Result<Token, Error> {
        let style = if self.cursor.is(b'\'') { Style::SingleQuoted } else { Style::DoubleQuoted };
        Ok(Token::Scalar { text: self.quoted(style)?, style })
    }

    fn scan_block_scalar(&mut self) -> Result<Token, Error> {
        let style = if self.cursor.is(b'|') { Style::Literal } else { Style::Folded };
        Ok(Token::Scalar { text: self.block(style)?, style })
    }

    fn scan_plain_scalar(&mut self) -> Result<Token, Error> {
        Ok(Token::Scalar { text: self.plain()?, style: Style::Plain })
    }
}

/// The column as an indentation.
fn column(mark: Mark) -> isize {
    isize::try_from(mark.column).unwrap_or(isize::MAX)
}

//! Whole expressions.

use crate::class::{parse_class, perl_class, unicode_class};
use crate::escape::{parse_escape, push_literal};
use crate::{Dialect, MAX_DEPTH, SyntaxError, error};

/// The most repetitions that one expression may ask for, nested ones multiplied.
const MAX_REPEAT: i64 = 1000;

/// An expression in the other syntax.
#[derive(Clone, Debug)]
pub struct Translated {
    pub pattern: String,
    /// The names of all groups, that of the whole match first; empty for a group without name.
    pub names: Vec<String>,
}

#[derive(Clone, Copy)]
struct Flags {
    fold: bool,
    multi_line: bool,
    dot_matches_newline: bool,
    lazy: bool,
}

/// What can be repeated: where it stands in the pattern and how often its inner parts are repeated.
#[derive(Clone, Copy)]
struct Atom {
    start: usize,
    end: usize,
    weight: i64,
}

struct Group {
    start: usize,
    flags: Flags,
    /// The largest weight of the parts so far.
    weight: i64,
}

struct Translator<'a> {
    whole: &'a str,
    dialect: Dialect,
    out: String,
    names: Vec<String>,
    groups: Vec<Group>,
    flags: Flags,
    atom: Option<Atom>,
    weight: i64,
}

/// Translates an expression.
///
/// # Errors
/// It is none of Go's, with Go's message.
pub fn translate(text: &str, dialect: Dialect) -> Result<Translated, SyntaxError> {
    let flags = Flags { fold: false, multi_line: false, dot_matches_newline: false, lazy: false };
    let mut translator = Translator {
        whole: text,
        dialect,
        out: String::with_capacity(text.len() + 16),
        names: vec![String::new()],
        groups: Vec::new(),
        flags,
        atom: None,
        weight: 1,
    };
    let mut rest = text;
    let mut last_repeat = "";
    while !rest.is_empty() {
        let before = rest;
        let repeats = translator.step(&mut rest, last_repeat)?;
        last_repeat = if repeats { before } else { "" };
    }
    if translator.groups.is_empty() {
        Ok(Translated { pattern: translator.out, names: translator.names })
    } else {
        Err(error("missing closing )", text))
    }
}

impl<'a> Translator<'a> {
    /// Takes one element; true if it was a repetition.
    fn step(&mut self, rest: &mut &'a str, last_repeat: &str) -> Result<bool, SyntaxError> {
        let text = *rest;
        let first = text.chars().next().unwrap_or_default();
        let mut after = &text[first.len_utf8()..];
        match first {
            '(' if after.starts_with('?') => after = self.flags_or_group(text)?,
            '(' => self.open(String::new(), true)?,
            '|' => {
                self.out.push('|');
                self.atom = None;
            }
            ')' => self.close()?,
            '^' => self.push(if self.flags.multi_line { "(?m:^)" } else { "(?:\\A)" }),
            '$' => self.push(if self.flags.multi_line { "(?m:$)" } else { "(?:\\z)" }),
            '.' => self.push(if self.flags.dot_matches_newline { "(?s:.)" } else { "[^\\n]" }),
            '[' => {
                let (class, left) = parse_class(text, self.dialect)?;
                self.push(&class);
                after = left;
            }
            '*' | '+' | '?' => {
                *rest = self.repeat(&text[..1], None, text, after, last_repeat)?;
                return Ok(true);
            }
            '{' => match parse_repeat(text) {
                Some((min, max, left)) => {
                    *rest = self.repeat(&repeat_text(min, max), Some((min, max)), text, left, last_repeat)?;
                    return Ok(true);
                }
                None => self.literal('{'),
            },
            '\\' => after = self.escape(text)?,
            c => self.literal(c),
        }
        *rest = after;
        Ok(false)
    }

    fn is_lite(&self) -> bool {
        matches!(self.dialect, Dialect::Lite)
    }

    fn push(&mut self, atom: &str) {
        let start = self.out.len();
        self.out.push_str(atom);
        self.atom = Some(Atom { start, end: self.out.len(), weight: 1 });
    }

    fn literal(&mut self, c: char) {
        let start = self.out.len();
        push_literal(&mut self.out, c);
        self.atom = Some(Atom { start, end: self.out.len(), weight: 1 });
    }

    fn open(&mut self, name: String, captures: bool) -> Result<(), SyntaxError> {
        if self.groups.len() >= MAX_DEPTH {
            return Err(error("expression nests too deeply", self.whole));
        }
        self.groups.push(Group { start: self.out.len(), flags: self.flags, weight: self.weight });
        self.out.push_str(if captures { "(" } else { "(?:" });
        if captures {
            self.names.push(name);
        }
        (self.atom, self.weight) = (None, 1);
        Ok(())
    }

    fn close(&mut self) -> Result<(), SyntaxError> {
        let Some(group) = self.groups.pop() else {
            return Err(error("unexpected )", self.whole));
        };
        self.out.push(')');
        self.atom = Some(Atom { start: group.start, end: self.out.len(), weight: self.weight });
        self.flags = group.flags;
        self.weight = group.weight.max(self.weight);
        Ok(())
    }

    /// `(?P<name>`, `(?<name>`, `(?flags)` or `(?flags:`.
    fn flags_or_group(&mut self, text: &'a str) -> Result<&'a str, SyntaxError> {
        let name_at = match () {
            () if text.starts_with("(?P<") && text.len() > 4 => Some(4),
            () if text.starts_with("(?<") && text.len() > 3 => Some(3),
            () => None,
        };
        if let Some(start) = name_at {
            let end = text.find('>').ok_or_else(|| error("invalid named capture", text))?;
            let name = text.get(start..end).unwrap_or_default();
            if name.is_empty() || !name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric()) {
                return Err(error("invalid named capture", &text[..=end]));
            }
            self.open(name.to_owned(), true)?;
            return Ok(&text[end + 1..]);
        }
        let (mut flags, mut on, mut seen) = (self.flags, true, false);
        for (at, c) in text.char_indices().skip(2) {
            let failed = || error("invalid or unsupported Perl syntax", &text[..at + c.len_utf8()]);
            match c {
                'i' => flags.fold = on,
                'm' => flags.multi_line = on,
                's' => flags.dot_matches_newline = on,
                'U' => flags.lazy = on,
                '-' if on => on = false,
                ':' | ')' if on || seen => {
                    self.set_flags(flags, c == ':')?;
                    return Ok(&text[at + 1..]);
                }
                _ => return Err(failed()),
            }
            seen = c != '-';
        }
        Err(error("invalid or unsupported Perl syntax", text))
    }

    fn set_flags(&mut self, flags: Flags, opens: bool) -> Result<(), SyntaxError> {
        let before = self.atom;
        if opens {
            self.open(String::new(), false)?;
        }
        if flags.fold != self.flags.fold {
            self.out.push_str(if flags.fold { "(?i)" } else { "(?-i)" });
        }
        self.flags = flags;
        if !opens {
            self.atom = before;
        }
        Ok(())
    }

    fn repeat(
        &mut self,
        operator: &str,
        counts: Option<(i64, i64)>,
        before: &'a str,
        after: &'a str,
        last_repeat: &str,
    ) -> Result<&'a str, SyntaxError> {
        if counts
            .is_some_and(|(min, max)| !(0..=MAX_REPEAT).contains(&min) || max > MAX_REPEAT || (max >= 0 && min > max))
        {
            return Err(error("invalid repeat count", &before[..before.len() - after.len()]));
        }
        let asks_lazy = after.starts_with('?');
        let after = if asks_lazy { &after[1..] } else { after };
        if !last_repeat.is_empty() {
            return Err(error("invalid nested repetition operator", &last_repeat[..last_repeat.len() - after.len()]));
        }
        let text = &before[..before.len() - after.len()];
        let mut atom = self.atom.ok_or_else(|| error("missing argument to repetition operator", text))?;
        if let Some((min, max)) = counts {
            let times = if max < 0 { min } else { max };
            atom.weight = if max == 0 { 1 } else { atom.weight * times.max(1) };
            if (min >= 2 || max >= 2) && atom.weight > MAX_REPEAT {
                return Err(error("invalid repeat count", text));
            }
        }
        self.weight = self.weight.max(atom.weight);
        let lazy = if asks_lazy != self.flags.lazy { "?" } else { "" };
        // Flags may stand between the atom and its operator.
        let written = format!("{}{operator}{lazy})", &self.out[atom.start..atom.end]);
        self.out.replace_range(atom.start..atom.end, &format!("(?:{written}"));
        atom.end = atom.start + written.len() + 3;
        self.atom = Some(atom);
        Ok(after)
    }

    fn escape(&mut self, text: &'a str) -> Result<&'a str, SyntaxError> {
        match text.as_bytes().get(1) {
            Some(b'A') => self.push("(?:\\A)"),
            Some(b'z') => self.push("(?:\\z)"),
            // The small crate knows no other letters than those of ASCII.
            Some(b'b') => self.push(if self.is_lite() { "\\b" } else { "(?-u:\\b)" }),
            Some(b'B') => self.push(if self.is_lite() { "\\B" } else { "(?-u:\\B)" }),
            Some(b'C') => return Err(error("invalid escape sequence", &text[..2])),
            Some(b'Q') => {
                let (literal, after) = text[2..].split_once("\\E").unwrap_or((&text[2..], ""));
                literal.chars().for_each(|c| self.literal(c));
                return Ok(after);
            }
            _ => {
                if let Some((class, after)) = unicode_class(text, self.dialect)? {
                    self.push(&format!("[{class}]"));
                    return Ok(after);
                }
                if let Some(class) = perl_class(text, self.dialect) {
                    self.push(&format!("[{class}]"));
                    return Ok(&text[2..]);
                }
                let (c, after) = parse_escape(text)?;
                self.literal(c);
                return Ok(after);
            }
        }
        Ok(&text[2..])
    }
}

/// `{2}`, `{2,}`, `{2,5}`; -1 stands for no maximum, and for a number that is too large.
fn parse_repeat(text: &str) -> Option<(i64, i64, &str)> {
    let (min, rest) = repeat_number(&text[1..])?;
    if let Some(rest) = rest.strip_prefix('}') {
        return Some((min, min, rest));
    }
    let rest = rest.strip_prefix(',')?;
    if let Some(rest) = rest.strip_prefix('}') {
        return Some((min, -1, rest));
    }
    let (max, rest) = repeat_number(rest)?;
    // Too large a maximum is no minimum either.
    let min = if max < 0 { -1 } else { min };
    Some((min, max, rest.strip_prefix('}')?))
}

fn repeat_number(text: &str) -> Option<(i64, &str)> {
    let len = text.bytes().take_while(u8::is_ascii_digit).count();
    let digits = &text[..len];
    if len == 0 || (len > 1 && digits.starts_with('0')) {
        return None;
    }
    let value = digits.parse().ok().filter(|value| *value < 1_000_000_000).unwrap_or(-1);
    Some((value, &text[len..]))
}

fn repeat_text(min: i64, max: i64) -> String {
    match max {
        -1 => format!("{{{min},}}"),
        max => format!("{{{min},{max}}}"),
    }
}

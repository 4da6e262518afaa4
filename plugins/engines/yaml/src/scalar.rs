//! How a scalar is written: libyaml's rules as both go-yaml versions have them.

/// What the text of a scalar permits.
pub(crate) struct Allowed {
    pub(crate) multiline: bool,
    pub(crate) block_plain: bool,
    pub(crate) flow_plain: bool,
    pub(crate) single_quoted: bool,
    pub(crate) block: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V2,
    V3,
}

/// What decides quoting, collected in one pass over the text.
#[derive(Default)]
struct Traits {
    block_indicators: bool,
    flow_indicators: bool,
    line_breaks: bool,
    special: bool,
    tabs: bool,
    leading_blank: bool,
    trailing_space: bool,
    trailing_break: bool,
    break_space: bool,
    space_break: bool,
}

pub(crate) fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether what was printed ends a line. A block of text may do so with a line or paragraph separator, as its last character.
pub(crate) fn is_at_line_start(out: &str) -> bool {
    match out.as_bytes() {
        [.., b'\n'] => true,
        [.., last] if last.is_ascii() => false,
        _ => out.ends_with(['\u{2028}', '\u{2029}']),
    }
}

pub(crate) fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

fn is_blank_or_end(next: Option<char>) -> bool {
    next.is_none_or(|c| c == ' ' || c == '\t')
}

pub(crate) fn analyze(text: &str, version: Version) -> Allowed {
    if text.is_empty() {
        return Allowed { multiline: false, block_plain: true, flow_plain: false, single_quoted: true, block: false };
    }
    let traits = collect(text, version);
    let edge = traits.leading_blank || traits.trailing_space || traits.trailing_break;
    let unquotable = traits.special || traits.space_break;
    let plain = !edge && !traits.break_space && !unquotable && !traits.tabs && !traits.line_breaks;
    Allowed {
        multiline: traits.line_breaks,
        block_plain: plain && !traits.block_indicators,
        flow_plain: plain && !traits.flow_indicators,
        single_quoted: !traits.break_space && !unquotable && !traits.tabs,
        block: !traits.trailing_space && !unquotable,
    }
}

fn collect(text: &str, version: Version) -> Traits {
    let mut traits = Traits::default();
    if text.starts_with("---") || text.starts_with("...") {
        traits.block_indicators = true;
        traits.flow_indicators = true;
    }
    let mut previous: Option<char> = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        indicator(&mut traits, c, previous, is_blank_or_end(next));
        if !is_printable(c) {
            if c == '\t' && version == Version::V3 {
                traits.tabs = true;
            } else {
                traits.special = true;
            }
        }
        whitespace(&mut traits, c, previous, next.is_none());
        previous = Some(c);
    }
    traits
}

fn indicator(traits: &mut Traits, c: char, previous: Option<char>, followed_by_blank: bool) {
    let (flow, block) = match (previous, c) {
        (None, '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`') => {
            (true, true)
        }
        (None, '?' | ':') => (true, followed_by_blank),
        (None, '-') => (followed_by_blank, followed_by_blank),
        (Some(_), ',' | '?' | '[' | ']' | '{' | '}') => (true, false),
        (Some(_), ':') => (true, followed_by_blank),
        (Some(before), '#') => {
            let separated = before == ' ' || before == '\t' || is_break(before);
            (separated, separated)
        }
        _ => (false, false),
    };
    traits.flow_indicators |= flow;
    traits.block_indicators |= block;
}

fn whitespace(traits: &mut Traits, c: char, previous: Option<char>, last: bool) {
    if c == ' ' {
        traits.leading_blank |= previous.is_none();
        traits.trailing_space |= last;
        traits.break_space |= previous.is_some_and(is_break);
    } else if is_break(c) {
        traits.line_breaks = true;
        traits.leading_blank |= previous.is_none();
        traits.trailing_break |= last;
        traits.space_break |= previous == Some(' ');
    }
}

/// The characters that follow the `|` or `>` of a block scalar.
pub(crate) fn block_hints(text: &str, out: &mut String) {
    if text.starts_with(|c: char| c == ' ' || is_break(c)) {
        out.push('2');
    }
    let mut reversed = text.chars().rev();
    match (reversed.next(), reversed.next()) {
        (Some(last), _) if !is_break(last) => out.push('-'),
        (Some(_), None) => out.push('+'),
        (Some(_), Some(before)) if is_break(before) => out.push('+'),
        (None, _) => out.push('-'),
        _ => {}
    }
}

/// Escapes one character of a double-quoted scalar.
pub(crate) fn escape(c: char, out: &mut String) {
    let short = match c {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        _ => return long_escape(c, out),
    };
    out.push('\\');
    out.push(short);
}

fn long_escape(c: char, out: &mut String) {
    let code = c as u32;
    out.push_str(&match code {
        0..=0xff => format!("\\x{code:02X}"),
        0x100..=0xffff => format!("\\u{code:04X}"),
        _ => format!("\\U{code:08X}"),
    });
}

/// Writes text with libyaml's line folding, where a column limit is given.
pub(crate) struct Writer<'a> {
    pub(crate) out: &'a mut String,
    /// Indentation of continued lines.
    pub(crate) indent: usize,
    /// Column after which lines are broken.
    pub(crate) width: Option<usize>,
    column: usize,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(out: &'a mut String, indent: usize, width: Option<usize>) -> Self {
        let line = out.rfind('\n').map_or(0, |at| at + 1);
        let column = out[line..].chars().count();
        Writer { out, indent, width, column }
    }

    fn put(&mut self, c: char) {
        self.out.push(c);
        self.column += 1;
    }

    fn new_line(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    fn indent(&mut self) {
        for _ in 0..self.indent {
            self.put(' ');
        }
    }

    fn is_past_width(&self) -> bool {
        self.width.is_some_and(|width| self.column > width)
    }

    pub(crate) fn plain(&mut self, text: &str) {
        if self.width.is_none_or(|width| self.column + text.len() <= width) {
            self.out.push_str(text);
            return;
        }
        let mut after_space = false;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            if c == ' ' && !after_space && self.is_past_width() && chars.peek() != Some(&' ') {
                self.new_line();
                self.indent();
            } else {
                self.put(c);
            }
            after_space = c == ' ';
        }
    }

    pub(crate) fn single_quoted(&mut self, text: &str) {
        self.put('\'');
        let (mut after_space, mut after_break, mut first) = (false, false, true);
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let next = chars.peek().copied();
            if c == ' ' {
                let fold = !after_space && self.is_past_width() && !first && next.is_some_and(|next| next != ' ');
                if fold {
                    self.new_line();
                    self.indent();
                } else {
                    self.put(c);
                }
            } else if is_break(c) {
                if !after_break && c == '\n' {
                    self.new_line();
                }
                self.break_line(c);
            } else {
                if after_break {
                    self.indent();
                }
                if c == '\'' {
                    self.put('\'');
                }
                self.put(c);
            }
            after_space = c == ' ' || (after_space && is_break(c));
            after_break = is_break(c) || (after_break && c == ' ');
            first = false;
        }
        self.put('\'');
    }

    fn break_line(&mut self, c: char) {
        if c == '\n' {
            self.new_line();
        } else {
            self.out.push(c);
            self.column = 0;
        }
    }

    pub(crate) fn double_quoted(&mut self, text: &str) {
        self.put('"');
        let bom = text.starts_with('\u{feff}');
        let (mut after_space, mut first) = (false, true);
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let next = chars.peek().copied();
            if bom || !is_printable(c) || is_break(c) || c == '"' || c == '\\' {
                let before = self.out.len();
                escape(c, self.out);
                self.column += self.out.len() - before;
                after_space = false;
            } else if c == ' ' {
                if !after_space && self.is_past_width() && !first && next.is_some() {
                    self.new_line();
                    self.indent();
                    if next == Some(' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(c);
                }
                after_space = true;
            } else {
                self.put(c);
                after_space = false;
            }
            first = false;
        }
        self.put('"');
    }

    pub(crate) fn literal(&mut self, text: &str) {
        self.out.push('|');
        block_hints(text, self.out);
        self.new_line();
        let mut at_start = true;
        for c in text.chars() {
            if is_break(c) {
                self.break_line(c);
                at_start = true;
            } else {
                if at_start {
                    self.indent();
                }
                self.put(c);
                at_start = false;
            }
        }
    }

    pub(crate) fn folded(&mut self, text: &str) {
        self.out.push('>');
        block_hints(text, self.out);
        self.new_line();
        let (mut at_start, mut leading_blank) = (true, true);
        // libyaml looks at what follows the break here; the Go port looks at the start of the text.
        let starts_blank = is_blank_or_end(text.trim_start_matches(is_break).chars().next());
        for c in text.chars() {
            if is_break(c) {
                if !at_start && !leading_blank && c == '\n' && !starts_blank {
                    self.new_line();
                }
                self.break_line(c);
                at_start = true;
            } else {
                if at_start {
                    self.indent();
                    leading_blank = c == ' ' || c == '\t';
                }
                self.put(c);
                at_start = false;
            }
        }
    }
}

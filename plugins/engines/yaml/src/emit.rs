//! go-yaml v2's printing, value by value, for data of any shape.

use crate::number::format_float;
use crate::resolve::{Resolved, Rules, is_base60, resolve};
use crate::scalar::{Version, Writer, analyze, is_at_line_start};

/// Where go-yaml v2 starts to break lines.
const WIDTH: usize = 80;
const INDENT: usize = 2;
/// Longer keys get the `? key` form.
const MAX_SIMPLE_KEY: usize = 128;

/// Prints values as `sigs.k8s.io/yaml` does: sequences not indented, lines broken after 80 columns.
///
/// Whoever calls goes through the data: [`Emitter::begin_mapping`], for each field [`Emitter::key`] and its value,
/// [`Emitter::end`]. Fields are expected in the order of [`compare_keys`](crate::compare_keys).
///
/// ```
/// let mut out = String::new();
/// let mut emitter = weir_yaml::Emitter::new(&mut out);
/// emitter.begin_mapping(false);
/// emitter.key("a");
/// emitter.begin_sequence(false);
/// emitter.item();
/// emitter.string("1");
/// emitter.end(false);
/// emitter.end(false);
/// assert_eq!(out, "a:\n- \"1\"\n");
/// ```
pub struct Emitter<'a> {
    out: &'a mut String,
    /// The columns at which the open collections stand.
    open: Vec<usize>,
    place: Place,
}

/// Where the next value goes.
#[derive(Clone, Copy)]
enum Place {
    Root,
    /// Behind the key of a mapping at this column.
    Key(usize),
    /// On the line of a `- ` or `: `, from this column on.
    Inline(usize),
}

impl<'a> Emitter<'a> {
    /// Appends to `out`, which is empty or ends with a line feed.
    pub fn new(out: &'a mut String) -> Emitter<'a> {
        Emitter { out, open: Vec::new(), place: Place::Root }
    }

    /// Opens a mapping. An empty one is written at once; it is closed with [`Emitter::end`] all the same.
    pub fn begin_mapping(&mut self, is_empty: bool) {
        if is_empty {
            return self.plain("{}");
        }
        let column = match self.place {
            Place::Root => 0,
            Place::Inline(column) => column,
            Place::Key(column) => {
                self.out.push('\n');
                column + INDENT
            }
        };
        self.open.push(column);
    }

    /// Opens a sequence. An empty one is written at once; it is closed with [`Emitter::end`] all the same.
    pub fn begin_sequence(&mut self, is_empty: bool) {
        if is_empty {
            return self.plain("[]");
        }
        let column = match self.place {
            Place::Root => 0,
            Place::Inline(column) => column,
            Place::Key(column) => {
                self.out.push('\n');
                column
            }
        };
        self.open.push(column);
    }

    /// Closes the collection that was opened last.
    pub fn end(&mut self, is_empty: bool) {
        if !is_empty {
            self.open.pop();
        }
    }

    fn column(&self) -> usize {
        self.open.last().copied().unwrap_or_default()
    }

    fn start_line(&mut self, column: usize) {
        if self.out.is_empty() || is_at_line_start(self.out) {
            self.out.extend(std::iter::repeat_n(' ', column));
        }
    }

    fn end_line(&mut self) {
        if !is_at_line_start(self.out) {
            self.out.push('\n');
        }
    }

    /// Begins an item of the open sequence.
    pub fn item(&mut self) {
        let column = self.column();
        self.start_line(column);
        self.out.push_str("- ");
        self.place = Place::Inline(column + INDENT);
    }

    /// Begins a field of the open mapping.
    pub fn key(&mut self, name: &str) {
        let column = self.column();
        self.start_line(column);
        if name.len() > MAX_SIMPLE_KEY || (!is_word(name) && analyze(name, Version::V2).multiline) {
            self.out.push_str("? ");
            string(name, column + INDENT, false, self.out);
            self.end_line();
            self.out.extend(std::iter::repeat_n(' ', column));
            self.out.push_str(": ");
            self.place = Place::Inline(column + INDENT);
            return;
        }
        string(name, 0, true, self.out);
        self.out.push(':');
        self.place = Place::Key(column);
    }

    /// Writes a scalar that needs no quotes.
    pub fn plain(&mut self, text: &str) {
        if matches!(self.place, Place::Key(_)) {
            self.out.push(' ');
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// Writes a string, quoted where it would read as something else.
    pub fn string(&mut self, text: &str) {
        let column = match self.place {
            Place::Root => INDENT,
            Place::Inline(column) => column,
            Place::Key(column) => {
                self.out.push(' ');
                column + INDENT
            }
        };
        string(text, column, false, self.out);
        self.end_line();
    }

    /// Writes a float. Zero has no sign: it comes as JSON, where it is an integer.
    pub fn float(&mut self, value: f64) {
        self.plain(&format_float(if value == 0.0 { 0.0 } else { value }));
    }
}

/// The usual text of keys and values, which needs no analysis: it is plain and reads as a string.
fn is_word(text: &str) -> bool {
    let safe = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/');
    // A short word or one that begins like a number, a date or a null may mean something.
    text.len() > 5 && text.as_bytes()[0].is_ascii_alphabetic() && text.as_bytes().iter().all(safe)
}

fn string(text: &str, indent: usize, simple_key: bool, out: &mut String) {
    if is_word(text) && text.len() < WIDTH {
        return out.push_str(text);
    }
    let allowed = analyze(text, Version::V2);
    let width = (!simple_key).then_some(WIDTH);
    if text.contains('\n') {
        let literal = allowed.block && !simple_key;
        let mut writer = Writer::new(out, indent, width);
        if literal {
            writer.literal(text);
        } else {
            writer.double_quoted(text);
        }
        return;
    }
    // The key for merging is a word like any other to go-yaml v2.
    let is_string = matches!(resolve(text, Rules::Yaml11), Resolved::Str | Resolved::Merge) && !is_base60(text);
    if is_string && allowed.block_plain {
        return Writer::new(out, indent, width).plain(text);
    }
    let mut writer = Writer::new(out, indent, width);
    if is_string && allowed.single_quoted {
        writer.single_quoted(text);
    } else {
        writer.double_quoted(text);
    }
}

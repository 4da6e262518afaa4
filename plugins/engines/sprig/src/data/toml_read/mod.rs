//! TOML as `BurntSushi/toml` 1.6 reads it, which is not quite as the standard has it, with its messages. Other parsers of
//! TOML follow the standard: they refuse what charts get away with (a table that is added to an inline one) and say what is
//! wrong in words of their own, which templates can see.

mod names;
mod scalars;
mod scan;
mod strings;
mod tables;
#[cfg(test)]
mod tests;

use names::Place;
use scan::{Fault, Scan, Scanned, is_newline, shown};
use tables::{Node, Table, Tables, joined};
use weir_gotmpl::{Value, quote};

use crate::MAX_VALUE_DEPTH;

/// The names of the zones of times that have none, by which they are written as they were read.
pub(super) const LOCAL_DATE_TIME: &str = "datetime-local";
pub(super) const LOCAL_DATE: &str = "date-local";
pub(super) const LOCAL_TIME: &str = "time-local";

/// How far into a text the original looks for a zero, which UTF-16 has soon.
const LOOKED_AT: usize = 6;

/// Reads a document; it is a map.
///
/// # Errors
/// The original's message.
pub(crate) fn read(text: &[u8]) -> Result<Value, String> {
    let marks: [&[u8]; 3] = [b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf"];
    let text = marks.iter().find_map(|mark| text.strip_prefix(*mark)).unwrap_or(text);
    if text.iter().take(LOOKED_AT).any(|byte| *byte == 0) {
        let why = "files cannot contain NULL bytes; probably using UTF-16; TOML files must be UTF-8";
        return Err(format!("toml: line 1: {why}"));
    }
    let mut reader = Reader {
        scan: Scan::new(text),
        tables: Tables::default(),
        context: Vec::new(),
        current: String::new(),
        named: 1,
        depth: 0,
    };
    match reader.document() {
        Ok(()) => Ok(reader.tables.into_value()),
        Err(fault) => Err(reader.describe(&fault)),
    }
}

struct Reader<'a> {
    scan: Scan<'a>,
    tables: Tables,
    /// The table that names are in now.
    context: Vec<String>,
    /// The name whose value is read, or was read last in an inline table; messages show it.
    current: String,
    /// The line of the name read last.
    named: usize,
    /// Arrays and inline tables around what is read.
    depth: usize,
}

impl Reader<'_> {
    fn describe(&self, fault: &Fault) -> String {
        let last = match (self.context.as_slice(), self.current.as_str()) {
            (context, "") => joined(context),
            ([], current) => current.to_owned(),
            (context, current) => format!("{}.{current}", joined(context)),
        };
        let last = if last.is_empty() { String::new() } else { format!(" (last key {})", quote(last.as_bytes())) };
        format!("toml: line {}{last}: {}", fault.line, fault.message)
    }

    /// A fault that is told of the line of the last name.
    fn misnamed(&self, message: String) -> Fault {
        Fault { line: self.named, message }
    }

    fn document(&mut self) -> Scanned<()> {
        loop {
            self.blank()?;
            match self.scan.peek()? {
                None => return Ok(()),
                Some('[') => self.header()?,
                Some(_) => {
                    let outer = self.context.clone();
                    let (parents, name) = self.key()?;
                    self.pair(&parents, name)?;
                    self.context = outer;
                    self.current = String::new();
                }
            }
            self.scan.spaces()?;
            match self.scan.peek()? {
                None => return Ok(()),
                Some('#') => {}
                Some(c) if is_newline(c) => {}
                next => {
                    let wanted = "expected a top-level item to end with a newline, comment, or EOF";
                    return Err(self.scan.wrong(next, format!("{wanted}, but got {} instead", shown(next))));
                }
            }
        }
    }

    /// Skips space, ends of lines and comments.
    fn blank(&mut self) -> Scanned<()> {
        loop {
            self.scan.take_while(|c| scan::is_space(c) || is_newline(c))?;
            if !self.scan.take('#')? {
                return Ok(());
            }
            self.scan.take_while(|c| !is_newline(c))?;
        }
    }

    fn header(&mut self) -> Scanned<()> {
        self.scan.next()?;
        let in_array = self.scan.take('[')?;
        let name = self.name(Place::Header)?;
        if in_array && !self.scan.take(']')? {
            let next = self.scan.peek()?;
            let message = format!("expected end of table array name delimiter ']', but got {} instead", shown(next));
            return Err(self.scan.wrong(next, message));
        }
        self.enter(&name, in_array)?;
        let context = self.context.clone();
        self.tables.note_kind(&context, "", false);
        Ok(())
    }

    fn enter(&mut self, name: &[String], in_array: bool) -> Scanned<()> {
        if name.len() + self.depth > MAX_VALUE_DEPTH {
            return Err(self.misnamed(format!("a value is nested deeper than {MAX_VALUE_DEPTH} levels")));
        }
        let entered = self.tables.enter(&mut self.context, name, in_array);
        entered.map_err(|message| self.misnamed(message))
    }

    /// The value of a name, which is put into its table. The context is that of the value afterwards.
    fn pair(&mut self, parents: &[String], name: String) -> Scanned<()> {
        self.approach(parents, name)?;
        let (value, is_array) = self.value(false)?;
        self.store(|| value, is_array)
    }

    /// Goes to the table of a name with dots.
    fn approach(&mut self, parents: &[String], name: String) -> Scanned<()> {
        self.current = name;
        for parent in parents {
            let full = [self.context.as_slice(), std::slice::from_ref(parent)].concat();
            self.tables.add_implicit(&full);
            self.enter(&full, false)?;
        }
        Ok(())
    }

    fn store(&mut self, value: impl FnOnce() -> Node, is_array: bool) -> Scanned<()> {
        let stored = self.tables.set(&self.context, &self.current, value);
        stored.map_err(|message| self.misnamed(message))?;
        self.tables.note_kind(&self.context, &self.current, is_array);
        Ok(())
    }

    /// A value, and whether it is an array.
    fn value(&mut self, in_array: bool) -> Scanned<(Node, bool)> {
        if self.depth > MAX_VALUE_DEPTH {
            return Err(self.scan.fault(format!("a value is nested deeper than {MAX_VALUE_DEPTH} levels")));
        }
        self.scan.spaces()?;
        let next = self.scan.peek()?;
        let quote = match next {
            Some('[') => {
                self.scan.next()?;
                return Ok((self.array()?, true));
            }
            Some('{') => {
                self.scan.next()?;
                return Ok((Node::Table(self.inline_table(in_array)?), false));
            }
            Some(quote @ ('"' | '\'')) => quote,
            _ => return Ok((Node::Scalar(scalars::read(&mut self.scan, next)?), false)),
        };
        Ok((Node::Scalar(self.text(quote)?.into()), false))
    }

    fn text(&mut self, quote: char) -> Scanned<String> {
        self.scan.next()?;
        if self.scan.take(quote)? {
            if self.scan.take(quote)? {
                return strings::long(&mut self.scan, quote);
            }
            self.scan.back();
        }
        if quote == '"' { strings::quoted(&mut self.scan) } else { strings::raw(&mut self.scan) }
    }

    /// Reads from behind the bracket on.
    fn array(&mut self) -> Scanned<Node> {
        self.tables.note_kind(&self.context, &self.current, true);
        self.depth += 1;
        let mut items = Vec::new();
        loop {
            self.blank()?;
            match self.scan.peek()? {
                Some(']') => break,
                next @ Some(',') => return Err(self.scan.wrong(next, "unexpected comma")),
                _ => items.push(self.value(true)?.0),
            }
            self.blank()?;
            match self.scan.peek()? {
                Some(',') => self.scan.next()?,
                Some(']') => break,
                next => {
                    let message = "expected a comma (',') or array terminator (']'), but got";
                    return Err(self.scan.wrong(next, format!("{message} {}", or_end(next))));
                }
            };
        }
        self.scan.next()?;
        self.depth -= 1;
        Ok(Node::Array(items))
    }

    /// Reads from behind the brace on.
    fn inline_table(&mut self, in_array: bool) -> Scanned<Table> {
        let outer = (self.context.clone(), std::mem::take(&mut self.current));
        let name = [outer.0.as_slice(), std::slice::from_ref(&outer.1)].concat();
        self.context.clone_from(&name);
        self.tables.add_implicit(&name);
        self.enter(&name, in_array)?;
        self.depth += 1;
        let mut table = Table::new();
        loop {
            self.blank()?;
            match self.scan.peek()? {
                Some('}') => break,
                next @ Some(',') => return Err(self.scan.wrong(next, "unexpected comma")),
                _ => self.member(&mut table)?,
            }
            self.context.clone_from(&name);
            self.blank()?;
            match self.scan.peek()? {
                Some(',') => self.scan.next()?,
                Some('}') => break,
                next => {
                    let message = "expected a comma or an inline table terminator '}', but got";
                    return Err(self.scan.wrong(next, format!("{message} {} instead", or_end(next))));
                }
            };
        }
        self.scan.next()?;
        self.depth -= 1;
        (self.context, self.current) = outer;
        Ok(table)
    }

    /// A name in an inline table with its value. It is stored twice: in the document, where other names may follow, and in
    /// the table as such, which is what an array holds.
    fn member(&mut self, table: &mut Table) -> Scanned<()> {
        let (parents, name) = self.key()?;
        self.approach(&parents, name)?;
        let (value, is_array) = self.value(false)?;
        self.store(|| value.clone(), is_array)?;
        let mut inner = table;
        for parent in &parents {
            match inner.entry(parent.clone()).or_insert_with(|| Node::Table(Table::new())) {
                Node::Table(table) => inner = table,
                _ => {
                    let shown = quote(joined(&self.context).as_bytes());
                    return Err(self.misnamed(format!("{shown} is not a table")));
                }
            }
        }
        inner.insert(self.current.clone(), value);
        Ok(())
    }
}

fn or_end(next: Option<char>) -> String {
    next.map_or_else(|| "end of file".to_owned(), |c| format!("'{c}'"))
}

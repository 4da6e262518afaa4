//! Names before values and in headers, which may have parts.

use super::scan::{Fault, Scanned, shown};
use super::{Reader, strings};

/// What stands around a name.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Place {
    /// Before `=`.
    Key,
    /// Before `]`.
    Header,
}

impl Reader<'_> {
    /// A name before `=`, in two parts: the tables on the way, and the last.
    pub(super) fn key(&mut self) -> Scanned<(Vec<String>, String)> {
        self.scan.spaces()?;
        match self.scan.peek()? {
            None | Some('=') => return Err(self.scan.fault("unexpected '=': key name appears blank")),
            Some('.') => return Err(self.scan.fault("unexpected '.': keys cannot start with a '.'")),
            Some(_) => {}
        }
        let mut parents = self.name(Place::Key)?;
        let name = parents.pop().expect("a name has parts");
        Ok((parents, name))
    }

    /// The parts of a name, and what ends it.
    pub(super) fn name(&mut self, place: Place) -> Scanned<Vec<String>> {
        let mut parts = Vec::new();
        loop {
            self.scan.spaces()?;
            parts.push(self.part(place)?);
            if parts.len() == 1 {
                self.named = self.scan.line;
            }
            self.scan.spaces()?;
            let next = self.scan.peek()?;
            let end = if place == Place::Key { '=' } else { ']' };
            match next {
                Some('.') => {}
                Some(c) if c == end => {}
                None if place == Place::Key => {
                    return Err(self.scan.wrong(None, "unexpected EOF; expected key separator '='"));
                }
                _ => return Err(self.misplaced(place, next)),
            }
            self.scan.next()?;
            if next == Some(end) {
                return Ok(parts);
            }
        }
    }

    /// What neither continues a name nor ends it.
    fn misplaced(&self, place: Place, next: Option<char>) -> Fault {
        let got = shown(next);
        match place {
            Place::Header => {
                self.scan.wrong(next, format!("expected '.' or ']' to end table name, but got {got} instead"))
            }
            Place::Key if next == Some('\n') => {
                self.scan.ends(next, format!("expected '.' or '=', but got {got} instead"))
            }
            Place::Key => self.scan.wrong(next, format!("expected '.' or '=', but got {got} instead")),
        }
    }

    fn part(&mut self, place: Place) -> Scanned<String> {
        let empty = match (place, self.scan.peek()?) {
            (_, Some('"')) => {
                self.scan.next()?;
                return strings::quoted(&mut self.scan);
            }
            (_, Some('\'')) => {
                self.scan.next()?;
                return strings::raw(&mut self.scan);
            }
            (Place::Header, None | Some(']')) => "unexpected end of table name (table names cannot be empty)",
            (Place::Header, Some('.')) => "unexpected table separator (table names cannot be empty)",
            (Place::Key, None | Some('=')) => "unexpected '='",
            (Place::Key, Some('.')) => "unexpected '.'",
            // What is no part of a name is found behind it.
            _ => {
                let start = self.scan.position();
                self.scan.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))?;
                return Ok(self.scan.since(start).to_owned());
            }
        };
        Err(self.scan.fault(empty))
    }
}

//! Naming every object: deltas get their names by being made, bases before what is made from them.

use super::scan::{finish, object_hasher};
use super::{Base, Entries, Objects, PackError};

impl Objects {
    pub(super) fn name_all(&mut self) -> Result<(), PackError> {
        let mut roots: Vec<u32> = self.positions(|base| base == Base::Whole);
        loop {
            self.name_below(roots)?;
            self.entries.sort();
            roots = self.entries.attach_named();
            if roots.is_empty() {
                break;
            }
        }
        match self.positions(|base| matches!(base, Base::Named(_))).first() {
            Some(_) => Err(PackError::damaged("a delta has no base")),
            None => Ok(()),
        }
    }

    fn positions(&self, wanted: impl Fn(Base) -> bool) -> Vec<u32> {
        (0..self.entries.list.len() as u32).filter(|at| wanted(self.entries.list[*at as usize].base)).collect()
    }

    /// Names what is made from `roots`, depth first, so that a base is asked for while it still is in memory. Roots
    /// without a name get theirs as well.
    fn name_below(&mut self, roots: Vec<u32>) -> Result<(), PackError> {
        let children = self.entries.children();
        let mut stack = Vec::new();
        for root in roots {
            stack.push(root);
            while let Some(at) = stack.pop() {
                if self.entries.list[at as usize].base != Base::Whole {
                    self.name(at)?;
                }
                stack.extend(children.of(at).iter().rev().map(|(_, child)| child));
            }
        }
        Ok(())
    }

    fn name(&mut self, at: u32) -> Result<(), PackError> {
        let Base::Entry(base) = self.entries.list[at as usize].base else {
            return Ok(());
        };
        let kind = self.entries.list[base as usize].kind.ok_or_else(|| PackError::damaged("a delta has no base"))?;
        let body = self.body(at)?;
        let mut hasher = object_hasher(kind, body.len());
        body.copy(0, body.len(), &mut HashWriter(&mut hasher))?;
        let entry = &mut self.entries.list[at as usize];
        entry.id = finish(hasher)?;
        entry.kind = Some(kind);
        Ok(())
    }
}

struct HashWriter<'a>(&'a mut gix_hash::Hasher);

impl std::io::Write for HashWriter<'_> {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        self.0.update(buffer);
        Ok(buffer.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Pairs of base and child, sorted.
struct Children(Vec<(u32, u32)>);

impl Children {
    fn of(&self, base: u32) -> &[(u32, u32)] {
        let start = self.0.partition_point(|(other, _)| *other < base);
        let len = self.0[start..].partition_point(|(other, _)| *other == base);
        &self.0[start..start + len]
    }
}

impl Entries {
    fn children(&self) -> Children {
        let pair = |(at, entry): (usize, &super::Entry)| match entry.base {
            Base::Entry(base) => Some((base, at as u32)),
            _ => None,
        };
        let mut pairs: Vec<(u32, u32)> = self.list.iter().enumerate().filter_map(pair).collect();
        pairs.sort_unstable();
        Children(pairs)
    }

    fn sort(&mut self) {
        let list = &self.list;
        let mut by_id: Vec<u32> = (0..list.len() as u32).filter(|at| list[*at as usize].kind.is_some()).collect();
        by_id.sort_unstable_by_key(|at| list[*at as usize].id);
        self.by_id = by_id;
    }

    /// Finds the bases that are known by name; returns what is made from them and still has no name.
    fn attach_named(&mut self) -> Vec<u32> {
        let mut attached = Vec::new();
        for at in 0..self.list.len() {
            let Base::Named(name) = self.list[at].base else {
                continue;
            };
            let id = self.named[name as usize];
            let found = self.by_id.binary_search_by(|other| self.list[*other as usize].id.cmp(&id));
            if let Ok(found) = found {
                let base = self.by_id[found];
                self.list[base as usize].is_base = true;
                self.list[at].base = Base::Entry(base);
                attached.push(at as u32);
            }
        }
        attached
    }
}

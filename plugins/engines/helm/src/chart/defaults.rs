//! The default values of a chart.

use std::cell::{Cell, OnceCell};

use weir_gotmpl::{Kept, Map, Reader, Writer};

use crate::values::deep_copy;

/// Default values. Every rendering wants a copy for itself; those that were kept are read for it once more, which costs less.
pub(super) struct Defaults {
    shared: OnceCell<Map>,
    kept: Option<Source>,
}

struct Source {
    bytes: &'static [u8],
    /// What was read of them and given to nobody yet.
    spare: Cell<Option<Map>>,
}

impl Defaults {
    pub(super) fn shared(&self) -> &Map {
        self.shared.get_or_init(|| self.read_again().unwrap_or_default())
    }

    /// The values in a map that nobody else sees.
    pub(super) fn copy(&self) -> Map {
        self.read_again().unwrap_or_else(|| deep_copy(self.shared()))
    }

    fn read_again(&self) -> Option<Map> {
        let kept = self.kept.as_ref()?;
        kept.spare.take().or_else(|| Reader::only(kept.bytes))
    }
}

impl From<Map> for Defaults {
    fn from(map: Map) -> Self {
        Defaults { shared: OnceCell::from(map), kept: None }
    }
}

impl Kept for Defaults {
    fn write(&self, to: &mut Writer) {
        to.part(|to| self.shared().write(to));
    }

    fn read(from: &mut Reader) -> Option<Self> {
        let bytes = from.bytes()?;
        let spare = Cell::new(Some(Reader::only(bytes)?));
        Some(Defaults { shared: OnceCell::new(), kept: Some(Source { bytes, spare }) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_seen_by_nobody_else() {
        let map: Map = [("a", Map::new())].into_iter().collect();
        let read = Defaults::from(map);
        let kept: Defaults = Reader::only(Writer::bytes_of(&read).unwrap().leak()).unwrap();
        for defaults in [read, kept] {
            for _ in 0..3 {
                let copy = defaults.copy();
                assert_eq!(copy.len(), 1);
                copy.get("a").unwrap().as_map().unwrap().insert("b", true);
                copy.insert("c", true);
            }
            assert_eq!(weir_gotmpl::Value::from(defaults.shared().clone()).display(), "map[a:map[]]");
        }
    }
}

//! Loaded charts as bytes: files, values and the templates that were parsed, for whoever renders the chart again. Nothing of
//! them is copied when they are read, and templates are decoded only as far as they are executed.

use weir_gotmpl::{Kept, Reader, Writer};

use super::{Chart, Content, Loaded};

impl Loaded {
    /// What [`from_bytes`](Self::from_bytes) reads; nothing if there is something in the chart that cannot be kept.
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        Writer::bytes_of(self)
    }

    /// A chart that was loaded before, by this version of the crate, and for the same Helm: what the bytes say is believed.
    /// Nothing if they are not those of a chart. They stay where they are: [leaked](Vec::leak), by a component that ends with
    /// its call.
    pub fn from_bytes(bytes: &'static [u8]) -> Option<Loaded> {
        Reader::only(bytes)
    }

    /// Whether templates were parsed since the chart was loaded, or read from bytes: there is more to keep.
    pub fn grew(&self) -> bool {
        self.chart.grew()
    }
}

impl Chart {
    fn grew(&self) -> bool {
        self.0.parsed.grew() || self.dependencies().iter().any(Chart::grew)
    }
}

impl Kept for Chart {
    fn write(&self, to: &mut Writer) {
        self.0.content.write(to);
        self.0.parsed.write(to);
    }

    fn read(from: &mut Reader) -> Option<Self> {
        from.deeper(|from| Some(Chart::new(Content::read(from)?, Kept::read(from)?)))
    }
}

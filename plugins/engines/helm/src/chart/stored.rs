//! Loaded charts as bytes: files, values and the templates that were parsed, for whoever renders the chart again.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Chart, Loaded};

impl Loaded {
    /// What [`from_bytes`](Self::from_bytes) reads; nothing if there is something in the chart that cannot be kept.
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        postcard::to_allocvec(self).ok()
    }

    /// A chart that was loaded before, by this version of the crate, and for the same Helm: what the bytes say is believed.
    /// Nothing if they are not those of a chart.
    pub fn from_bytes(bytes: &[u8]) -> Option<Loaded> {
        postcard::from_bytes(bytes).ok()
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

impl Serialize for Chart {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.0.content, &self.0.parsed).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Chart {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (content, parsed) = Deserialize::deserialize(deserializer)?;
        Ok(Chart::new(content, parsed))
    }
}

//! The files of a chart.

use std::borrow::Cow;

use weir_gotmpl::{Str, kept};

use crate::error::{Error, Result};
use crate::limits::{MAX_FILES, MAX_TOTAL_BYTES};

/// A file of a chart.
#[derive(Debug, Clone)]
pub struct File {
    /// Relative to the chart, separated by `/`.
    pub path: Cow<'static, str>,
    /// Its bytes, shared.
    pub data: Str,
}

kept!(File { path, data });

/// What is left of the limits on all files of a chart and its sub-charts.
#[derive(Debug)]
pub(crate) struct Budget {
    files: usize,
    bytes: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { files: MAX_FILES, bytes: MAX_TOTAL_BYTES }
    }
}

impl Budget {
    /// Counts a file.
    ///
    /// # Errors
    /// [`MAX_FILES`] or [`MAX_TOTAL_BYTES`] is passed.
    pub(crate) fn file(&mut self, bytes: u64) -> Result<()> {
        let files = self.files.checked_sub(1);
        self.files = files.ok_or_else(|| Error::limit(format!("chart has more than {MAX_FILES} files")))?;
        let bytes = self.bytes.checked_sub(bytes);
        self.bytes = bytes.ok_or_else(|| Error::limit(format!("chart is larger than {MAX_TOTAL_BYTES} bytes")))?;
        Ok(())
    }
}

/// The bytes without the mark that some editors put in front of UTF-8.
pub(crate) fn without_bom(data: &[u8]) -> &[u8] {
    data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data)
}

//! Chart archives: a gzipped tar with everything in one folder.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

use crate::chart::file::{Budget, File, without_bom};
use crate::error::{Error, Result};
use crate::go_path;
use crate::limits::{MAX_CHART_BYTES, MAX_FILE_BYTES, MAX_PATH_BYTES};

const TOO_LARGE: &str = "decompressed chart is larger than the maximum file size";

/// Go's words for something else than a gzip file.
pub(crate) const NO_GZIP: &str = "gzip: invalid header";

/// Whether the bytes begin as a gzip file does.
pub(crate) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x1f\x8b\x08")
}

/// Unpacks an archive. A link is an empty file, as in Helm.
///
/// # Errors
/// An archive that is broken, too large, or holds a path that leads out of it.
pub(crate) fn unpack(bytes: &[u8], budget: &mut Budget) -> Result<Vec<File>> {
    if !is_gzip(bytes) {
        return Err(Error::chart(if bytes.is_empty() { "EOF" } else { NO_GZIP }));
    }
    let mut archive = tar::Archive::new(MultiGzDecoder::new(bytes));
    let mut files = Vec::new();
    let mut remaining = MAX_CHART_BYTES;
    for entry in archive.entries().map_err(unreadable)? {
        let mut entry = entry.map_err(unreadable)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if entry.header().entry_type().is_dir() || name.ends_with('/') {
            continue;
        }
        let path = inner_path(&name)?;
        let is_link = entry.header().entry_type().is_symlink() || entry.header().entry_type().is_hard_link();
        let size = if is_link { 0 } else { entry.size() };
        if size > remaining {
            return Err(too_large());
        }
        if size > MAX_FILE_BYTES {
            let name = weir_gotmpl::quote(name.as_bytes());
            return Err(Error::limit(format!(
                "decompressed chart file {name} is larger than the maximum file size {MAX_FILE_BYTES}"
            )));
        }
        budget.file(size)?;
        let mut data = Vec::new();
        if !is_link {
            entry.by_ref().take(size).read_to_end(&mut data).map_err(unreadable)?;
        }
        remaining -= size;
        if (data.len() as u64) < size || remaining == 0 {
            return Err(too_large());
        }
        files.push(File { path: path.into(), data: without_bom(&data).into() });
    }
    if files.is_empty() {
        return Err(Error::chart("no files in chart archive"));
    }
    Ok(files)
}

fn too_large() -> Error {
    Error::limit(format!("{TOO_LARGE} {MAX_CHART_BYTES}"))
}

/// Go's words for an archive that cannot be read on.
fn unreadable(error: io::Error) -> Error {
    let text = error.to_string();
    Error::chart(match error.kind() {
        io::ErrorKind::UnexpectedEof => "unexpected EOF".to_owned(),
        _ if text.contains("deflate") => format!("flate: {text}"),
        _ if text.contains("header") || text.contains("numeric field") => "archive/tar: invalid tar header".to_owned(),
        _ => text,
    })
}

/// The path of a file within the chart: without the folder that everything lies in.
fn inner_path(name: &str) -> Result<String> {
    if name.len() > MAX_PATH_BYTES {
        return Err(Error::limit(format!("chart contains a path longer than {MAX_PATH_BYTES} bytes")));
    }
    let delimiter = if name.contains('\\') { '\\' } else { '/' };
    let (folder, rest) = name.split_once(delimiter).unwrap_or((name, ""));
    let path = rest.replace(delimiter, "/");
    if path.starts_with('/') {
        return Err(Error::chart("chart illegally contains absolute paths"));
    }
    let path = go_path::clean(path);
    if path == "." {
        let name = weir_gotmpl::quote(name.as_bytes());
        return Err(Error::chart(format!("chart illegally contains content outside the base directory: {name}")));
    }
    if path.starts_with("..") {
        return Err(Error::chart("chart illegally references parent directory"));
    }
    if matches!(path.as_bytes(), [letter, b':', b'/', ..] if letter.is_ascii_alphabetic()) {
        return Err(Error::chart("chart contains illegally named files"));
    }
    if folder == "Chart.yaml" {
        return Err(Error::chart("chart yaml not in base directory"));
    }
    Ok(path)
}

//! What is in the archive of a chart: a gzipped tar with everything in one folder.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use crate::{Error, Result};

/// All files of an archive together, unpacked; the figure is Helm's.
pub const MAX_UNPACKED_BYTES: u64 = 100 << 20;

/// Checks that an archive is the one that an index means, if that says so.
///
/// # Errors
/// It has another digest.
pub fn check_digest(archive: &[u8], digest: &str) -> Result<()> {
    if digest.is_empty() {
        return Ok(());
    }
    let found = hex::encode(Sha256::digest(archive));
    if !digest.eq_ignore_ascii_case(&found) {
        return Err(Error::Digest { wanted: digest.to_owned(), found });
    }
    Ok(())
}

/// The file at a path within the chart of an archive, if there is one.
///
/// # Errors
/// The archive is broken, or larger than [`MAX_UNPACKED_BYTES`].
pub fn file_in(archive: &[u8], path: &str) -> Result<Option<Vec<u8>>> {
    let mut unpacked = MultiGzDecoder::new(archive).take(MAX_UNPACKED_BYTES);
    match find(&mut unpacked, path) {
        Ok(Some(content)) => Ok(Some(content)),
        _ if unpacked.limit() == 0 => Err(too_large()),
        Ok(None) => Ok(None),
        Err(error) => Err(Error::Archive(error.to_string())),
    }
}

fn find(unpacked: impl Read, path: &str) -> io::Result<Option<Vec<u8>>> {
    let mut archive = tar::Archive::new(unpacked);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if entry.header().entry_type().is_file() && is_at(&name, path) {
            let mut content = Vec::new();
            entry.read_to_end(&mut content)?;
            return match content.len() as u64 == entry.size() {
                true => Ok(Some(content)),
                false => Err(io::ErrorKind::UnexpectedEof.into()),
            };
        }
    }
    Ok(None)
}

fn too_large() -> Error {
    Error::Archive(format!("it is larger than {MAX_UNPACKED_BYTES} bytes"))
}

/// Whether a name in an archive is that of a path within the chart.
fn is_at(name: &str, path: &str) -> bool {
    let parts = |text: &str| -> Vec<String> {
        text.split(['/', '\\']).filter(|part| !matches!(*part, "" | ".")).map(str::to_owned).collect()
    };
    parts(name).get(1..).is_some_and(|inner| !inner.is_empty() && inner == parts(path))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(files: &[(&str, &str)]) -> Vec<u8> {
        let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (path, text) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            archive.append_data(&mut header, path, text.as_bytes()).unwrap();
        }
        archive.into_inner().unwrap().finish().unwrap()
    }

    #[test]
    fn a_file_is_found_by_its_path_in_the_chart() {
        let archive =
            packed(&[("web/Chart.yaml", "name: web\n"), ("web/ci/values.yaml", "b"), ("web/values.yaml", "a")]);
        assert_eq!(file_in(&archive, "values.yaml"), Ok(Some(b"a".to_vec())));
        assert_eq!(file_in(&archive, "./ci/values.yaml"), Ok(Some(b"b".to_vec())));
        assert_eq!(file_in(&archive, "web/values.yaml"), Ok(None));
        assert_eq!(file_in(&archive, ""), Ok(None));
    }

    #[test]
    fn another_archive_is_refused() {
        let archive = packed(&[("web/values.yaml", "a")]);
        let digest = hex::encode(Sha256::digest(&archive));
        assert!(check_digest(&archive, &digest.to_uppercase()).is_ok() && check_digest(&archive, "").is_ok());
        let error = check_digest(&archive, "abc").unwrap_err();
        assert_eq!(error.to_string(), format!("the archive has the digest {digest}, the index wants abc"));
    }

    #[test]
    fn what_is_no_archive_is_an_error() {
        let whole = packed(&[("web/Chart.yaml", "x"), ("web/values.yaml", "a")]);
        for archive in [b"".as_slice(), b"<html>", &whole[..whole.len() / 2]] {
            let error = file_in(archive, "values.yaml").unwrap_err();
            assert!(error.to_string().starts_with("the archive cannot be read: "), "{error}");
        }
    }

    #[test]
    fn an_archive_is_bounded() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        let mut header = tar::Header::new_gnu();
        header.set_path("web/values.yaml").unwrap();
        header.set_size(MAX_UNPACKED_BYTES);
        header.set_cksum();
        encoder.write_all(header.as_bytes()).unwrap();
        let zeros = vec![0; 1 << 20];
        (0..MAX_UNPACKED_BYTES >> 20).for_each(|_| encoder.write_all(&zeros).unwrap());
        let bomb = encoder.finish().unwrap();
        for path in ["values.yaml", "none"] {
            assert_eq!(file_in(&bomb, path), Err(too_large()), "{path}");
        }
    }
}

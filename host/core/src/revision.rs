//! Revision strings such as `main@sha1:<hex>`: parse, print, compare.

use std::fmt;

/// `[<name>@]<algorithm>:<hex>`, or the bare text where a source has no digest in its revision.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Revision {
    /// Branch, tag or reference; may contain `/`.
    pub name: Option<String>,
    /// `sha1:<hex>` or `sha256:<hex>`.
    pub digest: Option<String>,
}

impl Revision {
    /// Reads a revision; the legacy forms `main/<sha>` and `HEAD/<sha>` are read as Flux's normalisation does.
    pub fn parse(text: &str) -> Self {
        if let Some((name, digest)) = text.rsplit_once('@').filter(|(_, d)| is_digest(d)) {
            return Self { name: Some(name.into()), digest: Some(digest.into()) };
        }
        if is_digest(text) {
            return Self { name: None, digest: Some(text.into()) };
        }
        legacy(text).unwrap_or_else(|| Self { name: Some(text.into()), digest: None })
    }

    /// The hex part of the digest.
    pub fn hex(&self) -> Option<&str> {
        self.digest.as_deref().and_then(|d| d.split_once(':')).map(|(_, hex)| hex)
    }
}

fn is_digest(text: &str) -> bool {
    text.split_once(':')
        .is_some_and(|(algorithm, hex)| matches!(algorithm, "sha1" | "sha256" | "sha384" | "sha512") && is_hex(hex))
}

fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn legacy(text: &str) -> Option<Revision> {
    let (name, hash) = text.rsplit_once('/')?;
    let algorithm = match hash.len() {
        40 => "sha1",
        64 => "sha256",
        _ => return None,
    };
    is_hex(hash)
        .then(|| Revision { name: (name != "HEAD").then(|| name.into()), digest: Some(format!("{algorithm}:{hash}")) })
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, &self.digest) {
            (Some(name), Some(digest)) => write!(f, "{name}@{digest}"),
            (Some(only), None) | (None, Some(only)) => f.write_str(only),
            (None, None) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revisions_are_read_and_printed() {
        let hex = "5394cb7f48332b2de7c17dd8b8384bbc84b7e738";
        for (text, name, printed) in [
            (format!("main@sha1:{hex}"), Some("main"), format!("main@sha1:{hex}")),
            (format!("feature/x@sha1:{hex}"), Some("feature/x"), format!("feature/x@sha1:{hex}")),
            (format!("sha1:{hex}"), None, format!("sha1:{hex}")),
            (format!("main/{hex}"), Some("main"), format!("main@sha1:{hex}")),
            (format!("HEAD/{hex}"), None, format!("sha1:{hex}")),
            (format!("user@host@sha1:{hex}"), Some("user@host"), format!("user@host@sha1:{hex}")),
        ] {
            let revision = Revision::parse(&text);
            assert_eq!((revision.name.as_deref(), revision.hex()), (name, Some(hex)), "{text}");
            assert_eq!(revision.to_string(), printed);
        }
        assert_eq!(Revision::parse("6.1.0").digest, None);
    }
}

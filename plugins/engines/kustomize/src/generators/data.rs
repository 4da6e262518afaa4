//! Keys and values from literals, files and env files.

use std::collections::BTreeMap;

use base64::Engine;
use weir_yaml::{Node, Style};

use crate::error::{During, Error, Result, quoted};
use crate::kustomization::GeneratorArgs;
use crate::loader::Loader;
use crate::path;

/// Encoded values are broken into lines of this length, when there is more than one line.
const BASE64_LINE: usize = 70;
/// Go's scanner gives up at a longer line, without an error.
const MAX_ENV_LINE: usize = 64 << 10;
const BYTE_ORDER_MARK: &str = "\u{feff}";

type Pair = (String, Vec<u8>);

/// Every key with its value: env files first, then literals, then files.
pub(super) fn pairs(loader: &Loader<'_>, args: &GeneratorArgs) -> Result<BTreeMap<String, Vec<u8>>> {
    let list = |sources: &[String]| sources.join(" ");
    let load = || -> Result<Vec<Pair>> {
        let mut all = env_files(loader, &args.envs).during(|| format!("env source files: [{}]", list(&args.envs)))?;
        all.extend(literals(&args.literals).during(|| format!("literal sources [{}]", list(&args.literals)))?);
        all.extend(files(loader, &args.files).during(|| format!("file sources: [{}]", list(&args.files)))?);
        Ok(all)
    };
    let mut unique = BTreeMap::new();
    for (key, value) in load().during(|| "loading KV pairs")? {
        if unique.contains_key(&key) {
            return Err(Error::refused(format!("configmap {} illegally repeats the key `{key}`", args.name)));
        }
        unique.insert(key, value);
    }
    Ok(unique)
}

fn literals(sources: &[String]) -> Result<Vec<Pair>> {
    let literal = |source: &String| match source.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), unquoted(value).as_bytes().to_vec())),
        _ => Err(Error::refused(format!("invalid literal source {source}, expected key=value"))),
    };
    sources.iter().map(literal).collect()
}

fn unquoted(text: &str) -> &str {
    ['"', '\''].into_iter().find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote)).unwrap_or(text)
}

fn files(loader: &Loader<'_>, sources: &[String]) -> Result<Vec<Pair>> {
    let file = |source: &String| {
        let (key, path) = file_source(source)?;
        loader.load(path).map(|content| (key.to_owned(), content))
    };
    sources.iter().map(file).collect()
}

/// `key=path`, or a path whose last element is the key.
fn file_source(source: &str) -> Result<(&str, &str)> {
    let refuse = |message: String| Err(Error::Refused(message));
    match (source.matches('=').count(), source.split_once('=')) {
        (1, Some(("", path))) => {
            refuse(format!("missing key name for file path {} in source {}", quoted(path), quoted(source)))
        }
        (1, Some((key, ""))) => {
            refuse(format!("missing file path for key name {} in source {}", quoted(key), quoted(source)))
        }
        (1, Some((key, path))) => Ok((key, path)),
        (0, _) => Ok((path::base(source), source)),
        _ => refuse(format!("source {} key name or file path contains '='", quoted(source))),
    }
}

fn env_files(loader: &Loader<'_>, sources: &[String]) -> Result<Vec<Pair>> {
    let mut pairs = Vec::new();
    for source in sources {
        let content = loader.load(source)?;
        for (index, line) in content.split(|byte| *byte == b'\n').enumerate() {
            if line.len() >= MAX_ENV_LINE {
                break;
            }
            pairs.extend(env_line(line, index)?);
        }
    }
    Ok(pairs)
}

fn env_line(line: &[u8], index: usize) -> Result<Option<Pair>> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let Ok(line) = std::str::from_utf8(line) else {
        let text = String::from_utf8_lossy(line);
        return Err(Error::refused(format!("line {index} has invalid utf8 bytes : {text}")));
    };
    let line = if index == 0 { line.trim_start_matches(BYTE_ORDER_MARK) } else { line };
    let line = line.trim_start();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let (key, value) = line.split_once('=').unwrap_or((line, ""));
    Ok((!key.is_empty()).then(|| (key.to_owned(), value.as_bytes().to_vec())))
}

/// Base64 as kustomize writes it.
pub(super) fn base64_lines(bytes: &[u8]) -> String {
    let encoded = base64::engine::general_purpose::STANDARD.encode(bytes);
    if encoded.len() < BASE64_LINE {
        return encoded;
    }
    let lines = encoded.as_bytes().chunks(BASE64_LINE);
    lines.map(|line| String::from_utf8_lossy(line).into_owned() + "\n").collect()
}

pub(super) fn text_node(text: String) -> Node {
    let style = if text.contains('\n') { Style::Literal } else { Style::Plain };
    Node { style, ..Node::string(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_sources() {
        for (source, expected) in [
            ("a/b.txt", Ok(("b.txt", "a/b.txt"))),
            ("k=a/b.txt", Ok(("k", "a/b.txt"))),
            ("=a", Err("missing key name for file path \"a\" in source \"=a\"")),
            ("a=", Err("missing file path for key name \"a\" in source \"a=\"")),
            ("a=b=c", Err("source \"a=b=c\" key name or file path contains '='")),
        ] {
            assert_eq!(file_source(source).map_err(|error| error.chain()), expected.map_err(str::to_owned));
        }
    }

    #[test]
    fn env_lines() {
        let line = |text: &str| env_line(text.as_bytes(), 0).unwrap().map(|(k, v)| (k, String::from_utf8(v).unwrap()));
        let pair = |key: &str, value: &str| Some((key.to_owned(), value.to_owned()));
        assert_eq!(line("\u{feff}  A=b=c \r"), pair("A", "b=c "));
        assert_eq!(line("A"), pair("A", ""));
        assert_eq!(line("# no"), None);
    }

    #[test]
    fn literals_lose_their_quotes() {
        let pairs = literals(&["a='x'".into(), "b=\"".into(), "c=d=e".into()]).unwrap();
        let values: Vec<&[u8]> = pairs.iter().map(|(_, value)| value.as_slice()).collect();
        assert_eq!(values, [&b"x"[..], b"\"", b"d=e"]);
    }

    #[test]
    fn long_values_are_broken_into_lines() {
        assert_eq!(base64_lines(b"abc"), "YWJj");
        assert_eq!(base64_lines(&[0; 60]), format!("{}\n{}\n", "A".repeat(70), "A".repeat(10)));
    }
}

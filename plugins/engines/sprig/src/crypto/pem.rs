//! Keys and certificates as text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Characters on a line.
const LINE: usize = 64;

/// A block: what it holds, and the bytes.
pub(crate) struct Block {
    pub(crate) kind: String,
    pub(crate) bytes: Vec<u8>,
}

pub(crate) fn encode(kind: &str, bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let mut out = format!("-----BEGIN {kind}-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(LINE));
        out.push_str(line);
        out.push('\n');
        rest = after;
    }
    out.push_str(&format!("-----END {kind}-----\n"));
    out
}

/// The first block in a text.
pub(crate) fn decode(text: &[u8]) -> Option<Block> {
    let text = String::from_utf8_lossy(text);
    let mut rest: &str = &text;
    loop {
        let at = rest.find("-----BEGIN ")?;
        let starts_line = at == 0 || rest.as_bytes()[at - 1] == b'\n';
        rest = &rest[at + "-----BEGIN ".len()..];
        if starts_line && let Some(block) = block(rest) {
            return Some(block);
        }
    }
}

/// Reads from behind the `BEGIN` on.
fn block(text: &str) -> Option<Block> {
    let (first, rest) = text.split_once('\n')?;
    let kind = first.trim_end().strip_suffix("-----")?;
    let end = rest.find(&format!("-----END {kind}-----"))?;
    // Headers are lines with a colon, and a blank line ends them.
    let lines = rest[..end].lines().filter(|line| !line.contains(':'));
    let body: String = lines.flat_map(|line| line.chars()).filter(|c| !c.is_ascii_whitespace()).collect();
    let bytes = STANDARD.decode(body).ok()?;
    Some(Block { kind: kind.to_owned(), bytes })
}

//! Cuts what a template printed into manifests.

use crate::Helm;

/// The documents of a text, as Helm cuts them: at `---` at the start of the text or of a line, whatever follows on the
/// line. Empty ones are left out.
pub(crate) fn split(text: &str, helm: Helm) -> Vec<&str> {
    let text = match helm {
        Helm::V3 => text.trim(),
        Helm::V4 => text.trim_start(),
    };
    let mut documents = Vec::new();
    let mut start = 0;
    while let Some((from, to)) = separator(text, start) {
        documents.push(&text[start..from]);
        start = to;
    }
    documents.push(&text[start..]);
    match helm {
        Helm::V3 => documents.into_iter().filter(|text| !text.is_empty()).map(str::trim).collect(),
        Helm::V4 => documents.into_iter().filter(|text| !text.trim().is_empty()).map(str::trim_start).collect(),
    }
}

/// The next separator from `start` on, with the white space around it: `(?:^|\s*\n)---\s*`.
fn separator(text: &str, start: usize) -> Option<(usize, usize)> {
    let from = match start == 0 && text.starts_with("---") {
        true => 0,
        false => start + text[start..].find("\n---")?,
    };
    let dashes = if text[from..].starts_with('\n') { from + 1 } else { from };
    let before = text[start..from].trim_end_matches(is_space).len();
    let after = text[dashes + 3..].trim_start_matches(is_space);
    Some((start + before, text.len() - after.len()))
}

/// `\s` of Go's regular expressions.
fn is_space(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\x0c' | '\r' | ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_cut_at_separators() {
        for (text, expected) in [
            ("a: 1\n---\nb: 2\n", vec!["a: 1", "b: 2"]),
            ("---\na: 1\n \n\n--- \n\n  b: 2", vec!["a: 1", "b: 2"]),
            ("---a: 1\n---b: 2", vec!["a: 1", "b: 2"]),
            ("a: |\n  ---\n  x", vec!["a: |\n  ---\n  x"]),
            ("---\n---\na: 1", vec!["---\na: 1"]),
            ("\n\n", vec![]),
            ("a\n---\n# only a comment\n---\n", vec!["a", "# only a comment"]),
            ("a ---\n", vec!["a ---"]),
        ] {
            assert_eq!(split(text, Helm::V3), expected, "{text:?}");
        }
    }

    #[test]
    fn helm_4_keeps_the_space_at_the_end() {
        assert_eq!(split("a: 1\n\n---\nb: 2\n\n", Helm::V4), ["a: 1", "b: 2\n\n"]);
    }
}

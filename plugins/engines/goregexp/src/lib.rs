//! Go's regular expressions in the syntax of the `regex` and `regex-lite` crates, which have the same semantics: finite
//! automata, leftmost first. What Go refuses is refused, in its words.
//!
//! ```
//! use weir_goregexp::{Dialect, translate};
//!
//! let translated = translate(r"\${NAME}", Dialect::Lite).unwrap();
//! assert!(regex_lite::Regex::new(&translated.pattern).unwrap().is_match("${NAME}"));
//! assert_eq!(translate("a**", Dialect::Lite).unwrap_err().to_string(), "invalid nested repetition operator: `**`");
//! ```

mod class;
mod escape;
mod translate;

pub use translate::{Translated, translate};

/// How deeply the groups of an expression may be nested.
pub const MAX_DEPTH: usize = 250;

/// The crate that an expression is for.
#[derive(Clone, Copy)]
pub enum Dialect {
    /// `regex`; the function says whether it knows a class such as `\p{Greek}`.
    Full(fn(&str) -> bool),
    /// `regex-lite`, which has no Unicode classes: they are refused.
    Lite,
}

/// What is wrong with an expression: Go's words and the part that they are about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: `{part}`")]
pub struct SyntaxError {
    pub code: &'static str,
    pub part: String,
}

pub(crate) fn error(code: &'static str, part: &str) -> SyntaxError {
    SyntaxError { code, part: part.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_match(expression: &str, text: &str) -> bool {
        let translated = translate(expression, Dialect::Lite).unwrap();
        regex_lite::Regex::new(&translated.pattern).unwrap().is_match(text)
    }

    #[test]
    fn the_small_crate_takes_what_go_takes() {
        for (expression, text) in [
            (r"^\${NAME}-[0-9]{1,2}$", "${NAME}-12"),
            ("^a{,2}{x$", "a{,2}{x"),
            (r"^\Qa.b\E\z", "a.b"),
            (r"^[^\D]+[\W][\w]\b", "12-a"),
            (r"^[[:^alpha:][:digit:]]+$", "1-2"),
            (r"^[]a&&b]+$", "]a&&b"),
            (r"(?i:^AB)(?s:.)(?m:^c)", "ab\nc"),
            (r"^(?P<n>a|b)+?$", "abab"),
            (r"^\x{1F600}\101$", "😀A"),
        ] {
            assert!(is_match(expression, text), "{expression}");
        }
        assert!(!is_match(r"^\Qa.b\E$", "axb") && !is_match(r"^[^\d\s]$", "1") && !is_match(r"^\S$", " "));
    }

    #[test]
    fn groups_nest_only_so_deep() {
        let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
        assert!(translate(&nested(MAX_DEPTH), Dialect::Lite).is_ok());
        let error = translate(&nested(MAX_DEPTH + 1), Dialect::Lite).unwrap_err();
        assert_eq!(error.code, "expression nests too deeply");
    }

    #[test]
    fn unicode_classes_are_for_the_large_crate() {
        assert!(translate(r"\pL", Dialect::Full(|class| class == r"\p{L}")).is_ok());
        assert_eq!(translate(r"\pL", Dialect::Lite).unwrap_err().to_string(), r"invalid character class range: `\pL`");
    }
}

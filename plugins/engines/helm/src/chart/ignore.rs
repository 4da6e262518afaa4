//! `.helmignore`.

use crate::error::{Error, Result};
use crate::go_path;

/// The rules of a `.helmignore` file, and Helm's own: hidden files in `templates/` are no templates.
#[derive(Debug, Clone)]
pub struct IgnoreRules {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    pattern: Pattern,
    negated: bool,
    only_folders: bool,
    /// Without a slash, a pattern is matched with the last element of a path.
    whole_path: bool,
}

/// Most patterns need no search.
#[derive(Debug, Clone)]
enum Pattern {
    /// Without anything special.
    Literal(String),
    /// `*` and what follows it, of names: they have no slash that would stop the star.
    Suffix(String),
    Any(String),
}

impl Pattern {
    fn new(text: &str, whole_path: bool) -> Pattern {
        let is_literal = |text: &str| !text.contains(['*', '?', '[', '\\']);
        match text.strip_prefix('*') {
            None if is_literal(text) => Pattern::Literal(text.to_owned()),
            Some(suffix) if !whole_path && is_literal(suffix) => Pattern::Suffix(suffix.to_owned()),
            _ => Pattern::Any(text.to_owned()),
        }
    }

    fn matches(&self, name: &str) -> bool {
        match self {
            Pattern::Literal(text) => text == name,
            Pattern::Suffix(suffix) => name.ends_with(suffix.as_str()),
            Pattern::Any(pattern) => go_path::matches(pattern, name) == Ok(true),
        }
    }
}

impl Default for IgnoreRules {
    fn default() -> Self {
        let own = rule("templates/.?*").ok().flatten();
        IgnoreRules { rules: own.into_iter().collect() }
    }
}

impl IgnoreRules {
    /// Reads a file's rules.
    ///
    /// # Errors
    /// `**`, which Helm does not have, and malformed patterns.
    pub fn parse(text: &str) -> Result<IgnoreRules> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut rules = Vec::new();
        for line in text.split('\n') {
            rules.extend(rule(line)?);
        }
        rules.extend(IgnoreRules::default().rules);
        Ok(IgnoreRules { rules })
    }

    /// Whether a file or folder is left out. The path is relative to the chart; what lies in a folder that is left out is
    /// left out as well, which is for the caller to see to, or for [`IgnoreRules::ignores_file`].
    pub fn ignores(&self, path: &str, is_folder: bool) -> bool {
        if path.is_empty() || path == "." || path == "./" {
            return false;
        }
        for rule in &self.rules {
            if rule.negated {
                // A rule that keeps something leaves out all the rest.
                if rule.only_folders && !is_folder || !rule.matches(path) {
                    return true;
                }
            } else if (!rule.only_folders || is_folder) && rule.matches(path) {
                return true;
            }
        }
        false
    }

    /// Whether a file is left out, itself or with a folder that it lies in.
    pub fn ignores_file(&self, path: &str) -> bool {
        let mut folders = path.match_indices('/').map(|(at, _)| &path[..at]);
        folders.any(|folder| self.ignores(folder, true)) || self.ignores(path, false)
    }
}

impl Rule {
    fn matches(&self, path: &str) -> bool {
        let path = if self.whole_path { path } else { go_path::base(path) };
        self.pattern.matches(path)
    }
}

fn rule(line: &str) -> Result<Option<Rule>> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    if line.contains("**") {
        return Err(Error::chart("double-star (**) syntax is not supported"));
    }
    go_path::matches(line, "abc").map_err(|error| Error::chart(error.to_string()))?;
    let kept = line.strip_prefix('!');
    let pattern = kept.unwrap_or(line);
    let folder = pattern.strip_suffix('/');
    let pattern = folder.unwrap_or(pattern);
    let whole_path = pattern.contains('/');
    Ok(Some(Rule {
        whole_path,
        pattern: Pattern::new(pattern.strip_prefix('/').unwrap_or(pattern), whole_path),
        negated: kept.is_some(),
        only_folders: folder.is_some(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_match_as_in_helm() {
        for (rules, path, expected) in [
            ("helm.txt", "sub/helm.txt", true),
            ("/a.txt", "a.txt", true),
            ("/a.txt", "sub/a.txt", false),
            ("sub/*", "sub/a.txt", true),
            ("sub/*", "sub/deep/a.txt", true),
            ("docs/", "docs/a", true),
            ("docs/", "docs", false),
            ("# docs\n\n  *.md  ", "x/README.md", true),
            ("!keep.txt", "keep.txt", false),
            ("!keep.txt", "other.txt", true),
            ("", "templates/.hidden", true),
            ("", "templates/.", false),
            ("", ".hidden", false),
            ("\u{feff}*.bak", "a.bak", true),
            ("*.bak", "deep/.bak", true),
            ("*.bak", "a.bak.txt", false),
            ("*.ba?", "a.bak", true),
            ("/*.bak", "deep/a.bak", false),
            ("a\\.txt", "a.txt", true),
            ("a.[tx]*", "b/a.txt", true),
        ] {
            let parsed = IgnoreRules::parse(rules).unwrap();
            assert_eq!(parsed.ignores_file(path), expected, "{rules:?} {path}");
        }
    }

    #[test]
    fn what_helm_does_not_have_is_refused() {
        let error = IgnoreRules::parse("a/**").unwrap_err();
        assert_eq!(error.to_string(), "double-star (**) syntax is not supported");
        assert_eq!(IgnoreRules::parse("[").unwrap_err().to_string(), "syntax error in pattern");
    }
}

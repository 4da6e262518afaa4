//! What may stand in a file, and how long it may be.

use std::path::Path;

use anyhow::{Context, Result};
use walkdir::{DirEntry, WalkDir};

/// Lines of code in one file; tests below the code do not count.
const MAX_LINES: usize = 600;

/// Files that are tables of data, and so may be as long as the data.
const TABLES: [&str; 1] = ["host/api/src/helm_release.rs"];

/// Text that must not stand in Rust code, with the reason. Written in two parts, so that this file passes itself.
const FORBIDDEN_CODE: [(&str, &str, &str); 4] = [
    ("to", "do!(", "unfinished work does not land"),
    ("unimple", "mented!(", "unfinished work does not land"),
    ("#[ig", "nore", "a test that is not run tests nothing"),
    ("db", "g!(", "left over from debugging"),
];

/// Text that must not stand anywhere, with the reason.
const FORBIDDEN_TEXT: [(&str, &str, &str); 2] =
    [("/wo", "rk/", "a path of one machine"), ("/tmp/", "notes", "a path of one machine")];

pub(crate) fn check(root: &Path) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for entry in WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(is_ours) {
        let entry = entry.context("failed to walk the repository")?;
        if !entry.file_type().is_file() {
            continue;
        }
        let bytes =
            std::fs::read(entry.path()).with_context(|| format!("failed to read: {}", entry.path().display()))?;
        // What is not text is data of a test.
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        let name = entry.path().strip_prefix(root).unwrap_or(entry.path()).display().to_string();
        findings.extend(check_file(&name, &text));
    }
    Ok(findings)
}

fn is_ours(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    let is_built = entry.depth() == 1 && (name == "target" || name == "Cargo.lock");
    !(name == ".git" || name == "target" || name == "corpus" || is_built)
}

fn check_file(name: &str, text: &str) -> Vec<String> {
    let is_rust = Path::new(name).extension().is_some_and(|extension| extension == "rs");
    let mut findings = find(name, text, &FORBIDDEN_TEXT);
    if is_rust {
        findings.extend(find(name, text, &FORBIDDEN_CODE));
        findings.extend(too_long(name, text));
    }
    findings
}

fn find(name: &str, text: &str, forbidden: &[(&str, &str, &str)]) -> Vec<String> {
    let mut findings = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for (first, second, reason) in forbidden {
            let word = format!("{first}{second}");
            if line.contains(&word) {
                findings.push(format!("{name}:{}: `{word}`: {reason}", number + 1));
            }
        }
    }
    findings
}

fn too_long(name: &str, text: &str) -> Option<String> {
    let is_test = name.split('/').rev().skip(1).any(|folder| folder == "tests") || name.ends_with("tests.rs");
    if is_test || TABLES.contains(&name) {
        return None;
    }
    let code = text.lines().take_while(|line| *line != "#[cfg(test)]").count();
    (code > MAX_LINES).then(|| format!("{name}: {code} lines of code: {MAX_LINES} are the most for one file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forbidden_words_are_found_with_their_line() {
        let text = format!("fn a() {{\n    {}{});\n}}\n", "to", "do!(");
        assert_eq!(
            check_file("host/a.rs", &text),
            [format!("host/a.rs:2: `{}{}`: unfinished work does not land", "to", "do!(")]
        );
        assert_eq!(check_file("host/a.md", &text), Vec::<String>::new());
    }

    #[test]
    fn tests_do_not_count_as_code() {
        let code = "// line\n".repeat(MAX_LINES);
        let cases = [
            ("host/a.rs", code.clone(), true),
            ("host/a.rs", format!("{code}#[cfg(test)]\nmod tests {{}}\n"), true),
            ("host/a.rs", format!("{code}// more\n"), false),
            ("host/tests/a.rs", format!("{code}// more\n"), true),
        ];
        for (name, text, tidy) in cases {
            assert_eq!(check_file(name, &text).is_empty(), tidy, "{name}");
        }
    }
}

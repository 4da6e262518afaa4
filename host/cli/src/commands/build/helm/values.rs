//! Values from files and from the command line.

use std::collections::BTreeMap;
use std::io::Read;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::args::Values;

/// Stands for standard input.
const STDIN: &str = "-";

/// Name and content of each file. Standard input is read once: whoever names it again gets nothing, as in Helm.
pub(super) fn documents(names: &[String]) -> Result<Vec<(String, String)>> {
    names.iter().map(|name| Ok((name.clone(), text(name)?))).collect()
}

fn text(name: &str) -> Result<String> {
    if is_url(name) {
        bail!("values are not fetched: {name}\nhint: fetch the file, then name it");
    }
    let content = if name.trim() == STDIN { read_stdin()? } else { read(name)? };
    String::from_utf8(content)
        .map_err(|_| anyhow::anyhow!("failed to parse {name}: error converting YAML to JSON: yaml: invalid UTF-8"))
}

fn is_url(name: &str) -> bool {
    ["http://", "https://", "oci://"].iter().any(|scheme| name.starts_with(scheme))
}

fn read_stdin() -> Result<Vec<u8>> {
    let mut content = Vec::new();
    std::io::stdin().read_to_end(&mut content).context("failed to read standard input")?;
    Ok(content)
}

fn read(name: &str) -> Result<Vec<u8>> {
    std::fs::read(name).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => anyhow::anyhow!("open {name}: no such file or directory"),
        _ => anyhow::Error::new(error).context(format!("failed to read: {name}")),
    })
}

/// What `--set` and its relatives say, in the order in which Helm goes through them.
pub(super) fn expressions(values: &Values) -> Vec<Value> {
    let kinds = [
        ("json", &values.set_json),
        ("value", &values.set),
        ("string", &values.set_string),
        ("file", &values.set_file),
        ("literal", &values.set_literal),
    ];
    let all = kinds.into_iter().flat_map(|(kind, texts)| texts.iter().map(move |text| (kind, text)));
    all.map(|(kind, text)| json!({"kind": kind, "expression": text})).collect()
}

/// The files that `--set-file` names. Which ones those are is known for certain only to Helm's own parser, in the
/// renderer; whatever could be a path is offered to it.
pub(super) fn files(expressions: &[String]) -> Result<BTreeMap<String, Value>> {
    let mut files = BTreeMap::new();
    for path in expressions.iter().flat_map(|expression| paths(expression)) {
        if let Ok(content) = std::fs::read(&path) {
            files.insert(path, json!(content_of(content)));
        }
    }
    Ok(files)
}

fn content_of(content: Vec<u8>) -> Value {
    match String::from_utf8(content) {
        Ok(text) => Value::String(text),
        Err(error) => json!(error.into_bytes()),
    }
}

/// Everything between unescaped separators of an expression.
fn paths(expression: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut letters = expression.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => all.last_mut().expect("it starts with one").extend(letters.next()),
            '=' | ',' | '{' | '}' => all.push(String::new()),
            other => all.last_mut().expect("it starts with one").push(other),
        }
    }
    all.retain(|path| !path.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_may_be_a_path_is_tried() {
        assert_eq!(paths(r"a.b=x.txt,c={d\,e.txt,f}"), ["a.b", "x.txt", "c", "d,e.txt", "f"]);
    }

    #[test]
    fn files_come_as_they_are() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name).display().to_string();
        std::fs::write(path("text"), "a\n").unwrap();
        std::fs::write(path("bytes"), [0xff, 0]).unwrap();
        let expression = format!("a={},b={},c={}", path("text"), path("bytes"), path("none"));
        let expected = BTreeMap::from([(path("bytes"), json!([255, 0])), (path("text"), json!("a\n"))]);
        assert_eq!(files(&[expression]).unwrap(), expected);
    }

    #[test]
    fn a_file_that_is_not_there_is_named_as_go_names_it() {
        let error = documents(&["no/such.yaml".to_owned()]).unwrap_err();
        assert_eq!(error.to_string(), "open no/such.yaml: no such file or directory");
        assert!(documents(&["https://example.com/x".to_owned()]).unwrap_err().to_string().contains("not fetched"));
    }
}

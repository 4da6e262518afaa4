use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use anyhow::{Context, Result};
use base64::Engine;
use serde::Serialize;
use walkdir::WalkDir;
use weir_kustomize::MemoryFs;

/// What a program gets: files, and the directory among them to work on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Case {
    pub files: BTreeMap<String, Vec<u8>>,
    pub dir: String,
}

/// A case as an oracle reads it.
#[derive(Serialize)]
pub(crate) struct Question<'a> {
    files: BTreeMap<&'a str, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<&'a Path>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unrestricted: bool,
    dir: &'a str,
}

impl Case {
    pub fn new(dir: &str) -> Case {
        Case { files: BTreeMap::new(), dir: dir.to_owned() }
    }

    pub fn insert(&mut self, path: impl Into<String>, content: impl Into<Vec<u8>>) {
        self.files.insert(path.into(), content.into());
    }

    /// The case that a folder on the disk holds.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn read(folder: &Path, dir: &str) -> Result<Case> {
        let mut case = Case::new(dir);
        for entry in WalkDir::new(folder) {
            let entry = entry?;
            if !entry.file_type().is_file() {
                continue;
            }
            let path = entry.path().strip_prefix(folder)?.to_string_lossy().into_owned();
            let content =
                std::fs::read(entry.path()).with_context(|| format!("failed to read: {}", entry.path().display()))?;
            case.insert(path, content);
        }
        Ok(case)
    }

    /// Writes the files into a folder.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        for (path, content) in &self.files {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
            std::fs::write(&path, content).with_context(|| format!("failed to write: {}", path.display()))?;
        }
        Ok(())
    }

    pub(crate) fn file_system(&self) -> MemoryFs {
        self.files.iter().map(|(path, content)| (path.clone(), content.clone())).collect()
    }

    pub(crate) fn question(&self) -> Question<'_> {
        let encode = |content: &Vec<u8>| base64::engine::general_purpose::STANDARD.encode(content);
        Question {
            files: self.files.iter().map(|(path, content)| (path.as_str(), encode(content))).collect(),
            folder: None,
            unrestricted: false,
            dir: &self.dir,
        }
    }

    /// The question of a case that was read from a folder, which need not be sent.
    pub(crate) fn question_in<'a>(&'a self, folder: &'a Path, unrestricted: bool) -> Question<'a> {
        Question { files: BTreeMap::new(), folder: Some(folder), unrestricted, dir: &self.dir }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "build {:?}", self.dir)?;
        for (path, content) in &self.files {
            writeln!(f, "=== {path}\n{}", String::from_utf8_lossy(content).trim_end_matches('\n'))?;
        }
        Ok(())
    }
}

//! From the renderer's documents to what `helm template` prints, or the files that it writes.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use weir_plugin::Rendered;

/// What the renderer made, put apart as Helm treats it.
#[derive(Debug, Default)]
pub(super) struct Output {
    /// From the chart's `crds` folders.
    crds: Vec<Document>,
    manifests: Vec<Document>,
    hooks: Vec<Document>,
    pub(super) notes: String,
    /// Functions whose result is not the same every time.
    pub(super) functions: Option<String>,
    /// Why the documents are not valid; there is none unless they were asked for all the same.
    pub(super) error: Option<String>,
}

#[derive(Debug)]
struct Document {
    /// The file of the chart that it comes from.
    path: String,
    text: String,
}

impl Document {
    fn printed(&self) -> String {
        format!("---\n# Source: {}\n{}\n", self.path, self.text)
    }
}

impl Output {
    /// The renderer emits CRDs, manifests and hooks in this order and says in its metadata how many there are of each.
    pub(super) fn read(rendered: Rendered) -> Result<Self> {
        let field = |name: &str| rendered.metadata.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let crds: usize = field("crds").unwrap_or_default().parse().unwrap_or(0);
        let hooks: Vec<Value> = serde_json::from_str(&field("hooks").unwrap_or_else(|| "[]".to_owned()))
            .context("the renderer does not say which documents are hooks")?;
        let (notes, functions, error) = (field("notes").unwrap_or_default(), field("functions"), field("error"));
        let paths = rendered.origins.into_iter().map(|origin| origin.path.unwrap_or_default());
        let mut all = paths.zip(rendered.documents).map(|(path, text)| Document { path, text }).collect::<Vec<_>>();
        let hooks = all.split_off(all.len().saturating_sub(hooks.len()));
        let manifests = all.split_off(crds.min(all.len()));
        Ok(Self { crds: all, manifests, hooks, notes, functions, error })
    }

    /// As Helm prints it: the manifests without the space around them, then the hooks.
    pub(super) fn text(&self) -> String {
        let manifests: String = self.crds.iter().chain(&self.manifests).map(Document::printed).collect();
        let hooks: String = self.hooks.iter().map(Document::printed).collect();
        format!("{}\n{hooks}", manifests.trim())
    }

    /// What `--show-only` prints: the renderer has chosen the documents, and they name their files themselves.
    pub(super) fn shown(&self) -> String {
        self.manifests.iter().map(|document| format!("---\n{}\n", document.text)).collect()
    }

    /// One file for each file of the chart, below `dir`, and the lines that say so. CRDs are not put below the release's
    /// folder.
    pub(super) fn write_files(&self, dir: &Path, release: Option<&str>) -> Result<String> {
        let below = release.map_or_else(|| dir.to_owned(), |name| dir.join(name));
        let mut lines = String::new();
        let mut written: Vec<PathBuf> = Vec::new();
        let crds = self.crds.iter().map(|document| (dir, document, false));
        let manifests = self.manifests.iter().map(|document| (below.as_path(), document, false));
        let hooks = self.hooks.iter().map(|document| (below.as_path(), document, true));
        for (dir, document, is_hook) in crds.chain(manifests).chain(hooks) {
            let file = dir.join(inside(&document.path)?);
            let append = written.contains(&file) || (is_hook && file.exists());
            write(&file, &document.printed(), append)?;
            lines.push_str(&format!("wrote {}\n", file.display()));
            written.push(file);
        }
        Ok(lines)
    }
}

/// A path that does not lead out of the folder that it is put below.
fn inside(path: &str) -> Result<&Path> {
    let path = Path::new(path);
    if path.components().all(|part| matches!(part, Component::Normal(_))) {
        return Ok(path);
    }
    bail!("a template's path leads out of the folder: {}", path.display())
}

fn write(file: &Path, text: &str, append: bool) -> Result<()> {
    let failed = || format!("failed to write: {}", file.display());
    std::fs::create_dir_all(file.parent().unwrap_or(Path::new(""))).with_context(failed)?;
    let mut options = OpenOptions::new();
    let options = if append { options.append(true) } else { options.write(true).create(true).truncate(true) };
    options.open(file).and_then(|mut file| file.write_all(text.as_bytes())).with_context(failed)
}

#[cfg(test)]
mod tests {
    use weir_plugin::DocumentOrigin;

    use super::*;

    fn output(documents: &[(&str, &str)], metadata: &[(&str, &str)]) -> Output {
        let origin = |path: &str| DocumentOrigin { path: Some(path.to_owned()), index: 0 };
        Output::read(Rendered {
            documents: documents.iter().map(|(_, text)| (*text).to_owned()).collect(),
            origins: documents.iter().map(|(path, _)| origin(path)).collect(),
            metadata: metadata.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            ..Rendered::default()
        })
        .unwrap()
    }

    fn all() -> Output {
        let documents =
            [("web/crds/a.yaml", "crd: 1\n"), ("web/templates/b.yaml", "b: 1"), ("web/templates/b.yaml", "hook: 1")];
        output(&documents, &[("crds", "1"), ("hooks", r#"[{"document":2}]"#)])
    }

    #[test]
    fn the_text_is_that_of_helm() {
        let expected = "---\n# Source: web/crds/a.yaml\ncrd: 1\n\n---\n# Source: web/templates/b.yaml\nb: 1\n---\n# Source: web/templates/b.yaml\nhook: 1\n";
        assert_eq!(all().text(), expected);
        assert_eq!(output(&[], &[]).text(), "\n");
        assert_eq!(output(&[("a/b.yaml", "x: 1\n\n")], &[]).text(), "---\n# Source: a/b.yaml\nx: 1\n");
    }

    #[test]
    fn files_are_written_as_helm_writes_them() {
        let dir = tempfile::tempdir().unwrap();
        let read = |path: &str| std::fs::read_to_string(dir.path().join(path)).unwrap();
        for _ in 0..2 {
            let lines = all().write_files(dir.path(), Some("shop")).unwrap();
            assert_eq!(lines.matches("wrote ").count(), 3);
            assert_eq!(read("web/crds/a.yaml"), "---\n# Source: web/crds/a.yaml\ncrd: 1\n\n");
            let both = "---\n# Source: web/templates/b.yaml\nb: 1\n---\n# Source: web/templates/b.yaml\nhook: 1\n";
            assert_eq!(read("shop/web/templates/b.yaml"), both, "hooks come after what is there");
        }
        let error = output(&[("web/../../x.yaml", "")], &[]).write_files(dir.path(), None).unwrap_err();
        assert!(error.to_string().contains("leads out of the folder"), "{error}");
    }
}

//! What a renderer sees of the machine: the folder, and as much around it as the folder may refer to.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The folder that the plugin is given, and the path inside it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Input {
    pub(crate) root: PathBuf,
    pub(crate) path: String,
}

/// A cluster gets a whole repository, so a folder in a repository does too; elsewhere it is the current directory, as far
/// as the folder is in it.
pub(crate) fn of(dir: &Path) -> Result<Input> {
    let dir = dir.canonicalize().with_context(|| format!("failed to open: {}", dir.display()))?;
    if !dir.is_dir() {
        let folder = dir.parent().unwrap_or(&dir);
        bail!("must build at a folder, this is a file: {}\nhint: `{}` is its folder", dir.display(), folder.display());
    }
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).ok();
    Ok(choose(&dir, here.as_deref()))
}

/// The same for a chart: its folder, or the archive that it is in.
pub(crate) fn of_chart(chart: &Path) -> Result<Input> {
    let chart = chart.canonicalize().with_context(|| format!("failed to open: {}", chart.display()))?;
    if chart.is_dir() {
        return of(&chart);
    }
    let (Some(dir), Some(name)) = (chart.parent(), chart.file_name()) else {
        bail!("not a chart: {}", chart.display());
    };
    // An archive refers to nothing around it.
    Ok(Input { root: dir.to_owned(), path: name.to_string_lossy().into_owned() })
}

fn choose(dir: &Path, here: Option<&Path>) -> Input {
    let repository = dir.ancestors().find(|folder| folder.join(".git").exists());
    let root = repository.or_else(|| here.filter(|here| dir.starts_with(here))).unwrap_or(dir);
    let path = dir.strip_prefix(root).unwrap_or(Path::new(""));
    Input { root: root.to_owned(), path: path.to_string_lossy().into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_is_the_root() {
        let top = tempfile::tempdir().unwrap();
        let dir = top.path().join("a/b");
        std::fs::create_dir_all(&dir).unwrap();
        let input = |root: &Path, path: &str| Input { root: root.to_owned(), path: path.to_owned() };
        assert_eq!(choose(&dir, None), input(&dir, ""));
        assert_eq!(choose(&dir, Some(&top.path().join("a"))), input(&top.path().join("a"), "b"));
        assert_eq!(choose(&dir, Some(Path::new("/nowhere"))), input(&dir, ""));
        std::fs::create_dir(top.path().join(".git")).unwrap();
        assert_eq!(choose(&dir, Some(&top.path().join("a"))), input(top.path(), "a/b"));
    }
}

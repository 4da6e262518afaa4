//! A Git repository made from a folder, and changed the way people change one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{Error, Result};

/// A bare repository and the folder that its commits are made from.
///
/// The two are apart, so that a user's folder (which may be a repository itself) is only read.
#[derive(Debug, Clone)]
pub struct GitRepo {
    git_dir: PathBuf,
    work_tree: PathBuf,
    url: String,
    /// The tree of the last commit that was made here.
    committed: Arc<Mutex<String>>,
}

impl GitRepo {
    /// Makes `git_dir` a repository whose branch `main` has one commit: the content of `work_tree`.
    pub(crate) fn init(git_dir: PathBuf, work_tree: PathBuf, url: String) -> Result<Self> {
        fs::create_dir_all(&work_tree).map_err(Error::file("create", &work_tree))?;
        fs::create_dir_all(&git_dir).map_err(Error::file("create", &git_dir))?;
        let repo = Self { git_dir, work_tree, url, committed: Arc::default() };
        repo.git(&["init", "--quiet", "--bare", "--initial-branch=main"])?;
        for setting in ["http.receivepack", "uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"] {
            repo.git(&["config", setting, "true"])?;
        }
        repo.git(&["config", "core.bare", "false"])?;
        repo.git(&["config", "receive.denyCurrentBranch", "ignore"])?;
        repo.commit("initial commit")?;
        Ok(repo)
    }

    /// Where the server serves it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The folder that commits are made from.
    #[must_use]
    pub fn work_tree(&self) -> &Path {
        &self.work_tree
    }

    /// Writes `text` to `path` below the folder; not yet a commit.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) -> Result<()> {
        let file = self.work_tree.join(path);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent).map_err(Error::file("create", parent))?;
        }
        fs::write(&file, text).map_err(Error::file("write", &file))
    }

    /// Removes the file or folder `path`; not yet a commit.
    ///
    /// # Errors
    /// When it is not there.
    pub fn remove(&self, path: &str) -> Result<()> {
        let file = self.work_tree.join(path);
        let removed = if file.is_dir() { fs::remove_dir_all(&file) } else { fs::remove_file(&file) };
        removed.map_err(Error::file("remove", &file))
    }

    /// Commits everything in the folder to the current branch, even when nothing has changed, and serves it. Returns the
    /// commit's id.
    ///
    /// # Errors
    /// When `git` fails.
    pub fn commit(&self, message: &str) -> Result<String> {
        self.git(&["add", "--all"])?;
        self.git(&["commit", "--quiet", "--allow-empty", "--no-verify", "--message", message])?;
        *self.committed() = self.git(&["rev-parse", "HEAD^{tree}"])?;
        self.head()
    }

    /// Commits when the folder has changed since its last commit from here, so that what others push is not undone.
    /// Returns the new commit's id.
    ///
    /// # Errors
    /// When `git` fails.
    pub fn commit_changes(&self, message: &str) -> Result<Option<String>> {
        self.git(&["add", "--all"])?;
        let tree = self.git(&["write-tree"])?;
        if *self.committed() == tree {
            return Ok(None);
        }
        self.commit(message).map(Some)
    }

    fn committed(&self) -> MutexGuard<'_, String> {
        self.committed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The id of the current branch's last commit.
    ///
    /// # Errors
    /// When `git` fails.
    pub fn head(&self) -> Result<String> {
        self.git(&["rev-parse", "HEAD"])
    }

    /// Moves to the branch `name`, made from the current commit when new. The folder stays as it is.
    ///
    /// # Errors
    /// When the name is not a valid one.
    pub fn branch(&self, name: &str) -> Result<()> {
        let full = format!("refs/heads/{name}");
        if self.git(&["rev-parse", "--quiet", "--verify", &full]).is_err() {
            self.git(&["branch", name])?;
        }
        self.git(&["symbolic-ref", "HEAD", &full]).map(drop)
    }

    /// Tags the current commit, with an annotated tag when a message is given.
    ///
    /// # Errors
    /// When the tag exists.
    pub fn tag(&self, name: &str, message: Option<&str>) -> Result<()> {
        match message {
            Some(message) => self.git(&["tag", "--annotate", "--message", message, name]),
            None => self.git(&["tag", name]),
        }
        .map(drop)
    }

    /// Runs any other `git` command on the repository; returns its trimmed output.
    ///
    /// # Errors
    /// When `git` is missing or fails.
    pub fn git(&self, args: &[&str]) -> Result<String> {
        let mut command = command();
        command.current_dir(&self.work_tree).env("GIT_DIR", &self.git_dir);
        // A bare repository is what `init` makes; everything else works on the folder.
        if args.first() != Some(&"init") {
            command.env("GIT_WORK_TREE", &self.work_tree);
        }
        run(command.args(args))
    }
}

/// `git`, untouched by the user's settings.
pub(crate) fn command() -> Command {
    let mut command = Command::new("git");
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX"] {
        command.env_remove(name);
    }
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_TERMINAL_PROMPT", "0");
    command.env("GIT_AUTHOR_NAME", "weir").env("GIT_AUTHOR_EMAIL", "dev@weir.local");
    command.env("GIT_COMMITTER_NAME", "weir").env("GIT_COMMITTER_EMAIL", "dev@weir.local");
    command
}

fn run(command: &mut Command) -> Result<String> {
    let line = || {
        let args: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy().into_owned()).collect();
        format!("git {}", args.join(" "))
    };
    let line = line();
    let output = command.output().map_err(|source| Error::Spawn { program: "git".to_owned(), source })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(Error::Command { command: line, output: String::from_utf8_lossy(&output.stderr).trim().to_owned() })
}

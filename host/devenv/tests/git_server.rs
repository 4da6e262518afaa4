//! Real `git` clients against the server.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

use weir_devenv::{BasicAuth, GitServer, Registry};

fn git(dir: &Path, args: &[&str]) -> Result<String, String> {
    let mut command = Command::new("git");
    command.current_dir(dir).env("GIT_TERMINAL_PROMPT", "0").env("GIT_CONFIG_GLOBAL", "/dev/null");
    command.args(["-c", "user.name=t", "-c", "user.email=t@t"]).args(args);
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim().to_owned();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

#[tokio::test(flavor = "multi_thread")]
async fn clone_commit_push_and_redirect() {
    let source = tempfile();
    std::fs::write(source.path().join("a.yaml"), "a: 1\n").unwrap();
    let server = GitServer::start(None).await.unwrap();
    let repo = server.repo("fleet", Some(source.path())).unwrap();
    server.redirect("old", repo.url());

    let work = tempfile();
    git(work.path(), &["clone", "-q", &server.url("old"), "c"]).unwrap();
    let clone = work.path().join("c");
    assert_eq!(std::fs::read_to_string(clone.join("a.yaml")).unwrap(), "a: 1\n");

    repo.write("dir/b.yaml", "b: 2\n").unwrap();
    let commit = repo.commit("add b").unwrap();
    repo.tag("v1.0.0", Some("first")).unwrap();
    git(&clone, &["fetch", "-q", "--tags"]).unwrap();
    assert_eq!(git(&clone, &["rev-parse", "origin/main"]).unwrap(), commit);
    assert_eq!(git(&clone, &["rev-parse", "v1.0.0^{commit}"]).unwrap(), commit);
    assert_eq!(repo.commit_changes("nothing").unwrap(), None);

    git(&clone, &["checkout", "-q", "-b", "topic"]).unwrap();
    git(&clone, &["commit", "-q", "--allow-empty", "-m", "pushed"]).unwrap();
    git(&clone, &["push", "-q", &server.url("fleet"), "topic"]).unwrap();
    let pushed = git(&clone, &["rev-parse", "HEAD"]).unwrap();
    assert_eq!(repo.git(&["rev-parse", "topic"]).unwrap(), pushed);

    repo.branch("other").unwrap();
    repo.write("c.yaml", "c: 3\n").unwrap();
    let other = repo.commit("on other").unwrap();
    assert_eq!(repo.git(&["rev-parse", "other"]).unwrap(), other);
    assert_eq!(repo.git(&["rev-parse", "main"]).unwrap(), commit);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_asked_for() {
    let auth = BasicAuth { username: "user".to_owned(), password: "secret".to_owned() };
    let server = GitServer::start(Some(auth)).await.unwrap();
    let repo = server.repo("org/fleet", None).unwrap();
    let work = tempfile();
    assert!(git(work.path(), &["ls-remote", repo.url()]).is_err());
    let with_password = repo.url().replace("http://", "http://user:secret@");
    assert!(git(work.path(), &["ls-remote", &with_password]).unwrap().contains("refs/heads/main"));
    let wrong = repo.url().replace("http://", "http://user:wrong@");
    assert!(git(work.path(), &["ls-remote", &wrong]).is_err());
}

#[tokio::test]
async fn a_registry_answers() {
    let (one, two) = tokio::join!(Registry::start(), Registry::start());
    for registry in [one.unwrap(), two.unwrap()] {
        let answer = reqwest::get(format!("http://{}/v2/", registry.host())).await.unwrap();
        assert_eq!(answer.status(), 200);
    }
}

fn tempfile() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

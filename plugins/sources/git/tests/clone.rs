//! The plugin against a real `git http-backend`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use support::{Behaviour, GitServer, Repository};
use tempfile::TempDir;
use weir_sdk::testing::Harness;
use weir_sdk::{Class, Error, Previous, Report, Resolution, Result, Source, SourceRequest};
use weir_source_git::{EXECUTABLES, GitSource, SUBJECT};

fn request(url: &str, mut spec: Value, previous: Option<Previous>) -> SourceRequest<weir_source_git::Config> {
    if spec.get("url").is_none() {
        spec["url"] = json!(url);
    }
    let config = serde_json::from_value(json!({"url": url, "spec": spec})).unwrap();
    SourceRequest { object: Default::default(), config, previous }
}

struct Run {
    resolution: Resolution,
    report: Report,
    out: TempDir,
}

impl Run {
    /// The files with their content, directories with a slash.
    fn tree(&self) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        collect(self.out.path(), self.out.path(), &mut found);
        found
    }

    fn paths(&self) -> Vec<String> {
        self.tree().into_keys().filter(|path| !path.ends_with('/')).collect()
    }

    fn metadata(&self, key: &str) -> Option<&str> {
        self.report.metadata.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    fn previous(&self) -> Option<Previous> {
        Some(Previous { revision: self.resolution.revision.clone(), state: self.resolution.state.clone() })
    }
}

fn collect(root: &Path, directory: &Path, found: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        assert!(!path.is_symlink(), "{name} is a link");
        if path.is_dir() {
            found.insert(format!("{name}/"), String::new());
            collect(root, &path, found);
        } else {
            found.insert(name, String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned());
        }
    }
}

fn run_with(harness: Harness, url: &str, spec: Value, previous: Option<Previous>) -> Result<Run> {
    let (out, scratch) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let cx = harness.loopback().output(out.path(), scratch.path()).source_context();
    let request = request(url, spec, previous);
    let resolution = GitSource::resolve(&cx, &request)?;
    let report = match resolution.unchanged {
        true => Report::default(),
        false => GitSource::fetch(&cx, &request, &resolution)?,
    };
    Ok(Run { resolution, report, out })
}

fn run(url: &str, spec: Value) -> Result<Run> {
    run_with(Harness::new(), url, spec, None)
}

fn server() -> (GitServer, Repository) {
    let server = GitServer::start(Behaviour::default());
    let repository = server.repository("repo");
    (server, repository)
}

#[test]
fn references_and_revisions() {
    let (server, repo) = server();
    let first = repo.write("a.yaml", "1").commit("first");
    repo.git(&["branch", "master"]);
    repo.git(&["tag", "v1.0.0"]);
    repo.git(&["tag", "v1.2"]);
    repo.git(&["tag", "latest"]);
    let second = repo.write("a.yaml", "2").commit("second");
    repo.git(&["tag", "-a", "-m", "annotated", "v1.9.0"]);
    repo.git(&["branch", "feature/x"]);
    repo.git(&["update-ref", "refs/pull/1/head", &first]);
    let third = repo.write("a.yaml", "3").commit("third");
    repo.git(&["tag", "2.0.0-rc.1"]);
    let url = server.url("repo");
    let check = |spec: Value, revision: &str, commit: &str, content: &str| {
        let run = run(&url, json!({"ref": spec})).unwrap_or_else(|error| panic!("{revision}: {error}"));
        assert_eq!(run.resolution.revision, format!("{revision}sha1:{commit}"));
        assert_eq!(run.tree()["a.yaml"], content, "{revision}");
    };
    check(json!({}), "master@", &first, "1");
    check(json!({"branch": "main"}), "main@", &third, "3");
    check(json!({"branch": "feature/x"}), "feature/x@", &second, "2");
    check(json!({"tag": "v1.0.0"}), "v1.0.0@", &first, "1");
    check(json!({"tag": "v1.9.0"}), "v1.9.0@", &second, "2");
    check(json!({"semver": ">=1.0 <2.0"}), "v1.9.0@", &second, "2");
    check(json!({"semver": ">=1.0.0"}), "v1.9.0@", &second, "2");
    check(json!({"semver": ">=1.0.0-0"}), "2.0.0-rc.1@", &third, "3");
    check(json!({"commit": &first}), "", &first, "1");
    check(json!({"commit": &first, "branch": "main"}), "main@", &first, "1");
    check(json!({"commit": &third, "branch": "main"}), "main@", &third, "3");
    check(json!({"name": "refs/pull/1/head"}), "refs/pull/1/head@", &first, "1");
    check(json!({"name": "refs/tags/v1.9.0^{}"}), "refs/tags/v1.9.0^{}@", &second, "2");
    check(json!({"name": "refs/tags/v1.9.0"}), "refs/tags/v1.9.0@", &second, "2");
    let all = json!({"branch": "main", "semver": ">=1.0.0", "tag": "v1.0.0"});
    check(all.clone(), "v1.0.0@", &first, "1");
    let mut named = all;
    named["name"] = json!("refs/heads/feature/x");
    check(named.clone(), "refs/heads/feature/x@", &second, "2");
    named["commit"] = json!(&first);
    check(named, "main@", &first, "1");
}

#[test]
fn tags_that_tie_are_decided_by_the_commit() {
    let (server, repo) = server();
    repo.write("a", "old").git(&["add", "."]);
    repo.git_at(1_600_000_000, &["commit", "-q", "-m", "old"]);
    repo.git(&["tag", "1.0.0+b"]);
    let old = repo.git(&["rev-parse", "HEAD"]);
    repo.write("a", "new").git(&["add", "."]);
    repo.git_at(1_700_000_000, &["commit", "-q", "-m", "new"]);
    repo.git(&["tag", "1.0.0+a"]);
    let new = repo.git(&["rev-parse", "HEAD"]);
    for filter in ["false", "true"] {
        repo.git(&["config", "uploadpack.allowFilter", filter]);
        let run = run(&server.url("repo"), json!({"ref": {"semver": "1.0.x"}})).unwrap();
        assert_eq!(run.resolution.revision, format!("1.0.0+a@sha1:{new}"), "and not {old}");
        assert_eq!(run.tree()["a"], "new");
    }
}

#[test]
fn a_commit_must_be_in_the_branch() {
    let (server, repo) = server();
    let first = repo.write("a", "1").commit("first");
    repo.git(&["checkout", "-q", "-b", "other"]);
    let other = repo.write("a", "2").commit("other");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("a", "3").commit("second");
    for filter in ["false", "true"] {
        repo.git(&["config", "uploadpack.allowFilter", filter]);
        let spec = |commit: &str| json!({"ref": {"branch": "main", "commit": commit}});
        assert_eq!(run(&server.url("repo"), spec(&first)).unwrap().tree()["a"], "1");
        let error = run(&server.url("repo"), spec(&other)).err().unwrap();
        assert!(
            error.message().contains(&format!("unable to resolve commit object for '{other}': object not found")),
            "{error}"
        );
    }
}

#[test]
fn nothing_new_costs_one_listing() {
    let (server, repo) = server();
    let first = repo.write("a.yaml", "1").commit("first");
    let url = server.url("repo");
    let spec = json!({"ref": {"branch": "main"}});
    let run1 = run(&url, spec.clone()).unwrap();
    assert_eq!(server.requests(), ["GET info/refs", "POST ls-refs", "GET info/refs", "POST fetch"]);
    assert!(run1.report.bytes_in > 0);

    let run2 = run_with(Harness::new(), &url, spec.clone(), run1.previous()).unwrap();
    assert!(run2.resolution.unchanged);
    assert_eq!(server.requests(), ["GET info/refs", "POST ls-refs"]);

    let spec2 = json!({"ref": {"branch": "main"}, "ignore": "*.md"});
    let run3 = run_with(Harness::new(), &url, spec2, run1.previous()).unwrap();
    assert!(!run3.resolution.unchanged, "other content at the same revision");
    assert_eq!(run3.resolution.revision, run1.resolution.revision);
    server.requests();

    let lone = json!({"ref": {"commit": first}});
    let run4 = run(&url, lone.clone()).unwrap();
    assert_eq!(server.requests(), ["GET info/refs", "POST fetch"]);
    assert!(run_with(Harness::new(), &url, lone, run4.previous()).unwrap().resolution.unchanged);
    assert_eq!(server.requests(), Vec::<String>::new(), "a commit does not move");
}

#[test]
fn a_forced_push_is_a_new_revision() {
    let (server, repo) = server();
    repo.write("a", "1").commit("first");
    let spec = json!({"ref": {"branch": "main"}});
    let before = run(&server.url("repo"), spec.clone()).unwrap();
    repo.write("a", "rewritten").git(&["add", "."]);
    repo.git(&["commit", "-q", "--amend", "-m", "rewritten"]);
    let after = run_with(Harness::new(), &server.url("repo"), spec, before.previous()).unwrap();
    assert_ne!(after.resolution.revision, before.resolution.revision);
    assert_eq!(after.tree()["a"], "rewritten");
}

fn mixed(repo: &Repository) {
    for path in [
        "app.yaml",
        "logo.png",
        ".github/ci.yaml",
        ".gitignore",
        "docs/a.md",
        "apps/x.md",
        "apps/keep.md",
        "images/only.png",
    ] {
        repo.write(path, path);
    }
    repo.write("apps/.sourceignore", "*.md\n");
    repo.commit("mixed");
}

#[test]
fn what_stays_out() {
    let (server, repo) = server();
    mixed(&repo);
    let check = |spec: Value, expected: &[&str]| {
        let run = run(&server.url("repo"), spec.clone()).unwrap();
        assert_eq!(run.paths(), expected, "{spec}");
    };
    let with = |ignore: &str| json!({"ref": {"branch": "main"}, "ignore": ignore});
    let files = ["app.yaml", "apps/.sourceignore", "docs/a.md", "images/only.png", "logo.png", ".github/ci.yaml"];
    let mut plain: Vec<&str> = files.to_vec();
    plain.sort_unstable();
    check(json!({"ref": {"branch": "main"}}), &plain);
    let mut kept = plain.clone();
    kept.retain(|path| *path != "docs/a.md");
    kept.push("apps/keep.md");
    kept.sort_unstable();
    check(with("docs/\n!apps/keep.md"), &kept);

    repo.git(&["rm", "-q", "apps/.sourceignore"]);
    repo.commit("no ignore file");
    let defaults = ["app.yaml", "apps/keep.md", "apps/x.md", "docs/a.md"];
    check(json!({"ref": {"branch": "main"}}), &defaults);
    check(with(""), &defaults);
    let run = run(&server.url("repo"), json!({"ref": {"branch": "main"}})).unwrap();
    let tree = run.tree();
    assert!(
        tree.contains_key("images/") && !tree.contains_key(".github/"),
        "directories are judged like files: {tree:?}"
    );
}

#[test]
fn links_executables_and_submodules() {
    let (server, repo) = server();
    repo.write("run.sh", "#!/bin/sh\n").write("plain", "x").write("bin/tool", "y").write("links/x", "z");
    std::os::unix::fs::symlink("/etc/passwd", repo.path.join("passwd")).unwrap();
    std::os::unix::fs::symlink("../plain", repo.path.join("links/up")).unwrap();
    let commit = repo.commit("first");
    repo.git(&["update-index", "--chmod=+x", "run.sh", "bin/tool"]);
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{commit},vendored/module")]);
    repo.git(&["commit", "-q", "-m", "modes"]);
    let run = run(&server.url("repo"), json!({"ref": {"branch": "main"}})).unwrap();
    assert_eq!(run.paths(), ["bin/tool", "links/x", "plain", "run.sh"]);
    assert!(run.tree().contains_key("vendored/module/"));
    assert_eq!(run.metadata(EXECUTABLES), Some(r#"["bin/tool","run.sh"]"#));
    assert_eq!(run.metadata(SUBJECT), Some("modes"));
}

#[test]
fn a_sparse_checkout() {
    let (server, repo) = server();
    repo.write("apps/a.yaml", "a")
        .write("apps/deep/b.yaml", "b")
        .write("infra/c.yaml", "c")
        .write("root.yaml", "r")
        .commit("first");
    let spec = |dirs: &[&str]| json!({"ref": {"branch": "main"}, "sparseCheckout": dirs});
    let check = |dirs: &[&str], expected: &[&str]| {
        assert_eq!(run(&server.url("repo"), spec(dirs)).unwrap().paths(), expected, "{dirs:?}");
    };
    check(&["./apps"], &["apps/a.yaml", "apps/deep/b.yaml"]);
    check(&["apps/deep/", "infra"], &["apps/deep/b.yaml", "infra/c.yaml"]);
    let error = run(&server.url("repo"), spec(&["./apps", "missing"])).err().unwrap();
    assert_eq!(error.reason(), "GitOperationFailed");
    assert_eq!(error.message(), "sparse checkout dir 'missing' does not exist in repository");
}

#[test]
fn what_is_not_there() {
    let (server, repo) = server();
    let url = server.url("repo");
    let fail = |spec: Value| -> Error { run(&url, json!({"ref": spec})).err().unwrap() };
    let error = fail(json!({"branch": "main"}));
    assert_eq!(
        (error.reason(), error.message(), error.class()),
        ("EmptyGitRepository", "git repository is empty", Class::Transient)
    );
    assert_eq!(fail(json!({"semver": "*"})).reason(), "EmptyGitRepository");

    let first = repo.write("a", "1").commit("first");
    let blob = repo.git(&["rev-parse", "HEAD:a"]);
    let missing = "0123456789012345678901234567890123456789";
    let prefix = "failed to checkout and determine revision: ";
    let clone = format!("{prefix}unable to clone '{url}': ");
    let check = |spec: Value, expected: &str| {
        let error = fail(spec);
        assert_eq!(error.reason(), "GitOperationFailed", "{error}");
        assert!(error.message().starts_with(expected), "{error}\n  should start with\n{expected}");
    };
    check(json!({"branch": "x"}), &format!("{clone}couldn't find remote ref \"refs/heads/x\""));
    check(json!({"branch": "x", "commit": first}), &format!("{clone}couldn't find remote ref \"refs/heads/x\""));
    check(json!({"tag": "v1"}), &format!("{clone}couldn't find remote ref \"refs/tags/v1\""));
    check(
        json!({"name": "refs/pull/9/head"}),
        &format!("{prefix}unable to resolve ref 'refs/pull/9/head' to a specific commit"),
    );
    check(json!({"semver": ">=1.0"}), &format!("{prefix}no match found for semver: >=1.0"));
    check(json!({"semver": "nonsense"}), &format!("{prefix}semver parse error: improper constraint"));
    check(json!({"commit": "main"}), &format!("{prefix}unable to resolve commit object for 'main': object not found"));
    check(json!({"commit": missing}), &clone);
    check(json!({"commit": blob}), prefix);

    let error = run(&server.url("nowhere"), json!({})).err().unwrap();
    assert!(error.message().ends_with("repository not found"), "{error}");
    assert_eq!(error.class(), Class::Transient);
}

#[test]
fn credentials() {
    let basic = "Basic dXNlcjpwYXNz";
    let server = GitServer::start(Behaviour { authorization: Some(basic.to_owned()), ..Behaviour::default() });
    server.repository("repo").write("a", "1").commit("first");
    let url = server.url("repo");
    let spec = json!({"ref": {"branch": "main"}, "secretRef": {"name": "s"}});
    let with = |entries: &[(&str, &str)]| Harness::new().secret("secretRef", entries);
    let good = with(&[("username", "user"), ("password", "pass")]);
    assert_eq!(run_with(good.clone(), &url, spec.clone(), None).unwrap().tree()["a"], "1");
    assert_eq!(good.attached()[0], (server.origin(), "basic".to_owned()));

    let fail = |harness: Harness, url: &str, spec: &Value| -> (Class, String, String) {
        let error = run_with(harness, url, spec.clone(), None).err().unwrap();
        (error.class(), error.reason().to_owned(), error.message().to_owned())
    };
    let check = |harness: Harness, words: &str| {
        let (class, reason, message) = fail(harness, &url, &spec);
        assert_eq!((class, reason.as_str()), (Class::Unauthorized, "AuthenticationFailed"), "{message}");
        assert!(message.ends_with(words), "{message}");
        assert!(!message.contains("wrong"), "{message}");
    };
    check(with(&[("username", "user"), ("password", "wrong")]), "authorization failed");
    check(with(&[("bearerToken", "wrong"), ("username", "user"), ("password", "pass")]), "authorization failed");
    check(with(&[("ca.crt", "x")]), "authentication required");
    check(with(&[("username", "user")]), "the secret has no key `password`");
    check(Harness::new(), "failed to get secret: `s` not found");

    let inside = url.replace("http://", "http://user:pass@");
    let plain = json!({"url": url, "ref": {"branch": "main"}});
    let from_url = Harness::new().secret("url", &[("username", "user"), ("password", "pass")]);
    assert_eq!(run_with(from_url, &inside, plain.clone(), None).unwrap().tree()["a"], "1");
    let (class, _, message) = fail(Harness::new(), &inside, &plain);
    assert_eq!(class, Class::Unsupported);
    assert!(message.contains("spec.secretRef") && !message.contains("pass@"), "{message}");
    let (class, reason, message) = fail(with(&[("bearerToken", "t")]), &inside, &spec);
    assert_eq!((class, reason.as_str()), (Class::Terminal, "AuthenticationFailed"));
    assert_eq!(message, "basic auth and bearer token cannot be set at the same time");
    let (class, reason, _) = fail(with(&[("githubAppID", "1")]), &url, &spec);
    assert_eq!((class, reason.as_str()), (Class::Terminal, "InvalidProviderConfiguration"));
}

#[test]
fn a_bearer_token() {
    let server = GitServer::start(Behaviour { authorization: Some("Bearer tok".to_owned()), ..Behaviour::default() });
    server.repository("repo").write("a", "1").commit("first");
    let harness = Harness::new().secret("secretRef", &[("bearerToken", "tok"), ("username", "u"), ("password", "p")]);
    let spec = json!({"ref": {"branch": "main"}, "secretRef": {"name": "s"}});
    assert_eq!(run_with(harness, &server.url("repo"), spec, None).unwrap().tree()["a"], "1");
}

#[test]
fn redirects_stay_within_the_origin() {
    let moved = Behaviour { redirect: Some(("/old".to_owned(), "/repo".to_owned())), ..Behaviour::default() };
    let server = GitServer::start(moved);
    server.repository("repo").write("a", "1").commit("first");
    let spec = json!({"ref": {"branch": "main"}});
    assert_eq!(run(&server.url("old"), spec.clone()).unwrap().tree()["a"], "1");

    let away =
        Behaviour { redirect: Some(("/old".to_owned(), format!("{}/repo", server.origin()))), ..Behaviour::default() };
    let other = GitServer::start(away);
    let error = run(&other.url("old"), spec).err().unwrap();
    assert!(error.message().contains("redirect to another origin is not followed"), "{error}");
    assert_eq!(error.reason(), "GitOperationFailed");
}

#[test]
fn a_server_that_fails() {
    let status = Behaviour { status: Some("503 Service Unavailable".to_owned()), ..Behaviour::default() };
    let server = GitServer::start(status);
    let error = run(&server.url("repo"), json!({})).err().unwrap();
    assert_eq!((error.class(), error.reason()), (Class::Transient, "GitOperationFailed"));
    assert_eq!(error.retry(), Some(std::time::Duration::from_secs(7)));
    let nobody = "http://127.0.0.1:9/x.git";
    let error = run(nobody, json!({})).err().unwrap();
    assert_eq!((error.class(), error.reason()), (Class::Transient, "GitOperationFailed"), "{error}");
}

#[test]
fn ssh_needs_a_mirror() {
    let error = run("ssh://git@example.com/a/b", json!({})).err().unwrap();
    assert_eq!(error.class(), Class::Unsupported);
    assert!(error.message().contains("--mirror"), "{error}");
}

#[test]
fn messages_name_the_declared_address() {
    let (server, repo) = server();
    repo.write("a", "1").commit("first");
    let spec = json!({"url": "https://example.com/declared", "ref": {"branch": "x"}});
    let error = run(&server.url("repo"), spec).err().unwrap();
    assert!(error.message().contains("unable to clone 'https://example.com/declared'"), "{error}");
}

#[test]
fn many_small_files() {
    const FILES: usize = 30_000;
    let (server, repo) = server();
    // Straight into a pack: a work tree of this size costs more than what is tested.
    let mut stream = "commit refs/heads/main\ncommitter B <b@example.com> 1700000000 +0000\ndata 4\nmany\n".to_owned();
    for at in 0..FILES {
        let content = format!("number: {at}\n");
        let path = format!("apps/{}/{}/file-{at}.yaml", at % 40, at % 900);
        stream += &format!("M 100644 inline {path}\ndata {}\n{content}\n", content.len());
    }
    repo.git_with_input(&["fast-import", "--quiet"], &stream);
    let run = run(&server.url("repo"), json!({"ref": {"branch": "main"}})).unwrap();
    let tree = run.tree();
    assert_eq!(tree.keys().filter(|path| !path.ends_with('/')).count(), FILES);
    assert_eq!(tree["apps/27/147/file-12747.yaml"], "number: 12747\n");
}

#[test]
fn trees_are_limited() {
    let (server, repo) = server();
    repo.write("a", "x").commit("first");
    let id = repo.git(&["rev-parse", "HEAD:a"]);
    let check = |tree: &str, part: &str| {
        let commit = repo.git(&["commit-tree", "-m", "bomb", tree]);
        repo.git(&["update-ref", "refs/heads/main", &commit]);
        let error = run(&server.url("repo"), json!({"ref": {"branch": "main"}})).err().unwrap();
        assert!(error.message().contains(part), "{error}");
        assert_eq!(error.class(), Class::Terminal);
    };
    // The same few objects again and again.
    let tree = |count: usize, line: &dyn Fn(usize) -> String| {
        repo.git_with_input(&["mktree"], &(0..count).map(line).collect::<String>())
    };
    let repeated = |files: usize, times: usize| {
        let inner = tree(files, &|at| format!("100644 blob {id}\tf{at}\n"));
        tree(times, &|at| format!("040000 tree {inner}\td{at}\n"))
    };
    check(&repeated(400, weir_source_git::MAX_FILES / 400 + 1), "the number of files exceeds 100000");
    let entries = weir_source_git::MAX_TREE_ENTRIES;
    check(&repeated(1000, entries / 1000), "the number of entries exceeds 500000");
    let mut deep = tree(1, &|_| format!("100644 blob {id}\tf\n"));
    for _ in 0..weir_source_git::MAX_DEPTH {
        deep = tree(1, &|_| format!("040000 tree {deep}\td\n"));
    }
    check(&deep, "the depth of directories exceeds 64");
    let long = "#".repeat(weir_source_git::MAX_METADATA_BYTES as usize + 1);
    let long = repo.git_with_input(&["hash-object", "-w", "--stdin"], &long);
    check(&tree(1, &|_| format!("100644 blob {long}\t.sourceignore\n")), "ignore file in bytes exceeds");
}

#[test]
fn too_many_tags_tie() {
    let (server, repo) = server();
    for at in 0..33 {
        repo.commit(&format!("number {at}"));
        repo.git(&["tag", &format!("1.0.0+{at}")]);
    }
    let error = run(&server.url("repo"), json!({"ref": {"semver": "1.x"}})).err().unwrap();
    assert!(error.message().contains("more than 32 tags have the same precedence"), "{error}");
}

#[test]
fn a_server_with_the_old_protocol() {
    let server = GitServer::start(Behaviour { old_protocol: true, ..Behaviour::default() });
    let repo = server.repository("repo");
    let url = server.url("repo");
    assert_eq!(run(&url, json!({})).err().unwrap().reason(), "EmptyGitRepository");
    repo.write("a", "1").commit("first");
    repo.git(&["tag", "-a", "-m", "annotated", "v1.0.0"]);
    let commit = repo.git(&["rev-parse", "HEAD"]);
    for (spec, revision) in [(json!({"branch": "main"}), "main"), (json!({"semver": "1.x"}), "v1.0.0")] {
        let run = run(&url, json!({"ref": spec})).unwrap();
        assert_eq!(run.resolution.revision, format!("{revision}@sha1:{commit}"));
        assert_eq!(run.tree()["a"], "1");
    }
    let error = run(&url, json!({"ref": {"branch": "x"}})).err().unwrap();
    assert!(error.message().contains("couldn't find remote ref"), "{error}");
}

//! GitRepository: what is fetched, what is kept, and what is said about it.

use std::{fs, path::Path};

use serde_json::json;
use weir_devenv::{BasicAuth, GitServer};
use weir_e2e::{Scope, View, eventually, fleet::config_map, shared};

fn revision(object: &View) -> &str {
    object.text("/status/artifact/revision")
}

fn archives(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| file.file_name().into_string().ok()).filter(|name| name.ends_with(".tar.gz")).collect()
}

#[tokio::test]
async fn every_kind_of_reference_resolves_as_in_flux() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "git-references").await;
    let first = t.commit([("a.yaml", config_map("a", "1"))]);
    t.repo.tag("v1.0.0", Some("first")).unwrap();
    let second = t.commit([("a.yaml", config_map("a", "2"))]);
    t.repo.tag("1.9.0", None).unwrap();
    for tag in ["2.0.0-rc.1", "v1.2", "latest"] {
        t.repo.tag(tag, None).unwrap();
    }
    t.repo.branch("feature/x").unwrap();
    let third = t.commit([("a.yaml", config_map("a", "3"))]);
    t.repo.git(&["branch", "master", "main"]).unwrap();
    let [first, second, third] = [&first, &second, &third].map(|revision| revision.trim_start_matches("main@sha1:"));

    let cases = [
        ("none", json!({}), format!("master@sha1:{second}")),
        ("branch", json!({"ref": {"branch": "main"}}), format!("main@sha1:{second}")),
        ("slash", json!({"ref": {"branch": "feature/x"}}), format!("feature/x@sha1:{third}")),
        ("tag", json!({"ref": {"tag": "v1.0.0"}}), format!("v1.0.0@sha1:{first}")),
        ("semver", json!({"ref": {"semver": ">=1.0 <2.0"}}), format!("1.9.0@sha1:{second}")),
        ("semver-stable", json!({"ref": {"semver": ">=1.0.0"}}), format!("1.9.0@sha1:{second}")),
        ("semver-pre", json!({"ref": {"semver": ">=1.0.0-0"}}), format!("2.0.0-rc.1@sha1:{second}")),
        ("commit", json!({"ref": {"commit": first}}), format!("sha1:{first}")),
        ("commit-branch", json!({"ref": {"commit": first, "branch": "main"}}), format!("main@sha1:{first}")),
        ("name", json!({"ref": {"name": "refs/heads/feature/x"}}), format!("refs/heads/feature/x@sha1:{third}")),
        (
            "tag-wins",
            json!({"ref": {"tag": "v1.0.0", "semver": "*", "branch": "main"}}),
            format!("v1.0.0@sha1:{first}"),
        ),
        (
            "name-wins",
            json!({"ref": {"name": "refs/heads/main", "tag": "v1.0.0"}}),
            format!("refs/heads/main@sha1:{second}"),
        ),
    ];
    for (name, spec, _) in &cases {
        t.source_with(name, spec.clone()).await;
    }
    for (name, _, expected) in &cases {
        let object = t.ready("GitRepository", name).await;
        assert_eq!(revision(&object), expected, "{name}");
        assert_eq!(
            object.condition("Ready"),
            format!("True Succeeded: stored artifact for revision '{expected}'"),
            "{name}"
        );
        assert_eq!(object.condition("ArtifactInStorage"), object.condition("Ready"), "{name}");
    }
}

#[tokio::test]
async fn an_artifact_is_served_where_its_status_says() {
    let (plane, engine) = shared().await;
    let t = Scope::new(plane, "git-artifact").await;
    let expected = t.commit([("a.yaml", config_map("a", "1"))]);
    t.source().await;
    let object = t.ready("GitRepository", "repo").await;
    let commit = expected.trim_start_matches("main@sha1:");
    assert_eq!(object.text("/status/artifact/path"), format!("gitrepository/git-artifact/repo/{commit}.tar.gz"));
    let body = reqwest::get(object.text("/status/artifact/url")).await.unwrap().bytes().await.unwrap();
    assert_eq!(object.at("/status/artifact/size"), &json!(body.len()));
    assert_eq!(fs::read(engine.storage().join(object.text("/status/artifact/path"))).unwrap(), body);
    let event = t.event("repo", "for the artifact", |event| event.contains("NewArtifact")).await;
    assert_eq!(event, "Normal NewArtifact: stored artifact for commit 'change'");
    let written = t.event_objects("repo").await.pop().unwrap();
    assert_eq!(written.text("/source/component"), "source-controller");
    assert_eq!(written.at("/metadata/annotations/source.toolkit.fluxcd.io~1revision"), &json!(expected));
}

#[tokio::test]
async fn an_unchanged_repository_writes_no_status() {
    let (plane, engine) = shared().await;
    let t = Scope::new(plane, "git-unchanged").await;
    t.commit([("a.yaml", config_map("a", "1"))]);
    t.source_with("repo", json!({"ref": {"branch": "main"}, "interval": "1s"})).await;
    let before = t.ready("GitRepository", "repo").await;
    engine.reconciled_again("GitRepository", "git-unchanged", "repo", 3).await;
    assert_eq!(t.get("GitRepository", "repo").await.version(), before.version());
}

#[tokio::test]
async fn suspension_holds_and_a_request_is_answered() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "git-suspend").await;
    let first = t.commit([("a.yaml", config_map("a", "1"))]);
    t.source().await;
    t.ready("GitRepository", "repo").await;
    t.edit("GitRepository", "repo", "flux", json!({"spec": {"suspend": true}})).await;
    let second = t.commit([("a.yaml", config_map("a", "2"))]);
    let suspended = t.reconcile("GitRepository", "repo").await;
    assert_eq!(revision(&suspended), first);
    t.edit("GitRepository", "repo", "flux", json!({"spec": {"suspend": false}})).await;
    t.wait("GitRepository", "repo", "at the new revision", |o| o.is_ready() && revision(o) == second).await;
}

#[tokio::test]
async fn deletion_removes_the_artifacts_and_the_finalizer() {
    let (plane, engine) = shared().await;
    let t = Scope::new(plane, "git-deletion").await;
    t.commit([("a.yaml", config_map("a", "1"))]);
    t.source().await;
    let object = t.ready("GitRepository", "repo").await;
    assert_eq!(object.at("/metadata/finalizers"), &json!(["finalizers.fluxcd.io"]));
    let folder = engine.storage().join("gitrepository/git-deletion/repo");
    assert_eq!(archives(&folder).len(), 1);
    t.delete("GitRepository", "repo").await;
    t.gone("GitRepository", "repo").await;
    assert!(!folder.exists());
}

#[tokio::test]
async fn at_most_two_archives_are_kept() {
    let (plane, engine) = shared().await;
    let t = Scope::new(plane, "git-retention").await;
    t.commit([("a.yaml", config_map("a", "0"))]);
    t.source().await;
    t.ready("GitRepository", "repo").await;
    let mut last = String::new();
    for value in ["1", "2", "3", "4"] {
        last = t.commit([("a.yaml", config_map("a", value))]);
        t.request("GitRepository", "repo").await;
        t.wait("GitRepository", "repo", "at the new revision", |o| o.is_ready() && revision(o) == last).await;
    }
    let kept = archives(&engine.storage().join("gitrepository/git-retention/repo"));
    assert!(kept.len() <= 2, "{kept:?}");
    assert!(kept.contains(&format!("{}.tar.gz", last.trim_start_matches("main@sha1:"))), "{kept:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_are_needed_and_their_absence_is_told() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "git-credentials").await;
    let auth = BasicAuth { username: "user".into(), password: "right".into() };
    let server = GitServer::start(Some(auth)).await.unwrap();
    let repo = server.repo("private", None).unwrap();
    let secret = |name: &str, password: &str| json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"username": "user", "password": password}});
    t.apply(secret("right", "right")).await;
    t.apply(secret("wrong", "not-it")).await;
    let source = |secret: &str| json!({"url": repo.url(), "ref": {"branch": "main"}, "secretRef": {"name": secret}});
    t.source_with("right", source("right")).await;
    t.source_with("wrong", source("wrong")).await;
    t.source_with("missing", source("missing")).await;
    t.source_with("none", json!({"url": repo.url(), "ref": {"branch": "main"}})).await;

    t.ready("GitRepository", "right").await;
    let missing = t.failed("GitRepository", "missing", "AuthenticationFailed").await;
    assert!(missing.message().contains("missing"), "{}", missing.message());
    assert!(missing.condition("FetchFailed").starts_with("True AuthenticationFailed: "));
    assert!(missing.condition("Reconciling").starts_with("True ProgressingWithRetry: "));
    assert_eq!(missing.at("/status/observedGeneration"), &json!(-1), "a failure does not advance the generation");
    for name in ["wrong", "none"] {
        let failed = t.wait("GitRepository", name, "refused", |o| o.condition("Ready").starts_with("False ")).await;
        assert!(failed.condition("FetchFailed").starts_with("True "), "{failed:?}");
        assert!(!failed.message().contains("not-it"), "a password is told: {}", failed.message());
    }
    // A secret that comes later is found without a change of the object.
    t.apply(secret("missing", "right")).await;
    t.request("GitRepository", "missing").await;
    t.ready("GitRepository", "missing").await;
}

#[tokio::test]
async fn ignore_rules_change_the_content_at_the_same_revision() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "git-ignore").await;
    t.commit([("a.yaml", config_map("a", "1")), ("docs/b.yaml", config_map("b", "1"))]);
    t.source().await;
    let before = t.ready("GitRepository", "repo").await;
    t.source_with("repo", json!({"ref": {"branch": "main"}, "ignore": "docs/"})).await;
    let digest = |o: &View| o.text("/status/artifact/digest").to_owned();
    let after = t.wait("GitRepository", "repo", "rebuilt", |o| o.is_ready() && digest(o) != digest(&before)).await;
    assert_eq!(revision(&after), revision(&before));
    assert_eq!(after.text("/status/observedIgnore"), "docs/");
}

#[tokio::test]
async fn a_damaged_artifact_is_found_and_built_again() {
    let (plane, engine) = shared().await;
    let t = Scope::new(plane, "git-damage").await;
    t.commit([("a.yaml", config_map("a", "1"))]);
    t.source().await;
    let object = t.ready("GitRepository", "repo").await;
    let file = engine.storage().join(object.text("/status/artifact/path"));
    let whole = fs::read(&file).unwrap();
    fs::write(&file, b"not an archive").unwrap();
    t.reconcile("GitRepository", "repo").await;
    t.event("repo", "for the damage", |event| event.starts_with("Warning ArtifactVerificationFailed: ")).await;
    let rebuilt = eventually(|| async { fs::read(&file).is_ok_and(|now| now == whole).then_some(()) });
    assert!(rebuilt.await.is_some(), "the archive was not built again");
    t.ready("GitRepository", "repo").await;
}

#[tokio::test]
async fn a_reference_that_is_not_there_is_a_git_failure() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "git-missing").await;
    t.source_with("repo", json!({"ref": {"branch": "gone"}})).await;
    let failed = t.failed("GitRepository", "repo", "GitOperationFailed").await;
    assert!(failed.message().contains("gone"), "{}", failed.message());
    t.event("repo", "for the failure", |event| event.starts_with("Warning GitOperationFailed: ")).await;
}

#[tokio::test]
async fn the_schema_refuses_what_flux_refuses() {
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "git-schema").await;
    let api = t.api("GitRepository").await;
    let good = json!({"url": "https://example.com/x", "interval": "1m"});
    for (field, value) in [("url", "git@example.com:org/x"), ("interval", "60"), ("timeout", "1h")] {
        let mut spec = good.clone();
        spec[field] = json!(value);
        let object = json!({
            "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "bad"}, "spec": spec,
        });
        let created = api.create(&kube::api::PostParams::default(), &serde_json::from_value(object).unwrap()).await;
        let error = created.expect_err("the schema lets it in").to_string();
        assert!(error.contains(&format!("spec.{field}")), "{field}: {error}");
    }
}

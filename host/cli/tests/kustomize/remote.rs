//! Remote bases and files, from a real Git server and a plain web server.

use weir_devenv::GitServer;

use crate::kit::{Folder, MAP, web_server};

fn map(name: &str) -> String {
    MAP.replace("name: a", &format!("name: {name}"))
}

/// A repository with two revisions of a base: the tag `v1` on an older commit, and `main`.
fn repository(server: &GitServer) -> String {
    let repository = server.repo("org/base", None).unwrap();
    repository.write("app/kustomization.yaml", "namePrefix: far-\nresources: [m.yaml, ../other]\n").unwrap();
    repository.write("app/m.yaml", map("old")).unwrap();
    repository.write("other/kustomization.yaml", "resources: [logo.jpg.yaml]\n").unwrap();
    repository.write("other/logo.jpg.yaml", map("other")).unwrap();
    repository.write("component/kustomization.yaml", "kind: Component\nnameSuffix: -c\n").unwrap();
    repository.write("leaves/kustomization.yaml", "resources: [../../x]\n").unwrap();
    repository.commit("one").unwrap();
    repository.tag("v1", Some("first")).unwrap();
    repository.write("app/m.yaml", map("new")).unwrap();
    repository.commit("two").unwrap();
    repository.branch("side").unwrap();
    repository.write("app/m.yaml", map("side")).unwrap();
    let side = repository.commit("three").unwrap();
    repository.branch("main").unwrap();
    side
}

fn built(names: &[&str]) -> String {
    names.iter().map(|name| map(name)).collect::<Vec<_>>().join("---\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_spelling_reaches_the_mirror() {
    let server = GitServer::start(None).await.unwrap();
    let commit = repository(&server);
    let base = server.url("x").replace("x.git", "");
    let (github, ssh) = (format!("https://github.com/={base}"), format!("ssh://git@git.example.com/={base}"));
    let build = |resource: &str| {
        let folder = Folder::new(&[("kustomization.yaml", &format!("resources: ['{resource}']\n"))]);
        folder.build(&["--mirror", &github, "--mirror", &ssh])
    };
    let (old, new, side) =
        (built(&["far-old", "far-other"]), built(&["far-new", "far-other"]), built(&["far-other", "far-side"]));
    for (resource, expected) in [
        ("github.com/org/base.git//app?ref=v1", &old),
        ("https://github.com/org/base.git//app?ref=v1", &old),
        ("git::https://github.com/org/base.git//app?ref=main&submodules=false", &new),
        ("git@git.example.com:org/base.git/app?version=side&timeout=20s", &side),
        ("ssh://git@git.example.com/org/base.git/app?ref=refs/heads/side", &side),
        (&format!("github.com/org/base.git/app?ref={commit}"), &side),
    ] {
        assert_eq!(build(resource).as_ref(), Ok(expected), "{resource}");
    }
    for (resource, part) in [
        ("github.com/org/base.git//app?ref=none", "couldn't find remote ref"),
        ("github.com/org/base.git//none?ref=v1", "'none' is no directory of the repository"),
        ("github.com/org/base.git//leaves?ref=v1", "must be within the repo"),
        ("github.com/org/gone.git//app?ref=v1", "org/gone"),
        ("file:///srv/repo", "repositories on a disk are not served"),
    ] {
        let error = build(resource).unwrap_err();
        assert!(error.contains(part), "{resource}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn components_default_branches_and_a_url_as_the_target() {
    let server = GitServer::start(None).await.unwrap();
    repository(&server);
    let url = server.url("org/base");
    let kustomization = format!("resources: [a.yaml]\ncomponents: ['{url}//component']\n");
    let folder = Folder::new(&[("kustomization.yaml", &kustomization), ("a.yaml", MAP)]);
    assert_eq!(folder.build(&[]).unwrap(), built(&["a-c"]));
    let refused = folder.build(&["--no-remote-bases"]).unwrap_err();
    assert!(refused.contains("remote files and bases are not allowed"), "{refused}");
    assert_eq!(Folder::new(&[]).build(&[&format!("{url}/app?ref=v1")]).unwrap(), built(&["far-old", "far-other"]));
}

#[test]
fn files_come_over_http() {
    let server = web_server([("/m.yaml", MAP.into())]);
    let mirror = format!("https://files.example.com/={server}/");
    let build =
        |text: &str| Folder::new(&[("kustomization.yaml", text), ("b.yaml", &map("b"))]).build(&["--mirror", &mirror]);
    assert_eq!(build("resources: ['https://files.example.com/m.yaml', b.yaml]\n").unwrap(), built(&["a", "b"]));
    let patch = "resources: [b.yaml]\nconfigMapGenerator: [{name: g, files: ['https://files.example.com/m.yaml'], options: {disableNameSuffixHash: true}}]\n";
    assert!(build(patch).unwrap().contains("kind: ConfigMap"));
    let gone = build("resources: ['https://files.example.com/gone.yaml']\n").unwrap_err();
    assert!(gone.contains("HTTP Error: status code 404 (Not Found)"), "{gone}");
}

//! The rules as a table: what is given, which path, whether it stays out.

use weir_sourceignore::Rules;

fn rules(spec: Option<&str>, files: &[(&str, &str)]) -> Rules {
    let mut rules = Rules::new(spec);
    for (dir, text) in files {
        rules.add_file(dir, text);
    }
    rules
}

/// A trailing slash on the path makes it a directory.
fn check(spec: Option<&str>, files: &[(&str, &str)], cases: &[(&str, bool)]) {
    let rules = rules(spec, files);
    for (path, expected) in cases {
        let actual = rules.excludes(path.trim_end_matches('/'), path.ends_with('/'));
        assert_eq!(actual, *expected, "{path} with spec {spec:?} and files {files:?}");
    }
}

#[test]
fn defaults_apply_when_nobody_gives_a_pattern() {
    let cases = [
        ("app.yaml", false),
        ("logo.png", true),
        ("deep/in/here/a.tar.gz", true),
        (".github/", true),
        (".github/workflows/ci.yaml", true),
        (".github", false),
        (".sops.yaml", true),
        ("apps/.sops.yaml", true),
        (".gitignore", true),
        ("apps/.gitattributes", true),
        (".git/", true),
        (".travis.yml", true),
        ("kustomization.yaml", false),
    ];
    check(None, &[], &cases);
    check(Some(""), &[], &cases);
    check(Some("# only a comment\n\n   \n"), &[], &cases);
    check(None, &[("", "# nothing")], &cases);
}

#[test]
fn any_pattern_leaves_only_version_control_excluded() {
    check(
        Some("docs/"),
        &[],
        &[
            ("logo.png", false),
            (".github/workflows/ci.yaml", false),
            (".sops.yaml", false),
            (".gitignore", true),
            (".gitmodules", true),
            ("docs/", true),
            ("docs/a/b.md", true),
            ("docs", false),
            ("apps/docs/x", true),
        ],
    );
    check(Some("!logo.png"), &[], &[("logo.png", false), ("other.png", false)]);
    check(Some("!.gitignore"), &[], &[(".gitignore", false), (".gitmodules", true)]);
}

#[test]
fn a_file_speaks_about_its_own_directory() {
    check(
        None,
        &[("apps", "*.md\n/top.yaml\n")],
        &[
            ("README.md", false),
            ("apps/README.md", true),
            ("apps/a/README.md", true),
            ("apps/top.yaml", true),
            ("apps/a/top.yaml", false),
            ("apps2/README.md", false),
        ],
    );
}

#[test]
fn the_last_match_wins() {
    let files = [("", "*.md"), ("apps", "!keep.md")];
    check(None, &files, &[("keep.md", true), ("apps/keep.md", false), ("apps/other.md", true)]);
    check(Some("!README.md"), &files, &[("README.md", false), ("apps/README.md", false), ("x.md", true)]);
    check(
        Some("/*\n!/deploy\n!/apps"),
        &[],
        &[("src/", true), ("src/a.rs", true), ("deploy/", false), ("apps/x/y.yaml", false)],
    );
}

#[test]
fn a_child_of_an_excluded_directory_can_be_taken_back() {
    check(Some("docs/\n!docs/keep.md"), &[], &[("docs/", true), ("docs/keep.md", false), ("docs/other.md", true)]);
}

#[test]
fn patterns_with_slashes() {
    check(
        Some("/a/*.yaml\n**/tmp/x\nb/**/c\nd/**\n"),
        &[],
        &[
            ("a/x.yaml", true),
            ("z/a/x.yaml", false),
            ("tmp/x", true),
            ("q/r/tmp/x", true),
            ("tmp/y", false),
            ("b/c", true),
            ("b/1/2/c", true),
            ("z/b/c", false),
            ("d/e", true),
            ("d/", true),
        ],
    );
}

#[test]
fn spaces_carriage_returns_and_escapes() {
    check(Some("a.md  \r\nb.md\\ \r\n\\#c\n"), &[], &[("a.md", true), ("b.md ", true), ("b.md", false), ("#c", true)]);
    check(Some("[\n!["), &[], &[("[", false), ("logo.png", false)]);
}

//! `weir build helm` as a user types it: through the program, its plugin and the disk.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;
use weir_e2e::{plugins_dir, weir_binary};

/// A chart in a repository: the chart's folder is `charts/web`.
fn repository() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in [
        (".git/HEAD", "ref: refs/heads/main\n"),
        ("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
        ("charts/web/values.yaml", "port: 80\nfile: none\n"),
        (
            "charts/web/templates/service.yaml",
            "kind: Service\nmetadata:\n  name: {{ .Release.Name }}\n  namespace: {{ .Release.Namespace }}\nspec:\n  port: {{ .Values.port }}\n  file: {{ .Values.file | quote }}\n",
        ),
        (
            "charts/web/templates/test.yaml",
            "kind: Pod\nmetadata:\n  name: test\n  annotations:\n    helm.sh/hook: test\n",
        ),
        ("charts/web/templates/NOTES.txt", "Installed {{ .Release.Name }}.\n"),
        ("charts/web/crds/crd.yaml", "kind: CustomResourceDefinition\n"),
        ("charts/random/Chart.yaml", "apiVersion: v2\nname: random\nversion: 1.0.0\n"),
        ("charts/random/templates/a.yaml", "kind: A\ntime: {{ now | unixEpoch }}\nword: {{ randAlphaNum 20 }}\n"),
        ("values.yaml", "port: 8080\n"),
        ("content.txt", "text"),
    ] {
        let file = dir.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    dir
}

fn command(dir: &Path, line: &str) -> Command {
    let mut command = Command::new(weir_binary());
    command.current_dir(dir).args(["build", "helm"]).args(line.split_whitespace());
    command.env("WEIR_PLUGINS", plugins_dir()).env("KUBECONFIG", "/nonexistent").env_remove("HELM_NAMESPACE");
    command.stdin(Stdio::null());
    command
}

fn run(dir: &Path, line: &str) -> Output {
    command(dir, line).output().unwrap()
}

fn printed(dir: &Path, line: &str) -> String {
    let output = run(dir, line);
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn refused(dir: &Path, line: &str) -> String {
    let output = run(dir, line);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), &b""[..]), "{line}");
    String::from_utf8(output.stderr).unwrap()
}

fn service(name: &str, namespace: &str, port: &str, file: &str) -> String {
    format!(
        "---\n# Source: web/templates/service.yaml\nkind: Service\nmetadata:\n  name: {name}\n  namespace: {namespace}\nspec:\n  port: {port}\n  file: \"{file}\"\n"
    )
}

const TEST: &str = "---\n# Source: web/templates/test.yaml\nkind: Pod\nmetadata:\n  name: test\n  annotations:\n    helm.sh/hook: test\n";
const CRD: &str = "---\n# Source: web/crds/crd.yaml\nkind: CustomResourceDefinition\n\n";

#[test]
fn what_helm_prints() {
    let repository = repository();
    let dir = repository.path();
    let plain = service("release-name", "default", "80", "none");
    assert_eq!(printed(dir, "charts/web"), format!("{plain}{TEST}"));
    assert_eq!(printed(dir, "charts/web --skip-tests"), plain);
    assert_eq!(printed(dir, "charts/web --no-hooks --include-crds"), format!("{CRD}{plain}"));
    assert_eq!(printed(dir, "./charts/web -s templates/test.yaml"), TEST);
    assert_eq!(printed(dir, "charts/web --notes"), "Installed release-name.\n");
    let set = "shop ./charts/web -n apps --skip-tests -f values.yaml --set-file file=content.txt";
    assert_eq!(printed(dir, set), service("shop", "apps", "8080", "text"));
    assert_eq!(printed(dir, &format!("{set} --set port=1")), service("shop", "apps", "1", "text"));
    let named = "charts/web --name-template x-{{\"A\"|lower}} --skip-tests";
    assert_eq!(printed(dir, named), service("x-a", "default", "80", "none"));
}

#[test]
fn values_come_from_standard_input_as_well() {
    let repository = repository();
    let mut child = command(repository.path(), "charts/web --skip-tests --values -");
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"port: 9\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), service("release-name", "default", "9", "none"));
}

#[test]
fn charts_may_lie_anywhere() {
    let repository = repository();
    let dir = repository.path();
    let plain = service("release-name", "default", "80", "none");
    let line = format!("{} --skip-tests", dir.join("charts/web").display());
    assert_eq!(printed(&std::env::temp_dir(), &line), plain);
    assert_eq!(printed(&dir.join("charts/web"), ". --skip-tests"), plain);
    let packed = Command::new("tar").current_dir(dir.join("charts")).args(["-czf", "../web.tgz", "web"]).status();
    assert!(packed.unwrap().success());
    assert_eq!(printed(dir, "web.tgz --skip-tests"), plain);
    // A sub-chart that is a link to a folder elsewhere in the repository.
    let umbrella = dir.join("umbrella");
    fs::create_dir_all(umbrella.join("charts")).unwrap();
    let metadata = "apiVersion: v2\nname: umbrella\nversion: 1.0.0\ndependencies: [{name: web, version: '*', repository: 'file://../charts/web'}]\n";
    fs::write(umbrella.join("Chart.yaml"), metadata).unwrap();
    assert!(refused(dir, "umbrella").contains("missing in charts/ directory: web"));
    std::os::unix::fs::symlink("../../charts/web", umbrella.join("charts/web")).unwrap();
    assert!(printed(dir, "umbrella --skip-tests").contains("# Source: umbrella/charts/web/templates/service.yaml\n"));
}

#[test]
fn files_are_written_where_they_are_wanted() {
    let repository = repository();
    let dir = repository.path();
    let lines = printed(dir, "shop charts/web --output-dir out --release-name --include-crds");
    assert_eq!(
        lines,
        "wrote out/web/crds/crd.yaml\nwrote out/shop/web/templates/service.yaml\nwrote out/shop/web/templates/test.yaml\n\n"
    );
    let written = fs::read_to_string(dir.join("out/shop/web/templates/service.yaml")).unwrap();
    assert_eq!(written, service("shop", "default", "80", "none"));
}

#[test]
fn time_and_randomness_are_real_unless_told_otherwise() {
    let repository = repository();
    let dir = repository.path();
    let output = run(dir, "charts/random");
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("now") && told.contains("randAlphaNum"), "{told}");
    let first = String::from_utf8(output.stdout).unwrap();
    assert!(!first.contains("time: 0\n"), "{first}");
    assert_ne!(first, printed(dir, "charts/random"));
    let fixed = printed(dir, "charts/random --hermetic");
    assert_eq!(fixed, printed(dir, "charts/random --hermetic"));
    assert!(fixed.contains("time: \"0\"\n") || fixed.contains("time: 0\n"), "{fixed}");
}

#[test]
fn what_cannot_be_done_is_said() {
    let repository = repository();
    let dir = repository.path();
    for (line, message) in [
        ("./none", "path \"./none\" not found"),
        ("none", "non-absolute URLs should be in form of repo_name/path_to_chart, got: none"),
        ("stable/web", "not on this machine: stable/web"),
        ("charts/web --kube-version x", "invalid kube version 'x': could not parse \"x\" as version"),
        ("charts/web -f none.yaml", "open none.yaml: no such file or directory"),
        ("charts/web --set-file file=none.txt", "open none.txt: no such file or directory"),
        ("charts/web -s templates/none.yaml", "could not find template templates/none.yaml in chart"),
        ("a b c", "unexpected arguments: c"),
        ("Shop charts/web", "release name \"Shop\": invalid release name"),
        ("charts/web --validate", "without a cluster"),
        ("charts/web --dependency-update", "not fetched"),
        ("charts/web --post-renderer x", "spec.postRenderers"),
        ("charts", "Chart.yaml file is missing"),
    ] {
        let error = refused(dir, line);
        assert!(error.starts_with("error: ") && error.contains(message), "{line}: {error}");
    }
}

#[test]
fn what_is_no_yaml_can_be_looked_at() {
    let repository = repository();
    fs::write(repository.path().join("charts/web/templates/service.yaml"), "kind: {{ .Release.Name }\n").unwrap();
    assert!(refused(repository.path(), "charts/web").contains("parse error at (web/templates/service.yaml:1)"));
    fs::write(repository.path().join("charts/web/templates/service.yaml"), "kind: [{{ .Release.Name }}\n").unwrap();
    let told = refused(repository.path(), "charts/web");
    assert!(told.contains("YAML parse error on web/templates/service.yaml") && told.contains("--debug"), "{told}");
    let output = run(repository.path(), "charts/web --debug");
    assert_eq!(output.status.code(), Some(1));
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("---\n# Source: web/templates/service.yaml\nkind: [release-name\n"), "{printed}");
}

/// Each ends in an error that says what was too much; none takes more than its sandbox has.
#[test]
fn hostile_charts_end_in_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let chart = dir.path().join("bad");
    fs::create_dir_all(chart.join("templates")).unwrap();
    fs::write(chart.join("Chart.yaml"), "apiVersion: v2\nname: bad\nversion: 1.0.0\n").unwrap();
    for (template, told) in [
        ("{{ define \"a\" }}{{ include \"a\" . }}{{ end }}{{ include \"a\" . }}", "nested reference name: a"),
        ("{{ define \"a\" }}{{ template \"a\" . }}{{ end }}{{ template \"a\" . }}", "exceeded maximum template depth"),
        ("{{ $t := \"{{ tpl .t . }}\" }}{{ tpl $t (dict \"t\" $t \"Template\" .Template) }}", "plugin `helm`"),
        ("{{ repeat 1000000000 \"x\" }}", "plugin `helm`"),
        ("{{ range until 100000000 }}{{ . }}{{ end }}", "plugin `helm`"),
        ("a: {{ repeat 100000000 \"x\" | quote }}", "plugin `helm`"),
        ("{{ range until 200 }}---\na: {{ repeat 2000000 \"x\" }}\n{{ end }}", "plugin `helm`"),
    ] {
        fs::write(chart.join("templates/a.yaml"), template).unwrap();
        let error = refused(dir.path(), "./bad");
        assert!(error.contains(told), "{template}: {}", &error[..error.len().min(2000)]);
    }
    fs::write(chart.join("templates/a.yaml"), "").unwrap();
    // A hundred megabytes that compress to nothing, and a path that leads out of the archive.
    fs::write(chart.join("zeros"), vec![0; 4 << 20]).unwrap();
    for number in 0..26 {
        fs::hard_link(chart.join("zeros"), chart.join(format!("zeros-{number}"))).unwrap();
    }
    let pack = |args: &[&str]| {
        let status = Command::new("tar").current_dir(dir.path()).args(args).status();
        assert!(status.unwrap().success());
    };
    pack(&["--hard-dereference", "-czf", "bomb.tgz", "bad"]);
    assert!(fs::metadata(dir.path().join("bomb.tgz")).unwrap().len() < 1 << 20);
    assert!(refused(dir.path(), "bomb.tgz").contains("larger than the maximum"));
    pack(&["--transform", "s,bad/Chart,bad/../../Chart,", "-czf", "escape.tgz", "bad/Chart.yaml"]);
    assert!(refused(dir.path(), "escape.tgz").contains("parent directory"));
}

//! Functions that are plugins, good ones and bad ones.

use weir_testkit::guest;

use crate::kit::{Folder, MAP};

const KUSTOMIZATION: &str = "namePrefix: p-\nresources: [a.yaml]\n";

fn reference(name: &str) -> String {
    format!("file:{}", guest(name).display())
}

/// A folder whose kustomization names a function in `field`.
fn folder(field: &str, reference: &str, config: &str) -> Folder {
    let function = format!(
        "apiVersion: example.com/v1\nkind: Fn\nmetadata:\n  name: fn\n  annotations:\n    config.kubernetes.io/function: |\n      \
         plugin: {{image: '{reference}'}}\n{config}\n"
    );
    let kustomization = format!("{KUSTOMIZATION}{field}: [fn.yaml]\n");
    Folder::new(&[("kustomization.yaml", &kustomization), ("a.yaml", MAP), ("fn.yaml", &function)])
}

/// What a hostile function is stopped with.
fn stopped(config: &str, args: &[&str]) -> String {
    let reference = reference("renderer");
    let mut all = vec!["--allow-function", reference.as_str()];
    all.extend(args);
    folder("transformers", &reference, config).build(&all).unwrap_err()
}

#[test]
fn a_function_transforms_generates_and_validates() {
    let reference = reference("function");
    let allow = ["--allow-function", reference.as_str()];
    let labelled = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels:\n    team: x\n  name: p-a\n";
    let build = |field: &str, config: &str| folder(field, &reference, config).build(&allow);
    assert_eq!(build("transformers", "labels: {team: x}").unwrap(), labelled);
    let report = "---\napiVersion: v1\ndata:\n  names: p-a\nkind: ConfigMap\nmetadata:\n  name: seen\n";
    let plain = labelled.replace("  labels:\n    team: x\n", "");
    assert_eq!(build("transformers", "report: seen").unwrap(), format!("{plain}{report}"));
    let generated = report.replace("names: p-a", "names: \"\"").replace("name: seen", "name: p-seen");
    assert_eq!(build("generators", "report: seen").unwrap(), format!("{plain}{generated}"));
    assert_eq!(build("validators", "{}").unwrap_err().lines().count(), 1, "what is no mapping is no configuration");
    assert_eq!(build("validators", "report: null").unwrap(), plain);
    let refused = build("validators", "required: owner").unwrap_err();
    assert!(refused.contains("p-a has no annotation owner"), "{refused}");
    assert!(
        build("validators", "labels: {team: x}").unwrap_err().contains("validator shouldn't modify the resource map")
    );
}

#[test]
fn a_function_has_to_be_allowed_and_pinned() {
    let reference = reference("function");
    let refused = folder("transformers", &reference, "").build(&[]).unwrap_err();
    assert!(refused.contains(&format!("function is not allowed: {reference}")), "{refused}");
    assert!(refused.contains("hint: the operator allows functions with `--allow-function`"), "{refused}");
    let moving = folder("transformers", "oci://127.0.0.1:1/fn:latest", "");
    assert!(moving.build(&["--enable-alpha-plugins"]).unwrap_err().contains("function is not pinned"));
    let container = "apiVersion: example.com/v1\nkind: Fn\nmetadata:\n  name: fn\n  annotations:\n    \
                     config.kubernetes.io/function: 'container: {image: example.com/fn:v1}'\n";
    let kustomization = format!("{KUSTOMIZATION}transformers: [fn.yaml]\n");
    let folder = Folder::new(&[("kustomization.yaml", &kustomization), ("a.yaml", MAP), ("fn.yaml", container)]);
    let refused = folder.build(&["--enable-alpha-plugins"]).unwrap_err();
    assert!(refused.contains("hint: build the function as a weir plugin"), "{refused}");
}

#[test]
fn hostile_functions_only_fail_their_build() {
    for (config, part) in [
        ("do: panic", "this plugin is broken"),
        ("do: grow", "needs more memory than its limit"),
        ("do: recurse", "crashed: "),
        ("do: flood\ndocuments: 200000\nbytes: 10", "exceeded its limit of documents"),
        ("do: flood\ndocuments: 8\nbytes: 2900000", "returned"),
        ("do: clock", "which is not JSON"),
        ("do: escape\npath: ../../../etc/passwd", "nothing to read at"),
        ("do: fail\nreason: No\nmessage: not today", "not today"),
        ("do: unknown", "unknown variant"),
    ] {
        let message = stopped(config, &[]);
        assert!(message.contains("couldn't execute function") && message.contains(part), "{config}: {message}");
    }
}

#[test]
fn a_function_that_never_ends_is_ended() {
    let message = stopped("do: loop", &["--timeout", "3s"]);
    assert!(message.contains("time limit") || message.contains("processor time"), "{message}");
}

#[test]
fn functions_get_nothing_from_outside_and_end_somewhere() {
    let itself = reference("renderer");
    let message = stopped(&format!("do: ask\nof: function\nname: '{itself}'"), &[]);
    assert!(message.contains("functions call functions deeper than 4 levels"), "{message}");
    let message = stopped("do: ask\nof: http\nname: http://127.0.0.1:1/x", &[]);
    assert!(message.contains("functions may not fetch anything"), "{message}");
    let message = stopped("do: ask\nof: weather\nname: x", &[]);
    assert!(message.contains("nothing of this kind is served"), "{message}");
}

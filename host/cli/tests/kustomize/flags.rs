//! The flags of the original.

use crate::kit::{Folder, MAP};

fn folder() -> Folder {
    let pod = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: space\n";
    Folder::new(&[
        ("app/kustomization.yaml", "resources: [../shared.yaml, n.yaml]\n"),
        ("app/n.yaml", pod),
        ("shared.yaml", MAP),
        ("kustomization.yaml", "resources: [app]\n"),
        ("chart/kustomization.yaml", "helmCharts: [{name: x}]\n"),
    ])
}

#[test]
fn order_restrictions_and_label() {
    let folder = folder();
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: space\n";
    let (sorted, found) = (format!("{namespace}---\n{MAP}"), format!("{MAP}---\n{namespace}"));
    assert_eq!(folder.build(&["app"]).unwrap(), sorted);
    assert_eq!(folder.build(&[]).unwrap(), sorted, "the folder is the current one");
    assert_eq!(folder.build(&["app", "--reorder", "none"]).unwrap(), found);
    assert_eq!(folder.build(&["app", "--load-restrictor", "LoadRestrictionsNone"]).unwrap(), sorted);
    let refused = folder.build(&["app", "--load-restrictor", "LoadRestrictionsRootOnly"]).unwrap_err();
    assert!(refused.contains("is not in or below"), "{refused}");
    assert!(
        folder.build(&["--enable-managedby-label"]).unwrap().contains("app.kubernetes.io/managed-by: kustomize-v5.")
    );
}

#[test]
fn the_output_goes_where_it_is_wanted() {
    let folder = folder();
    let printed = folder.build(&["app"]).unwrap();
    assert_eq!(folder.build(&["app", "-o", "all.yaml"]).unwrap(), "");
    assert_eq!(std::fs::read_to_string(folder.path().join("all.yaml")).unwrap(), printed);
    std::fs::create_dir(folder.path().join("out")).unwrap();
    assert_eq!(folder.build(&["app", "--output", "out"]).unwrap(), "");
    let mut names: Vec<String> = std::fs::read_dir(folder.path().join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["v1_configmap_a.yaml", "v1_namespace_space.yaml"]);
}

#[test]
fn what_is_not_served_says_why() {
    let folder = folder();
    for (args, part) in [
        (&["app/n.yaml"][..], "must build at a folder, this is a file"),
        (&["none"], "failed to open: none"),
        (&["chart"], "must specify --enable-helm"),
        (&["--network"], "`--network` is not served: functions are plugins in a sandbox, which has no network"),
        (&["--mount", "type=bind"], "`--mount` is not served"),
        (&["--env", "A=b"], "`--env` is not served"),
        (&["--as-current-user"], "`--as-current-user` is not served"),
        (&["--helm-command", "helm"], "`--helm-command` is not served: no program is run"),
        (&["--load-restrictor", "some"], "LoadRestrictionsRootOnly"),
    ] {
        let error = folder.build(args).unwrap_err();
        assert!(error.contains(part), "{args:?}: {error}");
    }
}

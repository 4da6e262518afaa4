//! Charts of our own, rendered.

mod common;

use common::{Chart, render, render_with};
use weir_helm::{Helm, PostRenderStrategy, PostRenderer, Printing};

#[test]
fn a_chart_is_rendered_with_its_sub_chart() {
    let chart = Chart::new("app")
        .file("values.yaml", "name: world\nchild:\n  greeting: hi\nglobal: {zone: a}\n")
        .file("templates/_helpers.tpl", "{{ define \"who\" }}{{ .Values.name }}!{{ end }}")
        .file(
            "templates/a.yaml",
            "kind: B\nhello: {{ include \"who\" . }}\nchart: {{ .Chart.Name }}-{{ .Chart.Version }}\n",
        )
        .file("templates/NOTES.txt", "installed {{ .Release.Name }}")
        .file("charts/child/Chart.yaml", "apiVersion: v2\nname: child\nversion: 0.1.0\n")
        .file("charts/child/values.yaml", "greeting: hello\nglobal: {zone: b}\n")
        .file("charts/child/templates/b.yaml", "kind: A\ntext: {{ .Values.greeting }} {{ .Values.global.zone }}\n");
    let rendered = render(&chart, "", Helm::V3).unwrap();
    let expected = "---\n# Source: app/charts/child/templates/b.yaml\nkind: A\ntext: hi a\n\
                    ---\n# Source: app/templates/a.yaml\nkind: B\nhello: world!\nchart: app-1.0.0\n";
    assert_eq!(rendered.print(&Printing::default(), Helm::V3).unwrap(), expected);
    assert_eq!(rendered.notes, "installed rel");
}

#[test]
fn hooks_come_after_manifests() {
    let hook = "kind: Job\nmetadata:\n  name: h\n  annotations:\n    helm.sh/hook: pre-install, TEST\n    helm.sh/hook-weight: \"-5\"\n";
    let chart = Chart::new("app")
        .file("templates/a.yaml", hook)
        .file("templates/b.yaml", "kind: Deployment\n---\nkind: Namespace\n")
        .file("crds/c.yaml", "kind: CustomResourceDefinition\n");
    let rendered = render(&chart, "", Helm::V3).unwrap();
    let kinds: Vec<&str> = rendered.manifests.iter().map(|manifest| manifest.kind.as_str()).collect();
    assert_eq!((kinds, rendered.hooks[0].weight), (vec!["Namespace", "Deployment"], -5));
    let print = |printing: Printing| rendered.print(&printing, Helm::V3).unwrap();
    let text = print(Printing { include_crds: true, ..Printing::default() });
    let order: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("# Source: app/")).collect();
    assert_eq!(order, ["crds/c.yaml", "templates/b.yaml", "templates/b.yaml", "templates/a.yaml"]);
    assert!(!print(Printing { no_hooks: true, ..Printing::default() }).contains("Job"));
    assert!(!print(Printing { skip_tests: true, ..Printing::default() }).contains("Job"));
}

#[test]
fn conditions_tags_and_aliases() {
    let meta = "apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n\
                - {name: child, version: 0.x.x, alias: one, condition: one.enabled}\n\
                - {name: child, version: 0.x.x, alias: two, tags: [extra]}\n";
    let chart = Chart::new("app")
        .file("Chart.yaml", meta)
        .file("charts/child/Chart.yaml", "apiVersion: v2\nname: child\nversion: 0.1.0\n")
        .file("charts/child/templates/b.yaml", "name: {{ .Chart.Name }}\n");
    let sources = |values: &str| {
        let rendered = render(&chart, values, Helm::V3).unwrap();
        rendered.manifests.into_iter().map(|manifest| manifest.path).collect::<Vec<_>>()
    };
    let (one, two) = ("app/charts/one/templates/b.yaml", "app/charts/two/templates/b.yaml");
    assert_eq!(sources(""), [one, two]);
    assert_eq!(sources("one: {enabled: false}"), [two]);
    assert_eq!(sources("tags: {extra: false}"), [one]);
}

#[test]
fn requirements_are_read_over_the_dependencies_of_the_chart() {
    let meta = "apiVersion: v1\nname: app\nversion: 1.0.0\ndependencies:\n\
                - {name: other, version: '9', alias: one, tags: [x]}\n- {name: gone, version: '1'}\n";
    let chart = Chart::new("app")
        .file("Chart.yaml", meta)
        .file("requirements.yaml", "dependencies: [{name: child, version: 0.x.x, alias: ~}]")
        .file("templates/a.yaml", "{{ range .Chart.Dependencies }}{{ .Name }}: {{ .Tags }}{{ end }}")
        .file("charts/child/Chart.yaml", "apiVersion: v2\nname: child\nversion: 0.1.0\n")
        .file("charts/child/templates/b.yaml", "name: {{ .Chart.Name }}\n");
    let rendered = render(&chart, "", Helm::V3).unwrap();
    let texts: Vec<&str> = rendered.manifests.iter().map(|manifest| &*manifest.content).collect();
    assert_eq!(texts, ["name: one", "one: [x]"]);
}

#[test]
fn values_are_imported_from_a_child() {
    let meta = "apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n\
                - name: child\n  version: 0.1.0\n  import-values: [ports, {child: deep.er, parent: own.place}]\n";
    let chart = Chart::new("app")
        .file("Chart.yaml", meta)
        .file("templates/a.yaml", "http: {{ .Values.http }}\nx: {{ .Values.own.place.x }}\n")
        .file("charts/child/Chart.yaml", "apiVersion: v2\nname: child\nversion: 0.1.0\n")
        .file("charts/child/values.yaml", "exports: {ports: {http: 80}}\ndeep: {er: {x: 5}}\n");
    assert_eq!(render(&chart, "", Helm::V3).unwrap().manifests[0].content, "http: 80\nx: 5");
}

#[test]
fn the_second_alias_of_a_chart_imports_only_with_helm_4() {
    let meta = "apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n\
                - {name: child, version: 0.1.0}\n- {name: child, version: 0.1.0, alias: second}\n";
    let child = "apiVersion: v2\nname: child\nversion: 0.1.0\ndependencies:\n\
                 - {name: grand, version: 0.1.0, import-values: [{child: deep, parent: own}]}\n";
    let chart = Chart::new("app")
        .file("Chart.yaml", meta)
        .file("templates/a.yaml", "a: {{ .Values.child.own | toJson }}\nb: {{ .Values.second.own | toJson }}\n")
        .file("charts/child/Chart.yaml", child)
        .file("charts/child/charts/grand/Chart.yaml", "apiVersion: v2\nname: grand\nversion: 0.1.0\n")
        .file("charts/child/charts/grand/values.yaml", "deep: {x: 5}\n");
    let text = |helm| render(&chart, "", helm).unwrap().manifests[0].content.clone();
    assert_eq!(text(Helm::V3), "a: {\"x\":5}\nb: null");
    assert_eq!(text(Helm::V4), "a: {\"x\":5}\nb: {\"x\":5}\n");
}

#[test]
fn errors_are_helms() {
    for (template, expected) in [
        ("{{ fail \"no: good\" }}", "execution error at (app/templates/a.yaml:1:3): no: good"),
        ("{{ required \"give x\" .Values.x }}", "execution error at (app/templates/a.yaml:1:3): give x"),
        ("{{ nope }}", "parse error at (app/templates/a.yaml:1): function \"nope\" not defined"),
        (
            "{{ .Values.a.b.c }}",
            "template: app/templates/a.yaml:1:10: executing \"app/templates/a.yaml\" at <.Values.a.b.c>: nil pointer evaluating interface {}.b",
        ),
        (
            "a: b: c",
            "YAML parse error on app/templates/a.yaml: error converting YAML to JSON: yaml: mapping values are not allowed in this context",
        ),
    ] {
        let chart = Chart::new("app").file("templates/a.yaml", template);
        assert_eq!(render(&chart, "", Helm::V3).unwrap_err().to_string(), expected, "{template}");
    }
}

#[test]
fn a_kube_version_is_checked() {
    let meta = "apiVersion: v2\nname: app\nversion: 1.0.0\nkubeVersion: \">=1.99\"\n";
    let chart = Chart::new("app").file("Chart.yaml", meta);
    let expected = "chart requires kubeVersion: >=1.99 which is incompatible with Kubernetes v1.31.0";
    assert_eq!(render(&chart, "", Helm::V3).unwrap_err().to_string(), expected);
}

#[test]
fn a_release_name_is_checked() {
    let chart = Chart::new("app");
    let error = render_with(&chart, "", |options| options.release.name = "Rel".into()).unwrap_err();
    assert!(error.to_string().starts_with("release name \"Rel\": invalid release name, must match regex ^[a-z0-9]"));
}

#[test]
fn post_renderers_change_manifests_and_images() {
    let hook = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: h\n  annotations: {helm.sh/hook: test}\nspec:\n  template: {spec: {containers: [{name: c, image: old:1}]}}\n";
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  template: {spec: {containers: [{name: c, image: old:1}]}}\n";
    let chart = Chart::new("app").file("templates/h.yaml", hook).file("templates/d.yaml", deployment);
    let spec = serde_json::json!({"kustomize": {
        "images": [{"name": "old", "newTag": "2"}],
        "patches": [{"target": {"kind": "Deployment"}, "patch": "- {op: add, path: /spec/replicas, value: 3}"}],
    }});
    let rendered = |strategy: PostRenderStrategy| {
        render_with(&chart, "", |options| {
            options.helm = Helm::V4;
            options.post_renderers = PostRenderer::from_spec(&spec).into_iter().collect();
            options.post_render_strategy = strategy;
        })
        .unwrap()
    };
    let combined = rendered(PostRenderStrategy::Combined);
    let expected = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: d\nspec:\n  replicas: 3\n  template:\n    spec:\n      containers:\n      - image: old:2\n        name: c\n";
    assert_eq!(
        (combined.manifests[0].path.as_str(), &*combined.manifests[0].content),
        ("app/templates/d.yaml", expected)
    );
    assert!(combined.hooks[0].manifest.contains("old:2"));
    assert!(rendered(PostRenderStrategy::Separate).hooks[0].manifest.contains("old:2"));
    let without = rendered(PostRenderStrategy::NoHooks);
    assert!(without.hooks[0].manifest.contains("old:1") && without.manifests[0].content.contains("old:2"));
}

#[test]
fn helm_4_differs() {
    let values = "a: null\nb: {c: null, d: 1}\n";
    let chart = Chart::new("app")
        .file("values.yaml", values)
        .file("templates/a.yaml", "v: {{ toJson .Values }}\nt: {{ kindOf .Chart }}\nn: {{ .Chart.Name }}\n\n");
    let content = |helm: Helm| render(&chart, "", helm).unwrap().manifests[0].content.clone();
    assert_eq!(content(Helm::V3), "v: {\"a\":null,\"b\":{\"c\":null,\"d\":1}}\nt: struct\nn: app");
    assert_eq!(content(Helm::V4), "v: {\"b\":{\"d\":1}}\nt: map\nn: app\n\n");
    // But a null for a sub-chart takes a default of the sub-chart away, as one that the user gives.
    let chart = Chart::new("app")
        .file("values.yaml", "child: {a: null}\n")
        .file("charts/child/Chart.yaml", "apiVersion: v2\nname: child\nversion: 1.0.0\n")
        .file("charts/child/values.yaml", "a: 1\n")
        .file("charts/child/templates/a.yaml", "v: {{ omit .Values \"global\" | toJson }}\n");
    for helm in [Helm::V3, Helm::V4] {
        let rendered = render(&chart, "child: {b: 2}", helm).unwrap();
        assert_eq!(rendered.manifests[0].content.trim(), "v: {\"b\":2}", "{helm:?}");
    }
}

#[test]
fn objects_print_as_in_go() {
    for (expression, expected) in [
        ("{{ .Capabilities.KubeVersion }}", "v1.31.0"),
        ("{{ .Capabilities.KubeVersion | quote }}", "\"{v1.31.0 1 31}\""),
        ("{{ .Capabilities.KubeVersion.GitVersion }}", "v1.31.0"),
        ("{{ .Values.YAML | quote }}", "\"a: 1\\n\""),
        ("{{ (.Values.PathValue \"a\") | int }}", "1"),
        (
            "{{ typeOf .Values }} {{ typeOf .Capabilities }} {{ typeOf .Files }}",
            "chartutil.Values *chartutil.Capabilities engine.files",
        ),
        ("{{ .Files.Lines \"f.txt\" | toJson }}", "[\"one\",\"two\"]"),
        ("{{ (.Files.Glob \"*.txt\").AsSecrets }}", "f.txt: b25lCnR3bwo="),
        ("{{ .Chart | toJson }}", "{\"name\":\"app\",\"version\":\"1.0.0\",\"apiVersion\":\"v2\",\"IsRoot\":true}"),
    ] {
        let template = format!("x: |-\n  {expression}\n");
        let chart = Chart::new("app")
            .file("values.yaml", "a: 1\n")
            .file("f.txt", "one\ntwo\n")
            .file("templates/a.yaml", &template);
        let content = render(&chart, "", Helm::V3).unwrap().manifests[0].content.clone();
        assert_eq!(content, format!("x: |-\n  {expected}"), "{expression}");
    }
}

#[test]
fn yaml_is_that_of_the_original_library() {
    let chart = Chart::new("app")
        .file("values.yaml", "numbers: [1, 1.5, 1000000, -2, 1e30]\n")
        .file("templates/a.yaml", "numbers:\n  {{- toYamlPretty .Values.numbers | nindent 2 }}\n")
        .file("templates/b.yaml", "first: {{ fromYaml \"  c:\\ng\\n  c:\\n\" | toJson }}\n")
        .file("templates/c.yaml", "error: {{ fromYaml \"x:\\n  a: {b\\n  c: 'd\\n e: f\\n\" | toJson }}\n");
    let rendered = render(&chart, "", Helm::V3).unwrap();
    let texts: Vec<&str> = rendered.manifests.iter().map(|manifest| manifest.content.as_str()).collect();
    assert_eq!(
        texts,
        [
            "numbers:\n  - 1\n  - 1.5\n  - 1e+06\n  - -2\n  - 1e+30",
            // What follows the first document is not looked at.
            "first: {\"c\":null}",
            "error: {\"Error\":\"error converting YAML to JSON: yaml: line 2: did not find expected ',' or '}'\"}",
        ]
    );
}

/// How loading and checking a chart fails, or nothing.
fn refusal(chart: &Chart, helm: Helm) -> String {
    let host = weir_helm::Host::new(common::Still::default());
    let loaded = weir_helm::load_folder(chart.files(), helm);
    let checked = loaded.and_then(|loaded| weir_helm::check_installable(&loaded.chart, helm, &host));
    checked.map_or_else(|error| error.to_string(), |()| String::new())
}

#[test]
fn what_helm_3_installs_and_helm_4_does_not() {
    let meta = |lines: &str| Chart::new("app").file("Chart.yaml", &format!("name: app\nversion: 1.0.0\n{lines}"));
    for (lines, expected3, expected4) in [
        ("apiVersion: v2", "", ""),
        ("", "", ""),
        ("apiVersion: v3", "", "invalid chart apiVersion"),
        ("apiVersion: v4", "", "unsupported chart version"),
        (
            "apiVersion: v4\nkeywords: x",
            "cannot load Chart.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal string into Go struct field Metadata.keywords of type []string",
            "unsupported chart version",
        ),
        (
            "apiVersion: [v2]",
            "cannot load Chart.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go struct field Metadata.apiVersion of type string",
            "cannot load Chart.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go struct field chartBase.apiVersion of type string",
        ),
        (
            "apiVersion: v1\nmaintainers: x",
            "cannot load Chart.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal string into Go struct field Metadata.maintainers of type []*chart.Maintainer",
            "cannot load Chart.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal string into Go struct field Metadata.maintainers of type []*v2.Maintainer",
        ),
        ("apiVersion: v3\ntype: library", "library charts are not installable", "library charts are not installable"),
        (
            "apiVersion: v2\ndependencies: [{name: a, version: '1'}, {name: b, version: '1'}]",
            "An error occurred while checking for chart dependencies. You may need to run `helm dependency build` to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: a, b",
            "an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: a, b",
        ),
    ] {
        let chart = meta(lines);
        assert_eq!(refusal(&chart, Helm::V3), expected3, "{lines}");
        assert_eq!(refusal(&chart, Helm::V4), expected4, "{lines}");
    }
    let more = meta("apiVersion: v3")
        .file("requirements.yaml", "dependencies: [{name: sub, version: '1'}]")
        .file("charts/sub/Chart.yaml", "apiVersion: v3\nname: sub\nversion: 1.0.0\n");
    let expected = "an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch missing dependencies: unsupported chart dependency type";
    assert_eq!((refusal(&more, Helm::V3), refusal(&more, Helm::V4)), (String::new(), expected.to_owned()));
    let sub = Chart::new("app").file("charts/sub/Chart.yaml", "apiVersion: v9\nname: sub\nversion: 1.0.0\n");
    assert_eq!((refusal(&sub, Helm::V3), refusal(&sub, Helm::V4)), (String::new(), String::new()));
}

#[test]
fn what_is_no_chart_at_all() {
    let load = |bytes: &[u8], helm| weir_helm::load_archive(bytes, helm).unwrap_err().to_string();
    assert_eq!(load(b"text", Helm::V3), "gzip: invalid header");
    let expected = "stream does not appear to be a valid chart file (details: gzip: invalid header)";
    assert_eq!(load(b"text", Helm::V4), expected);
    assert_eq!((load(b"", Helm::V3), load(b"", Helm::V4)), ("EOF".into(), "unable to load chart archive: EOF".into()));
    let folder =
        |helm| weir_helm::load_folder([("values.yaml".to_owned(), "a: 1".into())], helm).unwrap_err().to_string();
    assert_eq!(folder(Helm::V3), "Chart.yaml file is missing");
    let expected = "unable to detect chart at Chart.yaml: open Chart.yaml: no such file or directory";
    assert_eq!(folder(Helm::V4), expected);
}

//! Charts that were kept from one process to the next.

mod common;

use common::{Chart, Still, kept};
use weir_helm::{Helm, Host, Loaded, Options, Release, load_folder, read_values};

fn app() -> Loaded {
    let chart = Chart::new("app")
        .file(
            "Chart.yaml",
            "apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n- {name: child, version: 0.x.x, condition: child.enabled}\n",
        )
        .file("values.yaml", "a: 1\nb: [1.5, null, {c: text}]\nchild: {enabled: false}\n")
        .file("templates/a.yaml", "values: {{ toJson .Values }}\nfile: {{ .Files.Get \"notes\" }}\n")
        .file("notes", "of the chart")
        .file("charts/child/Chart.yaml", "apiVersion: v2\nname: child\nversion: 0.1.0\n")
        .file("charts/child/templates/b.yaml", "name: {{ .Chart.Name }}\n");
    load_folder(chart.files(), Helm::V3).expect("a chart that renders")
}

fn render(loaded: &Loaded, values: &str) -> Vec<String> {
    let options = Options::new(Helm::V3, Release::new("rel", "default"));
    let values = read_values(values.as_bytes(), Helm::V3).expect("a chart that renders");
    let rendered = weir_helm::render(&loaded.chart, &values, &options, &Host::new(Still::default()))
        .expect("a chart that renders");
    rendered.manifests.into_iter().map(|manifest| manifest.content).collect()
}

#[test]
fn a_kept_chart_has_what_was_parsed() {
    let loaded = app();
    assert!(!loaded.grew());
    let text = render(&loaded, "");
    assert!(loaded.grew(), "its templates were parsed");
    let back = kept(&loaded);
    assert_eq!(render(&back, ""), text);
    assert!(!back.grew(), "nothing was parsed again");
    assert_eq!(
        text,
        ["values: {\"a\":1,\"b\":[1.5,null,{\"c\":\"text\"}],\"child\":{\"enabled\":false}}\n\
          file: of the chart"]
    );
}

#[test]
fn a_kept_chart_grows_by_what_others_enable() {
    let loaded = app();
    render(&loaded, "");
    let back = kept(&loaded);
    assert_eq!(render(&back, "child: {enabled: true}").len(), 2);
    assert!(back.grew(), "the child's template is new");
    let all = kept(&back);
    assert_eq!(render(&all, "child: {enabled: true}").len(), 2);
    assert!(!all.grew());
}

#[test]
fn what_is_no_kept_chart_is_none() {
    let loaded = app();
    render(&loaded, "");
    let bytes: &'static [u8] = loaded.to_bytes().unwrap().leak();
    assert!(Loaded::from_bytes(bytes).is_some());
    for end in 0..bytes.len() {
        assert!(Loaded::from_bytes(&bytes[..end]).is_none(), "cut after {end}");
    }
    assert!(Loaded::from_bytes(&[255; 6]).is_none());
}

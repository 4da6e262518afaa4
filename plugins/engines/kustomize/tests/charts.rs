//! Charts in a kustomization: what is asked of the renderer, and what becomes of its answer.

use std::cell::RefCell;

use weir_kustomize::{BuildOptions, ChartRenderer, ChartRequest, LoadRestrictions, MemoryFs, Unavailable, build};

/// Prints one ConfigMap, and remembers what it was asked for.
#[derive(Default)]
struct Recorder {
    requests: RefCell<Vec<ChartRequest>>,
}

impl ChartRenderer for Recorder {
    fn render(&self, request: &ChartRequest) -> Result<String, Unavailable> {
        self.requests.borrow_mut().push(request.clone());
        if request.release_name == "broken" {
            let message = "execution error at (web/templates/a.yaml:1:3): no".to_owned();
            return Err(Unavailable::Refused(message));
        }
        let Some((_, name)) = request.chart.rsplit_once('/') else {
            return Err(Unavailable::Refused("no chart".to_owned()));
        };
        Ok(format!(
            "---\n# Source: a.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  namespace: own\n"
        ))
    }
}

fn run(files: &[(&str, &str)]) -> (Result<String, String>, Vec<ChartRequest>) {
    let charts = [
        ("app/charts/web/Chart.yaml", "name: web\n"),
        ("app/charts/web/values.yaml", "a: 1\nlist: [1]\nmap: {x: 1, y: 2}\n"),
        ("app/extra.yaml", "more: true\n"),
        ("app/own.yaml", "own: true\n"),
        ("home/db/values.yaml", ""),
        ("app/charts/web-1.0.0/web/values.yaml", "pulled: true\n"),
    ];
    let fs: MemoryFs = charts.iter().chain(files).map(|(path, text)| ((*path).to_owned(), *text)).collect();
    let recorder = Recorder::default();
    // Charts may lie beside the kustomization, and so may their values.
    let restrictions = LoadRestrictions::None;
    let options = BuildOptions { charts: Some(&recorder), restrictions, ..BuildOptions::default() };
    let result = build(&fs, "app", &options).map_err(|error| error.chain()).map(|resources| {
        resources.iter().map(|resource| resource.to_yaml().expect("prints")).collect::<Vec<_>>().join("---\n")
    });
    (result, recorder.requests.into_inner())
}

fn app(kustomization: &str) -> (Result<String, String>, Vec<ChartRequest>) {
    run(&[("app/kustomization.yaml", kustomization)])
}

fn values(kustomization: &str) -> Vec<(String, String)> {
    let requests = app(kustomization).1;
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("a text");
    requests[0].values.iter().map(|(name, content)| (name.clone(), text(content))).collect()
}

#[test]
fn what_charts_make_is_transformed_but_keeps_its_namespace() {
    let (output, requests) = app("namespace: apps\nnamePrefix: my-\nhelmCharts: [{name: web, releaseName: shop}]\n");
    assert_eq!(output.unwrap(), "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: my-web\n  namespace: own\n");
    let expected = ChartRequest {
        chart: "app/charts/web".to_owned(),
        release_name: "shop".to_owned(),
        namespace: "apps".to_owned(),
        values: requests[0].values.clone(),
        ..ChartRequest::default()
    };
    assert_eq!(requests, [expected]);
}

#[test]
fn every_field_reaches_the_renderer() {
    let (output, requests) = app("helmGlobals: {chartHome: ../home, configHome: x}
helmCharts:
- name: db
  releaseName: a
  namespace: b
  nameTemplate: c
  apiVersions: [d]
  kubeVersion: '1.30'
  includeCRDs: true
  skipTests: true
  skipHooks: true
  devel: true
  debug: true
");
    output.unwrap();
    let expected = ChartRequest {
        chart: "home/db".to_owned(),
        archive: None,
        release_name: "a".to_owned(),
        name_template: "c".to_owned(),
        namespace: "b".to_owned(),
        values: vec![("../home/db/values.yaml".to_owned(), Vec::new())],
        api_versions: vec!["d".to_owned()],
        kube_version: "1.30".to_owned(),
        include_crds: true,
        skip_tests: true,
        skip_hooks: true,
    };
    assert_eq!(requests, [expected]);
}

#[test]
fn values_are_merged_as_asked_for() {
    let chart = |more: &str| format!("helmCharts: [{{name: web, {more}}}]\n");
    let one = |more: &str| values(&chart(more)).remove(0).1;
    let inline = "valuesInline: {a: 2, list: [3], map: {x: null}, b: null}";
    assert_eq!(one("releaseName: x"), "a: 1\nlist: [1]\nmap: {x: 1, y: 2}\n", "as the chart has them");
    assert_eq!(one("valuesFile: own.yaml"), "own: true\n");
    assert_eq!(one(inline), "a: 2\nlist:\n- 3\nmap:\n  \"y\": 2\n", "inline wins unless told otherwise");
    assert_eq!(one(&format!("valuesMerge: override, {inline}")), one(inline));
    let file_wins = "a: 1\nb: null\nlist:\n- 1\nmap:\n  x: 1\n  \"y\": 2\n";
    assert_eq!(one(&format!("valuesMerge: merge, {inline}")), file_wins, "a null that nothing overrides stays");
    assert_eq!(one(&format!("valuesMerge: replace, {inline}")), "a: 2\nb: null\nlist:\n- 3\nmap:\n  x: null\n");
    let both = values(&chart("additionalValuesFiles: [extra.yaml]"));
    assert_eq!(both[1], ("extra.yaml".to_owned(), "more: true\n".to_owned()), "after the chart's own");
}

#[test]
fn old_spellings_and_generators_work_as_well() {
    let old = "helmChartInflationGenerator: [{chartName: web, releaseName: x, values: own.yaml, chartHome: charts}]\n";
    assert_eq!(values(old)[0].1, "own: true\n");
    let generator = "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: x}\nname: web\nreleaseName: y\nunknown: 1\n";
    let (output, requests) =
        run(&[("app/kustomization.yaml", "generators: [chart.yaml]\n"), ("app/chart.yaml", generator)]);
    assert!(output.unwrap().contains("name: web"));
    assert_eq!(requests[0].release_name, "y");
    let pulled = values("helmCharts: [{name: web, version: 1.0.0, repo: 'https://charts'}]\n");
    assert_eq!(pulled[0].1, "pulled: true\n", "what was pulled before lies in a directory of its own");
}

#[test]
fn a_base_inherits_the_namespace() {
    let files = [
        ("app/kustomization.yaml", "namespace: outer\nresources: [base]\n"),
        ("app/base/kustomization.yaml", "helmGlobals: {chartHome: ../charts}\nhelmCharts: [{name: web}]\n"),
    ];
    assert_eq!(run(&files).1[0].namespace, "outer");
}

#[test]
fn refusals() {
    for (chart, expected) in [
        ("{}", "chart name cannot be empty"),
        ("{name: -x}", "chart name must not start with '-', got \"-x\""),
        ("{name: web, releaseName: -x}", "releaseName must not start with '-', got \"-x\""),
        ("{name: web, valuesMerge: x}", "valuesMerge must be one of [merge override replace]"),
        ("{name: web, additionalValuesFiles: [no.yaml]}", "could not load additionalValuesFile: "),
        ("{name: web, nope: 1}", "json: unknown field \"nope\""),
        ("{name: none}", "no repo specified for pull, no chart found at"),
        ("{name: none, repo: 'https://charts'}", "cannot pull chart 'none' from 'https://charts': "),
        ("{name: web, releaseName: broken}", "execution error at (web/templates/a.yaml:1:3): no"),
    ] {
        let error = app(&format!("helmCharts: [{chart}]\n")).0.unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
}

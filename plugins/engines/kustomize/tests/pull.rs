//! Charts that are not in the tree: what is asked for where, and what becomes of the answers.

use std::cell::RefCell;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use weir_kustomize::{
    BuildOptions, ChartArchive, ChartRenderer, ChartRequest, FunctionOutput, MemoryFs, Outside, RepoSpec, Unavailable,
    build,
};

const INDEX: &str = "apiVersion: v1
entries:
  web:
  - {version: 1.0.0, urls: [web-1.0.0.tgz]}
  - {version: 1.1.0, urls: ['https://files.example.com/web-1.1.0.tgz']}
  - {version: 2.0.0-rc.1, urls: ['oci://registry.example.com/rc/web:2.0.0-rc.1']}
  - {version: 0.1.0, urls: [web-1.0.0.tgz], digest: abc}
  - {version: 0.2.0, urls: [gone.tgz]}
  - {version: 0.3.0, urls: [page.tgz]}
  - {version: 0.4.0}
";

fn archive(version: &str) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, text) in [
        ("web/Chart.yaml", format!("apiVersion: v2\nname: web\nversion: {version}\n")),
        ("web/values.yaml", format!("version: {version}\nmap: {{a: 1}}\n")),
        ("web/ci/more.yaml", "more: true\n".to_owned()),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        archive.append_data(&mut header, path, text.as_bytes()).expect("packs");
    }
    archive.into_inner().and_then(GzEncoder::finish).expect("packs")
}

/// The repository at `https://charts.example.com/all`, the registry at `oci://registry.example.com`, and a renderer.
#[derive(Default)]
struct World {
    asked: RefCell<Vec<String>>,
    rendered: RefCell<Vec<ChartRequest>>,
    is_later: bool,
}

impl World {
    fn ask<T>(&self, what: String, answer: Option<T>) -> Result<T, Unavailable> {
        self.asked.borrow_mut().push(what);
        match self.is_later {
            true => Err(Unavailable::Later),
            false => answer.ok_or_else(|| Unavailable::Status("status code 404 (Not Found)".to_owned())),
        }
    }
}

impl Outside for World {
    fn file(&self, url: &str) -> Result<Vec<u8>, Unavailable> {
        let answer = match url {
            "https://charts.example.com/all/index.yaml" => Some(INDEX.into()),
            "https://charts.example.com/all/web-1.0.0.tgz" => Some(archive("1.0.0")),
            "https://files.example.com/web-1.1.0.tgz" => Some(archive("1.1.0")),
            "https://charts.example.com/all/page.tgz" => Some(b"<html>".to_vec()),
            "https://page.example.com/index.yaml" => Some(b"<html></html>".to_vec()),
            _ => None,
        };
        self.ask(url.to_owned(), answer)
    }

    fn tags(&self, repository: &str) -> Result<Vec<String>, Unavailable> {
        let tags = ["latest", "1.0.0", "1.1.0_b2", "2.0.0-rc.1"].map(str::to_owned).to_vec();
        self.ask(format!("tags {repository}"), (repository == "oci://registry.example.com/org/web").then_some(tags))
    }

    fn chart(&self, reference: &str) -> Result<Vec<u8>, Unavailable> {
        let version = reference.rsplit_once(':').expect("a tag").1;
        self.ask(format!("chart {reference}"), (version != "9.0.0").then(|| archive(version)))
    }

    fn repository(&self, _: &RepoSpec) -> Result<String, Unavailable> {
        Err(Unavailable::Refused("no repositories here".to_owned()))
    }

    fn function(&self, _: &str, _: &Value) -> Result<FunctionOutput, Unavailable> {
        Err(Unavailable::Refused("no functions here".to_owned()))
    }
}

impl ChartRenderer for World {
    fn render(&self, request: &ChartRequest) -> Result<String, Unavailable> {
        self.rendered.borrow_mut().push(request.clone());
        Ok("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: made\n".to_owned())
    }
}

fn build_with(world: &World, kustomization: &str) -> Result<(), String> {
    let files = [("app/kustomization.yaml", kustomization), ("app/own.yaml", "own: true\n")];
    let fs: MemoryFs = files.into_iter().collect();
    let options = BuildOptions { outside: Some(world), charts: Some(world), ..BuildOptions::default() };
    build(&fs, "app", &options).map(drop).map_err(|error| error.chain())
}

fn run(chart: &str) -> (Result<(), String>, World) {
    let world = World::default();
    (build_with(&world, &format!("helmCharts: [{{name: web, {chart}}}]\n")), world)
}

fn http(more: &str) -> (Result<(), String>, World) {
    run(&format!("repo: 'https://charts.example.com/all', {more}"))
}

#[test]
fn the_version_that_is_wanted_is_pulled_from_a_repository() {
    let file = |url: &str| ChartArchive::File(url.to_owned());
    for (more, expected) in [
        ("version: 1.0.0", file("https://charts.example.com/all/web-1.0.0.tgz")),
        ("version: ~1.0.0", file("https://charts.example.com/all/web-1.0.0.tgz")),
        ("releaseName: x", file("https://files.example.com/web-1.1.0.tgz")),
        ("devel: true", ChartArchive::Registry("oci://registry.example.com/rc/web:2.0.0-rc.1".to_owned())),
    ] {
        let (result, world) = http(more);
        assert_eq!(result, Ok(()), "{more}");
        let request = &world.rendered.borrow()[0];
        assert_eq!((request.chart.as_str(), request.archive.as_ref()), ("web", Some(&expected)), "{more}");
    }
}

#[test]
fn the_version_that_is_wanted_is_pulled_from_a_registry() {
    let (tags, chart) = ("tags oci://registry.example.com/org/web", "chart oci://registry.example.com/org/web:");
    for (more, expected) in [
        ("version: 1.0.0", vec![format!("{chart}1.0.0")]),
        ("version: 1.1.0+b2", vec![format!("{chart}1.1.0_b2")]),
        ("version: ^1", vec![tags.to_owned(), format!("{chart}1.1.0_b2")]),
        ("releaseName: x", vec![tags.to_owned(), format!("{chart}1.1.0_b2")]),
        ("devel: true", vec![tags.to_owned(), format!("{chart}2.0.0-rc.1")]),
    ] {
        let (result, world) = run(&format!("repo: 'oci://registry.example.com/org/', {more}"));
        assert_eq!((result, world.asked.into_inner()), (Ok(()), expected), "{more}");
    }
}

#[test]
fn values_are_those_of_a_chart_in_the_tree() {
    let values = |more: &str| {
        let (result, world) = http(&format!("version: 1.0.0, {more}"));
        assert_eq!(result, Ok(()), "{more}");
        let (name, content) = world.rendered.borrow()[0].values[0].clone();
        (name, String::from_utf8(content).unwrap())
    };
    let of_chart = "charts/web-1.0.0/web/values.yaml".to_owned();
    assert_eq!(values("releaseName: x"), (of_chart.clone(), "version: 1.0.0\nmap: {a: 1}\n".to_owned()));
    assert_eq!(values("valuesInline: {map: {b: 2}}").1, "map:\n  a: 1\n  b: 2\nversion: 1.0.0\n");
    assert_eq!(values("valuesFile: own.yaml").1, "own: true\n");
    assert_eq!(values("valuesFile: charts/web-1.0.0/web/ci/more.yaml").1, "more: true\n");
    let (missing, _) = http("version: 1.0.0, valuesFile: charts/web-1.0.0/web/none.yaml");
    assert_eq!(missing.unwrap_err(), "the chart has no file 'none.yaml'");
    let outside =
        "helmGlobals: {chartHome: ../charts}\nhelmCharts: [{name: web, repo: 'https://charts.example.com/all'}]\n";
    let error = build_with(&World::default(), outside).unwrap_err();
    assert!(error.contains("'/charts/web/values.yaml' is not in or below '/app'"), "{error}");
}

#[test]
fn other_spellings_pull_too() {
    let old = "helmChartInflationGenerator:
- {chartName: web, chartRepoUrl: 'https://charts.example.com/all', chartVersion: 1.0.0, releaseName: x}
";
    let world = World::default();
    assert_eq!(build_with(&world, old), Ok(()));
    assert_eq!(world.asked.borrow().last().unwrap(), "https://charts.example.com/all/web-1.0.0.tgz");
}

#[test]
fn what_is_not_there_yet_is_asked_for() {
    let world = World { is_later: true, ..World::default() };
    let charts = "helmCharts:
- {name: web, repo: 'https://charts.example.com/all'}
- {name: web, repo: 'oci://registry.example.com/org', version: 1.0.0}
";
    assert!(build_with(&world, charts).is_err());
    let asked = world.asked.into_inner();
    assert_eq!(asked, ["https://charts.example.com/all/index.yaml", "chart oci://registry.example.com/org/web:1.0.0"]);
}

#[test]
fn refusals_name_chart_version_repository_and_reason() {
    let from = "from 'https://charts.example.com/all': ";
    for (chart, expected) in [
        (
            "version: 3.x",
            format!(
                "cannot pull chart 'web' with version '3.x' {from}no version of it matches; there are 2.0.0-rc.1, 1.1.0, 1.0.0, 0.4.0, 0.3.0 and 2 others"
            ),
        ),
        ("version: x y", format!("cannot pull chart 'web' with version 'x y' {from}improper constraint")),
        ("version: 0.1.0", format!("cannot pull chart 'web' with version '0.1.0' {from}the archive has the digest")),
        (
            "version: 0.2.0",
            format!(
                "{from}cannot get the archive 'https://charts.example.com/all/gone.tgz': HTTP Error: status code 404 (Not Found)"
            ),
        ),
        ("version: 0.3.0", "the archive cannot be read: ".to_owned()),
        ("version: 0.4.0", format!("{from}it has no downloadable URLs")),
    ] {
        let error = http(chart).0.unwrap_err();
        assert!(error.contains(&expected), "{error}");
    }
    for (chart, expected) in [
        (
            "repo: 'https://none.example.com'",
            "cannot pull chart 'web' from 'https://none.example.com': cannot get the index: HTTP Error: status code 404 (Not Found)",
        ),
        ("repo: 'https://page.example.com'", "the index cannot be read: no API version specified"),
        ("repo: 'oci://registry.example.com/none'", "cannot get the tags: HTTP Error: status code 404 (Not Found)"),
        (
            "repo: 'oci://registry.example.com/org', version: 9.0.0",
            "cannot get 'oci://registry.example.com/org/web:9.0.0': ",
        ),
        (
            "repo: 'oci://registry.example.com/org', version: '>9'",
            "no version of it matches; there are 2.0.0-rc.1, 1.1.0+b2, 1.0.0",
        ),
    ] {
        let error = run(chart).0.unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
    let other = build_with(&World::default(), "helmCharts: [{name: db, repo: 'https://charts.example.com/all'}]\n");
    let expected = "cannot pull chart 'db' from 'https://charts.example.com/all': the repository has no such chart";
    assert!(other.unwrap_err().ends_with(expected));
}

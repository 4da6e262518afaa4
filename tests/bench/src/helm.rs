//! Charts: well-known ones where the corpora lie beside the repository, and ours everywhere.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use walkdir::WalkDir;
use weir_gotmpl::Map;
use weir_helm::{Helm, Host, KubeVersion, Options, Printing, Release, World};
use weir_plugin::{CallContext, Limits, RenderRequest, Rendered};

use crate::{
    charts,
    originals::Original,
    report::{Report, say},
    sandbox::{Sandbox, TENANT},
    side_by_side::{Case, Renderer, compare},
};

/// Charts of the corpus, runs of the original and of ours, and what the sandbox is to take at most.
const KNOWN: [(&str, (usize, usize), Option<Duration>); 3] = [
    ("nuclearwu_hello-kubernetes/hello-kubernetes", (100, 1000), None),
    ("stefanprodan_podinfo/podinfo", (100, 1000), Some(Duration::from_micros(600))),
    ("prometheus-community_helm-charts/kube-prometheus-stack", (5, 20), Some(Duration::from_millis(50))),
];
/// Sub-charts of the umbrella.
const SUB_CHARTS: usize = 50;
/// As the original's program has them.
const RELEASE: &str = "bench";
const NAMESPACE: &str = "default";
const KUBERNETES: &str = "1.31.0";

/// Measures all charts that are there.
pub(crate) async fn measure(report: &mut Report) -> Result<()> {
    let sandbox = Sandbox::load(report, "helm").await?;
    let original = Original::find("helm");
    let own = tempfile::tempdir()?;
    charts::write_application(&own.path().join("application"), "application")?;
    charts::write_umbrella(&own.path().join("umbrella"), SUB_CHARTS)?;
    let own = |what: &str, path: &str, times| case(what.to_owned(), own.path(), path, times, None);
    let mut cases = vec![own("a chart of 5 objects", "application", (100, 1000))];
    cases.extend(known());
    cases.push(own("an umbrella of 50 sub-charts", "umbrella", (10, 30)));
    for case in &cases {
        report.compare(compare(case, &Charts, &sandbox, original.as_ref()).await?);
    }
    Ok(())
}

fn case(what: String, root: &Path, path: &str, times: (usize, usize), aim: Option<Duration>) -> Case {
    Case { what, root: root.to_owned(), path: path.to_owned(), times, aim }
}

fn known() -> Vec<Case> {
    let Some(corpus) = weir_testkit::corpus("helm", "helm") else {
        say("skipped: well-known charts: there are no corpora beside the repository");
        return Vec::new();
    };
    let charts = corpus.join("charts");
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    KNOWN.into_iter().map(|(path, times, aim)| case(name(path), &charts, path, times, aim)).collect()
}

struct Charts;

impl Renderer for Charts {
    fn native(&self, case: &Case) -> Result<impl FnMut() -> Result<String>> {
        let helm = Helm::V3;
        let chart = weir_helm::load_folder(files(&case.root.join(&case.path))?, helm)?.chart;
        let mut options = Options::new(helm, Release::new(RELEASE, NAMESPACE));
        options.capabilities.kube_version = KubeVersion::parse(KUBERNETES, helm)?;
        Ok(move || {
            let host = Host::new(Clock);
            let rendered = weir_helm::render(&chart, &Map::default(), &options, &host)?;
            Ok(rendered.print(&Printing { include_crds: true, ..Printing::default() }, helm)?)
        })
    }

    fn request(&self, case: &Case) -> (CallContext, RenderRequest) {
        let context = CallContext::new(TENANT, Limits::renderer()).with_time_and_randomness();
        let release = json!({"name": RELEASE, "namespace": NAMESPACE});
        let request = RenderRequest {
            config: json!({"release": release, "includeCrds": true, "helmVersion": "3"}),
            path: case.path.clone(),
            capabilities: json!({"kubeVersion": KUBERNETES}),
            // The chart is loaded once for all sides: the sandbox finds what its first call kept.
            identity: Some(case.path.clone()),
            ..RenderRequest::default()
        };
        (context, request)
    }

    /// Manifests without the space around them, then hooks; as `helm template` prints them.
    fn text(&self, rendered: &Rendered) -> Result<String> {
        let hooks = rendered.metadata.iter().find(|(name, _)| name == "hooks").context("no word about hooks")?;
        let hooks: Vec<Value> = serde_json::from_str(&hooks.1)?;
        let paths = rendered.origins.iter().map(|origin| origin.path.as_deref().unwrap_or_default());
        let texts = paths.zip(&rendered.documents).map(|(path, text)| format!("---\n# Source: {path}\n{text}\n"));
        let texts: Vec<String> = texts.collect();
        let (manifests, hooks) = texts.split_at(texts.len().saturating_sub(hooks.len()));
        Ok(format!("{}\n{}", manifests.concat().trim(), hooks.concat()))
    }
}

/// The files of a chart by their path in it.
fn files(chart: &Path) -> Result<Vec<(String, weir_gotmpl::Str)>> {
    let entries = WalkDir::new(chart).sort_by_file_name().into_iter().collect::<Result<Vec<_>, _>>()?;
    let files = entries.into_iter().filter(|entry| entry.file_type().is_file()).map(|entry| entry.into_path());
    files.map(|path| content(chart, path)).collect()
}

fn content(chart: &Path, path: PathBuf) -> Result<(String, weir_gotmpl::Str)> {
    let name = path.strip_prefix(chart)?.to_string_lossy().into_owned();
    Ok((name, weir_gotmpl::Str::from(fs::read(path)?)))
}

/// The real time, and randomness that costs nothing.
struct Clock;

impl World for Clock {
    fn now(&self) -> (i64, u32) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        (now.as_secs().try_into().unwrap_or_default(), now.subsec_nanos())
    }

    fn random(&self, buffer: &mut [u8]) {
        buffer.fill(7);
    }
}

//! Charts that kustomizations name, rendered as `helm template` does by the plugin that renders charts.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use weir_package::Digest;
use weir_plugin::{Answer, Answers, Class, Format, Limits, NoAnswer, Plugin, Question, RenderRequest, Rendered};

use super::{Asker, Found, Outside, refused};

const CHART_FAILED: &str = "ChartFailed";
/// What Helm calls a release that nobody named.
const RELEASE_NAME: &str = "release-name";
const NAMESPACE: &str = "default";
/// The file that an archive is written to.
const ARCHIVE: &str = "chart.tgz";

/// The body of a question.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct Wanted {
    release_name: String,
    name_template: String,
    namespace: String,
    /// Name and content.
    values: Vec<(String, String)>,
    api_versions: Vec<String>,
    kube_version: String,
    include_crds: bool,
    skip_tests: bool,
    skip_hooks: bool,
    /// The question whose answer is the chart's archive; else it is in the tree.
    archive: Option<ArchiveOf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ArchiveOf {
    kind: String,
    name: String,
}

/// A chart on the disk.
struct Place {
    root: PathBuf,
    path: String,
    /// What the directory is, for what the plugin keeps of it.
    identity: Option<String>,
    /// Goes with the render.
    _directory: Option<TempDir>,
}

impl Outside {
    /// The chart is in the tree of who asks, in the directory of an answer that is known, or in an archive that is one.
    pub(super) async fn chart(
        &self,
        asker: &Asker<'_>,
        question: &Question,
        known: &Answers,
    ) -> Result<Found, NoAnswer> {
        if asker.depth > 0 {
            return Err(refused(Class::Terminal, format!("functions may not render charts: {}", question.name)));
        }
        let wanted: Wanted = serde_json::from_slice(&question.body)
            .map_err(|error| failed(format!("cannot read what is wanted of chart {}: {error}", question.name)))?;
        let plugin = self.helm_plugin().await?;
        let limits = Limits::renderer().with_wall(asker.left());
        // As with Helm itself, charts may make up passwords and certificates: the render is then not hermetic.
        let cx = asker.call_other(limits).with_time_and_randomness();
        let place = match &wanted.archive {
            Some(archive) => unpackable(archive, known)?,
            None => located(asker, &question.name, known),
        };
        let request = RenderRequest { identity: place.identity.clone(), ..request(wanted, &place.path) };
        let rendered = plugin.render(&cx, request, &place.root).await;
        let rendered = rendered.map_err(|failure| failed(failure.to_string()))?;
        let directory = TempDir::new().map_err(|error| failed(error.to_string()))?;
        write(&rendered, directory.path()).map_err(|error| failed(format!("cannot keep what it made: {error}")))?;
        let answer = Answer {
            revision: plugin.digest().to_owned(),
            directory: Some(directory.path().to_owned()),
            ..Answer::default()
        };
        Ok(Found { answer, directory: Some(directory), not_hermetic: !rendered.hermetic, inputs: Vec::new() })
    }

    async fn helm_plugin(&self) -> Result<&Plugin, NoAnswer> {
        let Some(reference) = &self.0.rules.charts else {
            return Err(refused(Class::Terminal, "must specify --enable-helm".to_owned()));
        };
        let load = || async { self.load_from_sources(reference).await.map_err(failed) };
        self.0.helm.get_or_try_init(load).await
    }
}

fn located(asker: &Asker<'_>, path: &str, known: &Answers) -> Place {
    let (root, path, identity) = match known.locate(path) {
        Some((directory, path)) => (directory, path, None),
        None => (asker.input.to_owned(), path, asker.identity.clone()),
    };
    Place { root, path: path.to_owned(), identity, _directory: None }
}

/// An archive as a file: the plugin unpacks it, in its sandbox.
fn unpackable(archive: &ArchiveOf, known: &Answers) -> Result<Place, NoAnswer> {
    let question = Question { kind: archive.kind.clone(), name: archive.name.clone(), body: Vec::new() };
    let Some(Ok(answer)) = known.get(&question) else {
        return Err(failed(format!("nobody asked for the archive of a chart before: {question}")));
    };
    let directory = TempDir::new().map_err(|error| failed(error.to_string()))?;
    std::fs::write(directory.path().join(ARCHIVE), &answer.content).map_err(|error| failed(error.to_string()))?;
    let identity = Some(Digest::of(&answer.content).to_string());
    Ok(Place { root: directory.path().to_owned(), path: ARCHIVE.to_owned(), identity, _directory: Some(directory) })
}

fn failed(message: String) -> NoAnswer {
    NoAnswer { class: Class::Terminal, reason: CHART_FAILED.to_owned(), message }
}

/// As kustomize calls `helm template`.
fn request(wanted: Wanted, path: &str) -> RenderRequest {
    let or = |text: String, default: &str| if text.is_empty() { default.to_owned() } else { text };
    let capabilities = match wanted.kube_version.as_str() {
        "" => Value::Null,
        version => json!({"kubeVersion": version}),
    };
    let config = json!({
        "release": {
            "name": or(wanted.release_name, RELEASE_NAME),
            "nameTemplate": wanted.name_template,
            "namespace": or(wanted.namespace, NAMESPACE),
        },
        "extraApiVersions": wanted.api_versions,
        "includeCrds": wanted.include_crds,
        "skipTests": wanted.skip_tests,
        "disableHooks": wanted.skip_hooks,
        "helmVersion": "3",
    });
    RenderRequest {
        config,
        path: path.to_owned(),
        format: Format::Yaml,
        values: wanted.values,
        capabilities,
        ..RenderRequest::default()
    }
}

/// One file for each document, in order: no file is larger than what a renderer may read at once.
fn write(rendered: &Rendered, directory: &Path) -> std::io::Result<()> {
    rendered
        .documents
        .iter()
        .enumerate()
        .try_for_each(|(number, text)| std::fs::write(directory.join(number.to_string()), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_one_that_was_asked_for() {
        let question = Question { kind: "http".into(), name: "https://x/a.tgz".into(), body: Vec::new() };
        let mut known = Answers::default();
        known.add(question, Ok(Answer { content: b"packed".to_vec(), ..Answer::default() }));
        let archive = |name: &str| ArchiveOf { kind: "http".into(), name: name.into() };
        let place = unpackable(&archive("https://x/a.tgz"), &known).unwrap();
        assert_eq!(std::fs::read(place.root.join(&place.path)).unwrap(), b"packed");
        assert_eq!(place.identity, Some(Digest::of(b"packed").to_string()));
        let refused = unpackable(&archive("https://x/b.tgz"), &known).err().unwrap();
        assert!(refused.message.contains("nobody asked for the archive"), "{}", refused.message);
    }

    #[test]
    fn what_is_not_said_is_as_in_helm() {
        let made = request(Wanted::default(), "charts/web");
        assert_eq!((made.path.as_str(), &made.capabilities), ("charts/web", &Value::Null));
        assert_eq!(made.config["release"]["name"], "release-name");
        assert_eq!(made.config["release"]["namespace"], "default");
        let body = json!({"releaseName": "shop", "kubeVersion": "1.30", "skipHooks": true, "values": [["a", "b: 1"]]});
        let made = request(serde_json::from_value(body).unwrap(), "x");
        assert_eq!(made.config["release"]["name"], "shop");
        assert_eq!(made.config["disableHooks"], true);
        assert_eq!(made.capabilities, json!({"kubeVersion": "1.30"}));
        assert_eq!(made.values, [("a".to_owned(), "b: 1".to_owned())]);
    }
}

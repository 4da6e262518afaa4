use serde::Deserialize;
use serde_json::{Value, json};
use weir_kustomize::{
    ChartArchive, ChartRenderer, ChartRequest, FileSystem, FunctionOutput, FunctionResult, Outside, RepoSpec,
    Unavailable,
};
use weir_sdk::{Answer, RenderContext};

use crate::tree::HostTree;

/// The host's reason for an answer that is a server's status.
const HTTP_STATUS: &str = "HTTPStatus";

const HTTP: &str = "http";
const TAGS: &str = "tags";
const ARCHIVE: &str = "archive";

/// What the host has of what is outside of the tree.
pub(crate) struct HostOutside<'a> {
    pub(crate) cx: &'a RenderContext,
    pub(crate) tree: &'a HostTree,
}

#[derive(Deserialize)]
struct List {
    #[serde(default)]
    items: Vec<Value>,
    #[serde(default)]
    results: Vec<Remark>,
}

#[derive(Deserialize)]
struct Remark {
    #[serde(default)]
    severity: String,
    #[serde(default)]
    message: String,
}

impl HostOutside<'_> {
    fn ask(&self, kind: &str, name: &str, body: &[u8]) -> Result<Answer, Unavailable> {
        match self.cx.inputs().ask(kind, name, body) {
            Ok(answer) => answer.ok_or(Unavailable::Later),
            Err(error) if error.reason() == HTTP_STATUS => Err(Unavailable::Status(error.message().to_owned())),
            Err(error) => Err(Unavailable::Refused(error.message().to_owned())),
        }
    }

    /// An answer that is a directory, which is part of the tree from now on.
    fn ask_for_directory(&self, kind: &str, name: &str, body: &[u8]) -> Result<String, Unavailable> {
        let answer = self.ask(kind, name, body)?;
        let directory = answer.directory.ok_or_else(|| Unavailable::Refused("the host has no directory".to_owned()))?;
        self.tree.mount(&directory);
        Ok(directory)
    }
}

impl Outside for HostOutside<'_> {
    fn file(&self, url: &str) -> Result<Vec<u8>, Unavailable> {
        Ok(self.ask(HTTP, url, b"")?.content)
    }

    fn repository(&self, spec: &RepoSpec) -> Result<String, Unavailable> {
        let body = json!({"ref": spec.reference, "timeoutSeconds": spec.timeout.as_secs_f64()});
        self.ask_for_directory("git", &spec.repository, body.to_string().as_bytes())
    }

    fn function(&self, image: &str, list: &Value) -> Result<FunctionOutput, Unavailable> {
        let answer = self.ask("function", image, list.to_string().as_bytes())?;
        let list: List = serde_json::from_slice(&answer.content)
            .map_err(|error| Unavailable::Refused(format!("function {image} returned no ResourceList: {error}")))?;
        let results =
            list.results.into_iter().map(|one| FunctionResult { severity: one.severity, message: one.message });
        Ok(FunctionOutput { items: list.items, results: results.collect() })
    }

    fn tags(&self, repository: &str) -> Result<Vec<String>, Unavailable> {
        let answer = self.ask(TAGS, repository, b"")?;
        serde_json::from_slice(&answer.content)
            .map_err(|error| Unavailable::Refused(format!("{repository} has no list of tags: {error}")))
    }

    fn chart(&self, reference: &str) -> Result<Vec<u8>, Unavailable> {
        Ok(self.ask(ARCHIVE, reference, b"")?.content)
    }
}

impl ChartRenderer for HostOutside<'_> {
    fn render(&self, request: &ChartRequest) -> Result<String, Unavailable> {
        let directory = self.ask_for_directory("chart", &request.chart, &body(request)?)?;
        let documents = (0..).map_while(|number| self.tree.read(&format!("{directory}/{number}")));
        let mut text = String::new();
        for document in documents {
            let document = String::from_utf8(document)
                .map_err(|_| Unavailable::Refused(format!("chart {} printed what is no text", request.chart)))?;
            text.push_str("---\n");
            text.push_str(&document);
            text.push('\n');
        }
        Ok(text)
    }
}

/// What `weir_engine` reads of a question about a chart.
fn body(request: &ChartRequest) -> Result<Vec<u8>, Unavailable> {
    let values = request.values.iter().map(|(name, content)| match std::str::from_utf8(content) {
        Ok(text) => Ok((name, text)),
        Err(_) => Err(Unavailable::Refused(format!("values file {name} is no text"))),
    });
    let archive = request.archive.as_ref().map(|archive| match archive {
        ChartArchive::File(url) => json!({"kind": HTTP, "name": url}),
        ChartArchive::Registry(reference) => json!({"kind": ARCHIVE, "name": reference}),
    });
    let body = json!({
        "archive": archive,
        "releaseName": request.release_name,
        "nameTemplate": request.name_template,
        "namespace": request.namespace,
        "values": values.collect::<Result<Vec<_>, _>>()?,
        "apiVersions": request.api_versions,
        "kubeVersion": request.kube_version,
        "includeCrds": request.include_crds,
        "skipTests": request.skip_tests,
        "skipHooks": request.skip_hooks,
    });
    Ok(body.to_string().into_bytes())
}

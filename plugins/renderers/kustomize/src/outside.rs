use serde::Deserialize;
use serde_json::{Value, json};
use weir_kustomize::{FunctionOutput, FunctionResult, Outside, RepoSpec, Unavailable};
use weir_sdk::{Answer, RenderContext};

use crate::tree::HostTree;

/// The host's reason for an answer that is a server's status.
const HTTP_STATUS: &str = "HTTPStatus";

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
}

impl Outside for HostOutside<'_> {
    fn file(&self, url: &str) -> Result<Vec<u8>, Unavailable> {
        Ok(self.ask("http", url, b"")?.content)
    }

    fn repository(&self, spec: &RepoSpec) -> Result<String, Unavailable> {
        let body = json!({"ref": spec.reference, "timeoutSeconds": spec.timeout.as_secs_f64()});
        let answer = self.ask("git", &spec.repository, body.to_string().as_bytes())?;
        let directory = answer.directory.ok_or_else(|| Unavailable::Refused("the host has no directory".to_owned()))?;
        self.tree.mount(&directory);
        Ok(directory)
    }

    fn function(&self, image: &str, list: &Value) -> Result<FunctionOutput, Unavailable> {
        let answer = self.ask("function", image, list.to_string().as_bytes())?;
        let list: List = serde_json::from_slice(&answer.content)
            .map_err(|error| Unavailable::Refused(format!("function {image} returned no ResourceList: {error}")))?;
        let results =
            list.results.into_iter().map(|one| FunctionResult { severity: one.severity, message: one.message });
        Ok(FunctionOutput { items: list.items, results: results.collect() })
    }
}

//! KRM functions: plugins of the renderer kind that get a ResourceList as their tree.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};
use tempfile::TempDir;
use weir_package::{Reference, reference::Location};
use weir_plugin::{
    Answer, Class, Diagnostic, Format, Limits, NoAnswer, PAYLOAD_BYTES, Plugin, Question, RenderRequest, Rendered,
    Severity,
};

use super::{Asker, Found, Outside, refused};

/// How deep functions may call functions.
pub const MAX_FUNCTION_DEPTH: usize = 4;
/// The longest that one function may take.
const FUNCTION_WALL: Duration = Duration::from_secs(60);
/// Plugins that are kept loaded; a pinned reference never means anything else.
const MAX_LOADED: usize = 64;
/// Where the list is in the function's tree; `weir_sdk::function::LIST_FILE`.
const LIST_FILE: &str = "resource-list.json";
const FUNCTION_FAILED: &str = "FunctionFailed";

/// Functions that were used before.
#[derive(Default)]
pub(super) struct Loaded(Mutex<HashMap<Reference, Plugin>>);

impl Loaded {
    fn get(&self, reference: &Reference) -> Option<Plugin> {
        self.0.lock().get(reference).cloned()
    }

    fn keep(&self, reference: &Reference, plugin: &Plugin) {
        let mut loaded = self.0.lock();
        if loaded.len() >= MAX_LOADED {
            loaded.clear();
        }
        loaded.insert(reference.clone(), plugin.clone());
    }
}

fn failed(message: String) -> NoAnswer {
    NoAnswer { class: Class::Terminal, reason: FUNCTION_FAILED.to_owned(), message }
}

impl Outside {
    pub(super) async fn function(&self, asker: &Asker<'_>, question: &Question) -> Result<Found, NoAnswer> {
        let depth = asker.depth + 1;
        if depth > MAX_FUNCTION_DEPTH {
            let message =
                format!("functions call functions deeper than {MAX_FUNCTION_DEPTH} levels: {}", question.name);
            return Err(refused(Class::Terminal, message));
        }
        let reference = allowed(&question.name, &self.0.rules.functions)?;
        let plugin = self.load(&reference).await?;
        let list: Value = serde_json::from_slice(&question.body)
            .map_err(|error| failed(format!("the list for function {reference} is not JSON: {error}")))?;
        let tree = tree(&question.body).map_err(|error| failed(format!("cannot hand over the list: {error}")))?;
        let limits = Limits::renderer().with_wall(asker.left().min(FUNCTION_WALL));
        let cx = asker.call_other(limits);
        let request =
            RenderRequest { config: list["functionConfig"].clone(), format: Format::Json, ..RenderRequest::default() };
        let rendered = self.render_at(depth, &plugin, &cx, request, tree.path()).await;
        let mut rendered = rendered.map_err(|failure| failed(failure.to_string()))?;
        let inputs = std::mem::take(&mut rendered.inputs);
        let content = output(rendered).map_err(|problem| failed(format!("function {reference} {problem}")))?;
        let answer = Answer { revision: plugin.digest().to_owned(), content, directory: None };
        Ok(Found { answer, inputs, ..Found::default() })
    }

    async fn load(&self, reference: &Reference) -> Result<Plugin, NoAnswer> {
        if let Some(plugin) = self.0.functions.get(reference) {
            return Ok(plugin);
        }
        let plugin = self.load_from_sources(reference).await.map_err(failed)?;
        if reference.digest.is_some() {
            self.0.functions.keep(reference, &plugin);
        }
        Ok(plugin)
    }
}

fn tree(list: &[u8]) -> std::io::Result<TempDir> {
    let tree = TempDir::new()?;
    std::fs::write(tree.path().join(LIST_FILE), list)?;
    Ok(tree)
}

/// A reference that the operator allows and that cannot mean something else tomorrow.
fn allowed(name: &str, rules: &[String]) -> Result<Reference, NoAnswer> {
    let reference: Reference = name.parse().map_err(|error| refused(Class::Terminal, format!("{error}")))?;
    if !rules.iter().any(|rule| is_covered(name, rule)) {
        let hint = format!(
            "hint: the operator allows functions with `--allow-function`, for example `--allow-function '{name}'`"
        );
        return Err(refused(Class::Terminal, format!("function is not allowed: {name}\n{hint}")));
    }
    if matches!(reference.location, Location::Oci { .. }) && reference.digest.is_none() {
        let hint = "hint: `weir plugin inspect` shows the digest of what is there now";
        return Err(refused(Class::Terminal, format!("function is not pinned, want `{name}@sha256:…`\n{hint}")));
    }
    Ok(reference)
}

fn is_covered(name: &str, rule: &str) -> bool {
    match rule.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == rule || name.strip_prefix(rule).is_some_and(|rest| rest.starts_with("@sha256:")),
    }
}

/// A ResourceList with results, of the documents and diagnostics.
fn output(rendered: Rendered) -> Result<Vec<u8>, String> {
    let read = |(index, text): (usize, &String)| {
        serde_json::from_str::<Value>(text)
            .map_err(|error| format!("returned item {index}, which is not JSON: {error}"))
    };
    let items = rendered.documents.iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()?;
    let results: Vec<Value> = rendered.diagnostics.iter().map(result).collect();
    let kind = "ResourceList";
    let list = json!({"apiVersion": "config.kubernetes.io/v1", "kind": kind, "items": items, "results": results});
    let text = list.to_string().into_bytes();
    if text.len() > PAYLOAD_BYTES { Err(format!("returned more than {PAYLOAD_BYTES} bytes")) } else { Ok(text) }
}

fn result(diagnostic: &Diagnostic) -> Value {
    let severity = match diagnostic.severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    json!({"severity": severity, "message": diagnostic.message})
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn nothing_is_allowed_unless_it_is_named_and_pinned() {
        let image = "oci://registry.example.com/fn/label";
        let pinned = format!("{image}@{DIGEST}");
        let problem = |name: &str, rules: &[&str]| {
            let rules: Vec<String> = rules.iter().map(|rule| (*rule).to_owned()).collect();
            allowed(name, &rules).err().map(|none| none.message).unwrap_or_default()
        };
        assert!(problem(&pinned, &[]).starts_with("function is not allowed: "));
        assert!(problem(&pinned, &["oci://registry.example.com/fn/lab"]).starts_with("function is not allowed: "));
        assert!(problem(image, &[image]).starts_with("function is not pinned"));
        assert!(problem(&format!("{image}:1.0.0"), &["oci://*"]).starts_with("function is not pinned"));
        for rule in [pinned.as_str(), image, "oci://registry.example.com/fn/*", "oci://*"] {
            assert_eq!(problem(&pinned, &[rule]), "", "{rule}");
        }
        assert_eq!(problem("file:fn.wasm", &["file:fn.wasm"]), "");
        assert!(problem("file:fn.wasm", &["oci://*"]).contains("not allowed"));
        assert!(problem("https://example.com/fn", &["*"]).contains("invalid plugin reference"));
    }

    #[test]
    fn items_are_json() {
        let diagnostic = Diagnostic {
            severity: Severity::Error,
            code: "Result".into(),
            message: "no".into(),
            path: None,
            line: None,
            column: None,
        };
        let good =
            Rendered { documents: vec!["{\"a\":1}".into()], diagnostics: vec![diagnostic], ..Rendered::default() };
        let list: Value = serde_json::from_slice(&output(good).unwrap()).unwrap();
        assert_eq!(list["items"], json!([{"a": 1}]));
        assert_eq!(list["results"], json!([{"severity": "error", "message": "no"}]));
        let bad = Rendered { documents: vec!["{}".into(), "a: 1".into()], ..Rendered::default() };
        assert!(output(bad).unwrap_err().starts_with("returned item 1, which is not JSON"));
    }
}

//! Builds the guests once and calls them.

use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;
use weir_plugin::{
    CallContext, FailureKind, HostConfig, Limits, Plugin, PluginFailure, PluginHost, RenderRequest, Rendered,
    Resolution, SourceRequest,
};
use weir_testkit::guest;

pub(crate) fn renderer_bytes() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| std::fs::read(guest("renderer")).unwrap())
}

pub(crate) fn source_bytes() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| std::fs::read(guest("source")).unwrap())
}

/// A host with a cache of its own; most tests share the compiled code of the two guests.
pub(crate) fn host() -> PluginHost {
    static CODE: OnceLock<TempDir> = OnceLock::new();
    let cache = CODE.get_or_init(|| tempfile::tempdir().unwrap()).path().to_owned();
    PluginHost::new(HostConfig { cache_dir: Some(cache), max_concurrent: 16 }).unwrap()
}

pub(crate) async fn load_renderer() -> Plugin {
    host().load(renderer_bytes().to_vec(), None).await.unwrap()
}

pub(crate) async fn load_source() -> Plugin {
    host().load(source_bytes().to_vec(), None).await.unwrap()
}

pub(crate) fn render_context() -> CallContext {
    CallContext::new("apps", Limits::renderer())
}

pub(crate) fn source_context() -> CallContext {
    CallContext::new("apps", Limits::source())
}

/// A tree with a few files.
pub(crate) fn input() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(root.path().join("base")).unwrap();
    std::fs::write(root.path().join("a.yaml"), "kind: A").unwrap();
    std::fs::write(root.path().join("base/b.yaml"), "kind: B").unwrap();
    root
}

pub(crate) async fn render(
    plugin: &Plugin,
    cx: &CallContext,
    config: Value,
    input: &Path,
) -> Result<Rendered, PluginFailure> {
    plugin.render(cx, RenderRequest { config, ..RenderRequest::default() }, input).await
}

/// Resolves and fetches; returns what is below `/out`.
pub(crate) async fn fetch(plugin: &Plugin, cx: &CallContext, config: Value) -> Result<TempDir, PluginFailure> {
    let request = SourceRequest { config, ..SourceRequest::default() };
    let out = tempfile::tempdir().unwrap();
    let what = Resolution { revision: "main@sha1:0".to_owned(), ..Resolution::default() };
    plugin.fetch(cx, request, what, out.path()).await.map(|_| out)
}

/// The failure names the plugin, and the same plugin still works.
pub(crate) async fn failure_of_render(cx: &CallContext, config: Value) -> FailureKind {
    let plugin = load_renderer().await;
    let input = input();
    let failure = render(&plugin, cx, config, input.path()).await.unwrap_err();
    assert_eq!(failure.plugin, "guest-renderer");
    let rendered = render(&plugin, &render_context(), serde_json::json!({"do": "emit"}), input.path()).await.unwrap();
    assert_eq!(rendered.documents, ["kind: A", "kind: B"], "the host goes on");
    failure.kind
}

/// The same for a source.
pub(crate) async fn failure_of_fetch(cx: &CallContext, config: Value) -> FailureKind {
    let plugin = load_source().await;
    let failure = fetch(&plugin, cx, config).await.unwrap_err();
    assert_eq!(failure.plugin, "guest-source");
    let out = fetch(&plugin, &source_context(), serde_json::json!({"do": "tree"})).await.unwrap();
    assert!(out.path().join("a/b/c.yaml").exists(), "the host goes on");
    failure.kind
}

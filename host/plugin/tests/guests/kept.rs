//! A renderer that keeps things under a key.

use std::path::Path;

use serde_json::json;
use tempfile::TempDir;
use weir_plugin::{
    Answer, Answers, CallContext, Capability, Grants, HostConfig, Plugin, PluginFailure, PluginHost, Question,
    RenderRequest, Rendered,
};

use crate::kit::{input, render_context, renderer_bytes};

struct Keeper {
    plugin: Plugin,
    input: TempDir,
    cache: TempDir,
}

impl Keeper {
    async fn new() -> Keeper {
        let cache = tempfile::tempdir().unwrap();
        let host = PluginHost::new(HostConfig { cache_dir: Some(cache.path().to_owned()), max_concurrent: 2 }).unwrap();
        let plugin = host.load(renderer_bytes().to_vec(), None).await.unwrap();
        Keeper { plugin, input: input(), cache }
    }

    /// What is found, before `data` is kept in its place.
    async fn found(&self, cx: &CallContext, identity: Option<&str>, data: &str) -> String {
        let config = json!({"do": "keep", "data": data, "ask": false});
        let request = RenderRequest { config, identity: identity.map(str::to_owned), ..RenderRequest::default() };
        self.render(cx, request).await.unwrap().documents.remove(0)
    }

    async fn render(&self, cx: &CallContext, request: RenderRequest) -> Result<Rendered, PluginFailure> {
        self.plugin.render(cx, request, self.input.path()).await
    }
}

fn files(directory: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_of_an_input_is_found_with_that_input() {
    let (keeper, cx) = (Keeper::new().await, render_context());
    assert_eq!(keeper.found(&cx, Some("sha256:1"), "first").await, "nothing");
    assert_eq!(keeper.found(&cx, Some("sha256:1"), "second").await, "first");
    assert_eq!(keeper.found(&cx, Some("sha256:2"), "other").await, "nothing", "another input");
    assert_eq!(keeper.found(&cx, None, "x").await, "nothing", "nobody knows what the input is");
    let other = CallContext { tenant: "others".to_owned(), ..render_context() };
    assert_eq!(keeper.found(&other, Some("sha256:1"), "theirs").await, "nothing", "another tenant");
    assert_eq!(keeper.found(&cx, Some("sha256:1"), "third").await, "second");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_damaged_is_not_found() {
    let (keeper, cx) = (Keeper::new().await, render_context());
    keeper.found(&cx, Some("sha256:1"), "whole").await;
    for path in files(&keeper.cache.path().join("blobs")) {
        std::fs::write(path, "damaged by somebody").unwrap();
    }
    assert_eq!(keeper.found(&cx, Some("sha256:1"), "again").await, "nothing");
    assert_eq!(keeper.found(&cx, Some("sha256:1"), "").await, "again");
    assert_eq!(keeper.found(&cx, Some("sha256:1"), "x").await, "", "nothing kept is something");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_from_elsewhere_is_not_kept_of_the_input() {
    let (keeper, cx) = (Keeper::new().await, render_context());
    keeper.found(&cx, Some("sha256:1"), "of the input").await;
    let far = tempfile::tempdir().unwrap();
    let mut answers = Answers::default();
    let question = Question { kind: "git".into(), name: "x".into(), body: vec![] };
    let answer = Answer { revision: "r".into(), content: vec![], directory: Some(far.path().to_owned()) };
    answers.add(question, Ok(answer));
    let config = json!({"do": "keep", "data": "of elsewhere", "ask": true});
    let identity = Some("sha256:1".to_owned());
    let request = RenderRequest { config, answers, identity, ..RenderRequest::default() };
    assert_eq!(keeper.render(&cx, request).await.unwrap().documents, ["nothing"]);
    assert_eq!(keeper.found(&cx, Some("sha256:1"), "x").await, "of the input");
}

#[tokio::test(flavor = "multi_thread")]
async fn keeping_needs_a_grant() {
    let (keeper, mut cx) = (Keeper::new().await, render_context());
    cx.grants = Grants::none().with(Capability::Inputs);
    let config = json!({"do": "keep", "data": "x", "ask": false});
    let request = RenderRequest { config, identity: Some("sha256:1".to_owned()), ..RenderRequest::default() };
    for _ in 0..2 {
        let rendered = keeper.render(&cx, request.clone()).await.unwrap();
        assert_eq!(rendered.documents, ["nothing"], "it goes on without");
    }
    assert!(!keeper.cache.path().join("blobs").exists(), "nothing is written");
}

//! A renderer that behaves.

use serde_json::json;
use weir_plugin::{Capability, Class, FailureKind, Grants, Severity};

use crate::kit::{fetch, input, load_renderer, render, render_context, source_context};

#[tokio::test(flavor = "multi_thread")]
async fn documents_come_out_in_order_with_diagnostics() {
    let plugin = load_renderer().await;
    assert_eq!((plugin.name(), plugin.version()), ("guest-renderer", "0.1.0"));
    let input = input();
    let rendered = render(&plugin, &render_context(), json!({"do": "emit"}), input.path()).await.unwrap();
    assert_eq!(rendered.documents, ["kind: A", "kind: B"]);
    let paths: Vec<&str> = rendered.origins.iter().filter_map(|origin| origin.path.as_deref()).collect();
    assert_eq!(paths, ["a.yaml", "base/b.yaml"]);
    assert_eq!(rendered.metadata, [("files".to_owned(), "2".to_owned())]);
    let diagnostic = &rendered.diagnostics[0];
    assert_eq!((diagnostic.severity, diagnostic.path.as_deref()), (Severity::Info, Some("a.yaml")));
    let mut by_file =
        render(&plugin, &render_context(), json!({"do": "emit-files"}), input.path()).await.unwrap().documents;
    by_file.sort();
    assert_eq!(by_file, rendered.documents, "both ways to the tree show the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_tree_moves_in_few_crossings() {
    let input = tempfile::tempdir().unwrap();
    for number in 0..2000 {
        std::fs::write(input.path().join(format!("{number:04}.yaml")), "x".repeat(10 << 10)).unwrap();
    }
    let rendered =
        render(&load_renderer().await, &render_context(), json!({"do": "emit"}), input.path()).await.unwrap();
    assert_eq!(rendered.documents.len(), 2000, "20 MiB are more than one call may move");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_keeps_its_reason_and_message() {
    let config = json!({"do": "fail", "reason": "BuildFailed", "message": "no such resource"});
    let failure = render(&load_renderer().await, &render_context(), config, input().path()).await.unwrap_err();
    assert_eq!((failure.reason(), failure.class()), ("BuildFailed", Class::Terminal));
    assert_eq!(failure.to_string(), "no such resource");
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_do_not_come_back_in_messages() {
    let secret = [("password".to_owned(), b"hunter2-hunter2\n".to_vec())].into_iter().collect();
    let cx = render_context().secret("secretRef", secret);
    let config = json!({"do": "fail", "reason": "X", "message": "server said: hunter2-hunter2"});
    let failure = render(&load_renderer().await, &cx, config, input().path()).await.unwrap_err();
    assert_eq!(failure.to_string(), "server said: ***");
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_are_checked() {
    let failure =
        render(&load_renderer().await, &render_context(), json!({"do": "nothing"}), input().path()).await.unwrap_err();
    assert_eq!(failure.reason(), "InvalidConfig");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_stands_still_and_there_is_no_environment() {
    let plugin = load_renderer().await;
    let clock = render(&plugin, &render_context(), json!({"do": "clock"}), input().path()).await.unwrap();
    let again = render(&plugin, &render_context(), json!({"do": "clock"}), input().path()).await.unwrap();
    assert_eq!(clock, again);
    assert!(clock.documents[0].contains("tv_sec: 0") || !clock.documents[0].contains("tv_sec"), "{clock:?}");
    let environment = render(&plugin, &render_context(), json!({"do": "environment"}), input().path()).await.unwrap();
    assert_eq!(environment.documents, ["[] []"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn real_time_and_randomness_are_noticed() {
    let plugin = load_renderer().await;
    let input = input();
    for (what, is_used) in [("clock", true), ("random", true), ("hash", false), ("emit", false)] {
        let config = json!({ "do": what });
        let frozen = render_context();
        let first = render(&plugin, &frozen, config.clone(), input.path()).await.unwrap();
        let second = render(&plugin, &frozen, config.clone(), input.path()).await.unwrap();
        assert_eq!(first, second, "{what}");
        assert!(first.hermetic, "{what}");
        let real = render_context().with_time_and_randomness();
        let first = render(&plugin, &real, config.clone(), input.path()).await.unwrap();
        let second = render(&plugin, &real, config, input.path()).await.unwrap();
        assert_eq!((first.hermetic, first.documents != second.documents), (!is_used, is_used), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_looked_up_only_if_granted() {
    let (plugin, input) = (load_renderer().await, input());
    let config = json!({"do": "lookup", "name": "localhost"});
    let denied = render(&plugin, &render_context(), config.clone(), input.path()).await.unwrap_err();
    assert_eq!(denied.reason(), "Lookup");
    let mut granted = render_context();
    granted.grants = Grants::default().with(Capability::Dns);
    let rendered = render(&plugin, &granted, config, input.path()).await.unwrap();
    assert!(rendered.documents[0].contains("127.0.0.1") || rendered.documents[0].contains("::1"), "{rendered:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renderer_is_no_source() {
    let failure = fetch(&load_renderer().await, &source_context(), json!({"do": "emit"})).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::WrongKind { wanted: "source" });
    assert_eq!(failure.reason(), "PluginUnsupported");
}

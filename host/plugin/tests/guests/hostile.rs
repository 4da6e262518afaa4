//! Plugins that misbehave fail their own call, and nothing else notices.

use std::time::Duration;

use serde_json::json;
use weir_plugin::{CallContext, CancellationToken, Class, FailureKind, HostConfig, Limits, PluginHost};

use crate::kit::{
    failure_of_fetch, failure_of_render, fetch, input, load_renderer, load_source, render, render_context,
    renderer_bytes, source_context,
};

fn limited(change: impl FnOnce(&mut Limits)) -> CallContext {
    let mut cx = render_context();
    change(&mut cx.limits);
    cx
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_loop_runs_out_of_processor_time() {
    let cpu = Duration::from_millis(100);
    let kind = failure_of_render(&limited(|limits| limits.cpu = Some(cpu)), json!({"do": "loop"})).await;
    assert_eq!(kind, FailureKind::Cpu { limit: cpu });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_loop_runs_out_of_time() {
    let wall = Duration::from_millis(100);
    let cx = limited(|limits| (limits.wall, limits.cpu) = (wall, Some(Duration::from_secs(60))));
    assert_eq!(failure_of_render(&cx, json!({"do": "loop"})).await, FailureKind::Timeout { limit: wall });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sleeping_guest_runs_out_of_time() {
    let wall = Duration::from_millis(100);
    let kind = failure_of_render(&limited(|limits| limits.wall = wall), json!({"do": "sleep"})).await;
    assert_eq!(kind, FailureKind::Timeout { limit: wall });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_can_be_cancelled() {
    let cx = render_context();
    cx.cancellation.cancel();
    assert_eq!(failure_of_render(&cx, json!({"do": "loop"})).await, FailureKind::Cancelled);
    let cx = CallContext { cancellation: CancellationToken::new(), ..render_context() };
    let token = cx.cancellation.clone();
    let (kind, ()) = tokio::join!(failure_of_render(&cx, json!({"do": "loop"})), async { token.cancel() });
    assert_eq!(kind, FailureKind::Cancelled);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_flood_starves_nobody() {
    let host = PluginHost::new(HostConfig { cache_dir: None, max_concurrent: 2 }).unwrap();
    let plugin = host.load(renderer_bytes().to_vec(), None).await.unwrap();
    let flood: Vec<_> = (0..8)
        .map(|_| {
            let plugin = plugin.clone();
            tokio::spawn(async move {
                let cx = CallContext::new("loud", Limits::renderer().with_wall(Duration::from_secs(600)));
                render(&plugin, &cx, json!({"do": "sleep"}), input().path()).await
            })
        })
        .collect();
    for _ in 0..4 {
        let cx = CallContext::new("quiet", Limits::renderer());
        render(&plugin, &cx, json!({"do": "emit"}), input().path()).await.unwrap();
        assert!(flood.iter().all(|call| !call.is_finished()));
    }
    flood.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_is_bounded() {
    let limit = 32 << 20;
    let kind = failure_of_render(&limited(|limits| limits.memory_bytes = limit), json!({"do": "grow"})).await;
    assert_eq!(kind, FailureKind::Memory { limit });
}

#[tokio::test(flavor = "multi_thread")]
async fn deep_recursion_is_a_crash() {
    let kind = failure_of_render(&render_context(), json!({"do": "recurse"})).await;
    assert!(matches!(kind, FailureKind::Trap { .. }), "{kind}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_a_crash_with_its_text() {
    let kind = failure_of_render(&render_context(), json!({"do": "panic"})).await;
    let FailureKind::Trap { message } = kind else { panic!("{kind}") };
    assert!(message.contains("this plugin is broken") && message.contains("lib.rs"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_bounded() {
    let flood = |documents: u32, bytes: u32| json!({"do": "flood", "documents": documents, "bytes": bytes});
    let many = failure_of_render(&limited(|limits| limits.documents = 100), flood(101, 1)).await;
    assert_eq!(many, FailureKind::OutputLimit { what: "documents", limit: 100 });
    let long = failure_of_render(&limited(|limits| limits.document_bytes = 5000), flood(6, 1000)).await;
    assert_eq!(long, FailureKind::OutputLimit { what: "bytes of documents", limit: 5000 });
    let huge = failure_of_render(&render_context(), flood(1, weir_plugin::DOCUMENT_EACH_BYTES as u32 + 1)).await;
    assert!(matches!(huge, FailureKind::OutputLimit { what: "bytes of one document", .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn log_lines_are_dropped_beyond_their_number() {
    let plugin = load_renderer().await;
    let rendered = render(&plugin, &render_context(), json!({"do": "log", "lines": 5000}), input().path()).await;
    assert_eq!(rendered.unwrap().documents.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_bounded() {
    let mut cx = source_context();
    cx.limits.output_bytes = 1 << 20;
    cx.limits.output_files = 50;
    cx.limits.scratch_bytes = 2 << 20;
    let bytes = |below: &str| json!({"do": "bytes", "mib": 4, "below": below});
    let out = failure_of_fetch(&cx, bytes("/out")).await;
    assert_eq!(out, FailureKind::OutputLimit { what: "bytes below `/out`", limit: 1 << 20 });
    let scratch = failure_of_fetch(&cx, bytes("/tmp")).await;
    assert_eq!(scratch, FailureKind::OutputLimit { what: "bytes below `/tmp`", limit: 2 << 20 });
    let files = failure_of_fetch(&cx, json!({"do": "files", "count": 51})).await;
    assert_eq!(files, FailureKind::OutputLimit { what: "files below `/out`", limit: 50 });
}

/// Writes far more than it may: it is stopped long before it is done.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_bytes_is_stopped_while_it_comes() {
    let mut cx = source_context();
    cx.limits.output_bytes = 1 << 20;
    let kind = failure_of_fetch(&cx, json!({"do": "bytes", "mib": 100_000, "below": "/out"})).await;
    assert_eq!(kind, FailureKind::OutputLimit { what: "bytes below `/out`", limit: 1 << 20 });
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_outside_the_input_is_read() {
    let plugin = load_renderer().await;
    let input = input();
    std::os::unix::fs::symlink("/etc/passwd", input.path().join("absolute")).unwrap();
    std::os::unix::fs::symlink("../../../../../../../../etc/passwd", input.path().join("relative")).unwrap();
    for path in ["/etc/passwd", "../../../../../../etc/passwd", "absolute", "relative", "base/../../etc/passwd"] {
        let failure =
            render(&plugin, &render_context(), json!({"do": "escape", "path": path}), input.path()).await.unwrap_err();
        assert_eq!(failure.reason(), "Contained", "{path}: {failure}");
    }
    let failure = render(&plugin, &render_context(), json!({"do": "write"}), input.path()).await.unwrap_err();
    assert!(matches!(failure.kind, FailureKind::Guest { .. }) && !input.path().join("new").exists(), "{failure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_outside_the_output_is_written() {
    let plugin = load_source().await;
    let above = std::env::temp_dir().join("weir-escaped");
    for path in ["../weir-escaped", "/weir-escaped", "/out/../weir-escaped", "../../../../../../../../tmp/weir-escaped"]
    {
        let failure = fetch(&plugin, &source_context(), json!({"do": "escape", "path": path})).await.unwrap_err();
        assert_eq!(failure.reason(), "Contained", "{path}: {failure}");
        assert!(!above.exists());
    }
    for target in ["../outside", "a/../../outside"] {
        let failure = fetch(&plugin, &source_context(), json!({"do": "link", "target": target})).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::BadOutput { path: "link".to_owned() }, "{target}");
        assert_eq!((failure.reason(), failure.class()), ("PluginCapabilityDenied", Class::Terminal));
    }
    // The sandbox itself refuses absolute targets.
    assert!(fetch(&plugin, &source_context(), json!({"do": "link", "target": "/etc/passwd"})).await.is_err());
    fetch(&plugin, &source_context(), json!({"do": "link", "target": "inside"})).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn state_is_bounded() {
    let plugin = load_source().await;
    let bytes = weir_plugin::MAX_STATE_BYTES + 1;
    let request = weir_plugin::SourceRequest { config: json!({"do": "state", "bytes": bytes}), ..Default::default() };
    let failure = plugin.resolve(&source_context(), request).await.unwrap_err();
    assert!(matches!(failure.kind, FailureKind::OutputLimit { what: "bytes of state", .. }), "{failure}");
}

/// Half of the calls loop for ever; the other half is not held up by them.
#[tokio::test(flavor = "multi_thread")]
async fn bad_calls_do_not_disturb_good_ones() {
    let plugin = load_renderer().await;
    let input = input();
    let bad = limited(|limits| limits.cpu = Some(Duration::from_millis(200)));
    let calls = (0..8).map(|number| {
        let (plugin, bad, root) = (plugin.clone(), bad.clone(), input.path().to_owned());
        tokio::spawn(async move {
            if number % 2 == 0 {
                render(&plugin, &bad, json!({"do": "loop"}), &root).await.is_err()
            } else {
                render(&plugin, &render_context(), json!({"do": "emit"}), &root).await.is_ok()
            }
        })
    });
    for call in calls.collect::<Vec<_>>() {
        assert!(call.await.unwrap());
    }
}

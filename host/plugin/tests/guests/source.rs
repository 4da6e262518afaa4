//! A source that behaves.

use serde_json::json;
use weir_plugin::{Capability, Class, FailureKind, Grants, Previous, SecretData, SourceRequest};

use crate::kit::{fetch, load_source, source_context};

fn credentials() -> SecretData {
    let entries = [("username", "user"), ("password", "hunter2-hunter2")];
    entries.into_iter().map(|(key, value)| (key.to_owned(), value.as_bytes().to_vec())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn resolves_then_fetches() {
    let plugin = load_source().await;
    let request = SourceRequest { config: json!({"do": "tree"}), ..SourceRequest::default() };
    let found = plugin.resolve(&source_context(), request.clone()).await.unwrap();
    assert_eq!(
        (found.revision.as_str(), found.state.as_slice(), found.unchanged),
        ("main@sha1:0", b"state".as_slice(), false)
    );
    let out = tempfile::tempdir().unwrap();
    plugin.fetch(&source_context(), request.clone(), found.clone(), out.path()).await.unwrap();
    assert_eq!(std::fs::read_to_string(out.path().join("a/b/c.yaml")).unwrap(), "main@sha1:0");
    let previous = Some(Previous { revision: found.revision, state: found.state });
    let again = plugin.resolve(&source_context(), SourceRequest { previous, ..request }).await.unwrap();
    assert!(again.unchanged);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_used_and_not_seen() {
    let plugin = load_source().await;
    let cx = source_context().secret("secretRef", credentials());
    let peek = json!({"do": "peek", "binding": "secretRef"});
    let out = fetch(&plugin, &cx, peek.clone()).await.unwrap();
    assert_eq!(std::fs::read_to_string(out.path().join("seen")).unwrap(), r#"["password", "username"] true"#);
    let reveal = json!({"do": "reveal", "binding": "secretRef", "key": "password"});
    let failure = fetch(&plugin, &cx, reveal.clone()).await.unwrap_err();
    assert!(
        matches!(&failure.kind, FailureKind::Denied { capability, .. } if capability == "secret-reveal"),
        "{failure}"
    );
    assert!(failure.to_string().contains("hint: grant `secret-reveal`"), "{failure}");
    assert_eq!((failure.reason(), failure.class()), ("PluginCapabilityDenied", Class::Terminal));

    let mut granted = cx.clone();
    granted.grants = Grants::default().with(Capability::SecretReveal);
    let out = fetch(&plugin, &granted, reveal).await.unwrap();
    assert_eq!(std::fs::read_to_string(out.path().join("secret")).unwrap(), "hunter2-hunter2");
    let other = fetch(&plugin, &cx, json!({"do": "peek", "binding": "otherRef"})).await.unwrap_err();
    assert_eq!(other.reason(), "NoSecret", "only what the object binds exists");
}

#[tokio::test(flavor = "multi_thread")]
async fn ssh_says_that_it_is_not_served_and_what_to_do() {
    let cx = source_context().secret("secretRef", credentials());
    let failure = fetch(&load_source().await, &cx, json!({"do": "ssh"})).await.unwrap_err();
    assert_eq!(failure.class(), Class::Unsupported);
    assert!(failure.to_string().contains("--mirror"), "{failure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cache_keeps_blobs() {
    let out = fetch(&load_source().await, &source_context(), json!({"do": "cache"})).await.unwrap();
    assert_eq!(std::fs::read_to_string(out.path().join("cached")).unwrap(), "kept");
    let mut cx = source_context();
    cx.grants = Grants::none();
    let failure = fetch(&load_source().await, &cx, json!({"do": "cache"})).await.unwrap_err();
    assert!(matches!(failure.kind, FailureKind::Denied { .. }), "{failure}");
}

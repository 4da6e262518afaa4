//! Loading: digests, versions, descriptions, compiled code.

use std::fs;

use serde_json::Value;
use weir_package::component::{API_VERSION_SECTION, Facts, embed_info};
use weir_plugin::{HostConfig, LoadError, PluginHost};

use crate::kit::{host, input, render, render_context, renderer_bytes, source_bytes};

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_is_checked_and_both_are_named() {
    let wrong = format!("sha256:{}", "0".repeat(64));
    let error = host().load(renderer_bytes().to_vec(), Some(&wrong)).await.unwrap_err().to_string();
    let plugin = host().load(renderer_bytes().to_vec(), None).await.unwrap();
    assert!(error.contains(&wrong) && error.contains(plugin.digest()), "{error}");
    host().load(renderer_bytes().to_vec(), Some(plugin.digest())).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_is_read_before_anything_is_linked() {
    let version = |text: &[u8]| {
        let mut bytes = renderer_bytes().to_vec();
        let stamp = [API_VERSION_SECTION.as_bytes(), b"0.1.0"].concat();
        let at = bytes.windows(stamp.len()).position(|window| window == stamp).unwrap() + API_VERSION_SECTION.len();
        bytes[at..at + text.len()].copy_from_slice(text);
        bytes
    };
    let error = host().load(version(b"9.9.9"), None).await.unwrap_err().to_string();
    assert!(error.contains("9.9.9") && error.contains("0.1.x"), "{error}");
    host().load(version(b"0.1.7"), None).await.unwrap();
    let none = host().load(b"\0asm\x0d\0\x01\0".to_vec(), None).await;
    assert!(matches!(none, Err(LoadError::NoApiVersion)));
    for garbage in [b"".to_vec(), b"\0asm\x01\0\0\0".to_vec(), b"#!/bin/sh".to_vec()] {
        let error = host().load(garbage, None).await.unwrap_err();
        assert!(matches!(error, LoadError::NotAComponent(_)), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_is_embedded_and_read_without_running() {
    let info = host().describe(source_bytes().to_vec()).await.unwrap();
    let value: Value = serde_json::from_str(&info).unwrap();
    assert_eq!((&value["name"], &value["kinds"][0]["kind"]), (&"guest-source".into(), &"source".into()));
    assert!(value["kinds"][0]["configSchema"].is_object());
    let embedded = |bytes: &[u8]| Facts::read(bytes).unwrap().info;
    assert_eq!(embedded(source_bytes()), None);
    let built = embed_info(source_bytes(), &info).unwrap();
    assert_eq!(embedded(&built).as_ref(), Some(&info));
    let plugin = host().load(built, None).await.unwrap();
    assert_eq!((plugin.info(), plugin.name()), (info.as_str(), "guest-source"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_description_that_is_not_its_own_is_refused() {
    let info = host().describe(renderer_bytes().to_vec()).await.unwrap();
    let mut value: Value = serde_json::from_str(&info).unwrap();
    let printed = serde_json::to_string_pretty(&value).unwrap();
    host().load(embed_info(renderer_bytes(), &printed).unwrap(), None).await.unwrap();
    value["name"] = "kustomize".into();
    let borrowed = embed_info(renderer_bytes(), &value.to_string()).unwrap();
    let error = host().load(borrowed, None).await.unwrap_err();
    assert!(matches!(error, LoadError::OtherInfo), "{error}");
    host().load(renderer_bytes().to_vec(), None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn compiled_code_that_was_tampered_with_is_not_run() {
    let cache = tempfile::tempdir().unwrap();
    let config = HostConfig { cache_dir: Some(cache.path().to_owned()), max_concurrent: 2 };
    let code = cache.path().join("code");
    let compiled = || {
        let mut files = fs::read_dir(&code).unwrap().map(|entry| entry.unwrap().path());
        files.find(|path| path.extension().is_some_and(|extension| extension == "cwasm")).unwrap()
    };
    PluginHost::new(config.clone()).unwrap().load(renderer_bytes().to_vec(), None).await.unwrap();
    let good = fs::read(compiled()).unwrap();
    let mut bad = good.clone();
    let middle = bad.len() / 2;
    bad[middle] ^= 0xff;
    fs::write(compiled(), bad).unwrap();
    let plugin = PluginHost::new(config).unwrap().load(renderer_bytes().to_vec(), None).await.unwrap();
    let rendered = render(&plugin, &render_context(), serde_json::json!({"do": "emit"}), input().path()).await.unwrap();
    assert_eq!(rendered.documents.len(), 2);
    assert_eq!(fs::read(compiled()).unwrap(), good, "compiled again");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_component_is_loaded_once() {
    let host = host();
    let first = host.load(renderer_bytes().to_vec(), None).await.unwrap();
    let second = host.load(renderer_bytes().to_vec(), None).await.unwrap();
    assert_eq!(first.info().as_ptr(), second.info().as_ptr());
}

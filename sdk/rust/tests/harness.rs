//! Plugins run natively against the fake host.
#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::net::TcpListener;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use weir_sdk::function::ResourceList;
use weir_sdk::testing::{FakeResponse, Harness};
use weir_sdk::{
    Answer, Class, EntryKind, Error, Format, Function, Info, ObjectRef, RenderContext, RenderRequest, Renderer, Report,
    Resolution, Result, Scheme, Severity, Source, SourceContext, SourceRequest, Summary,
};

#[derive(Deserialize, JsonSchema)]
struct Params {
    suffix: String,
}

struct Emitter;

impl Renderer for Emitter {
    type Config = Params;

    fn info() -> Info {
        weir_sdk::info!().pure()
    }

    fn render(cx: &RenderContext, request: &RenderRequest<Params>) -> Result<Summary> {
        let (tree, batch) = (cx.tree().whole(), cx.documents().batch());
        for path in tree.entries()?.keys().filter(|path| path.ends_with(&request.config.suffix)) {
            batch.emit(String::from_utf8_lossy(&tree.read(path)?), Some(path), 0)?;
        }
        Ok(Summary::new(batch.finish()?))
    }
}

weir_sdk::register!(renderer: Emitter);

#[test]
fn a_renderer_reads_each_directory_once() {
    let host = Harness::new().file("a/1.yaml", "1").file("a/2.yaml", "2").file("b/3.yaml", "3").file("b/x.txt", "x");
    let request = RenderRequest {
        object: ObjectRef::default(),
        config: Params { suffix: ".yaml".to_owned() },
        path: String::new(),
        format: Format::Yaml,
        values: Vec::new(),
        capabilities: serde_json::Value::Null,
    };
    assert_eq!(host.render::<Emitter>(&request).unwrap().documents, 3);
    let texts: Vec<String> = host.documents().into_iter().map(|document| document.text).collect();
    assert_eq!(texts, ["1", "2", "3"]);
    assert_eq!(host.tree_crossings(), 3, "one listing and one read per directory");
}

#[test]
fn a_whole_tree_knows_its_directories() {
    let tree = Harness::new().file("a/b/c.yaml", "c").file("a/d.yaml", "d").render_context().tree().whole();
    let names =
        |directory: &str| tree.children(directory).unwrap().into_iter().map(|entry| entry.path).collect::<Vec<_>>();
    assert_eq!((names(""), names("a")), (vec!["a".to_owned()], vec!["a/b".to_owned(), "a/d.yaml".to_owned()]));
    assert_eq!(tree.kind("a/b").unwrap(), Some(EntryKind::Directory));
    assert_eq!(tree.kind("a/x").unwrap(), None);
    assert_eq!(tree.read("a/x").unwrap_err().class(), Class::NotFound);
}

#[test]
fn of_a_large_tree_only_what_is_asked_for_is_listed() {
    let mut host = Harness::new().file("apps/web/a.yaml", "a").file("apps/web/b.yaml", "b");
    for number in 0..1_000 {
        host = host.file(&format!("other/{number}/c.yaml"), "c");
    }
    let tree = host.render_context().tree().whole();
    assert_eq!((tree.kind("").unwrap(), host.tree_crossings()), (Some(EntryKind::Directory), 0));
    assert_eq!(&*tree.read("apps/web/a.yaml").unwrap(), b"a");
    assert_eq!(&*tree.read("apps/web/b.yaml").unwrap(), b"b");
    // Some of all, the root, `apps`, `apps/web`, and its files.
    assert_eq!(host.tree_crossings(), 5);
    assert_eq!(tree.kind("apps/web").unwrap(), Some(EntryKind::Directory));
    assert_eq!(tree.kind("apps/web/a.yaml").unwrap(), Some(EntryKind::File));
    for missing in ["apps/web/x", "apps/x/y", "apps/web/a.yaml/x", "x"] {
        assert_eq!(tree.kind(missing).unwrap(), None, "{missing}");
    }
    assert!(tree.children("x").unwrap().is_empty() && tree.has_links().unwrap());
    assert_eq!(host.tree_crossings(), 5, "nothing is listed twice, nor what is not there");
    assert_eq!(tree.children("other").unwrap().len(), 1_000);
    assert_eq!((tree.entries().unwrap().len(), tree.kind("apps/web/x").unwrap()), (2_005, None));
}

#[derive(Deserialize, JsonSchema)]
struct Remote {
    url: String,
}

struct Downloader;

impl Source for Downloader {
    type Config = Remote;

    fn info() -> Info {
        weir_sdk::info!().needs("http", serde_json::json!({}), "downloads")
    }

    fn resolve(cx: &SourceContext, request: &SourceRequest<Remote>) -> Result<Resolution> {
        if let Some(secret) = cx.secrets().lookup("secretRef") {
            secret.attach_http("http://a.example", Scheme::Basic)?;
        }
        let response = cx.http().request("HEAD", &request.config.url)?.send()?.ok()?;
        Ok(Resolution::new(response.header("etag").unwrap_or_default()))
    }

    fn fetch(cx: &SourceContext, request: &SourceRequest<Remote>, _what: &Resolution) -> Result<Report> {
        let body = cx.http().get(&request.config.url)?.send()?.ok()?.bytes(10)?;
        std::fs::write(cx.output().join("body"), &body)?;
        Ok(Report { bytes_in: body.len() as u64, ..Report::default() })
    }
}

fn request(url: &str) -> SourceRequest<Remote> {
    SourceRequest { object: ObjectRef::default(), config: Remote { url: url.to_owned() }, previous: None }
}

#[test]
fn a_source_gets_answers_from_a_closure() {
    let out = std::env::temp_dir().join(format!("weir-sdk-{}", std::process::id()));
    std::fs::create_dir_all(&out).unwrap();
    let host = Harness::new().output(&out, &out).secret("secretRef", &[("username", "u"), ("password", "p")]).http(
        |request| {
            assert_eq!(request.header("Authorization").is_some(), request.url.starts_with("http://a.example/"));
            Ok(match request.url.as_str() {
                "http://a.example/moved" => FakeResponse::new(302, "").header("Location", "http://b.example/there"),
                "http://b.example/there" => FakeResponse::new(200, "hello").header("ETag", "v1"),
                "http://b.example/long" => FakeResponse::new(200, "hello, world"),
                "http://b.example/busy" => FakeResponse::new(503, "").header("Retry-After", "7"),
                _ => FakeResponse::new(404, ""),
            })
        },
    );
    assert_eq!(host.fetch::<Downloader>(&request("http://a.example/moved")).unwrap(), "v1");
    assert_eq!(std::fs::read_to_string(out.join("body")).unwrap(), "hello");
    assert_eq!(host.attached(), [("http://a.example".to_owned(), "basic".to_owned())]);
    let failure = |url: &str| host.fetch::<Downloader>(&request(url)).unwrap_err();
    assert_eq!(failure("http://a.example/none").class(), Class::NotFound);
    assert_eq!(failure("http://b.example/long").reason(), "ResponseTooLarge");
    assert_eq!(failure("http://b.example/busy").retry(), Some(std::time::Duration::from_secs(7)));
    assert_eq!(failure("no url").reason(), "URLInvalid");
    std::fs::remove_dir_all(out).unwrap();
}

#[test]
fn real_requests_go_to_loopback_only() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = [0; 4096];
        let read = stream.read(&mut head).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nETag: v2\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
        String::from_utf8_lossy(&head[..read]).into_owned()
    });
    let host = Harness::new().loopback();
    let found = Downloader::resolve(&host.source_context(), &request(&url)).unwrap();
    assert_eq!(found.revision, "v2");
    assert!(server.join().unwrap().starts_with("HEAD / HTTP/1.1\r\n"));
    let denied = Downloader::resolve(&host.source_context(), &request("http://example.com/")).unwrap_err();
    assert_eq!(denied.reason(), "PluginCapabilityDenied");
    let nothing = Downloader::resolve(&Harness::new().source_context(), &request(&url)).unwrap_err();
    assert_eq!(nothing.reason(), "PluginCapabilityDenied");
}

/// Labels every object; refuses one that has no labels of its own.
struct Labeller;

#[derive(Deserialize, JsonSchema)]
struct Labels {
    labels: std::collections::BTreeMap<String, String>,
}

impl Function for Labeller {
    type Config = Labels;

    fn info() -> Info {
        weir_sdk::info!().pure()
    }

    fn run(config: &Labels, list: &mut ResourceList) -> Result<()> {
        let unlabelled = list.items.iter().filter(|item| item["metadata"]["labels"].is_null()).count();
        for item in &mut list.items {
            for (key, value) in &config.labels {
                item["metadata"]["labels"][key] = json!(value);
            }
        }
        if unlabelled > 0 {
            list.remark(Severity::Warning, format!("{unlabelled} had no labels"));
        }
        Ok(())
    }
}

weir_sdk::register!(function: Labeller);

#[test]
fn a_function_works_on_a_list() {
    let item = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}});
    let host = Harness::new();
    let (items, results) = host.run::<Labeller>(&json!({"labels": {"team": "a"}}), vec![item]).unwrap();
    assert_eq!(items[0]["metadata"], json!({"name": "a", "labels": {"team": "a"}}));
    assert_eq!((results[0].severity, results[0].message.as_str()), (Severity::Warning, "1 had no labels"));
    assert_eq!(host.run::<Labeller>(&json!({"labels": {}}), vec![]).unwrap(), (vec![], vec![]));
    assert_eq!(host.run::<Labeller>(&json!({}), vec![]).unwrap_err().reason(), "InvalidConfig");
}

#[test]
fn what_is_outside_is_asked_for() {
    let answer = Answer { revision: "sha256:1".to_owned(), content: b"x".to_vec(), directory: None };
    let gone = Error::not_found("Gone", "no such thing");
    let host = Harness::new().answer("http", "https://a", Ok(answer.clone())).answer("http", "https://b", Err(gone));
    let cx = host.render_context();
    assert_eq!(cx.inputs().ask("http", "https://a", b"").unwrap(), Some(answer));
    assert_eq!(cx.inputs().ask("http", "https://b", b"").unwrap_err().reason(), "Gone");
    assert_eq!(cx.inputs().ask("git", "https://c", b"{}").unwrap(), None);
    assert_eq!(host.asked(), [("git".to_owned(), "https://c".to_owned(), b"{}".to_vec())]);
}

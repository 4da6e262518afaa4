//! The file server, over loopback.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod common;

use common::{fixture, write};
use reqwest::{Client, Method, StatusCode};
use tokio::{net::TcpListener, sync::oneshot};

#[tokio::test]
async fn artifacts_are_served_and_nothing_else() {
    let f = fixture(|_| {});
    let artifact = f.put("abc.tar.gz", b"0123456789");
    f.store.link(&artifact, "latest.tar.gz").unwrap();
    f.put("index-1.yaml", b"{}");
    write(f.root.path(), "secret", "s");
    write(f.root.path(), "gitrepository/flux-system/podinfo/folder/file", "s");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(weir_store::serve(f.store.clone(), listener, async {
        let _ = stopped.await;
    }));
    let client = Client::builder().no_proxy().build().unwrap();
    let folder = "gitrepository/flux-system/podinfo";

    let found = client.get(format!("{base}/{}", artifact.path)).send().await.unwrap();
    assert_eq!(
        (found.status(), &found.headers()["content-type"]),
        (StatusCode::OK, &"application/gzip".parse().unwrap())
    );
    assert!(found.headers().get("content-encoding").is_none());
    assert_eq!(found.bytes().await.unwrap(), "0123456789");

    let alias = client.get(format!("{base}/{folder}/latest.tar.gz")).send().await.unwrap();
    assert_eq!(alias.bytes().await.unwrap(), "0123456789");
    let index = client.get(format!("{base}/{folder}/index-1.yaml")).send().await.unwrap();
    assert_eq!(index.headers()["content-type"], "application/yaml");
    let head = client.head(format!("{base}/{}", artifact.path)).send().await.unwrap();
    assert_eq!((head.status(), &head.headers()["content-length"]), (StatusCode::OK, &"10".parse().unwrap()));
    assert!(head.bytes().await.unwrap().is_empty());
    let part = client.get(format!("{base}/{}", artifact.path)).header("range", "bytes=2-4").send().await.unwrap();
    assert_eq!((part.status(), part.text().await.unwrap().as_str()), (StatusCode::PARTIAL_CONTENT, "234"));

    for path in [
        "",
        "secret",
        folder,
        "gitrepository/flux-system/podinfo/",
        "gitrepository/flux-system/podinfo/folder",
        "gitrepository/flux-system/podinfo/folder/file",
        "gitrepository/flux-system/podinfo/gone.tar.gz",
        "gitrepository/flux-system/podinfo/..%2f..%2f..%2fsecret",
        "gitrepository/flux-system/%2e%2e/secret",
        "a/%2e%2e/%2e%2e/secret",
        "gitrepository/flux-system/podinfo/%00",
        ".tmp/a/b/c",
        ".lock",
    ] {
        let answer = client.get(format!("{base}/{path}")).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
    let put = client.request(Method::PUT, format!("{base}/{}", artifact.path)).send().await.unwrap();
    assert_eq!(put.status(), StatusCode::METHOD_NOT_ALLOWED);

    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
}

use std::convert::Infallible;

use futures::stream;
use kube::{
    Client,
    client::Body,
    core::{ApiResource, GroupVersionKind},
};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::*;

fn object(name: &str, generation: i64, extra: Value) -> DynamicObject {
    let mut value = json!({
        "apiVersion": "v1", "kind": "Thing",
        "metadata": {"name": name, "namespace": "ns", "uid": name, "generation": generation},
    });
    value.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    serde_json::from_value(value).unwrap()
}

fn thing(name: &str, generation: i64) -> DynamicObject {
    object(name, generation, json!({"spec": generation}))
}

/// Follows lists of events, one after the other, and returns what was reported: `name Cause`, `-name`, `synced`.
async fn follow<const N: usize>(all: [Vec<Result<Event<DynamicObject>, watcher::Error>>; N]) -> [Vec<String>; N] {
    let reported = std::cell::RefCell::new(vec![]);
    let on_change = |change| {
        reported.borrow_mut().push(match change {
            Change::Seen { key, cause, .. } => format!("{} {cause:?}", key.name),
            Change::Gone { key } => format!("-{}", key.name),
            Change::Synced => "synced".into(),
        });
    };
    let parse = |o: DynamicObject| o.data["spec"].as_i64().ok_or("`spec` must be a number");
    let mut guard = Guard::new("Thing", parse, on_change);
    let mut each = std::array::from_fn(|_| vec![]);
    for (events, told) in all.into_iter().zip(&mut each) {
        guard.follow(stream::iter(events)).await;
        *told = reported.take();
    }
    each
}

#[tokio::test]
async fn one_malformed_object_stops_nothing() {
    let bad = || object("bad", 1, json!({"spec": "text"}));
    let [reported] = follow([vec![
        Ok(Event::Init),
        Ok(Event::InitApply(bad())),
        Ok(Event::InitApply(thing("a", 1))),
        Err(watcher::Error::NoResourceVersion),
        Err(watcher::Error::NoResourceVersion),
        Ok(Event::InitDone),
        Ok(Event::Apply(bad())),
        Ok(Event::Delete(bad())),
        Ok(Event::Apply(thing("b", 1))),
        Ok(Event::Apply(object("bad", 2, json!({"spec": 2})))),
        Ok(Event::Apply(object("bad", 3, json!({"spec": "text"})))),
        Ok(Event::Apply(object("bad", 4, json!({"spec": 4})))),
        Ok(Event::Apply(object("bad", 5, json!({"spec": "text"})))),
        Ok(Event::Delete(bad())),
    ]])
    .await;
    let bad = ["bad Some(Start)", "bad Some(Start)", "-bad"];
    assert_eq!(reported, [&["a Some(Start)", "synced", "b Some(Start)"][..], &bad].concat());
}

#[tokio::test]
async fn echoes_are_reported_without_a_cause() {
    let mut labelled = thing("a", 1);
    labelled.labels_mut().insert("x".into(), "y".into());
    let mut requested = thing("a", 1);
    requested.annotations_mut().insert(REQUESTED_AT.into(), "now".into());
    let events = [thing("a", 1), thing("a", 1), labelled, requested, thing("a", 2)];
    let [reported] = follow([events.map(|o| Ok(Event::Apply(o))).into()]).await;
    assert_eq!(reported, ["a Some(Start)", "a None", "a None", "a Some(Requested)", "a Some(Spec)"]);
}

#[tokio::test]
async fn a_second_list_reports_only_differences() {
    let list = |objects: Vec<DynamicObject>| {
        let listed = objects.into_iter().map(|o| Ok(Event::InitApply(o)));
        std::iter::once(Ok(Event::Init)).chain(listed).chain([Ok(Event::InitDone)]).collect()
    };
    let lists = [[("a", 1), ("b", 1), ("c", 1)], [("a", 1), ("b", 2), ("d", 1)]];
    let [first, second] =
        follow(lists.map(|all| list(all.map(|(name, generation)| thing(name, generation)).into()))).await;
    assert_eq!(first, ["a Some(Start)", "b Some(Start)", "c Some(Start)", "synced"]);
    assert_eq!(second, ["a None", "b Some(Spec)", "d Some(Start)", "-c"]);
}

/// Answers a list with one object, and leaves the watch open.
async fn serve(request: http::Request<Body>) -> Result<http::Response<Body>, Infallible> {
    assert_eq!(request.uri().path(), "/apis/g.io/v1/things");
    if request.uri().query().is_some_and(|q| q.contains("watch=true")) {
        futures::future::pending::<()>().await;
    }
    let metadata = json!({"resourceVersion": "1"});
    let list = json!({"apiVersion": "g.io/v1", "kind": "ThingList", "metadata": metadata, "items": [thing("a", 1)]});
    Ok(http::Response::new(Body::from(list.to_string().into_bytes())))
}

#[tokio::test]
async fn a_watch_reads_an_api_server() {
    let client = Client::new(tower::service_fn(serve), "default");
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk("g.io", "v1", "Thing"));
    let (sender, mut changes) = mpsc::unbounded_channel();
    let task = tokio::spawn(async move {
        let api = Api::all_with(client, &resource);
        let parse = |o: DynamicObject| Ok::<_, Infallible>(o.data["spec"].as_i64());
        let on_change = |change: Change<_>| sender.send(format!("{change:?}")).unwrap();
        watch("Thing", api, watcher::Config::default(), parse, on_change).await;
    });
    let first = changes.recv().await.unwrap();
    assert!(first.contains("Some(Start)") && first.ends_with("object: Some(1) }"), "{first}");
    assert_eq!(changes.recv().await.unwrap(), "Synced");
    task.abort();
}

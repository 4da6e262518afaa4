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

/// Follows the events and returns what was reported: `name Cause`, `-name`, `synced`.
async fn follow(index: &Arc<Index<i64>>, events: Vec<Result<Event<DynamicObject>, watcher::Error>>) -> Vec<String> {
    let mut reported = vec![];
    let on_change = |change| {
        reported.push(match change {
            Change::Seen { key, cause, .. } => format!("{} {cause:?}", key.name),
            Change::Gone { key, .. } => format!("-{}", key.name),
            Change::Synced => "synced".into(),
        });
    };
    let parse = |o: DynamicObject| o.data["spec"].as_i64().ok_or("`spec` must be a number");
    let mut guard = Guard { kind: "Thing", index: index.clone(), parse, on_change, listed: None };
    guard.follow(stream::iter(events)).await;
    reported
}

#[tokio::test]
async fn one_malformed_object_stops_nothing() {
    let index = Arc::new(Index::default());
    let bad = || object("bad", 1, json!({"spec": "text"}));
    let reported = follow(
        &index,
        vec![
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
        ],
    )
    .await;
    assert_eq!(reported, ["a Some(Start)", "synced", "b Some(Start)", "bad Some(Start)"]);
    let key = |name: &str| ObjectKey::new("Thing", "ns", name);
    assert_eq!(
        (index.get(&key("a")).as_deref(), index.get(&key("bad")).as_deref(), index.len()),
        (Some(&1), Some(&2), 3)
    );
}

#[tokio::test]
async fn echoes_are_reported_without_a_cause() {
    let index = Arc::new(Index::default());
    let mut labelled = thing("a", 1);
    labelled.labels_mut().insert("x".into(), "y".into());
    let mut requested = thing("a", 1);
    requested.annotations_mut().insert(REQUESTED_AT.into(), "now".into());
    let events = [thing("a", 1), thing("a", 1), labelled, requested, thing("a", 2)];
    let reported = follow(&index, events.map(|o| Ok(Event::Apply(o))).into()).await;
    assert_eq!(reported, ["a Some(Start)", "a None", "a None", "a Some(Requested)", "a Some(Spec)"]);
}

#[tokio::test]
async fn a_second_list_reports_only_differences() {
    let index = Arc::new(Index::default());
    let list = |objects: Vec<DynamicObject>| {
        let listed = objects.into_iter().map(|o| Ok(Event::InitApply(o)));
        std::iter::once(Ok(Event::Init)).chain(listed).chain([Ok(Event::InitDone)]).collect()
    };
    assert!(!index.is_synced());
    let first = follow(&index, list(vec![thing("a", 1), thing("b", 1), thing("c", 1)])).await;
    assert_eq!(first, ["a Some(Start)", "b Some(Start)", "c Some(Start)", "synced"]);
    let second = follow(&index, list(vec![thing("a", 1), thing("b", 2), thing("d", 1)])).await;
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
    let index = Arc::new(Index::default());
    let (sender, mut changes) = mpsc::unbounded_channel();
    let watching = index.clone();
    let task = tokio::spawn(async move {
        let api = Api::all_with(client, &resource);
        let parse = |o: DynamicObject| Ok::<_, Infallible>(o.data["spec"].as_i64());
        let on_change = |change: Change<_>| sender.send(format!("{change:?}")).unwrap();
        watch("Thing", api, watcher::Config::default(), watching, parse, on_change).await;
    });
    assert!(changes.recv().await.unwrap().contains("Some(Start)"));
    assert_eq!(changes.recv().await.unwrap(), "Synced");
    assert_eq!(index.get(&ObjectKey::new("Thing", "ns", "a")).as_deref(), Some(&Some(1)));
    task.abort();
}

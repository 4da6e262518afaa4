//! What a Kustomization has applied, and what that has applied in turn.

use std::collections::BTreeSet;

use anyhow::Result;
use futures::future::BoxFuture;
use kube::api::{ApiResource, DynamicObject};
use kube::{Api, Client};
use weir_core::ObjectId;
use weir_core::inventory::{Entry, Inventory};

use crate::kinds::Kind;
use crate::{cluster, resource};

/// One object, how it is, and what it brought.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) state: String,
    pub(crate) children: Vec<Node>,
}

/// The tree below the Kustomization `name`.
pub(crate) async fn of(client: &Client, namespace: &str, name: &str, compact: bool) -> Result<Node> {
    let kind = Kind::named("Kustomization").expect("the table has it");
    let root = cluster::get(client, kind, namespace, name).await?;
    let mut seen = BTreeSet::from([(namespace.to_owned(), name.to_owned())]);
    Ok(Node {
        name: format!("Kustomization/{namespace}/{name}"),
        state: state(Some(&root), "Kustomization"),
        children: children(client, &root, compact, &mut seen).await?,
    })
}

/// What an object's inventory names, in the order of names.
pub(crate) fn inventory(object: &DynamicObject) -> Vec<(ObjectId, String)> {
    let inventory = serde_json::from_value::<Inventory>(object.data["status"]["inventory"].clone());
    let entries: Vec<Entry> = inventory.map(|inventory| inventory.entries).unwrap_or_default();
    entries.iter().filter_map(|entry| Some((entry.object()?, entry.v.clone()))).collect()
}

fn children<'a>(
    client: &'a Client,
    object: &'a DynamicObject,
    compact: bool,
    seen: &'a mut BTreeSet<(String, String)>,
) -> BoxFuture<'a, Result<Vec<Node>>> {
    Box::pin(async move {
        let mut nodes = Vec::new();
        for (id, version) in inventory(object) {
            if compact && !id.group.contains("toolkit.fluxcd.io") {
                continue;
            }
            let live = fetch(client, &id, &version).await?;
            let mut node = Node { name: label(&id), state: state(live.as_ref(), &id.kind), children: Vec::new() };
            let is_new = id.kind == "Kustomization" && seen.insert((id.namespace.clone(), id.name.clone()));
            if let Some(live) = live.filter(|_| is_new) {
                node.children = children(client, &live, compact, seen).await?;
            }
            nodes.push(node);
        }
        Ok(nodes)
    })
}

async fn fetch(client: &Client, id: &ObjectId, version: &str) -> Result<Option<DynamicObject>> {
    let gvk = kube::core::GroupVersionKind::gvk(&id.group, version, &id.kind);
    let resource = ApiResource::from_gvk(&gvk);
    let api: Api<DynamicObject> = match id.namespace.as_str() {
        "" => Api::all_with(client.clone(), &resource),
        namespace => Api::namespaced_with(client.clone(), namespace, &resource),
    };
    Ok(api.get_opt(&id.name).await?)
}

fn label(id: &ObjectId) -> String {
    match id.namespace.as_str() {
        "" => format!("{}/{}", id.kind, id.name),
        namespace => format!("{}/{namespace}/{}", id.kind, id.name),
    }
}

/// In a word, for kinds that have more than existence.
fn state(object: Option<&DynamicObject>, kind: &str) -> String {
    let Some(object) = object else { return "missing".to_owned() };
    let number = |pointer: &str| object.data.pointer(pointer).and_then(serde_json::Value::as_i64);
    match kind {
        "Deployment" | "StatefulSet" | "ReplicaSet" => {
            let ready = number("/status/readyReplicas").unwrap_or_default();
            format!("{ready}/{} ready", number("/spec/replicas").unwrap_or(1))
        }
        "DaemonSet" => {
            let ready = number("/status/numberReady").unwrap_or_default();
            format!("{ready}/{} ready", number("/status/desiredNumberScheduled").unwrap_or_default())
        }
        _ if Kind::named(kind).is_some() && resource::condition(object, "Ready").is_some() => {
            if resource::is_current(object) { "ready" } else { "not ready" }.to_owned()
        }
        _ => String::new(),
    }
}

/// The tree as lines.
pub(crate) fn render(root: &Node) -> String {
    let mut text = format!("{}\n", line(root));
    render_children(root, "", &mut text);
    text
}

fn render_children(node: &Node, indent: &str, text: &mut String) {
    for (index, child) in node.children.iter().enumerate() {
        let is_last = index + 1 == node.children.len();
        let (branch, below) = if is_last { ("└── ", "    ") } else { ("├── ", "│   ") };
        text.push_str(&format!("{indent}{branch}{}\n", line(child)));
        render_children(child, &format!("{indent}{below}"), text);
    }
}

fn line(node: &Node) -> String {
    if node.state.is_empty() { node.name.clone() } else { format!("{}  ({})", node.name, node.state) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn leaf(name: &str) -> Node {
        Node { name: name.to_owned(), ..Node::default() }
    }

    #[test]
    fn branches_are_drawn() {
        let inner = Node { state: "ready".to_owned(), children: vec![leaf("c")], ..leaf("b") };
        let root = Node { children: vec![inner, leaf("d")], ..leaf("a") };
        assert_eq!(render(&root), "a\n├── b  (ready)\n│   └── c\n└── d\n");
    }

    #[test]
    fn workloads_tell_their_replicas() {
        let object = |value| serde_json::from_value::<DynamicObject>(value).unwrap();
        let deployment = object(json!({"metadata": {}, "spec": {"replicas": 3}, "status": {"readyReplicas": 2}}));
        assert_eq!(state(Some(&deployment), "Deployment"), "2/3 ready");
        assert_eq!(state(Some(&deployment), "ConfigMap"), "");
        assert_eq!(state(None, "ConfigMap"), "missing");
    }
}

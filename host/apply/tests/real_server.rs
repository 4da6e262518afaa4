//! Apply, prune, drift and health against a real API server.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, Service};
use kube::{
    Api, Client,
    api::{ApiResource, DeleteParams, DynamicObject, GroupVersionKind, Patch, PatchParams, PostParams},
    client::ClientBuilder,
};
use serde_json::{Value, json};
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use weir_apply::{
    Action, Applier, ApplyError, ApplyOptions, ChangeSet, Config, Drift, HealthExpr, HealthExprs, ObjectError, Owner,
    RequestCounter, Target, WaitOptions,
};
use weir_core::{Object, ObjectId};
use weir_testkit::{DEADLINE, TestCluster, eventually};

const GROUP: &str = "kustomize.toolkit.fluxcd.io";

/// One Kustomization's worth of applier, in a namespace of its own.
struct Bench {
    applier: Applier,
    drift: UnboundedReceiver<Drift>,
    requests: RequestCounter,
    client: Client,
    namespace: String,
    options: ApplyOptions,
}

impl Bench {
    async fn new(name: &str) -> Self {
        let cluster = TestCluster::shared().await;
        let namespace = cluster.namespace(name).await;
        let owner = Owner { namespace: namespace.clone(), name: name.into() };
        let (sender, drift) = unbounded_channel();
        let requests = RequestCounter::default();
        let client = ClientBuilder::try_from(cluster.config()).unwrap().with_layer(&requests).build();
        let applier = Applier::new(client, Config { drift: Some(sender), ..Config::default() });
        let options = ApplyOptions::new(owner);
        Self { applier, drift, requests, client: cluster.client(), namespace, options }
    }

    async fn apply(&self, objects: &[Object]) -> Result<ChangeSet, ApplyError> {
        self.applier.apply(objects.to_vec(), &self.options, &CancellationToken::new()).await
    }

    /// The actions, in order.
    async fn actions(&self, objects: &[Object]) -> Vec<Action> {
        self.apply(objects).await.unwrap().entries.iter().map(|c| c.action).collect()
    }

    async fn refusal(&self, objects: &[Object]) -> String {
        self.apply(objects).await.unwrap_err().to_string()
    }

    /// Until the watches cover everything: from then on nothing to do is nothing sent.
    async fn settle(&self, objects: &[Object]) {
        let entries = self.apply(objects).await.unwrap().inventory().entries;
        eventually("the ledger covers all", || async {
            self.apply(objects).await.unwrap();
            self.applier.in_sync(&entries).then_some(())
        })
        .await;
    }

    async fn next_drift(&mut self) -> String {
        let drift = timeout(DEADLINE, self.drift.recv()).await.expect("drift is told").unwrap();
        assert_eq!(drift.owner, self.options.owner);
        drift.object.to_string()
    }

    fn config_map(&self, name: &str, data: Value) -> Object {
        self.object("v1", "ConfigMap", name, json!({"data": data}))
    }

    fn account(&self, name: &str) -> Object {
        self.object("v1", "ServiceAccount", name, json!({}))
    }

    fn job(&self, name: &str, container: &str) -> Object {
        let pod = json!({"restartPolicy": "Never", "containers": [{"name": container, "image": "x"}]});
        self.object("batch/v1", "Job", name, json!({"spec": {"template": {"spec": pod}}}))
    }

    fn object(&self, api_version: &str, kind: &str, name: &str, rest: Value) -> Object {
        let mut value = rest;
        value["apiVersion"] = api_version.into();
        value["kind"] = kind.into();
        value["metadata"]["name"] = name.into();
        value["metadata"]["namespace"] = self.namespace.as_str().into();
        Object::new(value).unwrap()
    }

    fn config_maps(&self) -> Api<ConfigMap> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    async fn live(&self, name: &str) -> ConfigMap {
        self.config_maps().get(name).await.unwrap()
    }

    async fn value(&self, name: &str, key: &str) -> Option<String> {
        self.live(name).await.data.unwrap_or_default().get(key).cloned()
    }

    async fn edit(&self, name: &str, manager: &str, patch: Value) {
        let params = PatchParams { field_manager: Some(manager.into()), ..PatchParams::default() };
        self.config_maps().patch(name, &params, &Patch::Merge(&patch)).await.unwrap();
    }

    /// A custom kind of this test alone.
    fn definition(&self) -> Object {
        let group = self.group();
        Object::new(json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": format!("widgets.{group}")},
            "spec": {
                "group": group, "scope": "Namespaced", "names": {"kind": "Widget", "plural": "widgets"},
                "versions": [{
                    "name": "v1", "served": true, "storage": true, "subresources": {"status": {}},
                    "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}
                }]
            }
        }))
        .unwrap()
    }

    fn group(&self) -> String {
        format!("{}.example.com", self.namespace)
    }

    fn widget(&self, name: &str) -> Object {
        self.object(&format!("{}/v1", self.group()), "Widget", name, json!({"spec": {"size": 1}}))
    }

    fn widgets(&self) -> Api<DynamicObject> {
        let gvk = GroupVersionKind::gvk(&self.group(), "v1", "Widget");
        let resource = ApiResource::from_gvk_with_plural(&gvk, "widgets");
        Api::namespaced_with(self.client.clone(), &self.namespace, &resource)
    }

    async fn set_status(&self, name: &str, status: Value) {
        let patch = Patch::Merge(json!({"status": status}));
        self.widgets().patch_status(name, &PatchParams::default(), &patch).await.unwrap();
    }

    fn target(&self, name: &str) -> Target {
        let id = ObjectId {
            group: self.group(),
            kind: "Widget".into(),
            namespace: self.namespace.clone(),
            name: name.into(),
        };
        Target { id, version: "v1".into() }
    }

    /// Writes a status and waits until the ledger has seen it.
    async fn break_health(&self, name: &str, status: Value) {
        self.set_status(name, status).await;
        let is_seen = || !self.applier.is_healthy(&[self.target(name)], &HealthExprs::default());
        eventually("the status is seen", || async { is_seen().then_some(()) }).await;
    }

    async fn wait(&self, name: &str, exprs: HealthExprs, time: Duration) -> Result<(), String> {
        let options = WaitOptions { timeout: time, fail_fast: true, exprs };
        self.applier.wait(&[self.target(name)], &options, &CancellationToken::new()).await.map_err(|e| e.to_string())
    }
}

fn named(id: &str, namespace: &str) -> String {
    id.replace("NS", namespace)
}

#[tokio::test(flavor = "multi_thread")]
async fn definitions_and_namespaces_are_there_before_what_needs_them() {
    let bench = Bench::new("stages").await;
    let namespace = format!("{}-new", bench.namespace);
    let new = Object::new(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})).unwrap();
    let mut inside = bench.config_map("inside", json!({"a": "1"}));
    inside.set_namespace(&namespace);
    let changes = bench.apply(&[bench.widget("w"), inside, new, bench.definition()]).await.unwrap();
    let expected = "CustomResourceDefinition/widgets.NS.example.com created\nNamespace/NS-new created\n\
        ConfigMap/NS-new/inside created\nWidget/NS/w created";
    assert_eq!(changes.to_string(), named(expected, &bench.namespace));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_to_do_is_no_request_and_no_drift() {
    let mut bench = Bench::new("idle").await;
    let deployment = json!({"spec": {
        "selector": {"matchLabels": {"app": "x"}},
        "template": {
            "metadata": {"labels": {"app": "x"}},
            "spec": {"containers": [{"name": "x", "image": "x", "ports": [{"containerPort": 80}]}]}
        }
    }});
    let objects = [
        bench.config_map("a", json!({"a": "1"})),
        bench.object("v1", "Secret", "s", json!({"stringData": {"password": "x"}})),
        bench.object("apps/v1", "Deployment", "d", deployment),
        bench.object("v1", "Service", "s", json!({"spec": {"ports": [{"port": 80}], "selector": {"app": "x"}}})),
    ];
    bench.settle(&objects).await;
    let before = bench.requests.count();
    assert_eq!(bench.actions(&objects).await, [Action::Unchanged; 4]);
    assert_eq!(bench.requests.count() - before, 0);
    assert!(bench.drift.try_recv().is_err(), "our own writes are no drift");

    let version = bench.live("a").await.metadata.resource_version;
    let restarted = Applier::new(bench.client.clone(), Config::default());
    let changes = restarted.apply(objects.to_vec(), &bench.options, &CancellationToken::new()).await.unwrap();
    assert!(!changes.has_changes(), "{changes}");
    assert_eq!(bench.live("a").await.metadata.resource_version, version);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_changed_object_is_one_request() {
    let bench = Bench::new("change").await;
    let other = bench.config_map("other", json!({"a": "1"}));
    bench.settle(&[bench.config_map("a", json!({"a": "1"})), other.clone()]).await;
    let before = bench.requests.count();
    let changed = [bench.config_map("a", json!({"a": "2"})), other];
    assert_eq!(bench.actions(&changed).await, [Action::Configured, Action::Unchanged]);
    assert_eq!(bench.requests.count() - before, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_and_deletions_are_told_and_undone() {
    let mut bench = Bench::new("drift").await;
    let objects = [bench.config_map("a", json!({"a": "1", "b": "1"}))];
    bench.settle(&objects).await;

    bench.edit("a", "kubectl-edit", json!({"data": {"a": "edited", "extra": "x"}})).await;
    assert_eq!(bench.next_drift().await, format!("ConfigMap/{}/a", bench.namespace));
    assert_eq!(bench.actions(&objects).await, [Action::Configured]);
    assert_eq!(bench.value("a", "a").await.unwrap(), "1");
    assert_eq!(bench.value("a", "extra").await, None, "kubectl's fields are taken over and removed");

    bench.config_maps().delete("a", &DeleteParams::default()).await.unwrap();
    bench.next_drift().await;
    assert_eq!(bench.actions(&objects).await, [Action::Created]);

    bench.edit("a", "flux-client-side-apply", json!({"data": {"theirs": "x"}})).await;
    bench.settle(&objects).await;
    assert_eq!(bench.value("a", "theirs").await.unwrap(), "x");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_kubectl_applied_is_taken_over() {
    let bench = Bench::new("kubectl").await;
    let last_applied = "kubectl.kubernetes.io/last-applied-configuration";
    let mut theirs = bench.config_map("a", json!({"a": "1", "old": "1"}));
    theirs.set_annotation(last_applied, "{}");
    let theirs: ConfigMap = serde_json::from_value(theirs.into_value()).unwrap();
    let kubectl = PostParams { field_manager: Some("kubectl-client-side-apply".into()), ..PostParams::default() };
    bench.config_maps().create(&kubectl, &theirs).await.unwrap();

    let objects = [bench.config_map("a", json!({"a": "1"}))];
    assert_eq!(bench.actions(&objects).await, [Action::Configured]);
    assert_eq!(bench.value("a", "old").await, None);
    let metadata = bench.live("a").await.metadata;
    assert!(!metadata.annotations.unwrap_or_default().contains_key(last_applied));
    let managers: Vec<_> = metadata.managed_fields.unwrap().into_iter().filter_map(|e| e.manager).collect();
    assert_eq!(managers, ["kustomize-controller"]);
    assert_eq!(bench.actions(&objects).await, [Action::Unchanged]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_apply_writes_nothing_more() {
    let bench = Bench::new("cancel").await;
    let cancel = CancellationToken::new();
    cancel.cancel();
    let objects = vec![bench.config_map("a", json!({}))];
    let error = bench.applier.apply(objects, &bench.options, &cancel).await.unwrap_err();
    assert!(matches!(error.error, ObjectError::Cancelled) && error.changes.entries.is_empty(), "{error}");
    assert!(bench.config_maps().get_opt("a").await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_decide_how_they_are_applied() {
    let bench = Bench::new("ssa").await;
    let with = |name: &str, ssa: &str, value: &str| {
        let mut object = bench.config_map(name, json!({"a": value}));
        object.set_annotation(&format!("{GROUP}/ssa"), ssa);
        object
    };
    let all = |value: &str| [with("m", "Merge", value), with("o", "ifnotpresent", value), with("z", "Ignore", value)];
    assert_eq!(bench.actions(&all("1")).await, [Action::Created, Action::Created, Action::Skipped]);
    bench.edit("m", "kubectl-edit", json!({"data": {"extra": "x"}})).await;
    assert_eq!(bench.actions(&all("2")).await, [Action::Configured, Action::Skipped, Action::Skipped]);
    assert_eq!(bench.value("m", "extra").await.unwrap(), "x");
    assert_eq!(bench.value("o", "a").await.unwrap(), "1");
    assert!(bench.config_maps().get_opt("z").await.unwrap().is_none());
    bench.settle(&all("2")).await;

    bench.edit("m", "someone", json!({"metadata": {"annotations": {format!("{GROUP}/reconcile"): "disabled"}}})).await;
    let expected = [Action::Skipped; 3];
    eventually("the live setting counts", || async { (bench.actions(&all("3")).await == expected).then_some(()) })
        .await;
    assert_eq!(bench.actions(&all("4")).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_refused_object_keeps_its_stage_unwritten() {
    let bench = Bench::new("refused").await;
    let good = bench.config_map("good", json!({"a": "1"}));
    let bad = bench.object("v1", "Service", "bad", json!({"spec": {"ports": [{"port": 99_999}]}}));
    let text = bench.refusal(&[good.clone(), bad.clone()]).await;
    let expected = format!("Service/{}/bad dry-run failed (Invalid): ", bench.namespace);
    assert!(text.starts_with(&expected), "{text}");
    assert!(bench.config_maps().get_opt("good").await.unwrap().is_none());

    bench.settle(std::slice::from_ref(&good)).await;
    bench.refusal(&[bench.config_map("good", json!({"a": "2"})), bad]).await;
    assert_eq!(bench.value("good", "a").await.unwrap(), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn new_objects_need_no_dry_run() {
    let bench = Bench::new("fresh").await;
    bench.settle(&[bench.config_map("first", json!({})), bench.account("first"), bench.job("first", "x")]).await;
    let new = [bench.account("a"), bench.config_map("a", json!({"a": "1"})), bench.job("a", "x")];
    let before = bench.requests.count();
    assert_eq!(bench.actions(&new).await, [Action::Created; 3]);
    assert_eq!(bench.requests.count() - before, 3);
    assert_eq!(bench.actions(&new).await, [Action::Unchanged; 3]);
    assert_eq!(bench.requests.count() - before, 3);
    let managers = |map: &ConfigMap| {
        let entries = map.metadata.managed_fields.clone().unwrap_or_default();
        entries.into_iter().map(|e| (e.manager.unwrap(), e.operation.unwrap())).collect::<Vec<_>>()
    };
    assert_eq!(managers(&bench.live("a").await), [("kustomize-controller".into(), "Apply".into())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_exists_without_our_labels_is_not_taken_for_new() {
    let bench = Bench::new("exists").await;
    bench.settle(&[bench.config_map("first", json!({}))]).await;
    let kubectl = PostParams { field_manager: Some("kubectl-create".into()), ..PostParams::default() };
    for (name, annotation) in [("theirs", "other"), ("off", "reconcile")] {
        let mut map = bench.config_map(name, json!({"a": "theirs", "old": "1"}));
        map.set_annotation(&format!("{GROUP}/{annotation}"), "disabled");
        let map: ConfigMap = serde_json::from_value(map.into_value()).unwrap();
        bench.config_maps().create(&kubectl, &map).await.unwrap();
    }
    let objects = ["off", "theirs"].map(|name| bench.config_map(name, json!({"a": "1"})));
    assert_eq!(bench.actions(&objects).await, [Action::Skipped, Action::Configured]);
    assert_eq!(bench.value("off", "a").await.unwrap(), "theirs", "its own setting counts");
    assert_eq!(bench.value("theirs", "a").await.unwrap(), "1");
    assert_eq!(bench.value("theirs", "old").await, None, "what kubectl wrote is taken over");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_for_a_refused_stage_is_gone_again() {
    let mut bench = Bench::new("undone").await;
    let bad = bench.job("bad", "No Such Name");
    bench.settle(&[bench.config_map("first", json!({})), bench.job("first", "x")]).await;
    let stage = [bench.config_map("first", json!({})), bench.config_map("new", json!({})), bad];
    let before = bench.requests.count();
    let expected = format!("Job/{}/bad dry-run failed (Invalid): ", bench.namespace);
    assert!(bench.refusal(&stage).await.starts_with(&expected));
    // Create both, ask (and look) why one was refused, delete the other.
    assert_eq!(bench.requests.count() - before, 5);
    assert!(bench.config_maps().get_opt("new").await.unwrap().is_none());
    bench.config_maps().get("first").await.unwrap();
    assert!(bench.drift.try_recv().is_err(), "undoing is no drift");

    // From then on it is dry-run: nothing comes and goes with every retry. How many requests that takes depends on whether
    // the watch has seen the other go; a create that is undone would take one more.
    let before = bench.requests.count();
    bench.refusal(&stage).await;
    assert!(bench.requests.count() - before <= 4);
    let good = [bench.config_map("first", json!({})), bench.config_map("new", json!({}))];
    assert_eq!(bench.actions(&good).await, [Action::Unchanged, Action::Created]);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_told_in_the_words_of_flux() {
    let bench = Bench::new("words").await;
    let mut lost = bench.config_map("lost", json!({}));
    lost.set_namespace("nowhere");
    let mut nowhere = bench.config_map("nowhere", json!({}));
    nowhere.value_mut()["metadata"].as_object_mut().unwrap().remove("namespace");
    let unknown = bench.object("example.com/v1", "Unknown", "u", json!({}));
    let secret = bench.object("v1", "Secret", "s", json!({"stringData": {"a": {"b": "hush"}}}));
    for (object, expected) in [
        (lost, "ConfigMap/nowhere/lost not found: namespaces \"nowhere\" not found"),
        (nowhere, "ConfigMap/nowhere namespace not specified: the server could not find the requested resource"),
        (secret, "Secret/NS/s dry-run failed (Invalid): data values must be of type string"),
        (unknown, "Unknown/NS/u dry-run failed: no matches for kind \"Unknown\" in version \"example.com/v1\""),
    ] {
        assert_eq!(bench.refusal(&[object]).await, named(expected, &bench.namespace));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn immutable_objects_are_recreated_only_by_force_and_only_if_that_helps() {
    let mut bench = Bench::new("immutable").await;
    let map = |bench: &Bench, value: &str| {
        [bench.object("v1", "ConfigMap", "a", json!({"data": {"a": value}, "immutable": true}))]
    };
    bench.settle(&map(&bench, "1")).await;
    let uid = bench.live("a").await.metadata.uid;
    let text = bench.refusal(&map(&bench, "2")).await;
    assert!(text.contains("dry-run failed (Invalid)") && text.contains("immutable"), "{text}");

    bench.options.force = true;
    assert_eq!(bench.actions(&map(&bench, "2")).await, [Action::Created]);
    assert_ne!(bench.live("a").await.metadata.uid, uid);
    assert_eq!(bench.value("a", "a").await.unwrap(), "2");
    bench.settle(&map(&bench, "2")).await;
    assert!(bench.drift.try_recv().is_err(), "recreating is no drift");

    let service = |port: u32| [bench.object("v1", "Service", "s", json!({"spec": {"ports": [{"port": port}]}}))];
    bench.settle(&service(80)).await;
    let services: Api<Service> = Api::namespaced(bench.client.clone(), &bench.namespace);
    let uid = services.get("s").await.unwrap().metadata.uid;
    bench.refusal(&service(99_999)).await;
    assert_eq!(services.get("s").await.unwrap().metadata.uid, uid, "a wrong manifest deletes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn prune_deletes_only_what_is_ours_and_not_kept() {
    let bench = Bench::new("prune").await;
    let names = ["a", "kept", "moved"];
    let objects = names.map(|n| bench.config_map(n, json!({"a": "1"})));
    bench.settle(&objects).await;
    let inventory = bench.apply(&objects).await.unwrap().inventory();
    let annotation = json!({"metadata": {"annotations": {format!("{GROUP}/prune"): "Disabled"}}});
    bench.edit("kept", "someone", annotation).await;
    let mut other = bench.options.clone();
    other.owner.name = "other".into();
    bench.applier.apply(vec![objects[2].clone()], &other, &CancellationToken::new()).await.unwrap();

    let nobody = bench.applier.impersonate(&format!("system:serviceaccount:{}:nobody", bench.namespace)).unwrap();
    let owned = vec![inventory.entries[0].clone()];
    let refused = nobody.prune(owned, &bench.options.owner).await;
    assert_eq!(refused.failed.len(), 1);
    assert!(refused.failed[0].1.contains("forbidden"), "{:?}", refused.failed);

    let fresh = Applier::new(bench.client.clone(), Config::default());
    let pruned = fresh.prune(inventory.entries.clone(), &bench.options.owner).await;
    assert_eq!(pruned.changes.to_string(), format!("ConfigMap/{}/a deleted", bench.namespace));
    assert_eq!(pruned.changes.entries.len(), 3);
    fresh.wait_deleted(&inventory.entries[..1], DEADLINE).await.unwrap();
    let left: Vec<_> = bench.config_maps().list(&Default::default()).await.unwrap().items;
    assert_eq!(left.iter().filter(|c| names.contains(&c.metadata.name.as_deref().unwrap())).count(), 2);
    let again = fresh.prune(inventory.entries[..1].to_vec(), &bench.options.owner).await;
    assert_eq!(again.changes.entries[0].action, Action::Deleted, "gone counts as deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_rights_is_refused() {
    let bench = Bench::new("rights").await;
    let user = format!("system:serviceaccount:{}:nobody", bench.namespace);
    let nobody = bench.applier.impersonate(&user).unwrap();
    let objects = vec![bench.config_map("a", json!({"a": "1"}))];
    let error = nobody.apply(objects, &bench.options, &CancellationToken::new()).await.unwrap_err().to_string();
    assert!(error.contains("dry-run failed (Forbidden)") && error.contains(&user), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ignored_fields_stay_as_others_set_them() {
    let mut bench = Bench::new("ignored").await;
    bench.options.ignore =
        serde_json::from_value(json!([{"paths": ["/data/a"], "target": {"kind": "ConfigMap"}}])).unwrap();
    let objects = [bench.config_map("a", json!({"a": "1", "b": "1"}))];
    bench.settle(&objects).await;
    bench.edit("a", "someone", json!({"data": {"a": "2", "b": "2"}})).await;
    bench.next_drift().await;
    assert_eq!(bench.actions(&objects).await, [Action::Configured]);
    assert_eq!((bench.value("a", "a").await.unwrap(), bench.value("a", "b").await.unwrap()), ("2".into(), "1".into()));
    bench.settle(&objects).await;
    assert_eq!(bench.value("a", "a").await.unwrap(), "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn health_follows_the_watch() {
    let bench = Bench::new("health").await;
    bench.apply(&[bench.definition(), bench.widget("w")]).await.unwrap();
    let ready = |status: &str| json!({"conditions": [{"type": "Ready", "status": status}]});
    bench.settle(&[bench.definition(), bench.widget("w")]).await;
    bench.break_health("w", ready("False")).await;
    let short = Duration::from_millis(1500);
    let expected = "timeout waiting for: [Widget/NS/w status: 'InProgress']";
    assert_eq!(bench.wait("w", HealthExprs::default(), short).await, Err(named(expected, &bench.namespace)));

    let (waited, ()) =
        tokio::join!(bench.wait("w", HealthExprs::default(), DEADLINE), bench.set_status("w", ready("True")));
    waited.unwrap();
    bench.break_health("w", json!({"conditions": [{"type": "Stalled", "status": "True"}]})).await;
    let expected = "failed early due to stalled resources: [Widget/NS/w status: 'Failed']";
    assert_eq!(bench.wait("w", HealthExprs::default(), DEADLINE).await, Err(named(expected, &bench.namespace)));

    let expr = HealthExpr::compile(&format!("{}/v1", bench.group()), Some("Widget"), "status.done == true", None, None);
    let exprs = HealthExprs::new(vec![expr.unwrap()]);
    let (waited, ()) = tokio::join!(bench.wait("w", exprs, DEADLINE), bench.set_status("w", json!({"done": true})));
    waited.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_that_others_made_can_be_waited_for() {
    let bench = Bench::new("foreign").await;
    let soon = bench.wait("later", HealthExprs::default(), DEADLINE);
    let make = async {
        bench.apply(&[bench.definition()]).await.unwrap();
        let widget: DynamicObject = serde_json::from_value(bench.widget("later").into_value()).unwrap();
        eventually("it is served", || async { bench.widgets().create(&Default::default(), &widget).await.ok() }).await;
    };
    let (waited, ()) = tokio::join!(soon, make);
    waited.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_that_goes_and_comes_back_is_applied_again() {
    let bench = Bench::new("comeback").await;
    let objects = [bench.definition(), bench.widget("w")];
    bench.settle(&objects).await;
    let definitions = Api::<DynamicObject>::all_with(
        bench.client.clone(),
        &ApiResource::from_gvk_with_plural(
            &GroupVersionKind::gvk("apiextensions.k8s.io", "v1", "CustomResourceDefinition"),
            "customresourcedefinitions",
        ),
    );
    let name = objects[0].name();
    definitions.delete(name, &DeleteParams::default()).await.unwrap();
    eventually("it is gone", || async { definitions.get_opt(name).await.unwrap().is_none().then_some(()) }).await;
    eventually("all is there again", || async {
        bench.apply(&objects).await.ok()?;
        bench.widgets().get_opt("w").await.ok()?.map(drop)
    })
    .await;
}
